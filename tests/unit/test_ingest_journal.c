/* The journal of ingest, and what it remembers of the reports it has seen. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "ingest/journal.h"
#include "ingest/seen.h"
#include "ingest/store.h"

static const struct journal_conf roomy = {
    .max_bytes = 1 << 20, .remember = 1000, .remember_ms = 1000};

static struct journal *open_in(const char *dir, const struct journal_conf *conf) {
    struct journal *journal = NULL;
    struct diag diag = {0};
    if (journal_open(dir, conf, &journal, &diag) != 0)
        fail_msg("%s", diag.text);
    return journal;
}

static struct journal *open_journal(const struct journal_conf *conf) {
    return open_in(scratch_dir(), conf);
}

static struct digest digest_n(uint64_t n) {
    return digest_of(view_n((const char *)&n, sizeof n));
}

static uint64_t append(struct journal *journal, const char *record, uint64_t n) {
    struct identity identity = {
        .story = digest_n(n), .content = digest_n(1000 + n), .version = n};
    uint64_t index = 0;
    assert_int_equal(journal_append(journal, view_of(record), &identity, 0, &index), 0);
    return index;
}

static void journal_open__draws_a_uuid(void **state) {
    struct journal *a = open_journal(&roomy), *b = open_journal(&roomy);
    (void)state;

    assert_false(uuid_eq(journal_uuid(a), journal_uuid(b)));

    journal_close(a);
    journal_close(b);
    journal_close(NULL);
}

static void journal_append__is_not_safe_before_the_sync(void **state) {
    struct journal *journal = open_journal(&roomy);
    uint64_t next, count;
    (void)state;

    assert_int_equal(append(journal, "one", 1), 1);
    assert_int_equal(journal_synced(journal), 0);
    assert_true(journal_next(journal, 0, &next) > 0);
    assert_int_equal(journal_delete(journal, 1, 1, &count), 0);
    assert_int_equal(count, 0);

    assert_int_equal(journal_sync(journal, NULL), 0);
    assert_int_equal(journal_synced(journal), 1);
    assert_int_equal(journal_next(journal, 0, &next), 0);
    assert_int_equal(next, 1);
    journal_close(journal);
}

static void journal_delete__leaves_the_others(void **state) {
    struct journal *journal = open_journal(&roomy);
    char text[20];
    struct view record;
    uint64_t count, next;
    (void)state;
    for (uint64_t i = 1; i <= 3000; i++) { // more than the ring is made with
        snprintf(text, sizeof text, "record %d", (int)i);
        assert_int_equal(append(journal, text, i), i);
    }
    journal_sync(journal, NULL);

    assert_int_equal(journal_delete(journal, 1, 1000, &count), 0);
    assert_int_equal(count, 1000);
    assert_int_equal(journal_delete(journal, 999, 1002, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(journal_delete(journal, 2000, UINT64_MAX, &count), 0);
    assert_int_equal(count, 1001);
    assert_int_equal(journal_delete(journal, 5, 4, &count), 0);
    assert_int_equal(count, 0);

    assert_int_equal(journal_next(journal, 0, &next), 0);
    assert_int_equal(next, 1003);
    assert_int_equal(journal_read(journal, 1003, &record), 0);
    assert_view_is(record, "record 1003");
    assert_int_equal(journal_read(journal, 1002, &record), ERR_NOT_FOUND);
    assert_int_equal(journal_read(journal, 0, &record), ERR_NOT_FOUND);
    assert_int_equal(journal_read(journal, 3001, &record), ERR_NOT_FOUND);
    assert_true(journal_next(journal, 1999, &next) > 0);
    assert_int_equal(append(journal, "later", 4000), 3001);
    journal_close(journal);
}

static void journal_bury__keeps_the_bytes_and_the_reason(void **state) {
    struct journal *journal = open_journal(&roomy);
    struct dead_letter letter;
    struct journal_counts counts;
    (void)state;
    append(journal, "poison", 1);
    append(journal, "good", 2);
    journal_sync(journal, NULL);

    assert_int_equal(journal_bury(journal, 1, 5, "it kills", 77), 0);

    assert_int_equal(journal_bury(journal, 1, 5, "again", 0), ERR_NOT_FOUND);
    assert_true(journal_dead_next(journal, 0, &letter) > 0);
    assert_int_equal(journal_sync(journal, NULL), 0);
    assert_int_equal(journal_dead_next(journal, 0, &letter), 0);
    assert_int_equal(letter.index, 1);
    assert_int_equal(letter.attempts, 5);
    assert_view_is(letter.reason, "it kills");
    assert_view_is(letter.bytes, "poison");
    assert_true(journal_dead_next(journal, 1, &letter) > 0);
    counts = journal_counts(journal);
    assert_int_equal(counts.accepted, counts.committed + counts.dead + counts.live);
    assert_int_equal(counts.live, 1);
    journal_close(journal);
}

static void journal_append__is_refused_when_full(void **state) {
    struct journal_conf conf = {.max_bytes = 10000, .remember = 10, .remember_ms = 1};
    struct journal *journal = open_journal(&conf);
    struct identity identity = {.version = 0};
    char record[1000] = "";
    uint64_t index, count;
    int err;
    (void)state;

    assert_int_equal(journal_room(journal), JOURNAL_FREE);
    do
        err =
            journal_append(journal, view_n(record, sizeof record), &identity, 0, &index);
    while (err == 0);

    assert_int_equal(err, ERR_FULL);
    assert_int_equal(index, 9);
    assert_int_equal(journal_room(journal), JOURNAL_SOFT);
    journal_sync(journal, NULL);
    journal_delete(journal, 1, 2, &count);
    assert_int_equal(journal_room(journal), JOURNAL_FREE);
    assert_int_equal(
        journal_append(journal, view_n(record, sizeof record), &identity, 0, &index), 0);
    assert_int_equal(index, 10);
    journal_close(journal);
}

static void journal_seen__forgets_after_the_window(void **state) {
    struct journal *journal = open_journal(&roomy);
    struct journal_seen seen;
    (void)state;
    append(journal, "x", 7);

    assert_int_equal(journal_seen_story(journal, digest_n(7), 1000, &seen), 0);
    assert_int_equal(seen.index, 1);
    assert_int_equal(seen.version, 7);
    assert_int_equal(journal_seen_content(journal, digest_n(1007), 1000, &seen), 0);
    assert_int_equal(journal_seen_content(journal, digest_n(7), 0, &seen), ERR_NOT_FOUND);
    assert_int_equal(journal_seen_story(journal, digest_n(7), 1001, &seen),
                     ERR_NOT_FOUND);
    journal_close(journal);
}

/* ---- over the end of a process ---- */

