/* What feed makes of files, directories and their names. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/feed_input.h"
#include "proto/buf.h"

static char folder[] = "/tmp/wiretag-feed-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    char command[100];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static char *path_of(const char *name) {
    static char paths[4][100];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static char *file_with(const char *name, const char *content) {
    char *path = path_of(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    return path;
}

/* All documents of these names, as "<file:line content>"; a refused one as "<file !>". */
static const char *all_of(char *const *names, size_t count, const char *format) {
    static struct buf out;
    struct feed_document d;
    struct feed_input *input = feed_input_new(names, count, format, 1000);
    buf_clear(&out);
    while (feed_input_next(input, &d) == 0) {
        const char *name = strrchr(d.file, '/');
        buf_printf(&out, "<%s:%d ", name ? name + 1 : d.file, (int)d.line);
        if (d.reason)
            buf_put_text(&out, "!");
        else
            buf_put_view(&out, d.bytes);
        buf_put_text(&out, ">");
    }
    feed_input_free(input);
    return buf_text(&out);
}

static const char *of_one(char *name, const char *format) {
    return all_of(&name, 1, format);
}

static void feed_input__goes_by_the_name_and_first_byte(void **state) {
    (void)state;
    assert_string_equal(of_one(file_with("a.txt", "one\nNNNN\ntwo"), NULL),
                        "<a.txt:0 one\nNNNN\ntwo>");
    assert_string_equal(of_one(file_with("a.ndjson", "{1}\n\n{2}\n"), NULL),
                        "<a.ndjson:1 {1}><a.ndjson:3 {2}>");
    assert_string_equal(of_one(file_with("a.json", "{\n1\n}"), NULL),
                        "<a.json:0 {\n1\n}>");
    assert_string_equal(of_one(file_with("b", "{1}\n{2}"), NULL), "<b:1 {1}><b:2 {2}>");
    assert_string_equal(of_one(file_with("c", "{1}\n{2}"), "text"), "<c:0 {1}\n{2}>");
    assert_string_equal(of_one(file_with("empty", ""), NULL), "");
}

static void feed_input__takes_a_folder_in_order(void **state) {
    char *names[1];
    (void)state;
    mkdir(path_of("in"), 0700);
    mkdir(path_of("in/deeper"), 0700);
    file_with("in/b.txt", "second");
    file_with("in/a.txt", "first");
    file_with("in/.hidden", "no");
    names[0] = path_of("in");

    assert_string_equal(all_of(names, 1, NULL), "<a.txt:0 first><b.txt:0 second>");
}

static void feed_input__names_what_it_cannot_read(void **state) {
    char *names[2];
    (void)state;
    names[0] = path_of("nowhere");
    names[1] = file_with("good", "x");

    assert_string_equal(all_of(names, 2, NULL), "<nowhere:0 !><good:0 x>");
}

static void feed_input__counts_bytes_of_files_it_knows(void **state) {
    struct feed_document d;
    char *names[2];
    (void)state;
    names[0] = file_with("five", "12345");
    names[1] = file_with("three", "123");
    struct feed_input *input = feed_input_new(names, 2, NULL, 1000);

    assert_int_equal(feed_input_total(input), 8);
    assert_int_equal(feed_input_next(input, &d), 0);
    assert_int_equal(feed_input_done(input), 5);
    assert_int_equal(feed_input_fd(input), -1);
    feed_input_free(input);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feed_input__goes_by_the_name_and_first_byte),
        cmocka_unit_test(feed_input__takes_a_folder_in_order),
        cmocka_unit_test(feed_input__names_what_it_cannot_read),
        cmocka_unit_test(feed_input__counts_bytes_of_files_it_knows),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
