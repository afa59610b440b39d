/* Decoding, cleaning, folding and counting, against naive versions of each. */
#include "tests/unit/check.h"

#include <stdlib.h>

#include "proto/utf8.h"

/* Unicode 15, table 3-7: the well-formed byte sequences. */
static const struct {
    unsigned length;
    unsigned char low[4], high[4];
} well_formed[] = {
    {1, {0x00}, {0x7F}},
    {2, {0xC2, 0x80}, {0xDF, 0xBF}},
    {3, {0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}},
    {3, {0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}},
    {3, {0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}},
    {3, {0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}},
    {4, {0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}},
    {4, {0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}},
    {4, {0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}},
};

/* One byte of every class the table tells apart, and the edges of each. */
static const unsigned char byte_classes[] = {
    0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
    0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};

static unsigned matching(size_t row, const unsigned char *p, size_t n) {
    unsigned i = 0;

    while (i < well_formed[row].length && i < n && p[i] >= well_formed[row].low[i] &&
           p[i] <= well_formed[row].high[i])
        i++;
    return i;
}

/* The code point at p by the table, -1 for a broken one; *used bytes belong to it. */
static int32_t by_table(const unsigned char *p, size_t n, unsigned *used) {
    static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};

    *used = 1;
    for (size_t row = 0; row < COUNT(well_formed); row++) {
        unsigned length = well_formed[row].length, same = matching(row, p, n);
        if (same == length) {
            int32_t cp = p[0] & lead_bits[length];
            for (unsigned i = 1; i < length; i++)
                cp = cp * 64 + (p[i] - 0x80);
            *used = length;
            return cp;
        }
        if (same > *used)
            *used = same;
    }
    return -1;
}

static void check_take(const unsigned char *bytes, size_t len) {
    struct view from = view_n((const char *)bytes, len);
    size_t at = 0, good = 0;
    bool broken = false;

    while (at < len) {
        unsigned used;
        int32_t want = by_table(bytes + at, len - at, &used);
        broken = broken || want < 0;
        assert_int_equal(utf8_take(&from), want < 0 ? (int32_t)UTF8_REPLACEMENT : want);
        at += used;
        good = broken ? good : at;
        assert_int_equal(from.len, len - at);
    }
    assert_int_equal(utf8_valid_prefix(view_n((const char *)bytes, len)), good);
}

static void utf8_take__follows_the_table_for_every_class_of_bytes(void **state) {
    (void)state;
    const size_t n = COUNT(byte_classes);

    for (size_t i = 0; i < n * n * n * n; i++) {
        unsigned char bytes[4] = {byte_classes[i % n], byte_classes[i / n % n],
                                  byte_classes[i / n / n % n],
                                  byte_classes[i / n / n / n]};
        check_take(bytes, 4);
        if (i < n * n * n)
            check_take(bytes, 3);
        if (i < n * n)
            check_take(bytes, 2);
        if (i < n)
            check_take(bytes, 1);
    }
}

static void utf8_take__consumes_maximal_subparts(void **state) {
    (void)state;
    /* The example of Unicode 15, table 3-8 to 3-11, in one piece. */
    struct view from = VIEW_LIT("\xF0\x80\x80\x41\xED\xA0\x80\xE1\x80\xE2\xF0\x91\x92\xF1"
                                "\xBF\x42\xC0\xAF\xF4\x91\x92\x93\xFF");
    static const uint32_t want[] = {
        0xFFFD, 0xFFFD, 0xFFFD, 0x41,   0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD,
        0xFFFD, 0x42,   0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD};

    for (size_t i = 0; i < COUNT(want); i++)
        assert_int_equal(utf8_take(&from), want[i]);

    assert_int_equal(from.len, 0);
}

static void utf8_put__writes_what_utf8_take_reads(void **state) {
    (void)state;
    struct buf buf = {0};

    for (uint32_t cp = 0; cp < 0x110800; cp++) {
        bool scalar = cp <= 0x10FFFF && !(cp >= 0xD800 && cp <= 0xDFFF);
        struct view from;
        buf_clear(&buf);
        utf8_put(&buf, cp);
        from = buf_view(&buf);
        if (utf8_valid_prefix(from) != from.len || utf8_count(from) != 1 ||
            utf8_take(&from) != (scalar ? cp : UTF8_REPLACEMENT) || from.len)
            fail_msg("U+%04X", cp);
    }
    buf_clear(&buf);
    utf8_put(&buf, UINT32_MAX);
    assert_view_is(buf_view(&buf), "\xEF\xBF\xBD");
    buf_release(&buf);
}

