/* What a directory lies on and how fast it syncs. */
#include "tests/unit/check.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/run/disk.h"

static char dir[64];

static int set_up(void **state) {
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/test_disk.XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    return rmdir(dir); // fails when something was left in it
}

static void disk_look__finds_kind_and_room(void **state) {
    (void)state;
    struct disk disk;

    assert_int_equal(disk_look(dir, &disk), 0);

    assert_non_null(disk.kind);
    assert_true(disk.total_bytes >= disk.free_bytes);
    assert_true(disk.total_bytes > 0);
    assert_false(disk.read_only);
}

static void disk_look__says_that_there_is_nothing(void **state) {
    (void)state;
    struct disk disk;

    assert_int_equal(disk_look("/nowhere/at/all", &disk), ERR_SYSTEM);

    assert_int_equal(errno, ENOENT);
    assert_null(disk_warning("/nowhere/at/all"));
}

static void disk_warning__warns_of_memory_only(void **state) {
    (void)state;
    struct disk disk;

    assert_int_equal(disk_look(dir, &disk), 0);
    if (disk.nature == DISK_LOCAL || disk.nature == DISK_LAYERED)
        assert_null(disk_warning(dir));

    if (disk_look("/dev/shm", &disk) || disk.nature != DISK_MEMORY)
        skip();
    assert_string_equal(disk.kind, "tmpfs");
    assert_non_null(strstr(disk_warning("/dev/shm"), "lost with the machine"));
}

static void note_percent(void *context, int percent) {
    int *last = context;

    assert_in_range(percent, *last < 0 ? 0 : *last, 100);
    *last = percent;
}

static void disk_measure__puts_figures_in_order(void **state) {
    (void)state;
    int last = -1;
    struct disk_trial trial = {4096, 50, note_percent, &last};
    struct disk_speed speed;

    assert_int_equal(disk_measure(dir, &trial, &speed), 0);

    assert_in_range(speed.syncs, 3, DISK_SYNCS);
    assert_true(speed.median_us <= speed.p99_us && speed.p99_us <= speed.worst_us);
    assert_true(speed.per_second > 0);
    assert_true(last >= 0);
}

static void disk_measure__measures_thrice_at_least(void **state) {
    (void)state;
    struct disk_trial trial = {.bytes = 1, .most_ms = 0};
    struct disk_speed speed;

    assert_int_equal(disk_measure(dir, &trial, &speed), 0);

    assert_int_equal(speed.syncs, 3);
}

static void disk_measure__says_why_it_cannot(void **state) {
    (void)state;
    struct disk_trial trial = {.bytes = 1, .most_ms = 1};
    struct disk_speed speed;

    assert_int_equal(disk_measure("/nowhere/at/all", &trial, &speed), ERR_SYSTEM);

    assert_int_equal(errno, ENOENT);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(disk_look__finds_kind_and_room),
        test(disk_look__says_that_there_is_nothing),
        test(disk_warning__warns_of_memory_only),
        test(disk_measure__puts_figures_in_order),
        test(disk_measure__measures_thrice_at_least),
        test(disk_measure__says_why_it_cannot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
