/* ANPA 1312, the telex format of America's agencies and of those who write for them:
 *
 *     SOH a0584 US asian                                           number, selector
 *     u i DC3 DC1 BC-Foo-Bar 1stLd-Writethru a0571 01-14 0412      priority, category,
 * ... STX ^BC-Foo-Bar, 1st Ld-Writethru,412<                       keyword line ^Short
 * headline<                                             headers in any order ^Eds:
 * UPDATES throughout< ^By A. WRITER= ^Associated Press= TRIPOLI, Libya (AP) _ ... ETX
 * AP-WF-01-14-20 1509GMT< FF EOT
 *
 * A header line of the body goes from "^" to "<" or "=" and is known by what it says, not
 * by where it stands. The seven-bit code writes quotation marks as `` and '' and a dash
 * as a single _; they become what they mean, since the tagger and readers know only that.
 */
#include "ingest/format/anpa_inside.h"
#include "proto/json.h"
#include "proto/moment.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD_LINE_MOST 1500 /* bytes of one header line, which may take several lines */
#define HEAD_LINES     24
#define BANNER_LINES   5 /* of a box of table lines between header lines */

static bool starts(struct view text, const char *lower_case) {
    size_t n = strlen(lower_case);
    if (text.len < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((telex_upper(text.at[i]) ? text.at[i] | 32 : text.at[i]) != lower_case[i])
            return false;
    return true;
}

/* ---- header lines of the body ---- */

static bool ends_head_line(struct view line) {
    return line.len > 0 && (line.at[line.len - 1] == '<' || line.at[line.len - 1] == '=');
}

static struct view visible(struct view line) {
    while (line.len > 0 && (unsigned char)line.at[0] <= ' ' && line.at[0] != 0x08)
        line = view_from(line, 1);
    while (line.len > 0 && (unsigned char)line.at[line.len - 1] <= ' ')
        line.len--;
    return line;
}

/* From "^" to "<" or "=", over several lines if need be; *text without both, *end: which
 * it was (0: neither). */
static bool take_head_line(struct anpa *m, struct view *rest, struct view *text,
                           char *end) {
    struct view after = *rest, line, next;
    if (!telex_line(&after, &line))
        return false;
    line = visible(line);
    if (line.len == 0 || line.at[0] != '^')
        return false;
    struct view ahead = after, joined = line;
    while (!ends_head_line(joined) && joined.len < HEAD_LINE_MOST &&
           telex_line(&ahead, &next)) {
        if (next.len == 0 || next.at[0] == '^' || (unsigned char)next.at[0] <= ' ')
            break;
        joined = telex_joined(joined, visible(next), m->in->arena);
        if (ends_head_line(joined)) {
            line = joined;
            after = ahead;
        }
    }
    *end = ends_head_line(line) ? line.at[line.len - 1] : 0;
    line.len -= *end != 0;
    *text = telex_marks(telex_plain(view_from(line, 1), m->in->arena), m->in->arena);
    *rest = after;
    return true;
}

static void add_text(struct anpa *m, struct view *to, struct view text) {
    struct view old = *to;
    if (old.len == 0) {
        *to = text;
        return;
    }
    char *made = arena_alloc(m->in->arena, old.len + 1 + text.len);
    memcpy(made, old.at, old.len);
    made[old.len] = '\n';
    memcpy(made + old.len + 1, text.at, text.len);
    *to = view_n(made, old.len + 1 + text.len);
}

static bool is_note(struct view text) {
    static const char *const words[] = {"eds:",          "(eds:",
                                        "editor's note", "editors:",
                                        "editors'",      "editors note",
                                        "advisory",      "for release",
                                        "for use ",      "hold for release",
                                        "note to ",      "(note to",
                                        "precede ",      "with ",
                                        "embargo",       "not for ",
                                        "undated",       NULL};
    for (const char *const *word = words; *word; word++)
        if (starts(text, *word))
            return true;
    return text.at[0] == '(' && text.at[text.len - 1] == ')';
}

static bool is_photo(struct view text) {
    static const char *const words[] = {
        "ap photo", "photo",      "ap graphic", "graphic",
        "w/photo",  "with photo", "laserphoto", "ap laserphoto",
        "ap video", "file photo", NULL};
    for (const char *const *word = words; *word; word++)
        if (starts(text, *word))
            return true;
    return false;
}

/* "vartgsc1": what a machine reads. */
static bool is_code(struct view text) {
    bool digit = false;
    for (size_t i = 0; i < text.len; i++) {
        if (!telex_letter(text.at[i]) && !telex_digit(text.at[i]) && text.at[i] != '-')
            return false;
        digit |= telex_digit(text.at[i]);
    }
    return digit && text.len >= 4;
}

static bool is_rule(struct view text) {
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("_-=*+", text.at[i]))
            return false;
    return true;
}

