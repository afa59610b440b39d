#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/pattern.h"

static struct view found(struct pattern_set *set, size_t i, const char *text, size_t from,
                         char letter) {
    struct pattern_match match;

    if (!pattern_at(set, i, view_of(text), from, strlen(text), &match))
        return view_of("(none)");
    return letter ? pattern_group(&match, view_of(text), letter)
                  : view_n(text + match.at.start, match.at.end - match.at.start);
}

static struct pattern_set *set_of(const char *pattern) {
    struct pattern_set *set = NULL;
    struct diag diag = {0};

    assert_int_equal(pattern_set_new(&pattern, 1, &set, &diag), 0);
    return set;
}

static void at__matches_at_the_place_only(void **state) {
    struct pattern_set *set = set_of("(?<y>\\d{4})-\\d\\d");

    (void)state;
    assert_true(view_is(found(set, 0, "in 2020-01", 3, 0), "2020-01"));
    assert_true(view_is(found(set, 0, "in 2020-01", 0, 0), "(none)"));
    assert_true(view_is(found(set, 0, "in 2020-01", 3, 'y'), "2020"));
    pattern_set_free(set);
}

static void at__sees_what_is_before_but_nothing_behind(void **state) {
    struct pattern_set *set = set_of("(?<=in )\\d+");
    struct pattern_match match;

    (void)state;
    assert_true(view_is(found(set, 0, "in 2020", 3, 0), "2020"));
    assert_true(view_is(found(set, 0, "on 2020", 3, 0), "(none)"));
    assert_true(pattern_at(set, 0, VIEW_LIT("in 2020"), 3, 5, &match));
    assert_int_equal(match.at.end, 5);
    pattern_set_free(set);
}

static void at__gives_the_group_that_took_part(void **state) {
    struct pattern_set *set = set_of("a(?<n>\\d)|b(?<n>\\d+)(?<u>x)?");

    (void)state;
    assert_true(view_is(found(set, 0, "a1", 0, 'n'), "1"));
    assert_true(view_is(found(set, 0, "b22", 0, 'n'), "22"));
    assert_int_equal(found(set, 0, "b22", 0, 'u').len, 0);
    assert_true(view_is(found(set, 0, "b22x", 0, 'u'), "x"));
    pattern_set_free(set);
}

static void at__gives_up_on_too_much_work(void **state) {
    struct pattern_set *set = set_of("(?:a+)+(?:a+)+(?:a+)+b");

    (void)state;
    assert_true(view_is(
        found(set, 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, 0),
        "(none)"));
    pattern_set_free(set);
}

static void new__names_what_is_wrong(void **state) {
    const char *broken[] = {"fine", "(?<n>\\d"}, *capital[] = {"(?<N>x)"};
    struct pattern_set *set = NULL;
    struct diag diag = {0};

    (void)state;
    assert_int_equal(pattern_set_new(broken, 2, &set, &diag), ERR_FORMAT);
    assert_non_null(strstr(diag.text, "pattern 1"));
    diag.text[0] = 0;
    assert_int_equal(pattern_set_new(capital, 1, &set, &diag), ERR_FORMAT);
    assert_non_null(strstr(diag.text, "small letter"));
    assert_null(set);
    pattern_set_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at__matches_at_the_place_only),
        cmocka_unit_test(at__sees_what_is_before_but_nothing_behind),
        cmocka_unit_test(at__gives_the_group_that_took_part),
        cmocka_unit_test(at__gives_up_on_too_much_work),
        cmocka_unit_test(new__names_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
