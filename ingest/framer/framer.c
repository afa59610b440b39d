/* What all framings do alike: the buffer, the ends of documents, refusals. */
#include "ingest/framer/framer_inside.h"
#include "proto/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define KEEP_BYTES (128 * 1024) /* of the buffer, when it is trimmed */
#define KEEP_BACK  4 /* of what is passed over: the framings look back so far */

take_fn *take_of(const struct framer *f, enum framing framing) {
    switch (framing) {
        case FRAMING_NDJSON:
            return take_ndjson;
        case FRAMING_TEXT:
            return f->conf.whole ? take_whole : take_text;
        case FRAMING_OCTET:
            return take_octet;
        case FRAMING_WHOLE:
            return take_whole;
        case FRAMING_SOH:
            return take_soh;
        case FRAMING_ZCZC:
            return take_zczc;
        case FRAMING_XML:
            return take_xml;
        case FRAMING_AUTO:
            break;
    }
    return take_start;
}

/* Framings that begin with the first byte, whatever it is. */
static bool begins_at_once(enum framing framing) {
    return framing == FRAMING_NDJSON || framing == FRAMING_OCTET ||
           framing == FRAMING_WHOLE;
}

void framer_expect(struct framer *f, enum framing framing) {
    bool at_once = begins_at_once(framing) && !f->conf.hello;
    f->conf.framing = framing;
    f->take = at_once ? take_of(f, framing) : take_start;
}

struct framer *framer_new(const struct framer_conf *conf) {
    struct framer *f = mem_zalloc(sizeof *f);
    f->conf = *conf;
    f->line_start = true;
    framer_expect(f, conf->framing);
    buf_reserve(&f->in, 1); // so that a place in it is one even before the first byte
    return f;
}

void framer_free(struct framer *f) {
    if (!f)
        return;
    buf_release(&f->in);
    free(f);
}

/* ---- the buffer ---- */

static void shift(struct framer *f) {
    f->scan -= f->at;
    f->xml.token -= f->xml.token < f->at ? f->xml.token : f->at;
    f->at = 0;
}

void framer_feed(struct framer *f, struct view bytes) {
    if (f->at > 0)
        buf_drop(&f->in, f->at);
    shift(f);
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
    shift(f);
}

void framer_end(struct framer *f) { f->ended = true; }

size_t framer_pending(const struct framer *f) { return f->in.len - f->at; }

struct view framer_rest(const struct framer *f) {
    return view_n(f->in.at + f->at, framer_pending(f));
}

static int say_passed(struct framer *f, struct framed *out) {
    out->kind = FRAMED_PASSED;
    out->passed = f->passed;
    f->passed = 0;
    return 0;
}

int framer_next(struct framer *f, struct framed *out) {
    int got;
    memset(out, 0, sizeof *out);
    do
        got = f->take(f, out);
    while (got == AGAIN);
    if (got == MORE && f->ended && f->passed > 0)
        return say_passed(f, out);
    return got;
}

/* ---- bytes ---- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes at a time. The high bit of a byte of (x - n) & ~x is set if that byte is
 * below n (and, behind the first such byte, perhaps of others): S. E. Anderson, Bit
 * Twiddling Hacks, hasless and haszero. */
size_t find_stop(const char *at, size_t i, size_t end, char other) {
    uint64_t mark = other ? EACH((unsigned char)other) : 0, word;
    for (; end - i >= sizeof word; i += sizeof word) {
        memcpy(&word, at + i, sizeof word);
        uint64_t differs = mark ? word ^ mark : EACH(1);
        uint64_t found = ((word - EACH(16)) & ~word) | ((differs - EACH(1)) & ~differs);
        if (found & EACH(0x80))
            break;
    }
    while (i < end && (unsigned char)at[i] >= 16 && (!other || at[i] != other))
        i++;
    return i;
}

int starts_with(struct view from, const char *what) {
    size_t n = strlen(what);
    if (from.len >= n)
        return view_starts(from, what);
    return memcmp(from.at, what, from.len) == 0 ? -1 : 0;
}