static void read_note(struct anpa *m, struct view text) {
    struct life life;
    struct stamp stamp;
    int64_t near = m->in->received_ms;
    if (life_read_note(text, &life))
        life_join(&m->life, &life);
    if (!story_embargo(m->report, m->in, text, near) && starts(text, "for release") &&
        stamp_find(text, m->in->feed->date_order, &stamp) &&
        (stamp.day || stamp.weekday)) {
        if (!stamp.has_zone && m->sent.has_zone) {
            stamp.has_zone = true;
            stamp.zone_minutes = m->sent.zone_minutes;
        }
        struct moment_parts parts;
        if (moment_of_iso(m->report->sent, &parts))
            near = moment_ms(&parts);
        if (stamp_complete(&stamp, STAMP_AFTER,
                           near - (stamp.day ? 30 * ANPA_DAY_MS : 0)))
            m->report->embargo_ms = stamp_ms(&stamp, m->in->feed);
    }
    add_text(m, &m->report->ednote, text);
}

static void read_headline(struct anpa *m, struct view text) {
    struct report *report = m->report;
    struct life life;
    if (life_read_headline(text, &life)) {
        life_join(&m->life, &life);
        if (life.words.len == 0) { // ^BULLETIN KILL<
            add_text(m, &report->ednote, text);
            return;
        }
    }
    if (report->headline.len == 0)
        report->headline = text;
    else if (report->subhead.len == 0)
        report->subhead = text;
    else
        add_text(m, &report->ednote, text);
}

/* The keyword line has a cycle's prefix ("BC-"), a count of words at its end, or begins
 * as the keyword of the header does; some agencies leave it out. */
static bool is_keyword_line(struct anpa *m, struct view text) {
    struct life life;
    size_t same = 0;
    if (m->keyword.len == 0 || (text.len > 3 && text.at[2] == '-' &&
                                telex_letter(text.at[0]) && telex_letter(text.at[1])))
        return true;
    if (life_read_slug(text, &life) && life.words_count > 0)
        return true;
    while (same < 5 && same < text.len && same < m->keyword.len &&
           (text.at[same] | 32) == (m->keyword.at[same] | 32))
        same++;
    return same >= 5 || same == m->keyword.len;
}

static void read_keyword_section(struct anpa *m, struct view text) {
    struct life life;
    if (life_read_slug(text, &life))
        life_join(&m->life, &life);
    m->report->slug = life.words.len > 0 ? life.words : text;
}

static bool is_affiliation(struct view text) {
    static const char *const words[] = {"press",  "writer", "editor",    "correspondent",
                                        "news",   "staff",  "columnist", "special to",
                                        "of the", "the ",   "ap ",       NULL};
    for (size_t i = 0; i < text.len; i++)
        for (const char *const *word = words; *word; word++)
            if ((i == 0 || text.at[i - 1] == ' ') && starts(view_from(text, i), *word))
                return true;
    return false;
}

/* False where the text has begun: a heading centred behind the byline is part of it. */
static bool read_head_line(struct anpa *m, struct view text, char end) {
    struct report *report = m->report;
    struct view name;
    int day;
    if (text.len == 0 || is_rule(text))
        return true;
    if (end == '=' && report->byline.len > 0 && !is_affiliation(text))
        return false;
    if (starts(text, "$adv") && anpa_digits(view_from(text, 4), 2, &day))
        m->advance = m->advance ? m->advance : (unsigned)day;
    else if (telex_byline(text, report->source, &name) && (end == '=' || text.len < 60))
        report->byline = report->byline.len > 0 ? report->byline : name;
    else if (report->slug.len == 0 && end != '=' && is_keyword_line(m, text))
        read_keyword_section(m, text);
    else if (is_photo(text))
        add_text(m, &m->photos, text);
    else if (is_note(text))
        read_note(m, text);
    else if (is_code(text))
        add_text(m, &m->codes, text);
    else if (end == '=' && report->byline.len > 0)
        add_text(m, &m->affiliation, text);
    else
        read_headline(m, text);
    return true;
}

/* "^*9006< ^BC-Foo<" is two of them; so *rest begins behind the first. */
static bool take_code_line(struct anpa *m, struct view *rest) {
    struct view after = *rest, line;
    if (!telex_line(&after, &line) || line.len < 4 || line.at[0] != '^' ||
        line.at[1] != '*')
        return false;
    const char *end = memchr(line.at, '<', line.len);
    const char *next = end ? memchr(end, '^', (size_t)(line.at + line.len - end)) : NULL;
    if (!next)
        return false;
    add_text(m, &m->codes, view_n(line.at + 1, (size_t)(end - line.at - 1)));
    *rest = view_n(next, (size_t)(rest->at + rest->len - next));
    return true;
}

