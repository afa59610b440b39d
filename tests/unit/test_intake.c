/* Intake and formats: what is new, what was there before, and when who is told. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/intake.h"

struct desk {
    struct journal *journal;
    struct intake *intake;
    struct buf answers; /* "CODE ref seq text\n" of each, as they come */
    unsigned refused;
    uint64_t who;
};

static void on_answer(void *source, uint64_t who, const struct answer *answer) {
    struct desk *desk = source;
    desk->who = who;
    buf_printf(&desk->answers, "%d %s %d %s\n", answer->code, answer->ref,
               (int)answer->seq, answer->text);
}

static void on_refused(void *context, struct view peer, const struct answer *answer) {
    struct desk *desk = context;
    assert_view_is(peer, "test");
    assert_true(answer->code != 0);
    desk->refused++;
}

static struct desk *desk_new(int64_t max_bytes) {
    struct journal_conf conf = {.max_bytes = max_bytes,
                                .max_documents = 1 << 20,
                                .remember = 10000,
                                .remember_ms = 1000000};
    struct desk *desk = calloc(1, sizeof *desk);
    assert_int_equal(journal_open(scratch_dir(), &conf, &desk->journal, NULL), 0);
    desk->intake = intake_new(desk->journal, NULL, on_refused, NULL, desk);
    return desk;
}

static void desk_free(struct desk *desk) {
    intake_free(desk->intake);
    journal_close(desk->journal);
    buf_release(&desk->answers);
    free(desk);
}

static void give(struct desk *desk, struct document document) {
    static uint64_t who;
    struct asker asker = {on_answer, desk, ++who, false};
    document.peer = VIEW_LIT("test");
    intake_take(desk->intake, &document, asker, 1000);
}

/* Gives one document and returns its answer. */
static const char *answer_to(struct desk *desk, const char *text) {
    buf_clear(&desk->answers);
    give(desk, (struct document){.bytes = view_of(text), .number = 7});
    assert_int_equal(desk->answers.len, 0); // nobody hears before the sync
    assert_int_equal(intake_flush(desk->intake, NULL), 0);
    return buf_text(&desk->answers);
}

static void refuse(struct desk *desk, struct view bytes, struct refused refusal) {
    struct document document = {
        .bytes = bytes, .peer = VIEW_LIT("test"), .format = VIEW_LIT("text")};
    intake_refuse(desk->intake, &document, (struct asker){on_answer, desk, 1, false},
                  &refusal, 1000);
}

/* The report as it would go to an enricher. */
static struct report stored(const struct desk *desk, uint64_t index) {
    struct report report;
    struct view record;
    assert_int_equal(journal_read(desk->journal, index, &record), 0);
    assert_int_equal(report_decode(record, &report, NULL), 0);
    return report;
}

static void intake_take__tells_versions_apart(void **state) {
    struct desk *d = desk_new(1 << 20);
    (void)state;

    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":2,\"text\":\"x\"}"),
                        "0 a 1 new\n");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":2,\"text\":\"x\"}"),
                        "0 a 1 dup\n");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":3,\"text\":\"x\"}"),
                        "0 a 2 update\n");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":1,\"text\":\"y\"}"),
                        "0 a 2 old\n");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":2,\"text\":\"x\"}"),
                        "0 a 1 dup\n");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":10,\"text\":\"x\"}"),
                        "0 a 3 update\n");

    assert_int_equal(journal_counts(d->journal).accepted, 3);
    struct intake_counts counts = intake_counts(d->intake);
    assert_int_equal(counts.verdicts[VERDICT_NEW], 1);
    assert_int_equal(counts.verdicts[VERDICT_UPDATE], 2);
    assert_int_equal(counts.verdicts[VERDICT_DUP], 2);
    assert_int_equal(counts.verdicts[VERDICT_OLD], 1);
    desk_free(d);
}

static void intake_take__warns_of_one_version_with_two_texts(void **state) {
    struct desk *d = desk_new(1 << 20);
    (void)state;

    answer_to(d, "{\"guid\":\"a\",\"version\":2,\"text\":\"x\"}");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":2,\"text\":\"y\"}"),
                        "0 a 2 update\n");

    assert_int_equal(stored(d, 1).warning.len, 0);
    assert_true(stored(d, 2).warning.len > 0);
    desk_free(d);
}

