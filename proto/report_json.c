/* report_json.c: the feed record (EVENT.md), both ways. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/json.h"
#include "proto/moment.h"
#include "proto/report_field.h"
#include "proto/report_json.h"

#define MOST_TAKES 9999

/* What the keys of a record go to. */
struct reading {
    struct report *report;
    struct arena *arena;
    struct diag *diag;
    const struct json_node *record;
    struct buf extra; /* without its last brace */
};

/* A key of ours, and who reads it into what stands at `offset`. A value that has another
 * shape than ours is an error for some and rides along in `extra` for the others: a
 * record may carry a dateline that was taken apart. */
struct key {
    struct view name;
    int (*read)(struct reading *r, const struct key *key, const struct json_node *value);
    size_t offset;
};

static struct view *field_of(struct report *report, const struct key *key) {
    return (struct view *)(void *)((char *)report + key->offset);
}

static int wrong_type(struct reading *r, const char *key, const char *want) {
    diag_set(r->diag, 0, "\"%s\" must be %s", key, want);
    return ERR_FORMAT;
}

static void warn(struct reading *r, struct view key, const char *why) {
    char text[120];

    snprintf(text, sizeof text, "%.*s %s", (int)key.len, key.at, why);
    report_warn(r->report, r->arena, text);
}

/* ---- what is not ours ---- */

static int keep_extra(struct reading *r, const struct json_node *value) {
    struct json j = json_to(&r->extra);

    if (!json_tree_shallow(value, REPORT_EXTRA_DEPTH - 1)) {
        diag_set(r->diag, 0, "\"%.*s\" is nested more than %d deep", (int)value->key.len,
                 value->key.at, REPORT_EXTRA_DEPTH);
        return ERR_FORMAT;
    }
    buf_put_u8(&r->extra, r->extra.len ? ',' : '{');
    json_view(&j, value->key);
    buf_put_u8(&r->extra, ':');
    json_tree_write(value, &r->extra);
    return 0;
}

static void end_extra(struct reading *r) {
    if (r->extra.len) {
        buf_put_u8(&r->extra, '}');
        r->report->extra =
            view_n(arena_copy(r->arena, r->extra.at, r->extra.len), r->extra.len);
    }
    buf_release(&r->extra);
}

/* ---- one value ---- */

static bool is_text(const struct json_node *value) {
    return value->kind == JSON_KIND_TEXT;
}

static int read_text(struct reading *r, const struct key *key,
                     const struct json_node *value) {
    if (!is_text(value))
        return wrong_type(r, key->name.at, "a string");
    *field_of(r->report, key) = field_text(value->text, r->arena);
    return 0;
}

static int read_line(struct reading *r, const struct key *key,
                     const struct json_node *value) {
    if (!is_text(value))
        return keep_extra(r, value);
    *field_of(r->report, key) = field_line(value->text, r->arena);
    return 0;
}

/* What editors tell each other may have lines. */
static int read_note(struct reading *r, const struct key *key,
                     const struct json_node *value) {
    if (!is_text(value))
        return keep_extra(r, value);
    *field_of(r->report, key) = view_trim(field_text(value->text, r->arena));
    return 0;
}

/* A name that some senders write as a number. */
static int read_name(struct reading *r, const struct key *key,
                     const struct json_node *value) {
    int64_t n;

    if (!json_tree_whole(value, &n))
        return read_line(r, key, value);
    *field_of(r->report, key) = value->text;
    return 0;
}

/* "id" is another name for guid; beside a guid it is some key of the sender's own. */
static int read_id(struct reading *r, const struct key *key,
                   const struct json_node *value) {
    const struct json_node *guid = json_tree_get(r->record, "guid");
    int64_t n;

    if (guid && (guid->text.len || json_tree_whole(guid, &n)))
        return keep_extra(r, value);
    return read_name(r, key, value);
}

/* A word that events have no place for is not worth refusing a report: it goes to extra,
 * and the warning says so. */
static int read_word(struct reading *r, const struct key *key,
                     const struct json_node *value, bool (*known)(struct view)) {
    struct view word;

    if (!is_text(value))
        return keep_extra(r, value);
    word = field_line(value->text, r->arena);
    if (!word.len || known(word)) {
        *field_of(r->report, key) = word;
        return 0;
    }
    warn(r, key->name, "is none that is known: passed over");
    return keep_extra(r, value);
}

static int read_action(struct reading *r, const struct key *key,
                       const struct json_node *value) {
    return read_word(r, key, value, field_is_action);
}

