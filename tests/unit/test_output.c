#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/buf.h"
#include "sink/output.h"

#define DAY_MS      86400000LL
#define JAN_14_2020 (18275 * DAY_MS)

/* A journal, an output into a folder of its own, and a clock set by hand. */
struct bench {
    char folder[64];
    char path[96];
    struct output_conf conf;
    struct journal *journal;
    struct output *output;
    struct output_time time;
    uint64_t index;
};

static struct bench *bench_new(void) {
    struct bench *b = calloc(1, sizeof *b);
    struct journal_conf conf = {.max_bytes = 64 << 20};

    strcpy(b->folder, "/tmp/test_output.XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/events.ndjson", b->folder);
    b->conf = (struct output_conf){.path = b->path};
    b->time.wall_ms = JAN_14_2020 + 5;
    assert_int_equal(journal_open(&conf, &b->journal, NULL), 0);
    return b;
}

static int bench_open(struct bench *b, struct diag *diag) {
    return output_new(&output_ndjson, &b->conf, b->journal, &b->output, diag);
}

static int setup(void **state) {
    *state = bench_new();
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

    output_free(b->output);
    journal_close(b->journal);
    remove_folder(b->folder);
    free(b);
    return 0;
}

static void add(struct bench *b, const char *json) {
    struct view event = view_of(json);
    struct journal_entry entry = {{{{1}}, ++b->index}, 1, &event, 1};

    assert_int_equal(journal_append(b->journal, &entry), 0);
    assert_int_equal(journal_sync(b->journal, NULL), 0);
}

static int run(struct bench *b, struct diag *diag) {
    return output_run(b->output, journal_durable(b->journal), b->time, diag);
}

static void assert_file(const char *folder, const char *name, const char *want) {
    char path[512], got[4096];
    FILE *file;
    size_t len;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "r");
    assert_non_null(file);
    len = fread(got, 1, sizeof got - 1, file);
    got[len] = 0;
    fclose(file);
    assert_string_equal(got, want);
}

static void put_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void run__writes_a_line_for_each_event(void **state) {
    struct bench *b = *state;
    b->conf.sync = true;
    assert_int_equal(bench_open(b, NULL), 0);

    add(b, "{\"n\":1}");
    add(b, "{\"n\":2}");
    assert_int_equal(run(b, NULL), 0);
    add(b, "{\"n\":3}");
    assert_int_equal(run(b, NULL), 0);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
    assert_int_equal(output_offset(b->output), 3);
    assert_int_equal(journal_bytes(b->journal), 0);
}

static void open__cuts_a_torn_line_and_goes_on(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    put_file(b->path, "{\"n\":1}\n{\"n\":2");

    assert_int_equal(bench_open(b, &diag), 0);
    assert_non_null(strstr(diag.text, "unfinished line of 6 bytes"));
    add(b, "{\"n\":3}");
    assert_int_equal(run(b, NULL), 0);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n{\"n\":3}\n");
}

static void open__cuts_a_torn_line_longer_than_its_window(void **state) {
    struct bench *b = *state;
    struct buf text = {0};
    buf_put_text(&text, "{\"n\":1}\n{\"x\":\"");
    for (int i = 0; i < 30000; i++)
        buf_put_text(&text, "abcdefgh");
    put_file(b->path, buf_text(&text));
    buf_release(&text);

    assert_int_equal(bench_open(b, NULL), 0);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n");
}

static void open__leaves_other_files_alone(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    put_file(b->path, "precious\nnotes");

    assert_int_equal(bench_open(b, &diag), ERR_FORMAT);

    assert_non_null(strstr(diag.text, "other than events"));
    assert_file(b->folder, "events.ndjson", "precious\nnotes");
}

static void run__begins_a_new_file_before_one_is_too_big(void **state) {
    struct bench *b = *state;
    b->conf.rotate_bytes = 16; // two lines
    assert_int_equal(bench_open(b, NULL), 0);

    for (int i = 1; i <= 5; i++) {
        char json[16];
        snprintf(json, sizeof json, "{\"n\":%d}", i);
        add(b, json);
    }
    assert_int_equal(run(b, NULL), 0);

    assert_file(b->folder, "events-20200114.ndjson", "{\"n\":1}\n{\"n\":2}\n");
    assert_file(b->folder, "events-20200114-2.ndjson", "{\"n\":3}\n{\"n\":4}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":5}\n");
}

static void run__writes_an_event_bigger_than_a_file(void **state) {
    struct bench *b = *state;
    b->conf.rotate_bytes = 4;
    assert_int_equal(bench_open(b, NULL), 0);

    add(b, "{\"n\":1}");
    add(b, "{\"n\":2}");
    assert_int_equal(run(b, NULL), 0);

    assert_file(b->folder, "events-20200114.ndjson", "{\"n\":1}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n");
}

static void run__begins_a_new_file_each_day(void **state) {
    struct bench *b = *state;
    b->conf.rotate_daily = true;
    assert_int_equal(bench_open(b, NULL), 0);

    add(b, "{\"n\":1}");
    assert_int_equal(run(b, NULL), 0);
    b->time.wall_ms += DAY_MS;
    add(b, "{\"n\":2}");
    assert_int_equal(run(b, NULL), 0);

    assert_file(b->folder, "events-20200114.ndjson", "{\"n\":1}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n");
}

