#include "ingest/format/ninjs.h"
#include "ingest/format/news.h"
#include "ingest/format/ninjs_words.h"

#include "ingest/format/html.h"
#include "ingest/zone.h"
#include "proto/moment.h"
#include "proto/report_field.h"
#include "proto/report_json.h"

#include <stdio.h>

#define LOOKED_AT 256 /* values of a list: more than any field takes */

struct found {
    const struct json_node *node; /* NULL: no such property */
    unsigned rank;
};

struct item {
    struct news news;
    const struct json_node *object;
    struct format_output *out;
    struct diag *diag;
    struct found found[NINJS_MEANINGS];
    struct ninjs_list headlines, bodies, descriptions;
};

/* ---- looking at JSON ---- */

/* Of a list that has no end in sight only the beginning counts. */
static const struct json_node *next_few(const struct json_node *list,
                                        const struct json_node *node, size_t *seen) {
    return ++*seen < LOOKED_AT ? ninjs_next(list, node) : NULL;
}

static const struct json_node *found(const struct item *item,
                                     enum ninjs_meaning meaning) {
    return item->found[meaning].node;
}

static struct view found_text(const struct item *item, enum ninjs_meaning meaning) {
    return ninjs_text(found(item, meaning));
}

/* ---- what has no place ---- */

static bool is_empty(const struct json_node *node) {
    return node->kind == JSON_KIND_NULL ||
           (node->kind == JSON_KIND_TEXT && !view_trim(node->text).len) ||
           (node->kind >= JSON_KIND_LIST && !node->count);
}

/* The writer of a value, behind the sender's own key. */
static struct json *extra_for(struct item *item, const struct json_node *node) {
    struct news *news = &item->news;

    if (!news->has_extra) {
        news->extra = json_to(&news->extra_bytes);
        json_begin_object(&news->extra);
        news->has_extra = true;
    }
    json_key_view(&news->extra, node->key);
    return &news->extra;
}

static void keep(struct item *item, const struct json_node *node) {
    struct json *json;

    if (is_empty(node) || report_json_owns(node->key) ||
        !json_tree_shallow(node, REPORT_EXTRA_DEPTH - 1))
        return;
    json = extra_for(item, node);
    json_raw(json, view_of(NULL)); // what comes goes behind the writer's back
    json_tree_write(node, json->out);
}

static void keep_found(struct item *item, enum ninjs_meaning meaning) {
    if (found(item, meaning))
        keep(item, found(item, meaning));
}

/* ---- who and which ---- */

static size_t count_colons(struct view text) {
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ':';
    return count;
}

/* Reuters and AFP write the version behind the guid, AP who asked for it: the story is
 * what stands before. *version: the number that was cut off. */
static struct view family_of(struct view uri, struct view version, struct view *tail) {
    struct view rest = uri;
    uint64_t n;

    *tail = news_code(uri);
    if (view_starts(uri, "http://api.ap.org/") || view_starts(uri, "https://api.ap.org/"))
        view_split(&rest, '?', &uri);
    if (tail->len + 1 < uri.len && view_number(*tail, &n) &&
        (view_starts(uri, "tag:reuters.com") ||
         (view_starts(uri, "urn:newsml:") && count_colons(uri) > 4) ||
         (tail->len >= 6 && view_eq(*tail, version))))
        return view_n(uri.at, uri.len - tail->len - 1);
    *tail = view_of(NULL);
    return uri;
}

static int refuse(struct item *item, enum ninjs_meaning meaning, const char *want) {
    const struct json_node *node = found(item, meaning);

    diag_set(item->diag, 0, "\"%.*s\" must be %s, not %s%.*s", (int)node->key.len,
             node->key.at, want, node->text.len ? "" : json_tree_kind(node),
             (int)(node->text.len < 40 ? node->text.len : 40), node->text.at);
    return ERR_FORMAT;
}

