#include "ingest/source.h"

#include "proto/run/log.h"

#include <inttypes.h>

#define NOISE_SAID 20 /* log lines a second */

void source_note_noise(const struct source_conf *conf, const char *peer, uint64_t bytes) {
    struct source_noise *noise = conf->noise;
    noise->bytes += bytes;
    noise->times++;
    if (++noise->said <= NOISE_SAID)
        log_line(LOG_INFO, "INGEST-PASSED",
                 "peer=%s bytes=%" PRIu64
                 " reason=\"they belong to no message: noise, or "
                 "the rest of one that began before we listened\"",
                 log_quote(peer, strlen(peer)), bytes);
}

void answer_line(const struct answer *answer, struct buf *out) {
    if (answer->code == 0)
        buf_printf(out, "OK %s %" PRIu64 " %s", answer->ref, answer->seq, answer->text);
    else
        buf_printf(out, "ERR %d %s %s", answer->code, answer->ref, answer->text);
}
