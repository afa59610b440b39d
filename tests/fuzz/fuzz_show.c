/* Whatever a publisher sends, what is shown of it is valid UTF-8 that does not steer the
 * terminal. */
#include <assert.h>
#include <stdlib.h>

#include "proto/utf8.h"
#include "sink/publish.h"
#include "sink/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct show_style plain = {false, 40 + (size ? data[0] % 100u : 0)};
    struct view json = view_n((const char *)data, size);
    struct publish_header header;
    struct buf out = {0};

    if (show_event(json, &plain, &out) == 0)
        assert(out.len >= 2 && out.at[out.len - 1] == '\n' &&
               out.at[out.len - 2] == '\n');
    show_error(json, &out);
    assert(utf8_valid_prefix(buf_view(&out)) == out.len);
    for (size_t i = 0; i < out.len; i++)
        assert((unsigned char)out.at[i] >= 0x20 || out.at[i] == '\n');
    publish_header_read(json, &header);
    buf_release(&out);
    return 0;
}
