#include "proto/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "proto/utf8.h"

struct json json_to(struct buf *out) {
    return (struct json){.out = out};
}

/* What separates a value from the one before it goes to p, which has room for it. */
static inline char *next_at(struct json *j, char *p) {
    if (j->after_key) {
        j->after_key = false;
    } else if (j->depth) {
        assert(!j->level[j->depth - 1].object);
        if (j->level[j->depth - 1].used)
            *p++ = ',';
        j->level[j->depth - 1].used = true;
    }
    return p;
}

/* Room for a value of `len` bytes, after the comma where one is due. */
static inline char *value(struct json *j, size_t len) {
    return next_at(j, buf_reserve(j->out, len + 1));
}

static inline void wrote(struct json *j, const char *end) {
    j->out->len = (size_t)(end - j->out->at);
}

/* Keys are short: a call of memcpy costs more than the bytes. Overlapping halves copy any
 * length between their own and twice that. */
static inline void copy_short(char *to, const char *from, size_t len) {
    if (len > 16) {
        memcpy(to, from, len);
    } else if (len >= 8) {
        memcpy(to, from, 8);
        memcpy(to + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else {
        for (size_t i = 0; i < len; i++)
            to[i] = from[i];
    }
}

/* Writes a JSON_KEY, with its comma where one is due, and makes room for a value of `len`
 * bytes; returns where it goes. */
static inline char *member(struct json *j, struct view key, size_t len) {
    char *p = buf_reserve(j->out, key.len + len);
    bool *used = &j->level[j->depth - 1].used;
    size_t first = *used ? 0 : 1;

    assert(j->depth && j->level[j->depth - 1].object && !j->after_key);
    *used = true;
    copy_short(p, key.at + first, key.len - first);
    return p + key.len - first;
}

static inline void begin(struct json *j, char *p, bool object) {
    assert(j->depth < JSON_DEPTH);
    j->level[j->depth].object = object;
    j->level[j->depth].used = false;
    j->depth++;
    *p++ = object ? '{' : '[';
    wrote(j, p);
}

void json_begin_object(struct json *j) { begin(j, value(j, 1), true); }

void json_begin_array(struct json *j) { begin(j, value(j, 1), false); }

void json_member_object(struct json *j, struct view key) {
    begin(j, member(j, key, 1), true);
}

void json_member_array(struct json *j, struct view key) {
    begin(j, member(j, key, 1), false);
}

void json_end(struct json *j) {
    assert(j->depth && !j->after_key);
    j->depth--;
    buf_put_u8(j->out, j->level[j->depth].object ? '}' : ']');
}

void json_key(struct json *j, const char *key) {
    size_t len = strlen(key);
    char *p = buf_reserve(j->out, len + 4);
    bool *used = &j->level[j->depth - 1].used;

    assert(j->depth && j->level[j->depth - 1].object && !j->after_key);
    if (*used)
        *p++ = ',';
    *used = j->after_key = true;
    *p++ = '"';
    copy_short(p, key, len);
    p += len;
    *p++ = '"';
    *p++ = ':';
    wrote(j, p);
}

/* ---- strings ---- */

static void escape(struct buf *out, unsigned char c) {
    static const char hex[] = "0123456789abcdef", letters[] = "btn?fr";
    char form[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

    if (c == '"' || c == '\\')
        form[1] = (char)c;
    else if (c >= '\b' && c <= '\r' && c != '\v')
        form[1] = letters[c - '\b'];
    memcpy(buf_reserve(out, sizeof form), form, sizeof form);
    out->len += form[1] == 'u' ? 6 : 2;
}

/* True for the bytes a string may hold as they are. */
static bool plain(unsigned char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

#define EACH(n) (UINT64_C(0x0101010101010101) * (n))

/* The same of eight bytes at once. A byte below 0x20, one of 0x7F, and a quote or slash
 * that the XOR made zero show in their high bit. Carries reach only what stands beside
 * such a byte, or beside one over 0x7F, which `word` itself shows. */
static bool word_plain(uint64_t word) {
    uint64_t quote = word ^ EACH('"'), slash = word ^ EACH('\\');

    return !((word | (word - EACH(0x20)) | (word + EACH(1)) | (quote - EACH(1)) |
              (slash - EACH(1))) &
             EACH(0x80));
}

static bool eight_plain(const char *p) {
    uint64_t word;

    memcpy(&word, p, 8);
    return word_plain(word);
}

/* The whole of a text of 4 to 7 bytes, if all of it is plain. */
static bool copy_half(char *to, struct view text) {
    uint32_t first, last;

    memcpy(&first, text.at, 4);
    memcpy(&last, text.at + text.len - 4, 4);
    if (!word_plain(first | (uint64_t)last << 32))
        return false;
    memcpy(to, &first, 4);
    memcpy(to + text.len - 4, &last, 4);
    return true;
}

/* The same of 8 to 16 bytes. */
static inline bool copy_two(char *to, struct view text) {
    uint64_t first, last;

    memcpy(&first, text.at, 8);
    memcpy(&last, text.at + text.len - 8, 8);
    if (!word_plain(first) || !word_plain(last))
        return false;
    memcpy(to, &first, 8);
    memcpy(to + text.len - 8, &last, 8);
    return true;
}

/* Copies the plain beginning of text; returns its length. */
static inline size_t copy_plain(char *to, struct view text) {
    size_t i = 0;

    if (text.len >= 8 && text.len <= 16 && copy_two(to, text))
        return text.len;
    if (text.len >= 4 && text.len < 8 && copy_half(to, text))
        return text.len;
    for (; i + 8 <= text.len && eight_plain(text.at + i); i += 8)
        memcpy(to + i, text.at + i, 8);
    if (i && text.len - i < 8 && eight_plain(text.at + text.len - 8)) {
        memcpy(to + text.len - 8, text.at + text.len - 8, 8); // some of them once more
        return text.len;
    }
    for (; i < text.len && plain((unsigned char)text.at[i]); i++)
        to[i] = text.at[i];
    return i;
}

/* One character that is not plain: escaped, as it is, or U+FFFD when it is broken. */
static void put_special(struct buf *out, struct view *text) {
    const char *from = text->at;
    uint32_t cp;

    if ((unsigned char)*from < 0x80) {
        escape(out, (unsigned char)*from);
        *text = view_n(from + 1, text->len - 1);
        return;
    }
    cp = utf8_take(text);
    if (cp == 0x2028 || cp == 0x2029)
        buf_put_text(out, cp == 0x2028 ? "\\u2028" : "\\u2029");
    else if (cp == UTF8_REPLACEMENT)
        utf8_put(out, cp);
    else
        buf_put(out, from, (size_t)(text->at - from));
}

/* The rest of a string of which a beginning was plain. */
static void put_rest(struct buf *out, struct view text) {
    while (text.len) {
        size_t run;
        put_special(out, &text);
        run = copy_plain(buf_reserve(out, text.len), text);
        out->len += run;
        text = view_n(text.at + run, text.len - run);
    }
}

/* Writes text at p, where there is room for it and its quotes. */
static void put_string(struct buf *out, char *p, struct view text) {
    size_t run;

    *p++ = '"';
    run = copy_plain(p, text);
    p[run] = '"';
    out->len = (size_t)(p + run + 1 - out->at);
    if (run == text.len)
        return;
    out->len--; // not closed yet
    put_rest(out, view_n(text.at + run, text.len - run));
    buf_put_u8(out, '"');
}

void json_key_view(struct json *j, struct view key) {
    char *p = buf_reserve(j->out, key.len + 3);
    bool *used = &j->level[j->depth - 1].used;

    assert(j->depth && j->level[j->depth - 1].object && !j->after_key);
    if (*used)
        *p++ = ',';
    *used = j->after_key = true;
    put_string(j->out, p, key);
    buf_put_u8(j->out, ':');
}

void json_view(struct json *j, struct view text) {
    put_string(j->out, value(j, text.len + 2), text);
}

void json_member_view(struct json *j, struct view key, struct view text) {
    put_string(j->out, member(j, key, text.len + 2), text);
}

void json_member_plain(struct json *j, struct view key, struct view text) {
    char *p = member(j, key, text.len + 2);

    *p++ = '"';
    copy_short(p, text.at, text.len);
    p[text.len] = '"';
    wrote(j, p + text.len + 1);
}

void json_text(struct json *j, const char *text) {
    if (text)
        json_view(j, view_of(text));
    else
        json_nothing(j);
}

void json_view_or_null(struct json *j, struct view text) {
    if (text.len)
        json_view(j, text);
    else
        json_nothing(j);
}

/* ---- numbers ---- */

#define NUMBER_BYTES 24

static unsigned digit_count(uint64_t n) {
    unsigned digits = 1;

    for (uint64_t limit = 10; n >= limit && digits < 20; limit *= 10)
        digits++;
    return digits;
}

/* The last `digits` digits of n, zeros in front where it has fewer. */
static void put_padded(char *p, uint64_t n, unsigned digits) {
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";

    for (; digits >= 2; n /= 100)
        memcpy(p + (digits -= 2), pairs + n % 100 * 2, 2);
    if (digits)
        *p = (char)('0' + n % 10);
}

/* Writes n at p; returns its end. */
static char *put_digits(char *p, uint64_t n) {
    unsigned digits = digit_count(n);

    put_padded(p, n, digits);
    return p + digits;
}

void json_uint(struct json *j, uint64_t n) {
    wrote(j, put_digits(value(j, NUMBER_BYTES), n));
}

void json_member_uint(struct json *j, struct view key, uint64_t n) {
    wrote(j, put_digits(member(j, key, NUMBER_BYTES), n));
}

void json_int(struct json *j, int64_t n) {
    char *p = value(j, NUMBER_BYTES);

    if (n < 0)
        *p++ = '-';
    wrote(j, put_digits(p, n < 0 ? 0 - (uint64_t)n : (uint64_t)n));
}

/* Where the exact decimals are in doubt: as many digits as a double surely has; of a huge
 * one all it can need, or the greatest would be rounded out of range. What is neither
 * digit, sign nor exponent is the locale's decimal point. */
static void put_exact(struct buf *out, double n) {
    char text[40];
    bool point = false;

    snprintf(text, sizeof text, "%.*g", fabs(n) < 1e15 ? 16 : 17, n);
    for (const char *p = text; *p; p++) {
        if (strchr("0123456789+-e", *p))
            buf_put_u8(out, (uint8_t)*p);
        else if (!point)
            buf_put_u8(out, '.');
        point = !strchr("0123456789+-e", *p);
    }
}

/* Writes n at p, where there is room for NUMBER_BYTES. */
static void put_decimal(struct buf *out, char *p, double n, int digits) {
    static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    uint64_t scaled;
    unsigned whole, all;

    assert(digits > 0 && digits <= 15);
    if (fabs(n) * power[digits] >= 9007199254740992.0) { // 2^53
        out->len = (size_t)(p - out->at);
        put_exact(out, n);
        return;
    }
    scaled = (uint64_t)(fabs(n) * power[digits] + 0.5);
    if (n < 0 && scaled)
        *p++ = '-';
    all = digit_count(scaled);
    if (all <= (unsigned)digits)
        all = (unsigned)digits + 1;
    put_padded(p, scaled, all);
    whole = all - (unsigned)digits;
    for (unsigned i = all; i > whole; i--) // room for the point
        p[i] = p[i - 1];
    p[whole] = '.';
    p += all + 1;
    while (p[-1] == '0')
        p--;
    p -= p[-1] == '.';
    out->len = (size_t)(p - out->at);
}

void json_decimal(struct json *j, double n, int digits) {
    if (isfinite(n))
        put_decimal(j->out, value(j, NUMBER_BYTES), n, digits);
    else
        json_nothing(j);
}

void json_member_decimal(struct json *j, struct view key, double n, int digits) {
    if (isfinite(n))
        put_decimal(j->out, member(j, key, NUMBER_BYTES), n, digits);
    else
        json_member_nothing(j, key);
}

void json_bool(struct json *j, bool yes) {
    json_raw(j, yes ? VIEW_LIT("true") : VIEW_LIT("false"));
}

void json_nothing(struct json *j) { json_raw(j, VIEW_LIT("null")); }

void json_member_nothing(struct json *j, struct view key) {
    char *p = member(j, key, 4);

    memcpy(p, "null", 4);
    wrote(j, p + 4);
}

void json_raw(struct json *j, struct view json) {
    char *p = value(j, json.len);

    if (json.len)
        memcpy(p, json.at, json.len);
    wrote(j, p + json.len);
}
