/* Reports: their encoding, plain text read as one, and which dates are real. */
#include "tests/unit/check.h"

#include <stdlib.h>

#include "proto/report.h"
#include "proto/utf8.h"

#define VIEWS 30

static struct view *const *views_of(struct report *r, size_t *count) {
    static struct view *views[VIEWS];
    struct view *all[VIEWS] = {
        &r->guid,      &r->guid_from, &r->action,        &r->status,
        &r->published, &r->headline,  &r->byline,        &r->dateline,
        &r->slug,      &r->lang,      &r->source,        &r->feed,
        &r->format,    &r->peer,      &r->ref,           &r->extra,
        &r->warning,   &r->text,      &r->sent,          &r->subhead,
        &r->ednote,    &r->priority,  &r->first_created, &r->version_created,
        &r->service,   &r->number,    &r->reference,     &r->url,
        &r->charset,   &r->date_order};

    *count = COUNT(all);
    memcpy(views, all, sizeof all);
    return views;
}

static struct view random_text(uint64_t *seed, struct arena *arena) {
    static const char *const words[] = {
        "Tripoli ", "\xE2\x80\x9C", "\xF0\x9F\x98\x80", "a\n", "advanced on the capital ",
        "\xC3\xA9"};
    struct buf text = {0};
    struct view copy;

    for (size_t n = random_below(seed, 20); n; n--)
        buf_put_text(&text, words[random_below(seed, COUNT(words))]);
    copy = view_n(arena_copy(arena, buf_view(&text).at, text.len), text.len);
    buf_release(&text);
    return copy;
}

static struct report random_report(uint64_t *seed, struct arena *arena) {
    struct report report = {0};
    size_t count;
    struct view *const *views = views_of(&report, &count);

    for (size_t i = 0; i < count; i++)
        if (random_below(seed, 3))
            *views[i] = random_text(seed, arena);
    for (size_t i = random_below(seed, REPORT_KEYWORDS + 1); i; i--) {
        report.keywords[report.keyword_count] = random_text(seed, arena);
        report.keyword_count += report.keywords[report.keyword_count].len > 0;
    }
    for (size_t i = random_below(seed, REPORT_CATEGORIES + 1); i; i--)
        report.categories[report.category_count++] = VIEW_LIT("anpa:i");
    for (size_t i = random_below(seed, REPORT_RELATIONS + 1); i; i--)
        report.relations[report.relation_count++] = (struct relation){
            random_text(seed, arena), random_text(seed, arena), random_text(seed, arena)};
    report.take =
        (struct take){(unsigned)random_below(seed, 3), 4, random_below(seed, 2)};
    if (!report.take.n && !report.take.more)
        report.take.of = 0;
    report.embargo_ms = (int64_t)random_below(seed, 1000);
    report.expires_ms = (int64_t)random_below(seed, 1000);
    report.extra =
        random_below(seed, 2) ? VIEW_LIT("{\"a\":[1,{\"b\":null}]}") : view_of("");
    if (!report.text.len)
        report.text = VIEW_LIT("x");
    report.version = random_below(seed, 2) ? random_next(seed) : 0;
    report.received_ms = (int64_t)random_next(seed);
    report.urgency = (int)random_below(seed, 10);
    return report;
}

static void assert_same(struct report *a, struct report *b) {
    struct view left[VIEWS] = {{0}};
    size_t count;
    struct view *const *views = views_of(a, &count);

    for (size_t i = 0; i < count; i++)
        left[i] = *views[i];
    views = views_of(b, &count);
    for (size_t i = 0; i < count; i++)
        assert_view_equal(left[i], *views[i]);
    assert_int_equal(a->keyword_count, b->keyword_count);
    for (size_t i = 0; i < a->keyword_count; i++)
        assert_view_equal(a->keywords[i], b->keywords[i]);
    assert_int_equal(a->category_count, b->category_count);
    for (size_t i = 0; i < a->category_count; i++)
        assert_view_equal(a->categories[i], b->categories[i]);
    assert_int_equal(a->relation_count, b->relation_count);
    for (size_t i = 0; i < a->relation_count; i++) {
        assert_view_equal(a->relations[i].rel, b->relations[i].rel);
        assert_view_equal(a->relations[i].ref, b->relations[i].ref);
        assert_view_equal(a->relations[i].guid, b->relations[i].guid);
    }
    assert_int_equal(a->take.n, b->take.n);
    assert_int_equal(a->take.of, b->take.of);
    assert_int_equal(a->take.more, b->take.more);
    assert_true(a->embargo_ms == b->embargo_ms && a->expires_ms == b->expires_ms);
    assert_true(a->version == b->version && a->received_ms == b->received_ms);
    assert_int_equal(a->urgency, b->urgency);
}

