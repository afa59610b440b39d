/* Stories as their reports come in: each row is one report, and what becomes of it. */
#include <stdio.h>
#include <stdlib.h>

#include "ingest/lineage.h"
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

struct row {
    const char *guid; /* NULL: the one before */
    const char *from; /* guid_from; NULL: given */
    uint64_t version;
    const char *created, *action, *status, *text;
    const char *cites; /* ref of a relation, "rel ref" */
    const char *want;  /* verdict, and the guid's day where it was changed */
};

struct desk {
    struct journal *journal;
    struct arena arena;
    struct buf scratch;
};

static struct desk *desk_new(void) {
    struct journal_conf conf = {.max_bytes = 1 << 20,
                                .max_documents = 1 << 20,
                                .remember = 10000,
                                .remember_ms = 1000000};
    struct desk *desk = calloc(1, sizeof *desk);

    assert_int_equal(journal_open(scratch_dir(), &conf, &desk->journal, NULL), 0);
    return desk;
}

static void desk_free(struct desk *desk) {
    journal_close(desk->journal);
    arena_release(&desk->arena);
    buf_release(&desk->scratch);
    free(desk);
}

static struct report report_of(const struct row *row) {
    struct report report = {.guid = view_of(row->guid),
                            .guid_from = view_of(row->from ? row->from : "given"),
                            .version = row->version,
                            .version_created = view_of(row->created),
                            .action = view_of(row->action),
                            .status = view_of(row->status),
                            .text = view_of(row->text)};
    const char *blank = row->cites ? strchr(row->cites, ' ') : NULL;

    if (blank) {
        report.relations[0].rel = view_n(row->cites, (size_t)(blank - row->cites));
        report.relations[0].ref = view_of(blank + 1);
        if (report.relations[0].rel.at[0] == 'c') // as formats name it
            report.relations[0].guid = report.guid;
        report.relation_count = 1;
    }
    return report;
}

/* "verdict", "verdict unknown" of a kill, " day" if the guid's day was changed. */
static const char *take(struct desk *d, const struct row *row) {
    static char said[100];
    struct report report = report_of(row);
    struct journal_seen seen = {0};
    uint64_t index;
    bool found = lineage_find(&report, d->journal, 0, &d->arena);
    struct identity id = lineage_identity(&report, &d->scratch);
    enum verdict verdict = lineage_judge(&report, &id, d->journal, 0, &seen);

    if (verdict == VERDICT_NEW || verdict == VERDICT_UPDATE)
        journal_append(d->journal, VIEW_LIT("x"), &id, 0, &index);
    bool same = view_is(report.guid, row->guid);
    snprintf(said, sizeof said, "%s%s%s%.*s", verdict_name(verdict),
             found ? "" : " unknown", same ? "" : " ", same ? 0 : 10,
             same ? "" : strchr(report.guid.at, ',') + 1);
    if (row->cites && row->cites[0] != 'r')
        assert_view_equal(report.relations[0].guid, report.guid);
    return said;
}

static void check_rows(const struct row *rows, size_t count) {
    struct desk *d = desk_new();

    for (size_t i = 0; i < count; i++) {
        struct row row = rows[i];
        for (size_t k = i; !row.guid; k--)
            row.guid = rows[k].guid;
        const char *got = take(d, &row);
        if (strcmp(got, row.want) != 0)
            fprintf(stderr, "row %zu: %s, want %s\n", i + 1, got, row.want);
        assert_string_equal(got, row.want);
    }
    desk_free(d);
}

