/* Relative references: the examples of RFC 3986, 5.4, and what feeds do besides. */
#include "tests/unit/check.h"

#include "ingest/format/url.h"

static void url_resolve__goes_by_the_book(void **state) {
    static const char *const cases[][2] = {{"g", "http://a/b/c/g"},
                                           {"./g", "http://a/b/c/g"},
                                           {"g/", "http://a/b/c/g/"},
                                           {"/g", "http://a/g"},
                                           {"//g", "http://g"},
                                           {"?y", "http://a/b/c/d;p?y"},
                                           {"g?y", "http://a/b/c/g?y"},
                                           {"#s", "http://a/b/c/d;p?q#s"},
                                           {"g#s", "http://a/b/c/g#s"},
                                           {";x", "http://a/b/c/;x"},
                                           {".", "http://a/b/c/"},
                                           {"./", "http://a/b/c/"},
                                           {"..", "http://a/b/"},
                                           {"../", "http://a/b/"},
                                           {"../g", "http://a/b/g"},
                                           {"../..", "http://a/"},
                                           {"../../g", "http://a/g"},
                                           {"../../../g", "http://a/g"},
                                           {"/./g", "http://a/g"},
                                           {"/../g", "http://a/g"},
                                           {"g.", "http://a/b/c/g."},
                                           {"..g", "http://a/b/c/..g"},
                                           {"./../g", "http://a/b/g"},
                                           {"g/./h", "http://a/b/c/g/h"},
                                           {"g/../h", "http://a/b/c/h"},
                                           {"g?y/../x", "http://a/b/c/g?y/../x"},
                                           {"g#s/./x", "http://a/b/c/g#s/./x"}};
    struct arena arena = {0};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_view_is(
            url_resolve(VIEW_LIT("http://a/b/c/d;p?q"), view_of(cases[i][0]), &arena),
            cases[i][1]);

    arena_release(&arena);
}

static void url_resolve__leaves_what_it_cannot_resolve(void **state) {
    struct arena arena = {0};
    (void)state;

    assert_view_is(url_resolve(VIEW_LIT(" https://a "), VIEW_LIT("\n b/c "), &arena),
                   "https://a/b/c");
    assert_view_is(url_resolve(VIEW_LIT("https://a?q"), VIEW_LIT("b"), &arena),
                   "https://a/b");
    assert_view_is(url_resolve(VIEW_LIT("https://a/b"), VIEW_LIT("tag:x,2020:1"), &arena),
                   "tag:x,2020:1");
    assert_view_is(url_resolve(VIEW_LIT("/a/b"), VIEW_LIT("c"), &arena), "c");
    assert_view_is(url_resolve(VIEW_LIT("urn:a"), VIEW_LIT("c"), &arena), "c");
    assert_view_is(url_resolve(VIEW_LIT(""), VIEW_LIT(""), &arena), "");
    assert_true(url_is_absolute(VIEW_LIT(" https://a")));
    assert_false(url_is_absolute(VIEW_LIT("a/b:c")));

    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_resolve__goes_by_the_book),
        cmocka_unit_test(url_resolve__leaves_what_it_cannot_resolve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
