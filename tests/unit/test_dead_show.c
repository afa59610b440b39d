/* Dead letters for programs and for eyes: what is shown is true, and steers no terminal.
 */
#include "tests/unit/check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/dead_show.h"
#include "proto/report.h"

static struct buf out;

static int set_up(void **state) {
    (void)state;
    buf_clear(&out);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    buf_release(&out);
    return 0;
}

static const struct dead_letter document = {
    .index = 17,
    .kind = DEAD_DOCUMENT,
    .when_ms = 1579000000123,
    .reason = {"not JSON: \x1b[2J\nbad", 18},
    .peer = {"127.0.0.1:9", 11},
    .format = {"ndjson", 6},
    .bytes = {"{\"a\":\xff\x1b[31m\r\nb", 14},
    .bytes_in_all = 14,
};

/* A report's letter; its encoding is kept in `encoded`. */
static struct dead_letter report_letter(struct buf *encoded) {
    struct report report = {.guid = VIEW_LIT("g"),
                            .guid_from = VIEW_LIT("given"),
                            .version = 3,
                            .peer = VIEW_LIT("wire"),
                            .text = VIEW_LIT("TUNIS - It.\n")};
    buf_clear(encoded);
    report_encode(&report, encoded);
    return (struct dead_letter){.index = 4,
                                .kind = DEAD_REPORT,
                                .attempts = 5,
                                .when_ms = 1,
                                .reason = VIEW_LIT("it kills"),
                                .bytes = buf_view(encoded),
                                .bytes_in_all = encoded->len};
}