static void report_decode__gives_back_what_was_encoded(void **state) {
    (void)state;
    struct arena arena = {0};
    uint64_t seed = 10;

    for (int i = 0; i < 3000; i++) {
        struct report report = random_report(&seed, &arena), back;
        struct buf bytes = {0};
        struct diag diag = {0};
        report_encode(&report, &bytes);
        assert_int_equal(report_decode(buf_view(&bytes), &back, &diag), 0);
        assert_same(&report, &back);
        assert_string_equal(diag.text, "");
        buf_release(&bytes);
        arena_clear(&arena);
    }
    arena_release(&arena);
}

static void report_decode__passes_over_tags_it_does_not_know(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct report report = {.text = VIEW_LIT("TUNIS"), .slug = VIEW_LIT("s")}, back;

    report_encode(&report, &bytes);
    buf_put_u8(&bytes, 200);
    buf_put_sized(&bytes, VIEW_LIT("\xFFnot even text"));
    buf_put_u8(&bytes, 0);
    buf_put_sized(&bytes, VIEW_LIT(""));

    assert_int_equal(report_decode(buf_view(&bytes), &back, NULL), 0);
    assert_same(&report, &back);
    buf_release(&bytes);
}

/* True when `len` bytes of an encoding end just behind a field. */
static bool on_border(struct view bytes, size_t len) {
    struct view rest = bytes, field;
    uint8_t tag;

    view_take_u8(&rest, &tag);
    while (rest.len && bytes.len - rest.len < len) {
        view_take_u8(&rest, &tag);
        view_take_sized(&rest, &field);
    }
    return bytes.len - rest.len == len;
}

static void report_decode__refuses_every_truncation(void **state) {
    (void)state;
    struct arena arena = {0};
    uint64_t seed = 11;
    struct report report = random_report(&seed, &arena), back = {0};
    struct buf bytes = {0};

    report_encode(&report, &bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        char *exact = malloc(len ? len : 1); // so that a sanitizer sees the end
        struct diag diag = {0};
        memcpy(exact, bytes.at, len);
        int err = report_decode(view_n(exact, len), &back, &diag);
        if (!on_border(buf_view(&bytes), len))
            assert_int_equal(err, ERR_SHORT);
        assert_true(err == 0 || diag.text[0]);
        free(exact);
    }
    buf_release(&bytes);
    arena_release(&arena);
}

static void report_decode__survives_any_byte_changed(void **state) {
    (void)state;
    struct arena arena = {0};
    uint64_t seed = 12;

    for (int i = 0; i < 200; i++) {
        struct report report = random_report(&seed, &arena), back;
        struct buf bytes = {0};
        report_encode(&report, &bytes);
        for (int k = 0; k < 100; k++) {
            size_t at = random_below(&seed, bytes.len);
            char was = bytes.at[at];
            struct diag diag = {0};
            bytes.at[at] = (char)random_next(&seed);
            int err = report_decode(buf_view(&bytes), &back, &diag);
            assert_int_equal(err == 0, diag.text[0] == 0);
            bytes.at[at] = was;
        }
        buf_release(&bytes);
        arena_clear(&arena);
    }
    arena_release(&arena);
}

static void check_field(uint8_t tag, struct view field, int want) {
    struct buf bytes = {0};
    struct report back;
    struct diag diag = {0};

    buf_put(&bytes, "\x01\x17\x01\0\0\0x", 7); // version 1, text "x"
    buf_put_u8(&bytes, tag);
    buf_put_sized(&bytes, field);
    assert_int_equal(report_decode(buf_view(&bytes), &back, &diag), want);
    assert_int_equal(diag.text[0] != 0, want != 0);
    if (want)
        assert_int_equal(diag.offset, 7);
    buf_release(&bytes);
}

