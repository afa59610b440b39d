/* Events under embargo in the sink's journal, on a real file, by a clock that the tests
 * set. */
#include "tests/unit/check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/journal.h"
#include "tests/unit/scratch.h"

static const struct uuid ours = {{1}}, others = {{2}};
static int64_t now_ms;

static int64_t set_clock(void) { return now_ms; }

struct bench {
    char folder[64], path[96];
    struct journal *journal;
    uint64_t last_index;
    size_t out_count; /* events that came out, and what they are */
    char out[8][64];
};

static int open_journal(struct bench *b) {
    struct journal_conf conf = {
        .path = b->path, .epoch = {{9}}, .sync = true, .wall_ms = set_clock};

    journal_close(b->journal);
    b->journal = NULL;
    return journal_open(&conf, &b->journal, NULL);
}

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);

    now_ms = 1000;
    strcpy(b->folder, "/tmp/test_held.XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/events.db", b->folder);
    assert_int_equal(open_journal(b), 0);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;

    journal_close(b->journal);
    scratch_remove(b->folder);
    free(b);
    return 0;
}

static int64_t ask(struct bench *b, const char *sql) {
    struct sqlite3 *other;
    sqlite3_stmt *statement;
    int64_t answer = -1;

    assert_int_equal(sqlite3_open(b->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(other, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(other);
    return answer;
}

/* ---- what comes in and goes out ---- */

struct sent {
    const char *guid;
    uint64_t version;
    int64_t embargo_ms;
    bool kill;
    uint64_t index; /* 0: the next */
    struct uuid of; /* zero: ours */
};

static const struct uuid zero;

static int put_report(struct bench *b, struct sent sent) {
    char json[64];
    struct result_story story = {.guid = view_of(sent.guid),
                                 .version = sent.version,
                                 .part = 1,
                                 .parts = 1,
                                 .canceled = sent.kill,
                                 .embargo_ms = sent.embargo_ms};
    struct journal_entry entry = {.crc = 5, .stories = &story, .story_count = 1};

    b->last_index = sent.index ? sent.index : b->last_index + 1;
    entry.id.index = b->last_index;
    entry.id.journal = uuid_eq(sent.of, zero) ? ours : sent.of;
    snprintf(json, sizeof json, "{\"%s\":%d}", sent.guid, (int)sent.version);
    story.json = view_of(json);
    return journal_append(b->journal, &entry, NULL);
}

#define PUT(b, name, ...)                                                                \
    assert_int_equal(                                                                    \
        put_report(b, (struct sent){.guid = (name), .version = __VA_ARGS__}), 0)

static void note_group(struct bench *b) {
    size_t count;
    const struct journal_event *events = journal_group(b->journal, &count);

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].offset, ++b->out_count);
        if (b->out_count <= 8)
            snprintf(b->out[b->out_count - 1], 64, "%.*s", (int)events[i].json.len,
                     events[i].json.at);
    }
}

static void sync_group(struct bench *b) {
    assert_int_equal(journal_sync(b->journal, NULL), 0);
    note_group(b);
}

static void release_all(struct bench *b) {
    int err;

    while ((err = journal_release(b->journal, NULL)) == 0)
        note_group(b);
    assert_true(err > 0);
}

static struct held_counts held(struct bench *b) { return journal_held(b->journal); }

/* ---- the tests ---- */

static void append__holds_an_event_under_embargo_back(void **state) {
    struct bench *b = *state;

    PUT(b, "a", 1, .embargo_ms = 5000);
    PUT(b, "b", 1);
    sync_group(b);

    assert_int_equal(b->out_count, 1);
    assert_string_equal(b->out[0], "{\"b\":1}");
    assert_true(held(b).held == 1 && held(b).next_due_ms == 5000);
    assert_int_equal(ask(b, "SELECT count(*) FROM events WHERE guid = 'a'"), 0);
    assert_int_equal(ask(b, "SELECT count(*) FROM versions"), 1);
    assert_int_equal(ask(b, "SELECT count(*) FROM stories"), 1);
    assert_true(intervals_has(journal_stored(b->journal, ours), 1)); // for COMMIT
    assert_int_equal(journal_reports(b->journal), 2);
}

