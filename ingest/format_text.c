/* Plain text: the document is the report. Its headline, dateline and furniture are found
 * by the tagger, which sees more than a reader of bytes can. */
#include "ingest/format.h"

static bool looks(struct view bytes) {
    (void)bytes;
    return true;
}

static int read_text(const struct format_input *in, struct format_output *out,
                     struct diag *diag) {
    struct report *report = format_report(&format_text, in, out);
    struct charset charset;
    bool told = in->charset && charset_named(view_of(in->charset), &charset);
    int err =
        report_from_text(in->bytes, told ? &charset : NULL, report, in->arena, diag);
    report->format = view_of(format_text.name);
    return err;
}

const struct format format_text = {
    .name = "text",
    .looks = looks,
    .read = read_text,
};
