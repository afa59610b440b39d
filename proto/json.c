#include "proto/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "proto/utf8.h"

struct json json_to(struct buf *out) {
    return (struct json){.out = out};
}

/* The comma before a value or key, where one is due. */
static void comma(struct json *j) {
    if (j->level[j->depth - 1].used)
        buf_put_u8(j->out, ',');
    j->level[j->depth - 1].used = true;
}

static inline void next(struct json *j) {
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (!j->depth)
        return;
    assert(!j->level[j->depth - 1].object);
    comma(j);
}

static void begin(struct json *j, bool object) {
    next(j);
    assert(j->depth < JSON_DEPTH);
    j->level[j->depth].object = object;
    j->level[j->depth].used = false;
    j->depth++;
    buf_put_u8(j->out, object ? '{' : '[');
}

void json_begin_object(struct json *j) { begin(j, true); }

void json_begin_array(struct json *j) { begin(j, false); }

void json_end(struct json *j) {
    assert(j->depth && !j->after_key);
    j->depth--;
    buf_put_u8(j->out, j->level[j->depth].object ? '}' : ']');
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

void json_key(struct json *j, const char *key) {
    struct buf *out = j->out;
    bool *used = &j->level[j->depth - 1].used;
    size_t len = strlen(key);
    char *p = buf_reserve(out, len + 4);

    assert(j->depth && j->level[j->depth - 1].object && !j->after_key);
    out->len += len + 3 + *used;
    j->after_key = true;
    if (*used)
        *p++ = ',';
    *used = true;
    *p++ = '"';
    copy_short(p, key, len);
    p[len] = '"';
    p[len + 1] = ':';
}

/* ---- strings ---- */

static void escape(struct buf *out, unsigned char c) {
    static const char hex[] = "0123456789abcdef", letters[] = "btn?fr";
    char form[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

    if (c == '"' || c == '\\')
        form[1] = (char)c;
    else if (c >= '\b' && c <= '\r' && c != '\v')
        form[1] = letters[c - '\b'];
    buf_put(out, form, form[1] == 'u' ? 6 : 2);
}

/* True for the bytes a string may hold as they are. */
static bool plain(unsigned char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

#define EACH(n) (UINT64_C(0x0101010101010101) * (n))

/* The same of eight bytes at once. A zero byte in w is where (w - EACH(1)) & ~w has its
 * high bit; bytes of 0x80 and more are caught by `word` itself. */
static bool word_plain(uint64_t word) {
    uint64_t quote = word ^ EACH('"'), slash = word ^ EACH('\\');

    return !((word | (word - EACH(0x20)) | (word + EACH(1)) |
              ((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash)) &
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

/* Copies the plain beginning of text; returns its length. */
static size_t copy_plain(char *to, struct view text) {
    size_t i = 0;

    for (; i + 8 <= text.len && eight_plain(text.at + i); i += 8)
        memcpy(to + i, text.at + i, 8);
    if (i && text.len - i < 8 && eight_plain(text.at + text.len - 8)) {
        memcpy(to + text.len - 8, text.at + text.len - 8, 8); // some of them once more
        return text.len;
    }
    if (text.len >= 4 && text.len < 8 && copy_half(to, text))
        return text.len;
    for (; i < text.len && plain((unsigned char)text.at[i]); i++)
        to[i] = text.at[i];
    return i;
}

/* One character that is not plain: escaped, as it is, or U+FFFD when it is broken. */
static void put_special(struct buf *out, struct view *text) {
    const char *from = text->at;
    uint32_t cp = utf8_take(text);

    if (cp < 0x80)
        escape(out, (unsigned char)cp);
    else if (cp == 0x2028 || cp == 0x2029)
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

void json_view(struct json *j, struct view text) {
    struct buf *out = j->out;
    size_t run;
    char *p;

    next(j);
    p = buf_reserve(out, text.len + 2);
    p[0] = '"';
    run = copy_plain(p + 1, text);
    p[run + 1] = '"';
    out->len += run + 2;
    if (run == text.len)
        return;
    out->len--; // not closed yet
    put_rest(out, view_n(text.at + run, text.len - run));
    buf_put_u8(out, '"');
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

/* Writes n in front of `end`; returns where it begins. */
static char *digits_before(char *end, uint64_t n) {
    do
        *--end = (char)('0' + n % 10);
    while (n /= 10);
    return end;
}

void json_uint(struct json *j, uint64_t n) {
    char text[NUMBER_BYTES], *end = text + sizeof text;
    char *from = digits_before(end, n);

    next(j);
    buf_put(j->out, from, (size_t)(end - from));
}

void json_int(struct json *j, int64_t n) {
    char text[NUMBER_BYTES], *end = text + sizeof text;
    char *from = digits_before(end, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);

    if (n < 0)
        *--from = '-';
    next(j);
    buf_put(j->out, from, (size_t)(end - from));
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

void json_decimal(struct json *j, double n, int digits) {
    static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    char text[NUMBER_BYTES * 2], *end = text + sizeof text, *from = end;
    uint64_t scaled;

    assert(digits > 0 && digits <= 15);
    if (!isfinite(n)) {
        json_nothing(j);
        return;
    }
    next(j);
    if (fabs(n) * power[digits] >= 9007199254740992.0) { // 2^53
        put_exact(j->out, n);
        return;
    }
    scaled = (uint64_t)(fabs(n) * power[digits] + 0.5);
    for (; digits > 0 && scaled % 10 == 0; digits--)
        scaled /= 10;
    if (digits) {
        for (; digits > 0; digits--, scaled /= 10)
            *--from = (char)('0' + scaled % 10);
        *--from = '.';
    }
    from = digits_before(from, scaled);
    if (n < 0 && (end - from > 1 || *from != '0'))
        *--from = '-';
    buf_put(j->out, from, (size_t)(end - from));
}

void json_bool(struct json *j, bool yes) {
    next(j);
    buf_put_text(j->out, yes ? "true" : "false");
}

void json_nothing(struct json *j) {
    next(j);
    buf_put(j->out, "null", 4);
}

void json_raw(struct json *j, struct view json) {
    next(j);
    buf_put_view(j->out, json);
}
