/* The JSON writer against jansson: what is written must be read back as what was meant.
 */
#include "tests/unit/check.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/json.h"
#include "proto/utf8.h"

/* One random tree, written by the writer and built for jansson side by side. */
struct growing {
    struct json json;
    uint64_t seed;
    int left; /* values still allowed */
};

static const char *const text_pieces[] = {"Tripoli",
                                          "\"",
                                          "\\",
                                          "/",
                                          "\b",
                                          "\f",
                                          "\n",
                                          "\r",
                                          "\t",
                                          "\x01",
                                          "\x1F",
                                          "\x7F",
                                          "\xC2\x80",
                                          "\xC3\xA9",
                                          "\xE2\x80\xA7",
                                          "\xE2\x80\xA8",
                                          "\xE2\x80\xA9",
                                          "\xE2\x80\xAA",
                                          "\xE2\x82\xAC",
                                          "\xEF\xBF\xBD",
                                          "\xEF\xBF\xBF",
                                          "\xEE\x80\x80",
                                          "\xF0\x9F\x98\x80",
                                          "\xF4\x8F\xBF\xBF",
                                          "</script>",
                                          "\\u0041",
                                          "forces loyal to him"};

static json_t *grow_text(struct growing *g) {
    struct buf text = {0};
    json_t *node;

    for (size_t n = random_below(&g->seed, 12); n; n--) {
        size_t k = random_below(&g->seed, COUNT(text_pieces) + 1);
        if (k < COUNT(text_pieces))
            buf_put_text(&text, text_pieces[k]);
        else
            buf_put_u8(&text, 0);
    }
    json_view(&g->json, buf_view(&text));
    node = json_stringn(buf_view(&text).at, text.len);
    assert_non_null(node);
    buf_release(&text);
    return node;
}

static json_t *grow_integer(struct growing *g) {
    uint64_t bits = random_next(&g->seed) >> random_below(&g->seed, 64);

    if (bits <= INT64_MAX && bits & 1) {
        json_uint(&g->json, bits);
        return json_integer((json_int_t)bits);
    }
    json_int(&g->json, (int64_t)bits);
    return json_integer((json_int_t)(int64_t)bits);
}

static json_t *grow_real(struct growing *g) {
    int digits = 1 + (int)random_below(&g->seed, 6);
    long unit = (long)pow(10, digits);
    long scaled = (long)random_below(&g->seed, 2000000000) - 1000000000;
    double n = (double)scaled / (double)unit;

    json_decimal(&g->json, n, digits);
    return scaled % unit ? json_real(n) : json_integer(scaled / unit);
}

static json_t *grow_value(struct growing *g, int depth);

static json_t *grow_object(struct growing *g, int depth) {
    json_t *node = json_object();

    json_begin_object(&g->json);
    for (size_t n = random_below(&g->seed, 9), i = 0; i < n; i++) {
        char key[30];
        snprintf(key, sizeof key, "key-%zu_%c", i,
                 (char)('#' + random_below(&g->seed, 50)));
        json_key(&g->json, key);
        json_object_set_new(node, key, grow_value(g, depth + 1));
    }
    json_end(&g->json);
    return node;
}

static json_t *grow_array(struct growing *g, int depth) {
    json_t *node = json_array();

    json_begin_array(&g->json);
    for (size_t n = random_below(&g->seed, 9); n; n--)
        json_array_append_new(node, grow_value(g, depth + 1));
    json_end(&g->json);
    return node;
}

static json_t *grow_value(struct growing *g, int depth) {
    size_t kind = random_below(&g->seed, g->left-- > 0 && depth < JSON_DEPTH ? 10 : 7);

    switch (kind) {
        case 0:
            json_nothing(&g->json);
            return json_null();
        case 1:
            json_bool(&g->json, g->seed & 1);
            return json_boolean(g->seed & 1);
        case 2:
            return grow_integer(g);
        case 3:
            return grow_real(g);
        case 4:
            json_raw(&g->json, VIEW_LIT("[\"raw\",{}]"));
            return json_pack("[s{}]", "raw");
        case 5:
        case 6:
            return grow_text(g);
        default:
            return kind == 7 ? grow_array(g, depth) : grow_object(g, depth);
    }
}