/* A box of table lines with another header line behind it. */
static bool take_banner(struct view *rest, struct view *banner) {
    struct view after = *rest, line;
    for (int i = 0; i < BANNER_LINES; i++) {
        struct view before = after;
        if (!telex_line(&after, &line))
            return false;
        if (line.len > 0 && line.at[0] == '^' && i > 0) {
            *banner = view_n(rest->at, (size_t)(before.at - rest->at));
            *rest = before;
            return true;
        }
        if (line.len == 0 || line.at[0] != 0x08)
            return false;
    }
    return false;
}

static struct view glued(struct anpa *m, struct view a, struct view b) {
    if (a.len == 0)
        return b;
    char *made = arena_alloc(m->in->arena, a.len + b.len);
    memcpy(made, a.at, a.len);
    if (b.len > 0)
        memcpy(made + a.len, b.at, b.len);
    return view_n(made, a.len + b.len);
}

static void read_head_lines(struct anpa *m) {
    struct view rest = m->telex.text, text, line, banner, banners = {"", 0};
    char end;
    for (int i = 0; i < HEAD_LINES; i++) {
        struct view after = rest;
        if (!telex_full_line(&after, &line))
            break;
        if (take_banner(&rest, &banner)) {
            banners = glued(m, banners, banner);
            continue;
        }
        after = view_n(line.at, (size_t)(rest.at + rest.len - line.at));
        take_code_line(m, &after);
        if (!take_head_line(m, &after, &text, &end) ||
            (end == 0 && m->report->slug.len > 0) || !read_head_line(m, text, end))
            break;
        rest = after;
    }
    m->body = glued(m, banners, rest);
}

/* "BCN43:UPDATE:POLICE SEEK ...": the item's name at its agency and the headline. */
static bool read_item_line(struct anpa *m) {
    struct view rest = m->body, line;
    size_t letters = 0, n;
    if (!telex_full_line(&rest, &line))
        return false;
    line = telex_plain(line, m->in->arena);
    while (letters < line.len && telex_upper(line.at[letters]))
        letters++;
    for (n = letters; n < line.len && telex_digit(line.at[n]); n++)
        ;
    if (letters < 2 || letters > 5 || n == letters || n > letters + 4 || n >= line.len ||
        line.at[n] != ':')
        return false;
    if (m->report->source.len == 0)
        m->report->source = view_n(line.at, letters);
    m->report->headline = telex_marks(view_trim(view_from(line, n + 1)), m->in->arena);
    m->body = rest;
    return true;
}

/* Header lines without their marks: the keyword again, and a headline if the text behind
 * it begins with an indent. */
static void read_bare_lines(struct anpa *m) {
    struct view rest = m->body, line, after;
    if (m->keyword.len == 0 || !telex_full_line(&rest, &line))
        return;
    line = telex_plain(line, m->in->arena);
    if (line.len <= 80 && is_keyword_line(m, line)) {
        read_keyword_section(m, line);
        m->body = rest;
        if (!telex_full_line(&rest, &line))
            return;
        line = telex_plain(line, m->in->arena);
    }
    struct view ahead = rest;
    if (line.len > 0 && line.at[line.len - 1] == '+') // Kyodo's end of a headline
        line.len--;
    if (line.len > 120 || !telex_full_line(&ahead, &after) ||
        (unsigned char)after.at[0] > ' ' || after.at[0] == 0x08)
        return;
    m->report->headline = telex_marks(line, m->in->arena);
    m->body = rest;
}

/* ---- body ---- */

static bool has_head_marks(struct view text) {
    return memchr(text.at, '^', text.len) || memchr(text.at, '<', text.len);
}

/* Sub-headings and rules in the body are header lines too: they lose their marks and
 * stand by themselves. */
static struct view without_marks(struct anpa *m, struct view body) {
    struct view line;
    if (body.len == 0 || !has_head_marks(body))
        return body;
    char *made = arena_alloc(m->in->arena, body.len * 3 + 8), *out = made;
    while (telex_line(&body, &line)) {
        while (line.len > 0 &&
               (line.at[line.len - 1] == ' ' || line.at[line.len - 1] == '\t'))
            line.len--;
        bool begins = line.len > 0 && line.at[0] == '^';
        bool ends = line.len > 0 && line.at[line.len - 1] == '<';
        bool centred = line.len > 1 && line.at[line.len - 1] == '=' &&
                       (begins || line.at[line.len - 2] == '_');
        line = view_from(line, begins);
        line.len -= ends || centred;
        if (begins)
            *out++ = '\n';
        if (line.len > 0)
            memcpy(out, line.at, line.len);
        out += line.len;
        *out++ = '\n';
        if (ends || centred)
            *out++ = '\n';
    }
    return view_n(made, (size_t)(out - made));
}

