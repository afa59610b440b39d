/* The reader of JSON: each kind of value, each way to be wrong, the limits. That it reads
 * what jansson reads is fuzz_json_tree's business. */
#include "tests/unit/check.h"

#include <math.h>
#include <stdio.h>

#include "proto/json_tree.h"

static struct arena arena;
static struct diag diag;
static struct json_tree tree;

static int set_up(void **state) {
    (void)state;
    arena = (struct arena){0};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static int read_view(struct view json) {
    diag = (struct diag){0};
    tree = (struct json_tree){0};
    return json_tree_read(json, &tree, &arena, &diag);
}

static const struct json_node *accept(const char *json) {
    if (read_view(view_of(json)))
        fail_msg("%s: %s", json, diag.text);
    return tree.root;
}

static void refuse(const char *json, size_t at, const char *want) {
    char text[300];

    assert_int_equal(read_view(view_of(json)), ERR_FORMAT);
    snprintf(text, sizeof text, "byte %zu: %s", at, want);
    assert_string_equal(diag.text, text);
    assert_int_equal(diag.offset, at);
}

static void json_tree_read__knows_each_kind(void **state) {
    (void)state;
    const struct json_node *root, *item;

    root = accept(" [null, true,false,\t-12.5e+1 ,\"a\",[],{\"k\" : 1}]\r\n");

    assert_int_equal(root->kind, JSON_KIND_LIST);
    assert_int_equal(root->count, 7);
    assert_int_equal(tree.values, 9);
    item = root->first;
    assert_int_equal(item->kind, JSON_KIND_NULL);
    item = item->next;
    assert_int_equal(item->kind, JSON_KIND_TRUE);
    item = item->next;
    assert_int_equal(item->kind, JSON_KIND_FALSE);
    item = item->next;
    assert_int_equal(item->kind, JSON_KIND_NUMBER);
    assert_view_is(item->text, "-12.5e+1");
    item = item->next;
    assert_int_equal(item->kind, JSON_KIND_TEXT);
    assert_view_is(item->text, "a");
    item = item->next;
    assert_int_equal(item->kind, JSON_KIND_LIST);
    assert_null(item->first);
    item = item->next;
    assert_int_equal(item->kind, JSON_KIND_OBJECT);
    assert_view_is(item->first->key, "k");
    assert_null(item->next);
}

static void json_tree_read__takes_any_value_alone(void **state) {
    (void)state;

    assert_int_equal(accept("null")->kind, JSON_KIND_NULL);
    assert_view_is(accept("0")->text, "0");
    assert_view_is(accept("\"\"")->text, "");
    assert_int_equal(accept("{}")->count, 0);
}

static void json_tree_read__points_into_the_input(void **state) {
    (void)state;
    static const char json[] = "{\"key\":\"a longer text, caf\xC3\xA9\",\"e\":\"\\n\"}";
    const struct json_node *root = accept(json);

    assert_ptr_equal(root->first->key.at, json + 2);
    assert_ptr_equal(root->first->text.at, json + 8);
    assert_view_is(root->first->next->text, "\n");
}

static void json_tree_read__decodes_escapes(void **state) {
    (void)state;

    assert_view_is(accept("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")->text, "\"\\/\b\f\n\r\t");
    assert_view_is(accept("\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00z\"")->text,
                   "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
    assert_view_equal(accept("\"a\\u0000b\"")->text, view_n("a\0b", 3));
    assert_view_is(accept("{\"\\u006b\":1}")->first->key, "k");
    assert_int_equal(tree.halves, 0);
}

/* Runs of every length around eight bytes, with the end and an escape at each place. */
static void json_tree_read__finds_the_end_of_any_run(void **state) {
    (void)state;
    char json[80], want[80];

    for (int len = 0; len < 40; len++) {
        for (int escape = -1; escape < len; escape++) {
            int n = 0;
            json[n++] = '"';
            for (int i = 0; i < len; i++) {
                want[i] = (char)(i == escape ? '\n' : 'a' + i % 26);
                n += i == escape ? snprintf(json + n, 3, "\\n") : 1;
                if (i != escape)
                    json[n - 1] = want[i];
            }
            json[n++] = '"';
            assert_int_equal(read_view(view_n(json, (size_t)n)), 0);
            assert_view_equal(tree.root->text, view_n(want, (size_t)len));
            arena_clear(&arena);
        }
    }
}

static void json_tree_read__replaces_what_is_no_utf8(void **state) {
    (void)state;

    accept("[\"caf\xE9\",\"\xC3\xA9\",\"\xE2\x82\\n\xFF\"]");

    assert_int_equal(tree.invalid, 3);
    assert_view_is(tree.root->first->text, "caf\xEF\xBF\xBD");
    assert_view_is(tree.root->first->next->text, "\xC3\xA9");
    assert_view_is(tree.root->first->next->next->text, "\xEF\xBF\xBD\n\xEF\xBF\xBD");
}

static void json_tree_read__replaces_halves_of_characters(void **state) {
    (void)state;

    accept("\"\\ud83d. \\ude00 \\ud83d\\ud83d\\ude00 \\ud83d\\u0041 \\\\ud83d\"");

    assert_int_equal(tree.halves, 4);
    assert_view_is(tree.root->text, "\xEF\xBF\xBD. \xEF\xBF\xBD \xEF\xBF\xBD"
                                    "\xF0\x9F\x98\x80 \xEF\xBF\xBD"
                                    "A \\ud83d");
}

static void json_tree_read__takes_byte_order_marks(void **state) {
    (void)state;

    assert_int_equal(accept("\xEF\xBB\xBF {}")->count, 0);
    assert_int_equal(read_view(view_n("\xFF\xFE[\0\"\0\xE9\0\"\0]\0", 12)), 0);
    assert_view_is(tree.root->first->text, "\xC3\xA9");
    assert_true(tree.utf16);
    assert_int_equal(read_view(view_n("\xFE\xFF\0[\0\"\0\xE9\0\"\0]", 12)), 0);
    assert_view_is(tree.root->first->text, "\xC3\xA9");
}

static void json_tree_read__keeps_the_last_of_equal_keys(void **state) {
    (void)state;

    accept("{\"a\":1,\"b\":2,\"a\":3}");
    assert_int_equal(tree.root->count, 2);
    assert_view_is(tree.root->first->key, "b");
    assert_view_is(tree.root->first->next->text, "3");

    accept("{\"a\":1,\"\\u0061\":2}");
    assert_int_equal(tree.root->count, 1);
    assert_view_is(tree.root->first->text, "2");

    accept("{\"a\":1,\"a\":2,\"b\":0,\"b\":9,\"c\":7}");
    assert_int_equal(tree.root->count, 3);
    assert_view_is(tree.root->first->text, "2");
    assert_view_is(tree.root->first->next->text, "9");
}

static void json_tree_read__keeps_the_last_of_many_equal_keys(void **state) {
    (void)state;
    struct buf json = {0};
    const struct json_node *node;
    size_t n = 0;

    for (int i = 0; i < 1000; i++)
        buf_printf(&json, "%c\"k%d\":%d", i ? ',' : '{', i % 250, i);
    buf_put_text(&json, "}");
    node = accept(buf_text(&json))->first;

    assert_int_equal(tree.root->count, 250);
    for (; node; node = node->next, n++) {
        int64_t value = 0;
        assert_true(json_tree_whole(node, &value));
        assert_int_equal(value, 750 + n);
    }
    assert_int_equal(n, 250);
    buf_release(&json);
}

static void json_tree_read__says_what_was_expected(void **state) {
    (void)state;

    refuse("", 0, "a value expected, but the document ends");
    refuse(" \n", 2, "a value expected, but the document ends");
    refuse("x", 0, "a value expected, not \"x\"");
    refuse("nul", 0, "a value expected, not \"nul\"");
    refuse("True", 0, "a value expected, not \"True\"");
    refuse("{} x", 3, "the document's end expected, not \"x\"");
    refuse("[1 2]", 3, "',' or ']' expected, not \"2]\"");
    refuse("[1", 2, "',' or ']' expected, but the document ends");
    refuse("[1,]", 3, "a value expected, not \"]\"");
    refuse("[1}", 2, "',' or ']' expected, not \"}\"");
    refuse("{\"a\":1]", 6, "',' or '}' expected, not \"]\"");
    refuse("{\"a\":1,}", 7, "a key in quotes expected, not \"}\"");
    refuse("{'a':1}", 1, "a key in quotes expected, not \"'a':1}\"");
    refuse("{", 1, "a key in quotes expected, but the document ends");
    refuse("{\"a\" 1}", 5, "':' expected, not \"1}\"");
    refuse("{\"a\":}", 5, "a value expected, not \"}\"");
    refuse("{\"a\\u0000\":1}", 1, "a key must not hold a NUL");
    refuse("\"abc", 4, "a closing quote expected, but the document ends");
    refuse("\"a\\", 2, "an escape (\\n, \\\", \\u00e9, ...) expected, not \"\\\"");
    refuse("\"a\\x\"", 2, "an escape (\\n, \\\", \\u00e9, ...) expected, not \"\\x\"\"");
    refuse("\"\\u00g0\"", 1,
           "an escape (\\n, \\\", \\u00e9, ...) expected, not \"\\u00g0\"\"");
    refuse("\"a\tb\"", 2, "an escape for a control expected, not \" \"");
    refuse("/* no */ 1", 0, "a value expected, not \"/* no */ 1\"");
}

static void json_tree_read__knows_what_a_number_is(void **state) {
    (void)state;

    refuse("-", 1, "a digit expected, but the document ends");
    refuse("01", 0, "a number must not begin with 0");
    refuse("-012", 1, "a number must not begin with 0");
    refuse("1.", 2, "a digit expected, but the document ends");
    refuse("[1.e5]", 3, "a digit expected, not \"e5]\"");
    refuse("[1e]", 3, "a digit expected, not \"]\"");
    refuse("[1e+]", 4, "a digit expected, not \"]\"");
    refuse("+1", 0, "a value expected, not \"+1\"");
    refuse(".5", 0, "a value expected, not \".5\"");
    refuse("NaN", 0, "a value expected, not \"NaN\"");
    refuse("1e999", 0, "the number is too big");
    refuse("-1e309", 0, "the number is too big");
    accept("1e308");
    accept("0e99999999999999999999");
    accept("1e-99999999999999999999");
}

static void json_tree_read__refuses_what_is_too_deep(void **state) {
    (void)state;
    char json[4 * JSON_TREE_DEPTH];

    memset(json, '[', JSON_TREE_DEPTH);
    memset(json + JSON_TREE_DEPTH, ']', JSON_TREE_DEPTH);
    assert_int_equal(read_view(view_n(json, (size_t)2 * JSON_TREE_DEPTH)), 0);
    assert_true(json_tree_shallow(tree.root, JSON_TREE_DEPTH));
    assert_false(json_tree_shallow(tree.root, JSON_TREE_DEPTH - 1));

    memset(json, '[', JSON_TREE_DEPTH + 1);
    memset(json + JSON_TREE_DEPTH + 1, ']', JSON_TREE_DEPTH + 1);
    assert_int_equal(read_view(view_n(json, (size_t)2 * JSON_TREE_DEPTH + 2)),
                     ERR_FORMAT);
    assert_string_equal(diag.text, "byte 64: nested more than 64 deep");
}

static void json_tree_read__refuses_too_many_values(void **state) {
    (void)state;
    struct buf json = {0};

    buf_put_text(&json, "[0");
    for (unsigned i = 2; i < JSON_TREE_VALUES; i++)
        buf_put_text(&json, ",0");
    buf_put_text(&json, "]");
    accept(buf_text(&json));
    assert_int_equal(tree.values, JSON_TREE_VALUES);
    json.len--;
    buf_put_text(&json, ",0]");
    assert_int_equal(read_view(buf_view(&json)), ERR_FORMAT);
    assert_non_null(strstr(diag.text, "too many values"));
    buf_release(&json);
}

/* The worst that 4 MiB can hold: as many values as are taken, in the smallest tree. */
static void json_tree_read__bounds_its_memory(void **state) {
    (void)state;
    const size_t size = 4u << 20;
    struct buf json = {0};

    buf_put_text(&json, "[");
    for (size_t i = 0; i < size / 8 - 2; i++)
        buf_put_text(&json, "{},");
    while (json.len < size - 4)
        buf_put_text(&json, " ");
    buf_put_text(&json, "\"\\n\"");
    buf_put_text(&json, "]");
    accept(buf_text(&json));

    assert_in_range(tree.values, size / 8 - 2, size / 8);
    assert_true(tree.values * sizeof *tree.root <= 7 * size);
    buf_release(&json);
}

static int64_t whole(const char *json, bool *is) {
    int64_t n = -77;

    *is = json_tree_whole(accept(json), &n);
    return n;
}

static void json_tree_whole__takes_each_way_to_write_it(void **state) {
    (void)state;
    static const struct {
        const char *json;
        bool is;
        int64_t n;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"7", true, 7},
        {"-7", true, -7},
        {"3.0", true, 3},
        {"30e-1", true, 3},
        {"0.03E+2", true, 3},
        {"1e3", true, 1000},
        {"1e18", true, 1000000000000000000},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"1e19", false, 0},
        {"2.5", false, 0},
        {"1e-1", false, 0},
        {"\"3\"", false, 0},
        {"true", false, 0},
        {"[]", false, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        bool is;
        int64_t n = whole(cases[i].json, &is);
        assert_int_equal(is, cases[i].is);
        assert_true(n == (is ? cases[i].n : -77));
    }
    assert_false(json_tree_whole(NULL, &(int64_t){0}));
}

static void json_tree_double__is_the_nearest(void **state) {
    (void)state;
    static const struct {
        const char *json;
        double n;
    } cases[] = {
        {"0", 0},
        {"-12.5", -12.5},
        {"0.1", 0.1},
        {"1e-7", 1e-7},
        {"123456789.123456789", 123456789.123456789},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"5e-324", 5e-324},
        {"1e-400", 0},
        {"0.000000000000000000000000000001e30", 1},
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.0000000000000000000000001", 9007199254740994.0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        double n = -1;
        assert_true(json_tree_double(accept(cases[i].json), &n));
        assert_true(n == cases[i].n);
    }
    assert_false(json_tree_double(accept("\"1\""), &(double){0}));
    assert_false(json_tree_double(NULL, &(double){0}));
}