static int read_version(struct item *item, struct view tail) {
    struct report *report = item->news.report;
    const struct json_node *node = found(item, NINJS_VERSION);
    int64_t n;

    if (node && node->kind != JSON_KIND_TEXT && node->kind != JSON_KIND_NUMBER &&
        node->kind != JSON_KIND_NULL)
        return refuse(item, NINJS_VERSION, "a number");
    if (json_tree_whole(node, &n) && n >= 0)
        report->version = (uint64_t)n;
    else if (node)
        news_version(&item->news, "version", node->text);
    news_version(&item->news, "version", tail);
    return 0;
}

static int read_identity(struct item *item) {
    const struct json_node *uri = found(item, NINJS_GUID);
    const struct json_node *version = found(item, NINJS_VERSION);
    struct view name = view_trim(ninjs_text(uri)), tail;

    if (uri && uri->kind != JSON_KIND_TEXT && uri->kind != JSON_KIND_NULL)
        return refuse(item, NINJS_GUID, "a text");
    if (!name.len) {
        diag_set(item->diag, 0, "\"%s\" is missing or empty",
                 uri && ninjs_same(uri->key, "urn") ? "urn" : "uri");
        return ERR_FORMAT;
    }
    news_set(&item->news, &item->news.report->guid,
             family_of(name, version ? view_trim(version->text) : view_of(NULL), &tail));
    return read_version(item, tail);
}

/* ---- what it does, and when ---- */

static int read_status(struct item *item) {
    const struct json_node *node = found(item, NINJS_STATUS);
    struct view word = news_code(ninjs_text(node));

    if (!node || node->kind == JSON_KIND_NULL ||
        (node->kind == JSON_KIND_TEXT && !word.len))
        return 0;
    if (word.len)
        news_status(&item->news, word);
    return item->news.report->status.len
               ? 0
               : refuse(item, NINJS_STATUS, "usable, withheld or canceled");
}

/* Nobody is to read it before a time that nobody can read: nobody is to read it. */
static void read_embargo(struct item *item) {
    const struct json_node *node = found(item, NINJS_EMBARGO);
    struct report *report = item->news.report;
    const struct zone *zone = item->news.in->feed->zone;
    struct moment_parts parts;

    if (!node || node->kind == JSON_KIND_NULL ||
        (node->kind == JSON_KIND_TEXT && !view_trim(node->text).len))
        return;
    if (moment_of_iso(ninjs_text(node), &parts)) {
        report->embargo_ms = moment_ms(&parts);
        if (!parts.has_zone && zone)
            report->embargo_ms = zone_utc_ms(zone, report->embargo_ms);
        return;
    }
    news_warn(&item->news, "%.*s is no time: withheld", (int)node->key.len, node->key.at);
    if (!report->status.len || view_is(report->status, "usable"))
        report->status = VIEW_LIT("withheld");
}

static void read_time(struct item *item, enum ninjs_meaning meaning, struct view *field) {
    const struct json_node *node = found(item, meaning);
    char name[24];

    if (!node || node->kind == JSON_KIND_NULL)
        return;
    snprintf(name, sizeof name, "%.*s", (int)node->key.len, node->key.at);
    if (node->kind == JSON_KIND_TEXT)
        news_time(&item->news, name, node->text, field);
}

static void read_times(struct item *item) {
    struct report *report = item->news.report;
    const struct json_node *expires = found(item, NINJS_EXPIRES);

    read_time(item, NINJS_FIRST, &report->first_created);
    read_time(item, NINJS_VERSIONED, &report->version_created);
    if (report->version_created.len)
        report->published = report->version_created;
    else
        read_time(item, NINJS_CONTENT, &report->published);
    if (report->version_created.len)
        keep_found(item, NINJS_CONTENT);
    read_embargo(item);
    if (expires)
        news_moment(&item->news, "expires", ninjs_text(expires), &report->expires_ms);
}

static void read_urgency(struct item *item) {
    const struct json_node *node = found(item, NINJS_URGENCY);
    struct view word = ninjs_text(node);
    int64_t n;

    if (json_tree_whole(node, &n) && n >= 1 && n <= 9) // else the check tells
        word = view_n(&"123456789"[n - 1], 1);
    news_urgency(&item->news, word);
    node = found(item, NINJS_PRIORITY);
    if (node && !item->news.report->priority.len)
        news_set(&item->news, &item->news.report->priority, node->text);
}

