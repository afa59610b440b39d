/* tagger.h: text in, events out; the library behind `wiretag enrich` and `wiretag tag`.
 *
 * Everything a tagger knows is read at the start and never changes (the gazetteer is a
 * mapping that all processes of a host share); what it works with lies in one arena that
 * is emptied after each report. One tagger is used by one thread. */
#ifndef WIRETAG_ENRICH_TAGGER_H
#define WIRETAG_ENRICH_TAGGER_H

#include "enrich/stage.h"

struct tagger;

struct tagger_conf {
    const char *gazetteer; /* file; NULL: the one installed or built beside the program */
};

int tagger_new(const struct tagger_conf *conf, struct tagger **out, struct diag *diag);
void tagger_free(struct tagger *tagger);
/* "gazetteer 2026-03.1": what HELLO says. Static for the tagger's life. */
struct view tagger_knows(const struct tagger *tagger);

/* Called for each story of a report; the event lives until the call returns. */
typedef void tagger_emit(void *context, const struct event *event);

/* Tags a report. `id` begins the event's id: "<id>.<part>". */
void tagger_tag(struct tagger *tagger, const struct report *report, struct view id,
                tagger_emit *emit, void *context);

/* The same with a call around each stage (benchmarks); stage NULL: before the first. */
typedef void tagger_watch(void *context, const struct stage *stage);
void tagger_set_watch(struct tagger *tagger, tagger_watch *watch, void *context);

#endif
