/* The journal of ingest, and what it remembers of the reports it has seen. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/journal.h"
#include "ingest/seen.h"

static const struct journal_conf roomy = {
    .max_bytes = 1 << 20, .remember = 1000, .remember_ms = 1000};

static struct journal *open_journal(const struct journal_conf *conf) {
    struct journal *journal = NULL;
    assert_int_equal(journal_open(scratch_dir(), conf, &journal, NULL), 0);
    return journal;
}

static struct digest digest_n(uint64_t n) {
    return digest_of(view_n((const char *)&n, sizeof n));
}

static uint64_t append(struct journal *journal, const char *record, uint64_t n) {
    struct identity identity = {digest_n(n), digest_n(1000 + n), n};
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
        struct seen_entry entry = {digest_n(key), (int64_t)i, i, key};
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
        cmocka_unit_test(seen_put__keeps_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
