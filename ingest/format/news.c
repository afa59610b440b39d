#include "ingest/format/news.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/format/story.h"
#include "ingest/zone.h"
#include "proto/moment.h"
#include "proto/report_field.h"
#include "proto/utf8.h"

#define LEAD_PARAGRAPHS 4    /* within which a dateline is looked for */
#define JOINED          8192 /* a field given in pieces takes no more when it is as long */
#define NOTES           1000 /* bytes of notes after which no more are taken */
#define FOLDED          120  /* bytes of a paragraph in which one would stand */

void news_begin(struct news *news, const struct format_input *in, struct report *report) {
    memset(news, 0, sizeof *news);
    news->in = in;
    news->report = report;
}

/* Values are cut off where a message ends, perhaps within a character. */
static const char *sound(const char *text, struct arena *arena) {
    struct buf clean = {0};
    const char *copy;

    utf8_clean(view_of(text), &clean, NULL);
    copy = arena_copy(arena, clean.at, clean.len);
    buf_release(&clean);
    return copy;
}

void news_warn(struct news *news, const char *format, ...) {
    char text[160];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    report_warn(news->report, news->in->arena, sound(text, news->in->arena));
}

/* ---- fields ---- */

static struct view line_of(const struct news *news, struct view text) {
    return text.len ? field_line(text, news->in->arena) : view_of(NULL);
}

void news_set(struct news *news, struct view *field, struct view line) {
    if (!field->len)
        *field = line_of(news, line);
}

static bool holds(struct view all, struct view part) {
    for (size_t i = 0; i + part.len <= all.len; i++)
        if (!memcmp(all.at + i, part.at, part.len))
            return true;
    return false;
}

void news_join(struct news *news, struct view *field, struct view line) {
    struct buf both = {0};

    line = line_of(news, line);
    if (field->len > JOINED) {
        news_warn(news, "notes of more than %d bytes passed over", JOINED);
        return;
    }
    if (!line.len || holds(*field, line))
        return;
    buf_put_view(&both, *field);
    buf_put_text(&both, field->len ? "; " : "");
    buf_put_view(&both, line);
    *field = view_n(arena_copy(news->in->arena, both.at, both.len), both.len);
    buf_release(&both);
}

void news_note_to_editors(struct news *news, struct view line) {
    if (line.len && news->note_count < NEWS_NOTES)
        news->notes[news->note_count++] = line_of(news, line);
    news_join(news, &news->report->ednote, line);
}

void news_version(struct news *news, const char *what, struct view text) {
    text = view_trim(text);
    if (text.len && !news->report->version && !view_number(text, &news->report->version))
        news_warn(news, "%s is no number", what);
}

static bool all_digits(struct view text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return true;
}

/* "20200114101502", and dates with a zone ("2020-01-14Z", as XML Schema has them). */
static bool moment_of_others(struct view text, struct moment_parts *parts) {
    char iso[16];

    if ((text.len == 12 || text.len == 14) && all_digits(text)) {
        memcpy(iso, text.at, 8);
        iso[8] = 'T';
        memcpy(iso + 9, text.at + 8, text.len - 8);
        return moment_of_iso(view_n(iso, text.len + 1), parts);
    }
    return text.len > 10 && strchr("Z+-", text.at[10]) &&
           moment_of_iso(view_n(text.at, 10), parts);
}

/* False: not given, or no time. */
static bool read_time(struct news *news, const char *what, struct view text,
                      struct moment_parts *parts) {
    text = view_trim(text);
    if (!text.len)
        return false;
    if (moment_of_iso(text, parts) || moment_of_rfc822(text, parts) ||
        moment_of_others(text, parts))
        return true;
    news_warn(news, "%s is no time: %.*s", what, (int)(text.len < 40 ? text.len : 40),
              text.at);
    return false;
}

static int64_t utc_ms(const struct news *news, const struct moment_parts *parts) {
    int64_t ms = moment_ms(parts);

    if (parts->has_time && !parts->has_zone && news->in->feed->zone)
        ms = zone_utc_ms(news->in->feed->zone, ms);
    return ms;
}

void news_time(struct news *news, const char *what, struct view text,
               struct view *field) {
    struct moment_parts parts;
    char room[MOMENT_TEXT];
    struct view time;

    if (field->len || !read_time(news, what, text, &parts))
        return;
    if (parts.has_time && (parts.has_zone || news->in->feed->zone))
        time = moment_print(utc_ms(news, &parts), room);
    else
        time = moment_print_parts(&parts, room);
    *field = view_n(arena_copy(news->in->arena, time.at, time.len), time.len);
}