static void intake_take__knows_a_version_by_its_words(void **state) {
    struct desk *d = desk_new(1 << 20);
    (void)state;

    answer_to(d, "{\"guid\":\"a\",\"version\":2,\"text\":\"x\"}");

    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":2,\"text\":\"x\","
                                     "\"urgency\":3,\"transmission\":99}"),
                        "0 a 1 dup\n");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":2,\"text\":\"x\","
                                     "\"status\":\"withheld\"}"),
                        "0 a 2 update\n");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":2,\"text\":\"x\","
                                     "\"headline\":\"y\"}"),
                        "0 a 3 update\n");
    desk_free(d);
}

static void intake_take__takes_a_cancellation_whatever_its_version(void **state) {
    struct desk *d = desk_new(1 << 20);
    static const char kill[] =
        "{\"guid\":\"a\",\"version\":2,\"action\":\"kill\",\"text\":\"x\"}";
    static const char canceled[] =
        "{\"guid\":\"a\",\"version\":1,\"status\":\"canceled\",\"text\":\"x\"}";
    (void)state;

    answer_to(d, "{\"guid\":\"a\",\"version\":5,\"text\":\"x\"}");

    assert_string_equal(answer_to(d, kill), "0 a 2 update\n");
    assert_string_equal(answer_to(d, kill), "0 a 2 dup\n");
    assert_string_equal(answer_to(d, canceled), "0 a 3 update\n");
    assert_string_equal(answer_to(d, canceled), "0 a 3 dup\n");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":4,\"text\":\"x\"}"),
                        "0 a 3 old\n"); // 5 is still the highest
    assert_int_equal(stored(d, 2).warning.len, 0);
    desk_free(d);
}

static void intake_take__orders_by_arrival_without_versions(void **state) {
    struct desk *d = desk_new(1 << 20);
    (void)state;

    answer_to(d, "{\"guid\":\"a\",\"version\":5,\"text\":\"x\"}");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"text\":\"y\"}"),
                        "0 a 2 update\n");
    assert_string_equal(answer_to(d, "{\"guid\":\"a\",\"version\":4,\"text\":\"z\"}"),
                        "0 a 2 old\n"); // the highest stays known

    assert_int_equal(stored(d, 2).warning.len, 0);
    desk_free(d);
}

static void intake_take__knows_a_text_again(void **state) {
    struct desk *d = desk_new(1 << 20);
    char wanted[100], answer[100];
    (void)state;

    snprintf(answer, sizeof answer, "%s", answer_to(d, "One story\n\nTUNIS - It."));
    snprintf(wanted, sizeof wanted, "%s", answer_to(d, "One story\r\n\r\nTUNIS - It."));

    assert_memory_equal(answer, "0 digest:", 9);
    assert_non_null(strstr(wanted, " 1 dup\n"));
    assert_view_is(stored(d, 1).guid_from, "digest");
    assert_non_null(
        strstr(answer_to(d, "{\"text\":\"One story\\n\\nTUNIS - It.\",\"ref\":\"r\"}"),
               "0 r 1 dup\n"));
    desk_free(d);
}

static void intake_take__keeps_who_sent_it_and_how(void **state) {
    struct desk *d = desk_new(1 << 20);
    (void)state;

    give(d, (struct document){.bytes = VIEW_LIT("text"),
                              .feed = VIEW_LIT("wfd \xff"),
                              .ref = VIEW_LIT("r 1\n"),
                              .warning = "may be cut"});
    give(d, (struct document){.bytes = VIEW_LIT("{\"text\":\"t\"}")});
    intake_flush(d->intake, NULL);

    struct report report = stored(d, 1);
    assert_view_is(report.peer, "test");
    assert_view_is(report.feed, "wfd \xEF\xBF\xBD");
    assert_view_is(report.format, "text");
    assert_view_is(report.warning, "may be cut");
    assert_int_equal(report.received_ms, 1000);
    assert_view_is(stored(d, 2).format, "ndjson");
    assert_memory_equal(d->answers.at, "0 r%201", 7); // one word, one line
    desk_free(d);
}

static void intake_take__refuses_with_a_reason(void **state) {
    struct desk *d = desk_new(1 << 20);
    (void)state;

    assert_memory_equal(answer_to(d, "{\"text\":"), "400 #7 1 not JSON", 17);
    assert_memory_equal(answer_to(d, "{\"text\":\"\"}"), "400 #7 2 ", 9);
    assert_memory_equal(answer_to(d, " \n"), "400 #7 0 ", 9);
    buf_clear(&d->answers);
    give(d, (struct document){.bytes = VIEW_LIT("not json"),
                              .format = VIEW_LIT("ndjson"),
                              .ref = VIEW_LIT("r1")});
    intake_flush(d->intake, NULL);
    assert_memory_equal(d->answers.at, "400 r1 3 ", 9);

    assert_int_equal(d->refused, 4);
    assert_int_equal(intake_counts(d->intake).refused, 4);
    assert_int_equal(journal_counts(d->journal).live, 0);
    desk_free(d);
}

