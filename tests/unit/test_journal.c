/* The sink's journal on a real file, with SQLite itself as the other program that looks
 * into it, locks it or spoils it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proto/mem.h"
#include "sink/ids.h"
#include "sink/journal.h"
#include "sink/reader.h"
#include "sink/store.h"

static const struct uuid ours = {{1}}, others = {{2}};

struct bench {
    char folder[64], path[96];
    struct journal *journal;
    struct sqlite3 *other; /* somebody else's connection */
};

static int reopen(struct bench *b, struct diag *diag) {
    struct journal_conf conf = {.path = b->path, .epoch = {{9}}, .sync = true};

    journal_close(b->journal);
    b->journal = NULL;
    return journal_open(&conf, &b->journal, diag);
}

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);

    strcpy(b->folder, "/tmp/test_journal.XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/events.db", b->folder);
    assert_int_equal(reopen(b, NULL), 0);
    *state = b;
    return 0;
}

static void remove_folder(const char *folder) {
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        remove(path);
    }
    if (dir)
        closedir(dir);
    rmdir(folder);
}

static int teardown(void **state) {
    struct bench *b = *state;

    sqlite3_close(b->other);
    journal_close(b->journal);
    remove_folder(b->folder);
    free(b);
    return 0;
}

static int append(struct bench *b, struct uuid of, uint64_t index, uint32_t crc,
                  const char *json) {
    struct result_story story = {VIEW_LIT("guid"), 1, 1, 1, false, view_of(json), 0};
    struct journal_entry entry = {{of, index}, crc, &story, json ? 1 : 0};

    return journal_append(b->journal, &entry, NULL);
}

static void put(struct bench *b, uint64_t index, const char *json) {
    assert_int_equal(append(b, ours, index, 1, json), 0);
}

static void sync_group(struct bench *b) {
    assert_int_equal(journal_sync(b->journal, NULL), 0);
}