/* Bytes that are mostly text and sometimes anything; returns how many. */
static size_t random_bytes(uint64_t *seed, char *out, size_t room) {
    static const char *const pieces[] = {"Tripoli ",
                                         "a",
                                         "\r\n",
                                         "\r",
                                         "\n",
                                         "\t",
                                         "\x01",
                                         "\x7F",
                                         "\xC2\x85",
                                         "\xC2\xA0",
                                         "\xC3\xA9",
                                         "\xE2\x80\x9C",
                                         "\xE2\x80",
                                         "\xFF",
                                         "\xEF\xBB\xBF",
                                         "\xE2\x80\xA8",
                                         "\xED\xA0\x80",
                                         "\xC0\x80",
                                         "\xE2\x82\xAC",
                                         "forces advanced on the capital",
                                         "\xF0\x9F\x98\x80",
                                         "\xF0\x9F"};
    size_t want = random_below(seed, room), len = 0;

    for (;;) {
        const char *piece = pieces[random_below(seed, COUNT(pieces))];
        size_t n = strlen(piece);
        if (len + n > want)
            return len;
        memcpy(out + len, piece, n);
        len += n;
    }
}

static void utf8_valid_prefix__finds_the_first_broken_byte_in_long_text(void **state) {
    (void)state;
    char bytes[100];

    for (size_t len = 0; len < sizeof bytes; len++)
        for (size_t bad = 0; bad <= len; bad++) {
            memset(bytes, 'x', sizeof bytes);
            bytes[bad] = '\x80';
            assert_int_equal(utf8_valid_prefix(view_n(bytes, len)),
                             bad < len ? bad : len);
        }
}

static void utf8_count__counts_like_utf8_take(void **state) {
    (void)state;
    uint64_t seed = 4;

    for (int i = 0; i < 3000; i++) {
        char bytes[400];
        struct buf text = {0};
        size_t n = 0;
        utf8_clean(view_n(bytes, random_bytes(&seed, bytes, sizeof bytes)), &text, NULL);
        for (struct view rest = buf_view(&text); rest.len; n++)
            utf8_take(&rest);
        assert_int_equal(utf8_count(buf_view(&text)), n);
        buf_release(&text);
    }
}

/* utf8_clean, one code point after the other. */
static void clean_naively(struct view raw, struct buf *out, struct utf8_changes *did) {
    const unsigned char *p = (const unsigned char *)raw.at;

    for (size_t i = 0; i < raw.len;) {
        unsigned used;
        int32_t cp = by_table(p + i, raw.len - i, &used);
        bool crlf = cp == '\r' && i + 1 < raw.len && p[i + 1] == '\n';
        i += used;
        did->returns += cp == '\r';
        did->invalid += cp < 0;
        if (crlf || (cp == 0xFEFF && !out->len))
            continue;
        if (cp == '\r')
            cp = '\n';
        if ((cp >= 0 && cp < 0x20 && cp != '\n' && cp != '\t') ||
            (cp >= 0x7F && cp < 0xA0))
            did->controls++;
        else
            utf8_put(out, cp < 0 ? UTF8_REPLACEMENT : (uint32_t)cp);
    }
}

static void utf8_clean__does_what_the_naive_version_does(void **state) {
    (void)state;
    uint64_t seed = 5;

    for (int i = 0; i < 20000; i++) {
        char bytes[300];
        size_t len = random_bytes(&seed, bytes, sizeof bytes);
        struct buf made = {0}, want = {0}, again = {0};
        struct utf8_changes did = {9, 9, 9}, expected = {0};
        for (size_t k = 0; i % 4 == 0 && k < len; k++)
            bytes[k] = (char)random_next(&seed);

        utf8_clean(view_n(bytes, len), &made, &did);
        clean_naively(view_n(bytes, len), &want, &expected);
        utf8_clean(buf_view(&made), &again, NULL);

        assert_view_equal(buf_view(&made), buf_view(&want));
        assert_view_equal(buf_view(&again), buf_view(&want));
        assert_memory_equal(&did, &expected, sizeof did);
        assert_int_equal(utf8_valid_prefix(buf_view(&made)), made.len);
        buf_release(&made);
        buf_release(&want);
        buf_release(&again);
    }
}

