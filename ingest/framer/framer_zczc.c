/* Telex: ZCZC, perhaps indented and followed by routing, opens a message; NNNN alone on a
 * line closes it, or, since many leave it out, the next ZCZC or the end. */
#include "ingest/framer/framer_inside.h"

static int end_telex(struct framer *f, size_t end, size_t next, const char *warning,
                     struct framed *out) {
    const struct ending ending = {end, next, warning};
    return end_document(f, &ending, FRAMING_ZCZC, out) ? 0 : AGAIN;
}

static int rest_of_telex(struct framer *f, struct framed *out) {
    if (!f->ended)
        return grow_document(f, FRAMING_ZCZC, out);
    if (f->at == f->in.len)
        return MORE;
    return end_telex(
        f, f->in.len, f->in.len,
        f->conf.whole ? NULL : "no-nnnn: the input ended before it; it may be truncated",
        out);
}

static int at_line(struct framer *f, struct framed *out) {
    size_t next, here = f->scan;
    switch (line_mark(f, here, true, &next)) {
        case LINE_UNSURE:
            return rest_of_telex(f, out);
        case LINE_NNNN:
            return end_telex(f, here, next, NULL, out);
        case LINE_ZCZC:
            return end_telex(f, here, here, NULL, out);
        case LINE_OTHER:
            break;
    }
    f->line_start = false;
    return AGAIN;
}

int take_zczc(struct framer *f, struct framed *out) {
    int got = AGAIN;
    if (f->scan == f->at) { // at its own ZCZC
        f->scan = f->at + 4;
        f->line_start = false;
    }
    while (got == AGAIN && f->take == take_zczc) {
        if (f->line_start) {
            got = at_line(f, out);
            continue;
        }
        size_t i = find_stop(f->in.at, f->scan, f->in.len, 0);
        if (i == f->in.len) {
            f->scan = i;
            return rest_of_telex(f, out);
        }
        if (f->in.at[i] == SOH && f->conf.framing == FRAMING_AUTO)
            return end_telex(f, i, i, "no-nnnn: the next message began before it", out);
        f->line_start = is_line_end(f->in.at[i]);
        f->scan = f->line_start ? behind_line_end(f, i) : i + 1;
    }
    return got;
}