void news_moment(struct news *news, const char *what, struct view text, int64_t *ms) {
    struct moment_parts parts;

    if (!*ms && read_time(news, what, text, &parts))
        *ms = utc_ms(news, &parts);
}

void news_lang(struct news *news, struct view tag) {
    tag = view_trim(tag);
    if (!tag.len || news->report->lang.len)
        return;
    if (field_is_language(tag))
        news->report->lang = tag;
    else
        news_warn(news, "%.*s is no language", (int)(tag.len < 40 ? tag.len : 40),
                  tag.at);
}

void news_urgency(struct news *news, struct view text) {
    uint64_t n;

    text = view_trim(text);
    if (!text.len || news->report->priority.len)
        return;
    news_set(news, &news->report->priority, text);
    if (view_number(text, &n) && n >= 1 && n <= 9)
        news->report->urgency = (int)n;
    else
        news_warn(news, "urgency is not 1 to 9");
}

static bool same_word(struct view a, const char *b) {
    size_t i = 0;

    for (; i < a.len && b[i]; i++)
        if ((a.at[i] >= 'A' && a.at[i] <= 'Z' ? a.at[i] | 0x20 : a.at[i]) != b[i])
            return false;
    return i == a.len && !b[i];
}

struct meaning {
    const char *word, *means;
};

static const char *meaning_of(struct view word, const struct meaning *meanings,
                              size_t count) {
    for (size_t i = 0; i < count; i++)
        if (same_word(word, meanings[i].word))
            return meanings[i].means;
    return NULL;
}

void news_status(struct news *news, struct view word) {
    static const struct meaning meanings[] = {
        {"usable", "usable"},      {"embargoed", "usable"},   {"withheld", "withheld"},
        {"hold", "withheld"},      {"canceled", "canceled"},  {"cancelled", "canceled"},
        {"cancel", "canceled"},    {"killed", "canceled"},    {"kill", "canceled"},
        {"withdrawn", "canceled"}, {"retracted", "canceled"}, {"deleted", "canceled"},
    };
    const char *status;

    word = view_trim(word);
    if (!word.len || news->report->status.len)
        return;
    status = meaning_of(word, meanings, sizeof meanings / sizeof *meanings);
    if (status)
        news->report->status = view_of(status);
    else
        news_warn(news, "nobody knows the status %.*s",
                  (int)(word.len < 40 ? word.len : 40), word.at);
}

bool news_action(struct news *news, struct view word) {
    static const struct meaning meanings[] = {
        {"update", "update"},
        {"updated", "update"},
        {"u", "update"},
        {"correction", "correction"},
        {"corrected", "correction"},
        {"correct", "correction"},
        {"rectification", "correction"},
        {"repeat", "repeat"},
        {"rpt", "repeat"},
        {"refile", "refile"},
        {"kill", "kill"},
        {"withdrawal", "kill"},
        {"withdrawn", "kill"},
        {"cancel", "kill"},
        {"cancellation", "kill"},
        {"delete", "kill"},
        {"hold", "hold"},
        {"lead", "lead"},
        {"writethru", "lead"},
        {"new", "new"},
        {"n", "new"},
        {"advisory", "advisory"},
        {"alert", "alert"},
        {"flash", "alert"},
        {"add", "add"},
    };
    const char *action =
        meaning_of(view_trim(word), meanings, sizeof meanings / sizeof *meanings);

    if (action && !news->report->action.len)
        news->report->action = view_of(action);
    return action != NULL;
}

void news_keyword(struct news *news, struct view word) {
    if (!report_add_keyword(news->report, line_of(news, word)))
        news_warn(news, "keywords over %d passed over", REPORT_KEYWORDS);
}

void news_category(struct news *news, const char *scheme, struct view code) {
    struct buf both = {0};

    code = line_of(news, code);
    if (!code.len)
        return;
    if (*scheme) {
        buf_printf(&both, "%s:", scheme);
        buf_put_view(&both, code);
        code = view_n(arena_copy(news->in->arena, both.at, both.len), both.len);
        buf_release(&both);
    }
    if (!report_add_category(news->report, code))
        news_warn(news, "categories over %d passed over", REPORT_CATEGORIES);
}

void news_relate(struct news *news, const char *rel, struct view ref, struct view guid) {
    ref = line_of(news, ref);
    guid = line_of(news, guid);
    if (guid.len && view_eq(guid, news->report->guid))
        return;
    story_relate(news->report, rel, ref, guid);
}

