/* Atom 1.0 (RFC 4287), 0.3 as far as it is still sent, and its tombstones (RFC 6721):
 * deleted-entry takes a story back. An entry's id is the story; there are no versions,
 * `updated` tells a newer one. */
#include "ingest/format/syndication.h"
#include "ingest/format/url.h"
#include "proto/report_field.h"

/* Elements of Atom; without a namespace they are meant as well. */
static bool ours(const struct xml_node *node) {
    enum feed_space space = syndication_space(node);
    return space == SPACE_ATOM || space == SPACE_RSS;
}

static const struct xml_node *child(const struct xml_node *parent, const char *name) {
    const struct xml_node *node = xml_child(parent, name);

    while (node && !ours(node))
        node = xml_next(node, name);
    return node;
}

static const struct xml_node *either(const struct xml_node *parent, const char *name,
                                     const char *older) {
    const struct xml_node *node = child(parent, name);
    return node ? node : child(parent, older);
}

/* ---- links ---- */

/* Where a browser would go: the alternate, of several the one in HTML. */
static const struct xml_node *alternate(const struct xml_node *parent) {
    const struct xml_node *first = NULL;

    for (const struct xml_node *link = child(parent, "link"); link;
         link = xml_next(link, "link")) {
        struct view rel = xml_attribute(link, "rel"), type = xml_attribute(link, "type");
        if (!ours(link) || (rel.len && !view_is(rel, "alternate")))
            continue;
        if (!type.len || view_starts(type, "text/html"))
            return link;
        first = first ? first : link;
    }
    return first;
}

static struct view address(struct syndication *s, const struct xml_node *link,
                           struct view base) {
    struct view href = link ? xml_attribute(link, "href") : view_of(NULL);

    if (!href.len)
        return view_of(NULL);
    return url_resolve(syndication_base(s, link, base), href, s->in->arena);
}

/* ---- an entry ---- */

static bool is_words(const struct xml_node *node) {
    struct view type = xml_attribute(node, "type");

    if (view_is(xml_attribute(node, "mode"), "base64"))
        return false;
    return !type.len || !memchr(type.at, '/', type.len) || view_starts(type, "text/") ||
           view_starts(type, "application/xhtml") ||
           view_starts(type, "application/xml") ||
           (type.len > 4 && !memcmp(type.at + type.len - 4, "+xml", 4));
}

static struct view words_of(struct syndication *s, const struct xml_node *node) {
    return node && is_words(node) ? syndication_text(s, node) : view_of(NULL);
}

static void add_authors(struct syndication *s, const struct xml_node *parent) {
    for (const struct xml_node *author = child(parent, "author"); author;
         author = xml_next(author, "author")) {
        const struct xml_node *name = child(author, "name");
        if (ours(author))
            syndication_author(s, xml_words(name ? name : author, s->in->arena));
    }
}

static void take_rest(struct syndication *s, const struct xml_node *entry) {
    for (const struct xml_node *node = entry->first; node; node = node->next) {
        enum feed_space space = syndication_space(node);
        if (ours(node) && xml_is(node, "category"))
            syndication_category(s, xml_attribute(node, "scheme"),
                                 xml_attribute(node, "term"),
                                 xml_attribute(node, "label"));
        else if (space == SPACE_DC && xml_is(node, "creator"))
            syndication_author(s, xml_words(node, s->in->arena));
        else if (space == SPACE_DC && xml_is(node, "subject"))
            syndication_category(s, view_of(NULL), xml_words(node, s->in->arena),
                                 view_of(NULL));
        else if (!ours(node) || xml_is(node, "rights"))
            syndication_carry(s, node);
    }
}

static void set_link(struct syndication *s, const struct xml_node *entry,
                     struct view base, const struct xml_node *content) {
    struct report *report = s->report;

    report->url = address(s, alternate(entry), base);
    for (const struct xml_node *node = entry->first; node; node = node->next)
        if (syndication_space(node) == SPACE_FEEDBURNER && xml_is(node, "origLink"))
            report->url = xml_words(node, s->in->arena);
    if (!report->url.len && content && xml_attribute(content, "src").len)
        report->url = url_resolve(syndication_base(s, content, base),
                                  xml_attribute(content, "src"), s->in->arena);
}

