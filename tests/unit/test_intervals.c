#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "proto/intervals.h"

#define SPACE 4000

static uint32_t next(uint32_t *seed) { // xorshift: the same numbers everywhere
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void assert_normal(const struct intervals *set) {
    for (size_t i = 0; i < set->count; i++) {
        assert_true(set->ranges[i].lo <= set->ranges[i].hi);
        if (i)
            assert_true(set->ranges[i].lo > set->ranges[i - 1].hi + 1);
    }
}

static void insert__agrees_with_a_bitmap(void **state) {
    (void)state;
    for (uint32_t round = 1; round <= 30; round++) {
        static uint8_t map[SPACE + 2];
        struct intervals set = {0};
        uint32_t seed = round * 2654435761u;
        uint64_t upto = 0;

        memset(map, 0, sizeof map);
        for (int i = 0; i < SPACE; i++) {
            uint64_t n = 1 + next(&seed) % (round % 3 ? SPACE : 50 + round);
            assert_int_equal(intervals_insert(&set, n), map[n]);
            map[n] = 1;
        }

        assert_normal(&set);
        while (map[upto + 1])
            upto++;
        assert_int_equal(intervals_upto(&set), upto);
        for (uint64_t n = 0; n <= SPACE; n++)
            assert_int_equal(intervals_has(&set, n), map[n]);
        intervals_release(&set);
    }
}

static void insert__keeps_the_ends_of_the_number_line(void **state) {
    struct intervals set = {0};
    (void)state;

    assert_int_equal(intervals_insert(&set, UINT64_MAX), 0);
    assert_int_equal(intervals_insert(&set, 0), 0);
    assert_int_equal(intervals_insert(&set, UINT64_MAX - 1), 0);
    assert_int_equal(intervals_insert(&set, UINT64_MAX), 1);

    assert_int_equal(set.count, 2);
    assert_false(intervals_has(&set, 1));
    assert_true(intervals_has(&set, UINT64_MAX - 1));
    intervals_release(&set);
}

static void insert__takes_one_range_for_members_in_order(void **state) {
    struct intervals set = {0};
    (void)state;

    for (uint64_t n = 1; n <= 100000; n++)
        intervals_insert(&set, n);

    assert_int_equal(set.count, 1);
    assert_int_equal(intervals_upto(&set), 100000);
    intervals_release(&set);
}

static void insert__refuses_more_ranges_than_the_bound(void **state) {
    struct intervals set = {0};
    (void)state;

    for (uint64_t i = 1; i <= INTERVALS_MAX; i++)
        assert_int_equal(intervals_insert(&set, 2 * i), 0);

    assert_int_equal(intervals_insert(&set, 2 * INTERVALS_MAX + 2), ERR_FULL);
    assert_int_equal(intervals_insert(&set, 3), 0); // joins two: there is room again
    assert_int_equal(intervals_insert(&set, 2 * INTERVALS_MAX + 2), 0);
    intervals_release(&set);
}

static void put__says_upto_and_what_lies_behind(void **state) {
    struct intervals set = {0};
    struct range ranges[COMMIT_RANGES];
    struct buf out = {0};
    struct commit head = {.upto = 5}, got;
    struct frame frame;
    struct view message;
    (void)state;
    for (uint64_t n = 3; n <= 9; n++)
        intervals_insert(&set, n);
    intervals_insert(&set, 20);

    assert_int_equal(intervals_put(&set, &out, FRAME_COMMIT, head, 0, 8), 2);

    message = buf_view(&out);
    assert_int_equal(frame_take(&message, &frame), 0);
    assert_int_equal(message.len, 0);
    assert_int_equal(frame.kind, FRAME_COMMIT);
    assert_int_equal(commit_read(&frame, &got, ranges), 0);
    assert_int_equal(got.upto, 5);
    assert_int_equal(got.range_count, 2);
    assert_int_equal(ranges[0].lo, 6);
    assert_int_equal(ranges[0].hi, 9);
    assert_int_equal(ranges[1].lo, 20);
    buf_release(&out);
    intervals_release(&set);
}

static void put__goes_on_where_it_stopped(void **state) {
    struct intervals set = {0};
    struct range ranges[COMMIT_RANGES];
    struct buf out = {0};
    struct commit head = {0}, got;
    struct frame frame;
    struct view message;
    size_t said = 0, at;
    (void)state;
    for (uint64_t n = 1; n <= 3 * COMMIT_RANGES; n++)
        intervals_insert(&set, 2 * n);

    at = intervals_put(&set, &out, FRAME_RESUME, head, 0, 2);
    assert_int_equal(at, 2 * COMMIT_RANGES);
    at = intervals_put(&set, &out, FRAME_RESUME, head, at, 2);
    assert_int_equal(at, set.count);

    message = buf_view(&out);
    while (message.len) {
        assert_int_equal(frame_take(&message, &frame), 0);
        assert_int_equal(commit_read(&frame, &got, ranges), 0);
        said += got.range_count;
    }
    assert_int_equal(said, set.count);
    buf_release(&out);
    intervals_release(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(insert__agrees_with_a_bitmap),
        cmocka_unit_test(insert__keeps_the_ends_of_the_number_line),
        cmocka_unit_test(insert__takes_one_range_for_members_in_order),
        cmocka_unit_test(insert__refuses_more_ranges_than_the_bound),
        cmocka_unit_test(put__says_upto_and_what_lies_behind),
        cmocka_unit_test(put__goes_on_where_it_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
