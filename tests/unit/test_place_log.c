/* The data directory and who owns it, and how foreign text gets into a log line. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/run/log.h"
#include "proto/run/place.h"

static char base[64], dir[100];

static int set_up(void **state) {
    (void)state;
    snprintf(base, sizeof base, "/tmp/test_place.XXXXXX");
    if (!mkdtemp(base))
        return -1;
    snprintf(dir, sizeof dir, "%s/a/b", base);
    return 0;
}

static int tear_down(void **state) {
    char parent[100];

    (void)state;
    unlink(place_path(dir, "ingest.lock"));
    unlink(place_path(dir, "sink.lock"));
    rmdir(dir);
    snprintf(parent, sizeof parent, "%s/a", base);
    rmdir(parent);
    return rmdir(base);
}

static void place_standard__follows_the_environment(void **state) {
    (void)state;

    setenv("HOME", "/home/x", 1);
    unsetenv("XDG_STATE_HOME");
    unsetenv("WIRETAG_DATA");
    assert_string_equal(place_standard(), "/home/x/.local/state/wiretag");
    setenv("XDG_STATE_HOME", "/state", 1);
    assert_string_equal(place_standard(), "/state/wiretag");
    setenv("WIRETAG_DATA", "/data", 1);

    assert_string_equal(place_standard(), "/data");
    unsetenv("WIRETAG_DATA");
}

static void place_take__makes_the_directory_for_its_owner_alone(void **state) {
    (void)state;
    struct stat status;
    struct diag diag = {0};

    assert_int_equal(place_take(dir, "ingest", &diag), 0);

    assert_int_equal(stat(dir, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
}

/* Tries to take it from another process; returns what place_take did, and the diag. */
static int take_elsewhere(const char *name, struct diag *diag) {
    int ends[2], status;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid = fork();
    if (!pid) {
        struct diag told = {0};
        int err = place_take(dir, name, &told);
        _exit(write(ends[1], &told, sizeof told) < 0 ? 100 : -err);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(read(ends[0], diag, sizeof *diag), sizeof *diag);
    close(ends[0]);
    close(ends[1]);
    return -WEXITSTATUS(status);
}

static void place_take__names_the_owner_to_a_second_one(void **state) {
    (void)state;
    struct diag diag = {0};
    char pid[40];

    snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    assert_int_equal(place_take(dir, "ingest", NULL), 0);

    assert_int_equal(take_elsewhere("ingest", &diag), ERR_IN_USE);
    assert_non_null(strstr(diag.text, pid));
    assert_int_equal(take_elsewhere("sink", &diag), 0);
}

static void place_take__frees_the_place_of_the_dead(void **state) {
    (void)state;
    struct diag diag = {0};

    assert_int_equal(take_elsewhere("ingest", &diag), 0);

    assert_int_equal(take_elsewhere("ingest", &diag), 0);
}

static void place_owner__names_the_living_only(void **state) {
    (void)state;
    struct diag diag = {0};
    long pid = 0;

    assert_int_equal(place_owner(dir, "ingest", &pid), ERR_NOT_FOUND);
    assert_int_equal(take_elsewhere("ingest", &diag), 0);
    assert_int_equal(place_owner(dir, "ingest", &pid), ERR_NOT_FOUND); // left behind
    assert_int_equal(place_take(dir, "sink", &diag), 0);

    assert_int_equal(place_owner(dir, "sink", &pid), 0);
    assert_int_equal(pid, getpid());
}

static void place_take__says_why_it_cannot(void **state) {
    (void)state;
    struct diag diag = {0};

    assert_int_equal(place_take("/proc/nowhere/at/all", "ingest", &diag), ERR_SYSTEM);

    assert_non_null(strstr(diag.text, "/proc/nowhere/at/all"));
}

static void place_ipc__refuses_paths_too_long_for_a_socket(void **state) {
    (void)state;
    struct diag diag = {0};
    char longest[101];

    assert_string_equal(place_ipc("/d", "work.sock", &diag), "ipc:///d/work.sock");
    memset(longest, 'x', 97);
    longest[0] = '/';
    longest[97] = 0;
    assert_non_null(place_ipc(longest, "work.sock", &diag)); // 107 bytes
    memset(longest, 'x', 98);
    longest[0] = '/';
    longest[98] = 0;

    assert_null(place_ipc(longest, "work.sock", &diag));
    assert_string_not_equal(diag.text, "");
}

static void uuid_draw__never_draws_the_same(void **state) {
    (void)state;
    struct uuid a = uuid_draw(), b = uuid_draw();

    assert_false(uuid_eq(a, b));
    assert_int_equal(a.bytes[6] >> 4, 4);
    assert_int_equal(a.bytes[8] >> 6, 2);
}

static void log_quote__lets_nothing_out_of_its_quotes(void **state) {
    (void)state;
    char many[300];

    assert_string_equal(log_quote("plain", 5), "\"plain\"");
    assert_string_equal(log_quote("a\"b\\c\nd\x1b\0e\xC3\xA9", 11),
                        "\"a\\\"b\\\\c\\x0ad\\x1b\\x00e\\xc3\"");
    assert_string_equal(log_quote("", 0), "\"\"");
    memset(many, '\n', sizeof many);

    const char *quoted = log_quote(many, sizeof many);
    assert_int_equal(strlen(quoted), 2 + 200 * 4 + 3);
    assert_string_equal(quoted + strlen(quoted) - 4, "...\"");
}

static void log_quote__keeps_eight_results(void **state) {
    (void)state;
    const char *kept[8];
    char letter = 'a';

    for (int i = 0; i < 8; i++, letter++)
        kept[i] = log_quote(&letter, 1);

    assert_string_equal(kept[0], "\"a\"");
    assert_string_equal(kept[7], "\"h\"");
}

/* What log_line writes to standard error. */
static size_t logged(enum log_level level, const char *value, char *out, size_t size) {
    int ends[2], before = dup(STDERR_FILENO);
    ssize_t n;

    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    log_start("ingest", LOG_INFO);
    log_line(level, "INGEST-TEST", "peer=%s", value);
    dup2(before, STDERR_FILENO);
    close(ends[1]);
    close(before);
    n = read(ends[0], out, size - 1);
    close(ends[0]);
    assert_true(n >= 0);
    out[n] = 0;
    return (size_t)n;
}

static void log_line__is_one_line_with_time_level_and_id(void **state) {
    (void)state;
    char line[4096];

    logged(LOG_WARN, "127.0.0.1:1", line, sizeof line);
    assert_non_null(strstr(line, "Z ingest WARN INGEST-TEST peer=127.0.0.1:1\n"));
    assert_int_equal(line[10], 'T');
    assert_int_equal(logged(LOG_DEBUG, "x", line, sizeof line), 0);
}

static void log_line__is_cut_when_it_is_endless(void **state) {
    (void)state;
    char line[8000], endless[5000];
    size_t n;

    memset(endless, 'x', sizeof endless);
    endless[sizeof endless - 1] = 0;
    n = logged(LOG_ERROR, endless, line, sizeof line);

    assert_in_range(n, 1000, 4000);
    assert_int_equal(line[n - 1], '\n');
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(place_standard__follows_the_environment),
        test(place_take__frees_the_place_of_the_dead),
        test(place_take__makes_the_directory_for_its_owner_alone),
        test(place_take__names_the_owner_to_a_second_one),
        test(place_owner__names_the_living_only),
        test(place_take__says_why_it_cannot),
        test(place_ipc__refuses_paths_too_long_for_a_socket),
        test(uuid_draw__never_draws_the_same),
        test(log_quote__lets_nothing_out_of_its_quotes),
        test(log_quote__keeps_eight_results),
        test(log_line__is_one_line_with_time_level_and_id),
        test(log_line__is_cut_when_it_is_endless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