static int read_lang(struct reading *r, const struct key *key,
                     const struct json_node *value) {
    return read_word(r, key, value, field_is_language);
}

static bool is_date_order(struct view word) {
    return view_is(word, "dmy") || view_is(word, "mdy") || view_is(word, "ymd");
}

static int read_date_order(struct reading *r, const struct key *key,
                           const struct json_node *value) {
    return read_word(r, key, value, is_date_order);
}

/* Those that report_write_json writes: of a digest nobody needs to be told. */
static bool is_guid_from(struct view word) {
    return view_is(word, "given") || view_is(word, "agency-ref") ||
           view_is(word, "slug") || view_is(word, "url");
}

static int read_guid_from(struct reading *r, const struct key *key,
                          const struct json_node *value) {
    return read_word(r, key, value, is_guid_from);
}

static int read_status(struct reading *r, const struct key *key,
                       const struct json_node *value) {
    struct view word;

    if (!is_text(value))
        return keep_extra(r, value);
    word = field_line(value->text, r->arena);
    if (word.len && !field_is_status(word))
        return wrong_type(r, "status", "usable, withheld or canceled");
    *field_of(r->report, key) = word;
    return 0;
}

static int read_version(struct reading *r, const struct key *key,
                        const struct json_node *value) {
    int64_t n;

    (void)key;
    if (json_tree_whole(value, &n) && n >= 0)
        r->report->version = (uint64_t)n;
    else if ((value->kind != JSON_KIND_NUMBER && !is_text(value)) ||
             !view_number(value->text, &r->report->version))
        return wrong_type(r, "version", "a whole number, not negative");
    return 0;
}

static int read_urgency(struct reading *r, const struct key *key,
                        const struct json_node *value) {
    int64_t n;

    (void)key;
    if (!json_tree_whole(value, &n) || n < 1 || n > 9)
        return wrong_type(r, "urgency", "a whole number from 1 to 9");
    r->report->urgency = (int)n;
    return 0;
}

/* ---- times ---- */

/* As it was written where that is ISO 8601 as everybody reads it; its basic form
 * (20200114T101500Z) is spelt out. */
static bool date_of(struct reading *r, struct view written, struct view *out) {
    char text[MOMENT_TEXT];
    struct moment_parts parts;
    struct view spelt;

    written = field_line(written, r->arena);
    if (!written.len || report_date_valid(written)) {
        *out = written;
        return true;
    }
    if (!moment_of_iso(written, &parts))
        return false;
    spelt = moment_print_parts(&parts, text);
    *out = view_n(arena_copy(r->arena, spelt.at, spelt.len), spelt.len);
    return spelt.len > 0;
}

static int read_date(struct reading *r, const struct key *key,
                     const struct json_node *value) {
    if (!is_text(value))
        return keep_extra(r, value);
    if (!date_of(r, value->text, field_of(r->report, key)))
        warn(r, key->name, "is not an ISO 8601 date: passed over");
    return 0;
}

static int read_published(struct reading *r, const struct key *key,
                          const struct json_node *value) {
    return is_text(value) ? read_date(r, key, value)
                          : wrong_type(r, "published", "a string");
}

static bool instant_of(const struct json_node *value, int64_t *out) {
    struct moment_parts parts;

    if (!is_text(value))
        return false;
    if (!view_trim(value->text).len) {
        *out = 0;
        return true;
    }
    if (!moment_of_iso(value->text, &parts))
        return false;
    *out = moment_ms(&parts);
    return true;
}

/* An embargo that nobody can read must not end at once. */
static int read_embargo(struct reading *r, const struct key *key,
                        const struct json_node *value) {
    (void)key;
    if (!instant_of(value, &r->report->embargo_ms))
        return wrong_type(r, "embargo_until", "an ISO 8601 date and time");
    return 0;
}

static int read_expires(struct reading *r, const struct key *key,
                        const struct json_node *value) {
    if (!is_text(value))
        return keep_extra(r, value);
    if (!instant_of(value, &r->report->expires_ms))
        warn(r, key->name, "is not an ISO 8601 date: passed over");
    return 0;
}

/* ---- lists ---- */

static int read_keywords(struct reading *r, const struct key *key,
                         const struct json_node *value) {
    const struct json_node *item = value->first;

    if (value->kind != JSON_KIND_LIST)
        return wrong_type(r, key->name.at, "a list of strings");
    for (; item; item = item->next) {
        if (!is_text(item) && item->kind != JSON_KIND_NULL)
            return wrong_type(r, key->name.at, "a list of strings");
        struct view word = field_line(item->text, r->arena);
        if (r->report->keyword_count == REPORT_KEYWORDS) {
            report_warn(r->report, r->arena, "only the first 64 keywords kept");
            break;
        }
        if (word.len)
            r->report->keywords[r->report->keyword_count++] = word;
    }
    return 0;
}

