/* Events in the formats of others. What a whole file of them must be like is tested with
 * the programs of others (tests/flow/test_formats.py). */
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

#include "sink/as.h"
#include "sink/countries.h"

struct bench {
    struct arena arena;
    struct tagged event;
    struct buf out;
};

static int setup(void **state) {
    *state = mem_zalloc(sizeof(struct bench));
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;

    arena_release(&b->arena);
    buf_release(&b->out);
    free(b);
    return 0;
}

/* clang-format off */
static const char story[] =
    "{\"schema\":\"wiretag/1\",\"id\":\"ab-7.1\",\"guid\":\"urn:x:1\",\"part\":{\"n\":1,\"of\":1},"
    "\"version\":2,\"action\":\"update\",\"status\":\"usable\","
    "\"relates\":[{\"rel\":\"replaces\",\"ref\":\"wfd 0141\",\"guid\":\"urn:x:0\"}],"
    "\"received\":\"2020-01-14T10:15:02.250Z\",\"published\":\"2020-01-14\","
    "\"times\":{\"first_created\":\"2020-01-14T08:00:00+01:00\",\"version_created\":null,"
    "\"sent\":\"2020-01-14T10:14:00\"},\"embargo_until\":null,"
    "\"source\":{\"feed\":\"wfd en\",\"agency\":\"WFD\",\"url\":null,\"reference\":\"wfd 0142\"},"
    "\"urgency\":3,\"lang\":\"en\",\"keywords\":[\"Libya\",7],\"category\":[\"medtop:20000002\",\"anpa:i\"],"
    "\"headline\":\"Haftar in Kyïv & Köln\",\"byline\":\"A. Writer\","
    "\"dateline\":{\"start\":0,\"end\":4,\"place\":\"KÖLN\"},"
    "\"text\":\"KÖLN - General\\nHaftar said \\\"no\\\" on Tuesday; Haftar left.\","
    "\"furniture\":[{\"start\":0,\"end\":4,\"kind\":\"byline\"}],"
    "\"entities\":[{\"id\":\"e1\",\"type\":\"person\",\"name\":\"Haftar\",\"role\":\"General\","
    "\"mentions\":[{\"start\":7,\"end\":21},{\"start\":44,\"end\":50}],\"score\":0.9,\"salience\":0.8},"
    "{\"id\":\"e2\",\"type\":\"location\",\"name\":\"KÖLN\",\"mentions\":[{\"start\":0,\"end\":4}],"
    "\"score\":1,\"salience\":0.1}],"
    "\"places\":[{\"entity\":\"e2\",\"geonameid\":2886242,\"name\":\"Köln\",\"lat\":50.93333,"
    "\"lon\":6.95,\"country\":\"DE\",\"admin1\":\"North Rhine-Westphalia\",\"feature\":\"PPLA2\","
    "\"role\":\"literal\",\"score\":0.99}],"
    "\"focus\":{\"country\":\"DE\",\"geonameid\":2886242},"
    "\"dates\":[{\"start\":35,\"end\":42,\"type\":\"DATE\",\"value\":\"2020-01-14\","
    "\"from\":\"2020-01-14\",\"to\":\"2020-01-14\"}],"
    "\"quotes\":[{\"start\":27,\"end\":31,\"speaker\":\"e1\"}],\"tagger\":{\"version\":\"0.1.0\"}}";
/* clang-format on */

static struct view as(struct bench *b, const char *name, const char *json) {
    struct diag diag = {0};
    const struct as *kind = as_find(name);

    arena_clear(&b->arena);
    buf_clear(&b->out);
    assert_non_null(kind);
    assert_int_equal(tagged_read(view_of(json), 12, &b->event, &b->arena, &diag), 0);
    kind->write(&b->event, &b->out);
    buf_text(&b->out);
    return buf_view(&b->out);
}

/* What is written has no zero byte, and as() has put one behind it. */
static bool has(struct view out, const char *words) {
    return strstr(out.at, words) != NULL;
}

/* ---- reading ---- */