static void read_signals(struct item *item) {
    const struct json_node *list = found(item, NINJS_SIGNAL), *node = ninjs_first(list);
    size_t seen = 0;

    for (; node; node = next_few(list, node, &seen))
        news_action(&item->news, news_code(ninjs_text(node)));
    if (found_text(item, NINJS_REPLACES).len)
        news_relate(&item->news, "replaces", view_of(NULL),
                    found_text(item, NINJS_REPLACES));
}

/* ---- what it says of itself ---- */

static void read_bylines(struct item *item) {
    const struct json_node *list = found(item, NINJS_BYLINE), *node = ninjs_first(list);
    struct view *byline = &item->news.report->byline;
    size_t seen = 0;

    for (; node; node = next_few(list, node, &seen)) {
        struct view name = ninjs_text(node);
        if (!name.len)
            name = ninjs_text_in(node, "by");
        if (!name.len)
            name = ninjs_text_in(node, "name");
        news_join(&item->news, byline, name);
    }
}

/* dpa: [{role, ednote}], and a notepad of HTML. */
static void read_notes(struct item *item) {
    const struct json_node *list = found(item, NINJS_EDNOTE), *node = ninjs_first(list);
    struct view *ednote = &item->news.report->ednote, closing = view_of(NULL);
    size_t seen = 0;

    for (; node; node = next_few(list, node, &seen)) {
        struct view role = news_code(ninjs_text_in(node, "role"));
        bool ends = ninjs_same(role, "closingline");
        news_join(&item->news, ends ? &closing : ednote,
                  ninjs_text(node).len ? ninjs_text(node)
                                       : ninjs_text_in(node, "ednote"));
        news_action(&item->news, role);
    }
    if (!json_tree_get(item->object, "closingline"))
        news_extra_line(&item->news, "closingline", closing);
    node = found(item, NINJS_NOTEPAD);
    if (!node || ednote->len) // it says the same
        return;
    news_join(&item->news, ednote,
              html_line(ninjs_text_in(node, "public_html"), item->news.in->arena));
    news_join(&item->news, ednote,
              html_line(ninjs_text_in(node, "nonpublic_html"), item->news.in->arena));
}

static void read_keywords(struct item *item) {
    const struct json_node *list = found(item, NINJS_KEYWORDS), *node = ninjs_first(list);
    size_t seen = 0;

    for (; node; node = next_few(list, node, &seen)) {
        struct view words = ninjs_text(node), word;
        while (node == list && seen++ < LOOKED_AT && view_split(&words, ',', &word))
            news_keyword(&item->news, word);
        if (node != list)
            news_keyword(&item->news, words.len ? words : ninjs_text_in(node, "name"));
    }
}

static struct view without(struct view text, const char *beginning) {
    size_t len = strlen(beginning);

    return view_starts(text, beginning) ? view_n(text.at + len, text.len - len)
                                        : view_of(NULL);
}

static const char *scheme_of(struct item *item, struct view scheme) {
    struct arena *arena = item->news.in->arena;

    scheme = field_line(scheme, arena);
    return arena_copy(arena, scheme.at, scheme.len);
}

/* "http://cv.iptc.org/newscodes/mediatopic/20000209" is medtop:20000209, as NewsML-G2
 * writes it; other concepts keep their name in full. */
static void add_concept(struct item *item, struct view uri) {
    struct view rest = without(uri, "http://cv.iptc.org/newscodes/"), scheme;
    const char *alias;

    if (!rest.len)
        rest = without(uri, "https://cv.iptc.org/newscodes/");
    if (!view_split(&rest, '/', &scheme) || !rest.len) {
        news_category(&item->news, "", uri);
        return;
    }
    alias = scheme_of(item, scheme);
    if (view_is(scheme, "mediatopic"))
        alias = "medtop";
    else if (view_is(scheme, "subjectcode"))
        alias = "subj";
    news_category(&item->news, alias, rest);
}

static struct view joined(struct item *item, struct view a, struct view b) {
    char *both = arena_alloc(item->news.in->arena, a.len + b.len + 1);

