/* Time zones: from the database's files, offsets and abbreviations. */
#include "tests/unit/check.h"

#include <stdlib.h>
#include <unistd.h>

#include "ingest/feeds.h"
#include "ingest/zone.h"
#include "proto/buf.h"
#include "proto/moment.h"

static int64_t ms(const char *iso) {
    struct moment_parts parts;
    assert_true(moment_of_iso(view_of(iso), &parts));
    return moment_ms(&parts);
}

static void assert_utc(const struct zone *zone, const char *local, const char *utc) {
    char text[MOMENT_TEXT];
    assert_view_is(moment_print(zone_utc_ms(zone, ms(local)), text), utc);
}

static struct zone *opened(const char *name) {
    struct zone *zone = NULL;
    struct diag diag = {0};
    if (zone_open(name, &zone, &diag) != 0)
        fail_msg("%s: %s", name, diag.text);
    return zone;
}

/* A file with one change (winter to +2 for good, in 2000) and a rule behind it. */
static void put_file(struct buf *out, const char *rule) {
    // the first block's header has one type: 6 bytes and one of names
    buf_put(out, "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    buf_put(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1", 24);
    buf_put(out, "\0\0\0\0\0\0\0", 7);
    buf_put(out, "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    buf_put(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\4", 24);
    buf_put(out, "\0\0\0\0\x38\x6d\x43\x80\1", 9);
    buf_put(out, "\0\0\x0e\x10\0\0\0\0\x1c\x20\0\0XXX\0\n", 17);
    buf_put_text(out, rule);
    buf_put_text(out, "\n");
}

static struct zone *made(const char *rule) {
    struct zone *zone = NULL;
    struct buf bytes = {0};
    struct diag diag = {0};
    put_file(&bytes, rule);
    if (zone_of_tzif(buf_view(&bytes), &zone, &diag) != 0)
        fail_msg("%s: %s", rule, diag.text);
    buf_release(&bytes);
    return zone;
}

static void zone_of_tzif__counts_by_changes_and_then_by_the_rule(void **state) {
    (void)state;
    struct zone *zone = made("EET-2EEST,M3.5.0/3,M10.5.0/4");

    assert_utc(zone, "1999-06-01T12:00", "1999-06-01T11:00:00Z");
    assert_utc(zone, "2020-01-14T10:15", "2020-01-14T08:15:00Z");
    assert_utc(zone, "2020-07-14T10:15", "2020-07-14T07:15:00Z");
    assert_int_equal(zone_minutes_at(zone, ms("2020-07-14T10:15")), 180);
    zone_free(zone);
}

static void zone_of_tzif__reads_every_kind_of_rule(void **state) {
    (void)state;
    static const struct {
        const char *rule, *local, *utc;
    } cases[] = {
        {"", "2030-01-01T12:00", "2030-01-01T10:00:00Z"},
        {"<+0330>-3:30", "2030-01-01T12:00", "2030-01-01T08:30:00Z"},
        {"AAA3BBB,J60/0,J300/0", "2024-02-29T12:00", "2024-02-29T15:00:00Z"},
        {"AAA3BBB,J60/0,J300/0", "2024-03-01T12:00", "2024-03-01T14:00:00Z"},
        {"AAA3BBB,59/0,300/0", "2024-02-29T12:00", "2024-02-29T14:00:00Z"},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2024-01-10T12:00", "2024-01-10T01:00:00Z"},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2024-07-10T12:00", "2024-07-10T02:00:00Z"},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2024-01-10T12:00", "2024-01-10T12:00:00Z"},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2024-07-10T12:00", "2024-07-10T11:00:00Z"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct zone *zone = made(cases[i].rule);
        assert_utc(zone, cases[i].local, cases[i].utc);
        zone_free(zone);
    }
}

static void zone_of_tzif__refuses_broken_files(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct zone *zone = NULL;
    struct diag diag = {0};
    put_file(&bytes, "CET-1");

    for (size_t cut = 0; cut < bytes.len - 7; cut++) {
        char *part = malloc(cut + 1); // so that a sanitizer sees reads past the end
        memcpy(part, bytes.at, cut);
        int err = zone_of_tzif(view_n(part, cut), &zone, &diag);
        assert_int_equal(err, ERR_FORMAT);
        free(part);
    }
    bytes.len = 0;
    put_file(&bytes, "CET-1CEST,M3.5,M10");
    assert_int_equal(zone_of_tzif(buf_view(&bytes), &zone, &diag), ERR_FORMAT);
    buf_release(&bytes);
}

