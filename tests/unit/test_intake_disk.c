/* What feeders hear when the journal cannot be written. The journal here is made of
 * paper: these functions stand in for the real ones. */
#include "tests/unit/check.h"

#include <stdlib.h>

#include "ingest/intake.h"

static struct {
    int sync; /* what journal_sync says */
    unsigned syncs;
    uint64_t last;
    bool due, group_full, pending;
    enum journal_room room;
    uint64_t version; /* of what was appended last */
    struct buf appended;
} paper;

int journal_append(struct journal *journal, struct view record,
                   const struct identity *identity, int64_t wall_ms, uint64_t *index) {
    struct report report;
    (void)journal;
    assert_int_equal(wall_ms, 1000);
    assert_int_equal(report_decode(record, &report, NULL), 0);
    buf_printf(&paper.appended, "%.*s ", (int)report.guid.len, report.guid.at);
    paper.version = identity->version;
    *index = ++paper.last;
    return 0;
}

int journal_keep(struct journal *journal, const struct dead_letter *letter,
                 uint64_t *index) {
    (void)journal;
    (void)letter;
    *index = ++paper.last;
    return 0;
}

int journal_sync(struct journal *journal, struct diag *diag) {
    (void)journal;
    paper.syncs++;
    if (paper.sync < 0)
        diag_set(diag, 0, "out of paper");
    return paper.sync;
}

bool journal_pending(const struct journal *journal) {
    (void)journal;
    return paper.pending;
}

bool journal_due(const struct journal *journal) {
    (void)journal;
    return paper.due;
}

bool journal_group_full(const struct journal *journal) {
    (void)journal;
    return paper.group_full;
}

enum journal_room journal_room(const struct journal *journal) {
    (void)journal;
    return paper.room;
}

int journal_seen_content(const struct journal *journal, struct digest content,
                         int64_t now_ms, struct journal_seen *out) {
    (void)journal;
    (void)content;
    (void)now_ms;
    (void)out;
    return ERR_NOT_FOUND;
}

int journal_seen_story(const struct journal *journal, struct digest story, int64_t now_ms,
                       struct journal_seen *out) {
    (void)journal;
    (void)story;
    (void)now_ms;
    (void)out;
    return ERR_NOT_FOUND;
}

struct desk {
    struct intake *intake;
    struct buf answers;
};

static void on_answer(void *source, uint64_t who, const struct answer *answer) {
    struct desk *desk = source;
    (void)who;
    buf_printf(&desk->answers, "%d %s %d %s\n", answer->code, answer->ref,
               (int)answer->seq, answer->text);
}

static int set_up(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    memset(&paper, 0, sizeof paper);
    desk->intake = intake_new(NULL, NULL, NULL, NULL, NULL);
    *state = desk;
    return 0;
}

static int tear_down(void **state) {
    struct desk *desk = *state;
    intake_free(desk->intake);
    buf_release(&desk->answers);
    buf_release(&paper.appended);
    free(desk);
    return 0;
}

static void give(struct desk *desk, const char *text) {
    struct document document = {.bytes = view_of(text), .number = 3};
    intake_take(desk->intake, &document, (struct asker){on_answer, desk, 1, false}, 1000);
}

static void intake_flush__takes_back_what_the_disk_has_no_room_for(void **state) {
    struct desk *d = *state;
    struct diag diag = {0};
    paper.sync = ERR_FULL;

    give(d, "{\"guid\":\"a\",\"text\":\"x\"}");
    give(d, "{");
    give(d, "{\"guid\":\"b\",\"text\":\"x\"}");
    assert_int_equal(intake_flush(d->intake, &diag), ERR_FULL);

    const char *answers = buf_text(&d->answers);
    assert_memory_equal(answers,
                        "503 a 0 the disk is full; send it again later\n400 #3 0 ", 55);
    assert_non_null(strstr(answers, "\n503 b 0 the disk is full; send it again later\n"));
    struct intake_counts counts = intake_counts(d->intake);
    assert_int_equal(counts.refused, 3);
    assert_int_equal(counts.verdicts[VERDICT_NEW], 0);
    assert_int_equal(counts.kept, 0);
    assert_int_equal(counts.not_kept, 1);
}

