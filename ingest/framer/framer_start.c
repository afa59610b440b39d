/* Between documents: what begins here? And what belongs to no message. */
#include "ingest/framer/framer_inside.h"

/* ---- what begins ---- */

static bool is_name_char(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-' || c == '.' || c == ':' || (unsigned char)c >= 128;
}

/* Roots of the formats there are; HTML is none. */
bool xml_root_known(struct view name) {
    static const char *const roots[] = {
        "newsMessage", "newsItem", "packageItem",   "conceptItem", "planningItem",
        "catalogItem", "NewsML",   "knowledgeItem", "nitf",        "rss",
        "feed",        "RDF",      "entry"};
    struct view prefix = name, local = name;
    while (view_split(&prefix, ':', &local))
        ;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (view_is(local, roots[i]))
            return true;
    return false;
}

static int root_begins(struct view from, bool any) {
    size_t i = 1;
    while (i < from.len && i < XML_ROOT_MAX && is_name_char(from.at[i]))
        i++;
    if (i == from.len)
        return -1;
    bool named =
        i > 1 && (is_blank(from.at[i]) || from.at[i] == '>' || from.at[i] == '/');
    return named && (any || xml_root_known(view_n(from.at + 1, i - 1)));
}

/* A page of HTML is no XML, and has no end that could be relied on. */
static int doctype_begins(struct view from) {
    size_t i = 9;
    while (i < from.len && i < XML_ROOT_MAX && is_blank(from.at[i]))
        i++;
    if (from.len < i + 4)
        return -1;
    return (from.at[i] | 32) != 'h' || (from.at[i + 1] | 32) != 't' ||
           (from.at[i + 2] | 32) != 'm' || (from.at[i + 3] | 32) != 'l';
}

int xml_begins(struct view from, bool any) {
    static const char *const openers[] = {"<?xml", "<!DOCTYPE", "<!--"};
    bool unsure = false;
    if (from.len == 0 || from.at[0] != '<')
        return from.len == 0 ? -1 : 0;
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        int starts = starts_with(from, openers[i]);
        if (starts > 0)
            return i == 1 && !any ? doctype_begins(from) : 1;
        unsure = unsure || starts < 0;
    }
    if (unsure)
        return -1;
    return any && from.len > 1 && from.at[1] == '?' ? 1 : root_begins(from, any);
}

int framing_at(const struct framer *f, size_t i) {
    enum framing only = f->conf.framing;
    struct view rest = view_n(f->in.at + i, f->in.len - i);
    size_t next;
    int begins;
    if (rest.len == 0)
        return FRAMING_AUTO;
    switch (rest.at[0]) {
        case SOH:
            return only == FRAMING_AUTO || only == FRAMING_SOH ? FRAMING_SOH
                                                               : FRAMING_AUTO;
        case '{':
            return only == FRAMING_AUTO ? FRAMING_NDJSON : FRAMING_AUTO;
        case '<':
            if (only != FRAMING_AUTO && only != FRAMING_XML)
                return FRAMING_AUTO;
            begins = xml_begins(rest, only == FRAMING_XML);
            return begins < 0 && !f->ended ? -1 : begins > 0 ? FRAMING_XML : FRAMING_AUTO;
        case 'Z':
            if (only != FRAMING_AUTO && only != FRAMING_ZCZC)
                return FRAMING_AUTO;
            begins = (int)line_mark(f, i, false, &next);
            return begins == LINE_UNSURE ? -1
                   : begins == LINE_ZCZC ? FRAMING_ZCZC
                                         : FRAMING_AUTO;
        default:
            return FRAMING_AUTO;
    }
}

/* ---- noise ---- */

static int begin_noise(struct framer *f, size_t from) {
    f->take = take_noise;
    f->scan = from;
    f->line_start = false;
    return AGAIN;
}

int take_noise(struct framer *f, struct framed *out) {
    for (; f->scan < f->in.len; f->scan++) {
        char c = f->in.at[f->scan];
        if (c == SOH || c == '<' || (c == 'Z' && f->line_start)) {
            int framing = framing_at(f, f->scan);
            size_t here = f->scan;
            if (framing != FRAMING_AUTO)
                pass_to(f, here);
            if (framing < 0)
                return MORE;
            if (framing != FRAMING_AUTO)
                return become(f, take_start, out);
        }
        f->line_start = is_line_end(c) || (f->line_start && (c == ' ' || c == '\t'));
    }
    pass_to(f, f->in.len);
    return MORE;
}

