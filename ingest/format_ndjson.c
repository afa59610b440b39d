/* Feed records (EVENT.md, "Feed record"): an object, or a list of them in one document.
 */
#include "ingest/format.h"
#include "proto/charset.h"
#include "proto/report_field.h"
#include "proto/report_json.h"

#include <stdio.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* An object, or a list that begins with one: "[File: A ship]" is a text. UTF-16 has a NUL
 * beside each of these. */
static bool looks(struct view bytes) {
    size_t list = 0;

    if (view_starts(bytes, BYTE_ORDER_MARK))
        bytes = view_n(bytes.at + 3, bytes.len - 3);
    else if (view_starts(bytes, "\xFF\xFE") || view_starts(bytes, "\xFE\xFF"))
        bytes = view_n(bytes.at + 2, bytes.len - 2);
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];
        if (c == '{')
            return true;
        if (c == '[' && !list)
            list = 1;
        else if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != 0)
            return false;
    }
    return false;
}

/* A charset that is given decides; JSON itself is UTF-8, or UTF-16 by its mark. */
static struct view decode(const struct format_input *in, struct view *charset) {
    struct charset named;
    size_t invalid;

    *charset = VIEW_LIT("utf-8");
    if (!in->charset || !charset_named(view_of(in->charset), &named) ||
        named.way == CHARSET_UTF8)
        return in->bytes;
    *charset = view_of(in->charset);
    return charset_text(&named, in->bytes, in->arena, &invalid);
}

static int read_record(const struct format_input *in, const struct json_node *record,
                       struct view charset, struct format_output *out,
                       struct diag *diag) {
    struct report *report = format_report(&format_ndjson, in, out);
    int err = report_from_node(record, report, in->arena, diag);

    report->format = view_of(format_ndjson.name);
    if (!report->charset.len)
        report->charset = charset;
    return err;
}

/* All or none: one answer goes back for the document. */
static int read_list(const struct format_input *in, const struct json_node *list,
                     struct view charset, struct format_output *out, struct diag *diag) {
    size_t n = 1;

    for (const struct json_node *item = list->first; item; item = item->next, n++) {
        struct diag why = {0};
        int err = read_record(in, item, charset, out, &why);
        if (err) {
            diag_set(diag, why.offset, "record %zu: %s", n, why.text);
            return err;
        }
    }
    if (!list->count)
        format_note(in, out, "the list is empty");
    return 0;
}

static int read_document(const struct format_input *in, struct format_output *out,
                         struct diag *diag) {
    struct json_tree tree;
    struct view charset;
    int err = report_json_tree(decode(in, &charset), &tree, in->arena, diag);

    if (err)
        return err;
    if (tree.utf16)
        charset = VIEW_LIT("utf-16");
    err = tree.root->kind == JSON_KIND_LIST
              ? read_list(in, tree.root, charset, out, diag)
              : read_record(in, tree.root, charset, out, diag);
    for (size_t i = 0; i < out->count && !err; i++)
        report_warn_mended(&out->reports[i], &tree, in->arena);
    return err;
}

const struct format format_ndjson = {
    .name = "ndjson",
    .looks = looks,
    .read = read_document,
};
