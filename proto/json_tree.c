#include "proto/json_tree.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/charset.h"
#include "proto/json.h"
#include "proto/utf8.h"

#define CHUNK_NODES   32
#define SCAN_MEMBERS  32 /* of an object: up to there a key is looked for by looking */
#define CONTEXT_BYTES 16

struct level {
    struct json_node *node;
    struct json_node **link; /* where the next value is to hang */
    uint64_t seen;           /* one bit for each key_mark */
};

struct reader {
    const char *begin, *at, *end;
    bool sound; /* the document is UTF-8 throughout */
    struct arena *arena;
    struct diag *diag;
    struct json_tree *tree;
    size_t most; /* values */
    struct json_node *spare;
    size_t spares;
    /* Texts with escapes, decoded: never longer than they were, so one piece of memory as
     * long as the document holds them all, and this buf never grows. */
    struct buf decoded;
    struct view key; /* of the value that is due */
    unsigned depth;
    struct level levels[JSON_TREE_DEPTH];
};

/* ---- errors ---- */

/* The word or so that stands there. */
static int context(const struct reader *r, const char *at) {
    int n = 0;

    while (at + n < r->end && n < CONTEXT_BYTES && (unsigned char)at[n] >= 0x20)
        n++;
    return n ? n : 1;
}

static int fail(const struct reader *r, const char *at, const char *want) {
    size_t offset = (size_t)(at - r->begin);

    if (at >= r->end)
        diag_set(r->diag, offset, "byte %zu: %s expected, but the document ends", offset,
                 want);
    else
        diag_set(r->diag, offset, "byte %zu: %s expected, not \"%.*s\"", offset, want,
                 context(r, at), at);
    return ERR_FORMAT;
}

static int refuse(const struct reader *r, const char *at, const char *why) {
    size_t offset = (size_t)(at - r->begin);

    diag_set(r->diag, offset, "byte %zu: %s", offset, why);
    return ERR_FORMAT;
}

/* ---- eight bytes at a time ---- */

#define EACH(n) (UINT64_C(0x0101010101010101) * (n))

