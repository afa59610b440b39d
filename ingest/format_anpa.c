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
#include "ingest/stamp.h"
#include "ingest/story.h"
#include "ingest/telex.h"
#include "ingest/zone.h"
#include "proto/json.h"
#include "proto/moment.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD_LINE_MOST 1500 /* bytes of one header line, which may take several lines */
#define HEAD_LINES     24
#define BANNER_LINES   5 /* of a box of table lines between header lines */
#define DAY_MS         ((int64_t)86400000)

struct date_pair {
    int a, b; /* 04-28; a 0: none */
    int year; /* 0: not given */
};

struct message {
    const struct format_input *in;
    struct report *report;
    struct telex telex;
    struct life life;
    struct view selector, vendor, keyword, version, words;
    struct date_pair date;
    bool tabular;
    struct stamp sent; /* of the trailer; day 0: none */
    struct view photos, affiliation, codes;
    unsigned advance; /* $Adv30: the day */
    struct view body; /* behind the header lines */
    size_t bells;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

static bool digits(struct view text, size_t count, int *out) {
    int n = 0;
    if (text.len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(text.at[i]))
            return false;
        n = n * 10 + (text.at[i] - '0');
    }
    *out = n;
    return true;
}

static struct view from(struct view a, size_t n) {
    return n < a.len ? view_n(a.at + n, a.len - n) : view_n("", 0);
}

