#include "ingest/format/nitf.h"

#include "ingest/format/blocks.h"

#define META 64 /* elements; more are passed over */

/* Tells `take` of each child of that name. */
static void each(struct news *news, const struct xml_node *parent, const char *name,
                 void (*take)(struct news *news, const struct xml_node *node)) {
    for (const struct xml_node *n = xml_child(parent, name); n; n = xml_next(n, name))
        take(news, n);
}

static struct view words(const struct news *news, const struct xml_node *node) {
    return xml_words(node, news->in->arena);
}

/* ---- head/docdata ---- */

/* Some ids end in the version's number ("_02"); the same without stands elsewhere in the
 * head then. */
static struct view without_version(struct view id, const struct xml_node *head) {
    struct view story = id;

    while (story.len && story.at[story.len - 1] >= '0' && story.at[story.len - 1] <= '9')
        story.len--;
    if (story.len < 2 || story.len == id.len || !strchr("_-:.", story.at[story.len - 1]))
        return id;
    story.len--;
    for (const struct xml_node *n = xml_child(head, "meta"); n; n = xml_next(n, "meta"))
        if (view_eq(xml_attribute(n, "content"), story))
            return story;
    return id;
}

static void take_key(struct news *news, const struct xml_node *node) {
    news_version(news, "du-key version", xml_attribute(node, "version"));
    news_set(news, &news->report->slug, xml_attribute(node, "key"));
}

static void take_keyword(struct news *news, const struct xml_node *node) {
    news_keyword(news, xml_attribute(node, "key"));
}

static void take_ed_msg(struct news *news, const struct xml_node *node) {
    news_note_to_editors(news, xml_attribute(node, "info"));
    news_note_to_editors(news, words(news, node));
}

static void take_correction(struct news *news, const struct xml_node *node) {
    news_action(news, VIEW_LIT("correction"));
    news_note_to_editors(news, xml_attribute(node, "info"));
    news_relate(news, "corrects", xml_attribute(node, "info"),
                xml_attribute(node, "id-string"));
}

static void take_times(struct news *news, const struct xml_node *docdata) {
    struct report *report = news->report;
    struct view release = xml_attribute(xml_child(docdata, "date.release"), "norm");
    struct view status = view_trim(xml_attribute(docdata, "management-status"));
    bool embargoed = status.len && (status.at[0] | 0x20) == 'e';
    int64_t issued = 0, released = 0;

    news_time(news, "date.issue", xml_attribute(xml_child(docdata, "date.issue"), "norm"),
              &report->version_created);
    news_moment(news, "date.issue",
                xml_attribute(xml_child(docdata, "date.issue"), "norm"), &issued);
    news_moment(news, "date.expire",
                xml_attribute(xml_child(docdata, "date.expire"), "norm"),
                &report->expires_ms);
    news_moment(news, "date.release", release, &released);
    if (released &&
        (embargoed || (released > issued && released > news->in->received_ms)))
        report->embargo_ms = report->embargo_ms ? report->embargo_ms : released;
    if (embargoed && !report->embargo_ms) {
        news_status(news, VIEW_LIT("withheld"));
        news_warn(news, "embargoed without a date.release: withheld");
    }
    news_status(news, status);
}

/* This document tells what became of another one. */
static void take_managed(struct news *news, const struct xml_node *docdata) {
    struct view id = xml_attribute(docdata, "management-doc-idref");
    struct view status = xml_attribute(docdata, "management-idref-status");

    if (id.len && status.len && (status.at[0] | 0x20) == 'c')
        news_relate(news, "kills", view_of(NULL), id);
}

static void take_evloc(struct news *news, const struct xml_node *docdata) {
    static const char *const keys[] = {"city",   "county-dist", "state-prov",
                                       "region", "country",     "iso-cc"};
    struct json *json;

    if (!xml_child(docdata, "evloc"))
        return;
    json = news_extra(news, "evloc");
    json_begin_array(json);
    for (const struct xml_node *n = xml_child(docdata, "evloc"); n;
         n = xml_next(n, "evloc")) {
        json_begin_object(json);
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (xml_attribute(n, keys[i]).len) {
                json_key(json, keys[i]);
                json_view(json, xml_attribute(n, keys[i]));
            }
        if (xml_short(n, news->in->arena).len) {
            json_key(json, "name");
            json_view(json, xml_short(n, news->in->arena));
        }
        json_end(json);
    }
    json_end(json);
}

