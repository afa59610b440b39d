/* as.h: events in the formats that others read.
 *
 *     native       the event as it is (EVENT.md), one line
 *     ninjs        ninjs 3.1 of the IPTC, one line
 *     geojson      RFC 7946: a line for each place, a Feature
 *     cloudevents  CloudEvents 1.0 in JSON, one line
 *     brat         standoff annotations: FILE.ann beside FILE.txt
 *     gkg          GDELT GKG 2.1, 27 columns between tabs, one line
 *
 * A format is a table at the foot of its as_*.c. What it writes is valid in that format
 * whatever the event says: what does not fit is left out. */
#ifndef WIRETAG_SINK_AS_H
#define WIRETAG_SINK_AS_H

#include "proto/json.h"
#include "sink/tagged.h"

struct as {
    const char *name;
    const char *suffix; /* of a file with one event: ".json" */
    bool has_text;      /* the text belongs beside it, as a file of its own (.txt) */
    /* A file that belongs into a folder of such files; NULL: none. */
    const char *conf_name, *conf;
    /* Appends whole lines. */
    void (*write)(const struct tagged *event, struct buf *out);
};

#define AS_NAMES "native|ninjs|geojson|cloudevents|brat|gkg"

extern const struct as as_native, as_ninjs, as_geojson, as_cloudevents, as_brat, as_gkg;

const struct as *as_find(const char *name); /* NULL: there is none */

/* ---- what formats share ---- */

/* Appends text as a URI: itself where it looks like one, else behind `prefix`; what may
 * not stand in a URI is percent-encoded. Never empty. */
void as_put_uri(struct buf *out, const char *prefix, struct view text);
/* The same with all that has a meaning in a URI encoded: for a part of one. */
void as_put_encoded(struct buf *out, struct view text);
/* A member with the text, unless that is empty. */
void as_member(struct json *json, const char *key, struct view text);
/* A member with the moment as RFC 3339 has it, unless it is none: a day alone is none,
 * nor is a time without zone. */
void as_moment(struct json *json, const char *key, struct view time);
/* Appends text in one line: runs of blanks and controls become one blank, as does any
 * character of `marks`; none at the ends. At most `most` code points, then " …"; 0: all.
 */
void as_put_line(struct buf *out, struct view text, const char *marks, size_t most);

#endif
