/* chars.h: what a code point is, as far as dividing text into words goes. ASCII is one
 * table look-up, the rest a search in a short table of ranges. */
#ifndef WIRETAG_ENRICH_CHARS_H
#define WIRETAG_ENRICH_CHARS_H

#include "proto/view.h"

enum char_class {
    CHAR_BLANK, /* also no-break and ideographic spaces, invisible separators */
    CHAR_LINE,  /* LF, U+2028, U+2029 */
    CHAR_LOWER, /* letters without case, too */
    CHAR_UPPER,
    CHAR_DIGIT,      /* 0-9 and the decimal digits of other scripts */
    CHAR_MARK,       /* accents and joiners: part of the letter before */
    CHAR_APOSTROPHE, /* ' and the curly ones that stand for it */
    CHAR_HYPHEN,     /* - and U+2010, U+2011 */
    CHAR_PUNCT,
    CHAR_SYMBOL /* emoji, arrows, ... */
};

enum char_class char_class(uint32_t code_point);

/* The class of the character at `at` (< end), valid UTF-8, and its length in bytes. */
static inline uint8_t char_next(const char *at, const char *end, unsigned *len);

extern const uint8_t char_ascii[128];
enum char_class char_next_wide(const char *at, const char *end, unsigned *len);

static inline uint8_t char_next(const char *at, const char *end, unsigned *len) {
    unsigned char c = (unsigned char)*at;
    if (c < 128) {
        *len = 1;
        return char_ascii[c];
    }
    return (uint8_t)char_next_wide(at, end, len);
}

static inline bool char_is_letter(unsigned class) {
    return class == CHAR_LOWER || class == CHAR_UPPER;
}

#endif
