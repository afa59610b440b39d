/* Any text through all stages: every span must lie inside the text, in order. The
 * gazetteer is left out: what it knows changes nothing for bounds. */
#include <stdlib.h>

#include "enrich/pipeline.h"
#include "proto/utf8.h"
#include "tests/unit/small_gazetteer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct span at, const struct doc *doc) {
    if (at.start > at.end || at.end > doc->text.len)
        abort();
}

static void check_all(const struct doc *doc) {
    for (size_t i = 0; i < doc->token_count; i++) {
        check((struct span){doc->tokens[i].start, doc->tokens[i].end}, doc);
        if (i && doc->tokens[i].start < doc->tokens[i - 1].end)
            abort();
    }
    for (size_t i = 0; i < doc->mention_count; i++)
        check(doc->mentions[i].at, doc);
    for (size_t i = 0; i < doc->event.date_count; i++)
        check(doc->dates[i].at, doc);
    for (size_t i = 0; i < doc->event.quote_count; i++)
        check(doc->quotes[i].at, doc);
    for (size_t i = 0; i < doc->event.furniture_count; i++)
        check(doc->furniture[i].at, doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct pipeline *pipeline;
    static struct arena arena;
    struct report report = {.published = VIEW_LIT("2020-01-17")};
    struct diag diag = {0};
    struct buf text = {0};
    struct doc doc = {.report = &report, .arena = &arena};

    if (!pipeline && pipeline_new(small_gazetteer(), &pipeline, &diag))
        abort();
    utf8_clean(view_n((const char *)data, size), &text, NULL);
    report.text = doc.text = buf_view(&text);
    pipeline_run(pipeline, &doc, NULL, NULL);
    check_all(&doc);
    arena_clear(&arena);
    buf_release(&text);
    return 0;
}