/* ---- the first bytes ---- */

/* Controls say nothing there; line ends may be a text's. */
static void skip_fill(struct framer *f) {
    while (f->at < f->in.len) {
        char c = f->in.at[f->at];
        if (!is_fill(c) || c == ' ' || c == '\t' || (is_line_end(c) && !f->between))
            return;
        consume_to(f, f->at + 1);
    }
}

/* UTF-16 by its mark. AUTO: it is none. */
static int wide_begins(struct framer *f) {
    const unsigned char *at = (const unsigned char *)f->in.at + f->at;
    size_t n = framer_pending(f);
    enum framing only = f->conf.framing;
    f->wide = 0;
    if (n < 4 && !f->ended && (at[0] == 0xFE || at[0] == 0xFF) &&
        (n < 2 || at[1] == (at[0] ^ 1)))
        return -1;
    if (n < 4 || (at[0] != 0xFE && at[0] != 0xFF) || at[1] != (at[0] ^ 1))
        return FRAMING_AUTO;
    f->wide = at[0] == 0xFF ? 1 : 2;
    bool markup = at[2] == (f->wide == 1 ? '<' : 0) && at[3] == (f->wide == 1 ? 0 : '<');
    return markup && (only == FRAMING_AUTO || only == FRAMING_XML) ? FRAMING_XML
                                                                   : FRAMING_WHOLE;
}

static int begin_xml(struct framer *f, struct framed *out) {
    memset(&f->xml, 0, sizeof f->xml);
    return become(f, take_xml, out);
}

/* Nothing that has a beginning of its own stands at i. */
static int begin_other(struct framer *f, size_t i, struct framed *out) {
    enum framing only = f->conf.framing;
    bool first = f->last == FRAMING_AUTO && !f->greeted;
    bool closing = starts_with(view_n(f->in.at + i, f->in.len - i), "</") == 1;
    if (only == FRAMING_SOH || only == FRAMING_ZCZC || only == FRAMING_XML) {
        if (!f->conf.whole || !first)
            return begin_noise(f, i);
        return become(f, take_text, out);
    }
    if (f->last == FRAMING_SOH || f->last == FRAMING_XML ||
        (first && closing && !f->conf.whole))
        return begin_noise(f, i);
    return become(f, take_text, out);
}

/* i: the first byte that is not blank; marked: there is a byte order mark at `at`. */
static int begin(struct framer *f, size_t i, bool marked, struct framed *out) {
    int framing = framing_at(f, i);
    if (framing < 0)
        return MORE;
    if (framing == FRAMING_AUTO)
        return begin_other(f, i, out);
    if (framing == FRAMING_NDJSON)
        consume_to(f, f->at + (marked ? 3 : 0)); // blank lines count
    else if (framing != FRAMING_XML || !marked)
        consume_to(f, i);
    return framing == FRAMING_XML ? begin_xml(f, out)
                                  : become(f, take_of(f, (enum framing)framing), out);
}

int take_start(struct framer *f, struct framed *out) {
    enum framing only = f->conf.framing;
    skip_fill(f);
    if (framer_pending(f) == 0)
        return MORE;
    int wide = wide_begins(f);
    int marked = starts_with(framer_rest(f), "\xEF\xBB\xBF");
    if (wide < 0 || (marked < 0 && !f->ended))
        return MORE;
    if (wide != FRAMING_AUTO && only != FRAMING_SOH && only != FRAMING_ZCZC)
        return wide == FRAMING_XML ? begin_xml(f, out) : become(f, take_whole, out);
    size_t i = f->at + (marked == 1 ? 3 : 0);
    while (i < f->in.len && is_fill(f->in.at[i]) && i - f->at < f->conf.max_line)
        i++;
    if (i == f->in.len && !f->ended)
        return MORE;
    int hello = f->conf.hello ? take_hello(f, i, out) : 0;
    if (hello != 0)
        return hello == MORE ? MORE : 0;
    bool looked_for = only == FRAMING_AUTO || only == FRAMING_SOH ||
                      only == FRAMING_ZCZC || only == FRAMING_XML;
    return looked_for ? begin(f, i, marked == 1, out) : become(f, take_of(f, only), out);
}
