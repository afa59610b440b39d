#include "proto/crc32c.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <nmmintrin.h>
#define HAVE_SSE42 1
#endif

static const uint32_t *table(void) {
    static uint32_t entries[256];
    static bool ready;

    if (!ready) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t crc = i;
            for (int bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
            entries[i] = crc;
        }
        ready = true;
    }
    return entries;
}

static uint32_t by_table(uint32_t crc, const unsigned char *p, size_t n) {
    const uint32_t *entries = table();

    while (n--)
        crc = crc >> 8 ^ entries[(crc ^ *p++) & 0xFF];
    return crc;
}

#ifdef HAVE_SSE42
__attribute__((target("sse4.2"))) static uint32_t
by_cpu(uint32_t crc, const unsigned char *p, size_t n) {
    uint64_t wide = crc;

    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = (uint32_t)wide;
    while (n--)
        crc = _mm_crc32_u8(crc, *p++);
    return crc;
}
#endif

uint32_t crc32c(uint32_t crc, struct view bytes) {
    const unsigned char *p = (const unsigned char *)bytes.at;

#ifdef HAVE_SSE42
    if (__builtin_cpu_supports("sse4.2"))
        return ~by_cpu(~crc, p, bytes.len);
#endif
    return ~by_table(~crc, p, bytes.len);
}
