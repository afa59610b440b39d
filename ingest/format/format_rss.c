/* RSS 2.0, its forerunners 0.91 to 0.94, and those in RDF (0.90 and 1.0), with the
 * modules in use: Dublin Core, content:encoded, Atom links, GeoRSS, Media RSS.
 *
 * An item's guid is the story, its link where there is none; there are no versions, but
 * atom:updated and dcterms:modified tell a newer one. */
#include "ingest/format/syndication.h"
#include "ingest/format/url.h"
#include "proto/report_field.h"

enum field {
    TITLE,
    LINK,
    ORIGINAL_LINK,
    ATOM_LINK,
    GUID,
    OTHER_ID,
    CREATED,
    DATE,
    UPDATED,
    CONTENT,
    DESCRIPTION,
    SOURCE,
    SINGLE, /* up to here an item has one */
    CREATOR,
    AUTHOR,
    CATEGORY,
    LANGUAGE,
    CARRIED,
    UNKNOWN
};

/* An element in the namespace of its item is RSS's own, whatever that namespace. */
static enum feed_space space_of(const struct xml_node *node) {
    bool own = node->parent && !strcmp(node->space, node->parent->space);
    return own ? SPACE_RSS : syndication_space(node);
}

#define NAME(text)                                                                       \
    { text, sizeof(text) - 1 }

static enum field field_of(const struct xml_node *node) {
    static const struct {
        enum feed_space space;
        struct view name;
        enum field field;
    } fields[] = {
        {SPACE_RSS, NAME("title"), TITLE},
        {SPACE_RSS, NAME("link"), LINK},
        {SPACE_RSS, NAME("description"), DESCRIPTION},
        {SPACE_RSS, NAME("guid"), GUID},
        {SPACE_RSS, NAME("pubDate"), DATE},
        {SPACE_RSS, NAME("category"), CATEGORY},
        {SPACE_RSS, NAME("author"), AUTHOR},
        {SPACE_RSS, NAME("source"), SOURCE},
        {SPACE_RSS, NAME("pubdate"), DATE},
        {SPACE_RSS, NAME("PubDate"), DATE},
        {SPACE_RSS, NAME("date"), DATE},
        {SPACE_RSS, NAME("body"), CONTENT},
        {SPACE_RSS, NAME("summary"), DESCRIPTION},
        {SPACE_DC, NAME("creator"), CREATOR},
        {SPACE_DC, NAME("subject"), CATEGORY},
        {SPACE_DC, NAME("date"), DATE},
        {SPACE_DC, NAME("language"), LANGUAGE},
        {SPACE_DC, NAME("title"), TITLE},
        {SPACE_DC, NAME("description"), DESCRIPTION},
        {SPACE_DC, NAME("identifier"), OTHER_ID},
        {SPACE_DC, NAME("source"), SOURCE},
        {SPACE_TERMS, NAME("modified"), UPDATED},
        {SPACE_TERMS, NAME("created"), CREATED},
        {SPACE_TERMS, NAME("issued"), DATE},
        {SPACE_CONTENT, NAME("encoded"), CONTENT},
        {SPACE_XHTML, NAME("body"), CONTENT},
        {SPACE_XHTML, NAME("div"), CONTENT},
        {SPACE_ATOM, NAME("link"), ATOM_LINK},
        {SPACE_ATOM, NAME("updated"), UPDATED},
        {SPACE_ATOM, NAME("published"), DATE},
        {SPACE_ATOM, NAME("content"), CONTENT},
        {SPACE_ATOM, NAME("summary"), DESCRIPTION},
        {SPACE_ATOM, NAME("id"), OTHER_ID},
        {SPACE_ATOM, NAME("author"), AUTHOR},
        {SPACE_FEEDBURNER, NAME("origLink"), ORIGINAL_LINK},
    };
    enum feed_space space = space_of(node);

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (space == fields[i].space && view_eq(node->name, fields[i].name))
            return fields[i].field;
    return space == SPACE_RSS || space == SPACE_OTHER ? UNKNOWN : CARRIED;
}

/* ---- an item ---- */

/* A module's element does not stand in for RSS's own. */
static bool better(const struct xml_node *known, const struct xml_node *node) {
    if (!node->text.len && !node->first && !node->attributes)
        return false;
    return !known || (syndication_space(known) != SPACE_RSS &&
                      syndication_space(node) == SPACE_RSS);
}

static void take_node(struct syndication *s, enum field field,
                      const struct xml_node *node) {
    struct arena *arena = s->in->arena;

    if (field == CREATOR || field == AUTHOR) {
        const struct xml_node *name = xml_child(node, "name");
        syndication_author(s, xml_words(name ? name : node, arena));
    } else if (field == CATEGORY) {
        syndication_category(s, xml_attribute(node, "domain"), syndication_line(s, node),
                             view_of(NULL));
    } else if (field == LANGUAGE) {
        syndication_lang(s, xml_words(node, arena));
    } else if (field == CARRIED) {
        syndication_carry(s, node);
    }
}

static bool is_alternate(const struct xml_node *link) {
    struct view rel = xml_attribute(link, "rel");
    return !rel.len || view_is(rel, "alternate");
}

