/* Does a sentence look back or ahead? The nearest telling word before the expression
 * decides; if there is none, the first after it. Participles are passed over when a form
 * of "be" stands before them: in "will be discussed on Thursday" the word that tells is
 * "will". */
#include "enrich/dates.h"

#define LOOK_BACK  24 /* tokens */
#define LOOK_AHEAD 12

static bool participle(struct view word) {
    return word.len > 4 && word.at[0] >= 'a' && word.at[0] <= 'z' &&
           !memcmp(word.at + word.len - 2, "ed", 2);
}

/* Is it the "will be" kind of participle: a "be" among the two words before? */
static bool passive(const uint32_t *bits, size_t first, size_t i) {
    return (i > first && bits[i - 1] & WORD_BE) ||
           (i > first + 1 && bits[i - 2] & WORD_BE);
}

static enum date_cue cue_of(const struct date_find *find, size_t first, size_t i) {
    struct view word = doc_token(find->doc, i);
    uint32_t bits = find->bits[i];

    if (find->doc->tokens[i].kind != TOKEN_WORD)
        return CUE_NONE;
    if (word.len > 3 && !memcmp(word.at + word.len - 2, "ll", 2) &&
        (word.at[word.len - 3] == '\'' || word.at[word.len - 3] == '\x99'))
        return CUE_FUTURE; /* they'll */
    if (bits & WORD_TO)
        return i > first && find->bits[i - 1] & WORD_LEADS ? CUE_FUTURE : CUE_NONE;
    if (bits & WORD_AHEAD)
        return CUE_FUTURE;
    if (passive(find->bits, first, i))
        return CUE_NONE;
    return bits & WORD_BACK || participle(word) ? CUE_PAST : CUE_NONE;
}

enum date_cue date_cue(const struct date_find *find) {
    const struct doc *doc = find->doc;
    const struct sentence *s = &doc->sentences[doc->tokens[find->first].sentence];
    size_t first = find->first, last = find->last;
    size_t from = first > s->first + LOOK_BACK ? first - LOOK_BACK : s->first;
    size_t to = last + LOOK_AHEAD < s->last ? last + LOOK_AHEAD : s->last;
    enum date_cue cue;

    for (size_t i = first; i > from;)
        if ((cue = cue_of(find, s->first, --i)) != CUE_NONE)
            return cue;
    for (size_t i = last; i < to; i++)
        if ((cue = cue_of(find, s->first, i)) != CUE_NONE)
            return cue;
    return first > s->first && find->bits[first - 1] & WORD_LIMIT ? CUE_FUTURE : CUE_NONE;
}