/* The first byte lowest, whatever the machine; compilers make one load of it. */
static inline uint64_t eight(const char *at) {
    const unsigned char *p = (const unsigned char *)at;

    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
           (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
           (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* The high bit of the first byte that ends a run in a text: a quote, a backslash or a
 * control. Higher ones may be wrong, by a borrow from it. */
static inline uint64_t stops(uint64_t word) {
    uint64_t quote = word ^ EACH('"'), slash = word ^ EACH('\\');

    return (((word - EACH(0x20)) & ~word) | ((quote - EACH(1)) & ~quote) |
            ((slash - EACH(1)) & ~slash)) &
           EACH(0x80);
}

/* How many bytes lie below the lowest bit of stops(). */
static inline size_t bytes_before(uint64_t stop) {
    uint64_t lowest = (stop & (0 - stop)) >> 7;

    return (size_t)(((lowest - 1) & EACH(1)) * EACH(1) >> 56);
}

static inline bool stops_at(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

static inline const char *run_end(const char *p, const char *end) {
    for (; end - p >= 8; p += 8) {
        uint64_t stop = stops(eight(p));
        if (stop)
            return p + bytes_before(stop);
    }
    while (p < end && !stops_at((unsigned char)*p))
        p++;
    return p;
}

/* The same; appends the run to out, which has 8 bytes more room than it needs. */
static inline const char *copy_run(const char *p, const char *end, struct buf *out) {
    char *to = out->at + out->len;
    size_t n = 0;

    for (; end - p >= 8; p += 8, n += 8) {
        uint64_t stop = stops(eight(p));
        memcpy(to + n, p, 8);
        if (stop) {
            out->len += n + bytes_before(stop);
            return p + bytes_before(stop);
        }
    }
    for (; p < end && !stops_at((unsigned char)*p); p++)
        to[n++] = *p;
    out->len += n;
    return p;
}

static inline bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline void skip_blanks(struct reader *r) {
    const char *p = r->at;

    while (p < r->end && is_blank(*p))
        p += r->end - p >= 8 && eight(p) == EACH(' ') ? 8 : 1;
    r->at = p;
}

/* ---- texts ---- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits behind \u; false if they are none. */
static bool hex4(const char *p, const char *end, uint32_t *out) {
    uint32_t n = 0;

    if (end - p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return false;
        n = n << 4 | (uint32_t)digit;
    }
    *out = n;
    return true;
}

/* \uXXXX at p; returns what stands behind it, NULL if it is none. */
static const char *take_unicode(struct reader *r, const char *p) {
    uint32_t cp, low;

    if (!hex4(p + 2, r->end, &cp))
        return NULL;
    p += 6;
    if (cp >= 0xD800 && cp <= 0xDFFF) {
        if (cp <= 0xDBFF && r->end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
            hex4(p + 2, r->end, &low) && low >= 0xDC00 && low <= 0xDFFF) {
            cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
            p += 6;
        } else {
            cp = UTF8_REPLACEMENT;
            r->tree->halves++;
        }
    }
    utf8_put(&r->decoded, cp);
    return p;
}

/* What the letter behind a backslash stands for; 0: nothing. */
static char escaped(char letter) {
    switch (letter) {
        case 'n':
            return '\n';
        case '"':
        case '\\':
        case '/':
            return letter;
        case 't':
            return '\t';
        case 'r':
            return '\r';
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        default:
            return 0;
    }
}

/* The escape at p; returns what stands behind it, NULL if it is none. */
static const char *take_escape(struct reader *r, const char *p) {
    char c;

    if (r->end - p < 2)
        return NULL;
    if (p[1] == 'u')
        return take_unicode(r, p);
    c = escaped(p[1]);
    if (!c)
        return NULL;
    buf_put_u8(&r->decoded, (uint8_t)c);
    return p + 2;
}

static struct view mend(struct reader *r, struct view text) {
    struct buf sound = {0};
    struct view rest = text;

    while (rest.len) {
        size_t run = utf8_valid_prefix(rest);
        buf_put(&sound, rest.at, run);
        rest = view_n(rest.at + run, rest.len - run);
        if (rest.len) {
            utf8_put(&sound, utf8_take(&rest));
            r->tree->invalid++;
        }
    }
    text = view_n(arena_copy(r->arena, sound.len ? sound.at : "", sound.len), sound.len);
    buf_release(&sound);
    return text;
}

/* A text that begins at `from` and has an escape, or what does not belong there, at `p`.
 */
static int read_escaped(struct reader *r, const char *from, const char *p,
                        struct view *out) {
    const size_t size = (size_t)(r->end - r->begin) + 8;
    size_t begin;

    if (!r->decoded.at)
        r->decoded = (struct buf){.at = arena_alloc(r->arena, size), .cap = size};
    begin = r->decoded.len;
    buf_put(&r->decoded, from, (size_t)(p - from));
    while (p < r->end && *p == '\\') {
        const char *next = take_escape(r, p);
        if (!next)
            return fail(r, p, "an escape (\\n, \\\", \\u00e9, ...)");
        p = copy_run(next, r->end, &r->decoded);
    }
    if (p == r->end || *p != '"')
        return fail(r, p, p == r->end ? "a closing quote" : "an escape for a control");
    r->at = p + 1;
    *out = view_n(r->decoded.at + begin, r->decoded.len - begin);
    return 0;
}

/* At a quote. */
static int read_text(struct reader *r, struct view *out) {
    const char *from = r->at + 1, *p = run_end(from, r->end);
    int err = 0;

    if (p < r->end && *p == '"') {
        *out = view_n(from, (size_t)(p - from));
        r->at = p + 1;
    } else {
        err = read_escaped(r, from, p, out);
    }
    if (!err && !r->sound && utf8_valid_prefix(*out) != out->len)
        *out = mend(r, *out);
    return err;
}

/* ---- numbers ---- */

#define DIGITS 800 /* no more can decide which double is the nearest */

/* 0.d1d2d3... times ten to the power of `exponent`; d1 and the last digit are not 0. */
struct decimal {
    bool negative;
    size_t count; /* 0: the number is 0 */
    int64_t exponent;
    char digits[DIGITS + 1]; /* one more, where what follows them is not 0 */
};

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* [+-] and digits; what is beyond a billion is a billion. */
static int64_t power_of(struct view text) {
    bool negative = text.len && text.at[0] == '-';
    int64_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        if (is_digit(text.at[i]) && n < 1000000000)
            n = n * 10 + (text.at[i] - '0');
    return negative ? -n : n;
}

/* text: a number as JSON has it. */
static void decimal_of(struct view text, struct decimal *out) {
    bool point = false;
    size_t i = 0;

    out->negative = text.at[0] == '-';
    out->count = 0;
    out->exponent = 0;
    for (; i < text.len && (text.at[i] | 0x20) != 'e'; i++) {
        char c = text.at[i];
        point = point || c == '.';
        if (!is_digit(c))
            continue;
        if (out->count || c != '0')
            out->exponent += !point;
        else
            out->exponent -= point;
        if ((out->count || c != '0') && out->count < DIGITS)
            out->digits[out->count++] = c;
        else if (out->count == DIGITS && c != '0')
            out->digits[out->count++] = '1';
    }
    while (out->count && out->digits[out->count - 1] == '0')
        out->count--;
    if (i < text.len)
        out->exponent += power_of(view_n(text.at + i + 1, text.len - i - 1));
}

/* By strtod, without a point, which would be the locale's business. */
static double double_of(const struct decimal *d) {
    char text[DIGITS + 40];

    if (!d->count || d->exponent < -400)
        return d->negative ? -0.0 : 0.0;
    if (d->exponent > 400)
        return d->negative ? -HUGE_VAL : HUGE_VAL;
    snprintf(text, sizeof text, "%s%.*se%d", d->negative ? "-" : "", (int)d->count,
             d->digits, (int)(d->exponent - (int64_t)d->count));
    return strtod(text, NULL);
}

bool json_tree_double(const struct json_node *node, double *out) {
    struct decimal decimal;

    if (!node || node->kind != JSON_KIND_NUMBER)
        return false;
    decimal_of(node->text, &decimal);
    *out = double_of(&decimal);
    return true;
}

bool json_tree_whole(const struct json_node *node, int64_t *out) {
    struct decimal d;
    uint64_t n = 0, most;

    if (!node || node->kind != JSON_KIND_NUMBER)
        return false;
    decimal_of(node->text, &d);
    if (d.count && (d.exponent < (int64_t)d.count || d.exponent > 19))
        return false;
    for (int64_t i = 0; d.count && i < d.exponent; i++)
        n = n * 10 + (i < (int64_t)d.count ? (uint64_t)(d.digits[i] - '0') : 0);
    most = d.negative ? UINT64_C(1) << 63 : INT64_MAX;
    if (n > most)
        return false;
    *out = d.negative ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

static const char *digits_end(const char *p, const char *end) {
    while (p < end && is_digit(*p))
        p++;
    return p;
}

/* Does a double hold it? power: digits of its exponent. */
static bool in_range(const struct json_node *number, size_t power) {
    double n = 0;

    if (number->text.len <= 200 && power <= 2)
        return true;
    return json_tree_double(number, &n) && isfinite(n);
}

/* Behind the digits before the point: the rest of a number. Returns its end, or NULL with
 * *last where a digit is missing; else *last is where the digits of its exponent begin,
 * its end where it has none. */
static const char *number_end(const char *p, const char *end, const char **last) {
    if (p < end && *p == '.') {
        *last = p + 1;
        p = digits_end(*last, end);
        if (p == *last)
            return NULL;
    }
    *last = p;
    if (p < end && (*p | 0x20) == 'e') {
        *last = p + 1 + (p + 1 < end && (p[1] == '+' || p[1] == '-'));
        p = digits_end(*last, end);
        if (p == *last)
            return NULL;
    }
    return p;
}

static int read_number(struct reader *r, struct json_node *node) {
    const char *from = r->at, *whole = from + (*from == '-');
    const char *p = digits_end(whole, r->end), *last = p, *end;

    if (p == whole)
        return fail(r, p, "a digit");
    if (*whole == '0' && p - whole > 1)
        return refuse(r, whole, "a number must not begin with 0");
    end = number_end(p, r->end, &last);
    if (!end)
        return fail(r, last, "a digit");
    node->kind = JSON_KIND_NUMBER;
    node->text = view_n(from, (size_t)(end - from));
    r->at = end;
    if (!in_range(node, (size_t)(end - last)))
        return refuse(r, from, "the number is too big");
    return 0;
}

/* ---- values ---- */

static unsigned key_mark(struct view key) {
    unsigned n = (unsigned)key.len;

    if (key.len)
        n = n * 31 + (unsigned char)key.at[0] * 7u +
            (unsigned char)key.at[key.len - 1] * 3u + (unsigned char)key.at[key.len / 2];
    return n & 63;
}

/* Takes the member of that key out; there is one at most. */
static void take_out(struct level *level, struct view key) {
    struct json_node **link = &level->node->first, *node;

    for (; (node = *link) != NULL; link = &node->next) {
        if (!view_eq(node->key, key))
            continue;
        *link = node->next;
        if (level->link == &node->next)
            level->link = link;
        level->node->count--;
        return;
    }
}

struct place {
    struct json_node *node;
    size_t n;
};

static int by_key(const void *a, const void *b) {
    const struct place *one = a, *two = b;
    int order = view_cmp(one->node->key, two->node->key);

    return order ? order : (one->n > two->n) - (one->n < two->n);
}

/* Of equal keys in a big object the last stays. */
static void drop_doubles(struct json_node *object) {
    struct place *places = mem_alloc(object->count * sizeof *places);
    struct json_node **link = &object->first;
    size_t n = 0, dropped = 0;

    for (struct json_node *node = object->first; node; node = node->next, n++)
        places[n] = (struct place){node, n};
    qsort(places, n, sizeof *places, by_key);
    for (size_t i = 0; i + 1 < n; i++) {
        if (view_eq(places[i].node->key, places[i + 1].node->key)) {
            places[i].node->count = UINT32_MAX; // no value has as many
            dropped++;
        }
    }
    free(places);
    while (dropped && *link) {
        if ((*link)->count == UINT32_MAX)
            *link = (*link)->next;
        else
            link = &(*link)->next;
    }
    object->count -= (uint32_t)dropped;
}

static void hang(struct reader *r, struct json_node *node) {
    struct level *level = &r->levels[r->depth - 1];

    if (level->node->kind == JSON_KIND_OBJECT) {
        uint64_t mark = UINT64_C(1) << key_mark(r->key);
        node->key = r->key;
        if (level->seen & mark && level->node->count <= SCAN_MEMBERS)
            take_out(level, r->key);
        level->seen |= mark;
    }
    *level->link = node;
    level->link = &node->next;
    level->node->count++;
}

static struct json_node *new_node(struct reader *r) {
    if (!r->spares) {
        r->spares = CHUNK_NODES;
        r->spare = arena_alloc(r->arena, CHUNK_NODES * sizeof *r->spare);
    }
    r->spares--;
    *r->spare = (struct json_node){.key = {"", 0}, .text = {"", 0}};
    return r->spare++;
}

/* At a key: reads it and the colon. */
static int read_key(struct reader *r) {
    const char *from = r->at;
    int err;

    if (from == r->end || *from != '"')
        return fail(r, from, "a key in quotes");
    err = read_text(r, &r->key);
    if (err)
        return err;
    if (r->key.len && memchr(r->key.at, 0, r->key.len))
        return refuse(r, from, "a key must not hold a NUL");
    skip_blanks(r);
    if (r->at == r->end || *r->at != ':')
        return fail(r, r->at, "':'");
    r->at++;
    skip_blanks(r);
    return 0;
}

static int read_word(struct reader *r, const char *word, struct json_node *node,
                     enum json_kind kind) {
    size_t len = strlen(word);

    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return fail(r, r->at, "a value");
    r->at += len;
    node->kind = kind;
    return 0;
}

/* At a bracket or brace. */
static int open_level(struct reader *r, struct json_node *node, enum json_kind kind) {
    char text[48];

    if (r->depth == JSON_TREE_DEPTH) {
        snprintf(text, sizeof text, "nested more than %d deep", JSON_TREE_DEPTH);
        return refuse(r, r->at, text);
    }
    node->kind = kind;
    r->levels[r->depth++] = (struct level){.node = node, .link = &node->first};
    r->at++;
    skip_blanks(r);
    return 0;
}

static void close_level(struct reader *r) {
    struct json_node *node = r->levels[--r->depth].node;

    r->at++;
    if (node->kind == JSON_KIND_OBJECT && node->count > SCAN_MEMBERS)
        drop_doubles(node);
}

static int read_value(struct reader *r) {
    struct json_node *node;

    if (r->at == r->end)
        return fail(r, r->at, "a value");
    if (++r->tree->values > r->most)
        return refuse(r, r->at, "there are too many values");
    node = new_node(r);
    if (r->depth)
        hang(r, node);
    else
        r->tree->root = node;
    switch (*r->at) {
        case '"':
            node->kind = JSON_KIND_TEXT;
            return read_text(r, &node->text);
        case '{':
            return open_level(r, node, JSON_KIND_OBJECT);
        case '[':
            return open_level(r, node, JSON_KIND_LIST);
        case 't':
            return read_word(r, "true", node, JSON_KIND_TRUE);
        case 'f':
            return read_word(r, "false", node, JSON_KIND_FALSE);
        case 'n':
            return read_word(r, "null", node, JSON_KIND_NULL);
        default:
            if (*r->at == '-' || is_digit(*r->at))
                return read_number(r, node);
            return fail(r, r->at, "a value");
    }
}

/* Behind a value or what opens a level: goes on to where the next value is due. > 0: the
 * document is read. */
static int next_value(struct reader *r) {
    while (r->depth) {
        const struct json_node *in = r->levels[r->depth - 1].node;
        bool object = in->kind == JSON_KIND_OBJECT, opened = !in->first;
        skip_blanks(r);
        if (r->at < r->end && *r->at == (object ? '}' : ']')) {
            close_level(r);
            continue;
        }
        if (opened)
            return object ? read_key(r) : 0;
        if (r->at == r->end || *r->at != ',')
            return fail(r, r->at, object ? "',' or '}'" : "',' or ']'");
        r->at++;
        skip_blanks(r);
        return object ? read_key(r) : 0;
    }
    skip_blanks(r);
    return r->at == r->end ? 1 : fail(r, r->at, "the document's end");
}

/* UTF-16 by its mark; without the mark of UTF-8. */
static struct view decode(struct view json, struct json_tree *tree, struct arena *arena) {
    if (view_starts(json, "\xFE\xFF") || view_starts(json, "\xFF\xFE")) {
        struct charset charset = charset_guess(json);
        tree->utf16 = charset.way == CHARSET_UTF16;
        return charset_text(&charset, json, arena, &tree->invalid);
    }
    return json;
}

int json_tree_read(struct view json, struct json_tree *out, struct arena *arena,
                   struct diag *diag) {
    struct json_tree tree = {0};
    struct reader r;
    int err = 0;

    json = decode(json, &tree, arena);
    r.begin = r.at = json.len ? json.at : "";
    r.end = r.begin + json.len;
    r.sound = tree.utf16 || utf8_valid_prefix(json) == json.len;
    r.arena = arena;
    r.diag = diag;
    r.tree = &tree;
    r.most = json.len / 8 > JSON_TREE_VALUES ? json.len / 8 : JSON_TREE_VALUES;
    r.spare = NULL;
    r.spares = 0;
    r.decoded = (struct buf){0};
    r.key = view_of(NULL);
    r.depth = 0;
    if (view_starts(json, "\xEF\xBB\xBF"))
        r.at += 3;
    skip_blanks(&r);
    while (!err) {
        err = read_value(&r);
        if (!err)
            err = next_value(&r);
    }
    if (err < 0)
        return err;
    *out = tree;
    return 0;
}

/* ---- looking at it ---- */

const struct json_node *json_tree_get(const struct json_node *object, const char *key) {
    const struct json_node *node;
    struct view name = view_of(key);

    if (!object || object->kind != JSON_KIND_OBJECT)
        return NULL;
    for (node = object->first; node && !view_eq(node->key, name); node = node->next)
        continue;
    return node;
}

struct view json_tree_text(const struct json_node *object, const char *key) {
    const struct json_node *node = json_tree_get(object, key);

    return node && node->kind == JSON_KIND_TEXT ? node->text : view_of(NULL);
}

bool json_tree_shallow(const struct json_node *node, unsigned levels) {
    if (node->kind != JSON_KIND_LIST && node->kind != JSON_KIND_OBJECT)
        return true;
    if (!levels)
        return false;
    for (node = node->first; node; node = node->next)
        if (!json_tree_shallow(node, levels - 1))
            return false;
    return true;
}

static void write_text(struct view text, struct buf *out) {
    struct json j = json_to(out);

    json_view(&j, text);
}

static void write_number(const struct json_node *node, struct buf *out) {
    struct view rest = node->text;
    int64_t n;

    buf_put_view(out, node->text);
    while (rest.len && (is_digit(rest.at[0]) || rest.at[0] == '-'))
        rest = view_n(rest.at + 1, rest.len - 1);
    if (!rest.len && node->text.len > 18 && !json_tree_whole(node, &n))
        buf_put_text(out, "e0");
}

void json_tree_write(const struct json_node *node, struct buf *out) {
    const bool object = node->kind == JSON_KIND_OBJECT;

    if (node->kind == JSON_KIND_TEXT) {
        write_text(node->text, out);
    } else if (node->kind == JSON_KIND_NUMBER) {
        write_number(node, out);
    } else if (!object && node->kind != JSON_KIND_LIST) {
        buf_put_text(out, json_tree_kind(node));
    } else {
        buf_put_u8(out, object ? '{' : '[');
        for (const struct json_node *item = node->first; item; item = item->next) {
            if (item != node->first)
                buf_put_u8(out, ',');
            if (object) {
                write_text(item->key, out);
                buf_put_u8(out, ':');
            }
            json_tree_write(item, out);
        }
        buf_put_u8(out, object ? '}' : ']');
    }
}

const char *json_tree_kind(const struct json_node *node) {
    static const char *const names[] = {"null",   "false",  "true",     "a number",
                                        "a text", "a list", "an object"};

    return names[node->kind];
}
