#include "ingest/format/g2_item.h"

#include "ingest/format/nitf.h"
#include "proto/moment.h"

#define VERSION_DIGITS 4 /* a number this long behind an id is a version, not a part */
#define SUBJECT_KINDS  6

static struct view words(const struct news *news, const struct xml_node *node) {
    return xml_words(node, news->in->arena);
}

static struct view name(const struct news *news, const struct xml_node *node) {
    return xml_short(node, news->in->arena);
}

/* A concept: its qcode, else its literal, else its address. */
static struct view concept(const struct xml_node *node) {
    struct view id = xml_attribute(node, "qcode");

    if (!id.len)
        id = xml_attribute(node, "literal");
    return view_trim(id.len ? id : xml_attribute(node, "uri"));
}

/* What it is called, else its code. */
static struct view name_of(const struct news *news, const struct xml_node *node) {
    struct view called = name(news, xml_child(node, "name"));

    if (!called.len)
        called = news_code(xml_attribute(node, "qcode"));
    return called.len ? called : concept(node);
}

/* The code of an attribute like rel="irel:seeAlso"; in G2's power profile also a URI. */
static struct view code_of(const struct xml_node *node, const char *attribute) {
    struct view code = xml_attribute(node, attribute);

    code = news_code(code);
    for (size_t i = code.len; i > 0; i--)
        if (code.at[i - 1] == '/' || code.at[i - 1] == '#')
            return view_n(code.at + i, code.len - i);
    return code;
}

static bool has_word(struct view text, const char *word) {
    size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++) {
        size_t n = 0;
        while (n < len && (text.at[i + n] | 0x20) == word[n])
            n++;
        if (n == len)
            return true;
    }
    return false;
}

/* ---- identity ---- */

static size_t count_colons(struct view text) {
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ':';
    return count;
}

/* Reuters and AFP write the version behind the guid; the story is what stands before. */
static struct view without_version(struct view guid, struct view version) {
    struct view tail = news_code(guid);
    uint64_t n;

    if (tail.len + 1 >= guid.len || !view_number(tail, &n))
        return guid;
    if (view_starts(guid, "tag:reuters.com") ||
        (view_eq(tail, view_trim(version)) &&
         (tail.len >= VERSION_DIGITS ||
          (view_starts(guid, "urn:newsml:") && count_colons(guid) > 4))))
        return view_n(guid.at, guid.len - tail.len - 1);
    return guid;
}

static void read_identity(struct news *news, const struct xml_node *item) {
    struct view version = xml_attribute(item, "version");

    news_version(news, "version", version);
    news_set(news, &news->report->guid,
             without_version(view_trim(xml_attribute(item, "guid")), version));
}

/* ---- itemMeta ---- */

static void read_status(struct news *news, const struct xml_node *meta) {
    const struct xml_node *embargoed = xml_child(meta, "embargoed");
    struct view until = words(news, embargoed);
    struct view status = code_of(xml_child(meta, "pubStatus"), "qcode");

    if (!status.len)
        status = code_of(xml_child(meta, "pubStatus"), "uri");
    news_moment(news, "embargoed", until, &news->report->embargo_ms);
    if (embargoed && !news->report->embargo_ms) {
        news_status(news, VIEW_LIT("withheld"));
        news_warn(news, "embargoed without a time: withheld");
    }
    news_status(news, status);
    for (const struct xml_node *n = xml_child(meta, "signal"); n;
         n = xml_next(n, "signal"))
        if (!news_action(news, code_of(n, "qcode")) && code_of(n, "qcode").len == 1 &&
            (code_of(n, "qcode").at[0] | 0x20) == 'c')
            news_action(news, VIEW_LIT("correction"));
}

/* The words of a notepad, where it is more than its title. */
static struct view without_header(const struct news *news, const struct xml_node *note) {
    const struct xml_node *header = xml_child(note, "header");
    struct view all = words(news, note);

