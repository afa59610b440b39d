/* Feed records; and whatever else JSON turns out to be when it has been read. */
#include "ingest/format/json_documents.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* An object, or a list of them: "[File: A ship]" is a text. UTF-16 has a NUL
 * beside each of these. */
static bool looks(struct view bytes) {
    bool list = false;

    if (view_starts(bytes, BYTE_ORDER_MARK))
        bytes = view_n(bytes.at + 3, bytes.len - 3);
    else if (view_starts(bytes, "\xFF\xFE") || view_starts(bytes, "\xFE\xFF"))
        bytes = view_n(bytes.at + 2, bytes.len - 2);
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];
        if (c == '{' || (c == ']' && list))
            return true;
        if (c == '[' && !list)
            list = true;
        else if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != 0)
            return false;
    }
    return false;
}

static int read_document(const struct format_input *in, struct format_output *out,
                         struct diag *diag) {
    return json_documents_read(in, out, diag, false);
}

const struct format format_ndjson = {
    .name = "ndjson",
    .looks = looks,
    .read = read_document,
};
