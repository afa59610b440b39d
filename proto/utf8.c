#include "proto/utf8.h"

#include <assert.h>
#include <utf8proc.h>

#define INDEX_STEP      64
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

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

/* Eight bytes at a time: EACH(n) is n in every byte of a word. */
#define EACH(n) (UINT64_C(0x0101010101010101) * (n))

static uint64_t eight(const char *p) {
    uint64_t word;

    memcpy(&word, p, 8);
    return word;
}

static bool eight_ascii(const char *p) { return !(eight(p) & EACH(0x80)); }

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
    size_t n = text.len, i = 0;

    for (; i + 8 <= text.len; i += 8) {
        uint64_t word = eight(text.at + i);
        uint64_t continuing = word >> 7 & ~(word >> 6) & EACH(1);
        n -= continuing * EACH(1) >> 56;
    }
    for (; i < text.len; i++)
        n -= ((unsigned char)text.at[i] & 0xC0) == 0x80;
    return n;
}

/* True for the bytes utf8_clean may copy as they are. */
static bool plain(unsigned char c) {
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t';
}

/* 0x20 to 0x7E, all of them: a smaller byte borrows its high bit, 0x7F carries into it.
 */
static bool eight_plain(const char *p) {
    uint64_t word = eight(p);

    return !((word | (word - EACH(0x20)) | (word + EACH(1))) & EACH(0x80));
}

static size_t plain_run(struct view text) {
    size_t i = 0;

    for (;;) {
        if (i + 8 <= text.len && eight_plain(text.at + i))
            i += 8;
        else if (i < text.len && plain((unsigned char)text.at[i]))
            i++;
        else
            return i;
    }
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
            buf_put_u8(out, '\n');
    } else if (control(cp)) {
        did->controls++;
    } else if (valid) {
        buf_put(out, rest.at, len);
    } else {
        did->invalid++;
        utf8_put(out, UTF8_REPLACEMENT);
    }
    return len;
}

void utf8_clean(struct view raw, struct buf *out, struct utf8_changes *changes) {
    struct utf8_changes did = {0};
    const size_t begin = out->len;

    buf_reserve(out, raw.len);
    while (raw.len) {
        size_t run = plain_run(raw);
        buf_put(out, raw.at, run);
        raw = view_n(raw.at + run, raw.len - run);
        if (out->len == begin && view_starts(raw, BYTE_ORDER_MARK))
            run = sizeof BYTE_ORDER_MARK - 1;
        else
            run = raw.len ? clean_one(raw, out, &did) : 0;
        raw = view_n(raw.at + run, raw.len - run);
    }
    if (changes)
        *changes = did;
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
    return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0xA0 ||
           cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200B) || cp == 0x2028 ||
           cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

/* Letters that no decomposition takes apart, as Latin script writes them without marks.
 */
static const struct {
    uint32_t cp;
    const char *ascii;
} plain_letters[] = {{0xF8, "o"},  {0x142, "l"}, {0x111, "d"},
                     {0x131, "i"}, {0xE6, "ae"}, {0x153, "oe"},
                     {0xF0, "d"},  {0xFE, "th"}, {0x127, "h"}};

struct folding {
    struct buf *out;
    size_t begin; /* where the key starts in out */
    bool blank;   /* one is due before the next letter */
};

/* A code point that needs no further taking apart. */
static void fold_part(struct folding *f, uint32_t cp) {
    if (is_blank(cp)) {
        f->blank = f->out->len > f->begin;
        return;
    }
    if (f->blank)
        buf_put_u8(f->out, ' ');
    f->blank = false;
    if (is_apostrophe(cp))
        cp = '\'';
    else if (is_hyphen(cp))
        cp = '-';
    for (size_t i = 0; i < sizeof plain_letters / sizeof *plain_letters; i++)
        if (plain_letters[i].cp == cp) {
            buf_put_text(f->out, plain_letters[i].ascii);
            return;
        }
    utf8_put(f->out, cp);
}