/* One, or a list; false where there is no room left. */
static bool add_category(struct reading *r, const struct json_node *value) {
    struct view category = field_line(value->text, r->arena);

    if (r->report->category_count == REPORT_CATEGORIES)
        return false;
    if (category.len)
        r->report->categories[r->report->category_count++] = category;
    return true;
}

static int read_category(struct reading *r, const struct key *key,
                         const struct json_node *value) {
    const struct json_node *item = value->first;

    (void)key;
    if (is_text(value)) {
        add_category(r, value);
        return 0;
    }
    while (item && is_text(item))
        item = item->next;
    if (value->kind != JSON_KIND_LIST || item)
        return keep_extra(r, value);
    for (item = value->first; item && add_category(r, item); item = item->next)
        continue;
    if (item)
        report_warn(r->report, r->arena, "only the first 16 categories kept");
    return 0;
}

static struct view line_in(struct reading *r, const struct json_node *object,
                           const char *key) {
    return field_line(json_tree_text(object, key), r->arena);
}

static int read_relates(struct reading *r, const struct key *key,
                        const struct json_node *value) {
    const struct json_node *item = value->first;
    struct report *report = r->report;

    if (value->kind != JSON_KIND_LIST)
        return keep_extra(r, value);
    for (; item; item = item->next) {
        struct relation relation = {line_in(r, item, "rel"), line_in(r, item, "ref"),
                                    line_in(r, item, "guid")};
        if (!field_is_relation(relation.rel) || (!relation.ref.len && !relation.guid.len))
            warn(r, key->name, "has an item that says nothing: passed over");
        else if (report->relation_count == REPORT_RELATIONS)
            report_warn(report, r->arena, "only the first 8 relations kept");
        else
            report->relations[report->relation_count++] = relation;
    }
    return 0;
}

/* 0 where it is null or missing. */
static bool count_of(const struct json_node *value, unsigned *out) {
    int64_t n = 0;

    if (value && value->kind != JSON_KIND_NULL &&
        (!json_tree_whole(value, &n) || n < 0 || n > MOST_TAKES))
        return false;
    *out = (unsigned)n;
    return true;
}

static int read_take(struct reading *r, const struct key *key,
                     const struct json_node *value) {
    const struct json_node *more = json_tree_get(value, "more");
    struct take take = {0, 0, more && more->kind == JSON_KIND_TRUE};

    (void)key;
    if (value->kind != JSON_KIND_OBJECT ||
        !count_of(json_tree_get(value, "n"), &take.n) ||
        !count_of(json_tree_get(value, "of"), &take.of))
        return keep_extra(r, value);
    if (take.n || take.more)
        r->report->take = take;
    return 0;
}

/* ---- the record ---- */

#define KEY(name, reader, field)                                                         \
    { {name, sizeof(name) - 1}, reader, offsetof(struct report, field) }

static const struct key keys[] = {
    KEY("text", read_text, text),
    KEY("guid", read_name, guid),
    KEY("id", read_id, guid),
    KEY("guid_from", read_guid_from, guid_from),
    KEY("version", read_version, version),
    KEY("action", read_action, action),
    KEY("status", read_status, status),
    KEY("relates", read_relates, relations),
    KEY("take", read_take, take),
    KEY("published", read_published, published),
    KEY("sent", read_date, sent),
    KEY("first_created", read_date, first_created),
    KEY("version_created", read_date, version_created),
    KEY("embargo_until", read_embargo, embargo_ms),
    KEY("expires", read_expires, expires_ms),
    KEY("headline", read_line, headline),
    KEY("subhead", read_line, subhead),
    KEY("byline", read_line, byline),
    KEY("dateline", read_line, dateline),
    KEY("slug", read_line, slug),
    KEY("keywords", read_keywords, keywords),
    KEY("category", read_category, categories),
    KEY("urgency", read_urgency, urgency),
    KEY("priority", read_name, priority),
    KEY("lang", read_lang, lang),
    KEY("ednote", read_note, ednote),
    KEY("source", read_line, source),
    KEY("service", read_name, service),
    KEY("number", read_name, number),
    KEY("reference", read_name, reference),
    KEY("url", read_line, url),
    KEY("charset", read_line, charset),
    KEY("date_order", read_date_order, date_order),
    KEY("ref", read_name, ref),
};

