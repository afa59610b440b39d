/* feeds.h: what the owner of this ingest knows about the feeds that come in:
 *
 *     --feed name=dpa,listen=127.0.0.1:7101,format=iptc7901,timezone=Europe/Berlin
 *
 * Keys: name (needed); listen (HOST:PORT), socket (PATH), watch (DIR): doors of its own,
 * for senders who cannot say HELLO; format and charset: override the guess; timezone: of
 * times without a zone (zone.h: a name of the zone database, +01:00, or an abbreviation);
 * date-order (dmy, mdy, ymd): how 03/04/2020 is meant; marks: how its ZCZC header lines
 * are marked (marks.h: aap, bob, medianet, or "$:category;^:headline"); agency, lang:
 * what its reports do not say. A feed is found by its name, which is what HELLO's source=
 * gives; one that nobody has described has the standard settings. */
#ifndef WIRETAG_INGEST_FEEDS_H
#define WIRETAG_INGEST_FEEDS_H

#include "proto/err.h"
#include "proto/view.h"

struct zone; /* zone.h */

struct feed {
    struct view name;   /* empty: the standard settings */
    const char *format; /* NULL: by its looks */
    const char *charset;
    const char *timezone;
    const struct zone *zone; /* of timezone, opened; NULL: none given */
    const char *date_order;
    const char *marks;
    const char *agency, *lang;
    const char *listen, *socket, *watch; /* NULL: none */
};

struct feeds;

/* Reads the texts of --feed and the files of their time zones. < 0: the diag says which
 * key of which is wrong, and what it may be. */
int feeds_new(const char *const *texts, size_t count, struct feeds **out,
              struct diag *diag);
void feeds_free(struct feeds *feeds); /* NULL allowed */

/* Never NULL. feeds may be NULL: then all have the standard settings. */
const struct feed *feeds_find(const struct feeds *feeds, struct view name);
/* The i-th as given; NULL behind the last. */
const struct feed *feeds_at(const struct feeds *feeds, size_t i);

#endif
