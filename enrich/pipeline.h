/* pipeline.h: the stages in order, opened once and run over story after story. */
#ifndef WIRETAG_ENRICH_PIPELINE_H
#define WIRETAG_ENRICH_PIPELINE_H

#include "enrich/tagger.h"

struct pipeline;

/* gazetteer must outlive the pipeline. */
int pipeline_new(const struct gazetteer *gazetteer, struct pipeline **out,
                 struct diag *diag);
void pipeline_free(struct pipeline *pipeline); /* NULL allowed */

/* watch is called with NULL before the first stage and with each stage after it has run;
 * NULL: nobody watches. Fills doc->event; doc->report, arena and text must be set. */
void pipeline_run(struct pipeline *pipeline, struct doc *doc, tagger_watch *watch,
                  void *context);

/* Where the stories of a document begin and end, in bytes; at least one. */
struct span *pipeline_stories(const struct pipeline *pipeline, struct view text,
                              struct arena *arena, size_t *count);

#endif
