/* syndication.h: what RSS and Atom have in common: a channel with items, each of which
 * becomes a report. format_rss.c and format_atom.c find things in the tree, here is what
 * is made of them.
 *
 *     syndication_open     reads the document
 *       syndication_begin  a report
 *       syndication_...    whatever is found, in any order
 *       syndication_end    completes it
 *     syndication_close    notes what was passed over
 *
 * Feeds are fetched again and again. What changes from one time to the next though an
 * item does not (when the feed was built, counters) must not enter its report, or intake
 * would take it for another. */
#ifndef WIRETAG_INGEST_FORMAT_SYNDICATION_H
#define WIRETAG_INGEST_FORMAT_SYNDICATION_H

#include "ingest/format/format.h"
#include "ingest/format/xml.h"
#include "proto/json.h"

#define SYNDICATION_ITEMS                                                                \
    10000 /* of a feed; reports are large, and their items may not be */

enum feed_space {
    SPACE_OTHER,
    SPACE_RSS, /* no namespace, or one of RSS 1.0's and its like */
    SPACE_ATOM,
    SPACE_DC,
    SPACE_TERMS,
    SPACE_CONTENT,
    SPACE_XHTML,
    SPACE_GEORSS,
    SPACE_GEO,
    SPACE_GML,
    SPACE_MEDIA,
    SPACE_FEEDBURNER,
    SPACE_TOMBSTONE
};

struct syndication {
    const struct format *format;
    const struct format_input *in;
    struct format_output *out;
    struct xml_document document;

    /* of the channel */
    struct view base;   /* what relative links are seen from */
    struct view source; /* its title */
    struct view lang;
    struct view rights;

    /* of the item being read; the readers fill what they find */
    struct report *report;
    struct view title, body, summary;
    struct view issued, updated; /* ISO 8601 */
    const char *summary_key;     /* as the format calls it */

    struct buf text, extra;
    struct json json;
    unsigned carried; /* bits: what is in extra already */
    size_t empty;     /* items without a word */
};

/* < 0: as xml_read, and ERR_FORMAT where there are too many items; then there is nothing
 * to close. */
int syndication_open(struct syndication *s, const struct format_input *in,
                     struct format_output *out, struct diag *diag);
void syndication_close(struct syndication *s);

void syndication_begin(struct syndication *s);
/* Without text the report goes again, except where it cancels its story. */
void syndication_end(struct syndication *s);

/* A copy in the document's arena. */
struct view syndication_keep(struct syndication *s, struct view text);
enum feed_space syndication_space(const struct xml_node *node);
/* What the node says, with the markup in it, escaped or not, read: as text, as a line. */
struct view syndication_text(struct syndication *s, const struct xml_node *node);
struct view syndication_line(struct syndication *s, const struct xml_node *node);
/* A time in any of the forms feeds have, as ISO 8601; with a warning, and empty, if it is
 * none. Of 03/04/2020 the feed's date-order says what it means. */
struct view syndication_time(struct syndication *s, const struct xml_node *node);
/* The xml:base in force at the node's children; `base` where it has none. */
struct view syndication_base(struct syndication *s, const struct xml_node *node,
                             struct view base);

/* "jo@example.org (Jo Doe)" is Jo Doe; several are joined by a comma. */
void syndication_author(struct syndication *s, struct view name);
/* A term becomes a category if it has a scheme; what is readable becomes a keyword. */
void syndication_category(struct syndication *s, struct view scheme, struct view term,
                          struct view label);
void syndication_lang(struct syndication *s, struct view lang);
/* Where it happened, captions, rights: to extra. Looks into the node as well. */
void syndication_carry(struct syndication *s, const struct xml_node *node);

#endif