static void read__takes_what_is_there(void **state) {
    struct bench *b = *state;
    const struct tagged *t = &b->event;

    as(b, "native", story);

    assert_view_is(t->guid, "urn:x:1");
    assert_true(t->version == 2 && t->urgency == 3 && t->offset == 12);
    assert_true(t->keyword_count == 1 && t->category_count == 2);
    assert_true(t->entity_count == 2 && t->place_count == 1 && t->quote_count == 1);
    assert_view_is(t->entities[0].mentions[0].text, "General\nHaftar");
    assert_view_is(t->dates[0].at.text, "Tuesday");
    assert_view_is(t->dateline.text, "KÖLN");
    assert_ptr_equal(t->quotes[0].speaker, &t->entities[0]);
    assert_ptr_equal(t->entities[0].place, NULL);
}

static void read__leaves_out_what_cannot_be(void **state) {
    struct bench *b = *state;
    const struct tagged *t = &b->event;

    as(b, "native",
       "{\"id\":\"i\",\"guid\":\"g\",\"text\":\"short\",\"urgency\":12,\"version\":-1,"
       "\"keywords\":7,\"dateline\":[],\"entities\":[3,{\"id\":\"e1\"},"
       "{\"id\":\"e1\",\"type\":\"person\",\"name\":\"A\",\"score\":7,\"mentions\":["
       "{\"start\":2,\"end\":1},{\"start\":-1,\"end\":2},{\"start\":0,\"end\":6},"
       "{\"start\":4,\"end\":5},{\"start\":1e300,\"end\":2e300}]}],"
       "\"places\":[{\"entity\":\"e1\",\"lat\":91,\"lon\":0},{\"entity\":\"e9\",\"lat\":1,"
       "\"lon\":1},{\"entity\":\"e1\",\"lat\":1}],"
       "\"quotes\":[{\"start\":0,\"end\":1,\"speaker\":\"e7\"}]}");

    assert_true(t->urgency == 0 && t->version == 0 && t->keyword_count == 0);
    assert_true(t->entity_count == 1 && t->entities[0].mention_count == 1);
    assert_true(t->entities[0].score == 1 && t->place_count == 0);
    assert_true(t->quote_count == 1 && !t->quotes[0].speaker && !t->has_dateline);
}

static void read__refuses_what_is_no_event(void **state) {
    struct bench *b = *state;
    static const char *const others[] = {"",
                                         "[]",
                                         "{}",
                                         "{\"error\":\"x\"}",
                                         "{\"id\":\"i\",\"guid\":\"g\",\"text\":null}",
                                         "{\"id\":1,\"guid\":\"g\",\"text\":\"\"}"};

    for (size_t i = 0; i < COUNT(others); i++) {
        struct diag diag = {0};
        assert_int_equal(tagged_read(view_of(others[i]), 0, &b->event, &b->arena, &diag),
                         ERR_FORMAT);
        assert_true(diag.text[0]);
    }
}

/* ---- writing ---- */

static void native__is_the_event_itself(void **state) {
    struct view out = as(*state, "native", story);

    assert_true(view_starts(out, story) && out.len == strlen(story) + 1);
}

static void ninjs__says_what_the_item_is(void **state) {
    struct view out = as(*state, "ninjs", story);

    assert_true(has(out, "\"uri\":\"urn:x:1\""));
    assert_true(has(out, "\"version\":\"2\""));
    assert_true(has(out, "\"urgency\":3"));
    assert_true(has(out, "\"firstCreated\":\"2020-01-14T07:00:00Z\""));
    // no zone, so not `sent`
    assert_true(has(out, "\"versionCreated\":\"2020-01-14T10:15:02.250Z\""));
    assert_false(has(out, "contentCreated")); // a day is no date-time
    assert_true(has(out, "\"located\":\"KÖLN\""));
    assert_true(has(out, "\"people\":[{\"name\":\"Haftar\",\"rel\":\"about\"}]"));
    assert_true(has(out, "\"uri\":\"https://sws.geonames.org/2886242/\",\"geoJSON\":"
                         "{\"type\":\"Point\",\"coordinates\":[6.95,50.93333]}"));
    assert_true(has(out, "\"relevance\":80,\"confidence\":90"));
    assert_true(has(out, "newscodes/mediatopic/20000002"));
    assert_true(has(out, "\"associations\":[{\"name\":\"wfd 0141\",\"rel\":\"replaces\","
                         "\"uri\":\"urn:x:0\"}]"));
}

