/* date_line.h: lines that say when a story was printed: "Tuesday 16/04/2019",
 * "Posted: 01/06/2020 | By ...", "Jan 14, 2020 - 11:42 am GMT+3". They consist of fields,
 * with bars, dots, slashes between them, and are known by having nothing but the words of
 * dates in one of them. */
#ifndef WIRETAG_ENRICH_DATE_LINE_H
#define WIRETAG_ENRICH_DATE_LINE_H

#include "enrich/datewords.h"

#define DATE_LINE_MAX 160 /* bytes */

enum date_field { DATE_FIELD_NONE, DATE_FIELD_TIME, DATE_FIELD_DATE };

/* Takes the next field off the front of a line; false when there is no more. */
bool date_line_next(struct view *rest, struct view *field);

/* Is it all date, or time of day and words like "Updated"? Fills *date when it is a date
 * that could be read (month 0: it could not). */
enum date_field date_line_field(struct view field, struct written_date *date);

/* Where the date begins that ends a byline or a paper's name: "By Jo Doe, 14 Jan 2020",
 * "Daily Sentinel, Friday 23/11/2018"; the field's length if none does. */
size_t date_line_tail(struct view field, struct written_date *date);

#endif
