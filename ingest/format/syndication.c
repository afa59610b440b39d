#include "ingest/format/syndication.h"

#include <stdio.h>
#include <stdlib.h>

#include "ingest/format/html.h"
#include "ingest/format/url.h"
#include "ingest/format/xml_blocks.h"
#include "proto/report_field.h"

#define EXCERPT_LINES 12
#define BYLINE_BYTES  500 /* what is longer takes no more names */

/* Namespaces, and the prefixes of those that many forget to declare. */
enum feed_space syndication_space(const struct xml_node *node) {
    static const struct {
        const char *name;
        enum feed_space space;
    } spaces[] = {
        {"", SPACE_RSS},
        {"http://www.w3.org/2005/Atom", SPACE_ATOM},
        {"http://purl.org/dc/elements/1.1/", SPACE_DC},
        {"http://purl.org/rss/1.0/modules/content/", SPACE_CONTENT},
        {"http://search.yahoo.com/mrss/", SPACE_MEDIA},
        {"http://www.georss.org/georss", SPACE_GEORSS},
        {"http://purl.org/rss/1.0/", SPACE_RSS},
        {"http://purl.org/dc/terms/", SPACE_TERMS},
        {"http://www.w3.org/2003/01/geo/wgs84_pos#", SPACE_GEO},
        {"http://www.w3.org/1999/xhtml", SPACE_XHTML},
        {"http://www.opengis.net/gml", SPACE_GML},
        {"http://rssnamespace.org/feedburner/ext/1.0", SPACE_FEEDBURNER},
        {"http://purl.org/atompub/tombstones/1.0", SPACE_TOMBSTONE},
        {"http://purl.org/atom/ns#", SPACE_ATOM},
        {"http://search.yahoo.com/mrss", SPACE_MEDIA},
        {"http://my.netscape.com/rdf/simple/0.9/", SPACE_RSS},
        {"http://channel.netscape.com/rdf/simple/0.9/", SPACE_RSS},
        {"http://backend.userland.com/rss2", SPACE_RSS},
        {"http://backend.userland.com/RSS2", SPACE_RSS},
        {"http://purl.org/net/rss1.1#", SPACE_RSS},
        {"http://purl.org/dc/elements/1.0/", SPACE_DC},
        {"dc", SPACE_DC},
        {"content", SPACE_CONTENT},
        {"atom", SPACE_ATOM},
        {"media", SPACE_MEDIA},
        {"georss", SPACE_GEORSS},
        {"geo", SPACE_GEO},
        {"dcterms", SPACE_TERMS},
        {"feedburner", SPACE_FEEDBURNER},
        {"at", SPACE_TOMBSTONE},
    };

    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (!strcmp(node->space, spaces[i].name))
            return spaces[i].space;
    return SPACE_OTHER;
}

struct view syndication_keep(struct syndication *s, struct view text) {
    return view_n(arena_copy(s->in->arena, text.at, text.len), text.len);
}

/* ---- what a node says ---- */

/* Some writers put escaped markup into a div that is not. */
static const struct xml_node *unwrap(const struct xml_node *node) {
    const struct xml_node *only = node->first;

    while (only && !only->next && xml_is(only, "div") && !view_trim(node->text).len &&
           !view_trim(only->tail).len) {
        node = only;
        only = node->first;
    }
    return node;
}

struct view syndication_text(struct syndication *s, const struct xml_node *node) {
    buf_clear(&s->text);
    if (!node)
        return view_of(NULL);
    node = unwrap(node);
    if (node->first)
        xml_put_text(node, &s->text);
    else
        html_put(node->text, &s->text);
    return syndication_keep(s, buf_view(&s->text));
}

struct view syndication_line(struct syndication *s, const struct xml_node *node) {
    if (!node)
        return view_of(NULL);
    return node->first ? xml_words(node, s->in->arena)
                       : html_line(node->text, s->in->arena);
}

struct view syndication_base(struct syndication *s, const struct xml_node *node,
                             struct view base) {
    struct view own = xml_attribute(node, "base");
    return own.len ? url_resolve(base, own, s->in->arena) : base;
}

/* ---- parts of a report ---- */

