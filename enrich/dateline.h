/* dateline.h: "KABUL, Jan 12 (Reuters) -" at the head of a paragraph.
 *
 *     TRIPOLI, Libya (AP) —                 place, region, agency
 *     MOSCOW, January 5. /TASS/.            a date; the agency between strokes
 *     SAITAMA, Japan, Dec. 9 Kyodo -        or without any, behind a date
 *     LONDON--(BUSINESS WIRE)--             behind a dash
 *     (CNN) --   (Xinhua) -- BEIJING, Jan 5 --   AFP, PARIS      the agency first
 *     (Honolulu) --                         the place in brackets
 *     TUNIS -                               capitals and a dash
 *     Tripoli:  Berlin -                    only a city the gazetteer knows
 *     Paris (ats afp) Les ...               no dash: only agencies of the list
 *     LOS GATOS (BCN)   GAZA CITY | AFP     alone on its line */
#ifndef WIRETAG_ENRICH_DATELINE_H
#define WIRETAG_ENRICH_DATELINE_H

#include "enrich/datewords.h"

struct gazetteer;

struct dateline {
    size_t start, end; /* of the dateline proper, without dash: bytes into the line */
    size_t after;      /* where the prose begins */
    struct view place; /* "CAIRO/TUNIS"; empty: none named */
    struct view agency;
    struct written_date date; /* month and weekday 0: none */
};

/* Reads the dateline at the front of a line. `first`: the line may begin the story
 * proper, so that the forms without agency may be tried; not said of a line that may be
 * the headline. The gazetteer tells places from other names; NULL: then capitals, agency
 * or date must do. */
bool dateline_read(struct view line, bool first, const struct gazetteer *gazetteer,
                   struct dateline *out);

/* How dates are written where the place, or the first of several, lies: a country's
 * order, or ORDER_UNKNOWN. gazetteer may be NULL. */
enum date_order dateline_order(struct view place, const struct gazetteer *gazetteer);
enum date_order dateline_country_order(struct view country); /* ISO 3166-1 alpha-2 */

/* Is it the name of a news agency, as datelines and credits give it? Several may stand
 * together: "tca/dpa", "ats afp". */
bool dateline_agency(struct view name);

#endif