void news_known(struct news *news, struct view line) {
    line = line_of(news, line);
    if (line.len && news->known_count < NEWS_KNOWN)
        news->known[news->known_count++] = line;
}

struct view news_code(struct view qcode) {
    qcode = view_trim(qcode);
    for (size_t i = qcode.len; i > 0; i--)
        if (qcode.at[i - 1] == ':')
            return view_n(qcode.at + i, qcode.len - i);
    return qcode;
}

/* ---- extra ---- */

struct json *news_extra(struct news *news, const char *key) {
    if (!news->has_extra) {
        news->extra = json_to(&news->extra_bytes);
        json_begin_object(&news->extra);
        news->has_extra = true;
    }
    json_key(&news->extra, key);
    return &news->extra;
}

void news_extra_line(struct news *news, const char *key, struct view line) {
    line = line_of(news, line);
    if (line.len)
        json_view(news_extra(news, key), line);
}

void news_name(struct news_names *names, struct view name) {
    for (size_t i = 0; i < names->count; i++)
        if (view_eq(names->at[i], name))
            return;
    if (name.len && names->count < NEWS_NAMES)
        names->at[names->count++] = name;
}

void news_extra_names(struct news *news, const char *key,
                      const struct news_names *names) {
    struct json *json;

    if (!names->count)
        return;
    json = news_extra(news, key);
    json_begin_array(json);
    for (size_t i = 0; i < names->count; i++)
        json_view(json, names->at[i]);
    json_end(json);
}

/* ---- the text ---- */

static struct view folded(struct view text, struct arena *arena) {
    struct buf key = {0};
    struct view out;

    if (text.len > FOLDED)
        text.len = utf8_valid_prefix(view_n(text.at, FOLDED));
    utf8_fold(text, &key);
    out = view_n(arena_copy(arena, key.at, key.len), key.len);
    buf_release(&key);
    return out;
}

static bool dash_at_end(struct view text) {
    static const char *const dashes[] = {"-", "–", "—", ":", "_"};

    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
        size_t len = strlen(dashes[i]);
        if (text.len >= len && !memcmp(text.at + text.len - len, dashes[i], len))
            return true;
    }
    return false;
}

static struct view without_dash(struct view dateline) {
    dateline = view_trim(dateline);
    while (dateline.len && dash_at_end(dateline)) {
        dateline.len--;
        while (dateline.len && ((unsigned char)dateline.at[dateline.len] & 0xC0) == 0x80)
            dateline.len--;
        dateline = view_trim(dateline);
    }
    return dateline;
}

/* "BERLIN (dpa/bb) - ..." has the dateline "Berlin (dpa)" already. */
static bool begins_with(struct view paragraph, struct view place) {
    struct view rest;

    if (paragraph.len < place.len || memcmp(paragraph.at, place.at, place.len) != 0)
        return false;
    rest = view_trim(view_n(paragraph.at + place.len, paragraph.len - place.len));
    return rest.len && strchr("(,-/:_", rest.at[0]) != NULL;
}

static bool has_dateline(struct view body, struct view dateline, struct arena *arena) {
    struct view whole = folded(dateline, arena), place = dateline;

    for (size_t i = 0; i < place.len; i++)
        if (strchr("(,/", place.at[i]))
            place.len = i;
    place = folded(view_trim(place), arena);
    for (int i = 0; i < LEAD_PARAGRAPHS && body.len; i++) {
        struct view paragraph = folded(body, arena);
        if (paragraph.len >= whole.len && !memcmp(paragraph.at, whole.at, whole.len))
            return true;
        if (place.len && begins_with(paragraph, place))
            return true;
        while (body.len && !view_starts(body, "\n\n"))
            body = view_n(body.at + 1, body.len - 1);
        body = view_trim(body);
    }
    return false;
}

static void put_dateline(const struct news *news, struct view given, struct view body,
                         struct buf *text) {
    if (!given.len || !body.len ||
        has_dateline(body, news->report->dateline, news->in->arena))
        return;
    buf_put_view(text, given);
    buf_put_text(text, dash_at_end(given) || body.at[0] == '(' ? " " : " - ");
}

static struct view without_headline(struct view body, struct view headline) {
    if (headline.len && body.len >= headline.len &&
        !memcmp(body.at, headline.at, headline.len) &&
        (body.len == headline.len || body.at[headline.len] == '\n'))
        return view_trim(view_n(body.at + headline.len, body.len - headline.len));
    return body;
}

