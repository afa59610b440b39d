#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/datewords.h"

static void month__knows_names_and_short_forms(void **state) {
    (void)state;
    assert_int_equal(dateword_month(VIEW_LIT("January")), 1);
    assert_int_equal(dateword_month(VIEW_LIT("sept.")), 9);
    assert_int_equal(dateword_month(VIEW_LIT("DEC")), 12);
    assert_int_equal(dateword_month(VIEW_LIT("Ju")), 0);
    assert_int_equal(dateword_month(VIEW_LIT("Marching")), 0);
    assert_int_equal(dateword_month(VIEW_LIT("")), 0);
}

static void weekday__knows_names_and_short_forms(void **state) {
    (void)state;
    assert_int_equal(dateword_weekday(VIEW_LIT("Monday")), 1);
    assert_int_equal(dateword_weekday(VIEW_LIT("Thurs.")), 4);
    assert_int_equal(dateword_weekday(VIEW_LIT("sun")), 7);
    assert_int_equal(dateword_weekday(VIEW_LIT("Frid")), 5);
    assert_int_equal(dateword_weekday(VIEW_LIT("Sundays")), 0);
}

/* The day `text` means when written near 2020-01-14; what is left of it in *rest. */
static int32_t day_of(const char *text, const char **rest) {
    struct view from = view_of(text);
    struct written_date date;

    *rest = text;
    if (!written_date_take(&from, &date))
        return CALENDAR_NONE;
    *rest = from.at;
    return written_date_day(&date, calendar_day(2020, 1, 14), ORDER_UNKNOWN);
}

static void take__reads_every_form(void **state) {
    static const struct {
        const char *text, *rest;
        int year, month, day;
    } cases[] = {
        {"Tuesday 16/04/2019", "", 2019, 4, 16},
        {"Dec. 9 x", " x", 2019, 12, 9},
        {"9 December 2020,", ",", 2020, 12, 9},
        {"January 14th, 2020", "", 2020, 1, 14},
        {"2020-12-09", "", 2020, 12, 9},
        {"16.4.2019", "", 2019, 4, 16},
        {"04/16/2019", "", 2019, 4, 16},
        {"01/13/20", "", 2020, 1, 13},
        {"2/11/93", "", 1993, 11, 2},
        {"Monday", "", 2020, 1, 13},
        {"3rd of May 2019", "", 2019, 5, 3},
        {"12/01/2020", "", 2020, 1, 12},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *rest;
        int32_t day = day_of(cases[i].text, &rest);
        assert_int_equal(day, calendar_day(cases[i].year, cases[i].month, cases[i].day));
        assert_string_equal(rest, cases[i].rest);
    }
}

static void take__reads_other_languages(void **state) {
    static const struct {
        const char *text, *rest;
        int year, month, day;
    } cases[] = {
        {"5. Januar 2020", "", 2020, 1, 5},
        {"Dienstag, 16. April 2019", "", 2019, 4, 16},
        {"mardi 16 avril 2019", "", 2019, 4, 16},
        {"1er janvier 2020", "", 2020, 1, 1},
        {"3 déc (", " (", 2019, 12, 3},
        {"14 de enero de 2020", "", 2020, 1, 14},
        {"5 Ene. x", " x", 2020, 1, 5},
        {"11 ott. 2019", "", 2019, 10, 11},
        {"05 dez 2019", "", 2019, 12, 5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *rest;
        int32_t day = day_of(cases[i].text, &rest);
        assert_int_equal(day, calendar_day(cases[i].year, cases[i].month, cases[i].day));
        assert_string_equal(rest, cases[i].rest);
    }
}

static void day__asks_who_wrote_it(void **state) {
    static const struct {
        const char *text;
        int32_t near_day; /* of March 2020; 0: unknown */
        enum date_order order;
        int month, day;
    } cases[] = {
        {"03/04/2020", 0, ORDER_UNKNOWN, 4, 3},
        {"03/04/2020", 0, ORDER_MONTH_FIRST_THERE, 3, 4},
        {"03/04/2020", 0, ORDER_MONTH_FIRST, 3, 4},
        {"03/04/2020", 5, ORDER_UNKNOWN, 3, 4}, /* near the day it came */
        {"03/04/2020", 31, ORDER_MONTH_FIRST_THERE, 4, 3},
        {"03/04/2020", 5, ORDER_DAY_FIRST, 4, 3}, /* the feed is known */
        {"03/04/2020", 31, ORDER_MONTH_FIRST, 3, 4},
        {"Wednesday 03/04/2020", 31, ORDER_DAY_FIRST, 3, 4}, /* it was one */
        {"Friday 03/04/2020", 5, ORDER_MONTH_FIRST, 4, 3},
        {"03/14/2020", 0, ORDER_DAY_FIRST, 3, 14},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct view from = view_of(cases[i].text);
        struct written_date date;
        int32_t near =
            cases[i].near_day ? calendar_day(2020, 3, cases[i].near_day) : CALENDAR_NONE;
        assert_true(written_date_take(&from, &date));
        assert_int_equal(written_date_day(&date, near, cases[i].order),
                         calendar_day(2020, cases[i].month, cases[i].day));
    }
}

static void take__refuses_what_is_no_date(void **state) {
    static const char *const texts[] = {"31/02/2019", "Feb. 30",   "13/13/2019",
                                        "1/2/345",    "May",       "",
                                        "40 March",   "2019-13-01"};
    const char *rest;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(day_of(texts[i], &rest), CALENDAR_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(month__knows_names_and_short_forms),
        cmocka_unit_test(weekday__knows_names_and_short_forms),
        cmocka_unit_test(take__reads_every_form),
        cmocka_unit_test(take__reads_other_languages),
        cmocka_unit_test(day__asks_who_wrote_it),
        cmocka_unit_test(take__refuses_what_is_no_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
