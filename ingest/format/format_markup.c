/* XML that is none of ours: refused by its root's name, and so kept as a dead letter. As
 * a plain text its tags would be tagged. */
#include "ingest/format/format.h"
#include "ingest/format/xml.h"

static bool looks(struct view bytes) {
    static const char *const prologs[] = {"<?xml", "\xFF\xFE<\0?", "\xFE\xFF\0<\0?"};
    struct view trimmed = view_trim(bytes);
    if (view_starts(trimmed, "\xEF\xBB\xBF"))
        trimmed = view_trim(view_n(trimmed.at + 3, trimmed.len - 3));
    return view_starts(trimmed, prologs[0]) ||
           (bytes.len > 6 && (memcmp(bytes.at, prologs[1], 5) == 0 ||
                              memcmp(bytes.at, prologs[2], 6) == 0));
}

static int read_markup(const struct format_input *in, struct format_output *out,
                       struct diag *diag) {
    struct xml_document document;
    int err = xml_read(in->bytes, in->feed->charset, in->arena, &document, diag);
    (void)out;
    if (err < 0)
        return err;
    diag_set(diag, 0, "line %lu: no format here has the root element <%.*s>",
             xml_line(&document, document.root), (int)document.root->name.len,
             document.root->name.at);
    return ERR_FORMAT;
}

const struct format format_markup = {
    .name = "xml",
    .looks = looks,
    .read = read_markup,
};