static bool starts(struct view text, const char *lower_case) {
    size_t n = strlen(lower_case);
    if (text.len < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((is_upper(text.at[i]) ? text.at[i] | 32 : text.at[i]) != lower_case[i])
            return false;
    return true;
}

/* ---- the first two lines ---- */

/* "a0584", vendor, US, selector. The US may have been lost. */
static bool read_number(struct message *m, struct view line) {
    int number;
    while (line.len > 0 && !is_letter(line.at[0]) && (unsigned char)line.at[0] <= ' ')
        line = from(line, 1);
    if (line.len < 5 || !is_letter(line.at[0]) || !digits(from(line, 1), 4, &number) ||
        (line.len > 5 && is_digit(line.at[5])))
        return false;
    struct report *report = m->report;
    report->service = view_n(line.at, 1);
    report->number = view_n(line.at + 1, 4);
    report->reference = view_n(line.at, 5);
    struct view rest = from(line, 5), vendor;
    const char *mark = rest.len > 0 ? memchr(rest.at, 0x1f, rest.len) : NULL;
    if (mark) {
        vendor = view_n(rest.at, (size_t)(mark - rest.at));
        m->vendor = telex_plain(vendor, m->in->arena);
        rest = from(rest, vendor.len + 1);
    }
    m->selector = telex_plain(rest, m->in->arena);
    if (m->selector.len > 16)
        m->selector.len = 0;
    return true;
}

static bool is_date(struct view word, struct date_pair *out) {
    return word.len == 5 && word.at[2] == '-' && digits(word, 2, &out->a) &&
           digits(from(word, 3), 2, &out->b) && out->a >= 1 && out->a <= 31 &&
           out->b >= 1 && out->b <= 31;
}

/* "u i DC3 DC1 ": priority, category, form. */
static bool take_codes(struct view *rest, char *priority, char *category, bool *tabular) {
    struct view word = telex_word(rest);
    if (word.len != 1 || !is_letter(word.at[0]))
        return false;
    *priority = word.at[0];
    word = telex_word(rest);
    if (word.len != 1 || !is_letter(word.at[0]))
        return false;
    *category = word.at[0];
    for (const char *at = word.at + 1; at < rest->at + rest->len && *at != ' '; at++)
        *tabular |= *at == 0x12;
    return true;
}

static struct view category(struct message *m, char code) {
    char *text = arena_copy(m->in->arena, "anpa:?", 6);
    text[5] = (char)(is_upper(code) ? code | 32 : code);
    return view_n(text, 6);
}

static int urgency(char priority) {
    switch (priority | 32) {
        case 'f':
            return 1;
        case 'b':
            return 2;
        case 'u':
            return 3;
        case 'r':
            return 4;
        case 'd':
            return 6;
        case 'a':
        case 's':
            return 7;
        default:
            return 0;
    }
}

static bool read_keyword_line(struct message *m, struct view line) {
    char priority, code;
    struct view rest = line, word, begin, end;
    if (!take_codes(&rest, &priority, &code, &m->tabular))
        return false;
    struct report *report = m->report;
    char *letter = arena_copy(m->in->arena, &priority, 1);
    report->priority = view_n(letter, 1);
    report->urgency = urgency(priority);
    report->categories[report->category_count++] = category(m, code);
    m->keyword = telex_word(&rest);
    begin = end = view_trim(rest);
    while ((word = telex_word(&rest)).len > 0) {
        if (is_date(word, &m->date)) {
            m->words = telex_word(&rest);
            break;
        }
        end = from(word, word.len);
    }
    m->version = view_n(begin.at, end.at > begin.at ? (size_t)(end.at - begin.at) : 0);
    return m->keyword.len > 0 && m->date.a > 0;
}

static void read_head(struct message *m) {
    struct view rest = m->telex.head, line = {"", 0};
    struct life life;
    bool good = telex_full_line(&rest, &line) && read_number(m, line);
    good = telex_full_line(&rest, &line) && read_keyword_line(m, line) && good;
    if (!good)
        story_warn(m->report, m->in->arena, "ANPA header not understood in full");
    m->keyword = telex_plain(m->keyword, m->in->arena);
    if (life_read_slug(telex_plain(m->version, m->in->arena), &life))
        life_join(&m->life, &life);
}

/* ---- looks ---- */

static bool looks(struct view bytes) {
    struct view rest, line, after;
    char priority, code;
    bool tabular = false;
    if (!telex_begins(bytes, &rest) || rest.len == 0)
        return false;
    if (rest.len > 400)
        rest.len = 400;
    if (!telex_full_line(&rest, &line))
        return false;
    const char *mark = memchr(line.at, 0x1f, line.len);
    if (mark && mark - line.at >= 5)
        return true;
    return telex_full_line(&rest, &after) &&
           take_codes(&after, &priority, &code, &tabular) && after.len > 0 &&
           (memchr(line.at, '^', line.len) == NULL) &&
           (after.at[0] == ' ' || (unsigned char)after.at[0] < ' ');
}

/* ---- header lines of the body ---- */

static bool ends_head_line(struct view line) {
    return line.len > 0 && (line.at[line.len - 1] == '<' || line.at[line.len - 1] == '=');
}

static struct view visible(struct view line) {
    while (line.len > 0 && (unsigned char)line.at[0] <= ' ' && line.at[0] != 0x08)
        line = from(line, 1);
    while (line.len > 0 && (unsigned char)line.at[line.len - 1] <= ' ')
        line.len--;
    return line;
}

/* From "^" to "<" or "=", over several lines if need be; *text without both, *end: which
 * it was (0: neither). */
static bool take_head_line(struct message *m, struct view *rest, struct view *text,
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
    *text = telex_marks(telex_plain(from(line, 1), m->in->arena), m->in->arena);
    *rest = after;
    return true;
}

static void add_text(struct message *m, struct view *to, struct view text) {
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
        if (!is_letter(text.at[i]) && !is_digit(text.at[i]) && text.at[i] != '-')
            return false;
        digit |= is_digit(text.at[i]);
    }
    return digit && text.len >= 4;
}

static bool is_rule(struct view text) {
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("_-=*+", text.at[i]))
            return false;
    return true;
}

static void read_note(struct message *m, struct view text) {
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
        char day[MOMENT_TEXT];
        struct moment_parts parts;
        if (moment_of_iso(m->report->sent, &parts))
            near = moment_ms(&parts);
        if (stamp_complete(&stamp, STAMP_AFTER, near - (stamp.day ? 30 * DAY_MS : 0)))
            m->report->embargo_ms = stamp_ms(&stamp, m->in->feed);
        (void)day;
    }
    add_text(m, &m->report->ednote, text);
}

