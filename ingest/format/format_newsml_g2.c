/* NewsML-G2 (IPTC): a newsItem, or a newsMessage with any number of items; namespaces and
 * prefixes do not matter, some senders have none. Items that carry no news of their own
 * (packages, concepts, plans) are passed over with a note. */
#include "ingest/format/g2_item.h"

static const char *const others[] = {"packageItem", "catalogItem",  "knowledgeItem",
                                     "conceptItem", "planningItem", "scheduleItem"};

static bool is_other(const struct xml_node *node) {
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (xml_is(node, others[i]))
            return true;
    return false;
}

static bool is_item(const struct xml_node *node) {
    return xml_is(node, "newsItem") || xml_is(node, "contentSet") ||
           xml_is(node, "contentMeta");
}

static bool looks(struct view bytes) {
    static const char *const roots[] = {"newsMessage", "newsItem", "contentSet",
                                        "contentMeta"};

    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (xml_root_is(bytes, roots[i]))
            return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (xml_root_is(bytes, others[i]))
            return true;
    return false;
}

struct reading {
    const struct format_input *in;
    struct format_output *out;
    struct diag *diag;
    struct xml_document document;
    const struct xml_node *header;
};

static int read_item(struct reading *r, const struct xml_node *item) {
    struct report *report =
        news_report(&format_newsml_g2, r->in, &r->document, r->out, r->diag);
    struct view guid = view_trim(xml_attribute(item, "guid"));
    struct news news;
    bool says;

    if (!report)
        return ERR_TOO_BIG;
    news_begin(&news, r->in, report);
    g2_read_item(&news, item, r->header);
    says = news_says_something(&news);
    news_end(&news);
    if (!says)
        news_drop(r->in, r->out, "%.*s %.*s without text passed over",
                  (int)item->name.len, item->name.at,
                  (int)(guid.len < 100 ? guid.len : 100), guid.at);
    return 0;
}

static void note_other(const struct reading *r, const struct xml_node *item) {
    struct view guid = view_trim(xml_attribute(item, "guid"));

    news_note(r->in, r->out, "%.*s %.*s passed over", (int)item->name.len, item->name.at,
              (int)(guid.len < 100 ? guid.len : 100), guid.at);
}

static int read_any(struct reading *r, const struct xml_node *item) {
    if (is_item(item))
        return read_item(r, item);
    if (is_other(item))
        note_other(r, item);
    return 0;
}

static int read_message(struct reading *r, const struct xml_node *message) {
    int err = 0;

    r->header = xml_child(message, "header");
    for (const struct xml_node *set = xml_child(message, "itemSet"); set && !err;
         set = xml_next(set, "itemSet"))
        for (const struct xml_node *n = set->first; n && !err; n = n->next)
            err = read_any(r, n);
    if (!err && !r->out->count && !r->out->note.len)
        news_note(r->in, r->out, "newsMessage without items passed over");
    return err;
}

static int read_g2(const struct format_input *in, struct format_output *out,
                   struct diag *diag) {
    struct reading r = {in, out, diag, {0}, NULL};
    const struct xml_node *root;
    int err = news_read_xml(in, &r.document, diag);

    if (err)
        return err;
    root = r.document.root;
    if (xml_is(root, "newsMessage"))
        return read_message(&r, root);
    if (is_item(root) || is_other(root))
        return read_any(&r, root);
    diag_set(diag, 0, "line %lu: <%.*s> is no NewsML-G2", xml_line(&r.document, root),
             (int)root->name.len, root->name.at);
    return ERR_FORMAT;
}

const struct format format_newsml_g2 = {
    .name = "newsml-g2",
    .looks = looks,
    .read = read_g2,
};