static void zone_utc_ms__goes_on_through_gaps_and_takes_the_first_of_two(void **state) {
    (void)state;
    struct zone *zone = made("CET-1CEST,M3.5.0,M10.5.0/3");

    assert_utc(zone, "2024-03-31T01:59:59.250", "2024-03-31T00:59:59.250Z");
    assert_utc(zone, "2024-03-31T02:30", "2024-03-31T01:30:00Z");
    assert_utc(zone, "2024-03-31T03:00", "2024-03-31T01:00:00Z");
    assert_utc(zone, "2024-10-27T01:59", "2024-10-26T23:59:00Z");
    assert_utc(zone, "2024-10-27T02:30", "2024-10-27T00:30:00Z");
    assert_utc(zone, "2024-10-27T03:00", "2024-10-27T02:00:00Z");
    zone_free(zone);
}

static void zone_open__reads_names_offsets_and_abbreviations(void **state) {
    (void)state;
    static const struct {
        const char *name, *utc;
    } cases[] = {
        {"+01:00", "2024-07-14T09:15:00Z"}, {"-0330", "2024-07-14T13:45:00Z"},
        {"+9", "2024-07-14T01:15:00Z"},     {"MESZ", "2024-07-14T08:15:00Z"},
        {"edt", "2024-07-14T14:15:00Z"},    {"AEST", "2024-07-14T00:15:00Z"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct zone *zone = opened(cases[i].name);
        assert_utc(zone, "2024-07-14T10:15", cases[i].utc);
        zone_free(zone);
    }
}

static void zone_open__reads_the_database(void **state) {
    (void)state;
    static const struct {
        const char *name, *local, *utc;
    } cases[] = {
        {"Europe/Berlin", "2013-11-21T12:59", "2013-11-21T11:59:00Z"},
        {"Europe/Berlin", "2024-09-25T10:37", "2024-09-25T08:37:00Z"},
        {"Europe/Berlin", "2051-07-01T12:00", "2051-07-01T10:00:00Z"},
        {"Europe/Moscow", "2013-01-10T12:00", "2013-01-10T08:00:00Z"},
        {"America/New_York", "1994-04-28T14:20", "1994-04-28T18:20:00Z"},
        {"Asia/Tokyo", "2018-12-09T21:37", "2018-12-09T12:37:00Z"},
        {"Australia/Sydney", "2020-01-10T12:00", "2020-01-10T01:00:00Z"},
        {"Asia/Kathmandu", "2020-01-10T12:00", "2020-01-10T06:15:00Z"},
        {"UTC", "2020-01-10T12:00", "2020-01-10T12:00:00Z"},
    };
    if (access("/usr/share/zoneinfo/Asia/Kathmandu", R_OK) != 0)
        skip();

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct zone *zone = opened(cases[i].name);
        assert_utc(zone, cases[i].local, cases[i].utc);
        zone_free(zone);
    }
}

static void zone_open__refuses_what_is_no_zone(void **state) {
    (void)state;
    static const char *const bad[] = {"",        "Europe/Atlantis", "../../../etc/passwd",
                                      "Europe",  "/etc/passwd",     "+25:00",
                                      "+01:0",   "+1:00:00",        "Europe/Berlin ",
                                      "zone.tab"};

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct zone *zone = NULL;
        struct diag diag = {0};
        assert_true(zone_open(bad[i], &zone, &diag) < 0);
        assert_true(strlen(diag.text) > 0);
    }
}

static void feeds_new__opens_the_zone_of_a_feed(void **state) {
    (void)state;
    const char *good[] = {"name=wfd,timezone=+02:00"},
               *bad[] = {"name=wfd,timezone=Mars"};
    struct feeds *feeds = NULL;
    struct diag diag = {0};

    assert_int_equal(feeds_new(good, 1, &feeds, &diag), 0);
    assert_utc(feeds_at(feeds, 0)->zone, "2020-01-14T10:15", "2020-01-14T08:15:00Z");
    feeds_free(feeds);
    assert_true(feeds_new(bad, 1, &feeds, &diag) < 0);
    assert_non_null(strstr(diag.text, "Mars"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zone_of_tzif__counts_by_changes_and_then_by_the_rule),
        cmocka_unit_test(zone_of_tzif__reads_every_kind_of_rule),
        cmocka_unit_test(zone_of_tzif__refuses_broken_files),
        cmocka_unit_test(zone_utc_ms__goes_on_through_gaps_and_takes_the_first_of_two),
        cmocka_unit_test(zone_open__reads_names_offsets_and_abbreviations),
        cmocka_unit_test(zone_open__reads_the_database),
        cmocka_unit_test(zone_open__refuses_what_is_no_zone),
        cmocka_unit_test(feeds_new__opens_the_zone_of_a_feed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