static void make_text(struct news *news) {
    struct report *report = news->report;
    struct view given = view_trim(report->dateline), body;
    struct buf text = {0};

    report->dateline = without_dash(given);
    body = view_trim(buf_view(&news->body));
    while (view_starts(body, "\xEF\xBB\xBF")) // of a file that came to stand in it
        body = view_trim(view_n(body.at + 3, body.len - 3));
    body = without_headline(body, report->headline);
    buf_put_view(&text, report->headline);
    buf_put_text(&text, report->headline.len && body.len ? "\n\n" : "");
    if (report->dateline.len)
        put_dateline(news, given, body, &text);
    buf_put_view(&text, body);
    report->text = view_n(arena_copy(news->in->arena, text.at, text.len), text.len);
    buf_release(&text);
}

static void make_extra(struct news *news) {
    if (!news->has_extra)
        return;
    json_end(&news->extra);
    news->report->extra =
        view_n(arena_copy(news->in->arena, news->extra_bytes.at, news->extra_bytes.len),
               news->extra_bytes.len);
}

static void apply_words(struct report *report) {
    struct life life;

    if (report->headline.len && life_read_headline(report->headline, &life))
        story_apply(report, &life);
    if (report->slug.len && life_read_slug(report->slug, &life))
        story_apply(report, &life);
    if (!report->action.len && view_is(report->status, "canceled"))
        report->action = VIEW_LIT("kill");
    if (!report->action.len && view_is(report->status, "withheld"))
        report->action = VIEW_LIT("hold");
}

/* Where only words tell of an embargo; one without a time that is understood holds the
 * report back whatever its status says. */
static void obey_notes(struct news *news) {
    struct report *report = news->report, trial = *report;
    struct moment_parts parts;
    int64_t near_ms = news->in->received_ms;

    if (moment_of_iso(report->version_created, &parts))
        near_ms = moment_ms(&parts);
    for (size_t i = 0; i < news->note_count && !report->embargo_ms; i++) {
        trial.status = view_of(NULL);
        if (!story_embargo(&trial, news->in, news->notes[i], near_ms))
            continue;
        report->embargo_ms = trial.embargo_ms;
        report->warning = trial.warning;
        if (trial.status.len && !view_is(report->status, "canceled"))
            report->status = trial.status;
    }
}

bool news_says_something(const struct news *news) {
    return news->body.len || news->report->headline.len || news->title.len ||
           (news->report->guid.len && (view_is(news->report->status, "canceled") ||
                                       view_is(news->report->status, "withheld")));
}

void news_end(struct news *news) {
    struct report *report = news->report;

    news_set(news, &report->headline, news->title);
    news_set(news, &report->byline, news->byline);
    if (report->ednote.len)
        obey_notes(news);
    make_text(news);
    make_extra(news);
    apply_words(report);
    if (report->version_created.len || !report->published.len)
        report->published =
            report->version_created.len ? report->version_created : report->first_created;
    if (report->guid.len && !report->guid_from.len)
        report->guid_from = VIEW_LIT("given");
    story_take_feed(report, news->in->feed);
    buf_release(&news->body);
    buf_release(&news->extra_bytes);
}

/* ---- documents and reports ---- */

int news_read_xml(const struct format_input *in, struct xml_document *document,
                  struct diag *diag) {
    return xml_read(in->bytes, in->feed->charset, in->arena, document, diag);
}

struct report *news_report(const struct format *format, const struct format_input *in,
                           const struct xml_document *document, struct format_output *out,
                           struct diag *diag) {
    struct report *report;

    if (out->count == NEWS_ITEMS) {
        diag_set(diag, document->bytes.len, "more than %d items in one document",
                 NEWS_ITEMS);
        return NULL;
    }
    report = format_report(format, in, out);
    report->charset = document->charset;
    report->warning = document->warning;
    return report;
}

static void put_note(const struct format_input *in, struct format_output *out,
                     const char *format, va_list args) {
    char text[200];

    if (out->note.len > NOTES)
        return;
    vsnprintf(text, sizeof text, format, args);
    format_note(in, out, sound(text, in->arena));
}

void news_note(const struct format_input *in, struct format_output *out,
               const char *format, ...) {
    va_list args;

    va_start(args, format);
    put_note(in, out, format, args);
    va_end(args);
}

void news_drop(const struct format_input *in, struct format_output *out,
               const char *format, ...) {
    va_list args;

    out->count--;
    va_start(args, format);
    put_note(in, out, format, args);
    va_end(args);
}
