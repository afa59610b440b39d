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

static void next(struct json *j) {
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

void json_key(struct json *j, const char *key) {
    size_t len = strlen(key);
    char *p = buf_reserve(j->out, len + 4), *from = p;

    assert(j->depth && j->level[j->depth - 1].object && !j->after_key);
    if (j->level[j->depth - 1].used)
        *p++ = ',';
    j->level[j->depth - 1].used = true;
    *p++ = '"';
    memcpy(p, key, len);
    p += len;
    *p++ = '"';
    *p++ = ':';
    j->out->len += (size_t)(p - from);
    j->after_key = true;
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
static bool eight_plain(const char *p) {
    uint64_t word, quote, slash;

    memcpy(&word, p, 8);
    quote = word ^ EACH('"');
    slash = word ^ EACH('\\');
    return !((word | (word - EACH(0x20)) | (word + EACH(1)) |
              ((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash)) &
             EACH(0x80));
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

void json_view(struct json *j, struct view text) {
    next(j);
    buf_reserve(j->out, text.len + 2);
    buf_put_u8(j->out, '"');
    while (text.len) {
        size_t run = plain_run(text);
        buf_put(j->out, text.at, run);
        text = view_n(text.at + run, text.len - run);
        if (text.len)
            put_special(j->out, &text);
    }
    buf_put_u8(j->out, '"');
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

/* Writes n in front of `end`, at least `width` digits; returns where it begins. */
static char *digits_before(char *end, uint64_t n, int width) {
    for (; n || width > 0; n /= 10, width--)
        *--end = (char)('0' + n % 10);
    return end;
}

void json_uint(struct json *j, uint64_t n) {
    char text[NUMBER_BYTES], *end = text + sizeof text;
    char *from = digits_before(end, n, 1);

    next(j);
    buf_put(j->out, from, (size_t)(end - from));
}

void json_int(struct json *j, int64_t n) {
    char text[NUMBER_BYTES], *end = text + sizeof text;
    char *from = digits_before(end, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, 1);

    if (n < 0)
        *--from = '-';
    next(j);
    buf_put(j->out, from, (size_t)(end - from));
}

/* Where the exact decimals are in doubt: as many digits as a double surely has. What is
 * neither digit, sign nor exponent is the locale's decimal point. */
static void put_exact(struct buf *out, double n) {
    char text[40];
    bool point = false;

    snprintf(text, sizeof text, "%.16g", n);
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
        uint64_t unit = (uint64_t)power[digits];
        from = digits_before(end, scaled % unit, digits);
        *--from = '.';
        scaled /= unit;
    }
    from = digits_before(from, scaled, 1);
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
