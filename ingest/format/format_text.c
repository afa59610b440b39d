/* Plain text: the document is the report, all of it, as it came. Its headline, dateline
 * and furniture are found by the tagger, which sees more than a reader of bytes can; here
 * only its first lines are looked at, for what the door must know: a block of header
 * lines
 * ("Headline: ...", "Date: ...", an empty line), an embargo, a kill or hold and what it
 * cites. */
#include "ingest/format/stamp.h"
#include "ingest/format/story.h"
#include "ingest/format/telex.h"
#include "proto/charset.h"
#include "proto/moment.h"
#include "proto/utf8.h"

#include <stdio.h>

#define HEADER_LINES 24
#define HEADER_KEYS  2 /* of ours, for it to be a header */
#define NOTICE_LINES 8
#define FIRST_LINES  3    /* without a sign of one in them it is no notice */
#define NOTICE_MOST  1200 /* bytes of the text's beginning that may be a notice */

/* ---- characters ---- */

static struct view without_mark(struct view text) {
    while (view_starts(text, "\xEF\xBB\xBF"))
        text = view_n(text.at + 3, text.len - 3);
    return text;
}

/* A canonical text is no longer than what it is made of, if that is sound UTF-8; so the
 * buffer never grows, and may lie in the arena. */
static struct view clean(struct view text, struct arena *arena) {
    struct buf out = {.at = arena_alloc(arena, text.len + 8), .cap = text.len + 8};
    utf8_clean(text, &out, NULL);
    return buf_view(&out);
}

static struct view decode(const struct format_input *in, struct report *report) {
    struct format_decoded d = format_decode(in, report);
    char text[80];
    if (d.guessed && d.charset.way == CHARSET_1252)
        report_warn(report, in->arena, "not UTF-8: read as Windows-1252");
    else if (d.invalid > 0) {
        snprintf(text, sizeof text, "%zu invalid %s sequences replaced", d.invalid,
                 d.charset.way == CHARSET_UTF8 ? "UTF-8" : d.charset.name);
        report_warn(report, in->arena, text);
    }
    return without_mark(clean(d.text, in->arena));
}

/* ---- header lines ---- */

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 32 : c); }

#define OTHERWISE ((size_t)-1) /* no view: see read_key */

static const struct {
    const char *key; /* lower case */
    size_t offset;   /* of a view in the report */
} keys[] = {
    {"headline", offsetof(struct report, headline)},
    {"title", offsetof(struct report, headline)},
    {"subhead", offsetof(struct report, subhead)},
    {"subtitle", offsetof(struct report, subhead)},
    {"byline", offsetof(struct report, byline)},
    {"author", offsetof(struct report, byline)},
    {"dateline", offsetof(struct report, dateline)},
    {"slug", offsetof(struct report, slug)},
    {"slugline", offsetof(struct report, slug)},
    {"source", offsetof(struct report, source)},
    {"agency", offsetof(struct report, source)},
    {"url", offsetof(struct report, url)},
    {"link", offsetof(struct report, url)},
    {"lang", offsetof(struct report, lang)},
    {"language", offsetof(struct report, lang)},
    {"ednote", offsetof(struct report, ednote)},
    {"guid", offsetof(struct report, guid)},
    {"id", offsetof(struct report, guid)},
    {"date", OTHERWISE},
    {"published", OTHERWISE},
    {"embargo", OTHERWISE},
    {"keywords", OTHERWISE},
    {"category", OTHERWISE},
    {"version", OTHERWISE},
    {"urgency", OTHERWISE},
    {"priority", OTHERWISE},
    {"status", OTHERWISE},
};
#define KEYS (sizeof keys / sizeof keys[0])

/* The index of "Key: value", KEYS if the key is none of ours; *value. False when the line
 * is not of that shape at all. */
static bool take_key(struct view line, size_t *key, struct view *value) {
    const char *colon = memchr(line.at, ':', line.len < 24 ? line.len : 24);
    if (!colon || colon == line.at)
        return false;
    struct view name = view_n(line.at, (size_t)(colon - line.at));
    for (size_t i = 0; i < name.len; i++)
        if (!(lower(name.at[i]) >= 'a' && lower(name.at[i]) <= 'z') &&
            !strchr("-_ ", name.at[i]))
            return false;
    *value = view_trim(view_n(colon + 1, line.len - name.len - 1));
    for (*key = 0; *key < KEYS; (*key)++) {
        size_t n = strlen(keys[*key].key);
        size_t same = 0;
        while (same < n && same < name.len &&
               lower(name.at[same]) == keys[*key].key[same])
            same++;
        if (same == n && n == name.len)
            break;
    }
    return true;
}

/* ISO 8601, RFC 822, or in words; local times are the feed's. */
static struct view date_of(const struct format_input *in, struct view value) {
    struct moment_parts parts;
    struct stamp stamp;
    if (moment_of_iso(value, &parts) || moment_of_rfc822(value, &parts))
        stamp = stamp_of_moment(&parts);
    else if (!stamp_find(value, in->feed->date_order, &stamp) || !stamp.day ||
             !stamp.month || !stamp_complete(&stamp, STAMP_PAST, in->received_ms))
        return view_n("", 0);
    return stamp_print(&stamp, in->feed, in->arena);
}