    if (!header)
        header = xml_find(note, "section/header");
    return view_eq(all, words(news, header)) ? view_of(NULL) : all;
}

static void add_note(struct news *news, const struct xml_node *note,
                     struct view *contacts, struct view *signoff, struct view *notepad) {
    struct view role = code_of(note, "role");

    if (has_word(role, "closingline"))
        news_join(news, signoff, words(news, note));
    else if (has_word(role, "contact"))
        news_join(news, contacts, words(news, note));
    else if (has_word(role, "notepad"))
        news_join(news, notepad, without_header(news, note));
    else
        news_note_to_editors(news, words(news, note));
    if (has_word(role, "correction") && !news->report->action.len)
        news_action(news, VIEW_LIT("correction"));
}

/* A notepad repeats the other notes as markup. */
static void read_notes(struct news *news, const struct xml_node *meta) {
    struct view contacts = {0}, signoff = {0}, notepad = {0};

    for (const struct xml_node *n = xml_child(meta, "edNote"); n;
         n = xml_next(n, "edNote"))
        add_note(news, n, &contacts, &signoff, &notepad);
    news_set(news, &news->report->ednote, notepad);
    news_extra_line(news, "closingline", signoff);
    news_extra_line(news, "contacts", contacts);
}

static void read_links(struct news *news, const struct xml_node *meta) {
    for (const struct xml_node *n = xml_child(meta, "link"); n; n = xml_next(n, "link")) {
        struct view rel = code_of(n, "rel"), id = xml_attribute(n, "residref");
        struct view story = without_version(view_trim(id), xml_attribute(n, "version"));
        if (has_word(rel, "correct"))
            news_relate(news, "corrects", words(news, xml_child(n, "title")), story);
        else if (has_word(rel, "previousversion") || has_word(rel, "replace") ||
                 has_word(rel, "evolvedfrom"))
            news_relate(news, "replaces", words(news, xml_child(n, "title")), story);
        else if (has_word(rel, "partof"))
            news_relate(news, "part-of", words(news, xml_child(n, "title")), story);
    }
}

static void read_services(struct news *news, const struct xml_node *meta) {
    struct news_names services = {0};

    for (const struct xml_node *n = xml_child(meta, "service"); n;
         n = xml_next(n, "service"))
        news_name(&services, news_code(concept(n)));
    news_set(news, &news->report->service, services.count ? services.at[0] : view_of(""));
    if (services.count > 1)
        news_extra_names(news, "services", &services);
}

static void read_item_meta(struct news *news, const struct xml_node *meta) {
    struct report *report = news->report;
    const struct xml_node *provider = xml_child(meta, "provider");

    news_time(news, "versionCreated", words(news, xml_child(meta, "versionCreated")),
              &report->version_created);
    news_time(news, "firstCreated", words(news, xml_child(meta, "firstCreated")),
              &report->first_created);
    news_set(news, &report->source, name_of(news, provider));
    news->title = words(news, xml_child(meta, "title"));
    read_status(news, meta);
    read_notes(news, meta);
    read_links(news, meta);
    read_services(news, meta);
    news_extra_line(news, "itemClass", code_of(xml_child(meta, "itemClass"), "qcode"));
}

/* ---- contentMeta ---- */

/* May be cut off: "2016", "2016-04". */
static void read_content_times(struct news *news, const struct xml_node *meta) {
    static const char *const names[] = {"contentModified", "contentCreated"};
    struct moment_parts parts;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct view text = words(news, xml_child(meta, names[i]));
        news_extra_line(news, names[i], text);
        if (moment_of_iso(text, &parts))
            news_time(news, names[i], text, &news->report->published);
    }
}

static bool is_sub_headline(const struct xml_node *node) {
    struct view role = code_of(node, "role");

    if (role.len)
        return has_word(role, "sub") || has_word(role, "deck");
    return view_is(xml_attribute(node, "rank"), "2");
}