static const struct key *key_named(struct view name) {
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (view_eq(keys[i].name, name))
            return &keys[i];
    return NULL;
}

bool report_json_owns(struct view key) { return key_named(key) != NULL; }

static int read_keys(struct reading *r) {
    const struct json_node *value = r->record->first;
    int err = 0;

    for (; value && !err; value = value->next) {
        const struct key *key = key_named(value->key);
        if (!key)
            err = keep_extra(r, value);
        else if (value->kind != JSON_KIND_NULL)
            err = key->read(r, key, value);
    }
    return err;
}

static bool holds_back(const struct report *report) {
    return report_cancels(report) || view_is(report->status, "withheld") ||
           view_is(report->action, "hold");
}

/* A record may do without text: one that takes its story back or withholds it, and a
 * flash whose headline is all there is. */
static int check_text(struct reading *r) {
    struct report *report = r->report;

    if (view_trim(report->text).len)
        return 0;
    report->text = view_of(NULL);
    if (report->guid.len && report->headline.len && !report_cancels(report))
        report->text = report->headline;
    if (report->guid.len && (report->text.len || holds_back(report)))
        return 0;
    diag_set(r->diag, 0, "\"text\" is missing or empty");
    return ERR_FORMAT;
}

static void complete(struct report *report) {
    if (!report->guid.len)
        report->guid_from = view_of(NULL);
    else if (!report->guid_from.len)
        report->guid_from = VIEW_LIT("given");
    if (!report->published.len)
        report->published =
            report->version_created.len ? report->version_created : report->first_created;
}

int report_from_node(const struct json_node *record, struct report *out,
                     struct arena *arena, struct diag *diag) {
    struct report report = {.format = VIEW_LIT("ndjson")};
    struct reading r = {
        .report = &report, .arena = arena, .diag = diag, .record = record};
    int err;

    if (record->kind != JSON_KIND_OBJECT) {
        diag_set(diag, 0, "a feed record is a JSON object, not %s",
                 json_tree_kind(record));
        return ERR_FORMAT;
    }
    err = read_keys(&r);
    if (!err)
        err = check_text(&r);
    end_extra(&r);
    if (err)
        return err;
    complete(&report);
    *out = report;
    return 0;
}

/* ---- the document ---- */

int report_json_tree(struct view json, struct json_tree *out, struct arena *arena,
                     struct diag *diag) {
    struct diag why = {0};
    int err = json_tree_read(json, out, arena, &why);

    if (err)
        diag_set(diag, why.offset, "not JSON: %s", why.text);
    return err;
}

void report_warn_mended(struct report *report, const struct json_tree *tree,
                        struct arena *arena) {
    if (tree->invalid)
        report_warn(report, arena, "invalid UTF-8 sequences replaced");
    if (tree->halves)
        report_warn(report, arena, "halves of characters replaced");
}

int report_from_json(struct view json, struct report *out, struct arena *arena,
                     struct diag *diag) {
    struct json_tree tree;
    int err = report_json_tree(json, &tree, arena, diag);

    if (!err)
        err = report_from_node(tree.root, out, arena, diag);
    if (!err)
        report_warn_mended(out, &tree, arena);
    return err;
}

bool report_extra_valid(struct view json) {
    struct arena arena = {0};
    struct json_tree tree;
    bool valid = true;

    for (size_t i = 0; i < json.len && valid; i++)
        valid = (unsigned char)json.at[i] >= 0x20;
    valid = valid && json.len && json.at[0] == '{' &&
            json_tree_read(json, &tree, &arena, NULL) == 0 &&
            tree.root->kind == JSON_KIND_OBJECT && !tree.invalid && !tree.halves &&
            json_tree_shallow(tree.root, REPORT_EXTRA_DEPTH);
    arena_release(&arena);
    return valid;
}

/* ---- writing ---- */

#define NAME JSON_KEY

static void put_view(struct json *j, struct view key, struct view value) {
    if (value.len)
        json_member_view(j, key, value);
}

static void put_instant(struct json *j, struct view key, int64_t ms) {
    char text[MOMENT_TEXT];

    if (ms)
        put_view(j, key, moment_print(ms, text));
}

/* As text where it is more than readers of JSON take for a whole number. */
static void put_version(struct json *j, uint64_t version) {
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, version);
    if (version > INT64_MAX)
        put_view(j, NAME("version"), view_of(digits));
    else if (version)
        json_member_uint(j, NAME("version"), version);
}

static void put_list(struct json *j, struct view key, const struct view *list, size_t n) {
    if (!n)
        return;
    json_member_array(j, key);
    for (size_t i = 0; i < n; i++)
        json_view(j, list[i]);
    json_end(j);
}

