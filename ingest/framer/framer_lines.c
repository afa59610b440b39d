/* NDJSON: a report a line. A { alone on its line begins an object of several lines, as
 * people and programs write them to be read; it goes on to its }, or, since a broken one
 * must not swallow the others, to a { in the first column that can be no value of it. */
#include "ingest/framer/framer_inside.h"

/* May the line at `at` be something else than JSON? AUTO only: a message begins there. */
static int other_begins(struct framer *f) {
    if (f->conf.framing != FRAMING_AUTO || f->skipping || f->scan != f->at)
        return FRAMING_AUTO;
    while (f->at < f->in.len && is_fill(f->in.at[f->at]) && !is_blank(f->in.at[f->at]))
        consume_to(f, f->at + 1);
    int framing = framing_at(f, f->at);
    return framing == FRAMING_NDJSON ? FRAMING_AUTO : framing;
}

/* Whatever it was, it stood where a record should. */
static int note_refused(int got, struct framed *out) {
    if (got == 0 && out->kind == FRAMED_REFUSED)
        out->format = "ndjson";
    return got;
}

/* ---- an object of several lines ---- */

static void begin_object(struct framer *f, size_t brace, uint64_t lines) {
    f->object.on = true;
    f->object.quoted = f->object.escaped = false;
    f->object.depth = 1;
    f->object.lines = lines;
    f->object.before = '{';
    f->scan = brace + 1;
}

static int end_object(struct framer *f, size_t end, const char *warning,
                      struct framed *out) {
    const struct ending ending = {end, end, warning};
    out->line = f->line + 1;
    f->line += f->object.lines;
    bool given = end_document(f, &ending, FRAMING_NDJSON, out);
    f->take = take_ndjson;
    return note_refused(given ? 0 : AGAIN, out);
}

/* Is the line end at i the last of this object? < 0: it is; > 0: cannot be told yet. */
static int breaks_off(const struct framer *f, size_t i) {
    char before = f->object.before;
    bool value_comes = !f->object.quoted &&
                       (before == ',' || before == ':' || before == '[' || before == '{');
    if (value_comes || i + 1 == f->in.len)
        return !value_comes && !f->ended;
    return f->in.at[i + 1] == '{' ? -1 : 0;
}

static void note_byte(struct framer *f, char c) {
    if (f->object.quoted) {
        f->object.quoted = f->object.escaped || c != '"';
        f->object.escaped = !f->object.escaped && c == '\\';
    } else if (c == '"') {
        f->object.quoted = true;
    } else {
        f->object.depth += c == '{' || c == '[';
        f->object.depth -= c == '}' || c == ']';
    }
    if (!is_blank(c))
        f->object.before = c;
}

static int take_object(struct framer *f, struct framed *out) {
    for (; f->scan < f->in.len; f->scan++) {
        char c = f->in.at[f->scan];
        if (c == '\n') {
            int broken = breaks_off(f, f->scan);
            if (broken > 0)
                break;
            f->object.lines++;
            f->object.quoted = f->object.escaped = false; // no string goes on there
            if (broken < 0)
                return end_object(f, f->scan + 1, NULL, out);
        }
        note_byte(f, c);
        if (f->object.depth == 0)
            return end_object(f, f->scan + 1, NULL, out);
    }
    if (f->ended)
        return end_object(f, f->in.len, "truncated: the input ended inside the object",
                          out);
    out->line = f->line + 1;
    return note_refused(grow_document(f, FRAMING_NDJSON, out), out);
}

/* ---- lines ---- */

/* The line from `at` to `end`; next: where the one after it begins. */
static int end_line(struct framer *f, size_t end, size_t next, struct framed *out) {
    const struct ending ending = {end, next, NULL};
    struct view line = view_trim(view_n(f->in.at + f->at, end - f->at));
    if (view_is(line, "{") && !f->skipping && next > end) {
        begin_object(f, (size_t)(line.at - f->in.at), 0);
        return AGAIN;
    }
    out->line = ++f->line;
    bool given = end_document(f, &ending, FRAMING_NDJSON, out);
    f->take = take_ndjson;
    if (line.len > 0 && line.at[0] != '{')
        out->format = "ndjson";
    if (given && out->kind == FRAMED_DOCUMENT)
        out->bytes = line;
    return note_refused(given ? 0 : AGAIN, out);
}

static int look_on(struct framer *f, struct framed *out) {
    const char *from = f->in.at + f->scan;
    size_t left = f->in.len - f->scan;
    const char *lf = left ? memchr(from, '\n', left) : NULL;
    size_t end = lf ? (size_t)(lf - f->in.at) : f->in.len;
    if (lf || (f->ended && end > f->at))
        return end_line(f, end, end + (lf != NULL), out);
    f->scan = end;
    out->line = f->line + 1;
    return f->ended ? MORE : note_refused(grow_document(f, FRAMING_NDJSON, out), out);
}

int take_ndjson(struct framer *f, struct framed *out) {
    int got = AGAIN;
    while (got == AGAIN && f->take == take_ndjson) {
        out->format = NULL;
        out->line = 0;
        if (f->object.on)
            return take_object(f, out);
        int other = other_begins(f);
        if (other < 0)
            return MORE;
        if (other != FRAMING_AUTO)
            return become(f, take_start, out);
        got = look_on(f, out);
    }
    return got;
}
