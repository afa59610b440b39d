/* anpa_inside.h: the parts of the ANPA format among themselves. anpa_header.c reads the
 * two lines in front of STX, anpa_times.c what stands behind ETX, format_anpa.c the rest.
 */
#ifndef WIRETAG_INGEST_FORMAT_ANPA_INSIDE_H
#define WIRETAG_INGEST_FORMAT_ANPA_INSIDE_H

#include "ingest/format/stamp.h"
#include "ingest/format/story.h"
#include "ingest/format/telex.h"

#define ANPA_DAY_MS ((int64_t)86400000)

struct anpa_date {
    int a, b; /* 04-28; a 0: none */
    int year; /* 0: not given */
};

struct anpa {
    const struct format_input *in;
    struct report *report;
    struct telex telex;
    struct life life;
    struct view selector, vendor, keyword, version, words;
    struct anpa_date date;
    bool tabular;
    struct stamp sent; /* of the trailer; day 0: none */
    struct view photos, affiliation, codes;
    unsigned advance; /* $Adv30: the day */
    struct view body; /* behind the header lines */
    size_t bells;
};

/* Service, number, selector, priority, category, keyword, version and date; false where
 * something of them could not be understood. `text` of the telex follows them where there
 * is no STX. */
bool anpa_read_header(struct anpa *m);
/* A message of this format, with its controls or stripped of them? */
bool anpa_looks(struct view bytes);

/* 04-28 */
bool anpa_is_date(struct view word, struct anpa_date *out);
/* Fills in `sent` of message and report, of the trailer, else of the header's date. */
void anpa_read_times(struct anpa *m);
/* A writer's own stamp among the last lines of the text, where nothing else gives the
 * time. */
void anpa_read_signature(struct anpa *m);
/* The day an advance is for. */
void anpa_set_embargo(struct anpa *m);

/* The first `count` bytes as a number. */
bool anpa_digits(struct view text, size_t count, int *out);

#endif
