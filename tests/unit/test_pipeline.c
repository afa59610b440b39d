#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/pipeline.h"
#include "tests/unit/small_gazetteer.h"

struct run {
    struct arena arena;
    struct report report;
    struct doc doc;
};

static void run(struct run *r, const char *text, tagger_watch *watch, void *context) {
    struct pipeline *pipeline = NULL;
    struct diag diag = {0};

    r->report.text = view_of(text);
    r->doc =
        (struct doc){.report = &r->report, .arena = &r->arena, .text = r->report.text};
    assert_int_equal(pipeline_new(small_gazetteer(), &pipeline, &diag), 0);
    pipeline_run(pipeline, &r->doc, watch, context);
    pipeline_free(pipeline);
}

static const char page[] =
    "Site Name\n\n"
    "Cranes to be sold as port shrinks\n"
    "By Mara Quill\n\n"
    "PORT SORREL, Jan 12 (Reuters) - Cranes were sold on Monday.\n\n"
    "Leave a Reply\n";

static void run__gives_each_sentence_its_zone(void **state) {
    static const uint8_t zones[] = {ZONE_FURNITURE, ZONE_HEADLINE, ZONE_FURNITURE,
                                    ZONE_DATELINE,  ZONE_BODY,     ZONE_FURNITURE};
    struct run r = {.report = {.published = VIEW_LIT("2021-01-14")}};

    (void)state;
    run(&r, page, NULL, NULL);
    assert_int_equal(r.doc.sentence_count, sizeof zones);
    for (size_t i = 0; i < sizeof zones; i++)
        assert_int_equal(r.doc.sentences[i].zone, zones[i]);
    arena_release(&r.arena);
}

static void run__settles_the_day_of_publication(void **state) {
    static const struct {
        const char *published;
        int64_t received_ms;
        const char *day, *from;
    } cases[] = {
        {"2021-01-14T10:00:00Z", 0, "2021-01-14T10:00:00Z", "given"},
        {"", INT64_C(1610668800000), "2021-01-12", "dateline"}, /* 2021-01-15 */
        {"", 0, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run r = {.report = {.published = view_of(cases[i].published),
                                   .received_ms = cases[i].received_ms}};
        run(&r, page, NULL, NULL);
        assert_true(view_is(r.doc.event.published, cases[i].day));
        assert_true(view_is(r.doc.event.published_from, cases[i].from));
        assert_int_equal(r.doc.event.warning_count, cases[i].day[0] ? 0 : 1);
        arena_release(&r.arena);
    }
}

static void run__falls_back_to_the_day_of_receipt(void **state) {
    struct run r = {.report = {.received_ms = INT64_C(1610668800000)}};

    (void)state;
    run(&r, "Cranes sold\n\nThe cranes were sold on Monday, it was said.\n", NULL, NULL);
    assert_true(view_is(r.doc.event.published, "2021-01-15"));
    assert_true(view_is(r.doc.event.published_from, "received"));
    assert_true(view_is(r.doc.dates[0].value, "2021-01-11"));
    arena_release(&r.arena);
}

static void run__dates_a_later_story_as_the_first(void **state) {
    struct run r = {.report = {.received_ms = INT64_C(1610668800000)}};
    struct doc first = {.published = 18641};
    struct pipeline *pipeline = NULL;
    struct diag diag = {0};

    (void)state;
    first.event.published = VIEW_LIT("2021-01-14");
    first.event.published_from = VIEW_LIT("header");
    r.report.text = VIEW_LIT("Cranes were sold on Monday.\n");
    r.doc = (struct doc){
        .report = &r.report, .arena = &r.arena, .text = r.report.text, .first = &first};
    assert_int_equal(pipeline_new(small_gazetteer(), &pipeline, &diag), 0);
    pipeline_run(pipeline, &r.doc, NULL, NULL);
    pipeline_free(pipeline);
    assert_true(view_is(r.doc.event.published, "2021-01-14"));
    assert_true(view_is(r.doc.event.published_from, "header"));
    arena_release(&r.arena);
}

static void run__names_the_story(void **state) {
    struct run r = {.report = {.guid = VIEW_LIT("g1"), .source = VIEW_LIT("WFD")}};

    (void)state;
    run(&r, page, NULL, NULL);
    assert_true(view_is(r.doc.event.guid, "g1"));
    assert_true(view_is(r.doc.event.guid_from, "given"));
    assert_true(view_is(r.doc.event.agency, "WFD"));
    assert_true(view_is(r.doc.event.byline, "Mara Quill"));
    arena_release(&r.arena);
    r = (struct run){0};
    run(&r, page, NULL, NULL);
    assert_true(view_is(r.doc.event.guid_from, "digest"));
    assert_true(view_is(r.doc.event.agency, "Reuters"));
    arena_release(&r.arena);
}

static void note(void *context, const struct stage *stage) {
    struct buf *seen = context;
    buf_printf(seen, "%s ", stage ? stage->name : "begin");
}

static void run__tells_who_watches(void **state) {
    struct run r = {0};
    struct buf seen = {0};

    (void)state;
    run(&r, page, note, &seen);
    assert_memory_equal(buf_text(&seen), "begin segment notes ", 20);
    buf_release(&seen);
    arena_release(&r.arena);
}

static void run__takes_any_text(void **state) {
    static const char *const texts[] = {"x",
                                        "\n",
                                        " \n \n",
                                        ".",
                                        "\"",
                                        "“",
                                        "’s",
                                        "-",
                                        "(AFP)",
                                        "By ",
                                        "...",
                                        "1",
                                        "…\n…\n…",
                                        "| | |",
                                        "More:",
                                        "A:\nB:\nC:",
                                        "\xC2\xA0",
                                        "https://",
                                        "@",
                                        "@a",
                                        "a@b",
                                        "a@",
                                        "TUNIS - ",
                                        "TUNIS -",
                                        "(CNN) --",
                                        "()",
                                        "( ) -",
                                        "\xF0\x9F\x8E\x89",
                                        "Updated 1/1/1",
                                        "Posted: 01/06/2020 |",
                                        ",",
                                        ", Friday 23/11/2018",
                                        "x\n\n\n\n\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct run r = {0};
        run(&r, texts[i], NULL, NULL);
        for (size_t k = 0; k < r.doc.token_count; k++)
            assert_true(r.doc.tokens[k].end <= r.doc.text.len);
        arena_release(&r.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run__gives_each_sentence_its_zone),
        cmocka_unit_test(run__settles_the_day_of_publication),
        cmocka_unit_test(run__falls_back_to_the_day_of_receipt),
        cmocka_unit_test(run__dates_a_later_story_as_the_first),
        cmocka_unit_test(run__names_the_story),
        cmocka_unit_test(run__tells_who_watches),
        cmocka_unit_test(run__takes_any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
