/* report_json.c: a feed record (EVENT.md) read by jansson. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "proto/json.h"
#include "proto/report.h"
#include "proto/utf8.h"

/* What the keys of a record go to. */
struct reading {
    struct report report;
    struct arena *arena;
    struct diag *diag;
    json_t *root, *extra;
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

/* Text as jansson has it, cleaned; as one line if asked for: line ends and tabs become
 * spaces, those at the ends go. */
static struct view clean_copy(struct reading *r, struct view raw, bool one_line) {
    struct buf clean = {0};
    struct view copy;

    utf8_clean(raw, &clean, NULL);
    for (size_t i = 0; one_line && i < clean.len; i++)
        if (clean.at[i] == '\n' || clean.at[i] == '\t')
            clean.at[i] = ' ';
    copy = one_line ? view_trim(buf_view(&clean)) : buf_view(&clean);
    copy = arena_view(r->arena, copy);
    buf_release(&clean);
    return copy;
}

static struct view string_of(const json_t *value) {
    return view_n(json_string_value(value), json_string_length(value));
}

/* A string; null counts as absent. */
static int read_view(struct reading *r, const char *key, json_t *value,
                     struct view *out) {
    if (json_is_null(value))
        return 0;
    if (!json_is_string(value))
        return wrong_type(r, key, "a string");
    *out = clean_copy(r, string_of(value), out != &r->report.text);
    return 0;
}

/* A name that some senders write as a number. */
static int read_name(struct reading *r, json_t *value, struct view *out) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT,
                       json_integer_value(value));

    *out = arena_view(r->arena, view_n(digits, (size_t)len));
    return 0;
}

static int read_version(struct reading *r, json_t *value) {
    uint64_t n = 0;

    if (json_is_null(value))
        return 0;
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        n = (uint64_t)json_integer_value(value);
    else if (!json_is_string(value) || !view_number(string_of(value), &n))
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
        {"category", report->categories}, {"source", &report->source},
        {"ref", &report->ref},
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].key, key) == 0)
            return keys[i].to;
    return NULL;
}

/* True when nothing in it lies deeper than `depth` levels. */
static bool shallow(const json_t *value, int depth) {
    json_t *item;
    const char *key;
    size_t i;

    if (!json_is_object(value) && !json_is_array(value))
        return true;
    if (!depth)
        return false;
    json_array_foreach(value, i, item) {
        if (!shallow(item, depth - 1))
            return false;
    }
    json_object_foreach((json_t *)value, key, item) {
        if (!shallow(item, depth - 1))
            return false;
    }
    return true;
}

static int keep_extra(struct reading *r, const char *key, json_t *value) {
    if (!shallow(value, REPORT_EXTRA_DEPTH - 1)) {
        diag_set(r->diag, 0, "\"%s\" is nested more than %d deep", key,
                 REPORT_EXTRA_DEPTH);
        return ERR_FORMAT;
    }
    if (!r->extra)
        r->extra = json_object();
    return json_object_set(r->extra, key, value) ? ERR_FORMAT : 0;
}

/* "id" is another name for guid; beside a guid it is some key of the sender's own. */
static bool second_name(struct reading *r, const char *key) {
    const json_t *guid = json_object_get(r->root, "guid");

    return strcmp(key, "id") == 0 && (json_string_length(guid) || json_is_integer(guid));
}

static int read_key(struct reading *r, const char *key, json_t *value) {
    struct view *to = second_name(r, key) ? NULL : text_key(&r->report, key);

    if (strcmp(key, "version") == 0)
        return read_version(r, value);
    if (strcmp(key, "urgency") == 0)
        return read_urgency(r, value);
    if (strcmp(key, "keywords") == 0)
        return read_keywords(r, value);
    if (strcmp(key, "published") == 0)
        return read_published(r, value);
    if (json_is_integer(value) && (to == &r->report.guid || to == &r->report.ref))
        return read_name(r, value, to);
    /* A record may carry keys of ours in another shape (a list of categories, a dateline
     * that was taken apart): what is not text is not refused but rides along. */
    if (to && (json_is_string(value) || json_is_null(value) || to == &r->report.text))
        return read_view(r, key, value, to);
    return keep_extra(r, key, value);
}

static bool one_of(struct view word, const char *const *words) {
    while (*words && !view_is(word, *words))
        words++;
    return *words != NULL;
}