static void intake_flush__goes_on_when_there_is_room_again(void **state) {
    struct desk *d = *state;
    paper.sync = ERR_FULL;
    give(d, "{\"guid\":\"a\",\"text\":\"x\"}");
    assert_int_equal(intake_flush(d->intake, NULL), ERR_FULL);
    assert_int_equal(intake_flush(d->intake, NULL), 0); // told once

    paper.sync = 0;
    buf_clear(&d->answers);
    give(d, "{\"guid\":\"a\",\"text\":\"x\"}");

    assert_int_equal(intake_flush(d->intake, NULL), 0);
    assert_string_equal(buf_text(&d->answers), "0 a 2 new\n");
    assert_int_equal(intake_counts(d->intake).verdicts[VERDICT_NEW], 1);
}

static void intake_flush__answers_nobody_when_the_journal_fails(void **state) {
    struct desk *d = *state;
    struct diag diag = {0};
    paper.sync = ERR_SYSTEM;

    give(d, "{\"guid\":\"a\",\"text\":\"x\"}");
    give(d, "{");
    assert_int_equal(intake_flush(d->intake, &diag), ERR_SYSTEM);
    assert_string_equal(diag.text, "out of paper");
    paper.sync = 0; // too late: the process has to end
    give(d, "{\"guid\":\"b\",\"text\":\"x\"}");

    assert_int_equal(intake_flush(d->intake, NULL), ERR_SYSTEM);
    assert_int_equal(d->answers.len, 0);
    assert_int_equal(paper.syncs, 1);
}

static void intake_flush__tells_of_a_group_that_ended_before(void **state) {
    struct desk *d = *state;
    paper.sync = ERR_FULL;
    paper.group_full = true;

    give(d, "{\"guid\":\"a\",\"text\":\"x\"}");

    assert_int_equal(paper.syncs, 1);
    assert_memory_equal(buf_text(&d->answers), "503 a ", 6);
    assert_int_equal(intake_flush(d->intake, NULL), ERR_FULL);
    assert_int_equal(paper.syncs, 1);
    assert_int_equal(intake_flush(d->intake, NULL), 0);
}

static void intake_flush__syncs_what_has_waited_long_enough(void **state) {
    struct desk *d = *state;

    paper.pending = true;
    assert_int_equal(intake_flush(d->intake, NULL), 0);
    assert_int_equal(paper.syncs, 0);
    assert_int_equal(intake_sync(d->intake, NULL), 0);
    assert_int_equal(paper.syncs, 1);
    paper.due = true;
    assert_int_equal(intake_flush(d->intake, NULL), 0);
    assert_int_equal(paper.syncs, 2);
}

static void give_deaf(struct desk *desk, const char *text) {
    struct document document = {.bytes = view_of(text), .number = 3};
    struct asker asker = {on_answer, desk, 1, true};
    intake_take(desk->intake, &document, asker, 1000);
}

static void intake_flush__holds_what_the_deaf_would_lose(void **state) {
    struct desk *d = *state;
    paper.sync = ERR_FULL;
    paper.room = JOURNAL_DISK;
    give_deaf(d, "{\"guid\":\"a\",\"text\":\"x\"}");
    give(d, "{\"guid\":\"b\",\"text\":\"x\"}");
    give_deaf(d, "{");
    give_deaf(d, "{\"guid\":\"c\",\"version\":7,\"text\":\"x\"}");
    assert_int_equal(intake_flush(d->intake, NULL), ERR_FULL);
    assert_string_equal(buf_text(&paper.appended), "a b c ");
    assert_int_equal(intake_counts(d->intake).held, 2);
    assert_int_equal(intake_counts(d->intake).refused, 2);
    assert_int_equal(intake_flush(d->intake, NULL), 0); // no room yet
    assert_int_equal(paper.syncs, 1);

    paper.room = JOURNAL_FREE;
    assert_false(intake_has_room(d->intake));
    assert_int_equal(intake_flush(d->intake, NULL), ERR_FULL); // it was none after all
    assert_string_equal(buf_text(&paper.appended), "a b c a c ");
    assert_int_equal(intake_counts(d->intake).held, 2);
    paper.sync = 0;
    assert_int_equal(intake_flush(d->intake, NULL), 0);

    assert_string_equal(buf_text(&paper.appended), "a b c a c a c ");
    assert_int_equal(paper.version, 7);
    assert_int_equal(intake_counts(d->intake).held, 0);
    assert_int_equal(intake_counts(d->intake).verdicts[VERDICT_NEW], 2);
    assert_true(intake_has_room(d->intake));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(intake_flush__takes_back_what_the_disk_has_no_room_for),
        test(intake_flush__goes_on_when_there_is_room_again),
        test(intake_flush__answers_nobody_when_the_journal_fails),
        test(intake_flush__tells_of_a_group_that_ended_before),
        test(intake_flush__holds_what_the_deaf_would_lose),
        test(intake_flush__syncs_what_has_waited_long_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
