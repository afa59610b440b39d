/* The bound on a process's memory: its marks, and its end. */
#include "tests/unit/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/mem.h"
#include "proto/run/memory.h"

#define MIB (INT64_C(1) << 20)

static struct rlimit before;

static int set_up(void **state) {
    (void)state;
    return getrlimit(RLIMIT_DATA, &before);
}

static int tear_down(void **state) {
    (void)state;
    memory_limit(0);
    return setrlimit(RLIMIT_DATA, &before);
}

/* By way of a volatile pointer: a compiler leaves out memory that nobody reads. */
static char *take(size_t bytes) {
    static char *volatile taken;
    taken = mem_alloc(bytes);
    return memset(taken, 'x', bytes);
}

static void memory_used__grows_with_what_is_touched(void **state) {
    (void)state;
    uint64_t used = memory_used();

    if (SANITIZED)
        skip();
    char *taken = take(64 * MIB);

    assert_true(used > 0);
    assert_true(memory_used() >= used + 60 * MIB);
    free(taken);
}

static void memory_pressed__holds_from_one_mark_to_the_other(void **state) {
    (void)state;
    int64_t base = (int64_t)memory_used();
    int64_t now = 1000, bound = base + 200 * MIB;

    if (SANITIZED)
        skip();
    memory_limit(bound);
    assert_false(memory_pressed(now));
    assert_null(memory_why());

    char *most = take((size_t)(bound * 75 / 100 - base));
    assert_false(memory_pressed(now += MEMORY_LOOK_MS)); // below the upper mark
    char *more = take((size_t)(bound * 8 / 100));
    assert_true(memory_pressed(now += MEMORY_LOOK_MS));
    assert_non_null(strstr(memory_why(), "--memory"));
    free(more);
    assert_true(memory_pressed(now += MEMORY_LOOK_MS)); // above the lower one
    free(most);
    assert_true(memory_pressed(now + 1)); // does not look at every call
    assert_false(memory_pressed(now += MEMORY_LOOK_MS));
    assert_null(memory_why());
}

static void memory_pressed__knows_no_pressure_without_a_bound(void **state) {
    (void)state;

    memory_limit(0);

    assert_int_equal(memory_bound(), 0);
    assert_false(memory_pressed(1000));
}

/* Its exit status, and what it said. */
static int spend_too_much(char *said, size_t size) {
    int ends[2], status;
    ssize_t n;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid = fork();
    if (!pid) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        dup2(ends[1], STDERR_FILENO);
        memory_limit(MEMORY_LEAST);
        for (int i = 0; i < 1000; i++)
            take(10 * MIB);
        _exit(0);
    }
    close(ends[1]);
    n = read(ends[0], said, size - 1);
    said[n > 0 ? n : 0] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void memory_limit__ends_who_takes_more_and_says_so(void **state) {
    (void)state;
    char said[400];

    if (SANITIZED)
        skip();
    int status = spend_too_much(said, sizeof said);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(said, "out of memory"));
    assert_non_null(strstr(said, "--memory"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(memory_used__grows_with_what_is_touched),
        test(memory_pressed__holds_from_one_mark_to_the_other),
        test(memory_pressed__knows_no_pressure_without_a_bound),
        test(memory_limit__ends_who_takes_more_and_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
