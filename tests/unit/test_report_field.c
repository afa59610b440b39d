/* What readers do with the words in a field. */
#include "tests/unit/check.h"

#include "proto/report_field.h"
#include "proto/utf8.h"

static struct arena arena;

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static void field_text__copies_only_what_it_changes(void **state) {
    static const char *const clean[] = {
        "", "x", "Two\nlines\tand a tab, long enough for several steps\n",
        "caf\xC3\xA9 \xC2\xA0\xC2\xBB \xEF\xBC\x81 \xF0\x9F\x98\x80 and on it goes"};
    (void)state;

    for (size_t i = 0; i < COUNT(clean); i++) {
        struct view raw = view_of(clean[i]);
        assert_ptr_equal(field_text(raw, &arena).at, raw.at);
        assert_int_equal(field_text(raw, &arena).len, raw.len);
    }
    assert_int_equal(field_text(view_n(NULL, 0), &arena).len, 0);
}

/* In every place, so that each step of eight bytes has it everywhere. */
static void field_text__takes_out_what_no_text_holds(void **state) {
    static const char *const wrong[] = {"\x01",     "\x7F",     "\r",
                                        "\xC2\x80", "\xC2\x9F", "\v"};
    char raw[40];
    (void)state;

    for (size_t w = 0; w < COUNT(wrong); w++) {
        for (size_t at = 0; at < 24; at++) {
            size_t n = strlen(wrong[w]);
            memset(raw, 'a', sizeof raw);
            memcpy(raw + at, wrong[w], n);
            struct view text = field_text(view_n(raw, 30), &arena);
            assert_int_equal(text.len, 30 - n + (wrong[w][0] == '\r'));
            arena_clear(&arena);
        }
    }
    assert_view_is(field_text(view_of("\xEF\xBB\xBFx"), &arena), "x");
}

static void field_line__is_one_line(void **state) {
    struct view raw = view_of("  One line  ");
    (void)state;

    assert_ptr_equal(field_line(raw, &arena).at, raw.at + 2);
    assert_view_is(field_line(raw, &arena), "One line");
    assert_view_is(field_line(view_of("\n one\r\ntwo\tthree\x02\n"), &arena),
                   "one two three");
    assert_view_is(field_line(view_of(" \xEF\xBB\xBF \xEF\xBB\xBFx"), &arena), "x");
    assert_view_is(field_line(view_of("\x01 \xEF\xBB\xBFx"), &arena), "x");
}

/* Whatever it is given, giving it again changes nothing. */
static void field_line__needs_no_second_time(void **state) {
    static const char *const parts[] = {
        " ", "\n", "\t", "a", "\x01", "\r", "b", "\xC2\x85", "\xEF\xBB\xBF", "\xC3\xA9"};
    uint64_t seed = 9;
    (void)state;

    for (int i = 0; i < 20000; i++) {
        struct buf raw = {0};
        for (size_t n = random_below(&seed, 14); n; n--)
            buf_put_text(&raw, parts[random_below(&seed, COUNT(parts))]);
        struct view once = field_line(buf_view(&raw), &arena);
        assert_view_equal(field_line(once, &arena), once);
        assert_int_equal(utf8_valid_prefix(once), once.len);
        arena_clear(&arena);
        buf_release(&raw);
    }
}

static void report_warn__joins_each_once(void **state) {
    struct report report = {0};
    (void)state;

    report_warn(&report, &arena, "one");
    report_warn(&report, &arena, "two");
    report_warn(&report, &arena, "one");
    report_warn(&report, &arena, "");
    report_warn(&report, &arena, "on");

    assert_view_is(report.warning, "one; two; on");
}

static void report_warn__keeps_to_one_valid_line(void **state) {
    struct report report = {0};
    (void)state;

    report_warn(&report, &arena, "not \xC3 a\nnumber");

    assert_int_equal(utf8_valid_prefix(report.warning), report.warning.len);
    assert_null(memchr(report.warning.at, '\n', report.warning.len));
}

static void report_add__keeps_each_once_up_to_the_limit(void **state) {
    static char names[REPORT_KEYWORDS + 1][4];
    struct report report = {0};
    (void)state;

    for (size_t i = 0; i < COUNT(names); i++) {
        names[i][0] = (char)('A' + i / 26);
        names[i][1] = (char)('a' + i % 26);
        bool room = report_add_keyword(&report, view_of(names[i]));
        assert_int_equal(room, i < REPORT_KEYWORDS);
        assert_true(report_add_keyword(&report, view_of("Aa")));
        assert_true(report_add_category(&report, view_of("")));
    }
    assert_int_equal(report.keyword_count, REPORT_KEYWORDS);
    assert_int_equal(report.category_count, 0);
}

#define test(name) cmocka_unit_test_teardown(name, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(field_text__copies_only_what_it_changes),
        test(field_text__takes_out_what_no_text_holds),
        test(field_line__is_one_line),
        test(field_line__needs_no_second_time),
        test(report_warn__joins_each_once),
        test(report_warn__keeps_to_one_valid_line),
        test(report_add__keeps_each_once_up_to_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
