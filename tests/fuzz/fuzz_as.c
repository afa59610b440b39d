/* Whatever an event says, it is valid in each format: JSON for those made of it, 27
 * columns, one annotation a line. */
#include <assert.h>
#include <stdlib.h>

#include "proto/utf8.h"
#include "sink/as.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(struct view out) {
    struct arena arena = {0};
    struct json_tree tree;
    struct view line;

    assert(out.len && out.at[out.len - 1] == '\n');
    while (view_split(&out, '\n', &line))
        assert(!line.len || json_tree_read(line, &tree, &arena, NULL) == 0);
    arena_release(&arena);
}

static void check_columns(struct view out) {
    size_t tabs = 0;

    for (size_t i = 0; i < out.len; i++) {
        tabs += out.at[i] == '\t';
        assert((out.at[i] == '\n') == (i + 1 == out.len));
    }
    assert(tabs == 26);
}

static void check_annotations(struct view out) {
    struct view line;

    while (view_split(&out, '\n', &line))
        assert(!line.len ||
               (strchr("TNAR*#", line.at[0]) && memchr(line.at, '\t', line.len)));
}

static void check(const struct tagged *event, const char *name,
                  void (*look)(struct view)) {
    struct buf out = {0};

    as_find(name)->write(event, &out);
    assert(utf8_valid_prefix(buf_view(&out)) == out.len);
    look(buf_view(&out));
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct tagged event;

    if (tagged_read(view_n((const char *)data, size), 1, &event, &arena, NULL) == 0) {
        check(&event, "ninjs", check_json);
        check(&event, "geojson", check_json);
        check(&event, "cloudevents", check_json);
        check(&event, "brat", check_annotations);
        check(&event, "gkg", check_columns);
    }
    arena_release(&arena);
    return 0;
}