static void gather(struct syndication *s, const struct xml_node *item,
                   const struct xml_node **found) {
    for (const struct xml_node *node = item->first; node; node = node->next) {
        enum field field = field_of(node);
        if (field == ATOM_LINK && !is_alternate(node))
            continue;
        if (field >= SINGLE)
            take_node(s, field, node);
        else if (better(found[field], node))
            found[field] = node;
    }
}

static struct view link_text(struct syndication *s, const struct xml_node *node) {
    struct view href = xml_attribute(node, "href");
    return href.len ? href : xml_words(node, s->in->arena);
}

static void set_identity(struct syndication *s, const struct xml_node *item,
                         const struct xml_node **found) {
    struct report *report = s->report;
    struct view base = syndication_base(s, item, s->base), link = {0};
    struct view guid = xml_words(found[GUID], s->in->arena);

    for (enum field f = ORIGINAL_LINK; !link.len && f >= LINK; f--)
        link = link_text(s, found[f]);
    if (!link.len)
        link = link_text(s, found[ATOM_LINK]);
    if (!link.len && guid.len && url_is_absolute(guid) &&
        !view_is(xml_attribute(found[GUID], "isPermaLink"), "false"))
        link = guid;
    report->url = url_resolve(base, link, s->in->arena);
    report->guid = guid;
    if (!report->guid.len)
        report->guid = xml_attribute(item, "about");
    if (!report->guid.len)
        report->guid = xml_words(found[OTHER_ID], s->in->arena);
}

static struct view first_time(struct syndication *s, const struct xml_node *a,
                              const struct xml_node *b) {
    struct view time = a ? syndication_time(s, a) : view_of(NULL);
    return time.len || !b ? time : syndication_time(s, b);
}

static void read_item(struct syndication *s, const struct xml_node *item) {
    const struct xml_node *found[SINGLE] = {NULL};

    syndication_begin(s);
    syndication_lang(s, xml_attribute(item, "lang"));
    gather(s, item, found);
    set_identity(s, item, found);
    s->report->source = syndication_line(s, found[SOURCE]);
    if (view_starts(s->report->source, "http")) // dc:source may be an address
        s->report->source = view_of(NULL);
    s->title = syndication_line(s, found[TITLE]);
    s->body = syndication_text(s, found[CONTENT]);
    s->summary = syndication_text(s, found[DESCRIPTION]);
    s->issued = first_time(s, found[DATE], found[CREATED]);
    s->updated = first_time(s, found[UPDATED], NULL);
    syndication_end(s);
}

/* ---- the channel ---- */

static void read_channel(struct syndication *s, const struct xml_node *root,
                         const struct xml_node *channel) {
    struct view lang = xml_attribute(root, "lang");
    struct view base = syndication_base(s, root, view_of(NULL));

    base = syndication_base(s, channel, base);
    for (const struct xml_node *node = channel ? channel->first : NULL; node;
         node = node->next) {
        enum field field = field_of(node);
        if (xml_is(node, "language") && !lang.len)
            lang = xml_words(node, s->in->arena);
        else if (field == TITLE && !s->source.len)
            s->source = syndication_line(s, node);
        else if (field == LINK && !base.len)
            base = link_text(s, node);
    }
    s->base = base;
    if (field_is_language(lang))
        s->lang = lang;
}

static void read_items(struct syndication *s, const struct xml_node *parent) {
    for (const struct xml_node *item = xml_child(parent, "item"); item;
         item = xml_next(item, "item"))
        read_item(s, item);
    for (const struct xml_node *items = xml_child(parent, "items"); items;
         items = xml_next(items, "items"))
        for (const struct xml_node *item = xml_child(items, "item"); item;
             item = xml_next(item, "item"))
            read_item(s, item);
}

/* ---- the format ---- */

static bool mentions(struct view bytes, const char *text) {
    size_t len = strlen(text);

    for (size_t i = 0; i + len <= bytes.len; i++)
        if (!memcmp(bytes.at + i, text, len))
            return true;
    return false;
}

/* RDF is for other things as well. */
static bool looks(struct view bytes) {
    struct view head = view_n(bytes.at, bytes.len < 4096 ? bytes.len : 4096);

    if (xml_root_is(bytes, "rss"))
        return true;
    return xml_root_is(bytes, "RDF") && (mentions(head, "purl.org/rss/1.0/") ||
                                         mentions(head, "netscape.com/rdf/simple/0.9/"));
}

static int read_rss(const struct format_input *in, struct format_output *out,
                    struct diag *diag) {
    struct syndication s = {.format = &format_rss, .summary_key = "description"};
    const struct xml_node *root, *channel;
    int err = syndication_open(&s, in, out, diag);

    if (err)
        return err;
    root = s.document.root;
    if (!xml_is(root, "rss") && !xml_is(root, "RDF")) {
        diag_set(diag, root->offset,
                 "line %lu: the root is <%.*s>, not <rss> or <rdf:RDF>",
                 xml_line(&s.document, root),
                 (int)(root->name.len < 40 ? root->name.len : 40), root->name.at);
        return ERR_FORMAT;
    }
    channel = xml_child(root, "channel");
    read_channel(&s, root, channel);
    if (channel)
        read_items(&s, channel);
    read_items(&s, root);
    syndication_close(&s);
    return 0;
}

const struct format format_rss = {
    .name = "rss",
    .looks = looks,
    .read = read_rss,
};
