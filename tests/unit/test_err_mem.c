/* Errors, diagnostics and memory. */
#include "tests/unit/check.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/mem.h"
#include "proto/utf8.h"

static void err_text__has_a_sentence_for_every_number(void **state) {
    (void)state;
    errno = ENOENT;

    for (int err = 0; err >= ERR_UNSUPPORTED - 1; err--) {
        assert_non_null(err_text(err));
        assert_true(strlen(err_text(err)) > 3);
        for (int other = err + 1; other <= 0; other++)
            assert_string_not_equal(err_text(err), err_text(other));
    }
    assert_string_equal(err_text(ERR_SYSTEM), strerror(ENOENT));
    assert_string_equal(err_text(1), err_text(-100));
}

static void diag_set__keeps_the_first_error(void **state) {
    (void)state;
    struct diag diag = {0};

    diag_set(&diag, 7, "first %d", 1);
    diag_set(&diag, 8, "second");

    assert_int_equal(diag.offset, 7);
    assert_string_equal(diag.text, "first 1");
}

static void diag_set__notes_again_when_cleared(void **state) {
    (void)state;
    struct diag diag = {0};

    diag_set(&diag, 7, "first");
    diag.text[0] = 0;
    diag_set(&diag, 8, "second");

    assert_int_equal(diag.offset, 8);
    assert_string_equal(diag.text, "second");
}

static void diag_set__accepts_null(void **state) {
    (void)state;

    diag_set(NULL, 0, "nobody %s", "listens");
}

static void diag_set__gives_one_line_of_valid_utf8(void **state) {
    (void)state;
    struct diag diag = {0};
    char many[600];

    diag_set(&diag, 0, "a\r\nOK 1\x1b[0m\x7f \xFF\xC3 \xC3\xA9");
    assert_string_equal(diag.text, "a  OK 1 [0m  ?? \xC3\xA9");

    for (size_t shift = 0; shift < 4; shift++) {
        memset(many, 'x', sizeof many);
        for (size_t i = shift; i + 4 < sizeof many; i += 4)
            memcpy(many + i, "\xF0\x9F\x98\x80", 4);
        many[sizeof many - 1] = 0;
        diag = (struct diag){0};
        diag_set(&diag, 0, "%s", many);
        assert_int_equal(utf8_valid_prefix(view_of(diag.text)), strlen(diag.text));
        assert_true(strlen(diag.text) > 230);
        assert_null(strchr(diag.text, '?'));
    }
}

static void mem_alloc__never_returns_null(void **state) {
    (void)state;
    char *none = mem_alloc(0), *zeroed = mem_zalloc(100), *copy = mem_dup("Sirte");
    int *numbers = mem_resize(NULL, 10, sizeof *numbers);

    numbers[9] = 9;
    numbers = mem_resize(numbers, 1000, sizeof *numbers);

    assert_non_null(none);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(zeroed[i], 0);
    assert_string_equal(copy, "Sirte");
    assert_int_equal(numbers[9], 9);
    free(none);
    free(zeroed);
    free(copy);
    free(numbers);
}

static void arena_alloc__gives_aligned_memory_that_does_not_overlap(void **state) {
    (void)state;
    struct arena arena = {0};
    unsigned char *pieces[3000];
    size_t sizes[3000];
    uint64_t seed = 1;

    for (size_t i = 0; i < COUNT(pieces); i++) {
        sizes[i] = random_below(&seed, i % 500 == 0 ? 200000 : 300);
        pieces[i] = arena_alloc(&arena, sizes[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        if (sizes[i])
            memset(pieces[i], (int)(i % 251), sizes[i]);
    }

    for (size_t i = 0; i < COUNT(pieces); i++)
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], i % 251);
    arena_release(&arena);
    assert_null(arena.first);
}

static size_t arena_bytes(const char *first, struct arena *arena, size_t pieces) {
    size_t same = 0;

    for (size_t i = 0; i < pieces; i++)
        same += (char *)arena_alloc(arena, 1000) == first;
    return same;
}

static void arena_clear__hands_the_same_memory_out_again(void **state) {
    (void)state;
    struct arena arena = {0};
    char *first = arena_alloc(&arena, 1000);

    arena_bytes(first, &arena, 500);
    arena_clear(&arena);

    assert_int_equal(arena_bytes(first, &arena, 500), 1);
    arena_release(&arena);
}

static void arena_clear__works_on_an_empty_one(void **state) {
    (void)state;
    struct arena arena = {0};

    arena_clear(&arena);

    assert_non_null(arena_alloc(&arena, 0));
    arena_release(&arena);
    arena_release(&arena);
}

static void arena_clear__gives_a_monstrous_block_back(void **state) {
    (void)state;
    struct arena arena = {0};

    arena_alloc(&arena, 16u << 20);
    arena_clear(&arena);

    assert_null(arena.first);
    memset(arena_zalloc(&arena, 100), 1, 100);
    arena_release(&arena);
}

static void arena_copy__ends_with_nul(void **state) {
    (void)state;
    struct arena arena = {0};

    char *copy = arena_copy(&arena, "Tripoli", 4);
    char *none = arena_copy(&arena, NULL, 0);

    assert_string_equal(copy, "Trip");
    assert_string_equal(none, "");
    arena_release(&arena);
}

static void arena_grow__keeps_what_is_there(void **state) {
    (void)state;
    struct arena arena = {0};
    int *numbers = NULL;
    size_t cap = 0;

    for (int i = 0; i < 10000; i++) {
        numbers =
            arena_grow(&arena, numbers, (size_t)i, (size_t)i + 1, sizeof *numbers, &cap);
        numbers[i] = i;
    }

    for (int i = 0; i < 10000; i++)
        assert_int_equal(numbers[i], i);
    assert_true(cap >= 10000 && cap < 40000);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(err_text__has_a_sentence_for_every_number),
        cmocka_unit_test(diag_set__keeps_the_first_error),
        cmocka_unit_test(diag_set__notes_again_when_cleared),
        cmocka_unit_test(diag_set__accepts_null),
        cmocka_unit_test(diag_set__gives_one_line_of_valid_utf8),
        cmocka_unit_test(mem_alloc__never_returns_null),
        cmocka_unit_test(arena_alloc__gives_aligned_memory_that_does_not_overlap),
        cmocka_unit_test(arena_clear__hands_the_same_memory_out_again),
        cmocka_unit_test(arena_clear__works_on_an_empty_one),
        cmocka_unit_test(arena_clear__gives_a_monstrous_block_back),
        cmocka_unit_test(arena_copy__ends_with_nul),
        cmocka_unit_test(arena_grow__keeps_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
