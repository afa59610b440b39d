/* The reader of JSON against jansson: both take a document or neither does, and what they
 * read is the same; so is what is written of it and read again. */
#include <assert.h>
#include <jansson.h>

#include "proto/json_tree.h"
#include "proto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FLAGS (JSON_ALLOW_NUL | JSON_DECODE_ANY)

static void same_text(struct view text, const char *theirs, size_t len) {
    assert(utf8_valid_prefix(text) == text.len);
    assert(view_eq(text, view_n(theirs, len)));
}

static void same(const struct json_node *node, const json_t *theirs);

static void same_values(const struct json_node *node, const json_t *theirs) {
    const struct json_node *item = node->first;
    size_t n = 0;

    assert(node->count ==
           (json_is_object(theirs) ? json_object_size(theirs) : json_array_size(theirs)));
    for (; item; item = item->next, n++)
        same(item, json_is_object(theirs)
                       ? json_object_getn(theirs, item->key.at, item->key.len)
                       : json_array_get(theirs, n));
    assert(n == node->count);
}

static void same_number(const struct json_node *node, const json_t *theirs) {
    int64_t whole;
    double n = 0;

    assert(json_is_number(theirs) && json_tree_double(node, &n));
    if (json_is_integer(theirs))
        assert(json_tree_whole(node, &whole) && whole == json_integer_value(theirs));
    else
        assert(n == json_real_value(theirs));
}

static void same(const struct json_node *node, const json_t *theirs) {
    assert(theirs);
    switch (node->kind) {
        case JSON_KIND_NULL:
            assert(json_is_null(theirs));
            break;
        case JSON_KIND_FALSE:
        case JSON_KIND_TRUE:
            assert(json_is_boolean(theirs));
            assert(json_is_true(theirs) == (node->kind == JSON_KIND_TRUE));
            break;
        case JSON_KIND_NUMBER:
            same_number(node, theirs);
            break;
        case JSON_KIND_TEXT:
            assert(json_is_string(theirs));
            same_text(node->text, json_string_value(theirs), json_string_length(theirs));
            break;
        case JSON_KIND_LIST:
            assert(json_is_array(theirs));
            same_values(node, theirs);
            break;
        case JSON_KIND_OBJECT:
            assert(json_is_object(theirs));
            same_values(node, theirs);
            break;
    }
}

/* Where the two mean to differ: what we mend (invalid UTF-8, halves of characters, UTF-16
 * and the mark of UTF-8), whole numbers beyond 64 bits, and what is deeper or more than
 * we take; and jansson passes over a NUL behind a number. */
static bool comparable(const json_t *theirs, const json_error_t *error,
                       const struct json_tree *tree, bool read, const struct diag *diag) {
    if (read && (tree->invalid || tree->halves || tree->utf16))
        return false;
    if (!theirs && json_error_code(error) == json_error_numeric_overflow)
        return false;
    return read || (!strstr(diag->text, "nested") && !strstr(diag->text, "too many"));
}

static void check_same(const struct json_tree *tree, bool read, const json_t *theirs) {
    assert(read == (theirs != NULL));
    if (read)
        same(tree->root, theirs);
}

static void check_written(const struct json_tree *tree, struct arena *arena) {
    struct buf once = {0}, twice = {0};
    struct json_tree again;
    struct diag diag = {0};
    json_t *theirs;

    json_tree_write(tree->root, &once);
    assert(json_tree_read(buf_view(&once), &again, arena, &diag) == 0);
    json_tree_write(again.root, &twice);
    assert(view_eq(buf_view(&once), buf_view(&twice)));
    theirs = json_loadb(once.at, once.len, FLAGS, NULL);
    same(again.root, theirs);
    json_decref(theirs);
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view raw = {(const char *)data, size};
    struct arena arena = {0};
    struct json_tree tree = {0};
    struct diag diag = {0};
    json_error_t error = {0};
    size_t mark = view_starts(raw, "\xEF\xBB\xBF") ? 3 : 0;
    json_t *theirs = json_loadb(raw.at + mark, raw.len - mark, FLAGS, &error);
    bool read = json_tree_read(raw, &tree, &arena, &diag) == 0;

    assert(read == (diag.text[0] == 0));
    if (raw.len && memchr(raw.at, 0, raw.len))
        assert(!read || tree.utf16);
    else if (comparable(theirs, &error, &tree, read, &diag))
        check_same(&tree, read, theirs);
    if (read)
        check_written(&tree, &arena);
    json_decref(theirs);
    arena_release(&arena);
    return 0;
}
