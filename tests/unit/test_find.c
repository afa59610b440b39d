/* Asking beside a sink, and what is written of the answer. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/crc32c.h"
#include "sink/find.h"
#include "sink/print.h"
#include "tests/unit/scratch.h"

static int64_t now_ms;

static int64_t set_clock(void) { return now_ms; }

struct bench {
    const char *folder;
    char path[128];
    struct journal *journal;
};

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    struct journal_conf conf = {.path = b->path, .epoch = {{9}}, .wall_ms = set_clock};

    now_ms = 1000;
    b->folder = scratch_dir();
    snprintf(b->path, sizeof b->path, "%s/events.db", b->folder);
    assert_int_equal(journal_open(&conf, &b->journal, NULL), 0);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;

    journal_close(b->journal);
    free(b);
    return 0;
}

static void put(struct bench *b, uint64_t index, const char *guid, uint64_t version,
                int64_t embargo_ms) {
    char json[64];
    struct result_story story = {.guid = view_of(guid),
                                 .version = version,
                                 .part = 1,
                                 .parts = 1,
                                 .embargo_ms = embargo_ms};
    struct journal_entry entry = {
        .id = {{{1}}, index}, .stories = &story, .story_count = 1};

    snprintf(json, sizeof json, "{\"n\":%d}", (int)index);
    story.json = view_of(json);
    assert_int_equal(journal_append(b->journal, &entry, NULL), 0);
    assert_int_equal(journal_sync(b->journal, NULL), 0);
}

/* The offsets found, as a text: "1 2 3". */
static const char *found(struct find_conf conf) {
    static char text[64];
    const struct journal_event *events;
    struct find *find;
    size_t count = 1, len = 0;

    text[0] = 0;
    assert_int_equal(find_open(&conf, &find, NULL), 0);
    while (count) {
        assert_int_equal(find_next(find, &events, &count, NULL), 0);
        for (size_t i = 0; i < count && len < sizeof text; i++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%d", len ? " " : "",
                                    (int)events[i].offset);
    }
    find_close(find);
    return text;
}

static void find__gives_what_is_asked_for(void **state) {
    struct bench *b = *state;

    put(b, 1, "a", 1, 0);
    put(b, 2, "b", 1, 0);
    now_ms = 2000;
    put(b, 3, "a", 2, 0);
    put(b, 4, "held", 1, 9000);
    put(b, 5, "c", 1, 0);

    assert_string_equal(found((struct find_conf){.journal = b->path}), "1 2 3 4");
    assert_string_equal(found((struct find_conf){.journal = b->path, .newest = true}),
                        "4 3 2 1");
    assert_string_equal(
        found((struct find_conf){.journal = b->path, .guid = VIEW_LIT("a")}), "1 3");
    assert_string_equal(
        found((struct find_conf){.journal = b->path, .guid = VIEW_LIT("held")}), "");
    assert_string_equal(found((struct find_conf){.journal = b->path, .since_offset = 3}),
                        "3 4");
    assert_string_equal(found((struct find_conf){.journal = b->path, .since_ms = 2000}),
                        "3 4");
    assert_string_equal(found((struct find_conf){.journal = b->path, .stories = true}),
                        "2 3 4");
    assert_string_equal(
        found((struct find_conf){
            .journal = b->path, .stories = true, .newest = true, .guid = VIEW_LIT("a")}),
        "3");
}

/* A turn is no transaction that stays open: what is stored meanwhile is found, too. */
static void find__lets_the_sink_go_on(void **state) {
    struct bench *b = *state;
    const struct journal_event *events;
    struct find *find;
    size_t count;
    for (uint64_t i = 1; i <= FIND_EVENTS + 1; i++)
        put(b, i, "a", i, 0);

    assert_int_equal(find_open(&(struct find_conf){.journal = b->path}, &find, NULL), 0);
    assert_int_equal(find_next(find, &events, &count, NULL), 0);
    assert_int_equal(count, FIND_EVENTS);
    put(b, FIND_EVENTS + 2, "b", 1, 0);
    assert_int_equal(find_next(find, &events, &count, NULL), 0);

    assert_int_equal(count, 2);
    find_close(find);
}