static void read_body(struct anpa *m) {
    struct life life;
    struct report *report = m->report;
    if (report->slug.len == 0 && report->headline.len == 0 && !read_item_line(m))
        read_bare_lines(m);
    struct view headline = report->headline;
    report->text = telex_text(headline, without_marks(m, m->body), true, m->in->arena);
    if (headline.len > 0 && life_read_headline(headline, &life) && life.words.len > 0) {
        life_join(&m->life, &life);
        report->headline = life.words;
    }
    story_read_notices(report->text, &m->life);
}

/* ---- what follows from it ---- */

/* The agency: the trailer's first letters, or the vendor in front of the selector, which
 * is not always one. Kyodo's trailers name a desk. */
static void set_source(struct anpa *m) {
    struct view tail = telex_plain(
        view_n(m->telex.tail.at, m->telex.tail.len > 16 ? 16 : m->telex.tail.len),
        m->in->arena);
    size_t n = 0;
    while (n < tail.len && telex_upper(tail.at[n]))
        n++;
    bool named = n >= 2 && n <= 6 && n < tail.len && tail.at[n] == '-';
    bool vendor = m->vendor.len >= 2 && telex_letter(m->vendor.at[0]);
    tail.len = n;
    if (named && !view_is(tail, "KWS"))
        m->report->source = tail;
    else if (vendor)
        m->report->source = m->vendor;
    else if (named)
        m->report->source = VIEW_LIT("Kyodo");
}

static void set_guid(struct anpa *m) {
    struct report *report = m->report;
    struct view none = {"", 0};
    char more[16];
    bool adds = view_is(report->action, "add") || report->take.n > 1;
    if (report->slug.len == 0) {
        struct life life;
        life_read_slug(m->keyword, &life);
        report->slug = life.words;
    }
    if (report->slug.len == 0)
        return;
    report->guid = story_of_section(m->in, report, report->slug, none);
    report->guid_from = VIEW_LIT("slug");
    if (adds) {
        unsigned n = report->take.n > 1 ? report->take.n
                     : m->life.number   ? m->life.number
                                        : 1;
        int len =
            snprintf(more, sizeof more, "%s-%u", report->take.n > 1 ? "take" : "add", n);
        report->relation_count = 0; // the number of the story it adds to has no name
        story_relate(report, "adds-to", report->slug, report->guid);
        report->guid =
            story_of_section(m->in, report, report->slug, view_n(more, (size_t)len));
    } else if (view_is(report->action, "kill") && report->relation_count == 0) {
        story_relate(report, "kills", report->slug, report->guid);
    }
}

static void put_text(struct json *json, const char *key, struct view text) {
    if (text.len == 0)
        return;
    json_key(json, key);
    json_view(json, text);
}

static void set_extra(struct anpa *m) {
    struct buf buf = {0};
    struct json json = json_to(&buf);
    uint64_t words;
    json_begin_object(&json);
    put_text(&json, "keyword", m->keyword);
    put_text(&json, "keyword_version", telex_plain(m->version, m->in->arena));
    put_text(&json, "selector", m->selector);
    if (view_number(m->words, &words)) {
        json_key(&json, "words");
        json_uint(&json, words);
    }
    if (m->tabular) {
        json_key(&json, "tabular");
        json_bool(&json, true);
    }
    put_text(&json, "photos", m->photos);
    put_text(&json, "affiliation", m->affiliation);
    put_text(&json, "codes", m->codes);
    if (m->bells > 0) {
        json_key(&json, "bells");
        json_uint(&json, m->bells);
    }
    json_end(&json);
    story_set_extra(m->report, &buf, m->in->arena);
}

static void complete(struct anpa *m) {
    struct report *report = m->report;
    story_apply(report, &m->life);
    if (report->action.len == 0 && report->category_count > 0 &&
        view_is(report->categories[0], "anpa:v"))
        report->action = VIEW_LIT("advisory");
    anpa_read_signature(m);
    story_take_feed(report, m->in->feed);
    anpa_set_embargo(m);
    set_guid(m);
    set_extra(m);
}

static int read_message(const struct format_input *in, struct format_output *out,
                        struct diag *diag) {
    struct anpa m = {.in = in};
    m.report = format_report(&format_anpa, in, out);
    telex_open(&m.telex, in, m.report);
    m.bells = telex_bells(m.telex.text);
    if (!anpa_read_header(&m))
        report_warn(m.report, in->arena, "ANPA header not understood in full");
    anpa_read_times(&m);
    set_source(&m);
    read_head_lines(&m);
    read_body(&m);
    if (m.telex.soh && !m.telex.etx)
        report_warn(m.report, in->arena, "it ends without ETX");
    complete(&m);
    return story_finish(&format_anpa, in, out, diag);
}

const struct format format_anpa = {
    .name = "anpa",
    .looks = anpa_looks,
    .read = read_message,
};
