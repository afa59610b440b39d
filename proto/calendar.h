/* calendar.h: the proleptic Gregorian calendar and ISO weeks, as pure arithmetic. A day
 * is the number of days since 1970-01-01; nothing here knows what day it is today. */
#ifndef WIRETAG_PROTO_CALENDAR_H
#define WIRETAG_PROTO_CALENDAR_H

#include "proto/view.h"

#define CALENDAR_NONE INT32_MIN /* no day */

struct calendar_date {
    int year, month, day; /* month 1-12, day 1-31 */
};

struct calendar_week {
    int year, week; /* ISO 8601: week 1 holds the year's first Thursday */
};

bool calendar_leap(int year);
int calendar_month_days(int year, int month); /* month 1-12 */
/* Is it a day of the calendar, in the years 1-9999? */
bool calendar_valid(int year, int month, int day);

/* Any month is taken: month 0 is December of the year before, 13 January of the next. */
int32_t calendar_day(int year, int month, int day);
struct calendar_date calendar_date(int32_t day);
int calendar_weekday(int32_t day); /* 1 Monday ... 7 Sunday */
struct calendar_week calendar_week(int32_t day);
int32_t calendar_week_start(int year, int week); /* its Monday */
int calendar_weeks(int year);                    /* 52 or 53 */

/* Months on, the day cut to the month's length: January 31 and one month is February 28.
 */
int32_t calendar_add_months(int32_t day, int months);

/* The day at the start of an ISO date or date-time ("2020-01-14",
 * "2020-01-14T10:15:00Z"); CALENDAR_NONE if there is none. */
int32_t calendar_parse(struct view text);
/* "2020-01-14" */
#define CALENDAR_TEXT 16
void calendar_print(int32_t day, char out[CALENDAR_TEXT]);

#endif