static void utf8_clean__makes_text_canonical(void **state) {
    (void)state;
    static const struct {
        const char *raw, *clean;
        struct utf8_changes did;
    } cases[] = {
        {"", "", {0, 0, 0}},
        {"a\tb\nc", "a\tb\nc", {0, 0, 0}},
        {"a\r\nb\r\n", "a\nb\n", {0, 0, 2}},
        {"a\rb\r", "a\nb\n", {0, 0, 2}},
        {"\r\r\n\n\r", "\n\n\n\n", {0, 0, 3}},
        {"\x01"
         "a\x02\x1A\x7F"
         "b\v\f",
         "ab",
         {0, 6, 0}},
        {"a\xC2\x85"
         "b\xC2\x9F\xC2\xA0"
         "c",
         "ab\xC2\xA0"
         "c",
         {0, 2, 0}},
        {"\xEF\xBB\xBFTUNIS", "TUNIS", {0, 0, 0}},
        {"\xEF\xBB\xBF", "", {0, 0, 0}},
        {"\x02\xEF\xBB\xBFTUNIS", "TUNIS", {0, 1, 0}},
        {"TUNIS\xEF\xBB\xBF", "TUNIS\xEF\xBB\xBF", {0, 0, 0}},
        {"\xE2\x80\xA8 \xE2\x80\xA9", "\xE2\x80\xA8 \xE2\x80\xA9", {0, 0, 0}},
        {"caf\xE9.", "caf\xEF\xBF\xBD.", {1, 0, 0}},
        {"\xF0\x9F\x98", "\xEF\xBF\xBD", {1, 0, 0}},
        {"\xEF\xBF\xBD", "\xEF\xBF\xBD", {0, 0, 0}},
        {"\xED\xA0\xBD\xED\xB8\x80",
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
         {6, 0, 0}},
        {"\xF0\x9F\x98\x80\xF0\x9F\x98\x80",
         "\xF0\x9F\x98\x80\xF0\x9F\x98\x80",
         {0, 0, 0}},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = {0};
        struct utf8_changes did;
        utf8_clean(view_of(cases[i].raw), &out, &did);
        assert_view_is(buf_view(&out), cases[i].clean);
        assert_memory_equal(&did, &cases[i].did, sizeof did);
        buf_release(&out);
    }
}

static void utf8_clean__takes_nul_out_and_appends(void **state) {
    (void)state;
    struct buf out = {0};
    struct utf8_changes did;

    buf_put_text(&out, "before ");
    utf8_clean(view_n("\xEF\xBB\xBF"
                      "a\0b\0\0",
                      8),
               &out, &did);

    assert_view_is(buf_view(&out), "before ab");
    assert_int_equal(did.controls, 3);
    buf_release(&out);
}

