#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sink/journal.h"

static const struct uuid ours = {{1}}, others = {{2}};

/* A disk that can be told to fail. */
struct disk {
    int err;
    uint64_t upto;
    int calls;
};

static int disk_store(void *context, uint64_t upto, struct diag *diag) {
    struct disk *disk = context;

    disk->calls++;
    if (disk->err)
        diag_set(diag, 0, "no space");
    else
        disk->upto = upto;
    return disk->err;
}

static struct journal *open_journal(size_t max_bytes, struct disk *disk) {
    struct journal_conf conf = {.epoch = {{9}}, .max_bytes = max_bytes};
    struct journal *journal;

    if (disk)
        conf.disk = (struct journal_disk){disk_store, disk};
    assert_int_equal(journal_open(&conf, &journal, NULL), 0);
    return journal;
}

static int append(struct journal *journal, struct uuid of, uint64_t index, uint32_t crc,
                  const char *json) {
    struct view event = view_of(json);
    struct journal_entry entry = {{of, index}, crc, &event, json ? 1 : 0};

    return journal_append(journal, &entry);
}

static void append__gives_offsets_from_one(void **state) {
    struct journal *journal = open_journal(1 << 20, NULL);
    struct view pair[] = {VIEW_LIT("{\"a\":1}"), VIEW_LIT("{\"b\":2}")};
    struct journal_entry entry = {{ours, 7}, 1, pair, 2};
    struct journal_event got[4];
    size_t count;
    (void)state;
    journal_cursor(journal, "reader");

    assert_int_equal(journal_append(journal, &entry), 0);
    assert_int_equal(append(journal, ours, 3, 1, "{}"), 0);
    assert_int_equal(journal_sync(journal, NULL), 0);

    assert_int_equal(journal_read(journal, 1, UINT64_MAX, got, 4, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(got[1].offset, 2);
    assert_int_equal(got[1].id.index, 7);
    assert_true(view_is(got[1].json, "{\"b\":2}"));
    assert_int_equal(got[2].id.index, 3);
    journal_close(journal);
}

static void append__stores_an_id_once(void **state) {
    struct journal *journal = open_journal(1 << 20, NULL);
    (void)state;

    assert_int_equal(append(journal, ours, 1, 77, "{}"), 0);
    assert_true(append(journal, ours, 1, 77, "{}") > 0); // in the open group
    journal_sync(journal, NULL);
    assert_true(append(journal, ours, 1, 77, "{}") > 0); // and behind it
    assert_int_equal(append(journal, others, 1, 77, "{}"), 0);
    journal_sync(journal, NULL);

    assert_int_equal(journal_head(journal), 2);
    journal_close(journal);
}

static void append__refuses_an_id_with_another_crc(void **state) {
    struct journal *journal = open_journal(1 << 20, NULL);
    (void)state;
    append(journal, ours, 1, 77, "{}");
    journal_sync(journal, NULL);

    assert_int_equal(append(journal, ours, 1, 78, "{}"), ERR_CHECKSUM);
    assert_int_equal(append(journal, ours, 2, 78, "{}"), 0);

    assert_int_equal(journal_pending(journal), 1);
    journal_close(journal);
}

static void append__refuses_index_zero(void **state) {
    struct journal *journal = open_journal(1 << 20, NULL);
    (void)state;

    assert_int_equal(append(journal, ours, 0, 1, "{}"), ERR_FORMAT);

    journal_close(journal);
}

static void append__keeps_the_id_of_a_report_without_events(void **state) {
    struct journal *journal = open_journal(1 << 20, NULL);
    (void)state;

    assert_int_equal(append(journal, ours, 1, 1, NULL), 0);
    assert_int_equal(journal_sync(journal, NULL), 0);

    assert_true(intervals_has(journal_stored(journal, ours), 1));
    assert_int_equal(journal_durable(journal), 0);
    journal_close(journal);
}

static void append__is_refused_while_a_cursor_stays_behind(void **state) {
    struct journal *journal = open_journal(600, NULL);
    struct journal_cursor *slow = journal_cursor(journal, "slow");
    uint64_t n = 0;
    int err = 0;
    (void)state;

    while (!err && n < 100)
        err = append(journal, ours, ++n, 1, "{\"some\":\"event\"}");
    assert_int_equal(err, ERR_FULL);
    assert_true(journal_bytes(journal) <= 600);
    journal_sync(journal, NULL);
    assert_int_equal(append(journal, ours, n, 1, "{\"some\":\"event\"}"), ERR_FULL);
    journal_cursor_move(slow, journal_durable(journal));

    assert_int_equal(append(journal, ours, n, 1, "{\"some\":\"event\"}"), 0);
    journal_close(journal);
}

static void sync__says_durable_only_what_the_disk_has(void **state) {
    struct disk disk = {.err = ERR_SYSTEM};
    struct journal *journal = open_journal(1 << 20, &disk);
    struct diag diag = {0};
    (void)state;
    append(journal, ours, 1, 1, "{}");
    append(journal, ours, 2, 1, "{}");

    assert_int_equal(journal_sync(journal, &diag), ERR_SYSTEM);
    assert_string_equal(diag.text, "no space");
    assert_int_equal(journal_durable(journal), 0);
    assert_int_equal(journal_pending(journal), 2);
    assert_int_equal(journal_stored(journal, ours)->count, 0);
    disk.err = 0;
    assert_int_equal(journal_sync(journal, &diag), 0);

    assert_int_equal(disk.upto, 2);
    assert_int_equal(journal_durable(journal), 2);
    assert_int_equal(intervals_upto(journal_stored(journal, ours)), 2);
    journal_close(journal);
}

static void sync__leaves_the_disk_alone_without_a_group(void **state) {
    struct disk disk = {0};
    struct journal *journal = open_journal(1 << 20, &disk);
    (void)state;

    assert_int_equal(journal_sync(journal, NULL), 0);

    assert_int_equal(disk.calls, 0);
    journal_close(journal);
}

static void read__knows_what_is_forgotten(void **state) {
    struct journal *journal = open_journal(1 << 20, NULL);
    struct journal_cursor *cursor = journal_cursor(journal, "only");
    struct journal_event got[8];
    size_t count = 9;
    (void)state;
    for (uint64_t n = 1; n <= 5; n++)
        append(journal, ours, n, 1, "{}");
    journal_sync(journal, NULL);

    journal_cursor_move(cursor, 3);

    assert_int_equal(journal_read(journal, 3, 5, got, 8, &count), ERR_NOT_FOUND);
    assert_int_equal(journal_read(journal, 4, 4, got, 8, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(journal_read(journal, 6, UINT64_MAX, got, 8, &count), 0);
    assert_int_equal(count, 0);
    journal_close(journal);
}

static void cursor__is_found_again_by_name(void **state) {
    struct journal *journal = open_journal(1 << 20, NULL);
    struct journal_cursor *cursor = journal_cursor(journal, "ndjson");
    (void)state;
    append(journal, ours, 1, 1, "{}");
    journal_sync(journal, NULL);

    journal_cursor_move(cursor, 1);

    assert_ptr_equal(journal_cursor(journal, "ndjson"), cursor);
    assert_int_equal(journal_cursor_at(journal_cursor(journal, "publish")), 1);
    journal_close(journal);
}

/* Many groups with events of all sizes: blocks and ring turn over, bytes come out right.
 */
static void journal__gives_back_what_it_took(void **state) {
    struct journal *journal = open_journal(64 << 20, NULL);
    struct journal_cursor *cursor = journal_cursor(journal, "only");
    static char text[3 << 20];
    uint64_t index = 0;
    (void)state;
    memset(text, 'x', sizeof text);

    for (size_t round = 1; round <= 60; round++) {
        struct journal_event got;
        size_t count;
        for (size_t i = 0; i < 100; i++) {
            size_t len = i == 50 ? sizeof text - round : (i * round * 37) % 5000;
            struct view event = view_n(text, len);
            struct journal_entry entry = {{ours, ++index}, 1, &event, 1};
            assert_int_equal(journal_append(journal, &entry), 0);
        }
        assert_int_equal(journal_sync(journal, NULL), 0);
        assert_int_equal(journal_read(journal, index - 49, index, &got, 1, &count), 0);
        assert_int_equal(got.json.len, sizeof text - round);
        journal_cursor_move(cursor, round % 3 ? index - 20 : index);
    }

    journal_cursor_move(cursor, index);
    assert_int_equal(journal_bytes(journal), 0);
    assert_int_equal(journal_stored(journal, ours)->count, 1);
    journal_close(journal);
}

static void journal__forgets_the_quietest_of_too_many_senders(void **state) {
    struct journal *journal = open_journal(1 << 20, NULL);
    struct uuid of = {{0}};
    (void)state;
    append(journal, ours, 1, 1, NULL);
    append(journal, others, 1, 1, NULL);
    journal_sync(journal, NULL);

    for (unsigned i = 1; i < JOURNAL_SETS; i++) {
        memcpy(of.bytes + 8, &i, sizeof i);
        assert_int_equal(append(journal, of, 1, 1, NULL), 0);
        journal_sync(journal, NULL);
        append(journal, others, 1 + i, 1, NULL);
    }

    assert_int_equal(journal_stored(journal, ours)->count, 0);
    assert_int_equal(intervals_upto(journal_stored(journal, others)), JOURNAL_SETS - 1);
    journal_close(journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append__gives_offsets_from_one),
        cmocka_unit_test(append__stores_an_id_once),
        cmocka_unit_test(append__refuses_an_id_with_another_crc),
        cmocka_unit_test(append__refuses_index_zero),
        cmocka_unit_test(append__keeps_the_id_of_a_report_without_events),
        cmocka_unit_test(append__is_refused_while_a_cursor_stays_behind),
        cmocka_unit_test(sync__says_durable_only_what_the_disk_has),
        cmocka_unit_test(sync__leaves_the_disk_alone_without_a_group),
        cmocka_unit_test(read__knows_what_is_forgotten),
        cmocka_unit_test(cursor__is_found_again_by_name),
        cmocka_unit_test(journal__gives_back_what_it_took),
        cmocka_unit_test(journal__forgets_the_quietest_of_too_many_senders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
