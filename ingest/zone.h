/* zone.h: the time of day somewhere. Headers of telex messages give local times; what a
 * feed's timezone= says of them is opened once, at the start, and asked for each message.
 *
 * A zone is what the zone database's compiled file says (TZif, RFC 8536, versions 1 to
 * 4): a list of changes, and a rule (POSIX TZ) for the years after the last of them; or
 * one offset for ever. */
#ifndef WIRETAG_INGEST_ZONE_H
#define WIRETAG_INGEST_ZONE_H

#include "proto/err.h"
#include "proto/view.h"

struct zone;

/* name: of the zone database ("Europe/Berlin", "CET" with its summers), an offset
 * ("+01:00", "-0330"), or else an abbreviation (zone_abbreviation). Reads the database's
 * file. ERR_NOT_FOUND and ERR_FORMAT with a diag. */
int zone_open(const char *name, struct zone **out, struct diag *diag);
/* The same from a file's bytes. */
int zone_of_tzif(struct view bytes, struct zone **out, struct diag *diag);
void zone_free(struct zone *zone); /* NULL allowed */

/* The moment at which the clocks there show `local_ms` (milliseconds since 1970 on that
 * clock). What they show twice is the first of the two; what they skip is counted on from
 * before the gap: 02:30 in a gap from 2 to 3 is 03:30. */
int64_t zone_utc_ms(const struct zone *zone, int64_t local_ms);
/* Minutes east of Greenwich at that moment. */
int zone_minutes_at(const struct zone *zone, int64_t utc_ms);

/* What the wires write behind a time: GMT UTC Z EST EDT CST CDT MST MDT PST PDT CET CEST
 * MEZ MESZ BST JST AEST ..., in any case. EST and its kind are America's. *minutes: east
 * of Greenwich. */
bool zone_abbreviation(struct view name, int *minutes);
/* "+01:00", "+0100", "+1", "-0330". */
bool zone_offset(struct view text, int *minutes);

#endif