static void take_series(struct news *news, const struct xml_node *docdata) {
    const struct xml_node *series = xml_child(docdata, "series");
    struct json *json;

    if (!series)
        return;
    json = news_extra(news, "series");
    json_begin_object(json);
    json_key(json, "name");
    json_view(json, xml_attribute(series, "series.name"));
    json_key(json, "part");
    json_view(json, xml_attribute(series, "series.part"));
    json_key(json, "totalpart");
    json_view(json, xml_attribute(series, "series.totalpart"));
    json_end(json);
}

static void take_copyright(struct news *news, const struct xml_node *docdata) {
    const struct xml_node *node = xml_child(docdata, "doc.copyright");
    struct view holder = view_of(NULL);

    news_join(news, &holder, xml_attribute(node, "holder"));
    news_join(news, &holder, xml_attribute(node, "year"));
    news_extra_line(news, "copyright", holder);
}

static void read_docdata(struct news *news, const struct xml_node *docdata,
                         const struct xml_node *head) {
    const struct xml_node *id = xml_child(docdata, "doc-id");

    if (!docdata)
        return;
    news_set(news, &news->report->guid,
             without_version(view_trim(xml_attribute(id, "id-string")), head));
    news_set(news, &news->report->source, xml_attribute(id, "regsrc"));
    news_urgency(news, xml_attribute(xml_child(docdata, "urgency"), "ed-urg"));
    take_times(news, docdata);
    take_managed(news, docdata);
    each(news, docdata, "du-key", take_key);
    each(news, xml_child(docdata, "key-list"), "keyword", take_keyword);
    each(news, docdata, "ed-msg", take_ed_msg);
    each(news, docdata, "correction", take_correction);
    take_evloc(news, docdata);
    take_series(news, docdata);
    take_copyright(news, docdata);
}

/* ---- the rest of head ---- */

static void take_subject(struct news *news, const struct xml_node *node) {
    struct view code = xml_attribute(node, "tobject.subject.refnum");

    if (code.len)
        news_category(news, "subj", code);
    else
        news_category(news, "subj", xml_attribute(node, "tobject.subject.code"));
}

static void take_tobject(struct news *news, const struct xml_node *node) {
    each(news, node, "tobject.subject", take_subject);
    news_extra_line(news, "tobject.type", xml_attribute(node, "tobject.type"));
    news_extra_line(
        news, "tobject.property",
        xml_attribute(xml_child(node, "tobject.property"), "tobject.property.type"));
}

/* ANPA's codes travel on in meta. */
static void take_meta(struct news *news, const struct xml_node *node) {
    struct view name = xml_attribute(node, "name");
    struct view content = xml_attribute(node, "content");

    if (view_is(name, "anpa-keyword") || view_is(name, "slug") ||
        view_is(name, "slugline") || view_is(name, "ap-slug"))
        news_set(news, &news->report->slug, content);
    else if (view_is(name, "anpa-category") || view_is(name, "ap-category"))
        news_category(news, "anpa", content);
}

static bool is_key(struct view name) {
    for (size_t i = 0; i < name.len; i++)
        if (!(name.at[i] >= 'a' && name.at[i] <= 'z') &&
            !(name.at[i] >= 'A' && name.at[i] <= 'Z') &&
            !(name.at[i] >= '0' && name.at[i] <= '9') && !strchr("-_.:", name.at[i]))
            return false;
    return name.len > 0 && name.len < 64;
}

static bool is_new(const struct view *seen, size_t count, struct view name) {
    for (size_t i = 0; i < count; i++)
        if (view_eq(seen[i], name))
            return false;
    return true;
}

static void keep_metas(struct news *news, const struct xml_node *head) {
    struct view seen[META];
    size_t count = 0;
    struct json *json = NULL;

    for (const struct xml_node *n = xml_child(head, "meta"); n; n = xml_next(n, "meta")) {
        struct view name = xml_attribute(n, "name");
        char key[64];
        if (!is_key(name) || count == META || !is_new(seen, count, name))
            continue;
        if (!json) {
            json = news_extra(news, "meta");
            json_begin_object(json);
        }
        memcpy(key, name.at, name.len);
        key[name.len] = 0;
        json_key(json, key);
        json_view(json, xml_attribute(n, "content"));
        seen[count++] = name;
    }
    if (json)
        json_end(json);
}

/* What the sender marked up as names, anywhere. */
static void take_names(struct news *news, const struct xml_node *nitf) {
    struct news_names people = {0}, organisations = {0};
    size_t looked = 0;

    for (const struct xml_node *n = xml_walk(nitf, NULL); n && looked < 8 * NEWS_NAMES;
         n = xml_walk(nitf, n)) {
        bool person = xml_is(n, "person"), org = xml_is(n, "org");
        if ((!person && !org) || xml_is(n->parent, "byline") ||
            xml_is(n->parent, "distributor"))
            continue;
        looked++;
        news_name(person ? &people : &organisations, xml_short(n, news->in->arena));
    }
    news_extra_names(news, "person", &people);
    news_extra_names(news, "org", &organisations);
}

