/* The growing buffer. */
#include "tests/unit/check.h"

#include <stdlib.h>

#include "proto/buf.h"

static void buf_put__grows_and_keeps_the_bytes(void **state) {
    (void)state;
    struct buf buf = {0};
    uint64_t seed = 2;
    size_t want = 0;

    for (int i = 0; i < 2000; i++) {
        char piece[200];
        size_t len = random_below(&seed, sizeof piece);
        for (size_t k = 0; k < len; k++)
            piece[k] = (char)((want + k) * 7);
        buf_put(&buf, piece, len);
        want += len;
    }

    assert_int_equal(buf.len, want);
    for (size_t i = 0; i < want; i++)
        assert_int_equal(buf.at[i], (char)(i * 7));
    buf_release(&buf);
    assert_null(buf.at);
}

static void buf_put__numbers_are_what_view_take_reads(void **state) {
    (void)state;
    struct buf buf = {0};
    struct view from, piece;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;

    buf_put_u8(&buf, 0x81);
    buf_put_u16(&buf, 0x8182);
    buf_put_u32(&buf, 0x81828384u);
    buf_put_u64(&buf, 0x8182838485868788u);
    buf_put_sized(&buf, VIEW_LIT("Brega"));
    buf_set_u32(&buf, 3, 0xFFFEFDFCu);
    from = buf_view(&buf);

    assert_int_equal(view_take_u8(&from, &u8) | view_take_u16(&from, &u16), 0);
    assert_int_equal(view_take_u32(&from, &u32) | view_take_u64(&from, &u64), 0);
    assert_int_equal(view_take_sized(&from, &piece), 0);
    assert_int_equal(u8, 0x81);
    assert_int_equal(u16, 0x8182);
    assert_int_equal(u32, 0xFFFEFDFCu);
    assert_true(u64 == 0x8182838485868788u);
    assert_view_is(piece, "Brega");
    assert_int_equal(from.len, 0);
    buf_release(&buf);
}

static void buf_printf__writes_texts_of_every_length(void **state) {
    (void)state;
    struct buf buf = {0};
    char text[400];

    for (int len = 0; len < (int)sizeof text; len++) {
        memset(text, 'x', sizeof text);
        buf_clear(&buf);
        buf_put_text(&buf, "<");
        buf_printf(&buf, "%.*s>", len, text);
        assert_int_equal(buf.len, len + 2);
        assert_int_equal(buf.at[0], '<');
        assert_int_equal(buf.at[len + 1], '>');
    }
    buf_release(&buf);
}

static void buf_drop__moves_the_rest_down(void **state) {
    (void)state;
    struct buf buf = {0};

    buf_drop(&buf, 0);
    buf_put_text(&buf, "Benghazi");
    buf_drop(&buf, 3);
    assert_view_is(buf_view(&buf), "ghazi");
    buf_drop(&buf, 5);

    assert_int_equal(buf.len, 0);
    buf_release(&buf);
}

static void buf_text__ends_with_nul_that_does_not_count(void **state) {
    (void)state;
    struct buf buf = {0};

    assert_string_equal(buf_text(&buf), "");
    buf_put_text(&buf, "Ras Lanuf");

    assert_string_equal(buf_text(&buf), "Ras Lanuf");
    assert_int_equal(buf.len, 9);
    buf_release(&buf);
}

static void buf_view__of_an_empty_one_is_not_null(void **state) {
    (void)state;
    struct buf buf = {0};

    buf_put(&buf, NULL, 0);
    buf_put_view(&buf, view_n(NULL, 0));

    assert_non_null(buf_view(&buf).at);
    assert_int_equal(buf_view(&buf).len, 0);
    buf_release(&buf);
}

static void buf_clear__keeps_the_memory(void **state) {
    (void)state;
    struct buf buf = {0};

    buf_put_text(&buf, "Zuwara");
    const char *at = buf.at;
    buf_clear(&buf);
    buf_put_text(&buf, "Zliten");

    assert_ptr_equal(buf.at, at);
    assert_view_is(buf_view(&buf), "Zliten");
    buf_release(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_put__grows_and_keeps_the_bytes),
        cmocka_unit_test(buf_put__numbers_are_what_view_take_reads),
        cmocka_unit_test(buf_printf__writes_texts_of_every_length),
        cmocka_unit_test(buf_drop__moves_the_rest_down),
        cmocka_unit_test(buf_text__ends_with_nul_that_does_not_count),
        cmocka_unit_test(buf_view__of_an_empty_one_is_not_null),
        cmocka_unit_test(buf_clear__keeps_the_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
