/* Feed records: every key, in the right and in every wrong shape. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/report_field.h"
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
    refuse("\"text\"", "a feed record is a JSON object, not a text");
    refuse("null", "a feed record is a JSON object, not null");
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
        "\"dateline\":{\"place\":\"TUNIS\"},\"category\":[\"a\",1],\"extra\":1}");

    assert_view_is(report.extra,
                   "{\"z\":{\"deep\":[1,2.5,true,null,\"\\u0000\\u2028\xC3\xA9\"]},"
                   "\"dateline\":{\"place\":\"TUNIS\"},\"category\":[\"a\",1],"
                   "\"extra\":1}");
    assert_view_is(report.dateline, "");
    assert_view_is(report.categories[0], "");
    assert_true(report_extra_valid(report.extra));
}

static void report_from_json__reads_categories(void **state) {
    (void)state;
    struct buf json = {0};

    accept("{\"text\":\"x\",\"category\":[\"anpa:i\",\" medtop:1 \",\"\"]}");
    assert_int_equal(report.category_count, 2);
    assert_view_is(report.categories[1], "medtop:1");
    assert_view_is(report.extra, "");
    assert_view_is(report.warning, "");

    accept("{\"text\":\"x\",\"category\":\"\"}");
    assert_int_equal(report.category_count, 0);

    buf_put_text(&json, "{\"text\":\"x\",\"category\":[\"c\"");
    for (int i = 1; i < 20; i++)
        buf_printf(&json, ",\"%d\"", i);
    buf_put_text(&json, "]}");
    accept(buf_text(&json));
    assert_int_equal(report.category_count, REPORT_CATEGORIES);
    assert_non_null(strstr(report.warning.at, "16 categories"));
    buf_release(&json);
}

static void report_from_json__reads_times(void **state) {
    (void)state;

    accept("{\"text\":\"x\",\"sent\":\"2020-01-14T10:15+01:00\",\"first_created\":"
           "\"2020-01-13\",\"version_created\":\"20200114T101502Z\","
           "\"embargo_until\":\"2020-01-15T00:00:00.250+01:00\",\"expires\":"
           "\"1970-01-01T00:00:01Z\"}");

    assert_view_is(report.sent, "2020-01-14T10:15+01:00");
    assert_view_is(report.first_created, "2020-01-13");
    assert_view_is(report.version_created, "2020-01-14T10:15:02Z");
    assert_view_is(report.published, "2020-01-14T10:15:02Z");
    assert_true(report.embargo_ms == INT64_C(1579042800250));
    assert_true(report.expires_ms == 1000);
    assert_view_is(report.warning, "");

    accept("{\"text\":\"x\",\"first_created\":\"2020-01-13\",\"sent\":\"today\","
           "\"expires\":\"never\",\"version_created\":1579000000}");
    assert_view_is(report.published, "2020-01-13");
    assert_view_is(report.extra, "{\"version_created\":1579000000}");
    assert_non_null(strstr(report.warning.at, "sent is not"));
    assert_non_null(strstr(report.warning.at, "expires is not"));

    accept(
        "{\"text\":\"x\",\"published\":\"2020-01-10\",\"first_created\":\"2020-01-13\"}");
    assert_view_is(report.published, "2020-01-10");
}

static void report_from_json__refuses_an_embargo_nobody_can_read(void **state) {
    (void)state;

    refuse("{\"text\":\"x\",\"embargo_until\":\"next Monday\"}", "\"embargo_until\"");
    refuse("{\"text\":\"x\",\"embargo_until\":1579000000}", "\"embargo_until\"");
    accept("{\"text\":\"x\",\"embargo_until\":\"\"}");
    assert_true(report.embargo_ms == 0);
}

static void report_from_json__reads_relations_and_takes(void **state) {
    (void)state;

    accept("{\"text\":\"x\",\"relates\":[{\"rel\":\"kills\",\"ref\":\"wfd 0141\"},"
           "{\"rel\":\"replaces\",\"guid\":\"g\",\"ref\":null}],"
           "\"take\":{\"n\":2,\"of\":null,\"more\":true}}");
    assert_int_equal(report.relation_count, 2);
    assert_view_is(report.relations[0].rel, "kills");
    assert_view_is(report.relations[0].ref, "wfd 0141");
    assert_view_is(report.relations[0].guid, "");
    assert_view_is(report.relations[1].guid, "g");
    assert_int_equal(report.take.n, 2);
    assert_int_equal(report.take.of, 0);
    assert_true(report.take.more);
    assert_view_is(report.warning, "");

    accept(
        "{\"text\":\"x\",\"relates\":[{\"rel\":\"likes\",\"ref\":\"a\"},{\"rel\":\"kills\"},"
        "7],\"take\":{\"n\":-1}}");
    assert_int_equal(report.relation_count, 0);
    assert_int_equal(report.take.n, 0);
    assert_view_is(report.extra, "{\"take\":{\"n\":-1}}");
    assert_non_null(strstr(report.warning.at, "relates"));

    accept("{\"text\":\"x\",\"relates\":\"wfd 0141\",\"take\":2}");
    assert_view_is(report.extra, "{\"relates\":\"wfd 0141\",\"take\":2}");
}

static void report_from_json__reads_where_it_is_from(void **state) {
    (void)state;

    accept(
        "{\"text\":\"x\",\"service\":\"bdt\",\"number\":142,\"reference\":\"wfd 0142\","
        "\"url\":\"https://wfd.example/1\",\"charset\":\"windows-1252\","
        "\"date_order\":\"dmy\",\"priority\":3,\"subhead\":\"S\",\"ednote\":\"E\\nF\","
        "\"guid\":\"tag:wfd\",\"guid_from\":\"agency-ref\"}");

    assert_view_is(report.service, "bdt");
    assert_view_is(report.number, "142");
    assert_view_is(report.reference, "wfd 0142");
    assert_view_is(report.url, "https://wfd.example/1");
    assert_view_is(report.charset, "windows-1252");
    assert_view_is(report.date_order, "dmy");
    assert_view_is(report.priority, "3");
    assert_view_is(report.subhead, "S");
    assert_view_is(report.ednote, "E\nF");
    assert_view_is(report.guid_from, "agency-ref");
    assert_view_is(report.extra, "");

    accept("{\"text\":\"x\",\"guid_from\":\"slug\",\"date_order\":\"d/m\"}");
    assert_view_is(report.guid_from, "");
    assert_view_is(report.extra, "{\"date_order\":\"d/m\"}");
}

static void report_from_json__needs_no_text_to_take_back(void **state) {
    (void)state;

    accept("{\"guid\":\"g\",\"status\":\"canceled\"}");
    assert_view_is(report.text, "");
    accept("{\"guid\":\"g\",\"action\":\"kill\",\"text\":\" \\n\",\"headline\":\"H\"}");
    assert_view_is(report.text, "");
    accept("{\"id\":7,\"headline\":\"Quake hits Lima\"}");
    assert_view_is(report.text, "Quake hits Lima");
    refuse("{\"status\":\"canceled\"}", "\"text\" is missing");
    accept("{\"guid\":\"g\",\"status\":\"withheld\"}");
    accept("{\"guid\":\"g\",\"action\":\"hold\"}");
    refuse("{\"guid\":\"g\",\"status\":\"usable\"}", "\"text\" is missing");
    refuse("{\"headline\":\"Quake hits Lima\"}", "\"text\" is missing");
}

static void report_from_json__reads_versions_of_64_bits(void **state) {
    (void)state;

    accept("{\"text\":\"x\",\"version\":18446744073709551615}");
    assert_true(report.version == UINT64_MAX);
    accept("{\"text\":\"x\",\"version\":\"1542761538\"}");
    assert_int_equal(report.version, 1542761538);
    accept("{\"text\":\"x\",\"version\":2.0,\"n\":18446744073709551616}");
    assert_int_equal(report.version, 2);
    assert_view_is(report.extra, "{\"n\":18446744073709551616e0}");
    refuse("{\"text\":\"x\",\"version\":18446744073709551616}", "\"version\"");
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

/* ---- there and back ---- */