static const struct {
    const char *name, *key;
} spellings[] = {
    {"", ""},
    {"Khalifa Haftar", "khalifa haftar"},
    {"AL-JAZEERA", "al-jazeera"},
    {"Al-Jaz\xC4\xABra", "al-jazira"},
    {"al\xE2\x80\x90jazira", "al-jazira"},
    {"al\xE2\x80\x91jazira", "al-jazira"},
    {"al\xE2\x80\x93jazira", "al-jazira"},
    {"al\xE2\x88\x92jazira", "al-jazira"},
    {"al\xEF\xBC\x8Djazira", "al-jazira"},
    {"al\xEF\xB9\x98jazira", "al-jazira"},
    {"  Ras \t\n Lanuf\r\n", "ras lanuf"},
    {"Ras\xC2\xA0\xE2\x80\x89Lanuf\xE3\x80\x80", "ras lanuf"},
    {"Sana\xE2\x80\x99"
     "a",
     "sana'a"},
    {"Sana\xE2\x80\x98"
     "a",
     "sana'a"},
    {"Sana`a", "sana'a"},
    {"Sana\xCA\xBF"
     "a",
     "sana'a"},
    {"Sana\xCA\xBC"
     "a",
     "sana'a"},
    {"\xC5\x89", "'n"},
    {"S\xC3\xA3o Tom\xC3\xA9", "sao tome"},
    {"Sa\xCC\x83o Tome\xCC\x81", "sao tome"},
    {"\xC3\x98resund \xC5\x81\xC3\xB3"
     "d\xC5\xBA",
     "oresund lodz"},
    {"\xC4\x90\xE1\xBB\x93ng H\xE1\xBB\x9Bi", "dong hoi"},
    {"\xC4\xB0stanbul Diyarbak\xC4\xB1r", "istanbul diyarbakir"},
    {"Gro\xC3\x9F Stra\xE1\xBA\x9E"
     "e",
     "gross strasse"},
    {"\xC3\x86r\xC3\xB8 \xC5\x92uvre \xC3\x9E\xC3\xB3r\xC3\xB0ur", "aero oeuvre thordur"},
    {"\xEF\xBC\xA1\xEF\xBC\xA6\xEF\xBC\xB0", "afp"},
    {"\xEF\xAC\x81"
     "fa",
     "fifa"},
    {"\xD0\x9C\xD0\x9E\xD0\xA1\xD0\x9A\xD0\x92\xD0\x90",
     "\xD0\xBC\xD0\xBE\xD1\x81\xD0\xBA\xD0\xB2\xD0\xB0"},
    {"\xCE\xA3\xCE\x8A\xCE\xA3\xCE\xA5\xCE\xA6\xCE\x9F\xCE\xA3",
     "\xCF\x83\xCE\xB9\xCF\x83\xCF\x85\xCF\x86\xCE\xBF\xCF\x83"},
    {"\xD8\xB7\xD8\xB1\xD8\xA7\xD8\xA8\xD9\x84\xD9\x8F\xD8\xB3",
     "\xD8\xB7\xD8\xB1\xD8\xA7\xD8\xA8\xD9\x84\xD8\xB3"},
    {"U.S. 5th Fleet & Co.", "u.s. 5th fleet & co."},
    {"\xC2\xAD"
     "co\xC2\xADop",
     "coop"},
    {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
    {"a\xFF"
     "b",
     "a\xEF\xBF\xBD"
     "b"},
};

static void utf8_fold__gives_one_key_for_spellings(void **state) {
    (void)state;

    for (size_t i = 0; i < COUNT(spellings); i++) {
        struct buf key = {0};
        buf_put_text(&key, "= ");
        utf8_fold(view_of(spellings[i].name), &key);
        if (strcmp(buf_text(&key) + 2, spellings[i].key) != 0)
            fail_msg("\"%s\" gives \"%s\"", spellings[i].name, buf_text(&key) + 2);
        buf_release(&key);
    }
}

static void utf8_fold__of_a_key_is_the_key(void **state) {
    (void)state;
    struct buf name = {0}, key = {0}, again = {0};

    for (uint32_t cp = 1; cp < 0x110000; cp++) {
        if (cp >= 0xE000 && cp < 0xF900)
            continue; // private use: nothing happens there
        buf_clear(&name);
        buf_clear(&key);
        buf_clear(&again);
        buf_put_text(&name, "a");
        utf8_put(&name, cp);
        buf_put_text(&name, "B");
        utf8_fold(buf_view(&name), &key);
        utf8_fold(buf_view(&key), &again);
        if (!view_eq(buf_view(&key), buf_view(&again)))
            fail_msg("U+%04X: \"%s\", then \"%s\"", cp, buf_text(&key), buf_text(&again));
        assert_int_equal(utf8_valid_prefix(buf_view(&key)), key.len);
    }
    buf_release(&name);
    buf_release(&key);
    buf_release(&again);
}

static void check_index(struct view text, struct arena *arena) {
    struct utf8_index index = utf8_index(text, arena);
    struct view rest = text;
    size_t byte;

    assert_false(utf8_index_byte(&index, utf8_count(text) + 1, &byte));
    for (size_t n = 0;; n++) {
        assert_int_equal(utf8_index_at(&index, text.len - rest.len), n);
        assert_true(utf8_index_byte(&index, n, &byte) && byte == text.len - rest.len);
        if (!rest.len)
            return;
        utf8_take(&rest);
    }
}

static void utf8_index__agrees_with_counting_from_the_start(void **state) {
    (void)state;
    struct arena arena = {0};
    uint64_t seed = 6;

    for (int i = 0; i < 3000; i++) {
        char bytes[700];
        struct buf text = {0};
        utf8_clean(view_n(bytes, random_bytes(&seed, bytes, sizeof bytes)), &text, NULL);
        check_index(buf_view(&text), &arena);
        arena_clear(&arena);
        buf_release(&text);
    }
    arena_release(&arena);
}

static void utf8_index__is_right_at_the_edges_of_its_steps(void **state) {
    (void)state;
    static const char *const letters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC",
                                          "\xF0\x9F\x98\x80"};
    struct arena arena = {0};

    check_index(view_of(NULL), &arena);
    for (size_t k = 0; k < COUNT(letters); k++)
        for (size_t shift = 0; shift < 4; shift++) {
            struct buf text = {0};
            buf_put(&text, "abc", shift);
            while (text.len < 400) {
                buf_put_text(&text, letters[k]);
                check_index(buf_view(&text), &arena);
            }
            buf_release(&text);
        }
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_take__follows_the_table_for_every_class_of_bytes),
        cmocka_unit_test(utf8_take__consumes_maximal_subparts),
        cmocka_unit_test(utf8_put__writes_what_utf8_take_reads),
        cmocka_unit_test(utf8_valid_prefix__finds_the_first_broken_byte_in_long_text),
        cmocka_unit_test(utf8_count__counts_like_utf8_take),
        cmocka_unit_test(utf8_clean__does_what_the_naive_version_does),
        cmocka_unit_test(utf8_clean__makes_text_canonical),
        cmocka_unit_test(utf8_clean__takes_nul_out_and_appends),
        cmocka_unit_test(utf8_fold__gives_one_key_for_spellings),
        cmocka_unit_test(utf8_fold__of_a_key_is_the_key),
        cmocka_unit_test(utf8_index__agrees_with_counting_from_the_start),
        cmocka_unit_test(utf8_index__is_right_at_the_edges_of_its_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