/* en, pt-BR, zh_Hant_TW: letters, then parts of letters and digits; 1 to 8 in each, 2 at
 * least in the first. */
static bool is_language(struct view tag) {
    size_t run = 0, parts = 0;

    for (size_t i = 0; i < tag.len; i++) {
        char c = tag.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '-' || c == '_') {
            if (run < (parts ? 1 : 2))
                return false;
            parts++;
            run = 0;
        } else if ((!letter && !(parts && c >= '0' && c <= '9')) || ++run > 8) {
            return false;
        }
    }
    return run >= (parts ? 1 : 2);
}

/* A word that events have no place for is not worth refusing a report: it goes to extra,
 * and the warning says so. */
static int pass_over(struct reading *r, const char *key, struct view *word,
                     const char *why) {
    warn(r, why);
    *word = view_of(NULL);
    return keep_extra(r, key, json_object_get(r->root, key));
}

static int check_words(struct reading *r) {
    static const char *const actions[] = {
        "new",    "update", "lead", "add",   "sub",      "correction", "refile",
        "repeat", "hold",   "kill", "alert", "advisory", NULL};
    int err = 0;

    if (r->report.action.len && !one_of(r->report.action, actions))
        err = pass_over(r, "action", &r->report.action, "unknown action passed over");
    if (!err && r->report.lang.len && !is_language(r->report.lang))
        err =
            pass_over(r, "lang", &r->report.lang, "lang is no language tag: passed over");
    return err;
}

static int check_status(struct reading *r) {
    static const char *const statuses[] = {"usable", "withheld", "canceled", NULL};

    if (!r->report.status.len || one_of(r->report.status, statuses))
        return 0;
    return wrong_type(r, "status", "usable, withheld or canceled");
}

static int check_text(struct reading *r) {
    if (view_trim(r->report.text).len)
        return 0;
    diag_set(r->diag, 0, "\"text\" is missing or empty");
    return ERR_FORMAT;
}

static int dump_extra(struct reading *r) {
    char *dumped = json_dumps(r->extra, JSON_COMPACT | JSON_ENSURE_ASCII);

    if (!dumped)
        return ERR_FORMAT;
    r->report.extra = arena_view(r->arena, view_of(dumped));
    free(dumped);
    return 0;
}

static int read_object(struct reading *r) {
    const char *key;
    json_t *value;
    int err = 0;

    if (!json_is_object(r->root)) {
        diag_set(r->diag, 0, "a feed record is a JSON object");
        return ERR_FORMAT;
    }
    r->report.format = VIEW_LIT("ndjson");
    json_object_foreach(r->root, key, value) {
        err = read_key(r, key, value);
        if (err)
            return err;
    }
    err = check_status(r);
    if (!err)
        err = check_text(r);
    if (!err)
        err = check_words(r);
    if (!err && r->extra)
        err = dump_extra(r);
    r->report.category_count = r->report.categories[0].len > 0;
    if (r->report.guid.len)
        r->report.guid_from = VIEW_LIT("given");
    r->report.warning = arena_view(r->arena, buf_view(&r->warning));
    return err;
}

/* ---- loading ---- */

static bool surrogate(const char *p, size_t n, char low, char high) {
    return n >= 6 && p[0] == '\\' && p[1] == 'u' && (p[2] | 0x20) == 'd' &&
           (p[3] | 0x20) >= low && (p[3] | 0x20) <= high;
}

/* Senders that count in UTF-16 cut texts between the halves of a character: \ud83d alone
 * becomes \ufffd. True when there was one. */
static bool mend_surrogates(struct view json, struct buf *out) {
    bool mended = false;

    for (size_t i = 0; i < json.len;) {
        const char *p = json.at + i;
        size_t left = json.len - i, len = *p == '\\' && left > 1 ? 2 : 1;
        bool first = surrogate(p, left, '8', 'b');
        if (first && left > 6 && surrogate(p + 6, left - 6, 'c', 'f'))
            len = 12;
        else if (first || surrogate(p, left, 'c', 'f'))
            len = 6;
        if (len == 6)
            buf_put_text(out, "\\ufffd");
        else
            buf_put(out, p, len);
        mended = mended || len == 6;
        i += len;
    }
    return mended;
}