/* A line nobody has to clean, of up to 30 characters. */
static struct view random_line(uint64_t *seed) {
    static const char *const letters[] = {"a",  "Z",        "7",
                                          "\"", "\\",       "/",
                                          " ",  "\xC3\xA9", "\xE2\x80\xA8",
                                          ":",  "\xC2\xA0", "\xF0\x9F\x98\x80"};
    struct buf line = {0};
    struct view made;

    buf_put_text(&line, "x");
    for (size_t n = random_below(seed, 30); n; n--)
        buf_put_text(&line, letters[random_below(seed, COUNT(letters))]);
    buf_put_text(&line, "y");
    made = view_n(arena_copy(&arena, line.at, line.len), line.len);
    buf_release(&line);
    return made;
}

static struct view random_of(uint64_t *seed, const char *const *words, size_t count) {
    size_t i = random_below(seed, count + 1);

    return view_of(i < count ? words[i] : "");
}

static void fill_lines(struct report *r, uint64_t *seed) {
    struct view *const lines[] = {&r->guid,     &r->headline,  &r->subhead,  &r->byline,
                                  &r->dateline, &r->slug,      &r->ednote,   &r->source,
                                  &r->service,  &r->number,    &r->url,      &r->charset,
                                  &r->ref,      &r->reference, &r->priority, &r->text};

    for (size_t i = 0; i < COUNT(lines); i++)
        *lines[i] = view_of("");
    for (size_t i = 0; i < COUNT(lines); i++)
        if (random_below(seed, 2) || lines[i] == &r->text)
            *lines[i] = random_line(seed);
    for (size_t n = random_below(seed, 5); n; n--)
        report_add_keyword(r, random_line(seed));
    for (size_t n = random_below(seed, 5); n; n--)
        report_add_category(r, random_line(seed));
}