static struct dead_letter letter(const struct desk *desk, uint64_t index) {
    struct dead_letter got = {0};
    assert_int_equal(journal_dead_next(desk->journal, index - 1, &got), 0);
    assert_int_equal(got.index, index);
    return got;
}

static void intake_take__keeps_what_cannot_be_read(void **state) {
    struct desk *d = desk_new(1 << 20);
    (void)state;

    give(d, (struct document){.bytes = VIEW_LIT("{\"text\":\0"),
                              .format = VIEW_LIT("ndjson"),
                              .feed = VIEW_LIT("wfd")});
    give(d, (struct document){.bytes = VIEW_LIT(" \n")}); // holds no report
    intake_flush(d->intake, NULL);

    struct journal_counts counts = journal_counts(d->journal);
    struct dead_letter kept = letter(d, 1);
    assert_int_equal(counts.accepted, 1);
    assert_int_equal(counts.dead, 1);
    assert_int_equal(counts.letters, 1);
    assert_int_equal(kept.kind, DEAD_DOCUMENT);
    assert_int_equal(kept.when_ms, 1000);
    assert_true(view_starts(kept.reason, "not JSON"));
    assert_view_is(kept.peer, "test");
    assert_view_is(kept.format, "ndjson");
    assert_view_is(kept.feed, "wfd");
    assert_int_equal(kept.bytes.len, 9);
    assert_memory_equal(kept.bytes.at, "{\"text\":\0", 9);
    assert_int_equal(kept.bytes_in_all, 9);
    assert_int_equal(intake_counts(d->intake).kept, 1);
    desk_free(d);
}

static void intake_take__does_not_keep_a_letter_twice(void **state) {
    struct desk *d = desk_new(1 << 20);
    (void)state;

    give(d, (struct document){.bytes = VIEW_LIT("{"), .is_letter = true});
    intake_flush(d->intake, NULL);

    assert_non_null(strstr(buf_text(&d->answers), "400 "));
    assert_int_equal(journal_counts(d->journal).accepted, 0);
    desk_free(d);
}

static void intake_refuse__keeps_the_beginning(void **state) {
    struct desk *d = desk_new(1 << 20);
    static char huge[INTAKE_BEGINNING + 10];
    (void)state;
    memset(huge, 'x', sizeof huge);

    refuse(d, view_n(huge, sizeof huge),
           (struct refused){413, VIEW_LIT("#1"), "long", 0});
    refuse(d, VIEW_LIT("x"), (struct refused){400, VIEW_LIT("-"), "cut", INTAKE_UNKNOWN});
    refuse(d, VIEW_LIT(""), (struct refused){408, VIEW_LIT("-"), "idle", 0});
    intake_flush(d->intake, NULL);

    assert_int_equal(letter(d, 1).bytes.len, INTAKE_BEGINNING);
    assert_int_equal(letter(d, 1).bytes_in_all, sizeof huge);
    assert_true(letter(d, 2).bytes_in_all == INTAKE_UNKNOWN);
    assert_int_equal(journal_counts(d->journal).letters, 2);
    assert_int_equal(intake_counts(d->intake).refused, 3);
    desk_free(d);
}

static void intake_take__refuses_what_it_has_no_room_to_keep(void **state) {
    struct desk *d = desk_new(1 << 20);
    static char garbage[300000];
    (void)state;
    memset(garbage, 'x', sizeof garbage);
    garbage[0] = '{';

    for (int i = 0; i < 8; i++)
        give(d, (struct document){.bytes = view_n(garbage, sizeof garbage)});
    intake_flush(d->intake, NULL);

    struct intake_counts counts = intake_counts(d->intake);
    assert_int_equal(counts.refused, 8);
    assert_int_equal(counts.kept + counts.not_kept, 8);
    assert_true(counts.kept > 0 && counts.not_kept > 0);
    assert_int_equal(journal_counts(d->journal).letters, counts.kept);
    desk_free(d);
}

