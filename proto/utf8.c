#include "proto/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

#define INDEX_STEP 64

/* How long a sequence is by its first byte, and the bounds of the second: Unicode 15,
 * table 3-7. Returns 0 for a byte that begins nothing. */
static unsigned sequence(unsigned char first, unsigned char *low, unsigned char *high) {
    *low = 0x80;
    *high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF) {
        if (first == 0xE0)
            *low = 0xA0;
        if (first == 0xED)
            *high = 0x9F;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (first == 0xF0)
            *low = 0x90;
        if (first == 0xF4)
            *high = 0x8F;
        return 4;
    }
    return 0;
}

/* The code point at p (n > 0 bytes left) and its length; invalid: U+FFFD and the length
 * of the maximal subpart, *valid false. */
static uint32_t decode(const unsigned char *p, size_t n, unsigned *len, bool *valid) {
    unsigned char low, high;
    unsigned want;
    uint32_t cp;

    *len = 1;
    *valid = true;
    if (p[0] < 0x80)
        return p[0];
    *valid = false;
    want = sequence(p[0], &low, &high);
    if (!want)
        return UTF8_REPLACEMENT;
    cp = p[0] & (0x7Fu >> want);
    for (; *len < want; ++*len) {
        if (*len >= n || p[*len] < low || p[*len] > high)
            return UTF8_REPLACEMENT;
        cp = cp << 6 | (p[*len] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *valid = true;
    return cp;
}

uint32_t utf8_take(struct view *from) {
    unsigned len;
    bool valid;
    uint32_t cp = decode((const unsigned char *)from->at, from->len, &len, &valid);

    from->at += len;
    from->len -= len;
    return cp;
}

void utf8_put(struct buf *b, uint32_t cp) {
    char *p = buf_reserve(b, 4);

    if ((cp >= 0xD800 && cp <= 0xDFFF) || cp > 0x10FFFF)
        cp = UTF8_REPLACEMENT;
    if (cp < 0x80) {
        p[0] = (char)cp;
        b->len += 1;
    } else if (cp < 0x800) {
        p[0] = (char)(0xC0 | cp >> 6);
        p[1] = (char)(0x80 | (cp & 0x3F));
        b->len += 2;
    } else if (cp < 0x10000) {
        p[0] = (char)(0xE0 | cp >> 12);
        p[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        p[2] = (char)(0x80 | (cp & 0x3F));
        b->len += 3;
    } else {
        p[0] = (char)(0xF0 | cp >> 18);
        p[1] = (char)(0x80 | (cp >> 12 & 0x3F));
        p[2] = (char)(0x80 | (cp >> 6 & 0x3F));
        p[3] = (char)(0x80 | (cp & 0x3F));
        b->len += 4;
    }
}

static bool eight_ascii(const char *p) {
    uint64_t word;

    memcpy(&word, p, 8);
    return !(word & 0x8080808080808080u);
}

size_t utf8_valid_prefix(struct view text) {
    size_t i = 0;

    while (i < text.len) {
        unsigned len;
        bool valid;
        if (i + 8 <= text.len && eight_ascii(text.at + i)) {
            i += 8;
            continue;
        }
        decode((const unsigned char *)text.at + i, text.len - i, &len, &valid);
        if (!valid)
            return i;
        i += len;
    }
    return i;
}

size_t utf8_count(struct view text) {
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return n;
}

/* True for the bytes utf8_clean may copy as they are. */
static bool plain(unsigned char c) {
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t';
}

static bool control(uint32_t cp) {
    return (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7F && cp < 0xA0);
}

/* Handles what is not a plain byte: returns the bytes used. */
static size_t clean_one(struct view rest, struct buf *out, struct utf8_changes *did) {
    unsigned len;
    bool valid;
    uint32_t cp = decode((const unsigned char *)rest.at, rest.len, &len, &valid);

    if (cp == '\r') {
        did->returns++;
        if (rest.len < 2 || rest.at[1] != '\n')
            utf8_put(out, '\n');
    } else if (control(cp)) {
        did->controls++;
    } else {
        did->invalid += !valid;
        utf8_put(out, cp);
    }
    return len;
}

void utf8_clean(struct view raw, struct buf *out, struct utf8_changes *changes) {
    struct utf8_changes none = {0};
    struct utf8_changes *did = changes ? changes : &none;
    size_t i = view_starts(raw, "\xEF\xBB\xBF") ? 3 : 0;

    *did = (struct utf8_changes){0};
    buf_reserve(out, raw.len);
    while (i < raw.len) {
        size_t from = i;
        while (i < raw.len && plain((unsigned char)raw.at[i]))
            i++;
        buf_put(out, raw.at + from, i - from);
        if (i < raw.len)
            i += clean_one(view_n(raw.at + i, raw.len - i), out, did);
    }
}

/* ---- folding ---- */

static bool is_apostrophe(uint32_t cp) {
    return cp == '\'' || cp == 0x60 || cp == 0xB4 || (cp >= 0x2018 && cp <= 0x201B) ||
           (cp >= 0x2BB && cp <= 0x2BF) || cp == 0x2032 || cp == 0xFF07;
}

static bool is_hyphen(uint32_t cp) {
    return cp == '-' || (cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 || cp == 0xFE63 ||
           cp == 0xFF0D;
}

static bool is_blank(uint32_t cp) {
    return cp == ' ' || cp == '\t' || cp == '\n' || cp == 0xA0 ||
           (cp >= 0x2000 && cp <= 0x200B) || cp == 0x202F || cp == 0x3000;
}

/* Letters that no decomposition takes apart, as Latin script writes them without marks.
 */
static const struct {
    uint32_t cp;
    const char *ascii;
} plain_letters[] = {{0xF8, "o"},  {0x142, "l"}, {0x111, "d"},
                     {0x131, "i"}, {0xE6, "ae"}, {0x153, "oe"},
                     {0xF0, "d"},  {0xFE, "th"}, {0x127, "h"}};

static void fold_letter(uint32_t cp, struct buf *out) {
    utf8proc_int32_t parts[32];
    int boundary = 0;
    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)cp, parts, 32,
                                UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
                                    UTF8PROC_IGNORE | UTF8PROC_DECOMPOSE,
                                &boundary);

    for (utf8proc_ssize_t i = 0; i < n && i < 32; i++) {
        if (is_blank((uint32_t)parts[i]))
            continue; /* an accent that stands alone is a blank with a mark */
        size_t k = 0, known = sizeof plain_letters / sizeof *plain_letters;
        while (k < known && plain_letters[k].cp != (uint32_t)parts[i])
            k++;
        if (k < known)
            buf_put_text(out, plain_letters[k].ascii);
        else
            utf8_put(out, (uint32_t)parts[i]);
    }
}

static void fold_one(uint32_t cp, struct buf *out) {
    if (cp >= 'A' && cp <= 'Z')
        buf_put_u8(out, (uint8_t)(cp | 0x20));
    else if (is_apostrophe(cp))
        buf_put_u8(out, '\'');
    else if (is_hyphen(cp))
        buf_put_u8(out, '-');
    else if (cp < 0x80)
        buf_put_u8(out, (uint8_t)cp);
    else
        fold_letter(cp, out);
}

void utf8_fold(struct view name, struct buf *out) {
    const size_t begin = out->len;
    bool blank = false;

    while (name.len) {
        const size_t before = out->len;
        uint32_t cp = utf8_take(&name);
        if (is_blank(cp)) {
            blank = before > begin;
            continue;
        }
        if (blank)
            buf_put_u8(out, ' ');
        fold_one(cp, out);
        if (out->len == before + blank)
            out->len = before; /* it folds to nothing: the blank still waits */
        else
            blank = false;
    }
}

/* ---- bytes to code points ---- */

struct utf8_index utf8_index(struct view text, struct arena *arena) {
    size_t steps = text.len / INDEX_STEP + 1;
    uint32_t *counts = arena_alloc(arena, steps * sizeof *counts);
    uint32_t n = 0;

    for (size_t i = 0; i < steps; i++) {
        size_t from = i * INDEX_STEP;
        size_t len = text.len - from < INDEX_STEP ? text.len - from : INDEX_STEP;
        counts[i] = n;
        n += (uint32_t)utf8_count(view_n(text.at + from, len));
    }
    return (struct utf8_index){text, counts};
}

size_t utf8_index_at(const struct utf8_index *index, size_t offset) {
    size_t from = offset / INDEX_STEP * INDEX_STEP;

    return index->counts[offset / INDEX_STEP] +
           utf8_count(view_n(index->text.at + from, offset - from));
}
