/* datewords.h: the words dates are written with, and whole dates as datelines and date
 * lines write them. The dates of running text are dates.c's business. */
#ifndef WIRETAG_ENRICH_DATEWORDS_H
#define WIRETAG_ENRICH_DATEWORDS_H

#include "proto/calendar.h"

/* "January", "jan", "Sept.": 1-12; any case, with or without full stop. 0: none. */
int dateword_month(struct view word);
/* "Tuesday", "Tue", "Tues.": 1 Monday ... 7 Sunday. 0: none. */
int dateword_weekday(struct view word);

struct written_date {
    int year;          /* 0: not written */
    int month, day;    /* month 0: only a weekday was written */
    int weekday;       /* 0: not written */
    bool either_order; /* 03/04/2020: month and day may change places */
};

/* Takes a date off the front of *from: "Tuesday 16/04/2019", "Dec. 9", "9 December 2020",
 * "2020-12-09", "Monday", "5. Januar", "5 ene 2020". The months and, before a whole date,
 * weekdays may be German, French, Spanish, Portuguese, Italian or Dutch. False and
 * nothing taken if there is none. */
bool written_date_take(struct view *from, struct written_date *out);

/* How 03/04/2020 is meant where the date itself does not say: as its feed is known to
 * write, or as the country of its dateline does. */
enum date_order {
    ORDER_UNKNOWN,
    ORDER_DAY_FIRST,
    ORDER_MONTH_FIRST,
    ORDER_MONTH_FIRST_THERE /* the country's: a date near `near` is believed before it */
};

/* "dmy", "mdy", as a feed's settings have it; anything else: ORDER_UNKNOWN. */
enum date_order date_order_named(struct view name);

/* The day meant. `near` (or CALENDAR_NONE) is about when it was written: it gives a
 * missing year (from 200 days before to 2 days after it) and says which Tuesday is meant.
 * Between the two readings of 03/04/2020 a weekday decides, then the feed's order, then
 * `near`, then the country's order, and else the day stands first. CALENDAR_NONE if it
 * cannot be told. */
int32_t written_date_day(const struct written_date *date, int32_t near,
                         enum date_order order);

#endif