    memcpy(both, a.at, a.len);
    memcpy(both + a.len, b.at, b.len);
    return view_n(both, a.len + b.len);
}

/* A code without its scheme: eight digits are IPTC's. */
static void add_code(struct item *item, struct view code) {
    uint64_t n;

    if (code.len != 8 || !view_number(code, &n))
        news_category(&item->news, "", code);
    else
        news_category(&item->news, n / 1000000 == 20 ? "medtop" : "subj", code);
}

static struct view code_in(const struct json_node *node) {
    static const char *const names[] = {"code", "qcode", "literal"};
    struct view code = view_of(NULL);

    for (size_t i = 0; i < sizeof names / sizeof *names && !code.len; i++)
        code = view_trim(ninjs_text_in(node, names[i]));
    return code;
}

/* 1.x: {name, scheme, code}; from 2.0: {name, uri, literal}. What has a name only is a
 * keyword. */
static void add_subject(struct item *item, const struct json_node *node) {
    struct view uri = view_trim(ninjs_text_in(node, "uri")), code = code_in(node);
    struct view scheme = view_trim(ninjs_text_in(node, "scheme"));
    struct view name =
        ninjs_text(node).len ? ninjs_text(node) : ninjs_text_in(node, "name");

    if (uri.len)
        add_concept(item, uri);
    else if (code.len && ninjs_holds(scheme, "://"))
        add_concept(item, joined(item, scheme, code));
    else if (code.len && scheme.len)
        news_category(&item->news, scheme_of(item, scheme), code);
    else if (code.len && !view_eq(code, view_trim(name)))
        add_code(item, code);
    else
        news_keyword(&item->news, name);
}

/* dpa: [{type, name, qcode}] of everything that can be said of a report. */
static void add_category(struct item *item, const struct json_node *node) {
    struct report *report = item->news.report;
    struct view type = news_code(ninjs_text_in(node, "type"));
    struct view name = ninjs_text_in(node, "name"), qcode = ninjs_text_in(node, "qcode");

    if (ninjs_same(type, "keyword"))
        news_keyword(&item->news, name);
    else if (ninjs_same(type, "wire"))
        news_set(&item->news, &report->service, name);
    else if (ninjs_same(type, "provider"))
        news_set(&item->news, &report->source, name);
    else if (ninjs_holds(type, "subject") && !ninjs_holds(type, "geo"))
        news_category(&item->news, "", qcode);
}

static void read_subjects(struct item *item) {
    const struct json_node *list = found(item, NINJS_SUBJECTS), *node = ninjs_first(list);
    size_t seen = 0;

    for (; node; node = next_few(list, node, &seen))
        add_subject(item, node);
    if (list && list->kind == JSON_KIND_LIST)
        keep(item, list);
    list = found(item, NINJS_SERVICES);
    for (node = ninjs_first(list), seen = 0; node; node = next_few(list, node, &seen))
        news_category(&item->news, "service", code_in(node));
    list = found(item, NINJS_CATEGORIES);
    for (node = ninjs_first(list), seen = 0; node; node = next_few(list, node, &seen))
        add_category(item, node);
    keep_found(item, NINJS_CATEGORIES);
}

/* Whoever was interviewed is a source too, of another kind. */
static void read_source(struct item *item) {
    const struct json_node *list = found(item, NINJS_SOURCE), *node = ninjs_first(list);
    struct view *source = &item->news.report->source;
    size_t seen = 0;

    for (; node; node = next_few(list, node, &seen)) {
        struct view role = ninjs_text_in(node, "rel");
        if (!role.len)
            role = ninjs_text_in(node, "role");
        if (!ninjs_holds(role, "interview"))
            news_set(&item->news, source,
                     ninjs_text(node).len ? ninjs_text(node)
                                          : ninjs_text_in(node, "name"));
    }
    if (list && list->kind == JSON_KIND_LIST)
        keep(item, list);
    if (source->len)
        keep_found(item, NINJS_HOLDER);
    else
        news_set(&item->news, source, found_text(item, NINJS_HOLDER));
}

