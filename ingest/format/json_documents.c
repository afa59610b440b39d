#include "ingest/format/json_documents.h"

#include "ingest/format/ninjs.h"
#include "ingest/format/story.h"
#include "ingest/zone.h"
#include "proto/charset.h"
#include "proto/moment.h"
#include "proto/report_json.h"

#define WRAPPERS     5    /* lists and wrappers within each other */
#define MOST_REPORTS 4096 /* in one document: 10 MB */

/* A charset that is given decides; JSON itself is UTF-8, or UTF-16 by its mark. */
static struct view decode(const struct format_input *in, struct view *charset) {
    struct charset named;
    size_t invalid;

    *charset = VIEW_LIT("utf-8");
    if (!in->feed->charset || !charset_named(view_of(in->feed->charset), &named) ||
        named.way == CHARSET_UTF8)
        return in->bytes;
    *charset = view_of(in->feed->charset);
    return charset_text(&named, in->bytes, in->arena, &invalid);
}

struct reading {
    const struct format_input *in;
    struct format_output *out;
    struct diag *diag;
    bool items; /* all are news items */
};

/* A time without a zone, of a feed whose zone is known, becomes UTC. */
static void shift(const struct format_input *in, struct view *time) {
    struct moment_parts parts;
    char room[MOMENT_TEXT];

    if (!moment_of_iso(*time, &parts) || !parts.has_time || parts.has_zone)
        return;
    *time = moment_print(zone_utc_ms(in->feed->zone, moment_ms(&parts)), room);
    time->at = arena_copy(in->arena, time->at, time->len);
}

static void shift_instant(const struct format_input *in, struct view given, int64_t *ms) {
    struct moment_parts parts;

    if (moment_of_iso(given, &parts) && !parts.has_zone)
        *ms = zone_utc_ms(in->feed->zone, *ms);
}

static void shift_times(const struct format_input *in, const struct json_node *record,
                        struct report *report) {
    shift(in, &report->published);
    shift(in, &report->sent);
    shift(in, &report->first_created);
    shift(in, &report->version_created);
    shift_instant(in, json_tree_text(record, "embargo_until"), &report->embargo_ms);
    shift_instant(in, json_tree_text(record, "expires"), &report->expires_ms);
}

/* A kill without a guid of its own is a version of each story it kills. */
static void cite(struct reading *r, struct report *report) {
    if (!report_cancels(report) || report->guid.len || !report->relation_count)
        return;
    for (size_t i = 0; i < report->relation_count; i++)
        if (!view_is(report->relations[i].rel, "kills"))
            return;
    report->status = VIEW_LIT("canceled");
    story_cite(&format_ndjson, r->in, r->out);
}

static int read_record(struct reading *r, const struct json_node *record) {
    struct report *report = format_report(&format_ndjson, r->in, r->out);
    int err = report_from_node(record, report, r->in->arena, r->diag);

    if (err)
        return err;
    report->format = view_of(format_ndjson.name);
    if (r->in->feed->zone)
        shift_times(r->in, record, report);
    story_take_feed(report, r->in->feed);
    cite(r, report);
    return 0;
}

/* What the object holds instead of saying it itself; NULL: nothing. */
static const struct json_node *wrapped(const struct json_node *object) {
    static const char *const names[] = {"data", "item", "items", "_items", "entries"};
    const struct json_node *inner = NULL;

    if (json_tree_get(object, "text") || json_tree_get(object, "guid") ||
        (json_tree_get(object, "id") && !json_tree_get(object, "specversion")))
        return NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !inner; i++) {
        inner = json_tree_get(object, names[i]);
        if (inner && inner->kind != JSON_KIND_OBJECT && inner->kind != JSON_KIND_LIST)
            inner = NULL;
    }
    return inner;
}

static int read_node(struct reading *r, const struct json_node *node, unsigned levels);

/* All or none: one answer goes back for the document. */
static int read_list(struct reading *r, const struct json_node *list, unsigned levels) {
    struct diag *diag = r->diag;
    size_t n = 1;
    int err = 0;

    for (const struct json_node *item = list->first; item && !err; item = item->next) {
        struct diag why = {0};
        r->diag = &why;
        err = read_node(r, item, levels);
        if (err)
            diag_set(diag, why.offset, "item %zu: %s", n, why.text);
        n++;
    }
    r->diag = diag;
    if (!list->count)
        format_note(r->in, r->out, "the list is empty");
    return err;
}

static int read_node(struct reading *r, const struct json_node *node, unsigned levels) {
    const struct json_node *inner;

    if (r->out->count == MOST_REPORTS) {
        diag_set(r->diag, 0, "more than %d reports in one document", MOST_REPORTS);
        return ERR_FORMAT;
    }
    if (levels && node->kind == JSON_KIND_LIST)
        return read_list(r, node, levels - 1);
    if (ninjs_is(node))
        return ninjs_read(r->in, node, r->out, r->diag);
    inner = levels ? wrapped(node) : NULL;
    if (inner)
        return read_node(r, inner, levels - 1);
    if (json_tree_get(node, "specversion") && json_tree_get(node, "data_base64")) {
        diag_set(r->diag, 0, "\"data_base64\" is not read: send \"data\"");
        return ERR_FORMAT;
    }
    if (r->items && node->kind == JSON_KIND_OBJECT && !json_tree_get(node, "text"))
        return ninjs_read(r->in, node, r->out, r->diag);
    return read_record(r, node);
}

int json_documents_read(const struct format_input *in, struct format_output *out,
                        struct diag *diag, bool items) {
    struct reading r = {in, out, diag, items};
    struct json_tree tree;
    struct view charset;
    int err = report_json_tree(decode(in, &charset), &tree, in->arena, diag);

    if (!err)
        err = read_node(&r, tree.root, WRAPPERS);
    if (err)
        return err;
    if (tree.utf16)
        charset = VIEW_LIT("utf-16");
    for (size_t i = 0; i < out->count; i++) {
        report_warn_mended(&out->reports[i], &tree, in->arena);
        if (!out->reports[i].charset.len)
            out->reports[i].charset = charset;
    }
    return 0;
}