/* Each change has one; the last is this version's. */
static void take_history(struct news *news, const struct xml_node *head) {
    const struct xml_node *last = NULL;

    for (const struct xml_node *n = xml_child(head, "revision-history"); n;
         n = xml_next(n, "revision-history"))
        last = n;
    news_time(news, "revision-history", xml_attribute(last, "norm"),
              &news->report->version_created);
}

void nitf_read_head(struct news *news, const struct xml_node *nitf) {
    const struct xml_node *head = xml_child(nitf, "head");
    const struct xml_node *pub = xml_child(head, "pubdata");
    struct view lang = xml_attribute(nitf, "lang");

    news_lang(news, lang.len ? lang : xml_attribute(nitf, "baselang"));
    read_docdata(news, xml_child(head, "docdata"), head);
    take_history(news, head);
    each(news, head, "tobject", take_tobject);
    each(news, head, "meta", take_meta);
    keep_metas(news, head);
    news_time(news, "date.publication", xml_attribute(pub, "date.publication"),
              &news->report->published);
    take_names(news, nitf);
    if (!news->title.len)
        news->title = words(news, xml_child(head, "title"));
}

/* ---- body ---- */

static void take_headlines(struct news *news, const struct xml_node *hedline) {
    const struct xml_node *hl1 = xml_child(hedline, "hl1");
    struct view line = words(news, hl1);

    if (!hl1 && hedline)
        line = xml_child(hedline, "hl2") ? view_of(NULL) : words(news, hedline);
    news_known(news, line);
    news_set(news, &news->report->headline, line);
    for (const struct xml_node *n = xml_child(hedline, "hl2"); n; n = xml_next(n, "hl2"))
        if (!view_eq(words(news, n), line)) // some repeat it for whoever cuts the first
            news_join(news, &news->report->subhead, words(news, n));
}

static void take_dateline(struct news *news, const struct xml_node *dateline) {
    news_time(news, "story.date",
              xml_attribute(xml_child(dateline, "story.date"), "norm"),
              &news->report->published);
    news_set(news, &news->report->dateline, words(news, dateline));
}

static void take_note(struct news *news, const struct xml_node *node) {
    news_note_to_editors(news, words(news, node));
}

static void read_body_head(struct news *news, const struct xml_node *head) {
    struct view bylines = view_of(NULL);

    take_headlines(news, xml_child(head, "hedline"));
    for (const struct xml_node *n = xml_child(head, "byline"); n;
         n = xml_next(n, "byline"))
        news_join(news, &bylines, words(news, n));
    news_set(news, &news->report->byline, bylines);
    take_dateline(news, xml_child(head, "dateline"));
    each(news, head, "note", take_note);
    news_set(news, &news->report->source, words(news, xml_child(head, "distributor")));
    news_extra_line(news, "rights", words(news, xml_child(head, "rights")));
    news_extra_line(news, "abstract", words(news, xml_child(head, "abstract")));
}

void nitf_read_body(struct news *news, const struct xml_node *nitf) {
    const struct xml_node *body = xml_is(nitf, "body") ? nitf : xml_child(nitf, "body");
    const struct xml_node *content = xml_child(body, "body.content");

    read_body_head(news, xml_child(body, "body.head"));
    for (; content; content = xml_next(content, "body.content"))
        news_put_nodes(news, content);
    news_put_nodes(news, xml_child(body, "body.end"));
    if (body && !xml_child(body, "body.content") && !xml_child(body, "body.head"))
        news_put_nodes(news, body);
}

bool nitf_put_content(struct news *news, const struct xml_node *container,
                      struct view type) {
    const struct xml_node *root = container->first;

    if (!root) {
        news_put_either(news, type, container->text);
    } else if (xml_is(root, "nitf")) {
        nitf_read_head(news, root);
        nitf_read_body(news, root);
    } else if (xml_child(root, "body.content") || xml_child(root, "body.head")) {
        nitf_read_body(news, root);
    } else if (xml_is(root, "html")) {
        news_put_xhtml(news, xml_child(root, "body"));
    } else if (blocks_breaks(root->name) || view_trim(container->text).len) {
        news_put_xhtml(news, container);
    } else {
        return false;
    }
    return true;
}
