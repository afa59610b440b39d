/* The feed record: one JSON object (EVENT.md, "Feed record"). */
#include "ingest/format.h"

static struct view without_mark(struct view bytes) {
    if (view_starts(bytes, "\xEF\xBB\xBF"))
        return view_n(bytes.at + 3, bytes.len - 3);
    return bytes;
}

static bool looks(struct view bytes) {
    bytes = view_trim(without_mark(bytes));
    return bytes.len > 0 && bytes.at[0] == '{';
}

static int read_record(const struct format_input *in, struct format_output *out,
                       struct diag *diag) {
    struct report *report = format_report(&format_ndjson, in, out);
    int err = report_from_json(without_mark(in->bytes), report, in->arena, diag);
    report->format = view_of(format_ndjson.name);
    return err;
}

const struct format format_ndjson = {
    .name = "ndjson",
    .looks = looks,
    .read = read_record,
};