static void ninjs__makes_uris_of_any_guid(void **state) {
    (void)state;
    static const struct {
        const char *guid, *uri;
    } cases[] = {{"tag:x,2020:a", "tag:x,2020:a"},
                 {"story 1/a", "wiretag:story%201%2Fa"},
                 {"é", "wiretag:%C3%A9"},
                 {"urn:a b%2F%", "urn:a%20b%2F%25"},
                 {"http://x/#a#b", "http://x/#a%23b"},
                 {"a:", "wiretag:a%3A"},
                 {"1:x", "wiretag:1%3Ax"},
                 {"", "wiretag:none"}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf uri = {0};
        as_put_uri(&uri, "wiretag:", view_of(cases[i].guid));
        assert_string_equal(buf_text(&uri), cases[i].uri);
        buf_release(&uri);
    }
}

static void geojson__has_a_feature_for_each_place(void **state) {
    struct view out = as(*state, "geojson", story);

    assert_true(has(out, "{\"type\":\"Feature\",\"id\":\"ab-7.1/e2\",\"geometry\":"
                         "{\"type\":\"Point\",\"coordinates\":[6.95,50.93333]}"));
    assert_true(has(out, "\"focus\":true,\"snippet\":\"KÖLN - General\""));
    assert_ptr_equal(memchr(out.at, '\n', out.len), out.at + out.len - 1);
}

static void geojson__has_events_that_are_nowhere(void **state) {
    struct view out =
        as(*state, "geojson",
           "{\"id\":\"i\",\"guid\":\"g\",\"text\":\"\",\"status\":\"canceled\"}");

    assert_true(has(out, "\"geometry\":null"));
    assert_true(has(out, "\"guid\":\"g\"") && has(out, "\"status\":\"canceled\""));
}

static void cloudevents__wraps_the_event(void **state) {
    struct view out = as(*state, "cloudevents", story);

    assert_true(has(out, "\"specversion\":\"1.0\",\"id\":\"ab-7.1\","
                         "\"source\":\"/wiretag/wfd%20en\","
                         "\"type\":\"wiretag.report.tagged\""));
    assert_true(
        has(out, "\"time\":\"2020-01-14T10:15:02.250Z\",\"subject\":\"urn:x:1\""));
    assert_true(has(out, "\"sequence\":\"00000000000000000012\""));
    assert_true(has(out, story));
}

static void cloudevents__leaves_a_long_text_out(void **state) {
    struct buf json = {0};
    struct view out;

    buf_put_text(&json, "{\"id\":\"i\",\"guid\":\"g\",\"odd \\\"key\":1,\"text\":\"");
    for (int i = 0; i < 70000; i++)
        buf_put_u8(&json, 'x');
    buf_put_text(&json, "\",\"status\":\"canceled\",\"lang\":\"en\"}");
    out = as(*state, "cloudevents", buf_text(&json));

    assert_true(out.len < 1000);
    assert_true(has(out, "\"type\":\"wiretag.report.canceled\""));
    assert_true(has(out, "\"textomitted\":true,\"data\":{\"id\":\"i\",\"guid\":\"g\","
                         "\"odd \\\"key\":1,\"status\":\"canceled\",\"lang\":\"en\"}}"));
    buf_release(&json);
}

