/* Instants as senders write them. */
#include "tests/unit/check.h"

#include "proto/moment.h"

typedef bool reader(struct view text, struct moment_parts *out);

/* wanted NULL: refused. */
struct example {
    const char *text, *wanted;
};

static void check(reader *read, const struct example *all, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct moment_parts parts;
        char room[MOMENT_TEXT];
        bool good = read(view_of(all[i].text), &parts);
        if (good != (all[i].wanted != NULL))
            fail_msg("\"%s\" was %s", all[i].text, good ? "read" : "refused");
        if (good && !view_is(moment_print_parts(&parts, room), all[i].wanted))
            fail_msg("\"%s\" is %s, not %s", all[i].text, room, all[i].wanted);
    }
}

static void moment_of_iso__reads_both_forms(void **state) {
    static const struct example all[] = {
        {"2020-01-14", "2020-01-14"},
        {"20200114", "2020-01-14"},
        {"2020-01-14T10:15:02Z", "2020-01-14T10:15:02Z"},
        {" 2020-01-14 10:15 ", "2020-01-14T10:15:00"},
        {"2020-01-14T10:15:02.5+01:00", "2020-01-14T09:15:02.500Z"},
        {"2020-01-14T10:15:02,123456Z", "2020-01-14T10:15:02.123Z"},
        {"20200114T101502+0100", "2020-01-14T09:15:02Z"},
        {"20200114T101502-0530", "2020-01-14T15:45:02Z"},
        {"20200114T1015Z", "2020-01-14T10:15:00Z"},
        {"2020-01-14T10:15:02+01", "2020-01-14T09:15:02Z"},
        {"2020-01-14 10:15:02 +0100", "2020-01-14T09:15:02Z"},
        {"2019-12-31T24:00:00Z", "2020-01-01T00:00:00Z"},
        {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"},
        {"2020-02-30", NULL},
        {"2020-13-01", NULL},
        {"2020-01-14T", NULL},
        {"2020-01-14T25:00:00Z", NULL},
        {"2020-01-14T10:61:00Z", NULL},
        {"2020-01-14T10:15:02+25:00", NULL},
        {"2020-01-14T10:15:02Zx", NULL},
        {"1969-12-31", NULL},
        {"2020-01", NULL},
        {"", NULL},
        {"tomorrow", NULL},
    };
    (void)state;
    check(moment_of_iso, all, COUNT(all));
}

static void moment_of_rfc822__reads_what_feeds_have(void **state) {
    static const struct example all[] = {
        {"Tue, 14 Jan 2020 10:15:02 GMT", "2020-01-14T10:15:02Z"},
        {"14 Jan 2020 10:15:02 +0100", "2020-01-14T09:15:02Z"},
        {"Tue, 14 January 2020 10:15 EST", "2020-01-14T15:15:00Z"},
        {"tue 14 jan 20 10:15:02 PDT", "2020-01-14T17:15:02Z"},
        {"Fri, 01 Jan 99 00:00:00 UT", "1999-01-01T00:00:00Z"},
        {"Tue, 14 Jan 2020", "2020-01-14"},
        {"Tue, 14 Jan 2020 9:05:02", "2020-01-14T09:05:02"},
        {"Tue, 14 Jan 2020 10:15:02 XYZ", "2020-01-14T10:15:02Z"},
        {"Tuesday, January 14, 2020 10:15 GMT", "2020-01-14T10:15:00Z"},
        {"Tue Jan 14 10:15:02 2020", "2020-01-14T10:15:02"},
        {"Tue Jan  4 10:15:02 GMT 2020", "2020-01-04T10:15:02Z"},
        {"Tuesday, 14-Jan-20 10:15:02 GMT", "2020-01-14T10:15:02Z"},
        {"Tue, 14 Jan 2020 10:15:02 UTC+1", "2020-01-14T09:15:02Z"},
        {"Tue, 14 Jan 2020 10:15:02 GMT-0530", "2020-01-14T15:45:02Z"},
        {"Tue, 14 Jan 2020 10:15:02 +01:00 (CET)", "2020-01-14T09:15:02Z"},
        {"Tue, 14 Jan 2020 10:15:02.250Z", "2020-01-14T10:15:02.250Z"},
        {"Tue, 14 Jan 2020 12:15:02 AM EST", "2020-01-14T05:15:02Z"},
        {"Tue, 14 Jan 2020 1:15 pm", "2020-01-14T13:15:00"},
        {"Do., 15. Okt. 2020 10:15:02 +0200", "2020-10-15T08:15:02Z"},
        {"Tue, 14 Jan 2020 10:0:2 Z", "2020-01-14T10:00:02Z"},
        {"Aug 15, 2019", "2019-08-15"},
        {"05 Agustus 2019", "2019-08-05"},
        {"mar., 14 janv. 2020 10:15:02 +0100", "2020-01-14T09:15:02Z"},
        {"Sam, 04 juil. 2020 10:15:02 +0200", "2020-07-04T08:15:02Z"},
        {"Tue, 14 Jan 2020 10:15:02 GMT GMT", NULL},
        {"Tue, 14 Jan 2020 10:15 10:15", NULL},
        {"Tue, 14 Jan 2020 2020", NULL},
        {"an hour ago", NULL},
        {"10:15 GMT", NULL},
        {"Tue, 32 Jan 2020 10:15:02 GMT", NULL},
        {"Tue, 14 Foo 2020 10:15:02 GMT", NULL},
        {"Tue, 14 Jan 2020 25:15:02 GMT", NULL},
        {"Tue, 14 Jan", NULL},
        {"", NULL},
        {"Tue", NULL},
    };
    (void)state;
    check(moment_of_rfc822, all, COUNT(all));
}

static void moment_print__goes_there_and_back(void **state) {
    uint64_t seed = 7;
    (void)state;
    for (int i = 0; i < 10000; i++) {
        int64_t ms = (int64_t)(random_next(&seed) % 253402300800000u);
        struct moment_parts parts;
        char room[MOMENT_TEXT];
        assert_true(moment_of_iso(moment_print(ms, room), &parts));
        assert_true(moment_ms(&parts) == ms);
    }
}

static void moment_print__knows_its_limits(void **state) {
    char room[MOMENT_TEXT];
    (void)state;
    assert_int_equal(moment_print(-1, room).len, 0);
    assert_int_equal(moment_print(253402300800000, room).len, 0);
    assert_true(view_is(moment_print(0, room), "1970-01-01T00:00:00Z"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moment_of_iso__reads_both_forms),
        cmocka_unit_test(moment_of_rfc822__reads_what_feeds_have),
        cmocka_unit_test(moment_print__goes_there_and_back),
        cmocka_unit_test(moment_print__knows_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