/* No control bytes, no raw line separators, nothing but valid UTF-8. */
static void check_bytes(struct view made) {
    assert_int_equal(utf8_valid_prefix(made), made.len);
    while (made.len) {
        uint32_t cp = utf8_take(&made);
        assert_true(cp >= 0x20 && cp != 0x7F && cp != 0x2028 && cp != 0x2029);
    }
}

static json_t *parse(struct view made) {
    json_error_t error;
    json_t *root =
        json_loadb(made.at, made.len, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);

    if (!root)
        fail_msg("%s: %.*s", error.text, (int)made.len, made.at);
    return root;
}

static void writer__is_understood_by_jansson_on_random_trees(void **state) {
    (void)state;

    for (uint64_t tree = 0; tree < 5000; tree++) {
        struct buf out = {0};
        struct growing g = {json_to(&out), tree, 60};
        json_t *want = tree % 2 ? grow_object(&g, 0) : grow_array(&g, 0);
        json_t *got = parse(buf_view(&out));

        check_bytes(buf_view(&out));
        if (!json_equal(want, got))
            fail_msg("tree %d: %s", (int)tree, buf_text(&out));
        json_decref(want);
        json_decref(got);
        buf_release(&out);
    }
}

static void json_key_view__takes_any_key(void **state) {
    struct buf out = {0};
    struct json json = json_to(&out);
    (void)state;

    json_begin_object(&json);
    json_key_view(&json, view_of("a\"b\n"));
    json_int(&json, 1);
    json_key_view(&json, view_of(NULL));
    json_begin_array(&json);
    json_end(&json);
    json_key_view(&json, view_of("\xC3\xA9\xFF"));
    json_text(&json, "x");
    json_end(&json);

    assert_string_equal(buf_text(&out),
                        "{\"a\\\"b\\n\":1,\"\":[],\"\xC3\xA9\xEF\xBF\xBD\":\"x\"}");
    buf_release(&out);
}

static void writer__nests_as_deep_as_it_says(void **state) {
    (void)state;
    struct buf out = {0};
    struct json json = json_to(&out);
    json_t *root;

    for (int i = 0; i < JSON_DEPTH; i++) {
        if (i % 2)
            json_key(&json, "in");
        if (i % 2)
            json_begin_array(&json);
        else
            json_begin_object(&json);
    }
    for (int i = 0; i < JSON_DEPTH; i++)
        json_end(&json);

    root = parse(buf_view(&out));
    json_decref(root);
    buf_release(&out);
}

static void json_view__round_trips_every_code_point(void **state) {
    (void)state;
    struct buf text = {0}, out = {0};
    struct json json = json_to(&out);

    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        if (cp < 0xD800 || cp > 0xDFFF)
            utf8_put(&text, cp);
    }
    json_view(&json, buf_view(&text));
    json_t *root = parse(buf_view(&out));

    check_bytes(buf_view(&out));
    assert_view_equal(view_n(json_string_value(root), json_string_length(root)),
                      buf_view(&text));
    json_decref(root);
    buf_release(&text);
    buf_release(&out);
}

static void json_view__finds_a_special_byte_at_every_place(void **state) {
    (void)state;
    static const char special[] = {'"', '\\', '\n', 0x1F, 0x7F, 0, (char)0xC3};

    for (size_t k = 0; k < sizeof special; k++)
        for (size_t len = 1; len < 40; len++)
            for (size_t at = 0; at < len; at++) {
                char text[40];
                struct buf out = {0};
                struct json json = json_to(&out);
                memset(text, "!#[]~ "[at % 6], sizeof text);
                text[at] = special[k];
                json_view(&json, view_n(text, len));
                json_t *root = parse(buf_view(&out));
                check_bytes(buf_view(&out));
                if (special[k] != (char)0xC3)
                    assert_view_equal(
                        view_n(json_string_value(root), json_string_length(root)),
                        view_n(text, len));
                else
                    assert_int_equal(json_string_length(root), len + 2);
                json_decref(root);
                buf_release(&out);
            }
}

