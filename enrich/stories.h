/* stories.h: where the stories of a document begin and end.
 *
 * Most documents hold one. Several are believed only of
 *     category pages      [label] headline / its text, broken off with … / headline /
 * text agency copy         headline / text with a dateline, one after the other briefs
 * under "News in brief" or with numbers or rules between them and never of a story with
 * sections. A wrong division does more harm than a missed one. */
#ifndef WIRETAG_ENRICH_STORIES_H
#define WIRETAG_ENRICH_STORIES_H

#include "enrich/doc.h"
#include "enrich/furniture.h"

struct gazetteer;

struct stories_know {
    const struct phrases *phrases;
    const struct gazetteer *gazetteer; /* NULL: no place is known */
};

/* In bytes, in order, one behind the other, from 0 to the text's end; *count >= 1. */
struct span *stories_find(const struct stories_know *know, struct view text,
                          struct arena *arena, size_t *count);

/* One name for one thing: an entity that has only a short form in its own story ("UN") is
 * given the fullest form that another story of the document has for it. */
void stories_join_names(struct doc *docs, size_t count);

#endif
