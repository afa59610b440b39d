/* XML documents back to back: a document ends with its root element. Nothing is checked
 * that the reader of XML will check; a tag is what stands between < and the > outside of
 * quotes, and comments, CDATA, instructions and the DOCTYPE are known so that what is in
 * them counts for nothing.
 *
 * In UTF-16 (by its mark) a unit is two bytes, else one; what is looked for is ASCII in
 * both. */
#include "ingest/framer/framer_inside.h"

#define HEAD 9 /* units of the longest opener */

enum step {
    STEP_ON,
    STEP_WAIT, /* for more input */
    STEP_DONE, /* the root ended at `scan` */
    STEP_CUT   /* something else begins at `scan` */
};

/* ---- units ---- */

static size_t width(const struct framer *f) { return f->wide ? 2 : 1; }

/* Behind the last whole unit. */
static size_t units_end(const struct framer *f) {
    size_t n = f->in.len - f->at;
    return f->in.len - (f->wide ? n & 1 : 0);
}

/* 0x80 for all that is not ASCII. */
static unsigned char unit(const struct framer *f, size_t i) {
    unsigned char first = (unsigned char)f->in.at[i];
    if (!f->wide)
        return first;
    unsigned char second = (unsigned char)f->in.at[i + 1];
    unsigned char low = f->wide == 1 ? first : second;
    unsigned char high = f->wide == 1 ? second : first;
    return high || low > 0x7f ? 0x80 : low;
}

/* `end` when it is not there. */
static size_t find_unit(const struct framer *f, size_t from, size_t end, char c) {
    if (!f->wide) {
        const char *at = from < end ? memchr(f->in.at + from, c, end - from) : NULL;
        return at ? (size_t)(at - f->in.at) : end;
    }
    while (from < end && unit(f, from) != (unsigned char)c)
        from += 2;
    return from;
}

/* ---- states ---- */

static bool starts_name(unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == ':' ||
           c >= 0x80;
}

static enum step enter(struct framer *f, enum xml_state state, size_t units) {
    f->xml.state = state;
    f->scan += units * width(f);
    f->xml.token = f->scan;
    return STEP_ON;
}

/* The opener at `scan`. */
static enum step open_markup(struct framer *f, size_t end) {
    static const struct {
        const char *text;
        enum xml_state state;
    } openers[] = {{"<!--", XML_COMMENT},
                   {"<![CDATA[", XML_CDATA},
                   {"<?", XML_PI},
                   {"</", XML_END_TAG},
                   {"<!", XML_DOCTYPE}};
    char text[HEAD];
    struct view head = {text, 0};
    for (size_t i = f->scan; i < end && head.len < HEAD; i += width(f))
        text[head.len++] = (char)unit(f, i);
    int prolog = f->xml.rooted ? starts_with(head, "<?xml ") : 0;
    if (prolog < 0 && !f->ended)
        return STEP_WAIT;
    if (prolog > 0)
        return STEP_CUT; // nothing of the kind may stand inside
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        int starts = starts_with(head, openers[i].text);
        if (starts < 0 && !f->ended)
            return STEP_WAIT;
        if (starts <= 0)
            continue;
        f->xml.in_doctype = openers[i].state == XML_DOCTYPE;
        return enter(f, openers[i].state, strlen(openers[i].text));
    }
    if (head.len < 2 || !starts_name((unsigned char)head.at[1]))
        return enter(f, XML_CONTENT, 1); // a stray <: the reader will say so
    f->xml.rooted = true;
    return enter(f, XML_TAG, 1);
}

static enum step in_content(struct framer *f, size_t end) {
    size_t markup = find_unit(f, f->scan, end, '<');
    const char *soh = NULL;
    if (!f->wide && f->conf.framing == FRAMING_AUTO && f->scan < markup)
        soh = memchr(f->in.at + f->scan, SOH, markup - f->scan);
    if (soh) {
        f->scan = (size_t)(soh - f->in.at);
        return STEP_CUT;
    }
    f->scan = markup;
    return markup == end ? STEP_WAIT : open_markup(f, end);
}

/* Up to and with the unit c outside of quotes; *here: where it is. False: not yet. */
static bool find_outside(struct framer *f, size_t end, const char *marks, size_t *here) {
    while (f->scan < end) {
        if (f->xml.quote) {
            f->scan = find_unit(f, f->scan, end, f->xml.quote);
            if (f->scan == end)
                return false;
            f->xml.quote = 0;
            f->scan += width(f);
            continue;
        }
        unsigned char c = unit(f, f->scan);
        *here = f->scan;
        f->scan += width(f);
        if (c == '"' || c == '\'')
            f->xml.quote = (char)c;
        else if (c < 0x80 && c && strchr(marks, c))
            return true;
    }
    return false;
}

