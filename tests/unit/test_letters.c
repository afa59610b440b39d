/* What is done about dead letters, and what is said of it. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <jansson.h>
#include <stdlib.h>

#include "ingest/letters.h"

struct desk {
    struct journal *journal;
    struct intake *intake;
    uint64_t revived;
    struct buf answer;
};

static int set_up(void **state) {
    struct journal_conf conf = {.max_bytes = 1 << 20,
                                .max_documents = 1 << 20,
                                .remember = 10000,
                                .remember_ms = 1000000};
    struct desk *desk = calloc(1, sizeof *desk);
    assert_int_equal(journal_open(scratch_dir(), &conf, &desk->journal, NULL), 0);
    desk->intake = intake_new(desk->journal, NULL, NULL, NULL, NULL);
    *state = desk;
    return 0;
}

static int tear_down(void **state) {
    struct desk *desk = *state;
    intake_free(desk->intake);
    journal_close(desk->journal);
    buf_release(&desk->answer);
    free(desk);
    return 0;
}

static void on_revived(void *context, uint64_t index) {
    ((struct desk *)context)->revived = index;
}

static void give(struct desk *desk, const char *text) {
    struct document document = {.bytes = view_of(text), .peer = VIEW_LIT("test")};
    intake_take(desk->intake, &document, (struct asker){0}, 1000);
    assert_int_equal(intake_flush(desk->intake, NULL), 0);
}

/* A document that is a dead letter, of which all may be there or only the beginning. */
static void keep(struct desk *desk, const char *text, uint64_t bytes_in_all) {
    struct document document = {.bytes = view_of(text), .peer = VIEW_LIT("test")};
    struct refused refused = {413, VIEW_LIT("#1"), "too long", bytes_in_all};
    intake_refuse(desk->intake, &document, (struct asker){0}, &refused, 1000);
    assert_int_equal(intake_flush(desk->intake, NULL), 0);
}

static void bury(struct desk *desk, uint64_t index) {
    assert_int_equal(journal_bury(desk->journal, index, 5, "it kills", 2000), 0);
    assert_int_equal(intake_sync(desk->intake, NULL), 0);
}

/* What letters_answer says, as text; also that nothing is left to be synced. */
static const char *answer(struct desk *desk, const char *question) {
    struct letters letters = {desk->journal, desk->intake, on_revived, desk};
    buf_clear(&desk->answer);
    struct json json = json_to(&desk->answer);
    json_begin_object(&json);
    letters_answer(&letters, view_of(question), 3000, &json);
    json_end(&json);
    assert_false(journal_pending(desk->journal));
    return buf_text(&desk->answer);
}

/* The fate of the i-th letter in the answer. */
static const char *fate(const struct desk *desk, size_t i) {
    static char text[40];
    json_t *root = json_loadb(desk->answer.at, desk->answer.len, 0, NULL);
    const json_t *one = json_array_get(json_object_get(root, "letters"), i);
    const char *found = json_string_value(json_object_get(one, "fate"));
    snprintf(text, sizeof text, "%s", found ? found : "none");
    json_decref(root);
    return text;
}

static void letters_answer__puts_a_report_back_into_the_queue(void **state) {
    struct desk *d = *state;
    uint64_t index = 0;
    give(d, "{\"guid\":\"a\",\"text\":\"x\"}");
    bury(d, 1);
    assert_true(journal_next(d->journal, 0, &index) > 0);

    assert_string_equal(answer(d, "retry 1"),
                        "{\"letters\":[{\"number\":1,\"done\":true,\"fate\":\"queued\","
                        "\"text\":\"back in the queue\"}]}");

    assert_int_equal(d->revived, 1);
    assert_int_equal(journal_next(d->journal, 0, &index), 0);
    assert_int_equal(index, 1);
    struct journal_counts counts = journal_counts(d->journal);
    assert_true(counts.accepted == 1 && counts.live == 1 && counts.dead == 0);
}