/* What the other program says to that: the first column of the first row. */
static int64_t ask(struct bench *b, const char *sql) {
    sqlite3_stmt *statement;
    int64_t answer = -1;

    if (!b->other)
        assert_int_equal(sqlite3_open(b->path, &b->other), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(b->other, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return answer;
}

/* ---- append and sync ---- */

static void append__gives_offsets_from_one(void **state) {
    struct bench *b = *state;
    struct result_story pair[] = {
        {VIEW_LIT("g"), 3, 1, 2, false, VIEW_LIT("{\"a\":1}"), 0},
        {VIEW_LIT("g"), 3, 2, 2, true, VIEW_LIT("{\"b\":2}"), 0}};
    struct journal_entry entry = {{ours, 7}, 1, pair, 2};
    const struct journal_event *group;
    size_t count;

    assert_int_equal(journal_append(b->journal, &entry, NULL), 0);
    put(b, 3, "{}");
    assert_int_equal(journal_head(b->journal), 3);
    assert_int_equal(journal_durable(b->journal), 0);
    sync_group(b);

    group = journal_group(b->journal, &count);
    assert_int_equal(count, 3);
    assert_true(group[1].offset == 2 && group[1].id.index == 7);
    assert_true(view_is(group[1].json, "{\"b\":2}"));
    assert_int_equal(journal_durable(b->journal), 3);
    assert_int_equal(ask(b, "SELECT count(*) FROM events WHERE guid = 'g' AND version = 3"
                            " AND part = 2 AND parts = 2 AND canceled AND idx = 7"
                            " AND json = '{\"b\":2}' AND crc = 1"),
                     1);
}

static void append__stores_an_id_once(void **state) {
    struct bench *b = *state;

    put(b, 1, "{}");
    assert_true(append(b, ours, 1, 1, "{}") > 0); // in the open group
    sync_group(b);
    assert_true(append(b, ours, 1, 1, "{}") > 0); // and behind it
    assert_int_equal(append(b, others, 1, 1, "{}"), 0);
    sync_group(b);
    assert_int_equal(reopen(b, NULL), 0);

    assert_true(append(b, ours, 1, 1, "{}") > 0);
    assert_int_equal(journal_head(b->journal), 2);
}

static void append__refuses_an_id_with_another_crc(void **state) {
    struct bench *b = *state;
    put(b, 1, "{}");
    put(b, 2, NULL);

    assert_int_equal(append(b, ours, 1, 78, "{}"), ERR_CHECKSUM);
    sync_group(b);
    assert_int_equal(append(b, ours, 1, 78, "{}"), ERR_CHECKSUM);
    assert_int_equal(reopen(b, NULL), 0);

    assert_int_equal(append(b, ours, 1, 78, "{}"), ERR_CHECKSUM);
    assert_int_equal(append(b, ours, 2, 78, NULL), ERR_CHECKSUM);
    assert_true(append(b, ours, 2, 1, NULL) > 0);
    assert_int_equal(journal_pending(b->journal), 0);
}

static void append__refuses_indices_no_ingest_gives(void **state) {
    struct bench *b = *state;

    assert_int_equal(append(b, ours, 0, 1, "{}"), ERR_FORMAT);
    assert_int_equal(append(b, ours, UINT64_MAX, 1, "{}"), ERR_FORMAT);

    assert_int_equal(append(b, ours, INT64_MAX, 1, "{}"), 0);
    sync_group(b);
}

static void append__refuses_parts_out_of_order(void **state) {
    struct bench *b = *state;
    struct result_story twice[] = {{.part = 1, .json = VIEW_LIT("{}")},
                                   {.part = 1, .json = VIEW_LIT("{}")}};
    struct result_story zeroth = {.part = 0, .json = VIEW_LIT("{}")};

    assert_int_equal(
        journal_append(b->journal, &(struct journal_entry){{ours, 1}, 1, twice, 2}, NULL),
        ERR_FORMAT);
    assert_int_equal(journal_append(b->journal,
                                    &(struct journal_entry){{ours, 1}, 1, &zeroth, 1},
                                    NULL),
                     ERR_FORMAT);
}

static void append__keeps_the_id_of_a_report_without_events(void **state) {
    struct bench *b = *state;

    put(b, 1, NULL);
    sync_group(b);
    assert_int_equal(reopen(b, NULL), 0);

    assert_true(intervals_has(journal_stored(b->journal, ours), 1));
    assert_int_equal(journal_durable(b->journal), 0);
}

static void append__bounds_the_group(void **state) {
    struct bench *b = *state;
    size_t len = 4u << 20;
    char *text = calloc(1, len);
    struct result_story story = {.part = 1, .json = {text, len}};
    uint64_t n = 0;
    int err = 0;
    memset(text, 'x', len);

    while (!err && n < 100) {
        n++;
        err = journal_append(b->journal, &(struct journal_entry){{ours, n}, 1, &story, 1},
                             NULL);
    }
    assert_int_equal(err, ERR_FULL);
    assert_true(journal_pending_bytes(b->journal) < JOURNAL_GROUP_MOST + len);
    sync_group(b);

    assert_int_equal(journal_append(b->journal,
                                    &(struct journal_entry){{ours, n}, 1, &story, 1},
                                    NULL),
                     0);
    free(text);
}

static void sync__without_a_group_does_nothing(void **state) {
    struct bench *b = *state;
    size_t count;

    sync_group(b);

    journal_group(b->journal, &count);
    assert_int_equal(count, 0);
}

/* ---- what is stored, over all openings ---- */

static void stored__is_read_again_range_by_range(void **state) {
    struct bench *b = *state;
    const uint64_t first[] = {5, 6, 9, 1, 20}, second[] = {2, 4, 8, 21, 7};
    const struct intervals *stored;
    for (size_t i = 0; i < 5; i++)
        put(b, first[i], "{}");
    sync_group(b);
    assert_int_equal(ask(b, "SELECT count(*) FROM ranges"), 4);
    assert_int_equal(reopen(b, NULL), 0);

    for (size_t i = 0; i < 5; i++)
        put(b, second[i], "{}");
    assert_int_equal(journal_stored(b->journal, ours)->count, 4); // not yet durable
    sync_group(b);
    stored = journal_stored(b->journal, ours);
    assert_int_equal(stored->count, 3);
    assert_int_equal(reopen(b, NULL), 0);

    stored = journal_stored(b->journal, ours);
    assert_int_equal(stored->count, 3);
    assert_true(stored->ranges[1].lo == 4 && stored->ranges[1].hi == 9);
    assert_int_equal(ask(b, "SELECT hi FROM ranges WHERE lo = 20"), 21);
}

/* Against a plain list of flags: groups of indices in no order, reopened now and then. */
static void stored__is_exact_whatever_comes(void **state) {
    struct bench *b = *state;
    bool there[400] = {false};
    unsigned draw = 1, count = 0;

    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 8; i++) {
            draw = draw * 1103515245u + 12345u;
            unsigned n = 1 + (draw >> 16) % 399;
            assert_int_equal(append(b, ours, n, 1, "{}"), there[n] ? 1 : 0);
            count += !there[n];
            there[n] = true;
        }
        sync_group(b);
        assert_int_equal(journal_reports(b->journal), count);
        if (round % 7 == 0)
            assert_int_equal(reopen(b, NULL), 0);
        assert_int_equal(journal_reports(b->journal), count);
        for (unsigned n = 1; n < 400; n++)
            assert_true(intervals_has(journal_stored(b->journal, ours), n) == there[n]);
    }
}

