#include "ingest/framer.h"

#include "ingest/refusal.h"
#include "proto/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define MORE         1
#define END_MARK_MAX 16 /* a line NNNN, its blanks included, is no longer */
#define COUNT_DIGITS 9
#define KEEP_BYTES   (128 * 1024) /* of the buffer, when it is trimmed */

typedef int take_fn(struct framer *f, struct framed *out);

/*      at          scan        in.len
 *      |            |            |
 *  ....[ looked at  ][ not yet   ]      of the document in work
 *
 * A framing is one function: it looks on from `scan`, gives one document and moves `at`
 * behind it, or returns MORE. */
struct framer {
    struct framer_conf conf;
    take_fn *take;
    struct buf in;
    size_t at, scan;
    bool ended;
    bool skipping; /* in a document that was refused as too long */
    bool in_line;  /* text: `scan` is not the start of a line */
    bool between;  /* text: behind NNNN, line ends are no part of a document */
    uint64_t skip; /* octets of a refused frame still to come */
    uint64_t number, line;
    char why[160];
};

static take_fn take_start, take_ndjson, take_text, take_octet, take_whole, take_nothing;

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static bool is_line_end(char c) { return c == '\r' || c == '\n'; }

static take_fn *take_of(const struct framer *f, enum framing framing) {
    switch (framing) {
        case FRAMING_NDJSON:
            return take_ndjson;
        case FRAMING_TEXT:
            return f->conf.whole ? take_whole : take_text;
        case FRAMING_OCTET:
            return take_octet;
        case FRAMING_WHOLE:
            return take_whole;
        case FRAMING_AUTO:
            break;
    }
    return take_start;
}

struct framer *framer_new(const struct framer_conf *conf) {
    struct framer *f = mem_zalloc(sizeof *f);
    f->conf = *conf;
    f->take = take_of(f, conf->framing);
    buf_reserve(&f->in, 1); // so that a place in it is one even before the first byte
    return f;
}

void framer_free(struct framer *f) {
    if (!f)
        return;
    buf_release(&f->in);
    free(f);
}

void framer_feed(struct framer *f, struct view bytes) {
    if (f->at > 0) {
        buf_drop(&f->in, f->at);
        f->scan -= f->at;
        f->at = 0;
    }
    buf_put_view(&f->in, bytes);
}

void framer_trim(struct framer *f) {
    struct view rest = framer_rest(f);
    struct buf small = {0};
    if (f->in.cap <= KEEP_BYTES || rest.len > KEEP_BYTES / 2)
        return;
    buf_reserve(&small, 1);
    buf_put_view(&small, rest);
    buf_release(&f->in);
    f->in = small;
    f->scan -= f->at;
    f->at = 0;
}

void framer_end(struct framer *f) { f->ended = true; }

size_t framer_pending(const struct framer *f) { return f->in.len - f->at; }

struct view framer_rest(const struct framer *f) {
    return view_n(f->in.at + f->at, framer_pending(f));
}

int framer_next(struct framer *f, struct framed *out) {
    memset(out, 0, sizeof *out);
    return f->take(f, out);
}

static void consume_to(struct framer *f, size_t end) { f->at = f->scan = end; }

static int give(struct framer *f, struct view bytes, const char *format,
                struct framed *out) {
    out->kind = FRAMED_DOCUMENT;
    out->bytes = bytes;
    out->format = format;
    out->number = ++f->number;
    return 0;
}

static int refuse(struct framer *f, int code, const char *why, struct framed *out) {
    if (why != f->why)
        snprintf(f->why, sizeof f->why, "%s", why);
    out->kind = FRAMED_REFUSED;
    out->code = code;
    out->why = f->why;
    out->number = ++f->number;
    return 0;
}

/* seen: what there is of it; whole: there is no more. */
static int refuse_long(struct framer *f, struct view seen, bool whole,
                       struct framed *out) {
    snprintf(f->why, sizeof f->why,
             "report is longer than %zu bytes; split it or raise --max-report",
             f->conf.max_document);
    out->beginning = seen;
    out->whole = whole;
    return refuse(f, REFUSED_TOO_BIG, f->why, out);
}