static enum step in_tag(struct framer *f, size_t end) {
    size_t here = 0;
    if (!find_outside(f, end, ">", &here))
        return STEP_WAIT;
    bool empty = here > f->xml.token && unit(f, here - width(f)) == '/';
    f->xml.state = XML_CONTENT;
    f->xml.depth += !empty;
    return f->xml.depth == 0 ? STEP_DONE : STEP_ON;
}

static enum step in_end_tag(struct framer *f, size_t end) {
    f->scan = find_unit(f, f->scan, end, '>');
    if (f->scan == end)
        return STEP_WAIT;
    f->scan += width(f);
    f->xml.state = XML_CONTENT;
    f->xml.depth -= f->xml.depth > 0;
    return f->xml.depth == 0 && f->xml.rooted ? STEP_DONE : STEP_ON;
}

/* Up to `before` and a >. */
static enum step in_passage(struct framer *f, size_t end, const char *before) {
    size_t n = strlen(before), w = width(f);
    for (;;) {
        f->scan = find_unit(f, f->scan, end, '>');
        if (f->scan == end)
            return STEP_WAIT;
        size_t here = f->scan, matching = 0;
        f->scan += w;
        while (matching < n && here - f->xml.token >= (matching + 1) * w &&
               unit(f, here - (matching + 1) * w) ==
                   (unsigned char)before[n - 1 - matching])
            matching++;
        if (matching < n)
            continue;
        f->xml.state = f->xml.in_doctype ? XML_DOCTYPE : XML_CONTENT;
        return STEP_ON;
    }
}

/* A comment or instruction in the DOCTYPE's subset may hold what looks like its end. */
static enum step open_in_doctype(struct framer *f, size_t end, size_t here) {
    char text[4];
    struct view head = {text, 0};
    for (size_t i = here; i < end && head.len < sizeof text; i += width(f))
        text[head.len++] = (char)unit(f, i);
    int comment = starts_with(head, "<!--"), instruction = starts_with(head, "<?");
    f->scan = here;
    if ((comment < 0 || instruction < 0) && !f->ended)
        return STEP_WAIT;
    if (comment > 0)
        return enter(f, XML_COMMENT, 4);
    return instruction > 0 ? enter(f, XML_PI, 2) : enter(f, XML_DOCTYPE, 1);
}

static enum step in_doctype(struct framer *f, size_t end) {
    size_t here = 0;
    if (!find_outside(f, end, "[]<>", &here))
        return STEP_WAIT;
    switch (unit(f, here)) {
        case '[':
            f->xml.in_subset = true;
            break;
        case ']':
            f->xml.in_subset = false;
            break;
        case '<':
            return open_in_doctype(f, end, here);
        default:
            if (f->xml.in_subset)
                break;
            f->xml.in_doctype = false;
            f->xml.state = XML_CONTENT;
    }
    return STEP_ON;
}

static enum step look_on(struct framer *f, size_t end) {
    switch (f->xml.state) {
        case XML_TAG:
            return in_tag(f, end);
        case XML_END_TAG:
            return in_end_tag(f, end);
        case XML_COMMENT:
            return in_passage(f, end, "--");
        case XML_CDATA:
            return in_passage(f, end, "]]");
        case XML_PI:
            return in_passage(f, end, "?");
        case XML_DOCTYPE:
            return in_doctype(f, end);
        case XML_CONTENT:
            break;
    }
    return in_content(f, end);
}

/* ---- a document ---- */

static int end_xml(struct framer *f, size_t end, const char *warning,
                   struct framed *out) {
    const struct ending ending = {end, end, warning};
    return end_document(f, &ending, FRAMING_XML, out) ? 0 : AGAIN;
}

static int rest_of_xml(struct framer *f, struct framed *out) {
    if (!f->ended)
        return grow_document(f, FRAMING_XML, out);
    if (f->at == f->in.len)
        return MORE;
    if (!f->xml.rooted && f->last == FRAMING_XML &&
        !f->skipping) { // comments behind the last one
        pass_to(f, f->in.len);
        return MORE;
    }
    return end_xml(f, f->in.len, "truncated: the input ended inside the document", out);
}

int take_xml(struct framer *f, struct framed *out) {
    for (;;) {
        size_t end = units_end(f);
        switch (f->scan < end ? look_on(f, end) : STEP_WAIT) {
            case STEP_ON:
                break;
            case STEP_WAIT:
                return rest_of_xml(f, out);
            case STEP_DONE:
                return end_xml(f, f->scan, NULL, out);
            case STEP_CUT:
                return end_xml(f, f->scan,
                               "truncated: the next document began before its end", out);
        }
    }
}
