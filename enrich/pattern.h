/* pattern.h: regular expressions; pattern.c is the only file that sees PCRE2.
 *
 * A set is compiled once (JIT) and matched at given places only: callers find by a cheap
 * look where a match could begin, so a pattern is never run over a whole text. A match
 * that takes too much work is no match: limits bound what hostile text can cost.
 *
 * Groups are named with one small letter: (?<m>...) is group 'm'; a name may occur more
 * than once in a pattern, the one that took part counts. */
#ifndef WIRETAG_ENRICH_PATTERN_H
#define WIRETAG_ENRICH_PATTERN_H

#include "proto/err.h"
#include "proto/event.h"

struct pattern_set;

struct pattern_match {
    struct span at;
    struct span groups[26]; /* by letter; end 0: took no part */
};

/* Patterns are bytes, not code points: write other than ASCII as \xE2\x80\x99.
 * ERR_FORMAT: diag has the pattern's number, the offset and PCRE2's reason. */
int pattern_set_new(const char *const *patterns, size_t count, struct pattern_set **out,
                    struct diag *diag);
void pattern_set_free(struct pattern_set *set); /* NULL allowed */

/* Does pattern i match text[from...], beginning exactly there? Look-behinds see what
 * stands before. The text is seen as ending at `to`. Uses the set's own match memory: one
 * set is used by one thread. */
bool pattern_at(struct pattern_set *set, size_t i, struct view text, size_t from,
                size_t to, struct pattern_match *out);

/* What a group matched; empty if it took no part. */
static inline struct view pattern_group(const struct pattern_match *match,
                                        struct view text, char letter) {
    struct span at = match->groups[letter - 'a'];
    return view_n(text.at + at.start, at.end - at.start);
}

#endif
