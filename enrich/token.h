/* token.h: dividing text into tokens, by the rules in doc.h. The gazetteer divides its
 * names with the same function, so that a name and its mention are the same tokens. */
#ifndef WIRETAG_ENRICH_TOKEN_H
#define WIRETAG_ENRICH_TOKEN_H

#include "enrich/doc.h"

struct token_list {
    struct token *at;
    size_t count, cap;
};

/* Appends the tokens of text[from, to): spans count from the start of text, `sentence` is
 * left 0. The list is grown in the arena. text: canonical (utf8.h), under 4 GiB. */
void token_divide(struct view text, size_t from, size_t to, struct arena *arena,
                  struct token_list *list);

/* Is the word, given with its full stop, an abbreviation that is usually followed by more
 * of the same sentence: "Gen.", "Jan.", "vs."? */
bool token_is_abbreviation(struct view word);

#endif
