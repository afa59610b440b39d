/* Outputs with their threads, a journal on a real file, and the files as a crash, a
 * person or a full disk leaves them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/buf.h"
#include "sink/output.h"

#define DAY_MS      86400000LL
#define JAN_14_2020 (18275 * DAY_MS)
#define PATIENCE_MS 20000

static _Atomic int64_t wall;
static int64_t wall_ms(void) { return wall; }

struct bench {
    char folder[64], path[96], db[96];
    struct output_conf conf;
    struct journal *journal;
    struct output *output;
    uint64_t index;
};

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    struct journal_conf conf = {.path = b->db};

    strcpy(b->folder, "/tmp/test_output.XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/events.ndjson", b->folder);
    snprintf(b->db, sizeof b->db, "%s/events.db", b->folder);
    b->conf = (struct output_conf){.kind = &output_ndjson,
                                   .journal = b->db,
                                   .name = "events.ndjson",
                                   .path = b->path,
                                   .wall_ms = wall_ms};
    wall = JAN_14_2020 + 5;
    assert_int_equal(journal_open(&conf, &b->journal, NULL), 0);
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

static void stop(struct bench *b) {
    assert_true(output_stop(b->output, PATIENCE_MS));
    b->output = NULL;
}

static int teardown(void **state) {
    struct bench *b = *state;

    stop(b);
    journal_close(b->journal);
    remove_folder(b->folder);
    free(b);
    return 0;
}

static void start(struct bench *b) {
    assert_int_equal(output_start(&b->conf, &b->output, NULL), 0);
    output_wake(b->output, journal_durable(b->journal));
}

/* Stores {"n":N}, or what is given. */
static void add(struct bench *b, const char *json) {
    char text[32];
    struct result_story story = {.part = 1};
    struct journal_entry entry = {{{{1}}, ++b->index}, 1, &story, 1};

    snprintf(text, sizeof text, "{\"n\":%llu}", (unsigned long long)b->index);
    story.json = view_of(json ? json : text);
    assert_int_equal(journal_append(b->journal, &entry, NULL), 0);
    assert_int_equal(journal_sync(b->journal, NULL), 0);
    if (b->output)
        output_wake(b->output, journal_durable(b->journal));
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static bool is_safe(const struct bench *b, const struct output_state *state) {
    return !state->err && state->offset == journal_durable(b->journal);
}
static bool is_written(const struct bench *b, const struct output_state *state) {
    return !state->err && state->written == journal_durable(b->journal);
}
static bool is_stuck(const struct bench *b, const struct output_state *state) {
    (void)b;
    return state->err != 0;
}

/* Looks again and again until it is so; the state then. */
static struct output_state wait_until(struct bench *b,
                                      bool (*is)(const struct bench *,
                                                 const struct output_state *)) {
    struct output_state state;

    for (int ms = 0; ms < PATIENCE_MS; ms++) {
        output_look(b->output, &state, false);
        if (is(b, &state))
            return state;
        pause_ms(1);
    }
    fail_msg("in vain: offset %llu, written %llu, %s", (unsigned long long)state.offset,
             (unsigned long long)state.written, state.why.text);
    return state;
}

static void run_to_the_end(struct bench *b) {
    start(b);
    wait_until(b, is_written);
    stop(b);
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

static void put_file(const char *path, const char *mode, const char *text) {
    FILE *file = fopen(path, mode);

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* ---- writing ---- */

static void output__writes_a_line_for_each_event(void **state) {
    struct bench *b = *state;
    b->conf.sync = true;
    add(b, NULL);
    add(b, NULL);

    start(b);
    wait_until(b, is_safe);
    add(b, NULL);
    wait_until(b, is_safe);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
}

static void output__writes_before_its_cursor_follows(void **state) {
    struct bench *b = *state;
    struct output_state now;
    start(b);
    wait_until(b, is_safe);

    add(b, NULL);
    now = wait_until(b, is_written);

    assert_true(now.offset <= now.written);
    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n");
}

static void output__begins_with_the_oldest_event_behind_a_strange_file(void **state) {
    struct bench *b = *state;
    struct output_state now;
    add(b, NULL);
    put_file(b->path, "w", "{\"old\":1}\n{\"old\":2");

    start(b);
    now = wait_until(b, is_safe);

    assert_non_null(strstr(now.remark.text, "unfinished line of 8 bytes"));
    output_look(b->output, &now, true);
    output_look(b->output, &now, true);
    assert_string_equal(now.remark.text, "");
    assert_file(b->folder, "events.ndjson", "{\"old\":1}\n{\"n\":1}\n");
}

static void output__cuts_a_torn_line_longer_than_its_window(void **state) {
    struct bench *b = *state;
    struct buf text = {0};
    buf_put_text(&text, "{\"n\":1}\n{\"x\":\"");
    for (int i = 0; i < 30000; i++)
        buf_put_text(&text, "abcdefgh");
    put_file(b->path, "w", buf_text(&text));
    buf_release(&text);
    add(b, NULL);

    run_to_the_end(b);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n{\"n\":1}\n");
}

static void output__leaves_other_files_alone(void **state) {
    struct bench *b = *state;
    struct output_state now;
    put_file(b->path, "w", "precious\nnotes");
    add(b, NULL);

    start(b);
    now = wait_until(b, is_stuck);

    assert_int_equal(now.err, ERR_FORMAT);
    assert_non_null(strstr(now.why.text, "other than events"));
    assert_false(now.failed);
    assert_file(b->folder, "events.ndjson", "precious\nnotes");
}

/* ---- after a crash ---- */

static void output__goes_on_where_it_was(void **state) {
    struct bench *b = *state;
    add(b, NULL);
    run_to_the_end(b);

    add(b, NULL);
    run_to_the_end(b);
    run_to_the_end(b);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n{\"n\":2}\n");
}

/* As soon as there is one. */
static struct mark get_mark(struct bench *b) {
    struct reader *reader;
    struct mark mark = {0};
    int ms = 0;

    assert_int_equal(reader_open(b->db, b->conf.name, &reader, NULL), 0);
    while (reader_mark(reader, &mark, NULL) && ms++ < PATIENCE_MS)
        pause_ms(1);
    reader_close(reader);
    return mark;
}

static void set_mark(struct bench *b, struct mark mark) {
    struct reader *reader;

    assert_int_equal(reader_open(b->db, b->conf.name, &reader, NULL), 0);
    assert_int_equal(reader_save(reader, &mark, true, NULL), 0);
    reader_close(reader);
}

/* The cursor stays behind what is written: by kill -9, or because a power cut took the
 * cursor that the disk had not got yet. */
static void output__cuts_back_to_its_cursor(void **state) {
    struct bench *b = *state;
    struct mark before;
    add(b, NULL);
    run_to_the_end(b);
    before = get_mark(b);
    add(b, NULL);
    add(b, NULL);
    run_to_the_end(b);

    set_mark(b, before);
    put_file(b->path, "a", "{\"n\":4}\n{\"half");
    run_to_the_end(b);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
}

static void output__knows_its_file_after_a_move_of_all(void **state) {
    struct bench *b = *state;
    char command[512];
    add(b, NULL);
    run_to_the_end(b);
    put_file(b->path, "a", "{\"n\":2}\n");
    add(b, NULL);

    snprintf(command, sizeof command, "cp %s %s.copy && mv %s.copy %s", b->path, b->path,
             b->path, b->path);
    assert_int_equal(system(command), 0);
    run_to_the_end(b);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n{\"n\":2}\n");
}

static void output__does_not_cut_what_is_not_its_file(void **state) {
    struct bench *b = *state;
    add(b, NULL);
    run_to_the_end(b);
    add(b, NULL);

    put_file(b->path, "w", "{\"somebody\":\"elses\"}\n");
    run_to_the_end(b);

    assert_file(b->folder, "events.ndjson", "{\"somebody\":\"elses\"}\n{\"n\":2}\n");
}

static void output__begins_a_new_file_when_the_old_is_gone(void **state) {
    struct bench *b = *state;
    add(b, NULL);
    run_to_the_end(b);
    add(b, NULL);

    remove(b->path);
    run_to_the_end(b);

    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n");
}

/* A power cut may leave a new file with its length and without its bytes. */
static void output__knows_its_file_without_its_bytes(void **state) {
    struct bench *b = *state;
    start(b);
    assert_true(get_mark(b).ino != 0);
    stop(b);

    put_file(b->path, "w", "\n\n\n\n\"half\"}\n{\"n\":2}\n"); // the same inode
    add(b, NULL);
    run_to_the_end(b);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n");
}

static void output__begins_with_the_new_file_it_had_made(void **state) {
    struct bench *b = *state;
    struct mark begun;
    start(b);
    begun = get_mark(b);
    stop(b);
    assert_true(begun.ino != 0 && begun.length == 0 && begun.offset == 0);
    add(b, NULL);
    run_to_the_end(b);

    set_mark(b, begun); // killed before the cursor followed
    run_to_the_end(b);

    assert_file(b->folder, "events.ndjson", "{\"n\":1}\n");
}

/* Each place in a rotation at which the process may be killed. */
static void rotation__may_be_killed_anywhere(void **state) {
    struct bench *b = *state;
    char moved[128];
    int fd;
    snprintf(moved, sizeof moved, "%s/events-20200114.ndjson", b->folder);
    add(b, NULL);
    run_to_the_end(b);
    add(b, NULL);

    assert_int_equal(rename(b->path, moved), 0); // renamed, the new one not made
    run_to_the_end(b);
    assert_file(b->folder, "events-20200114.ndjson", "{\"n\":1}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n");

    snprintf(moved, sizeof moved, "%s/events-20200114-2.ndjson", b->folder);
    add(b, NULL);
    assert_int_equal(rename(b->path, moved), 0); // made, but the cursor names the old one
    fd = open(b->path, O_WRONLY | O_CREAT, 0640);
    assert_true(fd >= 0);
    close(fd);
    run_to_the_end(b);
    assert_file(b->folder, "events-20200114-2.ndjson", "{\"n\":2}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":3}\n");
}

/* ---- rotation ---- */

static void output__begins_a_new_file_before_one_is_too_big(void **state) {
    struct bench *b = *state;
    b->conf.rotate_bytes = 16; // two lines

    for (int i = 1; i <= 5; i++)
        add(b, NULL);
    run_to_the_end(b);

    assert_file(b->folder, "events-20200114.ndjson", "{\"n\":1}\n{\"n\":2}\n");
    assert_file(b->folder, "events-20200114-2.ndjson", "{\"n\":3}\n{\"n\":4}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":5}\n");
}

static void output__writes_an_event_bigger_than_a_file(void **state) {
    struct bench *b = *state;
    b->conf.rotate_bytes = 4;

    add(b, NULL);
    add(b, NULL);
    run_to_the_end(b);

    assert_file(b->folder, "events-20200114.ndjson", "{\"n\":1}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n");
}

static void output__begins_a_new_file_each_day(void **state) {
    struct bench *b = *state;
    b->conf.rotate_daily = true;

    add(b, NULL);
    run_to_the_end(b);
    wall += DAY_MS; // the sink was down over midnight
    add(b, NULL);
    start(b);
    wait_until(b, is_safe);
    wall += DAY_MS; // and is up at the next
    add(b, NULL);
    wait_until(b, is_safe);

    assert_file(b->folder, "events-20200114.ndjson", "{\"n\":1}\n");
    assert_file(b->folder, "events-20200115.ndjson", "{\"n\":2}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":3}\n");
}

/* ---- trouble ---- */

static void output__says_why_it_is_stuck(void **state) {
    struct bench *b = *state;
    struct output_state now;
    b->conf.path = "/dev/full";
    add(b, NULL);

    start(b);
    now = wait_until(b, is_stuck);

    assert_int_equal(now.err, ERR_SYSTEM);
    assert_non_null(strstr(now.why.text, "cannot write to /dev/full: No space left"));
    assert_int_equal(now.offset, 0);
    assert_false(now.failed);
}

static void output__that_is_stuck_holds_up_no_other(void **state) {
    struct bench *b = *state;
    struct output_conf stuck = b->conf;
    struct output *other;
    stuck.path = "/dev/full";
    stuck.name = "full";
    assert_int_equal(output_start(&stuck, &other, NULL), 0);
    output_wake(other, 1);

    for (int i = 0; i < 20; i++)
        add(b, NULL);
    run_to_the_end(b);

    assert_true(output_stop(other, PATIENCE_MS));
}

/* A file that may not grow over some size stands for a full disk; it is bigger than the
 * journal's, which goes on. */
static void limit_files(rlim_t bytes) {
    struct rlimit limit = {bytes, RLIM_INFINITY};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void output__writes_half_a_batch_once_when_there_is_room_again(void **state) {
    struct bench *b = *state;
    const size_t first = 2000000;
    char *text = malloc(first + 1);
    struct stat st;
    memset(text, ' ', first);
    memcpy(text, "{}", 2);
    text[first - 1] = '\n';
    text[first] = 0;
    put_file(b->path, "w", text);
    start(b);
    wait_until(b, is_safe);

    limit_files(first + 12); // ends in the middle of the second line
    add(b, NULL);
    wait_until(b, is_safe);
    add(b, NULL);
    add(b, NULL);
    wait_until(b, is_stuck);
    assert_int_equal(stat(b->path, &st), 0);
    assert_int_equal(st.st_size, first + 8); // the half line was cut off at once
    limit_files(RLIM_INFINITY);
    wait_until(b, is_safe);

    assert_int_equal(stat(b->path, &st), 0);
    assert_int_equal(st.st_size, first + 3 * 8);
    free(text);
}

static void output__makes_a_removed_file_anew(void **state) {
    struct bench *b = *state;
    start(b);
    add(b, NULL);
    wait_until(b, is_safe);

    remove(b->path);
    add(b, NULL);
    wait_until(b, is_safe);

    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n");
}

static void output__goes_on_in_a_file_that_somebody_emptied(void **state) {
    struct bench *b = *state;
    start(b);
    add(b, NULL);
    wait_until(b, is_safe);

    assert_int_equal(truncate(b->path, 0), 0);
    add(b, NULL);
    wait_until(b, is_safe);
    stop(b);
    add(b, NULL);
    run_to_the_end(b);

    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n{\"n\":3}\n");
}

static void reopen__leaves_a_file_moved_away_alone(void **state) {
    struct bench *b = *state;
    char moved[128];
    start(b);
    add(b, NULL);
    wait_until(b, is_safe);

    snprintf(moved, sizeof moved, "%s.1", b->path);
    assert_int_equal(rename(b->path, moved), 0);
    output_reopen(b->output);
    add(b, NULL);
    wait_until(b, is_safe);

    assert_file(b->folder, "events.ndjson.1", "{\"n\":1}\n");
    assert_file(b->folder, "events.ndjson", "{\"n\":2}\n");
}

/* ---- pipes ---- */

static const char *make_pipe(struct bench *b) {
    static char fifo[128];

    snprintf(fifo, sizeof fifo, "%s/fifo", b->folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    b->conf.path = fifo;
    return fifo;
}

/* A pipe nobody empties for a while: nothing blocks, and each byte comes once. */
static void output__pours_into_a_pipe_as_it_is_emptied(void **state) {
    struct bench *b = *state;
    struct buf got = {0}, want = {0};
    int fd = open(make_pipe(b), O_RDONLY | O_NONBLOCK);
    struct output_state now;
    for (int i = 0; i < 100; i++) {
        char json[6000];
        snprintf(json, sizeof json, "{\"n\":%d,\"text\":\"%0*d\"}", i, 5000 + i, 0);
        add(b, json);
        buf_printf(&want, "%s\n", json);
    }

    start(b);
    for (int i = 0; i < PATIENCE_MS && got.len < want.len; i++) {
        ssize_t n = read(fd, buf_reserve(&got, 5000), 5000);
        got.len += n > 0 ? (size_t)n : 0;
        if (n <= 0)
            pause_ms(1);
    }
    now = wait_until(b, is_safe);

    assert_int_equal(now.offset, 100);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.at, want.at, want.len);
    close(fd);
    buf_release(&got);
    buf_release(&want);
}

static void output__waits_for_somebody_to_read_the_pipe(void **state) {
    struct bench *b = *state;
    const char *fifo = make_pipe(b);
    char got[16] = "";
    struct output_state now;
    int fd;
    add(b, NULL);

    start(b);
    now = wait_until(b, is_stuck);
    assert_int_equal(now.err, ERR_GONE);
    fd = open(fifo, O_RDONLY);
    wait_until(b, is_safe);

    assert_int_equal(read(fd, got, sizeof got - 1), 8);
    assert_string_equal(got, "{\"n\":1}\n");
    close(fd);
}

static void output__says_gone_when_the_pipes_reader_left(void **state) {
    struct bench *b = *state;
    int fd = open(make_pipe(b), O_RDONLY | O_NONBLOCK);
    struct output_state now;
    start(b);
    add(b, NULL);
    wait_until(b, is_safe);

    close(fd);
    add(b, NULL);
    now = wait_until(b, is_stuck);

    assert_int_equal(now.err, ERR_GONE);
    assert_int_equal(now.offset, 1);
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_bench(output__writes_a_line_for_each_event),
        with_bench(output__writes_before_its_cursor_follows),
        with_bench(output__begins_with_the_oldest_event_behind_a_strange_file),
        with_bench(output__cuts_a_torn_line_longer_than_its_window),
        with_bench(output__leaves_other_files_alone),
        with_bench(output__goes_on_where_it_was),
        with_bench(output__cuts_back_to_its_cursor),
        with_bench(output__knows_its_file_after_a_move_of_all),
        with_bench(output__does_not_cut_what_is_not_its_file),
        with_bench(output__begins_a_new_file_when_the_old_is_gone),
        with_bench(output__knows_its_file_without_its_bytes),
        with_bench(output__begins_with_the_new_file_it_had_made),
        with_bench(rotation__may_be_killed_anywhere),
        with_bench(output__begins_a_new_file_before_one_is_too_big),
        with_bench(output__writes_an_event_bigger_than_a_file),
        with_bench(output__begins_a_new_file_each_day),
        with_bench(output__says_why_it_is_stuck),
        with_bench(output__that_is_stuck_holds_up_no_other),
        with_bench(output__writes_half_a_batch_once_when_there_is_room_again),
        with_bench(output__makes_a_removed_file_anew),
        with_bench(output__goes_on_in_a_file_that_somebody_emptied),
        with_bench(reopen__leaves_a_file_moved_away_alone),
        with_bench(output__pours_into_a_pipe_as_it_is_emptied),
        with_bench(output__waits_for_somebody_to_read_the_pipe),
        with_bench(output__says_gone_when_the_pipes_reader_left),
    };
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