static void intake_take__says_busy_when_the_journal_is_full(void **state) {
    struct desk *d = desk_new(700);
    (void)state;

    assert_non_null(strstr(answer_to(d, "{\"guid\":\"a\",\"text\":\"x\"}"), "new"));
    char text[800];
    snprintf(text, sizeof text, "{\"guid\":\"b\",\"text\":\"%0600d\"}", 1);
    assert_memory_equal(answer_to(d, text), "503 b 0 ", 8);
    assert_memory_equal(answer_to(d, text), "503 b 0 ", 8); // not remembered as seen

    assert_non_null(strstr(answer_to(d, "{\"guid\":\"a\",\"text\":\"x\"}"), "dup"));
    desk_free(d);
}

static void intake_flush__answers_in_order(void **state) {
    struct desk *d = desk_new(1 << 20);
    (void)state;

    give(d, (struct document){.bytes = VIEW_LIT("{\"guid\":\"a\",\"text\":\"x\"}")});
    give(d, (struct document){.bytes = VIEW_LIT("{"), .number = 2});
    refuse(d, VIEW_LIT("yyy"), (struct refused){413, VIEW_LIT("#3"), "too\nlong", 100});
    give(d, (struct document){.bytes = VIEW_LIT("{\"guid\":\"a\",\"text\":\"x\"}")});
    intake_flush(d->intake, NULL);

    const char *answers = buf_text(&d->answers);
    const char *first = strstr(answers, "0 a 1 new\n");
    const char *second = strstr(answers, "400 #2 2 ");
    const char *third = strstr(answers, "413 #3 3 too long\n");
    const char *fourth = strstr(answers, "0 a 1 dup\n");
    assert_true(first && first < second && second < third && third < fourth);
    desk_free(d);
}

static void intake_take__syncs_by_itself_when_a_group_is_full(void **state) {
    struct desk *d = desk_new(1 << 20);
    char text[64];
    (void)state;

    for (int i = 0; i < INTAKE_GROUP; i++) {
        assert_int_equal(d->answers.len, 0);
        snprintf(text, sizeof text, "{\"guid\":\"g%d\",\"text\":\"x\"}", i);
        give(d, (struct document){.bytes = view_of(text)});
    }

    assert_true(d->answers.len > 0);
    assert_int_equal(journal_synced(d->journal), INTAKE_GROUP);
    desk_free(d);
}

static void intake_take__answers_nobody_where_nobody_asked(void **state) {
    struct desk *d = desk_new(1 << 20);
    struct document document = {.bytes = VIEW_LIT("text"), .peer = VIEW_LIT("test")};
    (void)state;

    intake_take(d->intake, &document, (struct asker){0}, 1);

    assert_int_equal(intake_flush(d->intake, NULL), 0);
    assert_int_equal(journal_counts(d->journal).accepted, 1);
    desk_free(d);
}

static void format_of__goes_by_the_first_byte(void **state) {
    (void)state;
    assert_ptr_equal(format_of(VIEW_LIT(" \n{\"text\"")), &format_ndjson);
    assert_ptr_equal(format_of(VIEW_LIT("\xEF\xBB\xBF{")), &format_ndjson);
    assert_ptr_equal(format_of(VIEW_LIT("5 killed")), &format_text);
    assert_ptr_equal(format_of(VIEW_LIT("")), &format_text);
    assert_ptr_equal(format_named(VIEW_LIT("text")), &format_text);
    assert_null(format_named(VIEW_LIT("telex")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intake_take__tells_versions_apart),
        cmocka_unit_test(intake_take__warns_of_one_version_with_two_texts),
        cmocka_unit_test(intake_take__knows_a_version_by_its_words),
        cmocka_unit_test(intake_take__takes_a_cancellation_whatever_its_version),
        cmocka_unit_test(intake_take__orders_by_arrival_without_versions),
        cmocka_unit_test(intake_take__knows_a_text_again),
        cmocka_unit_test(intake_take__keeps_who_sent_it_and_how),
        cmocka_unit_test(intake_take__refuses_with_a_reason),
        cmocka_unit_test(intake_take__keeps_what_cannot_be_read),
        cmocka_unit_test(intake_take__does_not_keep_a_letter_twice),
        cmocka_unit_test(intake_refuse__keeps_the_beginning),
        cmocka_unit_test(intake_take__refuses_what_it_has_no_room_to_keep),
        cmocka_unit_test(intake_take__says_busy_when_the_journal_is_full),
        cmocka_unit_test(intake_flush__answers_in_order),
        cmocka_unit_test(intake_take__syncs_by_itself_when_a_group_is_full),
        cmocka_unit_test(intake_take__answers_nobody_where_nobody_asked),
        cmocka_unit_test(format_of__goes_by_the_first_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
