/* report.h: one piece of wire copy as it came in, before anybody has looked at its words.
 *
 * Formats (ingest/format_*.c) make it, the journal stores its encoding, a WORK frame
 * carries it, the tagger reads it. Every view is borrowed; empty means "not given".
 *
 * The encoding is a version byte and then fields in any order, each tag u8, length u32,
 * bytes. A reader passes over tags it does not know, so newer and older programs can run
 * side by side. */
#ifndef WIRETAG_PROTO_REPORT_H
#define WIRETAG_PROTO_REPORT_H

#include "proto/buf.h"
#include "proto/err.h"
#include "proto/mem.h"

#define REPORT_KEYWORDS    64 /* more are passed over, with a warning */
#define REPORT_EXTRA_DEPTH 32 /* objects and arrays inside each other */

struct report {
    struct view guid; /* the sender's name for the story, the same for all versions */
    struct view guid_from; /* given, agency-ref, slug, url or digest */
    uint64_t version;      /* 0: not given */
    struct view action;    /* new, update, lead, ..., kill; see EVENT.md */
    struct view status;    /* usable, withheld, canceled */
    struct view published; /* ISO 8601 date or date-time */
    int64_t received_ms;   /* UTC, milliseconds since 1970; 0: not given */
    struct view headline, byline, dateline, slug, category, lang;
    struct view keywords[REPORT_KEYWORDS];
    size_t keyword_count;
    int urgency;         /* 1 flash ... 9; 0: not given */
    struct view source;  /* the agency, as the sender names it */
    struct view feed;    /* the configured feed it came through */
    struct view format;  /* text, ndjson, ... */
    struct view peer;    /* the address it came from */
    struct view ref;     /* the feeder's own reference: named in its OK or ERR */
    struct view extra;   /* a JSON object: keys of the feed record that are not ours */
    struct view warning; /* what was mended on the way in, in a few words */
    struct view text;    /* canonical text (utf8.h); never empty in a valid report */
};

/* Appends the encoding. */
void report_encode(const struct report *report, struct buf *out);
/* The views in *out point into `bytes`. ERR_SHORT, ERR_FORMAT, ERR_VERSION; diag names
 * the field. */
int report_decode(struct view bytes, struct report *out, struct diag *diag);

/* Reads one feed record (a JSON object, see EVENT.md "Feed record"). `text` is required.
 * text, version, urgency, keywords and published must have the right type and status must
 * be one of the three; other keys of ours with values of another shape, and keys that are
 * not ours, are kept in `extra`. null counts as absent; of a key given twice the last
 * counts; "id" is guid where no guid is given, and a whole number will do for it.
 *
 * Texts are cleaned (utf8_clean), all but `text` into one line. What had to be mended or
 * passed over (broken UTF-8, a date, action or language nobody knows) is said in
 * `warning`. Everything *out points at lives in the arena. ERR_FORMAT with a diag that
 * names the key or the byte. */
int report_from_json(struct view json, struct report *out, struct arena *arena,
                     struct diag *diag);

/* Appends the feed record it could have come from, without a line end: what
 * report_from_json reads back, less what only the way in knows (peer, feed, format,
 * received, warning). */
void report_write_json(const struct report *report, struct buf *out);

/* True for what `extra` may hold: one JSON object without line ends, not nested too deep.
 */
bool report_extra_valid(struct view json);

/* A plain-text document as a report: decoded (UTF-8, otherwise Windows-1252), cleaned.
 * ERR_FORMAT when nothing but blanks is left. */
int report_from_text(struct view raw, struct report *out, struct arena *arena,
                     struct diag *diag);

/* Does it take its story back, with all that was said before? Status canceled, or action
 * kill whatever the status says. */
bool report_cancels(const struct report *report);

/* The digest a report without guid is known by: of its text alone. */
struct view report_guid_or_digest(const struct report *report, struct arena *arena);

/* An ISO 8601 date (2020-01-14), optionally T, time and zone; true when it is a real one.
 */
bool report_date_valid(struct view date);

#endif