static void read_entry(struct syndication *s, const struct xml_node *entry) {
    const struct xml_node *content = child(entry, "content");
    const struct xml_node *source = child(entry, "source");
    const struct xml_node *issued = either(entry, "published", "issued");
    const struct xml_node *updated = either(entry, "updated", "modified");

    syndication_begin(s);
    s->report->guid = xml_words(child(entry, "id"), s->in->arena);
    set_link(s, entry, syndication_base(s, entry, s->base), content);
    syndication_lang(s, xml_attribute(entry, "lang"));
    if (content)
        syndication_lang(s, xml_attribute(content, "lang"));
    add_authors(s, entry);
    take_rest(s, entry);
    if (!s->report->byline.len)
        add_authors(s, source);
    if (!s->report->byline.len)
        add_authors(s, entry->parent);
    s->report->source = syndication_line(s, child(source, "title"));
    s->title = syndication_line(s, child(entry, "title"));
    s->body = words_of(s, content);
    s->summary = words_of(s, child(entry, "summary"));
    if (issued || (issued = child(entry, "created")))
        s->issued = syndication_time(s, issued);
    if (updated)
        s->updated = syndication_time(s, updated);
    if (s->updated.len) // so it counts after an older tombstone
        s->report->status = VIEW_LIT("usable");
    syndication_end(s);
}

/* RFC 6721: no words, but whose and since when. */
static void read_deleted(struct syndication *s, const struct xml_node *node) {
    struct view ref = view_trim(xml_attribute(node, "ref"));
    struct xml_node when = {
        .name = VIEW_LIT("when"), .space = "", .text = xml_attribute(node, "when")};

    if (!ref.len) {
        s->empty++;
        return;
    }
    syndication_begin(s);
    s->report->guid = ref;
    s->report->status = VIEW_LIT("canceled");
    s->report->action = VIEW_LIT("kill");
    s->report->url = address(s, alternate(node), s->base);
    s->report->ednote = xml_words(xml_child(node, "comment"), s->in->arena);
    s->updated = syndication_time(s, &when);
    syndication_end(s);
}

/* ---- the feed ---- */

static void read_head(struct syndication *s, const struct xml_node *feed) {
    const struct xml_node *self = child(feed, "link");
    struct view lang = xml_attribute(feed, "lang");

    s->base = address(s, alternate(feed), view_of(NULL));
    while (self && !view_is(xml_attribute(self, "rel"), "self"))
        self = xml_next(self, "link");
    if (!s->base.len)
        s->base = address(s, self, view_of(NULL));
    s->base = syndication_base(s, feed, s->base);
    s->source = syndication_line(s, child(feed, "title"));
    if (field_is_language(lang))
        s->lang = lang;
}

static void read_one(struct syndication *s, const struct xml_node *node) {
    if (ours(node) && xml_is(node, "entry"))
        read_entry(s, node);
    else if (xml_is(node, "deleted-entry"))
        read_deleted(s, node);
}

static bool looks(struct view bytes) {
    return xml_root_is(bytes, "feed") || xml_root_is(bytes, "entry") ||
           xml_root_is(bytes, "deleted-entry");
}

static int read_atom(const struct format_input *in, struct format_output *out,
                     struct diag *diag) {
    struct syndication s = {.format = &format_atom, .summary_key = "summary"};
    const struct xml_node *root;
    int err = syndication_open(&s, in, out, diag);

    if (err)
        return err;
    root = s.document.root;
    if (xml_is(root, "feed")) {
        read_head(&s, root);
        for (const struct xml_node *node = root->first; node; node = node->next)
            read_one(&s, node);
    } else if (xml_is(root, "entry") || xml_is(root, "deleted-entry")) {
        read_one(&s, root);
    } else {
        diag_set(diag, root->offset,
                 "line %lu: the root is <%.*s>, not <feed> or <entry>",
                 xml_line(&s.document, root),
                 (int)(root->name.len < 40 ? root->name.len : 40), root->name.at);
        return ERR_FORMAT;
    }
    syndication_close(&s);
    return 0;
}

const struct format format_atom = {
    .name = "atom",
    .looks = looks,
    .read = read_atom,
};
