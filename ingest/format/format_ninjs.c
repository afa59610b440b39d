/* News items in JSON (ninjs.h), for senders who say so. */
#include "ingest/format/json_documents.h"

/* What looks like JSON is ndjson's, which knows a news item when it has read it. */
static bool looks(struct view bytes) {
    (void)bytes;
    return false;
}

static int read_document(const struct format_input *in, struct format_output *out,
                         struct diag *diag) {
    return json_documents_read(in, out, diag, true);
}

const struct format format_ninjs = {
    .name = "ninjs",
    .looks = looks,
    .read = read_document,
};