static void fill_words(struct report *r, uint64_t *seed) {
    static const char *const actions[] = {"new", "kill", "lead"};
    static const char *const statuses[] = {"usable", "withheld", "canceled"};
    static const char *const orders[] = {"dmy", "mdy", "ymd"};
    static const char *const dates[] = {"2020-01-14", "2020-02-29T23:59:60.5-03:30"};
    static const char *const froms[] = {"agency-ref", "slug", "url"};

    r->action = random_of(seed, actions, COUNT(actions));
    r->status = random_of(seed, statuses, COUNT(statuses));
    r->date_order = random_of(seed, orders, COUNT(orders));
    r->published = view_of(dates[0]);
    r->sent = random_of(seed, dates, COUNT(dates));
    r->first_created = random_of(seed, dates, COUNT(dates));
    r->version_created = random_of(seed, dates, COUNT(dates));
    r->guid_from = r->guid.len ? random_of(seed, froms, COUNT(froms)) : view_of("");
    if (r->guid.len && !r->guid_from.len)
        r->guid_from = view_of("given");
    r->lang = view_of(random_below(seed, 2) ? "pt-BR" : "");
}

static void fill_numbers(struct report *r, uint64_t *seed) {
    r->version = random_below(seed, 2) ? random_next(seed) : random_below(seed, 9);
    r->urgency = (int)random_below(seed, 10);
    r->embargo_ms = (int64_t)random_below(seed, 253402300799999);
    r->expires_ms = (int64_t)random_below(seed, 2) * 1579042800000;
    r->take.n = (unsigned)random_below(seed, 4);
    r->take.of = r->take.n ? (unsigned)random_below(seed, 4) : 0;
    r->take.more = random_below(seed, 2);
    for (size_t n = random_below(seed, 3); n; n--)
        r->relations[r->relation_count++] =
            (struct relation){view_of("kills"), random_line(seed), random_line(seed)};
}

static void assert_same(const struct report *a, const struct report *b) {
    struct buf one = {0}, two = {0};

    report_encode(a, &one);
    report_encode(b, &two);
    assert_view_equal(buf_view(&one), buf_view(&two));
    buf_release(&one);
    buf_release(&two);
}

static void report_write_json__writes_each_key_once(void **state) {
    struct buf out = {0};
    (void)state;

    accept("{\"text\":\"x\",\"charset\":[1],\"mine\":2,\"take\":\"all\"}");
    assert_view_is(report.extra, "{\"charset\":[1],\"mine\":2,\"take\":\"all\"}");
    report.charset = VIEW_LIT("utf-8");
    report_write_json(&report, &out);

    assert_string_equal(
        buf_text(&out),
        "{\"charset\":\"utf-8\",\"text\":\"x\",\"mine\":2,\"take\":\"all\"}");
    buf_release(&out);
}

static void report_write_json__is_read_back_as_it_was(void **state) {
    (void)state;
    uint64_t seed = 4;

    for (int i = 0; i < 3000; i++) {
        struct report r = {.format = VIEW_LIT("ndjson")};
        struct buf json = {0};
        fill_lines(&r, &seed);
        fill_words(&r, &seed);
        fill_numbers(&r, &seed);
        if (random_below(&seed, 2))
            r.extra = VIEW_LIT("{\"place\":[{\"name\":\"Sirte\"}],\"n\":1.50}");
        report_write_json(&r, &json);
        accept(buf_text(&json));
        assert_same(&report, &r);
        buf_release(&json);
        arena_clear(&arena);
    }
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
        test(report_from_json__reads_categories),
        test(report_from_json__reads_times),
        test(report_from_json__refuses_an_embargo_nobody_can_read),
        test(report_from_json__reads_relations_and_takes),
        test(report_from_json__reads_where_it_is_from),
        test(report_from_json__needs_no_text_to_take_back),
        test(report_from_json__reads_versions_of_64_bits),
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
        test(report_write_json__writes_each_key_once),
        test(report_write_json__is_read_back_as_it_was),
        test(report_from_json__survives_any_byte_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