static void read_headline(struct message *m, struct view text) {
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
static bool is_keyword_line(struct message *m, struct view text) {
    struct life life;
    size_t same = 0;
    if (m->keyword.len == 0 || (text.len > 3 && text.at[2] == '-' &&
                                is_letter(text.at[0]) && is_letter(text.at[1])))
        return true;
    if (life_read_slug(text, &life) && life.words_count > 0)
        return true;
    while (same < 5 && same < text.len && same < m->keyword.len &&
           (text.at[same] | 32) == (m->keyword.at[same] | 32))
        same++;
    return same >= 5 || same == m->keyword.len;
}

static void read_keyword_section(struct message *m, struct view text) {
    struct life life;
    if (life_read_slug(text, &life))
        life_join(&m->life, &life);
    m->report->slug = life.words.len > 0 ? life.words : text;
}

static void read_head_line(struct message *m, struct view text, char end) {
    struct report *report = m->report;
    struct view name;
    int day;
    if (text.len == 0 || is_rule(text))
        return;
    if (starts(text, "$adv") && digits(from(text, 4), 2, &day))
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
    else if (end == '=' && (report->byline.len > 0 || report->headline.len > 0))
        add_text(m, &m->affiliation, text);
    else
        read_headline(m, text);
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

static struct view glued(struct message *m, struct view a, struct view b) {
    if (a.len == 0)
        return b;
    char *made = arena_alloc(m->in->arena, a.len + b.len);
    memcpy(made, a.at, a.len);
    if (b.len > 0)
        memcpy(made + a.len, b.at, b.len);
    return view_n(made, a.len + b.len);
}

static void read_head_lines(struct message *m) {
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
        if (!take_head_line(m, &after, &text, &end))
            break;
        read_head_line(m, text, end);
        rest = after;
    }
    m->body = glued(m, banners, rest);
}

/* "BCN43:UPDATE:POLICE SEEK ...": the item's name at its agency and the headline. */
static void read_item_line(struct message *m) {
    struct view rest = m->body, line;
    size_t letters = 0, n;
    if (!telex_full_line(&rest, &line))
        return;
    line = telex_plain(line, m->in->arena);
    while (letters < line.len && is_upper(line.at[letters]))
        letters++;
    for (n = letters; n < line.len && is_digit(line.at[n]); n++)
        ;
    if (letters < 2 || letters > 5 || n == letters || n > letters + 4 || n >= line.len ||
        line.at[n] != ':')
        return;
    if (m->report->source.len == 0)
        m->report->source = view_n(line.at, letters);
    m->report->headline = telex_marks(view_trim(from(line, n + 1)), m->in->arena);
    m->body = rest;
}

/* ---- body ---- */

static bool has_head_marks(struct view text) {
    return memchr(text.at, '^', text.len) || memchr(text.at, '<', text.len);
}

/* Sub-headings and rules in the body are header lines too: they lose their marks and
 * stand by themselves. */
static struct view without_marks(struct message *m, struct view body) {
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
        bool centred = begins && line.len > 1 && line.at[line.len - 1] == '=';
        line = from(line, begins);
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

static void read_body(struct message *m) {
    struct life life;
    struct report *report = m->report;
    if (report->slug.len == 0 && report->headline.len == 0)
        read_item_line(m);
    struct view headline = report->headline;
    report->text = telex_text(headline, without_marks(m, m->body), true, m->in->arena);
    if (headline.len > 0 && life_read_headline(headline, &life) && life.words.len > 0) {
        life_join(&m->life, &life);
        report->headline = life.words;
    }
    story_read_notices(report->text, &m->life);
}

/* ---- when ---- */

/* "AP-WF-11-13-13 1509GMT<", "KWS-21:37-09-12-18". */
static bool read_trailer(struct message *m, struct date_pair *date, bool *time_first) {
    struct view text = telex_plain(
        view_n(m->telex.tail.at, m->telex.tail.len > 120 ? 120 : m->telex.tail.len),
        m->in->arena);
    struct stamp stamp = {.hour = -1};
    for (; text.len >= 8; text = from(text, 1)) {
        struct view rest = text;
        *time_first = rest.len >= 14 && rest.at[2] == ':' && rest.at[5] == '-' &&
                      digits(rest, 2, &stamp.hour) &&
                      digits(from(rest, 3), 2, &stamp.minute);
        if (*time_first)
            rest = from(rest, 6);
        if (!is_date(view_n(rest.at, rest.len < 5 ? 0 : 5), date) || rest.len < 8 ||
            rest.at[5] != '-' || !digits(from(rest, 6), 2, &date->year))
            continue;
        date->year = stamp_year(date->year);
        rest = view_trim(from(rest, 8));
        int clock;
        if (!*time_first && digits(rest, 4, &clock)) {
            stamp.hour = clock / 100;
            stamp.minute = clock % 100;
            rest = view_trim(from(rest, 4));
            size_t n = 0;
            while (n < rest.len && is_letter(rest.at[n]))
                n++;
            stamp.has_zone = zone_abbreviation(view_n(rest.at, n), &stamp.zone_minutes);
        }
        if (stamp.hour > 24 || stamp.minute > 59)
            stamp.hour = -1;
        m->sent = stamp;
        return true;
    }
    return false;
}

/* "W.Ochoa222p4/21/95": how Bay City's writers sign; among the last lines. */
static bool read_signature(struct message *m) {
    struct view text = m->report->text;
    if (text.len > 400)
        text = from(text, text.len - 400);
    for (size_t i = 1; i + 7 < text.len; i++) {
        char half = text.at[i];
        struct view before = view_n(text.at, i);
        if ((half != 'p' && half != 'a') || !is_digit(text.at[i - 1]) ||
            !is_digit(text.at[i + 1]))
            continue;
        size_t n = 0;
        while (n < 4 && n < before.len && is_digit(before.at[before.len - 1 - n]))
            n++;
        struct stamp stamp;
        struct view date = from(text, i + 1), word = telex_word(&date);
        uint64_t clock;
        if (n < 3 || i == n || !is_letter(text.at[i - n - 1]) ||
            !view_number(view_n(text.at + i - n, n), &clock) ||
            !stamp_find(word, "mdy", &stamp) || !stamp.day || !stamp.year)
            continue;
        stamp.hour = (int)(clock / 100) % 12 + (half == 'p' ? 12 : 0);
        stamp.minute = (int)(clock % 100);
        if (stamp.minute > 59 || clock >= 1300)
            continue;
        m->sent = stamp;
        return true;
    }
    return false;
}

static struct stamp in_order(const struct stamp *stamp, const struct date_pair *date,
                             bool day_first) {
    struct stamp made = *stamp;
    made.day = day_first ? date->a : date->b;
    made.month = day_first ? date->b : date->a;
    made.year = date->year;
    return made;
}

/* How far from its arrival, in days; many if it is no date. */
static int64_t days_off(const struct message *m, struct stamp stamp) {
    if (stamp.month > 12 || !stamp_complete(&stamp, STAMP_PAST, m->in->received_ms))
        return INT64_MAX;
    return llabs((long long)(stamp_ms(&stamp, m->in->feed) - m->in->received_ms)) /
           DAY_MS;
}

/* The feed says which of 09-12 is the day; else it is as the agency's kind of trailer has
 * it, unless that is no date, or the message came on the day the other way round means.
 */
static bool choose_date(struct message *m, const struct date_pair *date, bool day_first) {
    const char *order = m->in->feed->date_order;
    if (order && (strcmp(order, "dmy") == 0 || strcmp(order, "mdy") == 0))
        day_first = strcmp(order, "dmy") == 0;
    struct stamp one = in_order(&m->sent, date, day_first);
    struct stamp other = in_order(&m->sent, date, !day_first);
    int64_t off = days_off(m, one), other_off = days_off(m, other);
    if (off == INT64_MAX || (!order && off > 2 && other_off <= 2)) {
        one = other;
        off = other_off;
    }
    m->sent = one;
    return off != INT64_MAX && stamp_complete(&m->sent, STAMP_PAST, m->in->received_ms);
}

static void read_times(struct message *m) {
    struct date_pair trailer = {0};
    bool time_first = false, good = true;
    m->sent = (struct stamp){.hour = -1};
    if (read_trailer(m, &trailer, &time_first)) {
        good = choose_date(m, &trailer, time_first);
        bool same = m->date.a == 0 ||
                    (m->date.a == trailer.a && m->date.b == trailer.b) ||
                    (m->date.a == trailer.b && m->date.b == trailer.a);
        if (good && !same && abs(m->date.a - trailer.a) + abs(m->date.b - trailer.b) > 1)
            story_warn(m->report, m->in->arena,
                       "header and trailer have different dates");
    } else if (m->telex.tail.len > 0 &&
               telex_plain(m->telex.tail, m->in->arena).len > 8) {
        story_warn(m->report, m->in->arena, "trailer not understood");
    }
    if (trailer.a == 0)
        good = m->date.a > 0 && choose_date(m, &m->date, false);
    if (good)
        m->report->sent = stamp_print(&m->sent, m->in->feed, m->in->arena);
}

/* ---- what follows from it ---- */

/* The agency: vendor in front of the selector, or the trailer's first letters. */
static void set_source(struct message *m) {
    struct view tail = telex_plain(
        view_n(m->telex.tail.at, m->telex.tail.len > 16 ? 16 : m->telex.tail.len),
        m->in->arena);
    size_t n = 0;
    while (n < tail.len && is_upper(tail.at[n]))
        n++;
    if (m->vendor.len >= 2 && is_letter(m->vendor.at[0]))
        m->report->source = m->vendor;
    else if (n >= 2 && n <= 6 && n < tail.len && tail.at[n] == '-')
        m->report->source = view_n(tail.at, n);
    if (view_is(m->report->source, "KWS"))
        m->report->source = VIEW_LIT("Kyodo");
}

static void set_embargo(struct message *m) {
    struct stamp stamp = {.hour = -1,
                          .day = (int)(m->advance ? m->advance : m->life.release[0]),
                          .has_zone = m->sent.has_zone,
                          .zone_minutes = m->sent.zone_minutes};
    struct moment_parts parts;
    int64_t near = m->in->received_ms;
    if (moment_of_iso(m->report->sent, &parts))
        near = moment_ms(&parts) / DAY_MS * DAY_MS;
    if (m->report->embargo_ms == 0 && stamp.day > 0 &&
        stamp_complete(&stamp, STAMP_AFTER, near))
        m->report->embargo_ms = stamp_ms(&stamp, m->in->feed);
}

static void set_guid(struct message *m) {
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

static void set_extra(struct message *m) {
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
    if (buf.len > 2)
        m->report->extra = view_n(arena_copy(m->in->arena, buf.at, buf.len), buf.len);
    buf_release(&buf);
}

static void complete(struct message *m) {
    struct report *report = m->report;
    story_apply(report, &m->life);
    if (report->action.len == 0 && report->category_count > 0 &&
        view_is(report->categories[0], "anpa:v"))
        report->action = VIEW_LIT("advisory");
    if (report->text.len > 0 && m->sent.hour < 0 && read_signature(m))
        report->sent = stamp_print(&m->sent, m->in->feed, m->in->arena);
    story_take_feed(report, m->in->feed);
    set_embargo(m);
    set_guid(m);
    set_extra(m);
}

static int read_message(const struct format_input *in, struct format_output *out,
                        struct diag *diag) {
    struct message m = {.in = in};
    m.report = format_report(&format_anpa, in, out);
    telex_open(&m.telex, in, m.report);
    m.bells = telex_bells(m.telex.text);
    read_head(&m);
    if (!m.telex.stx)
        m.telex.text = m.telex.head;
    set_source(&m);
    read_times(&m);
    read_head_lines(&m);
    read_body(&m);
    if (m.telex.soh && !m.telex.etx)
        story_warn(m.report, in->arena, "it ends without ETX");
    complete(&m);
    if (m.report->text.len == 0 && m.report->guid.len == 0) {
        diag_set(diag, 0, "the message has no text");
        out->count--;
        return ERR_FORMAT;
    }
    story_cite(&format_anpa, in, out);
    return 0;
}

const struct format format_anpa = {
    .name = "anpa",
    .looks = looks,
    .read = read_message,
};