static void json_view__escapes_in_the_short_forms(void **state) {
    (void)state;
    struct buf out = {0};
    struct json json = json_to(&out);

    json_view(&json,
              VIEW_LIT("\"\\/\b\f\n\r\t\v\x01\x1F\x7F\xE2\x80\xA8\xE2\x80\xA9<\xC3\xA9"));

    assert_view_is(buf_view(&out),
                   "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u000b\\u0001\\u001f\\u007f"
                   "\\u2028\\u2029<\xC3\xA9\"");
    buf_release(&out);
}

static void json_view__replaces_what_is_not_utf8(void **state) {
    (void)state;
    uint64_t seed = 8;

    for (int i = 0; i < 20000; i++) {
        char bytes[24];
        size_t len = random_below(&seed, sizeof bytes);
        struct buf out = {0};
        struct json json = json_to(&out);
        for (size_t k = 0; k < len; k++)
            bytes[k] = (char)random_next(&seed);
        json_view(&json, view_n(bytes, len));
        json_t *root = parse(buf_view(&out));
        check_bytes(buf_view(&out));
        json_decref(root);
        buf_release(&out);
    }
}

static void json_text__writes_null_for_what_is_not_there(void **state) {
    (void)state;
    struct buf out = {0};
    struct json json = json_to(&out);

    json_begin_array(&json);
    json_text(&json, NULL);
    json_text(&json, "");
    json_view_or_null(&json, view_of(NULL));
    json_view_or_null(&json, VIEW_LIT("x"));
    json_view(&json, view_n(NULL, 0));
    json_end(&json);

    assert_view_is(buf_view(&out), "[null,\"\",null,\"x\",\"\"]");
    buf_release(&out);
}

static void json_int__writes_the_extremes(void **state) {
    (void)state;
    struct buf out = {0};
    struct json json = json_to(&out);

    json_begin_array(&json);
    json_int(&json, 0);
    json_int(&json, -1);
    json_int(&json, INT64_MAX);
    json_int(&json, INT64_MIN);
    json_uint(&json, UINT64_MAX);
    json_uint(&json, 10);
    json_end(&json);

    assert_view_is(buf_view(&out), "[0,-1,9223372036854775807,-9223372036854775808,"
                                   "18446744073709551615,10]");
    buf_release(&out);
}

static void json_member__writes_what_key_and_value_would(void **state) {
    struct buf one = {0}, other = {0};
    struct json a = json_to(&one), b = json_to(&other);
    struct view text = VIEW_LIT("a \"name\" with \xC3\xA9 and \xFF in it");

    (void)state;
    json_begin_object(&a);
    json_member_view(&a, JSON_KEY("view"), text);
    json_member_view(&a, JSON_KEY("empty"), view_n("", 0));
    json_member_plain(&a, JSON_KEY("plain"), VIEW_LIT("a word"));
    json_member_uint(&a, JSON_KEY("n"), 1234567);
    json_member_decimal(&a, JSON_KEY("score"), 0.25, 3);
    json_member_decimal(&a, JSON_KEY("no number"), NAN, 3);
    json_member_nothing(&a, JSON_KEY("a rather long name for nothing"));
    json_member_array(&a, JSON_KEY("list"));
    json_end(&a);
    json_member_object(&a, JSON_KEY("inside"));
    json_member_nothing(&a, JSON_KEY("first"));
    json_end(&a);
    json_end(&a);

    json_begin_object(&b);
    json_key(&b, "view");
    json_view(&b, text);
    json_key(&b, "empty");
    json_text(&b, "");
    json_key(&b, "plain");
    json_text(&b, "a word");
    json_key(&b, "n");
    json_uint(&b, 1234567);
    json_key(&b, "score");
    json_decimal(&b, 0.25, 3);
    json_key(&b, "no number");
    json_decimal(&b, NAN, 3);
    json_key(&b, "a rather long name for nothing");
    json_nothing(&b);
    json_key(&b, "list");
    json_begin_array(&b);
    json_end(&b);
    json_key(&b, "inside");
    json_begin_object(&b);
    json_key(&b, "first");
    json_nothing(&b);
    json_end(&b);
    json_end(&b);

    assert_string_equal(buf_text(&one), buf_text(&other));
    buf_release(&one);
    buf_release(&other);
}