/* Refuses what is there behind `from` and all that may come. */
static int refuse_all(struct framer *f, int code, const char *why, size_t from,
                      struct framed *out) {
    refuse(f, code, why, out);
    out->number = 0;
    out->fatal = true;
    out->beginning = view_n(f->in.at + from, f->in.len - from);
    f->take = take_nothing;
    return 0;
}

static int take_nothing(struct framer *f, struct framed *out) {
    (void)out;
    consume_to(f, f->in.len);
    return MORE;
}

/* ---- NDJSON ---- */

static int take_ndjson(struct framer *f, struct framed *out) {
    for (;;) {
        const char *from = f->in.at + f->scan;
        size_t left = f->in.len - f->scan;
        const char *lf = left ? memchr(from, '\n', left) : NULL;
        size_t end = lf ? (size_t)(lf - f->in.at) : f->in.len;
        struct view line = view_n(f->in.at + f->at, end - f->at);
        bool whole = lf || (f->ended && line.len > 0);
        bool too_long = line.len > f->conf.max_document;
        if (!whole && !too_long && !f->skipping) {
            f->scan = end;
            return MORE;
        }
        bool said = f->skipping;
        f->skipping = !whole;
        out->line = f->line + 1;
        f->line += whole;
        consume_to(f, lf ? end + 1 : end);
        out->format = "ndjson";
        if (too_long && !said)
            return refuse_long(f, line, whole, out);
        line = view_trim(line);
        if (!said && line.len > 0)
            return give(f, line, "ndjson", out);
        if (!whole)
            return MORE;
    }
}

/* ---- plain text ---- */

static bool is_end_mark(struct view line) {
    if (line.len > END_MARK_MAX || !view_starts(line, "NNNN"))
        return false;
    for (size_t i = 4; i < line.len; i++)
        if (line.at[i] != ' ' && line.at[i] != '\t')
            return false;
    return true;
}

/* Looks on from `scan`, always the start of a line or (in_line) inside one, for the end
 * of that line. */
static bool find_line(struct framer *f, struct view *line) {
    size_t i = f->scan;
    while (i < f->in.len && !is_line_end(f->in.at[i]))
        i++;
    if (i == f->in.len && (!f->ended || i == f->scan))
        return false;
    *line = view_n(f->in.at + f->scan, i - f->scan);
    f->scan = i + (i < f->in.len);
    return true;
}

/* The document ends at `end`; `next` is where the one after it begins. */
static bool end_text(struct framer *f, size_t end, size_t next, struct framed *out) {
    struct view text = view_n(f->in.at + f->at, end - f->at);
    bool said = f->skipping;
    f->skipping = f->in_line = false;
    f->between = true;
    consume_to(f, next);
    bool too_long = text.len > f->conf.max_document;
    if (said || (!too_long && view_trim(text).len == 0))
        return false;
    out->format = "text";
    if (too_long)
        refuse_long(f, text, true, out);
    else
        give(f, text, "text", out);
    return true;
}

/* No line ends here any more: what is left waits, unless it is too long already. */
static int rest_of_text(struct framer *f, struct framed *out) {
    if (f->ended)
        return f->at < f->in.len && end_text(f, f->in.len, f->in.len, out) ? 0 : MORE;
    if (f->in.len - f->scan > END_MARK_MAX) {
        f->in_line = true; // too long for a mark: no need to look at it again
        f->scan = f->in.len;
    }
    // The last few bytes may be the beginning of NNNN, so they do not count yet.
    struct view seen = framer_rest(f);
    bool too_long = seen.len > f->conf.max_document + END_MARK_MAX;
    bool said = f->skipping;
    f->skipping = said || too_long;
    if (f->skipping)
        f->at = f->scan;
    if (!too_long || said)
        return MORE;
    out->format = "text";
    return refuse_long(f, seen, false, out);
}