/* The first without a role, or with one that says main; the first of all otherwise. */
static const struct xml_node *main_headline(const struct xml_node *meta) {
    const struct xml_node *best = xml_child(meta, "headline");

    for (const struct xml_node *n = best; n; n = xml_next(n, "headline")) {
        struct view role = code_of(n, "role");
        struct view rank = xml_attribute(n, "rank");
        if ((!role.len && (!rank.len || view_is(rank, "1"))) || has_word(role, "main"))
            return n;
    }
    return best;
}

static void read_headlines(struct news *news, const struct xml_node *meta) {
    const struct xml_node *best = main_headline(meta);
    struct news_names others = {0};

    news_set(news, &news->report->headline, words(news, best));
    for (const struct xml_node *n = xml_child(meta, "headline"); n;
         n = xml_next(n, "headline")) {
        struct view line = words(news, n);
        news_known(news, line);
        if (n != best && is_sub_headline(n))
            news_set(news, &news->report->subhead, line);
        else if (n != best && !view_eq(line, news->report->headline))
            news_name(&others, line);
    }
    news_extra_names(news, "headlines", &others);
}

/* Who wrote it, where the sender says that it is a person. */
static bool is_writer(const struct xml_node *creator) {
    struct view role = code_of(creator, "role"), type = code_of(creator, "type");
    struct view id = concept(creator);

    return view_is(type, "person") || has_word(role, "author") ||
           has_word(role, "writer") || has_word(role, "report") ||
           has_word(role, "photographer") || has_word(role, "journalist") ||
           has_word(id, "/staff/") || has_word(id, "/person/") ||
           has_word(id, "/people/");
}

static void read_creators(struct news *news, const struct xml_node *meta) {
    struct news_names names = {0};
    struct view byline = words(news, xml_child(meta, "by"));

    news_known(news, byline);
    news_set(news, &news->report->byline, byline);
    for (const struct xml_node *n = xml_child(meta, "creator"); n;
         n = xml_next(n, "creator")) {
        news_name(&names, name_of(news, n));
        if (is_writer(n) && !news->byline.len)
            news->byline = name(news, xml_child(n, "name"));
    }
    news_extra_names(news, "creator", &names);
}

/* Reuters writes a time where others have a dateline. */
static void read_dateline(struct news *news, const struct xml_node *meta) {
    struct view line = words(news, xml_child(meta, "dateline"));
    struct moment_parts parts;

    if (moment_of_iso(line, &parts))
        news_time(news, "dateline", line, &news->report->published);
    else
        news_set(news, &news->report->dateline, line);
}

static void read_keywords(struct news *news, const struct xml_node *meta) {
    for (const struct xml_node *n = xml_child(meta, "slugline"); n;
         n = xml_next(n, "slugline"))
        news_set(news, &news->report->slug, words(news, n));
    for (const struct xml_node *n = xml_child(meta, "keyword"); n;
         n = xml_next(n, "keyword"))
        news_keyword(news, words(news, n));
}

/* ---- subjects ---- */

/* What G2's own concept types are called here; all others are categories. */
static const struct {
    const char *type; /* a beginning of its code, lower case */
    const char *key;
} kinds[SUBJECT_KINDS] = {{"person", "person"}, {"organi", "organisation"},
                          {"geo", "place"},     {"poi", "place"},
                          {"event", "event"},   {"object", "object"}};

static const char *kind_of(const struct xml_node *subject) {
    struct view type = code_of(subject, "type");

    for (size_t i = 0; i < SUBJECT_KINDS; i++)
        if (type.len >= strlen(kinds[i].type) &&
            has_word(view_n(type.at, strlen(kinds[i].type)), kinds[i].type))
            return kinds[i].key;
    return NULL;
}

