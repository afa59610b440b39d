/* Any text, divided into its stories, through all stages: every span must lie inside the
 * text, in order, and furniture not overlap; the stories cover the document. The
 * gazetteer is left out: what it knows changes nothing for bounds. */
#include <stdlib.h>

#include "enrich/pipeline.h"
#include "enrich/stories.h"
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
    for (size_t i = 1; i < doc->event.furniture_count; i++)
        if (doc->furniture[i].at.start < doc->furniture[i - 1].at.end)
            abort();
}

static void run(struct pipeline *pipeline, const struct report *report,
                struct arena *arena) {
    size_t count;
    struct span *stories = pipeline_stories(pipeline, report->text, arena, &count);
    struct doc *docs = arena_zalloc(arena, count * sizeof *docs);
    uint32_t end = 0;

    for (size_t i = 0; i < count; i++) {
        if (stories[i].start != end)
            abort();
        end = stories[i].end;
        docs[i].report = report;
        docs[i].arena = arena;
        docs[i].first = i ? &docs[0] : NULL;
        docs[i].event.part.n = (unsigned)i + 1;
        docs[i].event.part.of = (unsigned)count;
        docs[i].text = view_n(report->text.at + stories[i].start, end - stories[i].start);
        pipeline_run(pipeline, &docs[i], NULL, NULL);
        check_all(&docs[i]);
    }
    if (end != report->text.len)
        abort();
    stories_join_names(docs, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct pipeline *pipeline;
    static struct arena arena;
    struct report report = {.published = VIEW_LIT("2020-01-17")};
    struct diag diag = {0};
    struct buf text = {0};

    if (!pipeline && pipeline_new(small_gazetteer(), &pipeline, &diag))
        abort();
    utf8_clean(view_n((const char *)data, size), &text, NULL);
    report.text = buf_view(&text);
    run(pipeline, &report, &arena);
    arena_clear(&arena);
    buf_release(&text);
    return 0;
}
