#include "enrich/pipeline.h"

#include <stdlib.h>

#include "enrich/head.h"
#include "enrich/stories.h"
#include "proto/mem.h"

static const struct stage *const stages[] = {
    &stage_segment, &stage_notes,  &stage_token, &stage_lookup, &stage_names,
    &stage_alias,   &stage_places, &stage_dates, &stage_quotes,
};
#define STAGES (sizeof stages / sizeof *stages)

struct pipeline {
    void *states[STAGES];
    struct phrases *phrases;
    const struct gazetteer *gazetteer;
    size_t open; /* how many have been opened */
};

int pipeline_new(const struct gazetteer *gazetteer, struct pipeline **out,
                 struct diag *diag) {
    struct pipeline *p = mem_zalloc(sizeof *p);

    p->phrases = phrases_new();
    p->gazetteer = gazetteer;
    for (; p->open < STAGES; p->open++) {
        const struct stage *stage = stages[p->open];
        int err = stage->open ? stage->open(gazetteer, &p->states[p->open], diag) : 0;
        if (err) {
            pipeline_free(p);
            return err;
        }
    }
    *out = p;
    return 0;
}

void pipeline_free(struct pipeline *p) {
    if (!p)
        return;
    while (p->open--)
        if (stages[p->open]->close)
            stages[p->open]->close(p->states[p->open]);
    phrases_free(p->phrases);
    free(p);
}

void pipeline_run(struct pipeline *p, struct doc *doc, tagger_watch *watch,
                  void *context) {
    doc->event.text = doc->text;
    head_begin(doc);
    if (watch)
        watch(context, NULL);
    for (size_t i = 0; i < STAGES; i++) {
        stages[i]->run(p->states[i], doc);
        if (watch)
            watch(context, stages[i]);
    }
}

struct span *pipeline_stories(const struct pipeline *p, struct view text,
                              struct arena *arena, size_t *count) {
    const struct stories_know know = {p->phrases, p->gazetteer};

    return stories_find(&know, text, arena, count);
}
