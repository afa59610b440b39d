/* Plain text: up to a line NNNN, an ETX, EOT or FF, or the end; in files up to the end.
 *
 * Of the first text of a connection that has said no HELLO we do not know whether it is a
 * text or the rest of a message, because we came in its midst: if a message with marks of
 * its own begins behind it, it was that, and is passed over. So an ETX, EOT or FF leaves
 * that first one waiting for what follows. */
#include "ingest/framer/framer_inside.h"

#define HELD_TEXT 256  /* so much text behind an ETX: it was no trailer of a message */
#define HELD_FILL 4096 /* so many bytes: it does not matter what they are */
#define LOOK_BACK (XML_ROOT_MAX + 16)

static bool looks_for(const struct framer *f, enum framing framing) {
    return f->conf.framing == FRAMING_AUTO || f->conf.framing == framing;
}

static bool may_be_a_rest(const struct framer *f) {
    return f->last == FRAMING_AUTO && !f->greeted && !f->skipping;
}

static int end_text(struct framer *f, size_t end, size_t next, const char *warning,
                    struct framed *out) {
    const struct ending ending = {end, next, warning};
    return end_document(f, &ending, FRAMING_TEXT, out) ? 0 : AGAIN;
}

/* Something of another kind begins at `here`. */
static int leave_text(struct framer *f, size_t here, struct framed *out) {
    bool too_long = f->skipping || here - f->at > f->conf.max_document;
    bool a_text = f->last == FRAMING_TEXT || (f->last == FRAMING_AUTO && f->greeted);
    if (a_text || too_long)
        return end_text(f, here, here,
                        "no-nnnn: a message of another kind began before its end", out);
    pass_to(f, here);
    f->held.on = false;
    f->between = true;
    return become(f, take_start, out);
}

/* Its end is still to come; a line that may be a mark waits too. */
static int rest_of_text(struct framer *f, struct framed *out) {
    if (!f->ended)
        return grow_document(f, FRAMING_TEXT, out);
    return f->at < f->in.len ? end_text(f, f->in.len, f->in.len, NULL, out) : MORE;
}

/* ---- waiting for what follows ---- */

static int begin_held(struct framer *f, size_t mark) {
    f->held.on = true;
    f->held.etx = f->in.at[mark] == ETX;
    f->held.end = mark - f->at;
    f->held.next = mark + 1 - f->at;
    f->held.seen = 0;
    f->scan = mark + 1;
    return AGAIN;
}

static int end_held(struct framer *f, struct framed *out) {
    return end_text(f, f->at + f->held.end, f->at + f->held.next, NULL, out);
}

static int take_held(struct framer *f, struct framed *out) {
    for (; f->scan < f->in.len; f->scan++) {
        char c = f->in.at[f->scan];
        if (c == SOH)
            return leave_text(f, f->scan, out);
        if (c == EOT && f->held.etx) {
            f->last = FRAMING_SOH; // text ETX time EOT: it was one of those
            return leave_text(f, f->scan + 1, out);
        }
        if (!is_fill(c) && (!f->held.etx || ++f->held.seen > HELD_TEXT))
            return end_held(f, out);
        if (f->scan - f->at - f->held.next > HELD_FILL)
            return end_held(f, out);
    }
    return f->ended ? end_held(f, out) : MORE;
}

/* ---- looking on ---- */

/* An XML document, behind the end of another one's root. */
static int xml_follows(const struct framer *f, size_t here) {
    size_t i = here, least = here - f->at < LOOK_BACK ? f->at : here - LOOK_BACK;
    while (i > least && is_fill(f->in.at[i - 1]))
        i--;
    if (i == least || f->in.at[--i] != '>' || here - f->at > f->conf.max_document)
        return 0;
    size_t tag = i;
    while (tag > least && f->in.at[tag] != '<')
        tag--;
    struct view name = view_n(f->in.at + tag + 1, i - tag - 1);
    if (i - tag < 3 || name.at[0] != '/' ||
        !xml_root_known(view_trim(view_n(name.at + 1, name.len - 1))))
        return 0;
    int begins = xml_begins(view_n(f->in.at + here, f->in.len - here), false);
    return begins < 0 && f->ended ? 0 : begins;
}

/* At a control or <. AGAIN: it meant nothing here, look on. */
static int at_stop(struct framer *f, size_t here, struct framed *out) {
    char c = f->in.at[here];
    bool mark = (c == ETX || c == EOT || c == FF) && !f->conf.whole;
    if (c == SOH && looks_for(f, FRAMING_SOH))
        return leave_text(f, here, out);
    if (mark && f->conf.framing == FRAMING_AUTO && may_be_a_rest(f) &&
        here - f->at <= f->conf.max_document)
        return begin_held(f, here);
    if (mark)
        return end_text(f, here, here + 1, NULL, out);
    int begins = c == '<' ? xml_follows(f, here) : 0;
    if (begins > 0)
        return leave_text(f, here, out);
    f->line_start = is_line_end(c);
    f->scan = f->line_start ? behind_line_end(f, here) : here + (begins == 0);
    return begins < 0 ? rest_of_text(f, out) : AGAIN;
}

/* `scan` is the start of a line. AGAIN: of an ordinary one. */
static int at_line(struct framer *f, struct framed *out) {
    size_t next, here = f->scan;
    enum line_mark mark = line_mark(f, here, false, &next);
    if (mark == LINE_UNSURE)
        return rest_of_text(f, out);
    if (mark == LINE_NNNN && !f->conf.whole)
        return end_text(f, here, next, NULL, out);
    if (mark == LINE_ZCZC && looks_for(f, FRAMING_ZCZC))
        return leave_text(f, here, out);
    f->line_start = false;
    return AGAIN;
}

int take_text(struct framer *f, struct framed *out) {
    int got = AGAIN;
    while (got == AGAIN && f->take == take_text) {
        bool markup = may_be_a_rest(f) && looks_for(f, FRAMING_XML);
        if (f->held.on)
            return take_held(f, out);
        if (f->line_start) {
            got = at_line(f, out);
            continue;
        }
        size_t here = find_stop(f->in.at, f->scan, f->in.len, markup ? '<' : 0);
        if (here < f->in.len) {
            got = at_stop(f, here, out);
            continue;
        }
        f->scan = here;
        return rest_of_text(f, out);
    }
    return got;
}

int take_whole(struct framer *f, struct framed *out) {
    const struct ending all = {f->in.len, f->in.len, NULL};
    f->scan = f->in.len;
    if (!f->ended)
        return grow_document(f, FRAMING_WHOLE, out);
    return f->at < f->in.len && end_document(f, &all, FRAMING_WHOLE, out) ? 0 : MORE;
}