static bool is_word(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* ZCZC at i, followed by no letter or digit. */
static enum line_mark zczc_at(const struct framer *f, size_t i, size_t end, bool cut) {
    if (i + 4 < end)
        return is_word(f->in.at[i + 4]) ? LINE_OTHER : LINE_ZCZC;
    return cut ? LINE_OTHER : f->ended ? LINE_ZCZC : LINE_UNSURE;
}

/* NNNN at i, with nothing but fill to the end of the line. */
static enum line_mark nnnn_at(const struct framer *f, size_t i, size_t end, bool cut,
                              size_t *next) {
    for (i += 4; i < end && is_fill(f->in.at[i]) && !is_line_end(f->in.at[i]);)
        i++;
    *next = i + (i < end && is_line_end(f->in.at[i]));
    if (i < end)
        return *next > i || f->in.at[i] == SOH ? LINE_NNNN : LINE_OTHER;
    return cut ? LINE_OTHER : f->ended ? LINE_NNNN : LINE_UNSURE;
}

enum line_mark line_mark(const struct framer *f, size_t from, bool indented,
                         size_t *next) {
    char first = from < f->in.len ? f->in.at[from] : ' ';
    if (first != 'N' && first != 'Z' && first != ' ' && first != '\t')
        return LINE_OTHER;
    bool cut = f->in.len >= from + LINE_MARK_MAX;
    size_t i = from, end = cut ? from + LINE_MARK_MAX : f->in.len;
    while (i < end && (f->in.at[i] == ' ' || f->in.at[i] == '\t'))
        i++;
    struct view rest = view_n(f->in.at + i, end - i);
    int zczc = starts_with(rest, "ZCZC");
    int nnnn = i == from || indented ? starts_with(rest, "NNNN") : 0;
    if (zczc < 0 || nnnn < 0)
        return cut || f->ended ? LINE_OTHER : LINE_UNSURE;
    *next = i;
    if (zczc > 0)
        return zczc_at(f, i, end, cut);
    return nnnn > 0 ? nnnn_at(f, i, end, cut, next) : LINE_OTHER;
}

/* ---- a document ---- */

void consume_to(struct framer *f, size_t end) { f->at = f->scan = end; }

void pass_to(struct framer *f, size_t end) {
    for (size_t i = f->at; i < end; i++)
        f->passed += !is_fill(f->in.at[i]);
    consume_to(f, end);
    f->conf.hello = false;
}

int become(struct framer *f, take_fn *take, struct framed *out) {
    f->take = take;
    f->scan = f->at;
    f->line_start = true;
    return f->passed > 0 ? say_passed(f, out) : AGAIN;
}

int give(struct framer *f, struct view bytes, enum framing framing, struct framed *out) {
    f->last = framing;
    out->kind = FRAMED_DOCUMENT;
    out->bytes = bytes;
    out->number = ++f->number;
    return 0;
}

int refuse(struct framer *f, int code, const char *why, struct framed *out) {
    if (why != f->why)
        snprintf(f->why, sizeof f->why, "%s", why);
    out->kind = FRAMED_REFUSED;
    out->code = code;
    out->why = f->why;
    out->number = ++f->number;
    return 0;
}

int refuse_long(struct framer *f, struct view seen, bool whole, struct framed *out) {
    snprintf(f->why, sizeof f->why,
             "report is longer than %zu bytes; split it or raise --max-report",
             f->conf.max_document);
    out->beginning = seen;
    out->whole = whole;
    return refuse(f, REFUSED_TOO_BIG, f->why, out);
}

static int take_nothing(struct framer *f, struct framed *out) {
    (void)out;
    consume_to(f, f->in.len);
    return MORE;
}

int refuse_all(struct framer *f, int code, const char *why, size_t from,
               struct framed *out) {
    refuse(f, code, why, out);
    out->number = 0;
    out->fatal = true;
    out->beginning = view_n(f->in.at + from, f->in.len - from);
    f->take = take_nothing;
    return 0;
}

static bool has_content(struct view bytes) {
    for (size_t i = 0; i < bytes.len; i++)
        if (!is_fill(bytes.at[i]) && bytes.at[i] != SOH)
            return true;
    return false;
}

bool end_document(struct framer *f, const struct ending *ending, enum framing framing,
                  struct framed *out) {
    struct view bytes = view_n(f->in.at + f->at, ending->end - f->at);
    bool said = f->skipping, too_long = bytes.len > f->conf.max_document;
    f->skipping = f->held.on = f->object.on = false;
    f->between = f->line_start = true;
    f->conf.hello = false;
    f->take = take_start;
    consume_to(f, ending->next);
    if (!said && !too_long && !has_content(bytes))
        return false;
    f->last = framing;
    if (said)
        return false;
    if (too_long) {
        refuse_long(f, bytes, true, out);
        return true;
    }
    give(f, bytes, framing, out);
    out->warning = ending->warning;
    return true;
}

int grow_document(struct framer *f, enum framing framing, struct framed *out) {
    struct view seen = framer_rest(f);
    bool said = f->skipping;
    f->skipping = said || seen.len > f->conf.max_document + UNSURE_MAX;
    if (!f->skipping)
        return MORE;
    f->last = framing;
    if (f->scan - f->at > KEEP_BACK)
        f->at = f->scan - KEEP_BACK;
    return said ? MORE : refuse_long(f, seen, false, out);
}

/* ---- names ---- */

static bool ends_with(const char *name, const char *tail) {
    size_t n = strlen(name), m = strlen(tail);
    return n >= m && strcmp(name + n - m, tail) == 0;
}

static enum framing framing_of_name(const char *name) {
    static const char *const xml[] = {".xml", ".nitf", ".newsml", ".rss", ".atom"};
    if (ends_with(name, ".ndjson") || ends_with(name, ".jsonl"))
        return FRAMING_NDJSON;
    for (size_t i = 0; i < sizeof xml / sizeof *xml; i++)
        if (ends_with(name, xml[i]))
            return FRAMING_XML;
    return ends_with(name, ".json") ? FRAMING_WHOLE : FRAMING_AUTO;
}

enum framing framing_of_format(const char *name) {
    static const struct {
        const char *format;
        enum framing framing;
    } rows[] = {
        {"text", FRAMING_TEXT},      {"ndjson", FRAMING_NDJSON},
        {"ninjs", FRAMING_NDJSON},   {"iptc7901", FRAMING_SOH},
        {"anpa", FRAMING_SOH},       {"zczc", FRAMING_ZCZC},
        {"nitf", FRAMING_XML},       {"newsml-g2", FRAMING_XML},
        {"newsml-1.2", FRAMING_XML}, {"rss", FRAMING_XML},
        {"atom", FRAMING_XML},
    };
    for (size_t i = 0; name && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(name, rows[i].format) == 0)
            return rows[i].framing;
    return FRAMING_AUTO;
}

enum framing framing_of_file(const char *name, const char *format) {
    enum framing framing = framing_of_format(format);
    if (framing == FRAMING_TEXT)
        return FRAMING_WHOLE;
    bool by_name = framing == FRAMING_AUTO || strcmp(format, "ninjs") == 0;
    return by_name ? framing_of_name(name) : framing; // ninjs also comes a file each
}
