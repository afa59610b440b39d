/* format.h: from the bytes of one document to a report. A format is a table at the foot
 * of its file and a line in format.c's list. */
#ifndef WIRETAG_INGEST_FORMAT_H
#define WIRETAG_INGEST_FORMAT_H

#include "proto/report.h"

struct format {
    const char *name; /* as in report.format and on the HELLO line */
    /* Does it look like one? Asked in the list's order; the last says yes to all. */
    bool (*looks)(struct view bytes);
    /* 0, or ERR_FORMAT with a diag for the sender. *out borrows from bytes and arena. */
    int (*read)(struct view bytes, struct report *out, struct arena *arena,
                struct diag *diag);
};

extern const struct format format_ndjson;
extern const struct format format_text;

/* NULL when there is none of that name. */
const struct format *format_named(struct view name);
/* The first that looks like it; never NULL. */
const struct format *format_of(struct view bytes);

#endif
