/* IPTC 7901 and ANPA-1312: SOH header STX text ETX time EOT. Any of the marks may be
 * missing; an SOH begins a message wherever it stands. */
#include "ingest/framer/framer_inside.h"

static bool has(struct view bytes, int mark) {
    return bytes.len > 0 && memchr(bytes.at, mark, bytes.len) != NULL;
}

static const char *warning_of(struct view message, bool closed, bool ended) {
    bool etx = has(message, ETX);
    if (closed && !has(message, STX))
        return "no-stx: where the header ends is not marked";
    if (closed)
        return etx ? NULL : "no-etx: the end of the text is not marked";
    if (ended)
        return etx ? "no-eot: the input ended behind the text"
                   : "truncated: the input ended inside the message";
    return etx ? "no-eot: the next message began before its end was marked"
               : "no-eot: the next message began inside the text; it may be truncated";
}

static int end_message(struct framer *f, size_t end, size_t next, struct framed *out) {
    struct view message = view_n(f->in.at + f->at, end - f->at);
    const struct ending ending = {end, next,
                                  warning_of(message, next > end, end == f->in.len)};
    return end_document(f, &ending, FRAMING_SOH, out) ? 0 : AGAIN;
}

int take_soh(struct framer *f, struct framed *out) {
    size_t from = f->scan > f->at ? f->scan : f->at + 1, end = f->in.len;
    const char *eot = from < end ? memchr(f->in.at + from, EOT, end - from) : NULL;
    if (eot)
        end = (size_t)(eot - f->in.at);
    const char *soh = from < end ? memchr(f->in.at + from, SOH, end - from) : NULL;
    if (soh) {
        end = (size_t)(soh - f->in.at);
        return end_message(f, end, end, out);
    }
    if (eot)
        return end_message(f, end, end + 1, out);
    f->scan = end;
    if (!f->ended)
        return grow_document(f, FRAMING_SOH, out);
    return f->at < end ? end_message(f, end, end, out) : MORE;
}
