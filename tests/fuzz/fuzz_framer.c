/* However the input is cut into pieces, the same documents come out; how much of a
 * refused one is there depends on them. The first byte chooses the framing, the second
 * the size of the pieces. */
#include "ingest/framer/framer.h"
#include "proto/crc32c.h"

#include <assert.h>

static void frame_all(struct framer_conf conf, struct view bytes, size_t piece,
                      struct buf *out) {
    struct framer *framer = framer_new(&conf);
    struct framed framed;
    bool more = true;
    while (more) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        framer_feed(framer, view_n(bytes.at, n));
        bytes = view_n(bytes.at + n, bytes.len - n);
        more = n > 0;
        if (!more)
            framer_end(framer);
        while (framer_next(framer, &framed) == 0) {
            buf_printf(out, "[%d %d %d %d %d %s %s ", framed.kind, (int)framed.number,
                       (int)framed.line, framed.code, framed.fatal,
                       framed.format ? framed.format : "-",
                       framed.why ? framed.why : "-");
            buf_printf(out, "%s %llu ", framed.warning ? framed.warning : "-",
                       (unsigned long long)framed.passed);
            buf_put_sized(out, framed.bytes);
            crc32c(0, framed.beginning); // so that every byte of it is touched
            assert(framed.kind == FRAMED_REFUSED || framed.beginning.len == 0);
            buf_put_sized(out, framed.hello.source);
            buf_put_sized(out, framed.hello.format);
        }
    }
    framer_free(framer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    struct framer_conf conf = {.framing = data[0] % 8,
                               .hello = data[0] & 0x40,
                               .whole = data[0] & 0x80,
                               .max_document = 64,
                               .max_line = 48};
    struct view bytes = view_n((const char *)data + 2, size - 2);
    if (data[0] & 0x20)
        conf.max_document = 400;
    struct buf whole = {0}, pieces = {0};
    frame_all(conf, bytes, bytes.len + 1, &whole);
    frame_all(conf, bytes, (size_t)data[1] % 23 + 1, &pieces);
    assert(view_eq(buf_view(&whole), buf_view(&pieces)));
    buf_release(&whole);
    buf_release(&pieces);
    return 0;
}