static void check_decimal(double n, int digits, const char *want) {
    struct buf out = {0};
    struct json json = json_to(&out);

    json_decimal(&json, n, digits);
    assert_string_equal(buf_text(&out), want);
    buf_release(&out);
}

static void json_decimal__writes_what_is_needed(void **state) {
    (void)state;

    check_decimal(0, 3, "0");
    check_decimal(-0.0, 3, "0");
    check_decimal(-0.0004, 3, "0");
    check_decimal(-0.0006, 3, "-0.001");
    check_decimal(0.97, 3, "0.97");
    check_decimal(0.9996, 3, "1");
    check_decimal(1.0 / 3, 3, "0.333");
    check_decimal(2.0 / 3, 15, "0.666666666666667");
    check_decimal(32.88743, 5, "32.88743");
    check_decimal(-13.18733, 5, "-13.18733");
    check_decimal(-179.999999, 5, "-180");
    check_decimal(0.00001, 5, "0.00001");
    check_decimal(100, 1, "100");
    check_decimal(5e-324, 15, "0");
    check_decimal(NAN, 3, "null");
    check_decimal(INFINITY, 3, "null");
    check_decimal(-INFINITY, 3, "null");
    check_decimal(1e300, 3, "1.0000000000000001e+300");
    check_decimal(-DBL_MAX, 1, "-1.7976931348623157e+308");
    check_decimal(9007199254740992.0, 1, "9007199254740992");
    check_decimal(9.125, 15, "9.125");
}

static void json_decimal__is_as_near_as_printf(void **state) {
    (void)state;
    uint64_t seed = 9;

    for (int i = 0; i < 100000; i++) {
        int digits = 1 + (int)random_below(&seed, 15);
        double n =
            ldexp((double)(int64_t)random_next(&seed), -(int)random_below(&seed, 120));
        struct buf out = {0};
        struct json json = json_to(&out);
        const char *point;
        json_decimal(&json, n, digits);
        point = strchr(buf_text(&out), '.');
        if (!strchr(buf_text(&out), 'e'))
            assert_true(!point || strlen(point + 1) <= (size_t)digits);
        if (fabs(strtod(buf_text(&out), NULL) - n) >
            0.500001 * pow(10, -digits) + fabs(n) * 1e-15)
            fail_msg("%.17g in %d digits: %s", n, digits, buf_text(&out));
        buf_release(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer__is_understood_by_jansson_on_random_trees),
        cmocka_unit_test(json_key_view__takes_any_key),
        cmocka_unit_test(writer__nests_as_deep_as_it_says),
        cmocka_unit_test(json_view__round_trips_every_code_point),
        cmocka_unit_test(json_view__finds_a_special_byte_at_every_place),
        cmocka_unit_test(json_view__escapes_in_the_short_forms),
        cmocka_unit_test(json_view__replaces_what_is_not_utf8),
        cmocka_unit_test(json_text__writes_null_for_what_is_not_there),
        cmocka_unit_test(json_int__writes_the_extremes),
        cmocka_unit_test(json_member__writes_what_key_and_value_would),
        cmocka_unit_test(json_decimal__writes_what_is_needed),
        cmocka_unit_test(json_decimal__is_as_near_as_printf),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
