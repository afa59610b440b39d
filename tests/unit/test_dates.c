#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/stage.h"

static void *dates;

static int open_dates(void **state) {
    struct diag diag = {0};

    (void)state;
    return stage_dates.open(NULL, &dates, &diag);
}

static int close_dates(void **state) {
    (void)state;
    stage_dates.close(dates);
    return 0;
}

/* The dates of a sentence written on Friday, 2020-01-17, as "text=value[mod] ...". */
static const char *read_at(const char *text, int32_t published, struct arena *arena) {
    struct stretch all = {0, (uint32_t)strlen(text), ZONE_BODY, 0, 0};
    struct doc doc = {.arena = arena,
                      .text = view_of(text),
                      .published = published,
                      .stretches = &all,
                      .stretch_count = 1};
    struct buf out = {0};
    const char *copy;

    stage_token.run(NULL, &doc);
    stage_dates.run(dates, &doc);
    for (size_t i = 0; i < doc.event.date_count; i++) {
        const struct event_date *d = &doc.dates[i];
        buf_put_text(&out, i ? "; " : "");
        buf_put_view(&out, doc_span(&doc, d->at));
        buf_put_text(&out, "=");
        buf_put_view(&out, d->value);
        if (d->mod.len)
            buf_printf(&out, "[%.*s]", (int)d->mod.len, d->mod.at);
        assert_int_equal(d->from.len != 0, d->to.len != 0);
    }
    copy = arena_copy(arena, out.len ? out.at : "", out.len);
    buf_release(&out);
    return copy;
}

static void check(const char *text, const char *want) {
    struct arena arena = {0};
    int32_t day = calendar_day(2020, 1, 17);

    assert_string_equal(read_at(text, day, &arena), want);
    arena_release(&arena);
}

static void dates__follow_the_tense(void **state) {
    (void)state;
    check("It fell on Thursday.", "Thursday=2020-01-16");
    check("It will fall on Thursday.", "Thursday=2020-01-23");
    check("It fell on Friday.", "Friday=2020-01-17");
    check("It will be discussed by all on Friday.", "Friday=2020-01-17");
    check("On Monday it will rain.", "Monday=2020-01-20");
    check("He is to fly home in March.", "March=2020-03");
    check("He flew home in March.", "March=2019-03");
    check("It was hit by gunfire on Monday evening.", "Monday evening=2020-01-13TEV");
    check("They opposed it until May 5 and left on May 5, 2018.",
          "May 5=2019-05-05; May 5, 2018=2018-05-05");
}

static void dates__take_the_longest_expression(void **state) {
    (void)state;
    check("since 9 p.m. on Tuesday", "9 p.m. on Tuesday=2020-01-14T21:00");
    check("in the early hours of Friday", "the early hours of Friday=2020-01-17TMO");
    check("by the end of next month", "the end of next month=2020-02[END]");
    check("in late 2016", "late 2016=2016[END]");
    check("the summer of 2020", "the summer of 2020=2020-SU");
    check("more than two and a half", "");
}

static void dates__need_words_that_make_them_dates(void **state) {
    (void)state;
    check("May will march in august company, said April.", "");
    check("a second chance for the Sunday Times", "");
    check("some 2011 people and 1999.5 points and 2,001 men", "");
    check("He won 6-4, 4:50 ahead.", "");
    check("in 2011 and since 1999", "2011=2011; 1999=1999");
    check("the 2011 uprising", "2011=2011");
}

static void dates__count_units(void **state) {
    (void)state;
    check("three days ago, two weeks ago, nine months ago, a year ago",
          "three days ago=2020-01-14; two weeks ago=2020-W01; nine months ago=2019-04; a "
          "year ago=2019");
    check("for half an hour, half a century and about ten seconds",
          "half an hour=PT30M; half a century=P50Y; about ten seconds=PT10S[APPROX]");
    check("over the weekend", "the weekend=2020-W02-WE");
    check("this weekend", "this weekend=2020-W03-WE");
    check("200 kilometres a week", "a week=P1W");
    check("every 999,999 days", "every 999,999 days=P999999D");
}

static void dates__without_a_day_stay_open(void **state) {
    struct arena arena = {0};

    (void)state;
    assert_string_equal(
        read_at(
            "On Tuesday, in April, on May 5, today, last week, at 9 p.m., two days ago.",
            CALENDAR_NONE, &arena),
        "Tuesday=XXXX-WXX-2; April=XXXX-04; May 5=XXXX-05-05; today=PRESENT_REF; last "
        "week=XXXX-WXX; 9 p.m.=XXXX-XX-XXT21:00; two days ago=PAST_REF");
    arena_release(&arena);
}

static void dates__survive_the_edges_of_the_calendar(void **state) {
    struct arena arena = {0};

    (void)state;
    (void)read_at(
        "on Tuesday, 5000 years ago, 4000 centuries ago, last century, Feb. 29, in "
        "the last 5000 centuries, the next 900 decades, 31/12/9999",
        calendar_day(1, 1, 1), &arena);
    (void)read_at(
        "on Tuesday, 5000 years ago, next decade, Feb. 29, next 4999 years will",
        calendar_day(9999, 12, 31), &arena);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates__follow_the_tense),
        cmocka_unit_test(dates__take_the_longest_expression),
        cmocka_unit_test(dates__need_words_that_make_them_dates),
        cmocka_unit_test(dates__count_units),
        cmocka_unit_test(dates__without_a_day_stay_open),
        cmocka_unit_test(dates__survive_the_edges_of_the_calendar),
    };
    return cmocka_run_group_tests(tests, open_dates, close_dates);
}
