#include "ingest/source.h"

#include <inttypes.h>

void answer_line(const struct answer *answer, struct buf *out) {
    if (answer->code == 0)
        buf_printf(out, "OK %s %" PRIu64 " %s", answer->ref, answer->seq, answer->text);
    else
        buf_printf(out, "ERR %d %s %s", answer->code, answer->ref, answer->text);
}
