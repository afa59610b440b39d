/* Any bytes as text: cleaned, counted, folded. */
#include <assert.h>

#include "proto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_clean(struct view text) {
    struct buf again = {0};
    struct utf8_changes changes;

    assert(utf8_valid_prefix(text) == text.len);
    utf8_clean(text, &again, &changes);
    assert(!changes.invalid && !changes.controls && !changes.returns);
    if (!view_starts(text, "\xEF\xBB\xBF"))
        assert(view_eq(buf_view(&again), text));
    buf_release(&again);
}

static void check_index(struct view text) {
    struct arena arena = {0};
    struct utf8_index index = utf8_index(text, &arena);
    struct view rest = text;
    size_t n = 0;

    for (; rest.len; n++) {
        assert(utf8_index_at(&index, (size_t)(rest.at - text.at)) == n);
        assert(utf8_take(&rest) <= 0x10FFFF);
    }
    assert(utf8_index_at(&index, text.len) == n && utf8_count(text) == n);
    arena_release(&arena);
}

static void check_fold(struct view text) {
    struct buf key = {0};
    struct view folded;

    utf8_fold(text, &key);
    folded = buf_view(&key);
    assert(utf8_valid_prefix(folded) == folded.len);
    assert(view_trim(folded).len == folded.len);
    buf_release(&key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf clean = {0};

    utf8_clean(view_n((const char *)data, size), &clean, NULL);
    check_clean(buf_view(&clean));
    check_index(buf_view(&clean));
    check_fold(buf_view(&clean));
    buf_release(&clean);
    return 0;
}