static void letters_answer__takes_a_document_in_as_a_new_report(void **state) {
    struct desk *d = *state;
    keep(d, "{\"guid\":\"a\",\"text\":\"x\"}", 0);

    assert_string_equal(
        answer(d, "retry 1"),
        "{\"letters\":[{\"number\":1,\"done\":true,\"fate\":\"taken\","
        "\"text\":\"taken in as 2: new\",\"index\":2,\"verdict\":\"new\"}]}");

    struct journal_counts counts = journal_counts(d->journal);
    assert_true(counts.accepted == 2 && counts.live == 1 && counts.dead == 1);
    assert_int_equal(counts.letters, 0);
    answer(d, "retry 1");
    assert_string_equal(fate(d, 0), "unknown");
}

static void letters_answer__leaves_what_is_still_unreadable(void **state) {
    struct desk *d = *state;
    struct dead_letter letter;
    give(d, "{");
    keep(d, "{\"text\":\"x\"}", 100);
    keep(d, "{\"text\":\"x\"}", INTAKE_UNKNOWN);

    answer(d, "retry 1 2 3 4 0");

    static const char *const fates[] = {"refused", "partial", "partial", "unknown",
                                        "unknown"};
    for (size_t i = 0; i < COUNT(fates); i++)
        assert_string_equal(fate(d, i), fates[i]);
    struct journal_counts counts = journal_counts(d->journal);
    assert_true(counts.accepted == 3 && counts.letters == 3 && counts.live == 0);
    assert_int_equal(journal_dead_next(d->journal, 0, &letter), 0);
    assert_int_equal(letter.when_ms, 1000);
}

static void letters_answer__drops_both_kinds(void **state) {
    struct desk *d = *state;
    give(d, "{\"guid\":\"a\",\"text\":\"x\"}");
    give(d, "{");
    bury(d, 1);

    answer(d, "drop 1 2 2");

    assert_string_equal(fate(d, 0), "dropped");
    assert_string_equal(fate(d, 1), "dropped");
    assert_string_equal(fate(d, 2), "unknown");
    struct journal_counts counts = journal_counts(d->journal);
    assert_true(counts.accepted == 2 && counts.letters == 0 && counts.dead == 2);
}

static void letters_answer__knows_a_document_that_came_again(void **state) {
    struct desk *d = *state;
    give(d, "{\"guid\":\"a\",\"text\":\"x\"}");
    keep(d, "{\"guid\":\"a\",\"text\":\"x\"}", 0);

    answer(d, "retry 2 2");

    assert_non_null(strstr(buf_text(&d->answer), "\"index\":1,\"verdict\":\"dup\""));
    assert_int_equal(journal_counts(d->journal).letters, 0);
    assert_int_equal(journal_counts(d->journal).live, 1);
}

static void letters_answer__does_many_at_once(void **state) {
    struct desk *d = *state;
    struct buf question = {0};
    char text[64];
    for (int i = 1; i <= 500; i++) {
        snprintf(text, sizeof text, "{\"guid\":\"g%d\",\"text\":\"x\"}", i);
        keep(d, text, 0);
        buf_printf(&question, "%s %d", i == 1 ? "retry" : "", i);
    }

    answer(d, buf_text(&question));

    assert_string_equal(fate(d, 0), "taken");
    assert_string_equal(fate(d, 499), "taken");
    assert_int_equal(journal_counts(d->journal).live, 500);
    assert_int_equal(journal_counts(d->journal).letters, 0);
    buf_release(&question);
}

static void letters_answer__names_what_may_be_asked(void **state) {
    static const char *const questions[] = {
        "",       "retry",    "retry x",   "retry 1 x",
        "bury 1", "retry -1", "retry 1,2", "drop 99999999999999999999"};
    struct desk *d = *state;
    give(d, "{");

    for (size_t i = 0; i < COUNT(questions); i++)
        assert_non_null(strstr(answer(d, questions[i]), "{\"error\":\"ask for: retry"));

    assert_int_equal(journal_counts(d->journal).letters, 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(letters_answer__puts_a_report_back_into_the_queue),
        test(letters_answer__takes_a_document_in_as_a_new_report),
        test(letters_answer__leaves_what_is_still_unreadable),
        test(letters_answer__drops_both_kinds),
        test(letters_answer__knows_a_document_that_came_again),
        test(letters_answer__does_many_at_once),
        test(letters_answer__names_what_may_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
