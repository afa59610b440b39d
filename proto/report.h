/* report.h: one piece of wire copy as it came in, before anybody has looked at its words.
 *
 * Formats (ingest/format/) make it, the journal stores its encoding, a WORK frame
 * carries it, the tagger reads it. Every view is borrowed; empty means "not given".
 *
 * The encoding is a version byte and then fields in any order, each tag u8, length u32,
 * bytes. A reader passes over tags it does not know, so newer and older programs can run
 * side by side. */
#ifndef WIRETAG_PROTO_REPORT_H
#define WIRETAG_PROTO_REPORT_H

#include "proto/buf.h"
#include "proto/charset.h"
#include "proto/err.h"
#include "proto/mem.h"

#define REPORT_KEYWORDS    64 /* of each: more are passed over, with a warning */
#define REPORT_CATEGORIES  16
#define REPORT_RELATIONS   8
#define REPORT_EXTRA_DEPTH 32 /* objects and arrays inside each other */

/* What a report does to an earlier one. */
struct relation {
    struct view rel; /* replaces, corrects, kills, adds-to, part-of */
    struct view ref; /* as the sender writes it: "wfd 0141", a keyword line, a headline */
    struct view guid; /* of the earlier one; empty: not known */
};

/* Long stories come in takes. n 0: not given; of 0: nobody has said how many. */
struct take {
    unsigned n, of;
    bool more; /* it ends with (MORE) */
};

struct report {
    /* which story */
    struct view guid; /* the sender's name for the story, the same for all versions */
    struct view guid_from; /* given, agency-ref, slug, url or digest */
    uint64_t version;      /* 0: not given */

    /* what it does */
    struct view action; /* new, update, lead, ..., kill; see EVENT.md */
    struct view status; /* usable, withheld, canceled */
    struct relation relations[REPORT_RELATIONS];
    size_t relation_count;
    struct take take;

    /* when: ISO 8601 date or date-time; or UTC, milliseconds since 1970, 0: not given */
    struct view published;       /* the sender's word for when the text was written */
    struct view sent;            /* of the transmission: its header or trailer */
    struct view first_created;   /* the story's first version */
    struct view version_created; /* this one */
    int64_t received_ms;
    int64_t embargo_ms; /* nobody is to have it before */
    int64_t expires_ms;

    /* what it says of itself */
    struct view headline, subhead, byline, dateline, slug, ednote, lang;
    struct view keywords[REPORT_KEYWORDS];
    size_t keyword_count;
    struct view categories[REPORT_CATEGORIES]; /* "anpa:i", "medtop:20000002" */
    size_t category_count;
    int urgency;          /* IPTC: 1 flash ... 9; 0: not given */
    struct view priority; /* what urgency was made of, in the sender's words */

    /* where it is from */
    struct view source;          /* the agency, as the sender names it */
    struct view service, number; /* the agency's line, and its running number there */
    struct view reference;       /* what kill notes cite: "wfd 0142" */
    struct view url;
    struct view feed;       /* the configured feed it came through */
    struct view format;     /* text, ndjson, ... */
    struct view charset;    /* what it was decoded from */
    struct view date_order; /* of its feed: dmy, mdy or ymd; how 03/04/2020 is meant */
    struct view peer;       /* the address it came from */
    struct view ref;        /* the feeder's own reference: named in its OK or ERR */
    struct view extra; /* a JSON object: what the sender said and we have no place for */
    struct view warning; /* what was mended on the way in, in a few words */

    /* Canonical text (utf8.h). Of formats that give headline and body apart: headline,
     * empty line, body. May be empty where there is a guid: a kill, a picture. */
    struct view text;
};

/* Appends the encoding. */
void report_encode(const struct report *report, struct buf *out);
/* The views in *out point into `bytes`. ERR_SHORT, ERR_FORMAT, ERR_VERSION; diag names
 * the field. */
int report_decode(struct view bytes, struct report *out, struct diag *diag);

/* Reads one feed record (a JSON object, see EVENT.md "Feed record"). `text` is required,
 * but for records that cancel or withhold and name their guid, and for those with guid
 * and headline (then the headline is the text). text, version, urgency, keywords,
 * published and embargo_until must have the right type and status must be one of the
 * three; other keys of ours with values of another shape, and keys that are not ours, are
 * kept in `extra`. null counts as absent; of a key given twice the last counts; "id" is
 * guid where no guid is given, and a whole number will do for it, as for other names.
 *
 * Texts are cleaned (utf8_clean), all but `text` and `ednote` into one line. What had to
 * be mended or passed over (broken UTF-8, a date, action or language nobody knows) is
 * said in `warning`. *out points into `json` and the arena. ERR_FORMAT with a diag that
 * names the key or the byte. */
int report_from_json(struct view json, struct report *out, struct arena *arena,
                     struct diag *diag);

/* Appends the feed record it could have come from, without a line end: what
 * report_from_json reads back, less what only the way in knows (peer, feed, format,
 * received, warning, a guid that is a digest). */
void report_write_json(const struct report *report, struct buf *out);

/* True for what `extra` may hold: one JSON object without line ends, not nested too deep.
 */
bool report_extra_valid(struct view json);

/* A plain-text document as a report: decoded, cleaned (utf8_clean). charset NULL: what it
 * looks like. ERR_FORMAT when nothing but blanks is left. */
int report_from_text(struct view raw, const struct charset *charset, struct report *out,
                     struct arena *arena, struct diag *diag);

/* Does it take its story back, with all that was said before? Status canceled, or action
 * kill whatever the status says. */
bool report_cancels(const struct report *report);

/* The digest a report without guid is known by: of its text alone. */
struct view report_guid_or_digest(const struct report *report, struct arena *arena);

/* An ISO 8601 date (2020-01-14), optionally T, time and zone; true when it is a real one.
 */
bool report_date_valid(struct view date);

#endif
