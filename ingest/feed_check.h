/* feed_check.h: are the words of a feed's description words we know? */
#ifndef WIRETAG_INGEST_FEED_CHECK_H
#define WIRETAG_INGEST_FEED_CHECK_H

#include "ingest/feeds.h"

/* ERR_FORMAT with a diag that names the key, the word and what there is; what only
 * opening can tell (time zone, doors) is not looked at. */
int feed_check(const struct feed *feed, struct diag *diag);

/* "auto|text|ndjson|...": the names of all formats, for a table of settings. */
const char *format_choices(void);

/* The word of "a|b|c" that `wrong` was probably meant to be, or NULL; valid until the
 * next call. */
const char *choice_nearest(const char *choices, struct view wrong);

#endif
