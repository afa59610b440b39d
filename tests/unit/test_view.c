/* Views: comparing, splitting, taking numbers off the front. */
#include "tests/unit/check.h"

#include "proto/err.h"

static void view_of__takes_null_for_empty(void **state) {
    (void)state;

    assert_int_equal(view_of(NULL).len, 0);
    assert_true(view_eq(view_of(NULL), VIEW_LIT("")));
    assert_true(view_eq(view_n(NULL, 0), VIEW_LIT("")));
    assert_true(view_is(VIEW_LIT("Sirte"), "Sirte"));
    assert_false(view_is(VIEW_LIT("Sirte"), "Sirt"));
    assert_true(view_starts(VIEW_LIT("Sirte"), "Si"));
    assert_true(view_starts(VIEW_LIT("Sirte"), ""));
    assert_false(view_starts(VIEW_LIT("Si"), "Sirte"));
}

static void view_cmp__orders_bytewise_and_prefix_first(void **state) {
    (void)state;
    static const char *const sorted[] = {"", "A", "AB", "B", "a", "\x80", "\xFF"};

    for (size_t i = 0; i < COUNT(sorted); i++)
        for (size_t k = 0; k < COUNT(sorted); k++) {
            int order = view_cmp(view_of(sorted[i]), view_of(sorted[k]));
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    assert_int_equal(view_cmp(view_n(NULL, 0), view_n(NULL, 0)), 0);
}

static void view_trim__takes_blanks_off_both_ends(void **state) {
    (void)state;

    assert_view_is(view_trim(VIEW_LIT(" \t\r\na b\n ")), "a b");
    assert_view_is(view_trim(VIEW_LIT(" \n\t\r")), "");
    assert_view_is(view_trim(view_n(NULL, 0)), "");
    assert_view_is(view_trim(VIEW_LIT("\xC2\xA0x")), "\xC2\xA0x");
}

static void view_split__gives_each_piece_in_turn(void **state) {
    (void)state;
    struct view from = VIEW_LIT("a,,b"), piece;

    assert_true(view_split(&from, ',', &piece));
    assert_view_is(piece, "a");
    assert_true(view_split(&from, ',', &piece));
    assert_view_is(piece, "");
    assert_true(view_split(&from, ',', &piece));
    assert_view_is(piece, "b");
    assert_false(view_split(&from, ',', &piece));
    assert_int_equal(from.len, 0);
}

static void view_number__reads_decimal_numbers_only(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint64_t n;
    } cases[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"18446744073709551620", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x1", false, 0},
        {"\xB2", false, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t n = 77;
        assert_int_equal(view_number(view_of(cases[i].text), &n), cases[i].good);
        assert_true(n == (cases[i].good ? cases[i].n : 77));
    }
}

static void view_take__reads_little_endian_numbers(void **state) {
    (void)state;
    struct view from = VIEW_LIT("\x01\x02\x03\x01\x02\x03\xF4\x01\x02\x03\x04\x05\x06\x07"
                                "\xF8!");
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;

    assert_int_equal(view_take_u8(&from, &u8), 0);
    assert_int_equal(view_take_u16(&from, &u16), 0);
    assert_int_equal(view_take_u32(&from, &u32), 0);
    assert_int_equal(view_take_u64(&from, &u64), 0);

    assert_int_equal(u8, 0x01);
    assert_int_equal(u16, 0x0302);
    assert_int_equal(u32, 0xF4030201);
    assert_true(u64 == 0xF807060504030201u);
    assert_view_is(from, "!");
}

static void view_take__leaves_the_view_alone_when_it_is_short(void **state) {
    (void)state;
    static const char bytes[8] = "\x05\0\0\0abcd";

    for (size_t len = 0; len < sizeof bytes; len++) {
        struct view from = view_n(bytes, len), piece;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
        assert_int_equal(view_take(&from, len + 1, &piece), ERR_SHORT);
        assert_int_equal(view_take(&from, SIZE_MAX, &piece), ERR_SHORT);
        assert_int_equal(view_take_u64(&from, &u64), ERR_SHORT);
        if (len < 4)
            assert_int_equal(view_take_u32(&from, &u32), ERR_SHORT);
        if (len < 2)
            assert_int_equal(view_take_u16(&from, &u16), ERR_SHORT);
        assert_int_equal(view_take_sized(&from, &piece), ERR_SHORT);
        assert_ptr_equal(from.at, bytes);
        assert_int_equal(from.len, len);
    }
}

static void view_take_sized__takes_length_and_bytes(void **state) {
    (void)state;
    struct view from = VIEW_LIT("\x05\0\0\0abcde\0\0\0\0z"), piece;

    assert_int_equal(view_take_sized(&from, &piece), 0);
    assert_view_is(piece, "abcde");
    assert_int_equal(view_take_sized(&from, &piece), 0);
    assert_view_is(piece, "");
    assert_view_is(from, "z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(view_of__takes_null_for_empty),
        cmocka_unit_test(view_cmp__orders_bytewise_and_prefix_first),
        cmocka_unit_test(view_trim__takes_blanks_off_both_ends),
        cmocka_unit_test(view_split__gives_each_piece_in_turn),
        cmocka_unit_test(view_number__reads_decimal_numbers_only),
        cmocka_unit_test(view_take__reads_little_endian_numbers),
        cmocka_unit_test(view_take__leaves_the_view_alone_when_it_is_short),
        cmocka_unit_test(view_take_sized__takes_length_and_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
