/* check.h: what the unit tests of proto share: cmocka with the headers it needs, views
 * that can be compared in one line, and numbers that are random but the same every time.
 */
#ifndef WIRETAG_TESTS_UNIT_CHECK_H
#define WIRETAG_TESTS_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/view.h"

/* A sanitizer takes memory of its own: what measures memory is skipped then. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define assert_view_equal(a, b)                                                          \
    do {                                                                                 \
        struct view left_ = (a), right_ = (b);                                           \
        assert_int_equal(left_.len, right_.len);                                         \
        if (left_.len)                                                                   \
            assert_memory_equal(left_.at, right_.at, left_.len);                         \
    } while (0)
#define assert_view_is(a, text) assert_view_equal(a, view_of(text))

/* SplitMix64: *state may be any number, equal numbers give equal sequences. */
static inline uint64_t random_next(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* 0 <= result < below; below > 0. */
static inline size_t random_below(uint64_t *state, size_t below) {
    return (size_t)(random_next(state) % below);
}

#endif