static json_t *written(void) {
    json_t *root;

    assert_int_equal(out.at[out.len - 1], '\n');
    assert_ptr_equal(memchr(out.at, '\n', out.len), out.at + out.len - 1);
    root = json_loadb(out.at, out.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    return root;
}

static void assert_text(const json_t *root, const char *key, const char *want) {
    assert_string_equal(json_string_value(json_object_get(root, key)), want);
}

static long long whole(const json_t *root, const char *key) {
    return json_integer_value(json_object_get(root, key));
}

static void dead_put_line__says_all_but_the_bytes(void **state) {
    struct dead_letter letter = document;
    json_t *root;
    (void)state;

    letter.bytes_in_all = UINT64_MAX;
    dead_put_line(&letter, &out);

    root = written();
    assert_int_equal(whole(root, "number"), 17);
    assert_text(root, "when", "2020-01-14T11:06:40.123Z");
    assert_text(root, "kind", "document");
    assert_int_equal(whole(root, "bytes"), 14);
    assert_true(json_is_null(json_object_get(root, "bytes_in_all")));
    assert_true(json_is_null(json_object_get(root, "feed")));
    assert_text(root, "format", "ndjson");
    assert_text(root, "reason", "not JSON: \x1b[2J\nbad");
    assert_null(json_object_get(root, "guid"));
    json_decref(root);
}

static void dead_put_line__knows_whose_report_it_was(void **state) {
    struct buf encoded = {0};
    struct dead_letter letter = report_letter(&encoded);
    json_t *root;
    (void)state;

    dead_put_line(&letter, &out);

    root = written();
    assert_text(root, "kind", "report");
    assert_text(root, "guid", "g");
    assert_text(root, "peer", "wire");
    assert_int_equal(whole(root, "version"), 3);
    assert_int_equal(whole(root, "attempts"), 5);
    json_decref(root);
    buf_release(&encoded);
}

static void dead_put_line__survives_a_damaged_report(void **state) {
    struct dead_letter letter = {.index = 1,
                                 .kind = DEAD_REPORT,
                                 .bytes = VIEW_LIT("\1junk"),
                                 .when_ms = INT64_MAX};
    (void)state;

    dead_put_line(&letter, &out);
    json_decref(written());
    dead_put_page(&letter, &out);
    dead_put_row(&letter, 80, &out);
    buf_clear(&out);
    dead_put_record(&letter, &out);
    json_decref(written());
    buf_clear(&out);
    dead_put_raw(&letter, &out);

    assert_int_equal(out.len, 5);
}

static void dead_put_row__is_one_line_of_the_width(void **state) {
    struct dead_letter letter = document;
    (void)state;
    letter.reason = VIEW_LIT("a reason that is a good deal longer than what is left of "
                             "the line for it, since it goes on and on and on");
    letter.peer = VIEW_LIT("unix:/a/very/long/path/to/feed.sock");

    for (size_t width = 0; width < 200; width += 10) {
        buf_clear(&out);
        dead_put_row(&letter, width, &out);
        assert_ptr_equal(memchr(out.at, '\n', out.len), out.at + out.len - 1);
        if (width >= 110)
            assert_true(out.len - 1 <= width + 4); // an ellipsis has three bytes
    }
    assert_non_null(strstr(buf_text(&out), "unix:/a/very/long/p"));
}

static void dead_put_page__steers_no_terminal(void **state) {
    struct dead_letter letter = document;
    (void)state;

    dead_put_page(&letter, &out);
    dead_put_row(&letter, 100, &out);
    dead_put_page(&(struct dead_letter){.kind = DEAD_DOCUMENT,
                                        .bytes = VIEW_LIT("a\xE2\x80\xAE"
                                                          "b")},
                  &out);

    for (size_t i = 0; i < out.len; i++)
        assert_true((unsigned char)out.at[i] >= ' ' || out.at[i] == '\n');
    assert_null(strstr(buf_text(&out), "\xE2\x80\xAE"));
    assert_non_null(strstr(buf_text(&out), "number    17\n"));
    assert_non_null(strstr(buf_text(&out), "size      14 bytes\n"));
    assert_non_null(strstr(buf_text(&out), "\xEF\xBF\xBD[31m\nb\n"));
}

static void dead_put_page__says_what_is_missing(void **state) {
    struct dead_letter letter = document;
    (void)state;

    letter.bytes_in_all = 99;
    dead_put_page(&letter, &out);
    letter.bytes_in_all = UINT64_MAX;
    dead_put_page(&letter, &out);

    assert_non_null(strstr(buf_text(&out), "14 bytes, the beginning of 99\n"));
    assert_non_null(strstr(buf_text(&out), "14 bytes, the beginning of it\n"));
}

static void dead_put_raw__gives_the_bytes_as_they_came(void **state) {
    struct buf encoded = {0};
    struct dead_letter letter = report_letter(&encoded);
    (void)state;

    dead_put_raw(&document, &out);
    assert_int_equal(out.len, document.bytes.len);
    assert_memory_equal(out.at, document.bytes.at, out.len);
    buf_clear(&out);
    dead_put_raw(&letter, &out);

    assert_string_equal(buf_text(&out), "TUNIS - It.\n");
    buf_release(&encoded);
}

static void dead_put_record__can_be_fed_again(void **state) {
    struct buf encoded = {0};
    struct dead_letter letter = report_letter(&encoded);
    json_t *root;
    (void)state;

    dead_put_record(&letter, &out);
    assert_string_equal(buf_text(&out),
                        "{\"guid\":\"g\",\"version\":3,\"text\":\"TUNIS - It.\\n\"}\n");
    buf_clear(&out);
    dead_put_record(&document, &out);

    root = written();
    assert_int_equal(whole(root, "number"), 17);
    assert_text(root, "document", "{\"a\":\xEF\xBF\xBD\x1b[31m\r\nb");
    json_decref(root);
    buf_release(&encoded);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(dead_put_line__says_all_but_the_bytes),
        test(dead_put_line__knows_whose_report_it_was),
        test(dead_put_line__survives_a_damaged_report),
        test(dead_put_row__is_one_line_of_the_width),
        test(dead_put_page__steers_no_terminal),
        test(dead_put_page__says_what_is_missing),
        test(dead_put_raw__gives_the_bytes_as_they_came),
        test(dead_put_record__can_be_fed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
