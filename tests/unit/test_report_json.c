/* Feed records: every key, in the right and in every wrong shape. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/report.h"
#include "proto/utf8.h"

/* Each test reads into this, so that a case is one line. */
static struct arena arena;
static struct diag diag;
static struct report report;

static int set_up(void **state) {
    (void)state;
    arena = (struct arena){0};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static int read_view(struct view json) {
    diag = (struct diag){0};
    report = (struct report){0};
    return report_from_json(json, &report, &arena, &diag);
}

static void accept(const char *json) {
    if (read_view(view_of(json)))
        fail_msg("%s: %s", json, diag.text);
    assert_string_equal(diag.text, "");
}

/* `why` must be part of what the diag says. */
static void refuse(const char *json, const char *why) {
    assert_int_equal(read_view(view_of(json)), ERR_FORMAT);
    if (!strstr(diag.text, why))
        fail_msg("%s: %s", json, diag.text);
}

static void report_from_json__reads_every_key(void **state) {
    (void)state;

    accept(
        "{\"guid\":\"tag:wfd,2020:1\",\"version\":3,\"published\":\"2020-01-14T10:15Z\","
        "\"headline\":\"H\",\"byline\":\"By B\",\"dateline\":\"TUNIS\",\"slug\":\"s-1\","
        "\"keywords\":[\"war\",\"oil\"],\"urgency\":2,\"lang\":\"en-GB\","
        "\"status\":\"withheld\",\"action\":\"update\",\"source\":\"WFD\","
        "\"category\":\"POL\",\"ref\":\"r9\",\"text\":\"Troops \\u2014 "
        "many.\\r\\nYes\"}");

    assert_view_is(report.guid, "tag:wfd,2020:1");
    assert_view_is(report.guid_from, "given");
    assert_int_equal(report.version, 3);
    assert_view_is(report.published, "2020-01-14T10:15Z");
    assert_view_is(report.headline, "H");
    assert_view_is(report.byline, "By B");
    assert_view_is(report.dateline, "TUNIS");
    assert_view_is(report.slug, "s-1");
    assert_int_equal(report.keyword_count, 2);
    assert_view_is(report.keywords[1], "oil");
    assert_int_equal(report.urgency, 2);
    assert_view_is(report.lang, "en-GB");
    assert_view_is(report.status, "withheld");
    assert_view_is(report.action, "update");
    assert_view_is(report.source, "WFD");
    assert_view_is(report.categories[0], "POL");
    assert_view_is(report.ref, "r9");
    assert_view_is(report.text, "Troops \xE2\x80\x94 many.\nYes");
    assert_view_is(report.format, "ndjson");
    assert_view_is(report.extra, "");
    assert_view_is(report.warning, "");
}

static void report_from_json__needs_only_text(void **state) {
    (void)state;

    accept(" {\"text\":\"x\"} \n");

    assert_view_is(report.text, "x");
    assert_view_is(report.guid, "");
    assert_view_is(report.guid_from, "");
    assert_int_equal(report.version, 0);
    assert_int_equal(report.urgency, 0);
    assert_int_equal(report.keyword_count, 0);
}

static void report_from_json__takes_null_for_absent(void **state) {
    (void)state;

    accept("{\"text\":\"x\",\"guid\":null,\"version\":null,\"published\":null,"
           "\"headline\":null,\"keywords\":null,\"urgency\":null,\"status\":null,"
           "\"action\":null,\"lang\":null,\"id\":null}");

    assert_view_is(report.guid, "");
    assert_view_is(report.extra, "");
    assert_view_is(report.warning, "");
}

static void report_from_json__refuses_wrong_types(void **state) {
    (void)state;

    refuse("{}", "\"text\" is missing");
    refuse("{\"text\":\"\"}", "\"text\" is missing");
    refuse("{\"text\":\" \\n\\t\\u0001\"}", "\"text\" is missing");
    refuse("{\"text\":null}", "\"text\" is missing");
    refuse("{\"text\":7}", "\"text\" must be a string");
    refuse("{\"text\":[\"x\"]}", "\"text\" must be a string");
    refuse("{\"text\":\"x\",\"version\":-1}", "\"version\"");
    refuse("{\"text\":\"x\",\"version\":1.5}", "\"version\"");
    refuse("{\"text\":\"x\",\"version\":\"two\"}", "\"version\"");
    refuse("{\"text\":\"x\",\"version\":\"\"}", "\"version\"");
    refuse("{\"text\":\"x\",\"version\":\"12\\u00003\"}", "\"version\"");
    refuse("{\"text\":\"x\",\"version\":true}", "\"version\"");
    refuse("{\"text\":\"x\",\"urgency\":0}", "\"urgency\"");
    refuse("{\"text\":\"x\",\"urgency\":10}", "\"urgency\"");
    refuse("{\"text\":\"x\",\"urgency\":4294967297}", "\"urgency\"");
    refuse("{\"text\":\"x\",\"urgency\":\"5\"}", "\"urgency\"");
    refuse("{\"text\":\"x\",\"keywords\":\"war\"}", "\"keywords\"");
    refuse("{\"text\":\"x\",\"keywords\":[1]}", "\"keywords\"");
    refuse("{\"text\":\"x\",\"published\":20200114}", "\"published\"");
    refuse("{\"text\":\"x\",\"status\":\"maybe\"}", "\"status\"");
}

static void report_from_json__refuses_what_is_not_an_object(void **state) {
    (void)state;

    refuse("", "not JSON");
    refuse("[]", "JSON object");
    refuse("[{\"text\":\"x\"}]", "JSON object");
    refuse("\"text\"", "not JSON");
    refuse("null", "not JSON");
    refuse("{\"text\":\"x\"", "not JSON");
    refuse("{\"text\":\"x\"}}", "not JSON");
    refuse("{\"text\":\"x\",}", "not JSON");
    refuse("{'text':'x'}", "not JSON");
    refuse("{\"text\":\"x\ty\"}", "not JSON");
    refuse("{\"text\":\"\\x\"}", "not JSON");
    refuse("{\"text\":\"x\",\"n\":1e999}", "not JSON");
    refuse("{\"text\":\"x\",\"n\\u0000m\":1}", "not JSON");
    assert_int_equal(read_view(view_n("{\"text\":\"x\"}\0", 13)), ERR_FORMAT);
    assert_int_equal(read_view(view_n("{\"text\":\"x\0y\"}", 14)), ERR_FORMAT);
    assert_int_equal(read_view(view_n(NULL, 0)), ERR_FORMAT);
}

static void report_from_json__names_the_byte(void **state) {
    (void)state;

    refuse("{\"text\":\"x\",?}", "byte");
    assert_in_range(diag.offset, 12, 13);
    refuse("\xEF\xBB\xBF{\"text\":\"x\",?}", "byte");
    assert_in_range(diag.offset, 15, 16);
}

static void report_from_json__knows_id_as_guid(void **state) {
    (void)state;

    accept("{\"text\":\"x\",\"id\":\"one\"}");
    assert_view_is(report.guid, "one");
    assert_view_is(report.guid_from, "given");
    assert_view_is(report.extra, "");

    accept("{\"text\":\"x\",\"id\":123456789012,\"ref\":-7}");
    assert_view_is(report.guid, "123456789012");
    assert_view_is(report.ref, "-7");
    assert_view_is(report.extra, "");

    accept("{\"id\":\"one\",\"guid\":\"two\",\"text\":\"x\"}");
    assert_view_is(report.guid, "two");
    assert_view_is(report.extra, "{\"id\":\"one\"}");

    accept("{\"guid\":\"two\",\"id\":\"one\",\"text\":\"x\"}");
    assert_view_is(report.guid, "two");
    assert_view_is(report.extra, "{\"id\":\"one\"}");

    accept("{\"guid\":\"\",\"id\":\"one\",\"text\":\"x\"}");
    assert_view_is(report.guid, "one");
}

static void report_from_json__keeps_extra_keys(void **state) {
    (void)state;

    accept(
        "{\"z\":{\"deep\":[1,2.5,true,null,\"\\u0000\\u2028\xC3\xA9\"]},\"text\":\"x\","
        "\"dateline\":{\"place\":\"TUNIS\"},\"category\":[\"a\",\"b\"],\"extra\":1}");

    assert_view_is(report.extra,
                   "{\"z\":{\"deep\":[1,2.5,true,null,\"\\u0000\\u2028\\u00E9\"]},"
                   "\"dateline\":{\"place\":\"TUNIS\"},\"category\":[\"a\",\"b\"],"
                   "\"extra\":1}");
    assert_view_is(report.dateline, "");
    assert_view_is(report.categories[0], "");
    assert_true(report_extra_valid(report.extra));
}

static void report_from_json__passes_over_words_nobody_knows(void **state) {
    (void)state;

    accept("{\"text\":\"x\",\"action\":\"explode\",\"lang\":\"English (UK)\","
           "\"published\":\"14.1.2020\"}");

    assert_view_is(report.action, "");
    assert_view_is(report.lang, "");
    assert_view_is(report.published, "");
    assert_view_is(report.extra, "{\"action\":\"explode\",\"lang\":\"English (UK)\"}");
    assert_non_null(strstr(report.warning.at, "action"));
    assert_non_null(strstr(report.warning.at, "lang"));
    assert_non_null(strstr(report.warning.at, "published"));
}

static void report_from_json__knows_language_tags(void **state) {
    (void)state;
    static const char *const good[] = {"en",         "EN",     "pt-BR",
                                       "zh_Hant_TW", "es-419", "sr-x-1"};
    static const char *const bad[] = {"e",  "e-GB",        "en-",   "-en",      "en--GB",
                                      "e1", "englishtext", "en GB", "\xC3\xA9t"};
    char json[100];

    for (size_t i = 0; i < COUNT(good); i++) {
        snprintf(json, sizeof json, "{\"text\":\"x\",\"lang\":\"%s\"}", good[i]);
        accept(json);
        assert_view_is(report.lang, good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        snprintf(json, sizeof json, "{\"text\":\"x\",\"lang\":\"%s\"}", bad[i]);
        accept(json);
        assert_view_is(report.lang, "");
    }
}

static void report_from_json__lets_the_last_of_two_count(void **state) {
    (void)state;

    accept("{\"text\":\"a\",\"text\":\"b\",\"slug\":\"1\",\"slug\":\"2\"}");

    assert_view_is(report.text, "b");
    assert_view_is(report.slug, "2");
}

static void report_from_json__cleans_texts(void **state) {
    (void)state;

    accept("{\"text\":\"a\\r\\nb\\u0000c\\u0085\\td\\n\",\"headline\":\" "
           "one\\r\\ntwo\\tthree\\n\","
           "\"guid\":\"a\\nb\",\"keywords\":[\" w\\u0007 \",\"\",null,\"\\n\",\"v\"]}");

    assert_view_is(report.text, "a\nbc\td\n");
    assert_view_is(report.headline, "one two three");
    assert_view_is(report.guid, "a b");
    assert_int_equal(report.keyword_count, 2);
    assert_view_is(report.keywords[0], "w");
}

static void report_from_json__mends_broken_utf8(void **state) {
    (void)state;

    accept("{\"text\":\"caf\xE9\",\"slug\":\"\xC3\xA9\"}");
    assert_view_is(report.text, "caf\xEF\xBF\xBD");
    assert_view_is(report.slug, "\xC3\xA9");
    assert_non_null(strstr(report.warning.at, "UTF-8"));

    accept("\xEF\xBB\xBF{\"text\":\"x\"}");
    assert_view_is(report.text, "x");
    assert_view_is(report.warning, "");
}

static void report_from_json__mends_halves_of_characters(void **state) {
    (void)state;

    accept(
        "{\"text\":\"\\ud83d\\ude00 \\uD83D. \\udE00 \\\\ud83d \\ud83d\\ud83d\\ude00\"}");

    assert_view_is(report.text, "\xF0\x9F\x98\x80 \xEF\xBF\xBD. \xEF\xBF\xBD \\ud83d "
                                "\xEF\xBF\xBD\xF0\x9F\x98\x80");
    assert_non_null(strstr(report.warning.at, "halves"));
    refuse("{\"text\":\"\\ud83d\"", "not JSON");
    refuse("{\"text\":\"\\ud83", "not JSON");
}

static void report_from_json__keeps_64_keywords_and_says_so(void **state) {
    (void)state;
    struct buf json = {0};

    buf_put_text(&json, "{\"text\":\"x\",\"keywords\":[\"0\"");
    for (int i = 1; i < 100; i++)
        buf_printf(&json, ",\"%d\"", i);
    buf_put_text(&json, "]}");
    accept(buf_text(&json));

    assert_int_equal(report.keyword_count, REPORT_KEYWORDS);
    assert_view_is(report.keywords[63], "63");
    assert_non_null(strstr(report.warning.at, "keywords"));
    buf_release(&json);
}

static int read_nested(size_t depth, const char *open, const char *close) {
    struct buf json = {0};
    int err;

    buf_put_text(&json, "{\"text\":\"x\",\"bomb\":");
    for (size_t i = 0; i < depth; i++)
        buf_put_text(&json, open);
    for (size_t i = 0; close && i < depth; i++)
        buf_put_text(&json, close);
    buf_put_text(&json, "}");
    err = read_view(buf_view(&json));
    buf_release(&json);
    return err;
}

static void report_from_json__refuses_nesting_bombs(void **state) {
    (void)state;

    assert_int_equal(read_nested(REPORT_EXTRA_DEPTH - 1, "[", "]"), 0);
    assert_true(report_extra_valid(report.extra));
    assert_int_equal(read_nested(REPORT_EXTRA_DEPTH, "[", "]"), ERR_FORMAT);
    assert_non_null(strstr(diag.text, "\"bomb\" is nested"));
    assert_int_equal(read_nested(2000, "[", "]"), ERR_FORMAT);
    assert_int_equal(read_nested(2000000, "[", NULL), ERR_FORMAT);
    assert_int_equal(read_nested(500000, "{\"a\":", NULL), ERR_FORMAT);
}

static void report_from_json__reads_4_megabytes(void **state) {
    (void)state;
    const size_t size = 4u << 20;
    struct buf json = {0};

    buf_put_text(&json, "{\"text\":\"");
    while (json.len < size)
        buf_put_text(&json, "Forces \xE2\x80\x94 advanced.\\r\\n");
    buf_put_text(&json, "\"}");
    accept(buf_text(&json));

    assert_true(report.text.len > size * 8 / 10);
    assert_null(memchr(report.text.at, '\r', report.text.len));
    buf_release(&json);
}

/* What is read from what was written is what was written. */
static void check_written(const char *json) {
    struct buf once = {0}, twice = {0};

    accept(json);
    report_write_json(&report, &once);
    accept(buf_text(&once));
    report_write_json(&report, &twice);
    assert_string_equal(buf_text(&once), buf_text(&twice));
    buf_release(&once);
    buf_release(&twice);
}

static void report_write_json__writes_what_can_be_read(void **state) {
    struct buf out = {0};
    (void)state;

    check_written("{\"text\":\"x\"}");
    check_written("{\"text\":\"x\",\"version\":\"18446744073709551615\",\"a\":[1,{}]}");
    accept("{\"text\":\"two\\nlines\",\"id\":7,\"version\":3,\"urgency\":2,\"ref\":\"r\","
           "\"keywords\":[\"a\",\"b\"],\"status\":\"withheld\",\"mine\":{\"x\":1},"
           "\"action\":\"dance\"}");
    report_write_json(&report, &out);

    assert_string_equal(
        buf_text(&out),
        "{\"guid\":\"7\",\"version\":3,\"status\":\"withheld\",\"ref\":\"r\",\"urgency\":2,"
        "\"keywords\":[\"a\",\"b\"],\"text\":\"two\\nlines\",\"mine\":{\"x\":1},"
        "\"action\":\"dance\"}");
    buf_release(&out);
}

static void report_from_json__survives_any_byte_changed(void **state) {
    (void)state;
    static const char record[] =
        "{\"guid\":\"g\",\"version\":3,\"keywords\":[\"a\"],\"text\":\"x\\ud83d\\ude00\","
        "\"e\":{\"f\":[1,2.5]}}";
    uint64_t seed = 14;

    for (int i = 0; i < 30000; i++) {
        char json[sizeof record];
        memcpy(json, record, sizeof record);
        for (size_t n = 1 + random_below(&seed, 3); n; n--)
            json[random_below(&seed, sizeof record - 1)] = (char)random_next(&seed);
        int err = read_view(view_n(json, sizeof record - 1));
        assert_int_equal(err == 0, diag.text[0] == 0);
        if (!err && report.extra.len)
            assert_true(report_extra_valid(report.extra));
        if (!err)
            assert_int_equal(utf8_valid_prefix(report.text), report.text.len);
        arena_clear(&arena);
    }
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(report_from_json__reads_every_key),
        test(report_from_json__needs_only_text),
        test(report_from_json__takes_null_for_absent),
        test(report_from_json__refuses_wrong_types),
        test(report_from_json__refuses_what_is_not_an_object),
        test(report_from_json__names_the_byte),
        test(report_from_json__knows_id_as_guid),
        test(report_from_json__keeps_extra_keys),
        test(report_from_json__passes_over_words_nobody_knows),
        test(report_from_json__knows_language_tags),
        test(report_from_json__lets_the_last_of_two_count),
        test(report_from_json__cleans_texts),
        test(report_from_json__mends_broken_utf8),
        test(report_from_json__mends_halves_of_characters),
        test(report_from_json__keeps_64_keywords_and_says_so),
        test(report_from_json__refuses_nesting_bombs),
        test(report_from_json__reads_4_megabytes),
        test(report_write_json__writes_what_can_be_read),
        test(report_from_json__survives_any_byte_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
