/* marks.h: which character begins which header line of a ZCZC message. Every agency has
 * its own: a table by name (aap, bob, medianet), or written out, entries set apart by
 * semicolons: "$:category;^:headline;::slug" is a dollar sign, a circumflex and a colon.
 */
#ifndef WIRETAG_INGEST_FORMAT_MARKS_H
#define WIRETAG_INGEST_FORMAT_MARKS_H

#include "proto/err.h"
#include "proto/view.h"

enum marks_field {
    MARKS_NONE, /* begins the text */
    MARKS_CATEGORY,
    MARKS_SLUG,
    MARKS_TAKEKEY, /* tells the versions and sides of a story apart */
    MARKS_HEADLINE,
    MARKS_FORMAT, /* X text, T table */
    MARKS_SUBJECT,
    MARKS_SERVICE,
    MARKS_PLACE,
    MARKS_GENRE,
    MARKS_KEYWORD,
    MARKS_AUTHOR,
    MARKS_ROUTING,
    MARKS_IGNORE,
    MARKS_FIELDS
};

struct marks {
    unsigned char field[128]; /* enum marks_field, by character */
};

/* NULL: aap. ERR_FORMAT with a diag that names what is wrong. */
int marks_read(const char *text, struct marks *out, struct diag *diag);
const char *marks_field_name(enum marks_field field);

#endif
