/* Any bytes as HTML: the text is canonical, has no blanks at its ends, and is not longer
 * than markup can make it. */
#include <assert.h>

#include "ingest/format/html.h"
#include "proto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct view text, size_t from) {
    struct buf again = {0};
    struct utf8_changes changes;

    assert(utf8_valid_prefix(text) == text.len);
    utf8_clean(text, &again, &changes);
    assert(!changes.invalid && !changes.controls && !changes.returns);
    assert(text.len <= 3 * from + 3);
    assert(!text.len || (text.at[0] != '\n' && text.at[0] != '\t'));
    assert(!text.len || !strchr(" \n\t", text.at[text.len - 1]));
    buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view html = {(const char *)data, size};
    struct arena arena = {0};
    struct view text;

    html_text(html, &arena, &text);
    check_text(text, size);
    text = html_line(html, &arena);
    check_text(text, size);
    assert(!text.len || !memchr(text.at, '\n', text.len));
    arena_release(&arena);
    return 0;
}