static void brat__cuts_spans_at_line_ends(void **state) {
    struct view out = as(*state, "brat", story);

    assert_true(view_starts(out, "T1\tPerson 7 14;15 21\tGeneral Haftar\n"
                                 "T2\tPerson 44 50\tHaftar\n"
                                 "#1\tAnnotatorNotes T1\tGeneral\n"
                                 "*\tEquiv T1 T2\n"
                                 "T3\tLocation 0 4\tKÖLN\n"
                                 "N1\tReference T3 GeoNames:2886242\tKöln\n"
                                 "A1\tPlaceRole T3 literal\n"
                                 "T4\tDate 35 42\tTuesday\n"
                                 "#2\tAnnotatorNotes T4\t2020-01-14\n"
                                 "T5\tQuotation 27 31\t\"no\"\n"
                                 "R1\tSpeaker Arg1:T5 Arg2:T1\n"
                                 "T6\tDateline 0 4\tKÖLN\n"
                                 "T7\tByline 0 4\tKÖLN\n"));
}

static void gkg__has_27_columns(void **state) {
    struct view out = as(*state, "gkg", story), rest = out, columns[27] = {{0}};
    size_t count = 0;

    while (count < 27 && view_split(&rest, '\t', &columns[count]))
        count++;
    assert_int_equal(count, 27);
    assert_int_equal(rest.len, 0);
    assert_view_is(columns[0], "20200114000000-12");
    assert_view_is(columns[1], "20200114000000");
    assert_view_is(columns[3], "WFD");
    assert_view_is(columns[4], "urn:x:1");
    assert_view_is(columns[9], "4#Köln, North Rhine-Westphalia, Germany#GM##50.93333#6.95"
                               "#2886242");
    assert_view_is(columns[10], "4#Köln, North Rhine-Westphalia, Germany#GM###50.93333"
                                "#6.95#2886242#0");
    assert_view_is(columns[11], "Haftar");
    assert_view_is(columns[12], "Haftar,7;Haftar,44");
    assert_view_is(columns[16], "3#1#14#2020#35");
    assert_view_is(columns[22], "27|4||\"no\"");
    assert_view_is(columns[23], "Haftar,7;Haftar,44;KÖLN,0");
    assert_true(view_starts(columns[26], "<PAGE_TITLE>Haftar in Kyïv &amp; Köln</"));
}

static void gkg__lets_no_name_break_a_column(void **state) {
    struct view out = as(
        *state, "gkg",
        "{\"id\":\"i\",\"guid\":\"a\\tb\\nc\",\"text\":\"x\",\"entities\":[{\"id\":\"e1\","
        "\"type\":\"person\",\"name\":\"A;B,C#D|E\\tF\",\"mentions\":[]}]}");
    size_t tabs = 0;

    for (size_t i = 0; i < out.len; i++)
        tabs += out.at[i] == '\t';
    assert_int_equal(tabs, 26);
    assert_true(has(out, "\ta b c\t") && has(out, "\tA B C D E F\t"));
    assert_ptr_equal(memchr(out.at, '\n', out.len), out.at + out.len - 1);
}

static void country__is_found_by_its_code(void **state) {
    (void)state;

    assert_string_equal(country_of(VIEW_LIT("AD"))->fips, "AN");
    assert_string_equal(country_of(VIEW_LIT("ZW"))->name, "Zimbabwe");
    assert_null(country_of(VIEW_LIT("XX")));
    assert_null(country_of(VIEW_LIT("")));
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_bench(read__takes_what_is_there),
        with_bench(read__leaves_out_what_cannot_be),
        with_bench(read__refuses_what_is_no_event),
        with_bench(native__is_the_event_itself),
        with_bench(ninjs__says_what_the_item_is),
        with_bench(ninjs__makes_uris_of_any_guid),
        with_bench(geojson__has_a_feature_for_each_place),
        with_bench(geojson__has_events_that_are_nowhere),
        with_bench(cloudevents__wraps_the_event),
        with_bench(cloudevents__leaves_a_long_text_out),
        with_bench(brat__cuts_spans_at_line_ends),
        with_bench(gkg__has_27_columns),
        with_bench(gkg__lets_no_name_break_a_column),
        with_bench(country__is_found_by_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
