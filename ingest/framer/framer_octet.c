/* Octet counting: LENGTH SP BYTES (RFC 6587), one behind the other. */
#include "ingest/framer/framer_inside.h"

#define COUNT_DIGITS 9

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

int take_octet(struct framer *f, struct framed *out) {
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
        return give(f, view_n(f->in.at + body, (size_t)count), FRAMING_OCTET, out);
    }
    if (!f->ended || f->at == f->in.len)
        return MORE;
    return refuse_all(f, REFUSED_MALFORMED, "the connection ended inside a report",
                      err == 0 ? body : f->at, out);
}