/* Names may be left to an assert with the same id. */
static struct view asserted_name(const struct news *news, const struct xml_node *subject,
                                 const struct xml_node *item) {
    struct view id = concept(subject), called = name(news, xml_child(subject, "name"));
    int looked = 0;

    for (const struct xml_node *n = xml_child(item, "assert");
         n && !called.len && id.len && looked < NEWS_NAMES; n = xml_next(n, "assert")) {
        looked++;
        if (view_eq(concept(n), id))
            called = name(news, xml_child(n, "name"));
    }
    return called;
}

static void put_subject(struct news *news, const struct xml_node *subject,
                        const struct xml_node *item, struct json *json) {
    struct view called = asserted_name(news, subject, item), id = concept(subject);

    json_begin_object(json);
    json_key(json, "name");
    json_view_or_null(json, called);
    if (id.len) {
        json_key(json, "code");
        json_view(json, id);
    }
    json_end(json);
}

static void keep_subjects(struct news *news, const struct xml_node *meta,
                          const struct xml_node *item, const char *key) {
    struct json *json = NULL;
    int kept = 0;

    for (const struct xml_node *n = xml_child(meta, "subject"); n && kept < NEWS_NAMES;
         n = xml_next(n, "subject")) {
        const char *kind = kind_of(n);
        if (!kind || strcmp(kind, key) != 0)
            continue;
        if (!json) {
            json = news_extra(news, key);
            json_begin_array(json);
        }
        put_subject(news, n, item, json);
        kept++;
    }
    if (json)
        json_end(json);
}

/* IPTC's addresses mean the same as its codes. */
static void add_category(struct news *news, const struct xml_node *subject) {
    static const char medtop[] = "http://cv.iptc.org/newscodes/mediatopic/";
    struct view uri = view_trim(xml_attribute(subject, "uri"));

    if (xml_attribute(subject, "qcode").len)
        news_category(news, "", view_trim(xml_attribute(subject, "qcode")));
    else if (view_starts(uri, medtop))
        news_category(news, "medtop",
                      view_n(uri.at + sizeof medtop - 1, uri.len - sizeof medtop + 1));
    else
        news_category(news, "", uri);
}

static void read_subjects(struct news *news, const struct xml_node *meta,
                          const struct xml_node *item) {
    static const char *const keys[] = {"person", "organisation", "place", "event",
                                       "object"};

    for (const struct xml_node *n = xml_child(meta, "subject"); n;
         n = xml_next(n, "subject"))
        if (!kind_of(n))
            add_category(news, n);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        keep_subjects(news, meta, item, keys[i]);
}

static void keep_names(struct news *news, const struct xml_node *meta, const char *key) {
    struct news_names names = {0};

    for (const struct xml_node *n = xml_child(meta, key); n; n = xml_next(n, key)) {
        news_name(&names, name_of(news, n));
        if (view_is(view_of(key), "located"))
            for (const struct xml_node *b = xml_child(n, "broader"); b;
                 b = xml_next(b, "broader"))
                news_name(&names, name_of(news, b));
    }
    news_extra_names(news, key, &names);
}

static void read_genres(struct news *news, const struct xml_node *meta) {
    for (const struct xml_node *n = xml_child(meta, "genre"); n; n = xml_next(n, "genre"))
        news_action(news, code_of(n, "qcode"));
    keep_names(news, meta, "genre");
}

static void read_content_meta(struct news *news, const struct xml_node *meta,
                              const struct xml_node *item) {
    struct view lang = xml_attribute(xml_child(meta, "language"), "tag");

    news_lang(news, lang.len ? lang : xml_attribute(item, "lang"));
    news_urgency(news, words(news, xml_child(meta, "urgency")));
    read_content_times(news, meta);
    read_headlines(news, meta);
    read_creators(news, meta);
    read_dateline(news, meta);
    read_keywords(news, meta);
    read_subjects(news, meta, item);
    read_genres(news, meta);
    keep_names(news, meta, "located");
    keep_names(news, meta, "infoSource");
    news_extra_line(news, "creditline", words(news, xml_child(meta, "creditline")));
}

