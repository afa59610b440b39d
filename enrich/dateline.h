/* dateline.h: "KABUL, Jan 12 (Reuters) -" at the head of a paragraph.
 *
 *     TRIPOLI, Libya (AP) —         place, region, agency
 *     SAITAMA, Japan, Dec. 9 Kyodo - the agency without brackets, after a date
 *     (CNN) --                      agency alone
 *     TUNIS -                       capitals and a dash
 *     Tripoli:  Berlin -            only if the gazetteer knows the place
 *     Paris (ats afp) Les ...       no dash: only agencies of the list
 *     LOS GATOS (BCN)               alone on its line */
#ifndef WIRETAG_ENRICH_DATELINE_H
#define WIRETAG_ENRICH_DATELINE_H

#include "enrich/datewords.h"

struct dateline {
    size_t start, end; /* of the dateline proper, without dash: bytes into the line */
    size_t after;      /* where the prose begins */
    struct view place; /* "CAIRO/TUNIS"; empty: none named */
    struct view agency;
    struct written_date date; /* month and weekday 0: none */
};

/* Is the name a place? NULL function: nobody knows. */
typedef bool dateline_place_fn(const void *context, struct view name);

/* Reads the dateline at the front of a line. `first`: the line begins the story proper,
 * so that the forms without capitals and agency may be tried. */
bool dateline_read(struct view line, bool first, dateline_place_fn *known,
                   const void *context, struct dateline *out);

/* Is it the name of a news agency, as datelines and credits give it? */
bool dateline_agency(struct view name);

#endif
