/* The streaming writer against jansson: values drawn from the input, nested as the input
 * says, are written by the one and built in the other. Reading what was written must give
 * what was built. */
#include <assert.h>
#include <jansson.h>

#include "proto/json.h"
#include "proto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Controls stay in: the writer has to escape them. */
static json_t *draw_text(struct view *from, struct json *j) {
    struct buf text = {0};
    uint8_t len = 0;
    struct view raw = {0};
    json_t *value;

    view_take_u8(from, &len);
    view_take(from, len < from->len ? len : from->len, &raw);
    while (raw.len)
        utf8_put(&text, utf8_take(&raw));
    json_view(j, buf_view(&text));
    value = json_stringn(text.len ? text.at : "", text.len);
    buf_release(&text);
    return value;
}

static json_t *draw_number(struct view *from, struct json *j) {
    uint64_t n = 0;

    view_take_u64(from, &n);
    json_int(j, (int64_t)n);
    return json_integer((json_int_t)n);
}

static json_t *draw_value(uint8_t kind, struct view *from, struct json *j, int depth);

static json_t *draw_list(struct view *from, struct json *j, int depth) {
    json_t *list = json_array();
    uint8_t kind;

    json_begin_array(j);
    while (view_take_u8(from, &kind) == 0 && kind % 7 != 6)
        json_array_append_new(list, draw_value(kind % 7, from, j, depth));
    json_end(j);
    return list;
}

static json_t *draw_object(struct view *from, struct json *j, int depth) {
    json_t *object = json_object();
    char key[] = "a";
    uint8_t kind;

    json_begin_object(j);
    for (; key[0] <= 'z' && view_take_u8(from, &kind) == 0 && kind % 7 != 6; key[0]++) {
        json_key(j, key);
        json_object_set_new(object, key, draw_value(kind % 7, from, j, depth));
    }
    json_end(j);
    return object;
}

static json_t *draw_value(uint8_t kind, struct view *from, struct json *j, int depth) {
    switch (depth < JSON_DEPTH || kind < 4 ? kind : 3) {
        case 0:
            return draw_number(from, j);
        case 1:
            json_bool(j, from->len & 1);
            return json_boolean(from->len & 1);
        case 2:
            return draw_text(from, j);
        case 3:
            json_nothing(j);
            return json_null();
        case 4:
            return draw_object(from, j, depth + 1);
        default:
            return draw_list(from, j, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view from = {(const char *)data, size};
    struct buf out = {0};
    struct json j = json_to(&out);
    json_t *built = draw_list(&from, &j, 1);
    json_t *read = json_loadb(out.at, out.len, JSON_ALLOW_NUL, NULL);

    assert(read && json_equal(built, read));
    assert(!memchr(out.at, '\n', out.len));
    json_decref(built);
    json_decref(read);
    buf_release(&out);
    return 0;
}