static void stored__of_an_unknown_run_is_nothing(void **state) {
    struct bench *b = *state;

    assert_int_equal(journal_stored(b->journal, others)->count, 0);

    assert_int_equal(ask(b, "SELECT count(*) FROM journals"), 0);
}

static void stored__knows_more_runs_than_fit_into_memory(void **state) {
    struct bench *b = *state;
    struct uuid of = {{7}};

    for (uint64_t i = 1; i <= 3 * IDS_LOADED; i++) {
        memcpy(of.bytes + 8, &i, sizeof i);
        assert_int_equal(append(b, of, i, 1, NULL), 0);
        if (i % 100 == 0)
            sync_group(b);
    }
    sync_group(b);

    for (uint64_t i = 1; i <= 3 * IDS_LOADED; i++) {
        memcpy(of.bytes + 8, &i, sizeof i);
        assert_true(intervals_has(journal_stored(b->journal, of), i));
        assert_true(append(b, of, i, 1, NULL) > 0);
    }
}

static void open__goes_on_where_it_was(void **state) {
    struct bench *b = *state;
    struct uuid epoch = journal_epoch(b->journal);
    assert_true(journal_was_made(b->journal));
    put(b, 1, "{}");
    put(b, 2, "{}");
    sync_group(b);
    put(b, 3, "{}"); // of an open group, so it is not stored

    assert_int_equal(reopen(b, NULL), 0);

    assert_false(journal_was_made(b->journal));
    assert_true(uuid_eq(journal_epoch(b->journal), epoch));
    assert_int_equal(journal_head(b->journal), 2);
    assert_int_equal(intervals_upto(journal_stored(b->journal, ours)), 2);
}

static void open__gives_no_offset_again_when_rows_are_deleted(void **state) {
    struct bench *b = *state;
    put(b, 1, "{}");
    put(b, 2, "{}");
    sync_group(b);

    ask(b, "INSERT INTO meta VALUES('head', 2)");
    ask(b, "DELETE FROM events");
    assert_int_equal(reopen(b, NULL), 0);

    assert_int_equal(journal_head(b->journal), 2);
    assert_true(append(b, ours, 1, 5, "{}") > 0); // the mark stays, the crc is gone
}

/* ---- views ---- */

static void put_story(struct bench *b, uint64_t index, const char *guid, uint64_t version,
                      bool canceled) {
    struct result_story story = {view_of(guid), version,        1, 1,
                                 canceled,      VIEW_LIT("{}"), 0};
    struct journal_entry entry = {{ours, index}, 1, &story, 1};

    assert_int_equal(journal_append(b->journal, &entry, NULL), 0);
}

static void stories__has_the_newest_version_of_each(void **state) {
    struct bench *b = *state;

    put_story(b, 1, "a", 1, false);
    put_story(b, 2, "a", 3, false);
    put_story(b, 3, "a", 2, false); // overtaken
    put_story(b, 4, "b", 1, false);
    put_story(b, 5, "b", 1, false);
    sync_group(b);

    assert_int_equal(ask(b, "SELECT count(*) FROM stories"), 2);
    assert_int_equal(ask(b, "SELECT offset FROM stories WHERE guid = 'a'"), 2);
    assert_int_equal(ask(b, "SELECT offset FROM stories WHERE guid = 'b'"), 5);
    assert_int_equal(ask(b, "SELECT replaced_by FROM versions WHERE offset = 3"), 2);
    assert_int_equal(ask(b, "SELECT count(*) FROM versions"), 5);
}