static void put_count(struct json *j, struct view key, unsigned n) {
    if (n)
        json_member_uint(j, key, n);
    else
        json_member_nothing(j, key);
}

static void put_life(struct json *j, const struct report *report) {
    put_view(j, NAME("action"), report->action);
    put_view(j, NAME("status"), report->status);
    if (report->relation_count)
        json_member_array(j, NAME("relates"));
    for (size_t i = 0; i < report->relation_count; i++) {
        json_begin_object(j);
        put_view(j, NAME("rel"), report->relations[i].rel);
        put_view(j, NAME("ref"), report->relations[i].ref);
        put_view(j, NAME("guid"), report->relations[i].guid);
        json_end(j);
    }
    if (report->relation_count)
        json_end(j);
    if (!report->take.n && !report->take.more)
        return;
    json_member_object(j, NAME("take"));
    put_count(j, NAME("n"), report->take.n);
    put_count(j, NAME("of"), report->take.of);
    json_key(j, "more");
    json_bool(j, report->take.more);
    json_end(j);
}

static void put_times(struct json *j, const struct report *report) {
    put_view(j, NAME("published"), report->published);
    put_view(j, NAME("sent"), report->sent);
    put_view(j, NAME("first_created"), report->first_created);
    put_view(j, NAME("version_created"), report->version_created);
    put_instant(j, NAME("embargo_until"), report->embargo_ms);
    put_instant(j, NAME("expires"), report->expires_ms);
}

static void put_words(struct json *j, const struct report *report) {
    put_view(j, NAME("headline"), report->headline);
    put_view(j, NAME("subhead"), report->subhead);
    put_view(j, NAME("byline"), report->byline);
    put_view(j, NAME("dateline"), report->dateline);
    put_view(j, NAME("slug"), report->slug);
    if (report->category_count == 1)
        put_view(j, NAME("category"), report->categories[0]);
    else
        put_list(j, NAME("category"), report->categories, report->category_count);
    put_view(j, NAME("lang"), report->lang);
    put_view(j, NAME("ednote"), report->ednote);
}

static void put_origin(struct json *j, const struct report *report) {
    put_view(j, NAME("source"), report->source);
    put_view(j, NAME("service"), report->service);
    put_view(j, NAME("number"), report->number);
    put_view(j, NAME("reference"), report->reference);
    put_view(j, NAME("url"), report->url);
    put_view(j, NAME("charset"), report->charset);
    put_view(j, NAME("date_order"), report->date_order);
    put_view(j, NAME("ref"), report->ref);
}

/* Has the report a value of its own for that key? Of fields that are views. */
static bool has_field(const struct report *report, const struct json_node *member) {
    const struct key *key = key_named(member->key);
    struct report copy;

    if (!key || key->read == read_version || key->read == read_urgency ||
        key->read == read_relates || key->read == read_take ||
        key->read == read_keywords || key->read == read_category ||
        key->read == read_embargo || key->read == read_expires)
        return false;
    copy = *report;
    return field_of(&copy, key)->len > 0;
}

/* The keys of `extra` go beside ours; one that a field has now stays out. */
static void put_extra(struct json *j, const struct report *report) {
    struct arena arena = {0};
    struct json_tree tree;

    if (report->extra.len > 2 &&
        json_tree_read(report->extra, &tree, &arena, NULL) == 0) {
        for (const struct json_node *node = tree.root->first; node; node = node->next) {
            if (has_field(report, node))
                continue;
            json_key_view(j, node->key);
            json_raw(j, view_of(NULL));
            json_tree_write(node, j->out);
        }
    }
    arena_release(&arena);
}

void report_write_json(const struct report *report, struct buf *out) {
    struct json j = json_to(out);

    json_begin_object(&j);
    if (!view_is(report->guid_from, "digest")) {
        put_view(&j, NAME("guid"), report->guid);
        if (report->guid.len && !view_is(report->guid_from, "given"))
            put_view(&j, NAME("guid_from"), report->guid_from);
    }
    put_version(&j, report->version);
    put_life(&j, report);
    put_times(&j, report);
    put_words(&j, report);
    put_origin(&j, report);
    if (report->urgency)
        json_member_uint(&j, NAME("urgency"), (uint64_t)report->urgency);
    put_view(&j, NAME("priority"), report->priority);
    put_list(&j, NAME("keywords"), report->keywords, report->keyword_count);
    put_view(&j, NAME("text"), report->text);
    put_extra(&j, report);
    json_end(&j);
}
