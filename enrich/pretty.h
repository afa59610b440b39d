/* pretty.h: a tagged story for people's eyes: the text with its tags in colour (or, where
 * there is none, in brackets), then what the tags mean. */
#ifndef WIRETAG_ENRICH_PRETTY_H
#define WIRETAG_ENRICH_PRETTY_H

#include "proto/event.h"

/* Appends it to out. arena: working space. */
void pretty_event(const struct event *event, bool colour, struct buf *out,
                  struct arena *arena);
/* One line that says which colour or bracket is what. */
void pretty_legend(bool colour, struct buf *out);

#endif
