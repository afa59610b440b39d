/* Upkeep of the journal's file: how long the log gets, and which rows go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/run/clock.h"
#include "sink/journal.h"
#include "sink/upkeep.h"

#define PATIENCE_MS 20000

static _Atomic int64_t ahead_ms;
static int64_t wall_ms(void) { return clock_wall() + ahead_ms; }

struct bench {
    char folder[64], path[96];
    struct journal *journal;
    struct upkeep *upkeep;
    struct sqlite3 *other;
    uint64_t index;
};

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    struct journal_conf conf = {.path = b->path};

    strcpy(b->folder, "/tmp/test_upkeep.XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/events.db", b->folder);
    assert_int_equal(journal_open(&conf, &b->journal, NULL), 0);
    assert_int_equal(sqlite3_open(b->path, &b->other), SQLITE_OK);
    ahead_ms = 0;
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;

    upkeep_stop(b->upkeep);
    sqlite3_close(b->other);
    journal_close(b->journal);
    remove(b->path);
    rmdir(b->folder);
    free(b);
    return 0;
}

static void start(struct bench *b, int64_t keep_ms) {
    struct upkeep_conf conf = {
        .journal = b->path, .keep_ms = keep_ms, .wall_ms = wall_ms};

    assert_int_equal(upkeep_start(&conf, &b->upkeep, NULL), 0);
}

static void add(struct bench *b, size_t count, size_t bytes) {
    char *text = malloc(bytes);
    struct result_story story = {.part = 1, .json = {text, bytes}};

    memset(text, 'x', bytes);
    for (size_t i = 0; i < count; i++) {
        struct journal_entry entry = {{{{1}}, ++b->index}, 1, &story, 1};
        assert_int_equal(journal_append(b->journal, &entry, NULL), 0);
    }
    assert_int_equal(journal_sync(b->journal, NULL), 0);
    free(text);
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static int64_t ask(struct bench *b, const char *sql) {
    sqlite3_stmt *statement;
    int64_t answer = -1;

    assert_int_equal(sqlite3_prepare_v2(b->other, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return answer;
}

static void wait_for(struct bench *b, const char *sql, int64_t wanted) {
    int ms = 0;

    while (ask(b, sql) != wanted && ms++ < PATIENCE_MS)
        pause_ms(1);
    assert_int_equal(ask(b, sql), wanted);
}

static void tell(struct bench *b, uint64_t passed) {
    upkeep_tell(b->upkeep, journal_log_bytes(b->journal), passed);
}

static void log__is_begun_anew_when_it_is_long(void **state) {
    struct bench *b = *state;
    uint64_t longest = 0;
    start(b, 0);

    for (int ms = 0; ms < PATIENCE_MS; ms++) {
        add(b, 1, 1u << 20);
        tell(b, 0);
        if (journal_log_bytes(b->journal) < longest)
            break; // from its beginning again
        longest = journal_log_bytes(b->journal);
        pause_ms(1);
    }

    assert_true(longest >= UPKEEP_LOG_BYTES);
    assert_true(journal_log_bytes(b->journal) < longest);
    assert_int_equal(upkeep_failed(b->upkeep, NULL), 0);
}

/* With nobody who does it beside, and with one who cannot. */
static void log__stays_bounded_without_upkeep(void **state) {
    struct bench *b = *state;
    uint64_t longest = 0;

    for (int i = 0; i < 100; i++) {
        add(b, 1, 1u << 20);
        if (journal_log_bytes(b->journal) > longest)
            longest = journal_log_bytes(b->journal);
    }

    assert_true(longest < 40u << 20);
}

static void rows__go_when_they_are_old_and_passed(void **state) {
    struct bench *b = *state;
    add(b, 300, 10);
    start(b, 3600 * 1000);
    tell(b, 200);

    pause_ms(50);
    assert_int_equal(ask(b, "SELECT count(*) FROM events"), 300); // not old yet
    ahead_ms = 3601 * 1000;
    wait_for(b, "SELECT count(*) FROM events", 100);
    assert_int_equal(ask(b, "SELECT min(offset) FROM events"), 201);
    tell(b, 300);
    wait_for(b, "SELECT count(*) FROM events", 0);

    assert_int_equal(upkeep_deleted(b->upkeep), 300);
    assert_int_equal(ask(b, "SELECT hi FROM ranges"), 300);
    assert_int_equal(ask(b, "SELECT value FROM meta WHERE key = 'head'"), 300);
}

static void rows__stay_for_ever_otherwise(void **state) {
    struct bench *b = *state;
    add(b, 10, 10);
    start(b, 0);
    ahead_ms = INT64_C(1) << 40;

    tell(b, 10);
    pause_ms(20);

    assert_int_equal(ask(b, "SELECT count(*) FROM events"), 10);
}

static void rows__wait_while_another_program_has_the_lock(void **state) {
    struct bench *b = *state;
    add(b, 10, 10);
    ask(b, "BEGIN IMMEDIATE");
    start(b, 1000);
    ahead_ms = 3600 * 1000;
    tell(b, 10);

    pause_ms(50);
    assert_int_equal(ask(b, "SELECT count(*) FROM events"), 10);
    ask(b, "COMMIT");
    wait_for(b, "SELECT count(*) FROM events", 0);

    assert_int_equal(upkeep_failed(b->upkeep, NULL), 0);
}

static void upkeep__says_what_is_wrong_with_the_file(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    int ms = 0;
    ask(b, "DROP TABLE events");

    start(b, 1000);
    while (!upkeep_failed(b->upkeep, &diag) && ms++ < PATIENCE_MS)
        pause_ms(1);

    assert_non_null(strstr(diag.text, "events.db"));
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_bench(log__is_begun_anew_when_it_is_long),
        with_bench(log__stays_bounded_without_upkeep),
        with_bench(rows__go_when_they_are_old_and_passed),
        with_bench(rows__stay_for_ever_otherwise),
        with_bench(rows__wait_while_another_program_has_the_lock),
        with_bench(upkeep__says_what_is_wrong_with_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