static void judge__orders_by_number(void **state) {
    static const struct row rows[] = {
        {.guid = "a", .version = 978556838, .text = "x", .want = "new"},
        {.version = 18446744073709551615u, .text = "x", .want = "update"},
        {.version = 1542761538, .text = "x", .want = "old"},
        {.version = 18446744073709551615u, .text = "x", .want = "dup"},
        {.version = 18446744073709551615u, .text = "y", .want = "update"},
        {.text = "without one", .want = "update"},
        {.version = 5, .text = "x", .want = "old"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void judge__orders_by_moment_where_there_is_no_number(void **state) {
    static const struct row rows[] = {
        {.guid = "a", .created = "2020-01-14T10:00:00Z", .text = "1", .want = "new"},
        {.created = "2020-01-14T12:00:00+01:00", .text = "2", .want = "update"},
        {.created = "2020-01-14T10:30:00Z", .text = "3", .want = "old"},
        {.created = "2020-01-14T11:00:00Z", .text = "4", .want = "update"},
        {.created = "2020-01-14T11:00:00Z", .text = "4", .want = "dup"},
        {.created = "nonsense", .text = "5", .want = "update"},
        {.created = "2020-01-14T10:59:59.999Z", .text = "6", .want = "old"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void judge__compares_no_number_with_a_moment(void **state) {
    static const struct row rows[] = {
        {.guid = "a", .created = "2020-01-14T10:00:00Z", .text = "1", .want = "new"},
        {.version = 2, .text = "2", .want = "update"},
        {.created = "2020-01-14T09:00:00Z", .text = "3", .want = "update"},
        {.version = 1, .text = "4", .want = "old"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void judge__takes_a_story_back_and_lets_it_rest(void **state) {
    static const struct row rows[] = {
        {.guid = "a", .version = 5, .text = "x", .want = "new"},
        {.version = 2, .action = "kill", .text = "k", .want = "update"},
        {.version = 2, .action = "kill", .text = "k", .want = "dup"},
        {.version = 6, .text = "y", .want = "old"},
        {.version = 6, .status = "withheld", .text = "y", .want = "old"},
        {.version = 4, .status = "usable", .text = "y", .want = "old"},
        {.version = 5, .status = "usable", .text = "y", .want = "old"},
        {.version = 6, .status = "usable", .text = "y", .want = "update"},
        {.version = 7, .text = "z", .want = "update"},
        {.version = 7, .status = "canceled", .text = "z", .want = "update"},
        {.text = "no version", .want = "old"},
        {.status = "usable", .text = "no version", .want = "update"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void judge__takes_a_kill_that_comes_before_its_story(void **state) {
    static const struct row rows[] = {
        {.guid = "a", .version = 3, .status = "canceled", .want = "new"},
        {.version = 2, .text = "x", .want = "old"},
        {.version = 3, .text = "x", .want = "old"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

#define REF(day)  "tag:wfd," day ":wfd-0141"
#define SLUG(day) "tag:ap," day ":bc-us--ferry"

static void find__follows_a_kill_over_two_days(void **state) {
    static const struct row rows[] = {
        {REF("2020-01-14"), "agency-ref", .text = "x", .want = "new"},
        {REF("2020-01-15"), "agency-ref", .action = "kill", .text = "k",
         .cites = "kills wfd 0141", .want = "update 2020-01-14"},
        {REF("2020-01-16"), "agency-ref", .action = "kill", .text = "k",
         .cites = "kills wfd 0141", .want = "dup 2020-01-14"},
        {REF("2020-01-17"), "agency-ref", .action = "kill", .text = "k",
         .cites = "kills wfd 0141", .want = "new unknown"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void find__takes_the_nearest_day(void **state) {
    static const struct row rows[] = {
        {REF("2019-12-31"), "agency-ref", .text = "x", .want = "new"},
        {REF("2020-01-01"), "agency-ref", .text = "y", .want = "new"},
        {REF("2020-01-01"), "agency-ref", .action = "kill", .text = "k",
         .want = "update"},
        {REF("2020-01-02"), "agency-ref", .text = "z", .want = "new"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void find__joins_a_lead_after_midnight(void **state) {
    static const struct row rows[] = {
        {SLUG("2020-02-29"), "slug", .text = "x", .want = "new"},
        {SLUG("2020-03-01"), "slug", .action = "lead", .text = "y",
         .want = "update 2020-02-29"},
        {SLUG("2020-03-01"), "slug", .action = "lead", .text = "y",
         .want = "dup 2020-02-29"},
        {SLUG("2020-03-02"), "slug", .action = "lead", .text = "y", .want = "new"},
        {SLUG("2020-03-03"), "slug", .text = "next one", .want = "new"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

/* The same number the next day is another story, unless the report cites it. */
static void find__keeps_an_agencys_numbers_apart(void **state) {
    static const struct row rows[] = {
        {REF("2020-01-14"), "agency-ref", .text = "x", .want = "new"},
        {REF("2020-01-15"), "agency-ref", .action = "lead", .text = "y",
         .cites = "replaces Libya/talks", .want = "new"},
        {"tag:wfd,2020-01-14:wfd-0142", "agency-ref", .text = "x", .want = "new"},
        {"tag:wfd,2020-01-15:wfd-0142", "agency-ref", .action = "correction", .text = "y",
         .cites = "corrects WFD 0142", .want = "update 2020-01-14"},
        {"tag:wfd,2020-01-15:other", "given", .action = "kill", .text = "k",
         .want = "new"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void identity__of_a_resend_with_other_marks_is_the_same(void **state) {
    struct report a = {.guid = VIEW_LIT(SLUG("2020-01-14")),
                       .guid_from = VIEW_LIT("slug"),
                       .text = VIEW_LIT("x"),
                       .number = VIEW_LIT("0584"),
                       .sent = VIEW_LIT("2020-01-14T10:00:00Z")},
                  b = a;
    struct buf scratch = {0};

    (void)state;
    b.number = VIEW_LIT("0599");
    b.sent = VIEW_LIT("2020-01-14T10:20:00Z");
    b.categories[b.category_count++] = VIEW_LIT("anpa:i");
    struct digest one = lineage_identity(&a, &scratch).content;
    struct digest other = lineage_identity(&b, &scratch).content;
    assert_memory_equal(one.bytes, other.bytes, sizeof one.bytes);
    b.text = VIEW_LIT("y");
    other = lineage_identity(&b, &scratch).content;
    assert_memory_not_equal(one.bytes, other.bytes, sizeof one.bytes);
    buf_release(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__orders_by_number),
        cmocka_unit_test(judge__orders_by_moment_where_there_is_no_number),
        cmocka_unit_test(judge__compares_no_number_with_a_moment),
        cmocka_unit_test(judge__takes_a_story_back_and_lets_it_rest),
        cmocka_unit_test(judge__takes_a_kill_that_comes_before_its_story),
        cmocka_unit_test(find__follows_a_kill_over_two_days),
        cmocka_unit_test(find__takes_the_nearest_day),
        cmocka_unit_test(find__joins_a_lead_after_midnight),
        cmocka_unit_test(find__keeps_an_agencys_numbers_apart),
        cmocka_unit_test(identity__of_a_resend_with_other_marks_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