static void journal_open__finds_the_runs_that_have_anything_left(void **state) {
    const char *dir = scratch_dir();
    struct uuid uuids[4];
    uint64_t count;
    size_t runs;
    (void)state;
    for (uint64_t i = 0; i < 4; i++) { // the second takes nothing, the third is committed
        struct journal *journal = open_in(dir, &roomy);
        uuids[i] = journal_uuid(journal);
        for (uint64_t n = 0; n < 3 && i != 1; n++)
            append(journal, "x", 10 * i + n);
        journal_sync(journal, NULL);
        if (i == 2)
            journal_delete(journal, 4, 6, &count);
        journal_close(journal);
    }

    struct journal *journal = open_in(dir, &roomy);
    const struct journal_run *all = journal_runs(journal, &runs);

    assert_int_equal(runs, 3);
    // What lay between is nobody's any more.
    assert_true(uuid_eq(all[0].uuid, uuids[0]) && all[0].first == 1 && all[0].last == 6);
    assert_true(uuid_eq(all[1].uuid, uuids[3]) && all[1].first == 7 && all[1].last == 9);
    assert_true(uuid_eq(all[2].uuid, journal_uuid(journal)) && all[2].first == 10);
    assert_true(uuid_eq(journal_uuid_of(journal, 2), uuids[0]));
    assert_true(uuid_eq(journal_uuid_of(journal, 8), uuids[3]));
    assert_int_equal(append(journal, "x", 50), 10);
    journal_close(journal);
}