/* The name in "jo@example.org (Jo Doe)", "Jo Doe <jo@example.org>", "By Jo Doe". */
static struct view person(struct view name) {
    const char *open = name.len ? memchr(name.at, '(', name.len) : NULL;
    const char *angle = name.len ? memchr(name.at, '<', name.len) : NULL;

    if (name.len > 3 && (name.at[0] | 0x20) == 'b' && !memcmp(name.at + 1, "y ", 2))
        return view_trim(view_n(name.at + 3, name.len - 3));
    if (open && memchr(name.at, '@', (size_t)(open - name.at)) &&
        name.at[name.len - 1] == ')')
        return view_trim(view_n(open + 1, (size_t)(name.at + name.len - 1 - (open + 1))));
    if (angle && angle > name.at && name.at[name.len - 1] == '>')
        return view_trim(view_n(name.at, (size_t)(angle - name.at)));
    return name;
}

static bool names_already(struct view all, struct view name) {
    struct view one;

    while (view_split(&all, ',', &one))
        if (view_eq(view_trim(one), name))
            return true;
    return false;
}

void syndication_author(struct syndication *s, struct view name) {
    struct view *byline = &s->report->byline;
    char *joined;

    name = person(view_trim(name));
    if (!name.len || view_eq(*byline, name) ||
        (byline->len <= BYLINE_BYTES && names_already(*byline, name)))
        return;
    if (!byline->len) {
        *byline = name;
        return;
    }
    if (byline->len > BYLINE_BYTES) {
        report_warn(s->report, s->in->arena, "too many authors: some passed over");
        return;
    }
    joined = arena_alloc(s->in->arena, byline->len + 2 + name.len);
    memcpy(joined, byline->at, byline->len);
    memcpy(joined + byline->len, ", ", 2);
    memcpy(joined + byline->len + 2, name.at, name.len);
    *byline = view_n(joined, byline->len + 2 + name.len);
}

static struct view scheme_name(struct view scheme) {
    static const char *const short_names[][2] = {
        {"http://cv.iptc.org/newscodes/mediatopic", "medtop"},
        {"http://cv.iptc.org/newscodes/subjectcode", "subj"},
    };

    while (scheme.len &&
           (scheme.at[scheme.len - 1] == '/' || scheme.at[scheme.len - 1] == '#'))
        scheme.len--;
    for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++)
        if (view_is(scheme, short_names[i][0]))
            return view_of(short_names[i][1]);
    return scheme;
}

/* Codes are for programs. */
static bool readable(struct view words) {
    for (size_t i = 0; i < words.len; i++)
        if ((words.at[i] | 0x20) >= 'a')
            return true;
    return false;
}

void syndication_category(struct syndication *s, struct view scheme, struct view term,
                          struct view label) {
    struct arena *arena = s->in->arena;
    struct view words = xml_one_line(label.len ? label : term, arena);
    bool room = true;

    term = xml_one_line(term, arena);
    scheme = scheme_name(xml_one_line(scheme, arena));
    if (scheme.len && term.len) {
        char *code = arena_alloc(s->in->arena, scheme.len + 1 + term.len);
        memcpy(code, scheme.at, scheme.len);
        code[scheme.len] = ':';
        memcpy(code + scheme.len + 1, term.at, term.len);
        room = report_add_category(s->report, view_n(code, scheme.len + 1 + term.len));
    }
    if (label.len || !scheme.len || readable(words))
        room = report_add_keyword(s->report, words) && room;
    if (!room)
        report_warn(s->report, s->in->arena, "too many categories: some passed over");
}

void syndication_lang(struct syndication *s, struct view lang) {
    lang = view_trim(lang);
    if (lang.len && field_is_language(lang))
        s->report->lang = lang;
}

/* ---- extra ---- */

static void put_extra(struct syndication *s, const char *key, struct view value) {
    if (!value.len)
        return;
    if (!s->extra.len) {
        s->json = json_to(&s->extra);
        json_begin_object(&s->json);
    }
    json_key(&s->json, key);
    json_view(&s->json, value);
}