/* ---- the text ---- */

static void put_inline_xml(struct news *news, const struct xml_node *content) {
    const struct xml_node *root = content->first;

    if (!news->title.len)
        news->title = words(news, xml_find(root, "head/title"));
    if (!nitf_put_content(news, content, xml_attribute(content, "contenttype")))
        news_warn(news, "inlineXML of <%.*s> passed over",
                  (int)(root->name.len < 60 ? root->name.len : 60), root->name.at);
}

static void put_inline_data(struct news *news, const struct xml_node *content) {
    struct view type = xml_attribute(content, "contenttype");
    struct view encoding = xml_attribute(content, "encoding");

    if (type.len && !has_word(type, "text") && !has_word(type, "html"))
        return;
    if (has_word(encoding, "base64"))
        news_put_base64(news, type, content->text);
    else
        nitf_put_content(news, content, type);
}

/* What a contentSet holds are forms of the same content: the first with words will do. */
static void read_content(struct news *news, const struct xml_node *set) {
    for (const struct xml_node *n = xml_child(set, "inlineXML"); n && !news->body.len;
         n = xml_next(n, "inlineXML"))
        put_inline_xml(news, n);
    for (const struct xml_node *n = xml_child(set, "inlineData"); n && !news->body.len;
         n = xml_next(n, "inlineData"))
        put_inline_data(news, n);
}

/* Captions are the text where there is no other; summaries ride along. */
static const struct xml_node *caption_of(const struct xml_node *meta) {
    const struct xml_node *best = xml_child(meta, "description");

    for (const struct xml_node *n = best; n; n = xml_next(n, "description"))
        if (has_word(code_of(n, "role"), "caption"))
            return n;
    return best;
}

static void read_descriptions(struct news *news, const struct xml_node *meta) {
    const struct xml_node *caption = news->body.len ? NULL : caption_of(meta);
    struct news_names others = {0};

    for (const struct xml_node *n = xml_child(meta, "description"); n;
         n = xml_next(n, "description"))
        if (n != caption)
            news_name(&others, words(news, n));
    if (caption)
        nitf_put_content(news, caption, view_of(NULL));
    news_extra_names(news, "description", &others);
}

static void read_rights(struct news *news, const struct xml_node *info) {
    const struct xml_node *holder = xml_child(info, "copyrightHolder");
    struct view called = name(news, xml_child(holder, "name"));

    news_extra_line(news, "copyrightHolder",
                    called.len ? called : xml_attribute(holder, "uri"));
    news_extra_line(news, "copyrightNotice",
                    words(news, xml_child(info, "copyrightNotice")));
    news_extra_line(news, "usageTerms", words(news, xml_child(info, "usageTerms")));
}

static void read_header(struct news *news, const struct xml_node *header) {
    news_time(news, "sent", name(news, xml_child(header, "sent")), &news->report->sent);
    news_urgency(news, name(news, xml_child(header, "priority")));
    news_set(news, &news->report->source, name(news, xml_child(header, "sender")));
    news_extra_line(news, "transmitId", name(news, xml_child(header, "transmitId")));
}

/* Samples and stores have parts on their own. */
static const struct xml_node *part_of(const struct xml_node *item, const char *name) {
    return xml_is(item, name) ? item : xml_child(item, name);
}

void g2_read_item(struct news *news, const struct xml_node *item,
                  const struct xml_node *header) {
    const struct xml_node *meta = part_of(item, "contentMeta");

    read_identity(news, item);
    read_item_meta(news, xml_child(item, "itemMeta"));
    read_content_meta(news, meta, item);
    read_header(news, header);
    read_content(news, part_of(item, "contentSet"));
    read_descriptions(news, meta);
    read_rights(news, xml_child(item, "rightsInfo"));
}
