/* moment.h: instants as senders write them, and as we do. A moment is UTC in milliseconds
 * since 1970; nothing here knows what time it is.
 *
 * Readers take the whole view (blanks at the ends allowed) and refuse what is no real
 * time. Years 1970-9999. */
#ifndef WIRETAG_PROTO_MOMENT_H
#define WIRETAG_PROTO_MOMENT_H

#include "proto/view.h"

/* A time as it was written, before anybody asked where. */
struct moment_parts {
    int year, month, day;
    int hour, minute, second, millisecond; /* 0 where not given */
    bool has_time, has_zone;
    int zone_minutes; /* east of Greenwich */
};

/* ISO 8601: a date or date-time, extended (2020-01-14T10:15:02.5+01:00, also with a blank
 * for the T) or basic (20200114T101502+0100); seconds and zone may be missing, a fraction
 * may follow them. 24:00 is the next day's beginning, second 60 is 59. */
bool moment_of_iso(struct view text, struct moment_parts *out);
/* RFC 822 and 2822, as RSS has it: "Tue, 14 Jan 2020 10:15:02 GMT"; weekday, seconds and
 * zone may be missing, months in full or in other languages, two-digit years (50-99:
 * 19xx), another order ("Tue Jan 14 10:15:02 2020"), hyphens (14-Jan-2020), AM and PM and
 * any case are taken; zones by number, also UTC+1, UT, GMT, Z, EST EDT CST CDT MST MDT
 * PST PDT; other letters count as +0000, as RFC 2822 says. */
bool moment_of_rfc822(struct view text, struct moment_parts *out);

/* UTC; a time without zone is taken as UTC, a date as its first moment. */
int64_t moment_ms(const struct moment_parts *parts);

#define MOMENT_TEXT 32
/* "2020-01-14T10:15:02Z", with ".250" in front of the Z where there are milliseconds;
 * returns its view. Empty for what lies outside of the years 1970-9999. */
struct view moment_print(int64_t ms, char out[MOMENT_TEXT]);
/* The same as the parts say it: a date where there is no time ("2020-01-14"), without Z
 * where there is no zone ("2020-01-14T10:15:02"). */
struct view moment_print_parts(const struct moment_parts *parts, char out[MOMENT_TEXT]);

#endif