static json_t *load_mended(struct view json, struct reading *r, json_error_t *error) {
    struct buf mended = {0};
    json_t *root = json_loadb(json.at, json.len, JSON_ALLOW_NUL, error);

    if (!root && mend_surrogates(json, &mended)) {
        root = json_loadb(mended.at, mended.len, JSON_ALLOW_NUL, error);
        warn(r, "halves of characters replaced");
    }
    buf_release(&mended);
    return root;
}

/* Bytes that are not UTF-8 become U+FFFD before jansson sees them: it would refuse the
 * whole record for one bad byte. */
static json_t *load(struct view json, struct reading *r, json_error_t *error) {
    struct buf clean = {0};
    json_t *root;

    if (utf8_valid_prefix(json) == json.len)
        return load_mended(json, r, error);
    utf8_clean(json, &clean, NULL);
    warn(r, "invalid UTF-8 sequences replaced");
    root = load_mended(buf_view(&clean), r, error);
    buf_release(&clean);
    return root;
}

int report_from_json(struct view json, struct report *out, struct arena *arena,
                     struct diag *diag) {
    struct reading r = {.arena = arena, .diag = diag};
    json_error_t error = {0};
    size_t mark = view_starts(json, "\xEF\xBB\xBF") ? 3 : 0;
    struct view rest = mark ? view_n(json.at + mark, json.len - mark) : json;
    int err = ERR_FORMAT;

    r.root = load(rest, &r, &error);
    if (r.root) {
        err = read_object(&r);
    } else {
        size_t at = mark + (size_t)(error.position > 0 ? error.position : 0);
        if (error.text[0])
            diag_set(diag, at, "not JSON: %s (byte %zu)", error.text, at);
        else // jansson says nothing when malloc fails
            diag_set(diag, 0, "there is not enough memory to read it");
    }
    json_decref(r.extra);
    json_decref(r.root);
    buf_release(&r.warning);
    if (!err)
        *out = r.report;
    return err;
}

bool report_extra_valid(struct view json) {
    json_t *root;
    bool valid;

    for (size_t i = 0; i < json.len; i++)
        if ((unsigned char)json.at[i] < 0x20)
            return false;
    root = json_loadb(json.at, json.len, JSON_ALLOW_NUL, NULL);
    valid = json_is_object(root) && shallow(root, REPORT_EXTRA_DEPTH);
    json_decref(root);
    return valid;
}

/* ---- writing ---- */

static void put_view(struct json *j, const char *key, struct view value) {
    if (!value.len)
        return;
    json_key(j, key);
    json_view(j, value);
}

static void put_number(struct json *j, const char *key, uint64_t n) {
    if (!n)
        return;
    json_key(j, key);
    json_uint(j, n);
}

/* As text where it is more than readers of JSON take for a whole number. */
static void put_version(struct json *j, uint64_t version) {
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, version);
    if (version <= INT64_MAX)
        put_number(j, "version", version);
    else
        put_view(j, "version", view_of(digits));
}

static void put_keywords(struct json *j, const struct report *report) {
    if (!report->keyword_count)
        return;
    json_key(j, "keywords");
    json_begin_array(j);
    for (size_t i = 0; i < report->keyword_count; i++)
        json_view(j, report->keywords[i]);
    json_end(j);
}

void report_write_json(const struct report *report, struct buf *out) {
    struct json j = json_to(out);

    json_begin_object(&j);
    if (!view_is(report->guid_from, "digest"))
        put_view(&j, "guid", report->guid);
    put_version(&j, report->version);
    put_view(&j, "action", report->action);
    put_view(&j, "status", report->status);
    put_view(&j, "published", report->published);
    put_view(&j, "headline", report->headline);
    put_view(&j, "byline", report->byline);
    put_view(&j, "dateline", report->dateline);
    put_view(&j, "slug", report->slug);
    put_view(&j, "category", report->categories[0]);
    put_view(&j, "lang", report->lang);
    put_view(&j, "source", report->source);
    put_view(&j, "ref", report->ref);
    put_number(&j, "urgency", (uint64_t)report->urgency);
    put_keywords(&j, report);
    json_key(&j, "text");
    json_view(&j, report->text);
    json_end(&j);
    if (report->extra.len > 2) { /* its keys are none of ours: they go beside them */
        out->at[out->len - 1] = ',';
        buf_put(out, report->extra.at + 1, report->extra.len - 1);
    }
}
