/* story.h: names for stories whose senders give none, and what the newsroom's words
 * (proto/life.h) do to a report at the door.
 *
 * A name is tag:FEED,DATE:STORY (RFC 4151). FEED is the feed's name, else the agency's in
 * lower case; DATE is the day of `sent`, else that of arrival, both as UTC has them;
 * STORY is the agency's reference (wfd-0142) or the keyword section all reports of a
 * story share. */
#ifndef WIRETAG_INGEST_FORMAT_STORY_H
#define WIRETAG_INGEST_FORMAT_STORY_H

#include "ingest/format/format.h"
#include "proto/life.h"
#include "proto/report_field.h"

/* "wfd", "0142"; in the arena. */
struct view story_of_reference(const struct format_input *in, const struct report *report,
                               struct view agency, struct view number);
/* "BC-Foo Bar"; in the arena. `more` ("add-1"; empty: nothing) names a piece of it that
 * does not replace it. */
struct view story_of_section(const struct format_input *in, const struct report *report,
                             struct view section, struct view more);

/* Sets action, status, urgency, version, take and what is cited, as far as the report
 * does not say it itself. */
void story_apply(struct report *report, const struct life *life);
void story_relate(struct report *report, const char *rel, struct view ref,
                  struct view guid);

/* Joins to *life what the beginning of the text says of kills and holds, and "(MORE)" at
 * its end. What shows no sign of a notice in its first lines is none. */
void story_read_notices(struct view text, struct life *life);

/* The last report of *out is complete: gives what it cites guids, and makes a kill or
 * hold a version of the story it cites; one report for each cited. */
void story_cite(const struct format *format, const struct format_input *in,
                struct format_output *out);

/* The end of a message's reader: story_cite, or ERR_FORMAT where its report says nothing:
 * neither text nor a story that is killed or withheld. */
int story_finish(const struct format *format, const struct format_input *in,
                 struct format_output *out, struct diag *diag);

/* The JSON object becomes the report's extra, unless it is empty. Releases the buffer. */
void story_set_extra(struct report *report, struct buf *json, struct arena *arena);

/* Takes over what the feed says of its reports, where they do not. */
void story_take_feed(struct report *report, const struct feed *feed);

/* A line like "EMBARGOED until 2200 GMT" or "Sperrfrist 09. Oktober 14.20 Uhr": what it
 * says of it goes into the report. False when it is none. One that gives no time that can
 * be understood withholds the report. `near_ms`: for dates without a year. */
bool story_embargo(struct report *report, const struct format_input *in, struct view line,
                   int64_t near_ms);

#endif