static void fold_letter(struct folding *f, uint32_t cp) {
    utf8proc_int32_t parts[32];
    int boundary = 0;
    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)cp, parts, 32,
                                UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
                                    UTF8PROC_IGNORE | UTF8PROC_DECOMPOSE,
                                &boundary);

    for (utf8proc_ssize_t i = 0; i < n && i < 32; i++)
        fold_part(f, (uint32_t)parts[i]);
}

/* Most names are ASCII and most of their bytes letters: those go the short way. Returns
 * how many did. */
static size_t fold_ascii(struct folding *f, struct view name) {
    char *to = buf_reserve(f->out, name.len);
    size_t i = 0;

    for (; i < name.len; i++) {
        char c = name.at[i];
        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        else if (c <= ' ' || c == '`' || c & 0x80)
            break;
        to[i] = c;
    }
    f->out->len += i;
    return i;
}

void utf8_fold(struct view name, struct buf *out) {
    struct folding f = {.out = out, .begin = out->len};

    while (name.len) {
        uint32_t cp;
        if (!f.blank) {
            size_t run = fold_ascii(&f, name);
            name = view_n(name.at + run, name.len - run);
            if (!name.len)
                return;
        }
        cp = utf8_take(&name);
        if (cp < 0x80)
            fold_part(&f, cp >= 'A' && cp <= 'Z' ? cp | 0x20 : cp);
        else
            fold_letter(&f, cp);
    }
}

/* ---- bytes to code points ---- */

static bool ascii(struct view text) {
    size_t i = 0;

    while (i + 8 <= text.len && eight_ascii(text.at + i))
        i += 8;
    while (i < text.len && !(text.at[i] & 0x80))
        i++;
    return i == text.len;
}

struct utf8_index utf8_index(struct view text, struct arena *arena) {
    size_t steps = text.len / INDEX_STEP + 1;
    uint32_t *counts; /* one more than steps: the end */
    uint32_t n = 0;

    if (ascii(text))
        return (struct utf8_index){text, NULL};
    counts = arena_alloc(arena, (steps + 1) * sizeof *counts);
    for (size_t i = 0; i < steps; i++) {
        size_t from = i * INDEX_STEP;
        size_t len = text.len - from < INDEX_STEP ? text.len - from : INDEX_STEP;
        counts[i] = n;
        n += (uint32_t)utf8_count(view_n(text.at + from, len));
    }
    counts[steps] = n;
    return (struct utf8_index){text, counts};
}

size_t utf8_index_at(const struct utf8_index *index, size_t offset) {
    size_t step = offset / INDEX_STEP, from = step * INDEX_STEP;

    assert(offset <= index->text.len);
    if (!index->counts)
        return offset;
    if (index->counts[step + 1] - index->counts[step] == INDEX_STEP) // all ASCII
        return index->counts[step] + offset - from;
    return index->counts[step] + utf8_count(view_n(index->text.at + from, offset - from));
}

/* The step in which code point n begins. */
static size_t step_of(const struct utf8_index *index, size_t n) {
    size_t low = 0, high = index->text.len / INDEX_STEP;

    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (index->counts[middle] <= n)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

bool utf8_index_byte(const struct utf8_index *index, size_t n, size_t *offset) {
    struct view rest = index->text;
    size_t step;

    if (!index->counts) {
        *offset = n;
        return n <= index->text.len;
    }
    if (n > index->counts[index->text.len / INDEX_STEP + 1])
        return false;
    step = step_of(index, n);
    rest = view_n(rest.at + step * INDEX_STEP, rest.len - step * INDEX_STEP);
    while (rest.len && ((unsigned char)*rest.at & 0xC0) == 0x80) // of the one before
        rest = view_n(rest.at + 1, rest.len - 1);
    for (size_t at = index->counts[step]; at < n; at++)
        utf8_take(&rest);
    *offset = index->text.len - rest.len;
    return true;
}
