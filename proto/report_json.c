/* report_json.c: a feed record (EVENT.md) read by jansson. */
#include <jansson.h>
#include <stdio.h>

#include "proto/report.h"
#include "proto/utf8.h"

/* What the keys of a record go to. */
struct reading {
    struct report report;
    struct arena *arena;
    struct diag *diag;
    json_t *extra;
    struct buf warning;
};

static void warn(struct reading *r, const char *text) {
    buf_printf(&r->warning, "%s%s", r->warning.len ? "; " : "", text);
}

static struct view arena_view(struct arena *arena, struct view bytes) {
    return view_n(arena_copy(arena, bytes.at, bytes.len), bytes.len);
}

static int wrong_type(struct reading *r, const char *key, const char *want) {
    diag_set(r->diag, 0, "\"%s\" must be %s", key, want);
    return ERR_FORMAT;
}

/* A string, cleaned; null counts as absent. */
static int read_view(struct reading *r, const char *key, json_t *value,
                     struct view *out) {
    struct buf clean = {0};

    if (json_is_null(value))
        return 0;
    if (!json_is_string(value))
        return wrong_type(r, key, "a string");
    utf8_clean(view_n(json_string_value(value), json_string_length(value)), &clean, NULL);
    *out = arena_view(r->arena, buf_view(&clean));
    buf_release(&clean);
    return 0;
}

static int read_version(struct reading *r, json_t *value) {
    uint64_t n = 0;

    if (json_is_null(value))
        return 0;
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        n = (uint64_t)json_integer_value(value);
    else if (!json_is_string(value) ||
             !view_number(view_of(json_string_value(value)), &n))
        return wrong_type(r, "version", "a whole number, not negative");
    r->report.version = n;
    return 0;
}

static int read_urgency(struct reading *r, json_t *value) {
    if (json_is_null(value))
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < 1 ||
        json_integer_value(value) > 9)
        return wrong_type(r, "urgency", "a whole number from 1 to 9");
    r->report.urgency = (int)json_integer_value(value);
    return 0;
}

static int read_keywords(struct reading *r, json_t *value) {
    size_t i;
    json_t *item;
    int err = 0;

    if (json_is_null(value))
        return 0;
    if (!json_is_array(value))
        return wrong_type(r, "keywords", "a list of strings");
    json_array_foreach(value, i, item) {
        struct view word = {0};
        if (r->report.keyword_count == REPORT_KEYWORDS) {
            warn(r, "only the first 64 keywords kept");
            break;
        }
        err = read_view(r, "keywords", item, &word);
        if (err)
            return err;
        if (word.len)
            r->report.keywords[r->report.keyword_count++] = word;
    }
    return 0;
}

static int read_published(struct reading *r, json_t *value) {
    int err = read_view(r, "published", value, &r->report.published);

    if (!err && r->report.published.len && !report_date_valid(r->report.published)) {
        warn(r, "published is not an ISO 8601 date: passed over");
        r->report.published = view_of(NULL);
    }
    return err;
}

/* The keys that are one string each. "id" is another name for guid. */
static struct view *text_key(struct report *report, const char *key) {
    const struct {
        const char *key;
        struct view *to;
    } keys[] = {
        {"text", &report->text},         {"headline", &report->headline},
        {"guid", &report->guid},         {"id", &report->guid},
        {"byline", &report->byline},     {"dateline", &report->dateline},
        {"slug", &report->slug},         {"lang", &report->lang},
        {"status", &report->status},     {"action", &report->action},
        {"category", &report->category}, {"source", &report->source},
        {"ref", &report->ref},
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].key, key) == 0)
            return keys[i].to;
    return NULL;
}

static int read_key(struct reading *r, const char *key, json_t *value) {
    struct view *to = text_key(&r->report, key);

    if (strcmp(key, "version") == 0)
        return read_version(r, value);
    if (strcmp(key, "urgency") == 0)
        return read_urgency(r, value);
    if (strcmp(key, "keywords") == 0)
        return read_keywords(r, value);
    if (strcmp(key, "published") == 0)
        return read_published(r, value);
    /* A record may carry keys of ours in another shape (a list of categories, a dateline
     * that was taken apart): what is not text is not refused but rides along. */
    if (to && (json_is_string(value) || json_is_null(value) || to == &r->report.text))
        return read_view(r, key, value, to);
    if (!r->extra)
        r->extra = json_object();
    return json_object_set(r->extra, key, value) ? ERR_FORMAT : 0;
}

static int check_status(struct reading *r) {
    struct view status = r->report.status;

    if (!status.len || view_is(status, "usable") || view_is(status, "withheld") ||
        view_is(status, "canceled"))
        return 0;
    return wrong_type(r, "status", "usable, withheld or canceled");
}

static int check_text(struct reading *r) {
    if (view_trim(r->report.text).len)
        return 0;
    diag_set(r->diag, 0, "\"text\" is missing or empty");
    return ERR_FORMAT;
}

static int keep_extra(struct reading *r) {
    char *dumped = json_dumps(r->extra, JSON_COMPACT);

    if (!dumped)
        return ERR_FORMAT;
    r->report.extra = arena_view(r->arena, view_of(dumped));
    free(dumped);
    return 0;
}

static int read_object(struct reading *r, json_t *object) {
    const char *key;
    json_t *value;
    int err = 0;

    if (!json_is_object(object)) {
        diag_set(r->diag, 0, "a feed record is a JSON object");
        return ERR_FORMAT;
    }
    r->report.format = VIEW_LIT("ndjson");
    json_object_foreach(object, key, value) {
        err = read_key(r, key, value);
        if (err)
            return err;
    }
    err = check_status(r);
    if (!err)
        err = check_text(r);
    if (!err && r->extra)
        err = keep_extra(r);
    if (r->report.guid.len)
        r->report.guid_from = VIEW_LIT("given");
    r->report.warning = arena_view(r->arena, buf_view(&r->warning));
    return err;
}

/* Bytes that are not UTF-8 become U+FFFD before jansson sees them: it would refuse the
 * whole record for one bad byte. */
static json_t *load(struct view json, struct reading *r, json_error_t *error) {
    struct utf8_changes did;
    struct buf clean = {0};
    json_t *root;

    if (utf8_valid_prefix(json) == json.len && !view_starts(json, "\xEF\xBB\xBF"))
        return json_loadb(json.at, json.len, JSON_ALLOW_NUL, error);
    utf8_clean(json, &clean, &did);
    if (did.invalid)
        warn(r, "invalid UTF-8 sequences replaced");
    root = json_loadb(clean.len ? clean.at : "", clean.len, JSON_ALLOW_NUL, error);
    buf_release(&clean);
    return root;
}

int report_from_json(struct view json, struct report *out, struct arena *arena,
                     struct diag *diag) {
    struct reading r = {.arena = arena, .diag = diag};
    json_error_t error = {0};
    json_t *root = load(json, &r, &error);
    int err;

    if (!root) {
        diag_set(diag, (size_t)(error.position > 0 ? error.position : 0),
                 "not JSON: %s (byte %d)", error.text, error.position);
        err = ERR_FORMAT;
    } else {
        err = read_object(&r, root);
    }
    json_decref(r.extra);
    json_decref(root);
    buf_release(&r.warning);
    if (!err)
        *out = r.report;
    return err;
}
