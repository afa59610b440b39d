/* show.h: an event for people: one paragraph on a terminal.
 *
 *     Haftar orders his troops to advance
 *     TUNIS · WFD · 2020-01-14 · update 2
 *       people   Khalifa Haftar (General), Fayez al-Sarraj
 *       places   Tripoli LY, Sirte LY
 *       dates    Thursday → 2020-01-16
 *
 * What comes from the event is shown without its control characters: it cannot steer the
 * terminal. */
#ifndef WIRETAG_SINK_SHOW_H
#define WIRETAG_SINK_SHOW_H

#include "proto/buf.h"
#include "proto/err.h"

struct show_style {
    bool colour;
    size_t width; /* columns, at least SHOW_WIDTH_MIN; a code point takes one */
};
#define SHOW_WIDTH_MIN 40

/* Appends the paragraph and an empty line. ERR_FORMAT: it is no event. */
int show_event(struct view json, const struct show_style *style, struct buf *out);
/* Appends what {"error": ...} says, as one line without its end. ERR_NOT_FOUND: it is no
 * such object. */
int show_error(struct view json, struct buf *out);

#endif
