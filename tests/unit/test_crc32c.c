/* CRC-32C against published values and a bit-by-bit version, by instruction and by table.
 * The source is included, so that the table is tested where the CPU has the instruction.
 */
#include "tests/unit/check.h"

#include "proto/crc32c.c" // NOLINT(bugprone-suspicious-include)

static uint32_t bit_by_bit(uint32_t crc, const unsigned char *p, size_t n) {
    crc = ~crc;
    while (n--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

static void crc32c__gives_the_published_values(void **state) {
    (void)state;
    char bytes[32];

    assert_int_equal(crc32c(0, VIEW_LIT("123456789")), 0xE3069283u);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(crc32c(0, view_n(bytes, 32)), 0x8A9136AAu); // RFC 3720, B.4
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(crc32c(0, view_n(bytes, 32)), 0x62A8AB43u);
    for (int i = 0; i < 32; i++)
        bytes[i] = (char)i;
    assert_int_equal(crc32c(0, view_n(bytes, 32)), 0x46DD794Eu);
    assert_int_equal(crc32c(0, view_n(NULL, 0)), 0);
    assert_int_equal(crc32c(5, view_n(NULL, 0)), 5);
}

static void crc32c__is_the_same_by_every_way(void **state) {
    (void)state;
    unsigned char bytes[300];
    uint64_t seed = 3;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)random_next(&seed);

    for (size_t len = 0; len < 270; len++)
        for (size_t from = 0; from < 9; from++) {
            uint32_t begin = (uint32_t)random_next(&seed);
            uint32_t want = bit_by_bit(begin, bytes + from, len);
            struct view view = view_n((const char *)bytes + from, len);
            assert_int_equal(crc32c(begin, view), want);
            assert_int_equal(~by_table(~begin, bytes + from, len), want);
        }
}

static void crc32c__continues_from_its_result(void **state) {
    (void)state;
    struct view text = VIEW_LIT("Forces loyal to Haftar advanced on the capital.");

    for (size_t cut = 0; cut <= text.len; cut++) {
        uint32_t half = crc32c(0, view_n(text.at, cut));
        assert_int_equal(crc32c(half, view_n(text.at + cut, text.len - cut)),
                         crc32c(0, text));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c__gives_the_published_values),
        cmocka_unit_test(crc32c__is_the_same_by_every_way),
        cmocka_unit_test(crc32c__continues_from_its_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