static int take_text(struct framer *f, struct framed *out) {
    struct view line;
    for (;;) {
        while (f->between && f->at < f->in.len && is_line_end(f->in.at[f->at]))
            consume_to(f, f->at + 1);
        f->between = f->between && f->at == f->in.len;
        if (!find_line(f, &line))
            return rest_of_text(f, out);
        bool mark = !f->in_line && is_end_mark(line);
        f->in_line = false;
        if (mark && end_text(f, (size_t)(line.at - f->in.at), f->scan, out))
            return 0;
    }
}

static int take_whole(struct framer *f, struct framed *out) {
    struct view all = framer_rest(f);
    bool too_long = all.len > f->conf.max_document;
    bool said = f->skipping;
    if (!f->ended && !too_long && !said)
        return MORE;
    f->skipping = said || too_long;
    consume_to(f, f->in.len);
    if (said || (!too_long && view_trim(all).len == 0))
        return MORE;
    return too_long ? refuse_long(f, all, f->ended, out) : give(f, all, NULL, out);
}

/* ---- octet counting ---- */

static int refuse_octet(struct framer *f, struct framed *out) {
    return refuse_all(f, REFUSED_MALFORMED,
                      "LENGTH SP BYTES expected (frame=octet); the rest cannot be read",
                      f->at, out);
}

/* A frame over the limit is refused when its beginning is there, and passed over. */
static int take_long_octets(struct framer *f, uint64_t count, size_t body,
                            struct framed *out) {
    size_t seen = f->in.len - body;
    if (seen > count)
        seen = (size_t)count;
    if (seen < count && seen < FRAMER_BEGINNING && !f->ended)
        return MORE;
    consume_to(f, body);
    f->skip = count;
    return refuse_long(f, view_n(f->in.at + body, seen), seen == count, out);
}

/* Reads "LENGTH SP" at `at`: 0, MORE, or < 0 when it is none. */
static int octet_count(const struct framer *f, uint64_t *count, size_t *body) {
    size_t i = f->at;
    while (i < f->in.len && f->in.at[i] >= '0' && f->in.at[i] <= '9')
        i++;
    size_t digits = i - f->at;
    if (digits > COUNT_DIGITS || (i < f->in.len && (digits == 0 || f->in.at[i] != ' ')))
        return ERR_FORMAT;
    if (i == f->in.len)
        return MORE;
    *body = i + 1;
    return view_number(view_n(f->in.at + f->at, digits), count) ? 0 : ERR_FORMAT;
}

static bool skip_octets(struct framer *f) {
    size_t n = framer_pending(f);
    if (n > f->skip)
        n = (size_t)f->skip;
    f->skip -= n;
    consume_to(f, f->at + n);
    return f->skip == 0;
}

static int take_octet(struct framer *f, struct framed *out) {
    uint64_t count = 0;
    size_t body = 0;
    if (!skip_octets(f))
        return MORE;
    while (f->at < f->in.len && is_blank(f->in.at[f->at]))
        consume_to(f, f->at + 1);
    int err = octet_count(f, &count, &body);
    if (err < 0)
        return refuse_octet(f, out);
    if (err == 0 && count > f->conf.max_document)
        return take_long_octets(f, count, body, out);
    if (err == 0 && f->in.len - body >= count) {
        consume_to(f, body + (size_t)count);
        return give(f, view_n(f->in.at + body, (size_t)count), NULL, out);
    }
    if (!f->ended || f->at == f->in.len)
        return MORE;
    return refuse_all(f, REFUSED_MALFORMED, "the connection ended inside a report",
                      err == 0 ? body : f->at, out);
}

/* ---- the first bytes ---- */

static bool known_word(struct view value, const char *const *words, int *which) {
    for (int i = 0; words[i]; i++)
        if (view_is(value, words[i])) {
            *which = i;
            return true;
        }
    return false;
}

static int hello_option(struct view word, struct framed_hello *hello) {
    static const char *const frames[] = {"auto", "ndjson", "text", "octet", NULL};
    static const char *const formats[] = {"auto", "ndjson", "text", NULL};
    static const char *const acks[] = {"0", "1", NULL};
    struct view key, value = word;
    int which = 0;
    view_split(&value, '=', &key);
    if (view_is(key, "ack")) {
        if (!known_word(value, acks, &which))
            return ERR_FORMAT;
        hello->ack = which == 1;
    } else if (view_is(key, "frame")) {
        if (!known_word(value, frames, &which))
            return ERR_FORMAT;
        hello->framing = (enum framing)which;
    } else if (view_is(key, "format")) {
        if (!known_word(value, formats, &which))
            return ERR_FORMAT;
        hello->format = which ? value : VIEW_LIT("");
    } else if (view_is(key, "source")) {
        hello->source = value;
    } else {
        return ERR_FORMAT; // passed over, a slip of the pen would change the framing
    }
    return 0;
}

