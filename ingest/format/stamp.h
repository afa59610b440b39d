/* stamp.h: times as telex messages write them: day and time of day with or without zone,
 * month and year ("141015 GMT Jan 20", "050932 sep 14EDT"), and dates in the words of an
 * embargo ("Sperrfrist 09. Oktober 14.20 Uhr"). What is not written is the nearest that
 * fits. */
#ifndef WIRETAG_INGEST_FORMAT_STAMP_H
#define WIRETAG_INGEST_FORMAT_STAMP_H

#include "ingest/feeds.h"
#include "proto/mem.h"

struct stamp {
    int year, month, day; /* 0: not written */
    int weekday;          /* 1 Monday ... 7 Sunday; 0: not written */
    int hour, minute;     /* hour -1: not written */
    bool has_zone;
    int zone_minutes; /* east of Greenwich */
};

struct moment_parts;
struct stamp stamp_of_moment(const struct moment_parts *parts);

/* 1 to 12; 0: no month. English, German, French and Spanish, whole or cut to three
 * letters at least, a full stop behind it or not. */
int stamp_month(struct view word);
/* A year of two digits: 70 to 99 are 19xx. */
int stamp_year(int two_digits);

/* Takes one off the front of what stands behind ETX. False where there is none. */
bool stamp_read(struct view text, struct stamp *out);
/* Finds date, time and zone among other words. False where there is neither. Of
 * 03/04/2020 `order` (dmy, mdy; NULL: mdy) says which is the day. */
bool stamp_find(struct view text, const char *order, struct stamp *out);

/* Where the missing parts are looked for: nearest to a moment but not over two days after
 * it, for what has been sent; or first after it, for what is to come. */
enum stamp_near { STAMP_PAST, STAMP_AFTER };
/* Fills in year, month and day. False when that gives no day of the calendar. */
bool stamp_complete(struct stamp *stamp, enum stamp_near near, int64_t ms);
/* Of a complete one: UTC; its zone, else the feed's, else UTC. Without a time: the day's
 * beginning. */
int64_t stamp_ms(const struct stamp *stamp, const struct feed *feed);
/* Of a complete one: "2020-01-14T10:15:00Z"; without Z where no zone is known, the date
 * alone where there is no time. In the arena. */
struct view stamp_print(const struct stamp *stamp, const struct feed *feed,
                        struct arena *arena);

#endif