static void stories__replaces_all_parts_of_a_report(void **state) {
    struct bench *b = *state;
    struct result_story two[] = {{VIEW_LIT("a"), 1, 1, 2, false, VIEW_LIT("{}"), 0},
                                 {VIEW_LIT("a"), 1, 2, 2, false, VIEW_LIT("{}"), 0}};

    journal_append(b->journal, &(struct journal_entry){{ours, 1}, 1, two, 2}, NULL);
    put_story(b, 2, "a", 2, false);
    sync_group(b);

    assert_int_equal(ask(b, "SELECT count(*) FROM stories"), 1);
    assert_int_equal(ask(b, "SELECT version FROM stories"), 2);
}

static void stories__lacks_what_was_canceled(void **state) {
    struct bench *b = *state;

    put_story(b, 1, "a", 1, false);
    put_story(b, 5, "a", 2, true);
    put_story(b, 2, "a", 1, false); // sent before the kill, tagged after it
    put_story(b, 6, "b", 1, true);
    put_story(b, 7, "b", 2, false); // and back again
    sync_group(b);

    assert_int_equal(ask(b, "SELECT count(*) FROM stories"), 1);
    assert_int_equal(ask(b, "SELECT offset FROM stories WHERE guid = 'b'"), 5);
    assert_int_equal(ask(b, "SELECT count(*) FROM versions WHERE canceled_by = 2"), 2);
}

/* ---- errors ---- */

static void sync__keeps_the_group_while_another_program_has_the_lock(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    put(b, 1, "{}");
    ask(b, "BEGIN IMMEDIATE");

    assert_int_equal(journal_sync(b->journal, &diag), ERR_AGAIN);
    assert_non_null(strstr(diag.text, "another program keeps"));
    put(b, 2, "{}");
    assert_int_equal(journal_durable(b->journal), 0);
    assert_int_equal(journal_stored(b->journal, ours)->count, 0);
    assert_int_equal(journal_pending(b->journal), 2);
    ask(b, "COMMIT");
    sync_group(b);

    assert_int_equal(journal_durable(b->journal), 2);
    assert_int_equal(ask(b, "SELECT count(*) FROM events"), 2);
}