static void json_tree_double__reads_more_digits_than_any_needs(void **state) {
    (void)state;
    struct buf json = {0};
    double n = 0;

    buf_put_text(&json, "0.");
    for (int i = 0; i < 3000; i++)
        buf_put_text(&json, "0");
    for (int i = 0; i < 3000; i++)
        buf_put_text(&json, "3");
    buf_put_text(&json, "e3000");
    assert_true(json_tree_double(accept(buf_text(&json)), &n));
    assert_true(n == 1.0 / 3);
    buf_release(&json);
}

static void json_tree_get__looks_in_objects_only(void **state) {
    (void)state;
    const struct json_node *root = accept("{\"a\":\"x\",\"b\":{\"c\":null},\"n\":1}");

    assert_view_is(json_tree_text(root, "a"), "x");
    assert_view_is(json_tree_text(root, "n"), "");
    assert_view_is(json_tree_text(root, "z"), "");
    assert_int_equal(json_tree_get(json_tree_get(root, "b"), "c")->kind, JSON_KIND_NULL);
    assert_null(json_tree_get(json_tree_get(root, "a"), "c"));
    assert_null(json_tree_get(NULL, "c"));
}

static void json_tree_write__is_compact(void **state) {
    struct buf out = {0};
    (void)state;

    json_tree_write(
        accept("[ { \"a\\n\" : 1.50 , \"\xC3\xA9\":\"\\u00e9\\u2028\\u0000/\" "
               "}, null,true, false,[ ] , { }, -1E+2, 123456789012345678901,"
               "-9223372036854775808, 18446744073709551615 ]"),
        &out);

    assert_string_equal(
        buf_text(&out),
        "[{\"a\\n\":1.50,\"\xC3\xA9\":\"\xC3\xA9\\u2028\\u0000/\"},null,true,false,[],{},"
        "-1E+2,123456789012345678901e0,-9223372036854775808,18446744073709551615e0]");
    buf_release(&out);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(json_tree_read__knows_each_kind),
        test(json_tree_read__takes_any_value_alone),
        test(json_tree_read__points_into_the_input),
        test(json_tree_read__decodes_escapes),
        test(json_tree_read__finds_the_end_of_any_run),
        test(json_tree_read__replaces_what_is_no_utf8),
        test(json_tree_read__replaces_halves_of_characters),
        test(json_tree_read__takes_byte_order_marks),
        test(json_tree_read__keeps_the_last_of_equal_keys),
        test(json_tree_read__keeps_the_last_of_many_equal_keys),
        test(json_tree_read__says_what_was_expected),
        test(json_tree_read__knows_what_a_number_is),
        test(json_tree_read__refuses_what_is_too_deep),
        test(json_tree_read__refuses_too_many_values),
        test(json_tree_read__bounds_its_memory),
        test(json_tree_whole__takes_each_way_to_write_it),
        test(json_tree_double__is_the_nearest),
        test(json_tree_double__reads_more_digits_than_any_needs),
        test(json_tree_get__looks_in_objects_only),
        test(json_tree_write__is_compact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
