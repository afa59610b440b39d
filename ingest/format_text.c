/* Plain text: the document is the report. Its headline, dateline and furniture are found
 * by the tagger, which sees more than a reader of bytes can. */
#include "ingest/format.h"

static bool looks(struct view bytes) {
    (void)bytes;
    return true;
}

static int read_text(struct view bytes, struct report *out, struct arena *arena,
                     struct diag *diag) {
    int err = report_from_text(bytes, out, arena, diag);
    if (err == 0)
        out->format = view_of(format_text.name);
    return err;
}

const struct format format_text = {
    .name = "text",
    .looks = looks,
    .read = read_text,
};