static void journal_open__remembers_what_it_has_seen(void **state) {
    struct journal_conf conf = roomy;
    const char *dir = scratch_dir();
    struct journal_seen seen;
    (void)state;
    conf.remember = 200;
    struct journal *journal = open_in(dir, &conf);
    for (uint64_t n = 1; n <= 20000; n++) { // the table is trimmed too
        append(journal, "x", n);
        if (n % 1000 == 0)
            assert_int_equal(journal_sync(journal, NULL), 0);
    }
    journal_close(journal);

    journal = open_in(dir, &conf);

    for (uint64_t n = 19800; n <= 20000; n++) {
        int err = journal_seen_story(journal, digest_n(n), 0, &seen);
        assert_int_equal(err, n > 19900 ? 0 : ERR_NOT_FOUND);
        assert_true(err != 0 || (seen.index == n && seen.version == n));
    }
    assert_int_equal(journal_seen_content(journal, digest_n(1000 + 20000), 0, &seen), 0);
    journal_close(journal);
}

static void journal_open__remembers_how_a_story_stands(void **state) {
    const char *dir = scratch_dir();
    struct journal *journal = open_in(dir, &roomy);
    uint64_t index;
    (void)state;
    for (uint64_t n = 1; n <= 3000; n++) { // most of the rows lie together
        struct identity identity = {.story = digest_n(n),
                                    .content = digest_n(1000000 + n),
                                    .version = UINT64_MAX - n,
                                    .timed = n % 2 == 0,
                                    .canceled = n % 3 == 0};
        journal_append(journal, VIEW_LIT("x"), &identity, 0, &index);
        if (n % 500 == 0)
            assert_int_equal(journal_sync(journal, NULL), 0);
    }
    journal_close(journal);

    journal = open_in(dir, &roomy);

    for (uint64_t n = 1; n <= 3000; n++) {
        struct journal_seen seen;
        if (journal_seen_story(journal, digest_n(n), 0, &seen) != 0)
            continue; // pushed out
        assert_true(seen.index == n && seen.version == UINT64_MAX - n);
        assert_true(seen.timed == (n % 2 == 0) && seen.canceled == (n % 3 == 0));
    }
    journal_close(journal);
}

static void journal_sync__saves_many_deletes_bit_by_bit(void **state) {
    enum { MANY = 30000 };
    struct journal_conf conf = roomy;
    const char *dir = scratch_dir();
    uint64_t count, next;
    (void)state;
    conf.max_bytes = 8 << 20;
    struct journal *journal = open_in(dir, &conf);
    for (uint64_t n = 1; n <= MANY; n++)
        append(journal, "x", n);
    journal_sync(journal, NULL);

    for (uint64_t n = 2; n < MANY; n += 3)
        assert_int_equal(journal_delete(journal, n, n + 1, &count), 0);
    assert_true(journal_due(journal));
    assert_int_equal(journal_sync(journal, NULL), 0);
    assert_true(journal_pending(journal));
    assert_int_equal(journal_counts(journal).live, MANY / 3);
    journal_close(journal); // with the rest

    journal = open_in(dir, &conf);
    assert_false(journal_pending(journal));
    assert_int_equal(journal_counts(journal).live, MANY / 3);
    assert_int_equal(journal_next(journal, 1, &next), 0);
    assert_int_equal(next, 4);
    journal_close(journal);
}