static void append__passes_an_embargo_that_is_over(void **state) {
    struct bench *b = *state;

    PUT(b, "a", 1, .embargo_ms = 1000);
    PUT(b, "b", 1, .embargo_ms = -7);
    sync_group(b);

    assert_int_equal(b->out_count, 2);
    assert_int_equal(held(b).held, 0);
}

static void append__knows_the_id_of_what_it_holds(void **state) {
    struct bench *b = *state;
    struct result_story story = {.guid = VIEW_LIT("a"), .version = 1, .part = 1};
    struct journal_entry entry = {{ours, 1}, 77, &story, 1};
    struct sent again = {.guid = "a", .version = 1, .embargo_ms = 5000, .index = 1};

    PUT(b, "a", 1, .embargo_ms = 5000);
    assert_true(put_report(b, again) > 0);
    sync_group(b);
    assert_true(put_report(b, again) > 0);
    assert_int_equal(journal_append(b->journal, &entry, NULL), ERR_CHECKSUM);
    assert_int_equal(open_journal(b), 0);

    assert_true(put_report(b, again) > 0);
    assert_int_equal(journal_append(b->journal, &entry, NULL), ERR_CHECKSUM);
    now_ms = 5000;
    release_all(b);
    assert_true(put_report(b, again) > 0);
    assert_int_equal(b->out_count, 1);
}

static void release__gives_an_event_once_and_not_before(void **state) {
    struct bench *b = *state;
    PUT(b, "a", 1, .embargo_ms = 5000);
    sync_group(b);

    now_ms = 4999;
    release_all(b);
    assert_int_equal(b->out_count, 0);
    now_ms = 5000;
    release_all(b);
    release_all(b);

    assert_int_equal(b->out_count, 1);
    assert_true(held(b).held == 0 && held(b).released == 1);
    assert_true(held(b).next_due_ms == INT64_MAX);
    assert_int_equal(journal_durable(b->journal), 1);
    assert_int_equal(ask(b, "SELECT count(*) FROM events WHERE guid = 'a' AND idx = 1"
                            " AND crc = 5 AND stored_ms = 5000 AND offset = 1"),
                     1);
    assert_int_equal(ask(b, "SELECT count(*) FROM held"), 0);
}

static void release__is_by_the_moment_then_by_the_ingests_order(void **state) {
    struct bench *b = *state;

    PUT(b, "late", 1, .embargo_ms = 6000);
    PUT(b, "second", 1, .embargo_ms = 5000, .index = 9);
    PUT(b, "first", 1, .embargo_ms = 5000, .index = 4);
    PUT(b, "never", 1, .embargo_ms = INT64_MAX - 1, .index = 20);
    sync_group(b);
    now_ms = 7000;
    release_all(b);

    assert_int_equal(b->out_count, 3);
    assert_string_equal(b->out[0], "{\"first\":1}");
    assert_string_equal(b->out[1], "{\"second\":1}");
    assert_string_equal(b->out[2], "{\"late\":1}");
    assert_true(held(b).held == 1 && held(b).next_due_ms == INT64_MAX - 1);
}

static void release__goes_on_after_a_restart(void **state) {
    struct bench *b = *state;
    PUT(b, "a", 1, .embargo_ms = 5000);
    PUT(b, "b", 1, .embargo_ms = 6000);
    PUT(b, "c", 1);
    sync_group(b);
    assert_int_equal(open_journal(b), 0);
    assert_true(held(b).held == 2 && held(b).next_due_ms == 5000);

    now_ms = 5500;
    release_all(b);
    assert_int_equal(open_journal(b), 0);
    now_ms = 9000;
    release_all(b);

    assert_int_equal(b->out_count, 3);
    assert_string_equal(b->out[1], "{\"a\":1}");
    assert_string_equal(b->out[2], "{\"b\":1}");
    assert_int_equal(open_journal(b), 0);
    assert_int_equal(journal_head(b->journal), 3);
}

static void release__takes_thousands_in_turns(void **state) {
    struct bench *b = *state;
    char guid[16];

    for (int i = 0; i < 1000; i++) {
        snprintf(guid, sizeof guid, "g%d", i);
        PUT(b, guid, 1, .embargo_ms = 5000);
    }
    sync_group(b);
    now_ms = 5000;
    assert_int_equal(journal_release(b->journal, NULL), 0);
    note_group(b);
    assert_true(b->out_count < 1000 && held(b).held == 1000 - b->out_count);
    release_all(b);

    assert_int_equal(b->out_count, 1000);
    assert_string_equal(b->out[0], "{\"g0\":1}");
}