static long size_of(const char *folder, const char *name) {
    char path[300];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &st) ? -1 : (long)st.st_size;
}

/* What a killed sink leaves: a file and its log, and nobody has both open. */
static void find__reads_the_log_of_a_dead_sink_and_leaves_it(void **state) {
    struct bench *b = *state;
    char copy[160], command[600];
    long log_bytes;
    put(b, 1, "a", 1, 0);
    put(b, 2, "b", 1, 0);

    snprintf(copy, sizeof copy, "%s/copy.db", b->folder);
    snprintf(command, sizeof command, "cp %s %s && cp %s-wal %s-wal", b->path, copy,
             b->path, copy);
    assert_int_equal(system(command), 0);
    log_bytes = size_of(b->folder, "copy.db-wal");
    assert_string_equal(found((struct find_conf){.journal = copy}), "1 2");

    assert_true(log_bytes > 0);
    assert_int_equal(size_of(b->folder, "copy.db-wal"), log_bytes);
}

static void find__refuses_what_is_no_journal(void **state) {
    struct bench *b = *state;
    char other[160];
    struct diag diag = {0};
    struct find *find;
    FILE *file;

    snprintf(other, sizeof other, "%s/other.db", b->folder);
    assert_int_equal(find_open(&(struct find_conf){.journal = other}, &find, &diag),
                     ERR_NOT_FOUND);
    assert_int_equal(size_of(b->folder, "other.db"), -1);
    file = fopen(other, "w");
    fputs("words of somebody, long enough to be looked at as if it were one", file);
    fclose(file);
    diag.text[0] = 0;
    assert_int_equal(find_open(&(struct find_conf){.journal = other}, &find, &diag),
                     ERR_FORMAT);

    assert_non_null(strstr(diag.text, "no journal"));
}

/* ---- files ---- */

static void print__names_no_file_outside_of_its_folder(void **state) {
    struct bench *b = *state;
    char out[160], name[64];
    struct print_conf conf = {
        .verb = "test", .as = "ninjs", .format = "auto", .colour = "auto", .out = out};
    struct print *print;

    snprintf(out, sizeof out, "%s/out", b->folder);
    assert_int_equal(print_new(&conf, &print, NULL), 0);
    assert_int_equal(
        print_event(print, VIEW_LIT("{\"id\":\"../x/y\",\"guid\":\"g\",\"text\":\"t\"}"),
                    1),
        0);
    assert_int_equal(
        print_event(print, VIEW_LIT("{\"id\":\"ab-1.2\",\"guid\":\"g\",\"text\":\"t\"}"),
                    1),
        0);
    assert_int_equal(print_end(print), 0);
    print_free(print);

    assert_true(size_of(out, "ab-1.2.json") > 0);
    snprintf(name, sizeof name, "_._x_y-%08x.json", crc32c(0, VIEW_LIT("../x/y")));
    assert_true(size_of(out, name) > 0);
    scratch_remove(out);
}

static void print__refuses_choices_that_do_not_go_together(void **state) {
    struct print_conf conf = {
        .verb = "test", .as = "gkg", .format = "text", .colour = "auto"};
    struct diag diag = {0};
    struct print *print;
    (void)state;

    assert_int_equal(print_new(&conf, &print, &diag), ERR_FORMAT);

    assert_non_null(strstr(diag.text, "--as gkg"));
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_bench(find__gives_what_is_asked_for),
        with_bench(find__lets_the_sink_go_on),
        with_bench(find__reads_the_log_of_a_dead_sink_and_leaves_it),
        with_bench(find__refuses_what_is_no_journal),
        with_bench(print__names_no_file_outside_of_its_folder),
        with_bench(print__refuses_choices_that_do_not_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
