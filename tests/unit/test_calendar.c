#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/calendar.h"

static void day__counts_from_1970(void **state) {
    (void)state;
    assert_int_equal(calendar_day(1970, 1, 1), 0);
    assert_int_equal(calendar_day(2020, 1, 14), 18275);
    assert_int_equal(calendar_day(1969, 12, 31), -1);
    assert_int_equal(calendar_day(2020, 13, 1), calendar_day(2021, 1, 1));
    assert_int_equal(calendar_day(2020, 0, 1), calendar_day(2019, 12, 1));
}

static void date__undoes_day(void **state) {
    (void)state;
    for (int32_t day = calendar_day(1599, 12, 30); day < calendar_day(2401, 1, 2);
         day++) {
        struct calendar_date d = calendar_date(day);
        assert_true(calendar_valid(d.year, d.month, d.day));
        assert_int_equal(calendar_day(d.year, d.month, d.day), day);
    }
}

static void leap__knows_centuries(void **state) {
    (void)state;
    assert_true(calendar_leap(2000));
    assert_false(calendar_leap(1900));
    assert_int_equal(calendar_month_days(2020, 2), 29);
    assert_false(calendar_valid(2015, 2, 29));
    assert_false(calendar_valid(2015, 13, 1));
    assert_false(calendar_valid(0, 1, 1));
}

static void weekday__is_one_on_monday(void **state) {
    (void)state;
    assert_int_equal(calendar_weekday(calendar_day(2019, 4, 16)), 2);
    assert_int_equal(calendar_weekday(calendar_day(1969, 12, 29)), 1);
    assert_int_equal(calendar_weekday(calendar_day(1900, 1, 1)), 1);
}

static void week__belongs_to_its_thursday(void **state) {
    (void)state;
    static const struct {
        int y, m, d, year, week;
    } cases[] = {{2020, 1, 17, 2020, 3}, {2021, 1, 3, 2020, 53},
                 {2021, 1, 4, 2021, 1},  {2018, 12, 31, 2019, 1},
                 {2016, 1, 1, 2015, 53}, {2020, 12, 31, 2020, 53}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct calendar_week w =
            calendar_week(calendar_day(cases[i].y, cases[i].m, cases[i].d));
        assert_int_equal(w.year, cases[i].year);
        assert_int_equal(w.week, cases[i].week);
    }
    assert_int_equal(calendar_weeks(2020), 53);
    assert_int_equal(calendar_weeks(2021), 52);
    assert_int_equal(calendar_week_start(2020, 3), calendar_day(2020, 1, 13));
    assert_int_equal(calendar_week_start(2019, 1), calendar_day(2018, 12, 31));
}

static void add_months__cuts_to_the_month(void **state) {
    (void)state;
    assert_int_equal(calendar_add_months(calendar_day(2020, 1, 31), 1),
                     calendar_day(2020, 2, 29));
    assert_int_equal(calendar_add_months(calendar_day(2020, 1, 31), -2),
                     calendar_day(2019, 11, 30));
    assert_int_equal(calendar_add_months(calendar_day(2020, 6, 15), 24),
                     calendar_day(2022, 6, 15));
}

static void parse__takes_the_front_of_a_date_time(void **state) {
    (void)state;
    assert_int_equal(calendar_parse(VIEW_LIT("2020-01-14")), 18275);
    assert_int_equal(calendar_parse(VIEW_LIT("2020-01-14T10:15:00Z")), 18275);
    assert_int_equal(calendar_parse(VIEW_LIT("2020-02-30")), CALENDAR_NONE);
    assert_int_equal(calendar_parse(VIEW_LIT("2020-01-141")), CALENDAR_NONE);
    assert_int_equal(calendar_parse(VIEW_LIT("2020-1-14")), CALENDAR_NONE);
    assert_int_equal(calendar_parse(VIEW_LIT("")), CALENDAR_NONE);
}

static void print__is_iso(void **state) {
    char text[CALENDAR_TEXT];

    (void)state;
    calendar_print(calendar_day(812, 3, 9), text);
    assert_string_equal(text, "0812-03-09");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day__counts_from_1970),
        cmocka_unit_test(date__undoes_day),
        cmocka_unit_test(leap__knows_centuries),
        cmocka_unit_test(weekday__is_one_on_monday),
        cmocka_unit_test(week__belongs_to_its_thursday),
        cmocka_unit_test(add_months__cuts_to_the_month),
        cmocka_unit_test(parse__takes_the_front_of_a_date_time),
        cmocka_unit_test(print__is_iso),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
