/* named_story.h: a paragraph run through the stages from token to places with the shipped
 * gazetteer, for the tests of names, alias and places. */
#ifndef WIRETAG_TESTS_NAMED_STORY_H
#define WIRETAG_TESTS_NAMED_STORY_H

#include <stdlib.h>

#include "enrich/gazetteer.h"
#include "enrich/stage.h"

struct story {
    struct arena arena;
    struct stretch stretches[2];
    struct doc doc;
};

static inline const struct gazetteer *shipped_gazetteer(void) {
    static struct gazetteer *gazetteer;
    struct diag diag = {0};

    if (!gazetteer && gazetteer_open(SHIPPED_GAZETTEER, &gazetteer, &diag)) {
        print_error("%s\n", diag.text);
        abort();
    }
    return gazetteer;
}

/* The first line is the headline where one is given (NULL: none). */
static inline void story_read(struct story *s, const char *text, bool headline) {
    const struct stage *stages[] = {&stage_token, &stage_lookup, &stage_names,
                                    &stage_alias, &stage_places};
    uint32_t all = (uint32_t)strlen(text);
    uint32_t cut = headline ? (uint32_t)(strchr(text, '\n') - text) : 0;

    *s = (struct story){
        .stretches = {{0, cut, ZONE_HEADLINE, 0, 0}, {cut, all, ZONE_BODY, 0, 1}}};
    s->doc = (struct doc){.arena = &s->arena,
                          .text = view_of(text),
                          .headline_capitals = headline,
                          .stretches = headline ? s->stretches : s->stretches + 1,
                          .stretch_count = headline ? 2 : 1};
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        void *state = NULL;
        if (stages[i]->open)
            assert_int_equal(stages[i]->open(shipped_gazetteer(), &state, NULL), 0);
        stages[i]->run(state, &s->doc);
        if (stages[i]->close)
            stages[i]->close(state);
    }
}

#endif