static void journal_keep__stops_at_its_bound(void **state) {
    struct journal_conf conf = roomy;
    struct dead_letter letter = {.reason = VIEW_LIT("not JSON"),
                                 .peer = VIEW_LIT("10.0.0.1:5"),
                                 .format = VIEW_LIT("ndjson"),
                                 .feed = VIEW_LIT("wire"),
                                 .when_ms = 12,
                                 .bytes = VIEW_LIT("{\"text\":"),
                                 .bytes_in_all = 9000};
    struct dead_letter kept;
    const char *dir = scratch_dir();
    uint64_t index = 0;
    int err;
    (void)state;
    conf.max_documents = 1000;
    struct journal *journal = open_in(dir, &conf);

    while ((err = journal_keep(journal, &letter, &index)) == 0)
        ;
    assert_int_equal(err, ERR_FULL);
    journal_sync(journal, NULL);
    journal_close(journal);

    journal = open_in(dir, &conf);
    assert_int_equal(journal_keep(journal, &letter, &index), ERR_FULL);
    assert_int_equal(journal_dead_next(journal, 0, &kept), 0);
    assert_int_equal(kept.kind, DEAD_DOCUMENT);
    assert_int_equal(kept.bytes_in_all, 9000);
    assert_int_equal(kept.when_ms, 12);
    assert_view_is(kept.peer, "10.0.0.1:5");
    assert_view_is(kept.format, "ndjson");
    assert_view_is(kept.feed, "wire");
    assert_view_is(kept.bytes, "{\"text\":");
    assert_int_equal(journal_revive(journal, 1, 0), ERR_NOT_FOUND);
    assert_int_equal(journal_drop(journal, 1), 0);
    assert_int_equal(journal_keep(journal, &letter, &index), 0);
    journal_close(journal);
}