static int read_hello(struct framer *f, struct view line, struct framed *out) {
    struct view word;
    line = view_trim(line);
    view_split(&line, ' ', &word);
    view_split(&line, ' ', &word);
    if (!view_is(word, "wire/1"))
        return refuse_all(f, REFUSED_VERSION,
                          "this ingest speaks wire/1: say HELLO wire/1", f->at, out);
    while (view_split(&line, ' ', &word))
        if (hello_option(word, &out->hello) != 0) {
            snprintf(f->why, sizeof f->why, "HELLO does not know %.*s",
                     (int)(word.len < 60 ? word.len : 60), word.at);
            return refuse_all(f, REFUSED_MALFORMED, f->why, f->at, out);
        }
    f->conf.hello = false;
    out->kind = FRAMED_HELLO;
    f->take = take_of(f, out->hello.framing);
    return 0;
}

static int take_hello(struct framer *f, size_t start, struct framed *out) {
    const char *from = f->in.at + start;
    size_t left = f->in.len - start;
    size_t look = left < f->conf.max_line ? left : f->conf.max_line;
    const char *lf = memchr(from, '\n', look);
    if (!lf && left >= f->conf.max_line)
        return refuse_all(f, REFUSED_TOO_BIG, "the HELLO line is too long", f->at, out);
    if (!lf && !f->ended)
        return MORE;
    size_t len = lf ? (size_t)(lf - from) : left;
    consume_to(f, start + len + (lf ? 1 : 0));
    return read_hello(f, view_n(f->in.at + start, len), out);
}

/* 1: from starts with what, 0: does not, -1: might, with more bytes. */
static int starts_with(struct view from, const char *what) {
    size_t n = strlen(what);
    if (from.len >= n)
        return view_starts(from, what);
    return memcmp(from.at, what, from.len) == 0 ? -1 : 0;
}

static int become(struct framer *f, enum framing framing, struct framed *out) {
    f->take = take_of(f, framing);
    f->scan = f->at;
    return f->take(f, out);
}

static int take_start(struct framer *f, struct framed *out) {
    static const char bom[] = "\xEF\xBB\xBF";
    size_t i = f->at;
    if (framer_pending(f) == 0)
        return MORE;
    int marked = starts_with(view_n(f->in.at + i, f->in.len - i), bom);
    if (marked < 0 && !f->ended)
        return MORE;
    if (marked == 1)
        i += 3;
    while (i < f->in.len && is_blank(f->in.at[i]) && i - f->at < f->conf.max_line)
        i++;
    if (i == f->in.len && !f->ended)
        return MORE;
    struct view rest = view_n(f->in.at + i, f->in.len - i);
    if (rest.len > 0 && rest.at[0] == '{') {
        if (marked == 1)
            consume_to(f, f->at + 3);
        return become(f, FRAMING_NDJSON, out);
    }
    int hello = f->conf.hello && rest.len > 0 ? starts_with(rest, "HELLO wire/") : 0;
    if (hello == 1)
        return take_hello(f, i, out);
    if (hello < 0 && !f->ended)
        return MORE;
    return become(f, FRAMING_TEXT, out);
}

/* ---- files ---- */

static bool ends_with(const char *name, const char *tail) {
    size_t n = strlen(name), m = strlen(tail);
    return n >= m && strcmp(name + n - m, tail) == 0;
}

enum framing framing_of_file(const char *name) {
    if (ends_with(name, ".ndjson") || ends_with(name, ".jsonl"))
        return FRAMING_NDJSON;
    return ends_with(name, ".json") ? FRAMING_WHOLE : FRAMING_AUTO;
}