static void read_lang(struct item *item) {
    struct view lang = field_line(found_text(item, NINJS_LANG), item->news.in->arena);

    if (field_is_language(lang))
        item->news.report->lang = lang;
    else if (lang.len)
        news_warn(&item->news, "language is no language tag");
    if (lang.len && !item->news.report->lang.len)
        keep_found(item, NINJS_LANG);
}

static void read_fields(struct item *item) {
    struct report *report = item->news.report;

    read_urgency(item);
    read_signals(item);
    read_bylines(item);
    read_notes(item);
    read_keywords(item);
    read_subjects(item);
    read_source(item);
    read_lang(item);
    news_set(&item->news, &report->slug, found_text(item, NINJS_SLUG));
    news_set(&item->news, &report->dateline, found_text(item, NINJS_DATELINE));
    news_set(&item->news, &report->subhead, found_text(item, NINJS_SUBHEAD));
    news_set(&item->news, &report->url, found_text(item, NINJS_URL));
}

/* ---- words ---- */

/* Headlines are written with markup by some who do not say so. */
static struct view line_of(struct item *item, const struct ninjs_words *words) {
    static const char *const marks[] = {"</", "<br", "&amp;", "&quot;", "&nbsp;", "&#"};
    bool html = ninjs_is_html(words);

    for (size_t i = 0; i < sizeof marks / sizeof *marks && !html; i++)
        html = ninjs_holds(words->value, marks[i]);
    return html ? html_line(words->value, item->news.in->arena) : words->value;
}

static void read_headlines(struct item *item) {
    struct report *report = item->news.report;
    const struct ninjs_words *main = ninjs_headline(&item->headlines);

    if (main)
        news_set(&item->news, &report->headline, line_of(item, main));
    for (size_t i = 0; i < item->headlines.count; i++)
        if (ninjs_holds(item->headlines.at[i].role, "sub"))
            news_set(&item->news, &report->subhead,
                     line_of(item, &item->headlines.at[i]));
    if (report->headline.len)
        keep_found(item, NINJS_TITLE);
    else
        news_set(&item->news, &report->headline, found_text(item, NINJS_TITLE));
}

static void put_words(struct item *item, const struct ninjs_words *words) {
    if (ninjs_is_html(words))
        news_put_html(&item->news, words->value);
    else if (ninjs_is_plain(words))
        news_put_plain(&item->news, words->value);
    else
        news_put_either(&item->news, words->type, words->value);
}

static void read_body(struct item *item) {
    const struct ninjs_words *body = ninjs_body(&item->bodies);
    const struct ninjs_words *description = ninjs_body(&item->descriptions);

    if (body)
        put_words(item, body);
    else if (description && ninjs_worth(description) > 0)
        put_words(item, description);
    if (found_text(item, NINJS_BOX).len)
        news_put_html(&item->news, found_text(item, NINJS_BOX));
}

/* ---- what is associated ---- */

/* What it is and where, without its words and files. */
static void put_association(struct json *json, const struct json_node *node) {
    static const char *const names[] = {"name", "rel",   "uri",     "urn",
                                        "type", "title", "headline"};

    json_begin_object(json);
    if (node->key.len && !ninjs_member(node, "name")) {
        json_key(json, "name");
        json_view(json, node->key);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct view value = ninjs_text_in(node, names[i]);
        if (!value.len)
            continue;
        json_key(json, names[i]);
        json_view(json, value);
    }
    json_end(json);
}

static void note_stories(struct item *item, size_t count) {
    char text[80];

    snprintf(text, sizeof text, "%zu stories inside of another item passed over", count);
    if (count)
        format_note(item->news.in, item->out, text);
}

static void read_associations(struct item *item) {
    const struct json_node *all = found(item, NINJS_ASSOCIATIONS), *node;
    struct json *json;
    size_t stories = 0;

    if (!all || (all->kind != JSON_KIND_LIST && all->kind != JSON_KIND_OBJECT) ||
        !all->count)
        return;
    json = extra_for(item, all);
    json_begin_array(json);
    for (node = all->first; node; node = node->next) {
        if (node->kind != JSON_KIND_OBJECT)
            continue;
        put_association(json, node);
        stories += ninjs_has_body(node);
    }
    json_end(json);
    note_stories(item, stories);
}