static void kill__removes_what_nobody_has_seen(void **state) {
    struct bench *b = *state;
    PUT(b, "a", 1, .embargo_ms = 5000);
    PUT(b, "a", 2, .embargo_ms = 6000);
    PUT(b, "b", 1, .embargo_ms = 5000);
    sync_group(b);

    PUT(b, "a", 2, .kill = true);
    sync_group(b);
    now_ms = 7000;
    release_all(b);

    assert_int_equal(b->out_count, 2);
    assert_string_equal(b->out[0], "{\"a\":2}"); // the kill itself
    assert_string_equal(b->out[1], "{\"b\":1}");
    assert_true(held(b).superseded == 1 && held(b).canceled == 1);
}

static void kill__in_the_same_group_removes_it_too(void **state) {
    struct bench *b = *state;

    PUT(b, "a", 1, .embargo_ms = 5000);
    PUT(b, "a", 1, .kill = true);
    sync_group(b);

    assert_true(b->out_count == 1 && held(b).held == 0 && held(b).canceled == 1);
}

static void kill__under_embargo_removes_at_once_and_waits_itself(void **state) {
    struct bench *b = *state;
    PUT(b, "a", 1, .embargo_ms = 5000);
    sync_group(b);

    PUT(b, "a", 1, .kill = true, .embargo_ms = 5000);
    sync_group(b);
    assert_int_equal(b->out_count, 0);
    assert_true(held(b).held == 1 && held(b).canceled == 1);
    now_ms = 5000;
    release_all(b);

    assert_int_equal(b->out_count, 1);
    assert_int_equal(ask(b, "SELECT canceled FROM events"), 1);
}

/* Enrichers work side by side. */
static void kill__that_overtook_its_story_ends_it(void **state) {
    struct bench *b = *state;

    PUT(b, "a", 1, .kill = true, .index = 8);
    sync_group(b);
    PUT(b, "a", 1, .embargo_ms = 5000, .index = 7); // sent before it
    PUT(b, "a", 2, .embargo_ms = 5000, .index = 9); // and after it: back again
    sync_group(b);

    assert_true(held(b).held == 1 && held(b).canceled == 1);
    now_ms = 5000;
    release_all(b);
    assert_string_equal(b->out[1], "{\"a\":2}");
}

static void kill__from_another_ingest_ends_what_is_there(void **state) {
    struct bench *b = *state;

    PUT(b, "a", 1, .embargo_ms = 5000, .index = 7);
    sync_group(b);
    PUT(b, "a", 1, .kill = true, .index = 2, .of = others);
    sync_group(b);

    assert_true(held(b).held == 0 && held(b).canceled == 1);
}

static void version__that_is_newer_ends_an_older_unseen(void **state) {
    struct bench *b = *state;
    PUT(b, "open", 1, .embargo_ms = 5000);
    PUT(b, "longer", 1, .embargo_ms = 5000);
    PUT(b, "shorter", 1, .embargo_ms = 5000);
    PUT(b, "same", 1, .embargo_ms = 5000);
    sync_group(b);

    PUT(b, "open", 2);
    PUT(b, "longer", 2, .embargo_ms = 8000);
    PUT(b, "shorter", 2, .embargo_ms = 4000);
    PUT(b, "same", 1, .embargo_ms = 5000);
    sync_group(b);
    assert_true(held(b).held == 3 && held(b).superseded == 4);
    now_ms = 5000;
    release_all(b);

    assert_int_equal(b->out_count, 3);
    assert_string_equal(b->out[0], "{\"open\":2}");
    assert_string_equal(b->out[1], "{\"shorter\":2}");
    assert_string_equal(b->out[2], "{\"same\":1}");
    assert_int_equal(ask(b, "SELECT idx FROM events WHERE guid = 'same'"), 8);
    assert_int_equal(held(b).next_due_ms, 8000);
}

