/* dateline_inside.h: what dateline.c (reading) and dateline_judge.c (believing) share. */
#ifndef WIRETAG_ENRICH_DATELINE_INSIDE_H
#define WIRETAG_ENRICH_DATELINE_INSIDE_H

#include "enrich/dateline.h"

/* What was met on the way, beside the dateline itself. */
struct dateline_reader {
    struct view rest;
    bool capitals; /* every letter of the place is one */
    bool set_off;  /* the agency stood in brackets or between strokes */
    bool agency_first;
    bool dash, colon, stop; /* stop: a full stop behind a date */
    unsigned regions;
    struct view region; /* the last of them */
};

static inline bool dateline_dated(const struct dateline *d) {
    return d->date.month || d->date.weekday;
}

/* Is it one of a list, NULL-terminated? */
bool dateline_one_of(struct view word, const char *const words[]);
/* The same whatever the case; the list in capitals. */
bool dateline_spells(struct view word, const char *const words[]);
bool dateline_has_small(struct view text);

/* "URIBIA (La Guajira)" is a region in brackets, "Georgetown, DPI" an agency without:
 * mends what the reader could not know. */
void dateline_exchange(struct dateline_reader *r, struct dateline *d,
                       const struct gazetteer *gazetteer);

/* Was enough of a dateline there? */
struct dateline_judged {
    const struct dateline_reader *r;
    const struct dateline *d;
    bool first, bracketed; /* bracketed: the place stood in brackets */
};
bool dateline_believed(const struct dateline_judged *judged,
                       const struct gazetteer *gazetteer);

#endif
