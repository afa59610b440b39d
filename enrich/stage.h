/* stage.h: one step of tagging, as a table of functions at the foot of its file.
 * pipeline.c has the list. A new stage is a new file and one line there.
 *
 * Stages know no clock, no socket and no log: the same report gives the same event,
 * always. They do not fail on any text: what they cannot tell they leave out, and what
 * the reader should know goes into the event's warnings. */
#ifndef WIRETAG_ENRICH_STAGE_H
#define WIRETAG_ENRICH_STAGE_H

#include "enrich/doc.h"

struct gazetteer;

struct stage {
    const char *name; /* "token" */
    /* gazetteer may be NULL: then no name is known. Compiles what the stage needs; *state
     * goes to run and close. NULL: has no state. */
    int (*open)(const struct gazetteer *gazetteer, void **state, struct diag *diag);
    void (*run)(void *state, struct doc *doc);
    void (*close)(void *state);
};

extern const struct stage
    stage_segment; /* furniture, headline, dateline, sentences' zones */
extern const struct stage stage_notes;  /* what it does to earlier reports, ednote */
extern const struct stage stage_token;  /* sentences and tokens */
extern const struct stage stage_lookup; /* gazetteer hits */
extern const struct stage stage_names;  /* mentions with type and title */
extern const struct stage stage_alias;  /* which mentions are one entity */
extern const struct stage stage_places; /* GeoNames ids, focus */
extern const struct stage stage_dates;  /* TIMEX3, resolved to days */
extern const struct stage stage_quotes; /* quotations and who speaks */

#endif
