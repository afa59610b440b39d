#include "proto/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

struct json json_to(struct buf *out) {
    return (struct json){.out = out};
}

/* The comma before a value or key, where one is due. */
static void next(struct json *j) {
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (!j->depth)
        return;
    assert(!j->level[j->depth - 1].object);
    if (j->level[j->depth - 1].used)
        buf_put_u8(j->out, ',');
    j->level[j->depth - 1].used = true;
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
    assert(j->depth && j->level[j->depth - 1].object && !j->after_key);
    if (j->level[j->depth - 1].used)
        buf_put_u8(j->out, ',');
    j->level[j->depth - 1].used = true;
    buf_put_u8(j->out, '"');
    buf_put_text(j->out, key);
    buf_put_text(j->out, "\":");
    j->after_key = true;
}

static void escape(struct buf *out, unsigned char c) {
    static const char *const short_forms[] = {
        ['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t"};

    if (c == '"' || c == '\\') {
        buf_put_u8(out, '\\');
        buf_put_u8(out, c);
    } else if (c <= '\r' && short_forms[c]) {
        buf_put_text(out, short_forms[c]);
    } else {
        buf_printf(out, "\\u%04x", c);
    }
}

/* 1: must be escaped; 2: may begin U+2028 or U+2029, which JavaScript once took for line
 * ends inside strings. */
static unsigned special(unsigned char c) {
    if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F)
        return 1;
    return c == 0xE2 ? 2 : 0;
}

static bool line_separator(const char *p, size_t n) {
    return n >= 3 && (unsigned char)p[1] == 0x80 &&
           ((unsigned char)p[2] == 0xA8 || (unsigned char)p[2] == 0xA9);
}

void json_view(struct json *j, struct view text) {
    size_t from = 0;

    next(j);
    buf_reserve(j->out, text.len + 2);
    buf_put_u8(j->out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned kind = special((unsigned char)text.at[i]);
        bool separator = kind == 2 && line_separator(text.at + i, text.len - i);
        if (kind != 1 && !separator)
            continue;
        buf_put(j->out, text.at + from, i - from);
        if (separator) {
            buf_put_text(j->out,
                         (unsigned char)text.at[i + 2] == 0xA8 ? "\\u2028" : "\\u2029");
            i += 2;
        } else {
            escape(j->out, (unsigned char)text.at[i]);
        }
        from = i + 1;
    }
    buf_put(j->out, text.at + from, text.len - from);
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

void json_uint(struct json *j, uint64_t n) {
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    next(j);
    buf_put(j->out, digits + at, sizeof digits - at);
}

void json_int(struct json *j, int64_t n) {
    if (n >= 0) {
        json_uint(j, (uint64_t)n);
        return;
    }
    next(j);
    buf_printf(j->out, "%" PRId64, n);
}

void json_decimal(struct json *j, double n, int digits) {
    size_t from;

    assert(digits > 0);

    if (!isfinite(n)) {
        json_nothing(j);
        return;
    }
    next(j);
    from = j->out->len;
    buf_printf(j->out, "%.*f", digits, n);
    while (j->out->at[j->out->len - 1] == '0')
        j->out->len--;
    if (j->out->at[j->out->len - 1] == '.')
        j->out->len--;
    if (j->out->len - from == 2 && memcmp(j->out->at + from, "-0", 2) == 0) {
        j->out->len = from;
        buf_put_u8(j->out, '0');
    }
}

void json_bool(struct json *j, bool yes) {
    next(j);
    buf_put_text(j->out, yes ? "true" : "false");
}

void json_nothing(struct json *j) {
    next(j);
    buf_put_text(j->out, "null");
}

void json_raw(struct json *j, struct view json) {
    next(j);
    buf_put_view(j->out, json);
}
