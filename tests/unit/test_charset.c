/* Character sets: names, guesses, decoding. */
#include "tests/unit/check.h"

#include "proto/charset.h"
#include "proto/utf8.h"

static struct view bytes(const char *at, size_t len) { return view_n(at, len); }
#define BYTES(text) bytes(text, sizeof(text) - 1)

static void charset_named__knows_the_names_senders_use(void **state) {
    static const struct {
        const char *name, *wanted; /* NULL: not known */
    } cases[] = {
        {"UTF-8", "utf-8"},
        {"utf8", "utf-8"},
        {"us-ascii", "utf-8"},
        {"ISO_8859-1", "windows-1252"},
        {"Latin1", "windows-1252"},
        {"CP1252", "windows-1252"},
        {"UTF-16LE", "utf-16"},
        {"KOI8-R", "KOI8-R"},
        {" iso-8859-2 ", "iso-8859-2"},
        {"auto", NULL},
        {"", NULL},
        {"--", NULL},
        {"martian", NULL},
        {"UTF-8//IGNORE", NULL},
        {"ISO-8859-2//TRANSLIT", NULL},
        {"a-name-that-is-far-too-long-to-be-one-of-any-character-set", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct charset charset;
        bool known = charset_named(view_of(cases[i].name), &charset);
        if (known != (cases[i].wanted != NULL))
            fail_msg("\"%s\" is %s", cases[i].name, known ? "known" : "not known");
        if (known)
            assert_string_equal(charset.name, cases[i].wanted);
    }
}

static void charset_guess__looks_at_the_bytes(void **state) {
    static const struct {
        const char *raw, *wanted;
    } cases[] = {
        {"plain", "utf-8"},
        {"caf\xC3\xA9", "utf-8"},
        {"caf\xE9", "windows-1252"},
        {"caf\xC3\xA9 th\xC3\xA9 \xC3\xA0 \xE2\x82", "utf-8"},
        {"\xFF\xFEh", "utf-16"},
        {"\xEF\xBB\xBFx", "utf-8"},
        {"", "utf-8"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(charset_guess(view_of(cases[i].raw)).name, cases[i].wanted);
}

static void charset_decode__gives_utf8(void **state) {
    static const struct {
        const char *charset;
        struct view raw;
        const char *wanted;
        size_t invalid;
    } cases[] = {
        {"utf-8",
         {"\xEF\xBB\xBF"
          "a\xC3\xA9",
          6},
         "a\xC3\xA9",
         0},
        {"utf-8", {"a\xE2\x82z\xFF", 5}, "a\xEF\xBF\xBDz\xEF\xBF\xBD", 2},
        {"cp1252",
         {"\x80 5 \x93x\x94 \xE9\x81", 10},
         "\xE2\x82\xAC 5 \xE2\x80\x9Cx\xE2\x80\x9D \xC3\xA9\xEF\xBF\xBD",
         1},
        {"utf-16", {"\xFF\xFEh\0\xE9\0", 6}, "h\xC3\xA9", 0},
        {"utf-16", {"\xFE\xFF\0h\xD8\x3D\xDE\x00", 8}, "h\xF0\x9F\x98\x80", 0},
        {"utf-16le", {"h\0\x00\xDCi\0x", 7}, "h\xEF\xBF\xBDi\xEF\xBF\xBD", 2},
        {"utf-16be", {"\0h", 2}, "h", 0},
        {"iso-8859-2",
         {"\xA3"
          "\xF3"
          "d\xBC",
          4},
         "\xC5\x81\xC3\xB3"
         "d\xC5\xBA",
         0},
        {"euc-jp",
         {"a\xFF"
          "b\x8F",
          4},
         "a\xEF\xBF\xBD"
         "b\xEF\xBF\xBD",
         2},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct charset charset;
        struct buf out = {0};
        assert_true(charset_named(view_of(cases[i].charset), &charset));
        assert_int_equal(charset_decode(&charset, cases[i].raw, &out), cases[i].invalid);
        if (!view_is(buf_view(&out), cases[i].wanted))
            fail_msg("%s: %s, not %s", cases[i].charset, buf_text(&out), cases[i].wanted);
        buf_release(&out);
    }
}

static void charset_decode__is_valid_whatever_comes(void **state) {
    static const char *const names[] = {"utf-8",  "cp1252",      "utf-16", "utf-16be",
                                        "koi8-r", "iso-2022-jp", "gb18030"};
    uint64_t seed = 5;
    (void)state;
    for (int i = 0; i < 2000; i++) {
        struct charset charset;
        struct buf out = {0};
        char raw[64];
        size_t len = random_below(&seed, sizeof raw);
        for (size_t k = 0; k < len; k++)
            raw[k] = (char)random_next(&seed);
        assert_true(charset_named(view_of(names[(size_t)i % COUNT(names)]), &charset));
        charset_decode(&charset, view_n(raw, len), &out);
        assert_int_equal(utf8_valid_prefix(buf_view(&out)), out.len);
        buf_release(&out);
    }
}

static void charset_text__copies_only_what_it_must(void **state) {
    struct arena arena = {0};
    struct charset charset = charset_guess(view_of("x"));
    struct view raw = BYTES("caf\xC3\xA9");
    size_t invalid = 9;
    (void)state;
    assert_ptr_equal(charset_text(&charset, raw, &arena, &invalid).at, raw.at);
    assert_int_equal(invalid, 0);
    raw = BYTES("caf\xE9");
    assert_true(
        view_is(charset_text(&charset, raw, &arena, &invalid), "caf\xEF\xBF\xBD"));
    assert_int_equal(invalid, 1);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charset_named__knows_the_names_senders_use),
        cmocka_unit_test(charset_guess__looks_at_the_bytes),
        cmocka_unit_test(charset_decode__gives_utf8),
        cmocka_unit_test(charset_decode__is_valid_whatever_comes),
        cmocka_unit_test(charset_text__copies_only_what_it_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
