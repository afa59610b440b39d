/* framer_inside.h: what the framings share, and nobody else sees.
 *
 *      at          scan        in.len
 *      |            |            |
 *  ....[ looked at  ][ not yet   ]      of the document in work
 *
 * A framing is a function: it looks on from `scan`, gives one document and moves `at`
 * behind it, or returns MORE or AGAIN. Between documents take_start looks what comes
 * next; what belongs to no message take_noise passes over. No byte is looked at twice,
 * but for the few that leave a doubt (UNSURE_MAX). */
#ifndef WIRETAG_INGEST_FRAMER_FRAMER_INSIDE_H
#define WIRETAG_INGEST_FRAMER_FRAMER_INSIDE_H

#include "ingest/framer/framer.h"
#include "ingest/refusal.h"

#define MORE  1
#define AGAIN 2 /* nothing yet: ask f->take, which may be another one now */
#define LINE_MARK_MAX                                                                    \
    32                 /* a line NNNN, or one's ZCZC, its blanks included, is no longer */
#define UNSURE_MAX 128 /* so many bytes at most wait for what comes behind them */

enum { NUL = 0, SOH = 1, STX = 2, ETX = 3, EOT = 4, FF = 12, DEL = 127 };

typedef int take_fn(struct framer *f, struct framed *out);

enum xml_state {
    XML_CONTENT,
    XML_TAG, /* of a start */
    XML_END_TAG,
    XML_COMMENT,
    XML_CDATA,
    XML_PI,
    XML_DOCTYPE
};

struct xml_scan {
    enum xml_state state;
    bool in_doctype; /* a comment or instruction goes back there */
    bool in_subset;  /* between the [ and ] of a DOCTYPE */
    bool rooted;     /* the root element has begun */
    char quote;      /* in a tag or DOCTYPE: the open one; 0: none */
    size_t token;    /* an offset: behind the <!-- or its like */
    uint64_t depth;
};

struct framer {
    struct framer_conf conf;
    take_fn *take;
    struct buf in;
    size_t at, scan;
    bool ended;
    bool skipping;     /* in a document that was refused as too long */
    bool line_start;   /* texts: `scan` is where a line starts */
    bool between;      /* behind a document: line ends are no part of the next one */
    bool greeted;      /* there was a HELLO: so it is no middle of a message */
    enum framing last; /* of the last document; AUTO: there was none yet */
    struct {
        bool on; /* a text that may have been the rest of a message waits for what follows
                  */
        bool etx;         /* it ended with one */
        size_t end, next; /* from `at` on */
        size_t seen;      /* bytes behind it that are no fill */
    } held;
    struct {
        bool on; /* an object of several lines */
        bool quoted, escaped;
        uint64_t depth, lines;
        char before; /* the last byte that is no blank */
    } object;
    struct xml_scan xml;
    int wide;      /* XML: 1 or 2 where units have two bytes, the low or high one first */
    uint64_t skip; /* octets of a refused frame still to come */
    uint64_t passed; /* bytes passed over and not said yet */
    uint64_t number, line;
    char why[160];
};

/* One for each framing, and what is between. */
take_fn take_start, take_noise, take_ndjson, take_text, take_octet, take_whole, take_soh,
    take_zczc, take_xml;

/* ---- bytes ---- */

static inline bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
static inline bool is_line_end(char c) { return c == '\r' || c == '\n'; }
/* What may stand between messages and means nothing. */
static inline bool is_fill(char c) {
    return ((unsigned char)c <= ' ' && c != SOH) || c == DEL;
}

/* The first byte from i on that may mean something in a text: a control below 16, or also
 * `other` if that is not 0; `end` if there is none. */
size_t find_stop(const char *at, size_t i, size_t end, char other);
/* Behind the line end at i: CR LF is one, if both are here already. */
static inline size_t behind_line_end(const struct framer *f, size_t i) {
    bool both = f->in.at[i] == '\r' && i + 1 < f->in.len && f->in.at[i + 1] == '\n';
    return i + 1 + both;
}

/* 1: from starts with what, 0: does not, -1: might, with more bytes. */
int starts_with(struct view from, const char *what);

/* What the line at `from` is: a mark that ends or begins a message? */
enum line_mark { LINE_OTHER, LINE_NNNN, LINE_ZCZC, LINE_UNSURE };
/* indented: NNNN may be. *next: behind the line (NNNN), or its first letter (ZCZC). */
enum line_mark line_mark(const struct framer *f, size_t from, bool indented,
                         size_t *next);

#define XML_ROOT_MAX 80 /* bytes of a root element's name, its prefix included */

/* Is it a root element of the formats there are, whatever its prefix? */
bool xml_root_known(struct view name);
/* Does an XML document begin here? As starts_with. any: of any root. */
int xml_begins(struct view from, bool any);

/* FRAMING_SOH, _ZCZC, _XML, or _NDJSON if one begins at `i`, as far as the conf lets it;
 * AUTO: none. < 0: cannot be told yet. */
int framing_at(const struct framer *f, size_t i);

/* ---- a document ---- */

void consume_to(struct framer *f, size_t end);
/* The same, and counts what is no fill in it. */
void pass_to(struct framer *f, size_t end);
/* Goes on with another framing: AGAIN, or 0 to say first what was passed over. */
int become(struct framer *f, take_fn *take, struct framed *out);
take_fn *take_of(const struct framer *f, enum framing framing);
/* TOOK_HELLO: *out has it, or its refusal; 0: there is none at i; MORE: cannot be told
 * yet. */
#define TOOK_HELLO 2
int take_hello(struct framer *f, size_t i, struct framed *out);

int give(struct framer *f, struct view bytes, enum framing framing, struct framed *out);
int refuse(struct framer *f, int code, const char *why, struct framed *out);
/* seen: what there is of it; whole: there is no more. */
int refuse_long(struct framer *f, struct view seen, bool whole, struct framed *out);
/* Refuses what is there behind `from` and all that may come. */
int refuse_all(struct framer *f, int code, const char *why, size_t from,
               struct framed *out);

struct ending {
    size_t end, next;    /* of the document; where what follows it begins */
    const char *warning; /* NULL: none */
};
/* The document from `at` ends: gives it, or refuses it as too long; true. False: there is
 * nothing to give, because it is blank or was refused before. take_start comes next. */
bool end_document(struct framer *f, const struct ending *ending, enum framing framing,
                  struct framed *out);
/* Its end is not here yet, and is at most UNSURE_MAX before in.len: too long already?
 * Then it is refused (0), once, and passed over as it comes. */
int grow_document(struct framer *f, enum framing framing, struct framed *out);

#endif