static void version__that_is_older_does_not_come_behind(void **state) {
    struct bench *b = *state;

    PUT(b, "a", 2);
    PUT(b, "b", 2, .embargo_ms = 5000);
    PUT(b, "c", 1, .embargo_ms = 5000, .index = 30);
    sync_group(b);
    PUT(b, "a", 1, .embargo_ms = 5000, .index = 31);
    PUT(b, "b", 1, .embargo_ms = 4000, .index = 32);
    PUT(b, "c", 1, .embargo_ms = 5000, .index = 29);
    sync_group(b);

    assert_true(held(b).held == 2 && held(b).superseded == 3);
    now_ms = 5000;
    release_all(b);
    assert_int_equal(b->out_count, 3);
    assert_int_equal(ask(b, "SELECT idx FROM events WHERE guid = 'c'"), 30);
}

static void parts__of_one_report_are_held_together(void **state) {
    struct bench *b = *state;
    struct result_story two[] = {
        {VIEW_LIT("a"), 1, 1, 2, false, VIEW_LIT("{\"p\":1}"), 5000},
        {VIEW_LIT("a"), 1, 2, 2, false, VIEW_LIT("{\"p\":2}"), 5000}};

    assert_int_equal(
        journal_append(b->journal, &(struct journal_entry){{ours, 1}, 1, two, 2}, NULL),
        0);
    sync_group(b);
    now_ms = 5000;
    release_all(b);

    assert_int_equal(b->out_count, 2);
    assert_string_equal(b->out[0], "{\"p\":1}");
    assert_string_equal(b->out[1], "{\"p\":2}");
}

static void release__waits_while_the_journal_is_locked(void **state) {
    struct bench *b = *state;
    struct sqlite3 *other;
    struct diag diag = {0};
    PUT(b, "a", 1, .embargo_ms = 5000);
    sync_group(b);
    now_ms = 5000;

    assert_int_equal(sqlite3_open(b->path, &other), SQLITE_OK);
    sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    assert_int_equal(journal_release(b->journal, &diag), ERR_AGAIN);
    assert_non_null(strstr(diag.text, "another program"));
    assert_int_equal(held(b).held, 1);
    PUT(b, "b", 1);
    sqlite3_close(other);
    sync_group(b);
    release_all(b);

    assert_int_equal(b->out_count, 2);
    assert_string_equal(b->out[0], "{\"b\":1}");
}

static void release__looks_again_when_somebody_took_rows_away(void **state) {
    struct bench *b = *state;
    PUT(b, "a", 1, .embargo_ms = 5000);
    sync_group(b);

    ask(b, "DELETE FROM held");
    now_ms = 5000;
    release_all(b);

    assert_int_equal(b->out_count, 0);
    assert_true(journal_next_due(b->journal) == INT64_MAX);
}

static void open__brings_an_older_journal_up_to_date(void **state) {
    struct bench *b = *state;
    PUT(b, "a", 1);
    sync_group(b);

    ask(b, "DROP TABLE held");
    ask(b, "PRAGMA user_version = 1");
    assert_int_equal(open_journal(b), 0);
    PUT(b, "b", 1, .embargo_ms = 5000);
    sync_group(b);

    assert_int_equal(held(b).held, 1);
    assert_int_equal(ask(b, "SELECT user_version FROM pragma_user_version"), 2);
    assert_int_equal(ask(b, "SELECT count(*) FROM events"), 1);
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_bench(append__holds_an_event_under_embargo_back),
        with_bench(append__passes_an_embargo_that_is_over),
        with_bench(append__knows_the_id_of_what_it_holds),
        with_bench(release__gives_an_event_once_and_not_before),
        with_bench(release__is_by_the_moment_then_by_the_ingests_order),
        with_bench(release__goes_on_after_a_restart),
        with_bench(release__takes_thousands_in_turns),
        with_bench(kill__removes_what_nobody_has_seen),
        with_bench(kill__in_the_same_group_removes_it_too),
        with_bench(kill__under_embargo_removes_at_once_and_waits_itself),
        with_bench(kill__that_overtook_its_story_ends_it),
        with_bench(kill__from_another_ingest_ends_what_is_there),
        with_bench(version__that_is_newer_ends_an_older_unseen),
        with_bench(version__that_is_older_does_not_come_behind),
        with_bench(parts__of_one_report_are_held_together),
        with_bench(release__waits_while_the_journal_is_locked),
        with_bench(release__looks_again_when_somebody_took_rows_away),
        with_bench(open__brings_an_older_journal_up_to_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
