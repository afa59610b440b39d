#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "proto/utf8.h"
#include "sink/show.h"

static const struct show_style plain = {false, 80};
static const struct show_style coloured = {true, 80};

static const char event[] =
    "{\"schema\":\"wiretag/1\",\"published\":\"2020-01-14\",\"version\":2,"
    "\"action\":\"update\",\"status\":\"usable\",\"part\":{\"n\":1,\"of\":2},"
    "\"source\":{\"feed\":\"wfd-en\",\"agency\":\"WFD\"},"
    "\"headline\":\"Haftar leaves Moscow\",\"dateline\":{\"place\":\"TUNIS\"},"
    "\"text\":\"TUNIS - Haftar left.\",\"entities\":["
    "{\"id\":\"e1\",\"type\":\"person\",\"name\":\"Khalifa "
    "Haftar\",\"role\":\"General\"},"
    "{\"id\":\"e2\",\"type\":\"location\",\"name\":\"Tripoli\",\"role\":null},"
    "{\"id\":\"e3\",\"type\":\"organization\",\"name\":\"GNA\"},"
    "{\"id\":\"e4\",\"type\":\"location\",\"name\":\"Abu Grein\"},"
    "{\"id\":\"e5\",\"type\":\"person\",\"name\":\"Fayez al-Sarraj\"}],"
    "\"places\":[{\"entity\":\"e2\",\"country\":\"LY\"}],\"dates\":["
    "{\"text\":\"Thursday\",\"value\":\"2020-01-16\"},"
    "{\"text\":\"Thursday\",\"value\":\"2020-01-16\"},"
    "{\"text\":\"two hours\",\"value\":\"PT2H\",\"type\":\"DURATION\"},"
    "{\"text\":\"2020-01-20\",\"value\":\"2020-01-20\"}],"
    "\"warnings\":[\"the dateline has no date\"]}";

static void assert_shown(const char *json, const struct show_style *style,
                         const char *want) {
    struct buf out = {0};

    assert_int_equal(show_event(view_of(json), style, &out), 0);
    assert_string_equal(buf_text(&out), want);
    buf_release(&out);
}

static void event__is_a_paragraph(void **state) {
    (void)state;

    assert_shown(event, &plain,
                 "Haftar leaves Moscow\n"
                 "TUNIS · WFD · 2020-01-14 · update · v2 · story 1 of 2\n"
                 "  people         Khalifa Haftar (General), Fayez al-Sarraj\n"
                 "  organizations  GNA\n"
                 "  places         Tripoli LY, Abu Grein ?\n"
                 "  dates          Thursday → 2020-01-16, 2020-01-20\n"
                 "  warning        the dateline has no date\n\n");
}

static void event__without_headline_shows_how_it_begins(void **state) {
    (void)state;

    assert_shown("{\"text\":\"\\n A short note\\nand more\"}", &plain,
                 "A short note\n\n");
}

static void event__is_coloured_on_request(void **state) {
    struct buf out = {0};
    (void)state;

    assert_int_equal(show_event(view_of(event), &coloured, &out), 0);

    assert_true(view_starts(buf_view(&out), "\033[1mHaftar\033[0m \033[1mleaves"));
    buf_release(&out);
}

/* Wide names wrap at the edge and stay in their column, counted in code points. */
static void event__wraps_between_words(void **state) {
    struct buf json = {0}, out = {0};
    const struct show_style narrow = {false, 40};
    struct view rest, line;
    (void)state;
    buf_put_text(&json,
                 "{\"text\":\"x\",\"headline\":\"Žluťoučký kůň úpěl ďábelské ódy a "
                 "pak ještě jednou\",\"entities\":[");
    for (int i = 0; i < 20; i++)
        buf_printf(&json, "%s{\"type\":\"person\",\"name\":\"Ďábelský Kůň-%d\"}",
                   i ? "," : "", i);
    buf_put_text(&json, "]}");

    assert_int_equal(show_event(buf_view(&json), &narrow, &out), 0);

    rest = buf_view(&out);
    for (int n = 0; view_split(&rest, '\n', &line); n++) {
        assert_true(utf8_count(line) <= 40);
        if (n > 3 && line.len)
            assert_true(view_starts(line, "                 "));
    }
    buf_release(&json);
    buf_release(&out);
}

static void event__cannot_steer_the_terminal(void **state) {
    struct buf out = {0};
    const char *json =
        "{\"text\":\"x\",\"headline\":\"a\\u001b[2Jb\\u009bc\\u202Ed\\r\\n\\u0007e\","
        "\"source\":{\"agency\":\"\\u001b]0;title\\u0007\"},"
        "\"published\":\"\\u001b[31m2020-01-14\"}";
    (void)state;

    assert_int_equal(show_event(view_of(json), &plain, &out), 0);

    for (size_t i = 0; i < out.len; i++)
        assert_true(out.at[i] == '\n' || (unsigned char)out.at[i] >= 0x20);
    assert_null(strstr(buf_text(&out), "\xC2\x9B"));
    assert_null(strstr(buf_text(&out), "\xE2\x80\xAE"));
    buf_release(&out);
}

static void event__says_what_it_does_to_earlier_ones(void **state) {
    (void)state;

    assert_shown("{\"text\":\"x\",\"action\":\"kill\",\"relates\":[7,"
                 "{\"rel\":\"kills\",\"ref\":\"wfd 0141\",\"guid\":\"g\"},"
                 "{\"rel\":\"replaces\",\"ref\":null,\"guid\":\"urn:x:1\"},"
                 "{\"rel\":\"\\u001b[2J\",\"ref\":\"y\"}]}",
                 &plain,
                 "x\nkill\n  kills          wfd 0141\n  replaces       urn:x:1\n\n");
}

static void event__that_is_none_is_refused(void **state) {
    static const char *const cases[] = {
        "", "{", "[]", "null", "{\"text\":1}", "{\"a\":\"b\"}", "\xFF"};
    struct buf out = {0};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(show_event(view_of(cases[i]), &plain, &out), ERR_FORMAT);

    assert_int_equal(out.len, 0);
}

static void event__with_parts_of_wrong_types_is_shown_without_them(void **state) {
    (void)state;

    assert_shown("{\"text\":\"x\",\"headline\":7,\"source\":[],\"entities\":{\"a\":1},"
                 "\"places\":3,\"dates\":[1,{\"text\":null}],\"warnings\":[null],"
                 "\"dateline\":\"y\",\"published\":\"2020\"}",
                 &plain, "x\n\n");
}

static void error__is_one_line(void **state) {
    struct buf out = {0};
    (void)state;

    assert_int_equal(
        show_error(VIEW_LIT("{\"error\":\"not\\nso\",\"query\":\"q\"}"), &out), 0);

    assert_string_equal(buf_text(&out), "not so");
    assert_int_equal(show_error(VIEW_LIT("{\"text\":\"x\"}"), &out), ERR_NOT_FOUND);
    assert_int_equal(show_error(VIEW_LIT("x"), &out), ERR_NOT_FOUND);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event__is_a_paragraph),
        cmocka_unit_test(event__without_headline_shows_how_it_begins),
        cmocka_unit_test(event__is_coloured_on_request),
        cmocka_unit_test(event__wraps_between_words),
        cmocka_unit_test(event__cannot_steer_the_terminal),
        cmocka_unit_test(event__says_what_it_does_to_earlier_ones),
        cmocka_unit_test(event__that_is_none_is_refused),
        cmocka_unit_test(event__with_parts_of_wrong_types_is_shown_without_them),
        cmocka_unit_test(error__is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
