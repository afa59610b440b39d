/* format.h: from the bytes of one document to reports. A format is a table at the foot of
 * its file and a line in format.c's list.
 *
 * A document is what the framer gives: a line, a message, an XML document, a file. Most
 * hold one report, a newsMessage or an RSS feed several. Formats are pure: the same bytes
 * from the same feed at the same moment give the same reports. */
#ifndef WIRETAG_INGEST_FORMAT_FORMAT_H
#define WIRETAG_INGEST_FORMAT_FORMAT_H

#include "ingest/feeds.h"
#include "proto/charset.h"
#include "proto/report.h"

struct format_input {
    struct view bytes;
    const struct feed *feed; /* never NULL */
    int64_t received_ms;     /* UTC; for dates without a year */
    struct arena *arena;     /* of what the reports point at, beside bytes and feed */
};

struct format_output {
    struct report *reports; /* in the order of the document */
    size_t count, cap;
    struct view note; /* of things passed over (a package, a picture); empty: none */
};

struct format {
    const char *name; /* as in report.format and on the HELLO line */
    /* Does it look like one? Asked in the list's order; the last says yes to all. */
    bool (*looks)(struct view bytes);
    /* 0, or ERR_FORMAT with a diag for the sender that names what is wrong: the field,
     * the line or the byte. Without reports and with a note: there is nothing to tag in
     * it, and that is no error. Fills `format` of each report. */
    int (*read)(const struct format_input *in, struct format_output *out,
                struct diag *diag);
};

extern const struct format format_ndjson, format_ninjs;
extern const struct format format_atom;
extern const struct format format_rss;
extern const struct format format_anpa, format_iptc7901, format_zczc;
extern const struct format format_nitf;
extern const struct format format_newsml_g2;
extern const struct format format_newsml12;
extern const struct format format_text;
extern const struct format
    format_markup; /* XML of none of them: has no name to ask for */

/* NULL when there is none of that name. */
const struct format *format_named(struct view name);
/* The first that looks like it; never NULL. */
const struct format *format_of(struct view bytes);
/* The name of each, in the list's order; NULL behind the last. */
const char *format_name(size_t i);

/* For readers: one more report, zeroed, its format set. Valid until the next call. */
struct report *format_report(const struct format *format, const struct format_input *in,
                             struct format_output *out);
/* For readers: the document as UTF-8, by its feed's character set or, if that names none,
 * what it looks like; the report is told which it was. */
struct format_decoded {
    struct view text; /* the document's own bytes where they are sound UTF-8 */
    struct charset charset;
    bool guessed;
    size_t invalid; /* sequences that became U+FFFD */
};
struct format_decoded format_decode(const struct format_input *in, struct report *report);

/* For readers: one more thing was passed over; notes are joined by "; ". */
void format_note(const struct format_input *in, struct format_output *out,
                 const char *text);

#endif