static void report_decode__checks_each_field(void **state) {
    (void)state;

    check_field(8, VIEW_LIT("headline"), 0);
    check_field(8, VIEW_LIT("\xFF"), ERR_FORMAT);
    check_field(14, VIEW_LIT("\xC3"), ERR_FORMAT);
    check_field(15, VIEW_LIT("\x09\0\0\0\0\0\0\0"), 0);
    check_field(15, VIEW_LIT("\x0A\0\0\0\0\0\0\0"), ERR_FORMAT);
    check_field(15, VIEW_LIT("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), ERR_FORMAT);
    check_field(3, VIEW_LIT("\x01"), ERR_FORMAT);
    check_field(7, VIEW_LIT(""), ERR_FORMAT);
    check_field(21, VIEW_LIT("{}"), 0);
    check_field(21, VIEW_LIT("{} "), 0);
    check_field(21, VIEW_LIT("{}}"), ERR_FORMAT);
    check_field(21, VIEW_LIT("{\"a\":\n1}"), ERR_FORMAT);
    check_field(21, VIEW_LIT("[1]"), ERR_FORMAT);
    check_field(21, VIEW_LIT("},\"text\":\"other\",\"x\":{"), ERR_FORMAT);
}

static void report_decode__refuses_other_versions_and_no_text(void **state) {
    (void)state;
    struct report back;
    struct diag diag = {0};

    assert_int_equal(report_decode(VIEW_LIT("\x02"), &back, &diag), ERR_VERSION);
    assert_non_null(strstr(diag.text, "version 2"));
    assert_int_equal(report_decode(VIEW_LIT("\x01"), &back, NULL), ERR_FORMAT);
    assert_int_equal(report_decode(view_n(NULL, 0), &back, NULL), ERR_SHORT);
}

static void report_decode__keeps_no_more_keywords_than_there_is_room(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct report back;

    buf_put(&bytes, "\x01\x17\x01\0\0\0x", 7);
    for (int i = 0; i < REPORT_KEYWORDS + 10; i++) {
        buf_put_u8(&bytes, 14);
        buf_put_sized(&bytes, VIEW_LIT("word"));
    }

    assert_int_equal(report_decode(buf_view(&bytes), &back, NULL), 0);
    assert_int_equal(back.keyword_count, REPORT_KEYWORDS);
    buf_release(&bytes);
}

static void report_guid_or_digest__names_the_text(void **state) {
    (void)state;
    struct arena arena = {0};
    struct report one = {.text = VIEW_LIT("TUNIS"), .slug = VIEW_LIT("a")};
    struct report same = {.text = VIEW_LIT("TUNIS"), .version = 2};
    struct report other = {.text = VIEW_LIT("CAIRO")};
    struct report named = {.text = VIEW_LIT("CAIRO"), .guid = VIEW_LIT("tag:x")};

    struct view name = report_guid_or_digest(&one, &arena);

    assert_int_equal(name.len, strlen("digest:") + 32);
    assert_true(view_starts(name, "digest:"));
    assert_view_equal(name, report_guid_or_digest(&same, &arena));
    assert_false(view_eq(name, report_guid_or_digest(&other, &arena)));
    assert_view_is(report_guid_or_digest(&named, &arena), "tag:x");
    arena_release(&arena);
}

static void report_from_text__decodes_what_it_gets(void **state) {
    (void)state;
    static const struct {
        const char *raw, *text, *warning;
    } cases[] = {
        {"CAIRO (Reuters) -\r\nTroops", "CAIRO (Reuters) -\nTroops", ""},
        {"\xEF\xBB\xBF"
         "caf\xC3\xA9",
         "caf\xC3\xA9", ""},
        {"caf\xE9 \x93quoted\x94 \x80"
         "5 \x85", // Windows-1252
         "caf\xC3\xA9 \xE2\x80\x9Cquoted\xE2\x80\x9D \xE2\x82\xAC"
         "5 \xE2\x80\xA6",
         ""},
        {"na\xEFve\x81", "na\xC3\xAFve\xEF\xBF\xBD",
         "1 invalid windows-1252 sequences replaced"},
        {"\xC3\xA9t\xC3\xA9 \xC3", "\xC3\xA9t\xC3\xA9 \xEF\xBF\xBD",
         "1 invalid utf-8 sequences replaced"},
        {"\xE2\x80\x9CYes\xE2\x80\x9D \xC3\xA9 \xE2\x80 \xFF", // damaged UTF-8
         "\xE2\x80\x9CYes\xE2\x80\x9D \xC3\xA9 \xEF\xBF\xBD \xEF\xBF\xBD",
         "2 invalid utf-8 sequences replaced"},
        {"a\x01\x1A"
         "b",
         "ab", ""},
        {"  keeps its blanks \n", "  keeps its blanks \n", ""},
    };
    struct arena arena = {0};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct report report;
        struct diag diag = {0};
        if (report_from_text(view_of(cases[i].raw), NULL, &report, &arena, &diag))
            fail_msg("%s: %s", cases[i].text, diag.text);
        if (!view_is(report.text, cases[i].text))
            fail_msg("case %zu: %.*s", i, (int)report.text.len, report.text.at);
        assert_view_is(report.warning, cases[i].warning);
        assert_view_is(report.format, "text");
    }
    arena_release(&arena);
}

static void report_from_text__refuses_nothing_but_blanks(void **state) {
    (void)state;
    static const char *const blanks[] = {"", " \t\r\n", "\xEF\xBB\xBF",
                                         "\x01\x02\x7F \n"};
    struct arena arena = {0};

    for (size_t i = 0; i < COUNT(blanks); i++) {
        struct report report;
        struct diag diag = {0};
        assert_int_equal(
            report_from_text(view_of(blanks[i]), NULL, &report, &arena, &diag),
            ERR_FORMAT);
        assert_string_not_equal(diag.text, "");
    }
    arena_release(&arena);
}

static void report_from_text__is_valid_for_any_bytes(void **state) {
    (void)state;
    struct arena arena = {0};
    uint64_t seed = 13;

    for (int i = 0; i < 20000; i++) {
        char bytes[64];
        struct report report;
        size_t len = random_below(&seed, sizeof bytes);
        for (size_t k = 0; k < len; k++)
            bytes[k] = (char)(random_next(&seed) & (i % 2 ? 0xFF : 0xDF));
        if (report_from_text(view_n(bytes, len), NULL, &report, &arena, NULL) == 0)
            assert_int_equal(utf8_valid_prefix(report.text), report.text.len);
        arena_clear(&arena);
    }
    arena_release(&arena);
}

static const char *const real_dates[] = {"2020-01-14",
                                         "2020-02-29",
                                         "2000-02-29",
                                         "1999-12-31",
                                         "0001-01-01",
                                         "2020-01-14T10:15",
                                         "2020-01-14T10:15:02",
                                         "2020-01-14 10:15:02",
                                         "2020-01-14T10:15:02Z",
                                         "2020-01-14T10:15:02.1Z",
                                         "2020-01-14T10:15Z",
                                         "2020-01-14T10:15:02.113456789+02:00",
                                         "2020-01-14T24:00:00Z",
                                         "2016-12-31T23:59:60Z",
                                         "2020-01-14T10:15+0530",
                                         "2020-01-14T10:15-08",
                                         "2020-01-14T00:00:00-00:00"};

static const char *const unreal_dates[] = {"",
                                           "2020",
                                           "2020-01",
                                           "20200114",
                                           "2020-1-14",
                                           "2020-01-1",
                                           "2020-00-14",
                                           "2020-13-01",
                                           "2020-01-00",
                                           "2020-01-32",
                                           "2020-04-31",
                                           "2019-02-29",
                                           "1900-02-29",
                                           "2020-01-14T",
                                           "2020-01-14T10",
                                           "2020-01-14T10:1",
                                           "2020-01-14T10:60",
                                           "2020-01-14T25:00",
                                           "2020-01-14T24:01",
                                           "2020-01-14T24:00:01",
                                           "2020-01-14T10:15:61",
                                           "2020-01-14T10:15:02.",
                                           "2020-01-14T10:15:02.Z",
                                           "2020-01-14T10:15.5",
                                           "2020-01-14T10:15:",
                                           "2020-01-14T10:15+05:",
                                           "2020-01-14T10:15+5",
                                           "2020-01-14T10:15+19:00",
                                           "2020-01-14T10:15+05:60",
                                           "2020-01-14T10:15ZZ",
                                           "2020-01-14Z",
                                           "2020-01-14x",
                                           " 2020-01-14",
                                           "2020-01-14 ",
                                           "-020-01-14",
                                           "2020/01/14",
                                           "2020-01-14T+1:15",
                                           "yesterday"};

static void report_date_valid__knows_real_dates(void **state) {
    (void)state;

    for (size_t i = 0; i < COUNT(real_dates); i++)
        if (!report_date_valid(view_of(real_dates[i])))
            fail_msg("%s is real", real_dates[i]);
    for (size_t i = 0; i < COUNT(unreal_dates); i++)
        if (report_date_valid(view_of(unreal_dates[i])))
            fail_msg("%s is not real", unreal_dates[i]);
    assert_false(report_date_valid(view_n(NULL, 0)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_decode__gives_back_what_was_encoded),
        cmocka_unit_test(report_decode__passes_over_tags_it_does_not_know),
        cmocka_unit_test(report_decode__refuses_every_truncation),
        cmocka_unit_test(report_decode__survives_any_byte_changed),
        cmocka_unit_test(report_decode__checks_each_field),
        cmocka_unit_test(report_decode__refuses_other_versions_and_no_text),
        cmocka_unit_test(report_decode__keeps_no_more_keywords_than_there_is_room),
        cmocka_unit_test(report_guid_or_digest__names_the_text),
        cmocka_unit_test(report_from_text__decodes_what_it_gets),
        cmocka_unit_test(report_from_text__refuses_nothing_but_blanks),
        cmocka_unit_test(report_from_text__is_valid_for_any_bytes),
        cmocka_unit_test(report_date_valid__knows_real_dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