static void carry_one(struct syndication *s, const struct xml_node *node) {
    static const struct {
        enum feed_space space;
        const char *name, *key;
    } carried[] = {
        {SPACE_GEORSS, "point", "georss:point"},
        {SPACE_GEORSS, "line", "georss:line"},
        {SPACE_GEORSS, "polygon", "georss:polygon"},
        {SPACE_GEORSS, "box", "georss:box"},
        {SPACE_GEORSS, "featurename", "georss:featurename"},
        {SPACE_GML, "pos", "gml:pos"},
        {SPACE_GML, "posList", "gml:posList"},
        {SPACE_GEO, "lat", "geo:lat"},
        {SPACE_GEO, "long", "geo:long"},
        {SPACE_MEDIA, "description", "media:description"},
        {SPACE_MEDIA, "credit", "media:credit"},
        {SPACE_DC, "rights", "dc:rights"},
        {SPACE_DC, "publisher", "dc:publisher"},
        {SPACE_ATOM, "rights", "rights"},
    };
    enum feed_space space = syndication_space(node);

    for (size_t i = 0; i < sizeof carried / sizeof *carried; i++)
        if (space == carried[i].space && xml_is(node, carried[i].name) &&
            !(s->carried & 1u << i)) {
            s->carried |= 1u << i;
            put_extra(s, carried[i].key, syndication_line(s, node));
        }
}

void syndication_carry(struct syndication *s, const struct xml_node *node) {
    for (const struct xml_node *at = node; at; at = xml_walk(node, at))
        carry_one(s, at);
}

/* ---- a report ---- */

void syndication_begin(struct syndication *s) {
    s->report = format_report(s->format, s->in, s->out);
    s->title = s->body = s->summary = s->issued = s->updated = view_of(NULL);
    s->carried = 0;
    buf_clear(&s->extra);
    s->report->lang = s->lang;
    s->report->charset = s->document.charset;
    s->report->warning = s->document.warning;
}

/* Is a line cut off here: "…", "...", in brackets or not, and nothing behind it? */
static bool cut_off(struct view text, size_t at) {
    struct view mark = view_n(text.at + at, text.len - at < 3 ? 0 : 3);
    if (!view_is(mark, "…") && !view_is(mark, "..."))
        return false;
    for (at += 3; at < text.len && strchr(" ])", text.at[at]);)
        at++;
    return at == text.len || text.at[at] == '\n';
}

/* What an excerpt has of its text: behind the end of that feeds put links to it. */
static struct view excerpt(struct view text) {
    size_t end = 0;

    while (end < text.len && !cut_off(text, end))
        end++;
    while (end && strchr(" [(\n", text.at[end - 1]))
        end--;
    return end ? view_n(text.at, end) : text;
}

/* Does the text begin so, blanks apart? */
static bool begins(struct view text, struct view with) {
    size_t i = 0, k = 0;

    for (;;) {
        while (i < text.len && strchr(" \n\t", text.at[i]))
            i++;
        while (k < with.len && strchr(" \n\t", with.at[k]))
            k++;
        if (k == with.len)
            return true;
        if (i == text.len || text.at[i++] != with.at[k++])
            return false;
    }
}

/* Is it in the body, from the beginning of one of its first lines on? A caption may come
 * before it. */
static bool is_excerpt(struct view of, struct view body) {
    struct view line;

    for (unsigned lines = 0; lines < EXCERPT_LINES; lines++)
        if (begins(body, of))
            return true;
        else if (!view_split(&body, '\n', &line))
            return false;
    return false;
}

static void set_words(struct syndication *s) {
    struct report *report = s->report;

    if (s->summary.len > s->body.len) { // "content" was a picture, or less than that
        struct view longer = s->summary;
        s->summary = s->body;
        s->body = longer;
    }
    if (!is_excerpt(excerpt(s->summary), s->body))
        put_extra(s, s->summary_key, s->summary);
    if (view_eq(s->title, s->body)) // messages of a line have no more to say
        s->body = view_of(NULL);
    report->headline = s->title;
    buf_clear(&s->text);
    buf_put_view(&s->text, s->title);
    if (s->title.len && s->body.len)
        buf_put_text(&s->text, "\n\n");
    buf_put_view(&s->text, s->body);
    report->text = syndication_keep(s, buf_view(&s->text));
}

static void set_times(struct syndication *s) {
    struct report *report = s->report;

    report->published = s->issued;
    if (!s->updated.len)
        return;
    report->version_created = s->updated;
    report->first_created = s->issued;
    if (view_cmp(s->updated, s->issued) > 0)
        report->published = s->updated;
}