static void run__waits_and_goes_on_after_an_error(void **state) {
    struct bench *b = *state;
    struct diag diag = {0};
    b->conf.path = "/dev/full";
    assert_int_equal(bench_open(b, NULL), 0);
    add(b, "{\"n\":1}");

    assert_int_equal(run(b, &diag), ERR_SYSTEM);
    assert_non_null(strstr(diag.text, "cannot write to /dev/full: No space left"));
    assert_non_null(output_error(b->output));
    assert_int_equal(output_offset(b->output), 0);
    assert_int_equal(run(b, &diag), ERR_SYSTEM);

    assert_true(journal_bytes(b->journal) > 0); // still there to be written
}

/* A file that may not grow over some size stands for a full disk. */
static void limit_files(rlim_t bytes) {
    struct rlimit limit = {bytes, RLIM_INFINITY};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void run__writes_half_a_group_once_when_there_is_room_again(void **state) {
    struct bench *b = *state;
    assert_int_equal(bench_open(b, NULL), 0);
    add(b, "{\"n\":1}");
    assert_int_equal(run(b, NULL), 0);
    add(b, "{\"n\":2}");
    add(b, "{\"n\":3}");

    limit_files(20); // ends in the middle of the third line
    assert_int_equal(run(b, NULL), ERR_SYSTEM);
    b->time.now_ms += OUTPUT_RETRY_MS;
    assert_int_equal(run(b, NULL), ERR_SYSTEM);
    limit_files(RLIM_INFINITY);
    assert_int_equal(run(b, NULL), ERR_SYSTEM); // not yet time to try again
    b->time.now_ms += OUTPUT_RETRY_MS;
    assert_int_equal(run(b, NULL), 0);

    assert_null(output_error(b->output));
    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
}

static void run__makes_a_removed_file_anew(void **state) {
    struct bench *b = *state;
    assert_int_equal(bench_open(b, NULL), 0);
    add(b, "{\"n\":1}");
    assert_int_equal(run(b, NULL), 0);

    remove(b->path);
    add(b, "{\"n\":2}");
    assert_int_equal(run(b, NULL), 0);

    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n");
}

static void reopen__leaves_a_file_moved_away_alone(void **state) {
    struct bench *b = *state;
    char moved[128];
    assert_int_equal(bench_open(b, NULL), 0);
    add(b, "{\"n\":1}");
    assert_int_equal(run(b, NULL), 0);

    snprintf(moved, sizeof moved, "%s.1", b->path);
    assert_int_equal(rename(b->path, moved), 0);
    output_reopen(b->output);
    add(b, "{\"n\":2}");
    assert_int_equal(run(b, NULL), 0);

    assert_file(b->folder, "events.ndjson.1", "{\"n\":1}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n");
}

/* A pipe nobody empties: nothing blocks, and each byte comes once. */
static void run__pours_into_a_pipe_as_it_is_emptied(void **state) {
    struct bench *b = *state;
    struct buf got = {0}, want = {0};
    char fifo[128];
    int fd, err, turns = 0;
    snprintf(fifo, sizeof fifo, "%s/fifo", b->folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    fd = open(fifo, O_RDONLY | O_NONBLOCK);
    b->conf.path = fifo;
    assert_int_equal(bench_open(b, NULL), 0);
    for (int i = 0; i < 100; i++) {
        char json[6000];
        snprintf(json, sizeof json, "{\"n\":%d,\"text\":\"%0*d\"}", i, 5000 + i, 0);
        add(b, json);
        buf_printf(&want, "%s\n", json);
    }

    do {
        ssize_t n;
        err = run(b, NULL);
        assert_true(err == 0 || err == ERR_AGAIN);
        assert_null(output_error(b->output));
        while ((n = read(fd, buf_reserve(&got, 5000), 5000)) > 0)
            got.len += (size_t)n;
        turns++;
    } while (err);

    assert_true(turns > 3);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.at, want.at, want.len);
    close(fd);
    buf_release(&got);
    buf_release(&want);
}

static void run__says_gone_when_the_pipes_reader_left(void **state) {
    struct bench *b = *state;
    char fifo[128];
    int fd;
    snprintf(fifo, sizeof fifo, "%s/fifo", b->folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    fd = open(fifo, O_RDONLY | O_NONBLOCK);
    b->conf.path = fifo;
    assert_int_equal(bench_open(b, NULL), 0);
    add(b, "{\"n\":1}");

    close(fd);

    assert_int_equal(run(b, NULL), ERR_GONE);
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_bench(run__writes_a_line_for_each_event),
        with_bench(open__cuts_a_torn_line_and_goes_on),
        with_bench(open__cuts_a_torn_line_longer_than_its_window),
        with_bench(open__leaves_other_files_alone),
        with_bench(run__begins_a_new_file_before_one_is_too_big),
        with_bench(run__writes_an_event_bigger_than_a_file),
        with_bench(run__begins_a_new_file_each_day),
        with_bench(run__waits_and_goes_on_after_an_error),
        with_bench(run__writes_half_a_group_once_when_there_is_room_again),
        with_bench(run__makes_a_removed_file_anew),
        with_bench(reopen__leaves_a_file_moved_away_alone),
        with_bench(run__pours_into_a_pipe_as_it_is_emptied),
        with_bench(run__says_gone_when_the_pipes_reader_left),
    };
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