/* Files that may not grow over some size stand for a full disk. */
static void limit_files(rlim_t bytes) {
    struct rlimit limit = {bytes, RLIM_INFINITY};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void sync__keeps_the_group_while_the_disk_is_full(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    char text[60001];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    put(b, 1, "{}");
    sync_group(b);
    for (uint64_t n = 2; n < 12; n++)
        put(b, n, text);

    limit_files(300000); // some rows fit, not all
    assert_int_equal(journal_sync(b->journal, &diag), ERR_FULL);
    assert_non_null(strstr(diag.text, "no room on the disk"));
    diag.text[0] = 0;
    assert_int_equal(journal_sync(b->journal, &diag), ERR_FULL);
    assert_int_equal(journal_failed(b->journal, NULL), 0);
    assert_int_equal(journal_durable(b->journal), 1);
    assert_int_equal(ask(b, "SELECT count(*) FROM events"), 1);
    limit_files(RLIM_INFINITY);
    sync_group(b);

    assert_int_equal(ask(b, "SELECT count(*) FROM events"), 11);
    assert_int_equal(reopen(b, NULL), 0);
    assert_int_equal(intervals_upto(journal_stored(b->journal, ours)), 11);
}

static void sync__that_fails_for_good_ends_the_journal(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    put(b, 1, "{}");
    sync_group(b);
    put(b, 2, "{}");

    ask(b, "DROP TABLE events");
    assert_int_equal(journal_sync(b->journal, &diag), ERR_SYSTEM);
    assert_non_null(strstr(diag.text, "events.db"));

    assert_int_equal(journal_failed(b->journal, NULL), ERR_SYSTEM);
    assert_int_equal(journal_sync(b->journal, NULL), ERR_SYSTEM);
    assert_int_equal(append(b, ours, 3, 1, "{}"), ERR_SYSTEM);
    assert_int_equal(journal_durable(b->journal), 1);
    assert_int_equal(journal_stored(b->journal, ours)->count, 0); // says nothing any more
}

static void spoil(const char *path, long from, const char *bytes, size_t len) {
    FILE *file = fopen(path, "r+");

    if (!file)
        file = fopen(path, "w");
    fseek(file, from, SEEK_SET);
    fwrite(bytes, 1, len, file);
    fclose(file);
}

static void open__refuses_what_is_no_database(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    char found[8] = "";
    FILE *file;
    journal_close(b->journal);
    b->journal = NULL;

    spoil(b->path, 0, "precious notes of somebody", 26);
    assert_int_equal(reopen(b, &diag), ERR_FORMAT);

    assert_non_null(strstr(diag.text, "no journal of the sink"));
    file = fopen(b->path, "r");
    assert_int_equal(fread(found, 1, 7, file), 7);
    fclose(file);
    assert_string_equal(found, "preciou");
}

static void open__refuses_the_database_of_another_program(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    ask(b, "PRAGMA application_id = 17");

    assert_int_equal(reopen(b, &diag), ERR_FORMAT);

    assert_non_null(strstr(diag.text, "no journal of the sink"));
}

static void open__refuses_a_newer_format(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    ask(b, "PRAGMA user_version = 3");

    assert_int_equal(reopen(b, &diag), ERR_VERSION);

    assert_non_null(strstr(diag.text, "newer version"));
}

static void open__refuses_a_log_without_its_file(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    char log[128];
    snprintf(log, sizeof log, "%s-wal", b->path);
    journal_close(b->journal);
    b->journal = NULL;

    spoil(log, 0, "all there is", 12);
    remove(b->path);
    assert_int_equal(reopen(b, &diag), ERR_FORMAT);

    assert_non_null(strstr(diag.text, "its log"));
    assert_int_equal(access(log, F_OK), 0);
}

static void open__says_what_to_do_about_damage(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    char rubbish[8192];
    int err;
    for (uint64_t n = 1; n < 200; n++)
        put(b, n, "{\"some\":\"event\"}");
    sync_group(b);
    journal_close(b->journal);
    b->journal = NULL;

    memset(rubbish, 0x5a, sizeof rubbish);
    for (long page = 1; page < 12; page++)
        spoil(b->path, page * 8192, rubbish, sizeof rubbish);
    err = reopen(b, &diag);

    assert_int_equal(err, ERR_FORMAT);
    assert_non_null(strstr(diag.text, "is damaged"));
}

/* What a killed process leaves: the log was being written. The half of it counts for
 * nothing. */
static void open__passes_over_a_torn_group(void **state) {
    struct bench *b = *state;
    char copy[80], command[600];
    put(b, 1, "{}");
    sync_group(b);
    put(b, 2, "{\"second\":1}");
    sync_group(b);

    snprintf(copy, sizeof copy, "%s/copy.db", b->folder);
    snprintf(command, sizeof command, "cp %s %s && head -c -100 %s-wal > %s-wal", b->path,
             copy, b->path, copy);
    assert_int_equal(system(command), 0);
    journal_close(b->journal);
    b->journal = NULL;
    snprintf(b->path, sizeof b->path, "%s", copy);
    assert_int_equal(reopen(b, NULL), 0);

    assert_int_equal(journal_head(b->journal), 1);
    assert_int_equal(intervals_upto(journal_stored(b->journal, ours)), 1);
    put(b, 2, "{\"second\":2}");
    sync_group(b);
    assert_int_equal(ask(b, "SELECT count(*) FROM events"), 2);
}

/* Who reads holds back the copying of the log, which then is synced as it is. */
static void open__does_not_wait_for_a_reader(void **state) {
    struct bench *b = *state;
    put(b, 1, "{}");
    sync_group(b);
    ask(b, "BEGIN");
    ask(b, "SELECT count(*) FROM events");
    put(b, 2, "{}");
    sync_group(b);

    assert_int_equal(reopen(b, NULL), 0);

    assert_int_equal(journal_head(b->journal), 2);
    ask(b, "COMMIT");
    assert_int_equal(ask(b, "SELECT value FROM meta WHERE key = 'synced'"), 1);
    assert_int_equal(reopen(b, NULL), 0);
    assert_int_equal(journal_head(b->journal), 2);
}

/* ---- readers ---- */

static void reader__sees_what_is_durable_in_order(void **state) {
    struct bench *b = *state;
    const struct journal_event *events;
    struct reader *reader;
    size_t count;
    put(b, 1, "{\"n\":1}");
    put(b, 2, "{\"n\":2}");
    sync_group(b);
    put(b, 3, "{\"n\":3}");
    assert_int_equal(reader_open(b->path, "one", &reader, NULL), 0);

    assert_int_equal(reader_next(reader, 0, &events, &count, NULL), 0);
    assert_int_equal(count, 2);
    assert_true(events[1].offset == 2 && view_is(events[1].json, "{\"n\":2}"));
    sync_group(b);
    assert_int_equal(reader_next(reader, 2, &events, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_true(view_is(events[0].json, "{\"n\":3}"));
    assert_int_equal(reader_next(reader, 3, &events, &count, NULL), 0);

    assert_int_equal(count, 0);
    reader_close(reader);
}

static void reader__keeps_a_mark_for_each_name(void **state) {
    struct bench *b = *state;
    struct mark mark = {7, UINT64_MAX, 9, 1000, 0xFFFFFFFFu, 18275}, got;
    struct reader *one, *two;
    assert_int_equal(reader_open(b->path, "one", &one, NULL), 0);
    assert_int_equal(reader_open(b->path, "two", &two, NULL), 0);

    assert_true(reader_mark(one, &got, NULL) > 0);
    assert_int_equal(reader_save(one, &mark, true, NULL), 0);
    mark.offset = 8;
    assert_int_equal(reader_save(one, &mark, false, NULL), 0);
    assert_int_equal(reader_mark(one, &got, NULL), 0);

    assert_true(got.offset == 8 && got.dev == UINT64_MAX && got.ino == 9);
    assert_true(got.length == 1000 && got.tail == 0xFFFFFFFFu && got.day == 18275);
    assert_true(reader_mark(two, &got, NULL) > 0);
    reader_close(one);
    reader_close(two);
}

static void reader__does_not_make_a_journal(void **state) {
    struct bench *b = *state;
    struct reader *reader;
    struct diag diag = {0};
    char elsewhere[128];
    snprintf(elsewhere, sizeof elsewhere, "%s/nothing.db", b->folder);

    assert_int_equal(reader_open(elsewhere, "one", &reader, &diag), ERR_NOT_FOUND);

    assert_int_not_equal(access(elsewhere, F_OK), 0);
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_bench(append__gives_offsets_from_one),
        with_bench(append__stores_an_id_once),
        with_bench(append__refuses_an_id_with_another_crc),
        with_bench(append__refuses_indices_no_ingest_gives),
        with_bench(append__refuses_parts_out_of_order),
        with_bench(append__keeps_the_id_of_a_report_without_events),
        with_bench(append__bounds_the_group),
        with_bench(sync__without_a_group_does_nothing),
        with_bench(stored__is_read_again_range_by_range),
        with_bench(stored__is_exact_whatever_comes),
        with_bench(stored__of_an_unknown_run_is_nothing),
        with_bench(stored__knows_more_runs_than_fit_into_memory),
        with_bench(open__goes_on_where_it_was),
        with_bench(open__gives_no_offset_again_when_rows_are_deleted),
        with_bench(stories__has_the_newest_version_of_each),
        with_bench(stories__replaces_all_parts_of_a_report),
        with_bench(stories__lacks_what_was_canceled),
        with_bench(sync__keeps_the_group_while_another_program_has_the_lock),
        with_bench(sync__keeps_the_group_while_the_disk_is_full),
        with_bench(sync__that_fails_for_good_ends_the_journal),
        with_bench(open__refuses_what_is_no_database),
        with_bench(open__refuses_the_database_of_another_program),
        with_bench(open__refuses_a_newer_format),
        with_bench(open__refuses_a_log_without_its_file),
        with_bench(open__says_what_to_do_about_damage),
        with_bench(open__passes_over_a_torn_group),
        with_bench(open__does_not_wait_for_a_reader),
        with_bench(reader__sees_what_is_durable_in_order),
        with_bench(reader__keeps_a_mark_for_each_name),
        with_bench(reader__does_not_make_a_journal),
    };
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