/* A channel's title is the best guess who speaks, where nobody has said it. */
static void set_origin(struct syndication *s) {
    struct report *report = s->report;

    if (!report->source.len)
        report->source = view_of(s->in->feed->agency);
    if (!report->source.len)
        report->source = s->source;
    if (!view_eq(report->source, s->source))
        put_extra(s, "channel", s->source);
    if (!report->lang.len)
        report->lang = view_of(s->in->feed->lang);
    report->guid = xml_one_line(report->guid, s->in->arena);
    report->url = xml_one_line(report->url, s->in->arena);
    if (!report->guid.len && report->url.len) {
        report->guid = report->url;
        report->guid_from = VIEW_LIT("url");
    } else if (report->guid.len && !report->guid_from.len) {
        report->guid_from = VIEW_LIT("given");
    }
}

void syndication_end(struct syndication *s) {
    set_words(s);
    if (!s->report->text.len && !report_cancels(s->report)) {
        s->empty++;
        s->out->count--;
        return;
    }
    set_times(s);
    set_origin(s);
    if (s->extra.len) {
        json_end(&s->json);
        s->report->extra = syndication_keep(s, buf_view(&s->extra));
    }
}

/* ---- a document ---- */

static bool is_item(const struct xml_node *node) {
    return xml_is(node, "item") || xml_is(node, "entry") || xml_is(node, "deleted-entry");
}

static size_t count_items(const struct xml_node *parent) {
    size_t count = 0;

    for (const struct xml_node *node = parent->first; node; node = node->next) {
        count += is_item(node);
        if (xml_is(node, "channel") || xml_is(node, "items"))
            count += count_items(node);
    }
    return count;
}

int syndication_open(struct syndication *s, const struct format_input *in,
                     struct format_output *out, struct diag *diag) {
    int err = xml_read(in->bytes, in->feed->charset, in->arena, &s->document, diag);
    size_t count;

    s->in = in;
    s->out = out;
    if (err)
        return err;
    count = count_items(s->document.root);
    if (count <= SYNDICATION_ITEMS)
        return 0;
    diag_set(diag, 0, "a feed of %zu items, %d are the most", count, SYNDICATION_ITEMS);
    return ERR_FORMAT;
}

static int by_guid(const void *a, const void *b) {
    const struct report *const *left = a, *const *right = b;
    int order = view_cmp((*left)->guid, (*right)->guid);

    return order ? order : (*left > *right) - (*left < *right);
}

/* Some senders give all their items one guid, the site's address. Three stories that
 * share theirs, but not their links or at least headlines, have none. */
static void drop_shared(struct report **same, size_t count) {
    size_t others = 0;

    for (size_t i = 1; i < count; i++)
        others += !view_eq(same[i]->url, same[0]->url) ||
                  (!same[i]->url.len && !view_eq(same[i]->headline, same[0]->headline));
    if (count < 3 || others + 1 < count)
        return;
    for (size_t i = 0; i < count; i++) {
        same[i]->guid = same[i]->url;
        same[i]->guid_from = view_of(same[i]->url.len ? "url" : NULL);
    }
}

static void find_shared(struct syndication *s) {
    size_t count = s->out->count, first = 0;
    struct report **sorted = arena_alloc(s->in->arena, (count + 1) * sizeof *sorted);

    for (size_t i = 0; i < count; i++)
        sorted[i] = &s->out->reports[i];
    qsort(sorted, count, sizeof *sorted, by_guid);
    for (size_t i = 1; i <= count; i++)
        if (i == count || !view_eq(sorted[i]->guid, sorted[first]->guid)) {
            if (sorted[first]->guid.len)
                drop_shared(sorted + first, i - first);
            first = i;
        }
}

void syndication_close(struct syndication *s) {
    char note[80];

    if (s->empty) {
        snprintf(note, sizeof note, "%zu item%s without text passed over", s->empty,
                 s->empty > 1 ? "s" : "");
        format_note(s->in, s->out, note);
    } else if (!s->out->count) {
        format_note(s->in, s->out, "a feed without items");
    }
    find_shared(s);
    buf_release(&s->text);
    buf_release(&s->extra);
}