static void read_embargo(const struct format_input *in, struct report *report,
                         struct view value) {
    size_t size = value.len + 16;
    char *line = arena_alloc(in->arena, size);
    size_t n = (size_t)snprintf(line, size, "embargo: %.*s", (int)value.len, value.at);
    story_embargo(report, in, view_n(line, n), in->received_ms);
}

static void read_keywords(const struct format_input *in, struct report *report,
                          struct view value) {
    char mark = memchr(value.at, ';', value.len) ? ';' : ',';
    struct view word;
    while (view_split(&value, mark, &word))
        report_add_keyword(report, field_line(word, in->arena));
}

static void read_number(struct report *report, const char *key, struct view value) {
    uint64_t n;
    if (!view_number(value, &n))
        return;
    if (strcmp(key, "version") == 0)
        report->version = n;
    else if (n >= 1 && n <= 9)
        report->urgency = (int)n;
}

static void read_status(struct report *report, struct view value) {
    static const char *const known[] = {"usable", "withheld", "canceled"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (view_is(value, known[i]))
            report->status = view_of(known[i]);
}

static void read_key(const struct format_input *in, struct report *report, size_t key,
                     struct view value) {
    const char *name = keys[key].key;
    if (value.len == 0)
        return;
    if (keys[key].offset != OTHERWISE) {
        struct view *field = (struct view *)(void *)((char *)report + keys[key].offset);
        *field = field->len > 0 ? *field : value;
    } else if (strcmp(name, "date") == 0 || strcmp(name, "published") == 0) {
        report->published = date_of(in, value);
        if (report->published.len == 0)
            report_warn(report, in->arena, "date in the header not understood");
    } else if (strcmp(name, "embargo") == 0) {
        read_embargo(in, report, value);
    } else if (strcmp(name, "keywords") == 0) {
        read_keywords(in, report, value);
    } else if (strcmp(name, "category") == 0) {
        report_add_category(report, value);
    } else if (strcmp(name, "status") == 0) {
        read_status(report, value);
    } else {
        read_number(report, name, value);
    }
}

/* The lines up to the first empty one, if all of them are of that shape and enough are
 * ours. *rest: what stands behind it. */
static bool find_header(struct view text, struct view *rest) {
    struct view line, value;
    size_t key, ours = 0;
    for (int i = 0; i < HEADER_LINES && view_split(&text, '\n', &line); i++) {
        line = view_trim(line);
        if (line.len == 0 && i == 0)
            continue;
        if (line.len == 0) {
            *rest = text;
            return ours >= HEADER_KEYS;
        }
        if (line.len > 500 || !take_key(line, &key, &value))
            return false;
        ours += key < KEYS;
    }
    *rest = text;
    return text.len == 0 && ours >= HEADER_KEYS;
}

static void read_header(const struct format_input *in, struct report *report,
                        struct view *rest) {
    struct view text = report->text, line, value;
    size_t key;
    if (!find_header(text, rest))
        return;
    while (text.at < rest->at && view_split(&text, '\n', &line))
        if (take_key(view_trim(line), &key, &value) && key < KEYS)
            read_key(in, report, key, field_line(value, in->arena));
    if (!field_is_language(report->lang))
        report->lang = VIEW_LIT("");
    if (report->guid.len > 0)
        report->guid_from = VIEW_LIT("given");
    else if (report->url.len > 0) {
        report->guid = report->url;
        report->guid_from = VIEW_LIT("url");
    }
}

/* ---- notices ---- */

static bool is_notice(const struct life *life) {
    return life->status.len > 0 || view_is(life->action, "advisory");
}

/* A kill or a hold says so in its first line, or in a note among the first few. */
static void read_notices(const struct format_input *in, struct report *report,
                         struct view rest) {
    struct life all = {.words = {"", 0}}, life;
    struct view line;
    if (rest.len > NOTICE_MOST)
        rest.len = NOTICE_MOST;
    for (int i = 0; i < (is_notice(&all) ? NOTICE_LINES : FIRST_LINES) &&
                    view_split(&rest, '\n', &line);) {
        line = view_trim(line);
        if (line.len == 0)
            continue;
        i++;
        if (!is_notice(&all))
            story_embargo(report, in, line, in->received_ms);
        if ((i <= 2 && life_read_headline(line, &life) && is_notice(&life)) ||
            (life_read_note(line, &life) &&
             (life.status.len > 0 || (all.status.len > 0 && life.relation_count > 0))))
            life_join(&all, &life);
    }
    if (is_notice(&all))
        story_apply(report, &all);
}

static bool looks(struct view bytes) {
    (void)bytes;
    return true;
}

static int read_text(const struct format_input *in, struct format_output *out,
                     struct diag *diag) {
    struct report *report = format_report(&format_text, in, out);
    report->text = decode(in, report);
    if (view_trim(report->text).len == 0) {
        diag_set(diag, 0, "the document has no text");
        out->count--;
        return ERR_FORMAT;
    }
    struct view rest = report->text;
    read_header(in, report, &rest);
    read_notices(in, report, rest);
    story_take_feed(report, in->feed);
    story_cite(&format_text, in, out);
    return 0;
}

const struct format format_text = {
    .name = "text",
    .looks = looks,
    .read = read_text,
};