static void journal_open_to_read__sees_what_another_process_saves(void **state) {
    const char *dir = scratch_dir();
    struct journal *journal = NULL;
    struct dead_letter letter;
    int status, told[2], heard[2];
    char byte;
    (void)state;
    assert_int_equal(journal_open_to_read(dir, &journal, NULL), ERR_NOT_FOUND);
    assert_int_equal(pipe(told) | pipe(heard), 0);
    pid_t child = fork();
    if (child == 0) {
        journal = open_in(dir, &roomy);
        append(journal, "poison", 1);
        journal_sync(journal, NULL);
        bool ok = write(heard[1], "o", 1) == 1 && read(told[0], &byte, 1) == 1;
        journal_bury(journal, 1, 5, "it kills", 7);
        ok = ok && journal_sync(journal, NULL) == 0 && write(heard[1], "b", 1) == 1 &&
             read(told[0], &byte, 1) == 1;
        _exit(ok ? 0 : 1);
    }

    assert_int_equal(read(heard[0], &byte, 1), 1);
    assert_int_equal(journal_open_to_read(dir, &journal, NULL), 0);
    assert_int_equal(journal_counts(journal).live, 1);
    assert_true(journal_dead_next(journal, 0, &letter) > 0);
    assert_int_equal(write(told[1], "g", 1), 1);
    assert_int_equal(read(heard[0], &byte, 1), 1);
    assert_int_equal(journal_look_again(journal, NULL), 0);
    assert_int_equal(journal_dead_next(journal, 0, &letter), 0);
    assert_view_is(letter.bytes, "poison");
    assert_int_equal(journal_counts(journal).letters, 1);
    journal_close(journal);

    assert_int_equal(write(told[1], "e", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (int i = 0; i < 2; i++) {
        close(told[i]);
        close(heard[i]);
    }
}

/* ---- files that are not as they should be ---- */

static const char *path_in(const char *dir) {
    static char path[300];
    snprintf(path, sizeof path, "%s/reports.mdb", dir);
    return path;
}

static int refusal(const char *dir, const char *says) {
    struct journal *journal = NULL;
    struct diag diag = {0};
    int err = journal_open(dir, &roomy, &journal, &diag);
    assert_true(err < 0);
    assert_non_null(strstr(diag.text, path_in(dir)));
    if (!strstr(diag.text, says))
        fail_msg("\"%s\" does not say \"%s\"", diag.text, says);
    return err;
}

static void write_file(const char *path, const char *bytes, size_t len) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static void journal_open__leaves_a_foreign_file_alone(void **state) {
    static char zeros[100000];
    const char *dir = scratch_dir();
    (void)state;

    write_file(path_in(dir), "Dear diary", 10);
    assert_int_equal(refusal(dir, "move it away"), ERR_FORMAT);
    write_file(path_in(dir), zeros, sizeof zeros);
    assert_int_equal(refusal(dir, "put back a copy"), ERR_FORMAT);

    assert_int_equal(access(path_in(dir), F_OK), 0);
}

/* As a process leaves it that is killed while it makes the journal. */
static void journal_open__begins_again_what_was_not_finished(void **state) {
    const char *dir = scratch_dir();
    char path[300];
    (void)state;
    snprintf(path, sizeof path, "%s.new", path_in(dir));
    write_file(path, "half a journal", 14);
    snprintf(path, sizeof path, "%s.new-lock", path_in(dir));
    write_file(path, "its lock", 8);

    struct journal *journal = open_in(dir, &roomy);

    assert_int_equal(append(journal, "x", 1), 1);
    assert_int_equal(journal_sync(journal, NULL), 0);
    assert_int_not_equal(access(path, F_OK), 0);
    journal_close(journal);
}

static void journal_open__notices_a_file_cut_short(void **state) {
    const char *dir = scratch_dir();
    static char record[4000];
    struct identity identity = {.version = 0};
    struct journal_conf conf = roomy;
    uint64_t index;
    (void)state;
    conf.max_bytes = 8 << 20;
    struct journal *journal = open_in(dir, &conf);
    for (int i = 0; i < 500; i++)
        journal_append(journal, view_n(record, sizeof record), &identity, 0, &index);
    journal_sync(journal, NULL);
    journal_close(journal);

    assert_int_equal(truncate(path_in(dir), 400000), 0);

    assert_int_equal(refusal(dir, "ends too early"), ERR_FORMAT);
}

static void set_version(const char *dir, unsigned char version) {
    unsigned char bytes[4] = {version};
    char name[] = "version";
    MDB_val key = {7, name}, value = {4, bytes};
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    assert_int_equal(mdb_env_create(&env), 0);
    mdb_env_set_maxdbs(env, 8);
    assert_int_equal(mdb_env_open(env, path_in(dir), MDB_NOSUBDIR, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "meta", 0, &dbi), 0);
    assert_int_equal(mdb_put(txn, dbi, &key, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static unsigned version_in(const char *dir) {
    char name[] = "version";
    MDB_val key = {7, name}, value;
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    assert_int_equal(mdb_env_create(&env), 0);
    mdb_env_set_maxdbs(env, 8);
    assert_int_equal(mdb_env_open(env, path_in(dir), MDB_NOSUBDIR, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "meta", 0, &dbi), 0);
    assert_int_equal(mdb_get(txn, dbi, &key, &value), 0);
    unsigned version = *(const unsigned char *)value.mv_data;
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return version;
}

/* The rows of format 1 are those of the present one without flags. */
static void journal_open__goes_on_with_an_earlier_format(void **state) {
    const char *dir = scratch_dir();
    struct journal_seen seen;
    (void)state;
    struct journal *journal = open_in(dir, &roomy);
    append(journal, "x", 7);
    journal_sync(journal, NULL);
    journal_close(journal);
    set_version(dir, 1);

    journal = open_in(dir, &roomy);
    assert_int_equal(journal_seen_story(journal, digest_n(7), 0, &seen), 0);
    assert_true(seen.version == 7 && !seen.timed && !seen.canceled);
    append(journal, "x", 8);
    assert_int_equal(journal_sync(journal, NULL), 0);
    journal_close(journal);

    assert_int_equal(version_in(dir), STORE_FORMAT);
}

static void journal_open__refuses_a_later_format(void **state) {
    const char *dir = scratch_dir();
    (void)state;
    journal_close(open_in(dir, &roomy));

    set_version(dir, 3);
    assert_int_equal(refusal(dir, "of format 3"), ERR_VERSION);

    set_version(dir, 1);
    journal_close(open_in(dir, &roomy));
}

/* A byte of a record, on the disk. */
static void damage(const char *dir, const char *record) {
    static char bytes[1 << 20];
    FILE *file = fopen(path_in(dir), "r+b");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file), at = 0, wanted = strlen(record);
    while (at + wanted < len && memcmp(bytes + at, record, wanted) != 0)
        at++;
    assert_true(at + wanted < len);
    fseek(file, (long)at, SEEK_SET);
    fputc('#', file);
    fclose(file);
}

static void journal_read__notices_a_changed_byte(void **state) {
    const char *dir = scratch_dir();
    struct view record;
    (void)state;
    struct journal *journal = open_in(dir, &roomy);
    append(journal, "the first report", 1);
    append(journal, "the second report", 2);
    journal_sync(journal, NULL);
    journal_close(journal);

    damage(dir, "the second report");

    journal = open_in(dir, &roomy);
    assert_int_equal(journal_read(journal, 1, &record), 0);
    assert_int_equal(journal_read(journal, 2, &record), ERR_CHECKSUM);
    assert_int_equal(journal_bury(journal, 2, 0, "damaged", 0), 0);
    assert_int_equal(journal_sync(journal, NULL), 0);
    journal_close(journal);
}

/* ---- the window ---- */

static void seen_drop__takes_the_open_group_back(void **state) {
    struct seen *seen = seen_new(1000, 1000000);
    (void)state;
    for (uint64_t i = 1; i <= 500; i++)
        seen_put(seen,
                 &(struct seen_entry){
                     .key = digest_n(i % 100), .at_ms = 1, .index = i, .version = i});
    seen_keep(seen);

    for (uint64_t i = 1; i <= 300; i++)
        seen_put(seen, &(struct seen_entry){.key = digest_n(i % 200),
                                            .at_ms = 1,
                                            .index = 1000 + i,
                                            .version = i});
    assert_int_equal(seen_get(seen, digest_n(7), 1)->index, 1207);
    seen_drop(seen);

    assert_int_equal(seen_count(seen), 100);
    for (uint64_t i = 0; i < 200; i++) {
        const struct seen_entry *entry = seen_get(seen, digest_n(i), 1);
        assert_int_equal(entry != NULL, i < 100);
        assert_true(!entry || entry->index == (i == 0 ? 500 : 400 + i));
    }
    seen_free(seen);
}

/* Against a plain list: the newest `limit` puts count. */
static void seen_put__keeps_the_newest(void **state) {
    enum { LIMIT = 3000, PUTS = 40000, KEYS = 5000 };
    struct seen *seen = seen_new(LIMIT, 1000000);
    static uint64_t last[KEYS]; // number of the last put of this key, from 1
    uint64_t random = 3;
    (void)state;
    memset(last, 0, sizeof last);

    for (uint64_t i = 1; i <= PUTS; i++) {
        uint64_t key = random_below(&random, KEYS);
        struct seen_entry entry = {
            .key = digest_n(key), .at_ms = (int64_t)i, .index = i, .version = key};
        seen_put(seen, &entry);
        last[key] = i;
        uint64_t asked = random_below(&random, KEYS);
        const struct seen_entry *found = seen_get(seen, digest_n(asked), (int64_t)i);
        bool there = last[asked] > 0 && i - last[asked] < LIMIT;
        assert_int_equal(found != NULL, there);
        if (found)
            assert_int_equal(found->index, last[asked]);
    }

    assert_true(seen_count(seen) <= LIMIT);
    seen_free(seen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal_open__draws_a_uuid),
        cmocka_unit_test(journal_append__is_not_safe_before_the_sync),
        cmocka_unit_test(journal_delete__leaves_the_others),
        cmocka_unit_test(journal_bury__keeps_the_bytes_and_the_reason),
        cmocka_unit_test(journal_append__is_refused_when_full),
        cmocka_unit_test(journal_seen__forgets_after_the_window),
        cmocka_unit_test(journal_open__finds_the_runs_that_have_anything_left),
        cmocka_unit_test(journal_open__remembers_what_it_has_seen),
        cmocka_unit_test(journal_open__remembers_how_a_story_stands),
        cmocka_unit_test(journal_sync__saves_many_deletes_bit_by_bit),
        cmocka_unit_test(journal_keep__stops_at_its_bound),
        cmocka_unit_test(journal_open_to_read__sees_what_another_process_saves),
        cmocka_unit_test(journal_open__leaves_a_foreign_file_alone),
        cmocka_unit_test(journal_open__begins_again_what_was_not_finished),
        cmocka_unit_test(journal_open__notices_a_file_cut_short),
        cmocka_unit_test(journal_open__goes_on_with_an_earlier_format),
        cmocka_unit_test(journal_open__refuses_a_later_format),
        cmocka_unit_test(journal_read__notices_a_changed_byte),
        cmocka_unit_test(seen_drop__takes_the_open_group_back),
        cmocka_unit_test(seen_put__keeps_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