/* ---- an item ---- */

static struct ninjs_list *list_for(struct item *item, enum ninjs_meaning meaning) {
    if (meaning == NINJS_HEADLINES)
        return &item->headlines;
    if (meaning == NINJS_BODIES)
        return &item->bodies;
    return meaning == NINJS_DESCRIPTIONS ? &item->descriptions : NULL;
}

/* An object where a text or a list of values is meant is something of the sender's own.
 */
static bool is_own(const struct json_node *node, enum ninjs_meaning meaning) {
    return node->kind == JSON_KIND_OBJECT && meaning > NINJS_STATUS &&
           meaning != NINJS_NOTEPAD && meaning != NINJS_ASSOCIATIONS;
}

/* Finds out what each property is. Of several that mean one thing the better stays. */
static void sort_out(struct item *item, const struct json_node *object) {
    for (const struct json_node *node = object->first; node; node = node->next) {
        unsigned rank;
        struct view role;
        enum ninjs_meaning meaning = ninjs_meaning(node->key, &rank, &role);
        struct found *had = &item->found[meaning];
        struct ninjs_list *list = list_for(item, meaning);
        if (list) {
            ninjs_gather(list, node, role);
        } else if (meaning == NINJS_EXTRA || meaning == NINJS_UNKNOWN ||
                   is_own(node, meaning)) {
            if (!ninjs_same(node->key, "type") || !view_is(node->text, "text"))
                keep(item, node);
        } else if (!had->node || rank < had->rank) {
            if (had->node && meaning != NINJS_NOTHING)
                keep(item, had->node);
            *had = (struct found){node, rank};
        } else if (meaning != NINJS_NOTHING) {
            keep(item, node);
        }
    }
}

/* Descriptions are extra where there is a body they are not needed for. */
static void keep_descriptions(struct item *item, const struct json_node *object) {
    for (const struct json_node *node = object->first; node && item->bodies.count;
         node = node->next) {
        unsigned rank;
        struct view role;
        if (ninjs_meaning(node->key, &rank, &role) == NINJS_DESCRIPTIONS)
            keep(item, node);
    }
}

static int read_item(struct item *item, const struct json_node *object) {
    int err;

    sort_out(item, object);
    err = read_identity(item);
    if (!err)
        err = read_status(item);
    if (err)
        return err;
    read_times(item);
    read_fields(item);
    read_headlines(item);
    read_body(item);
    keep_descriptions(item, object);
    read_associations(item);
    return 0;
}

static void note_empty(const struct format_input *in, struct format_output *out) {
    const struct report *report = &out->reports[out->count - 1];
    struct view guid = report->guid, warning = report->warning;

    news_drop(in, out, "%.*s has no headline and no text%s%.*s",
              (int)(guid.len < 80 ? guid.len : 80), guid.at, warning.len ? "; " : "",
              (int)(warning.len < 80 ? warning.len : 80), warning.at);
}

int ninjs_read(const struct format_input *in, const struct json_node *object,
               struct format_output *out, struct diag *diag) {
    struct item item = {.object = object, .out = out, .diag = diag};
    bool says;
    int err;

    news_begin(&item.news, in, format_report(&format_ninjs, in, out));
    err = read_item(&item, object);
    says = news_says_something(&item.news);
    if (!err && ninjs_member(object, "uri"))
        ninjs_check(object, item.news.report, in->arena);
    news_end(&item.news);
    if (!err && !says)
        note_empty(in, out);
    return err;
}

bool ninjs_is(const struct json_node *object) {
    static const char *const marks[] = {
        "body_text", "body_html", "body_xhtml",   "bodies",         "headlines",
        "pubstatus", "$standard", "firstcreated", "versioncreated", "article_html"};
    bool has = false;

    if (object->kind != JSON_KIND_OBJECT || json_tree_get(object, "text"))
        return false;
    has = json_tree_get(object, "uri") && !json_tree_get(object, "guid") &&
          !json_tree_get(object, "id");
    for (size_t i = 0; i < sizeof marks / sizeof *marks && !has; i++)
        has = ninjs_member(object, marks[i]) != NULL;
    return has;
}
