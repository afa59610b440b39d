/* Messages between ZCZC and NNNN, as AAP and others send them:
 *
 *     ZCZC AAP                          routing
 *     $ i                               header lines, each with a mark in front;
 *     :LIBYA TALKS                      which means what is the feed's table (marks.h)
 *     ^Commander leaves Moscow talks
 *     MOSCOW, Jan 14 AAP - ...          the first line without one begins the text
 *     NNNN
 *
 * Ships' and pilots' messages have the same frame and other headers, or none; so what a
 * header line says must be of its kind, or it is text. */
#include "ingest/format/marks.h"
#include "ingest/format/story.h"
#include "ingest/format/telex.h"
#include "proto/json.h"

#define HEAD_LINES 24
#define VALUE_MOST 300

struct message {
    const struct format_input *in;
    struct report *report;
    struct marks marks;
    struct life life;
    struct view routing, takekey, headline;
    struct view extra[MARKS_FIELDS]; /* what has no place in the report */
    bool tabular;
};

static bool looks(struct view bytes) {
    size_t i = 0;
    while (i < bytes.len && i < 4096 &&
           ((unsigned char)bytes.at[i] <= ' ' || bytes.at[i] == 0x7f))
        i++;
    bytes = view_n(bytes.at + i, bytes.len - i);
    return view_starts(bytes, "ZCZC") && (bytes.len == 4 || !telex_letter(bytes.at[4]));
}

/* ---- header lines ---- */

/* Is it what such a line holds? "$5 million" is no category. */
static bool fits(enum marks_field field, struct view value) {
    switch (field) {
        case MARKS_CATEGORY:
        case MARKS_SERVICE:
            return value.len <= 3;
        case MARKS_FORMAT:
            for (size_t i = 0; i < value.len; i++)
                if (!telex_letter(value.at[i]))
                    return false;
            return value.len <= 2;
        case MARKS_SUBJECT:
            return value.len <= 120 &&
                   (value.len == 0 || telex_digit(value.at[0]) || value.len <= 24);
        case MARKS_SLUG:
        case MARKS_TAKEKEY:
        case MARKS_PLACE:
        case MARKS_GENRE:
        case MARKS_ROUTING:
            return value.len <= 80;
        default:
            return value.len <= VALUE_MOST;
    }
}

static void add_category(struct message *m, const char *scheme, struct view code) {
    struct report *report = m->report;
    size_t n = strlen(scheme);
    if (code.len == 0)
        return;
    char *text = arena_alloc(m->in->arena, n + code.len);
    memcpy(text, scheme, n);
    for (size_t i = 0; i < code.len; i++) {
        char c = code.at[i];
        text[n + i] = (char)(code.len == 1 && c >= 'A' && c <= 'Z' ? c | 32 : c);
    }
    report_add_category(report, view_n(text, n + code.len));
}

/* "04000000", also several; a broadcaster's own code is no number. */
static void add_subjects(struct message *m, struct view value) {
    struct view word;
    while ((word = telex_word(&value)).len > 0) {
        bool code = word.len == 8;
        for (size_t i = 0; i < word.len; i++)
            code = code && telex_digit(word.at[i]);
        add_category(m, code ? "iptc:" : "subject:", word);
    }
}

static void add_keywords(struct report *report, struct view value) {
    struct view word;
    while (view_split(&value, '/', &word))
        report_add_keyword(report, view_trim(word));
}

static void read_value(struct message *m, enum marks_field field, struct view value) {
    struct report *report = m->report;
    struct view name;
    switch (field) {
        case MARKS_CATEGORY:
            add_category(m, "anpa:", value);
            break;
        case MARKS_SLUG:
            if (report->slug.len == 0)
                report->slug = value;
            else
                add_keywords(report, value);
            break;
        case MARKS_TAKEKEY:
            m->takekey = value;
            break;
        case MARKS_HEADLINE:
            m->headline = telex_joined(m->headline, value, m->in->arena);
            break;
        case MARKS_FORMAT:
            for (size_t i = 0; i < value.len; i++)
                m->tabular |= (value.at[i] | 32) == 't';
            break;
        case MARKS_SUBJECT:
            add_subjects(m, value);
            break;
        case MARKS_KEYWORD:
            add_keywords(report, value);
            break;
        case MARKS_AUTHOR:
            report->byline = telex_byline(value, report->source, &name) ? name : value;
            break;
        case MARKS_SERVICE:
            report->service = value;
            break;
        default:
            m->extra[field] = value;
    }
}

/* The mark of a header line and what stands behind it. MARKS_NONE: it is none. */
static enum marks_field take_mark(struct message *m, struct view line,
                                  struct view *value) {
    unsigned char mark = 0;
    if (line.len > VALUE_MOST + 1)
        return MARKS_NONE;
    line = telex_plain(line, m->in->arena);
    if (line.len > 0)
        mark = (unsigned char)line.at[0];
    enum marks_field field = mark < 128 ? m->marks.field[mark] : MARKS_NONE;
    if (field != MARKS_NONE)
        *value = view_trim(view_n(line.at + 1, line.len - 1));
    return field;
}

/* "YY RFG INTERNET (3RR)": a second line of routing, with header lines behind it. */
static bool is_routing(struct message *m, struct view line, struct view rest) {
    struct view next, value;
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] >= 'a' && line.at[i] <= 'z')
            return false;
    return line.len <= 80 && telex_full_line(&rest, &next) &&
           take_mark(m, next, &value) != MARKS_NONE;
}

/* Where nobody has said which table it is: a headline where AAP has the category is the
 * broadcasters'. */
static bool is_broadcast(struct message *m, struct view rest) {
    struct view line, value;
    for (int i = 0; i < HEAD_LINES && telex_full_line(&rest, &line); i++) {
        enum marks_field field = take_mark(m, line, &value);
        if (field == MARKS_NONE)
            return false;
        if (field == MARKS_CATEGORY)
            return value.len > 3 && telex_full_line(&rest, &line) &&
                   take_mark(m, line, &value) != MARKS_NONE;
    }
    return false;
}

/* Header lines off the front; empty lines among them are passed over, behind the last of
 * them they are the text's. */
static void read_header(struct message *m, struct view *rest) {
    struct view after = *rest, line, value;
    if (!m->in->feed->marks && is_broadcast(m, after))
        marks_read("bob", &m->marks, NULL);
    for (int i = 0; i < HEAD_LINES && telex_full_line(&after, &line); i++) {
        enum marks_field field = take_mark(m, line, &value);
        if (field == MARKS_NONE && i == 0 && is_routing(m, line, after))
            m->routing =
                telex_joined(m->routing, telex_plain(line, m->in->arena), m->in->arena);
        else if (field == MARKS_NONE || !fits(field, value))
            return;
        else
            read_value(m, field, value);
        *rest = after;
    }
}

/* "ZCZC AAP", with what stands behind it on the line. */
static void read_opening(struct message *m, struct view *rest) {
    struct view after = *rest, line, word;
    if (!telex_full_line(&after, &line))
        return;
    line = telex_plain(line, m->in->arena);
    word = line;
    if (!view_is(telex_word(&word), "ZCZC"))
        return;
    m->routing = view_trim(word);
    if (m->routing.len > 120)
        m->routing.len = 0;
    *rest = after;
}

static struct view without_closing(struct view text) {
    text = view_trim(text);
    while (text.len > 0 && (unsigned char)text.at[text.len - 1] <= ' ')
        text.len--;
    if (text.len >= 4 && memcmp(text.at + text.len - 4, "NNNN", 4) == 0 &&
        (text.len == 4 || text.at[text.len - 5] == '\n' || text.at[text.len - 5] == '\r'))
        text.len -= 4;
    return text;
}

/* ---- what follows from it ---- */

static void read_lives(struct message *m) {
    struct report *report = m->report;
    struct life life;
    if (m->headline.len > 0) {
        bool tagged = life_read_headline(m->headline, &life);
        if (tagged)
            life_join(&m->life, &life);
        report->headline = tagged && life.words.len > 0 ? life.words : m->headline;
    }
    if (life_read_headline(m->takekey, &life) || life_read_slug(m->takekey, &life)) {
        life_join(&m->life, &life);
        m->takekey = life.words;
    }
    story_read_notices(report->text, &m->life);
    story_apply(report, &m->life);
}

/* Slug and take key together name the story; a slug of one word by itself is a subject
 * like "CRICKET". */
static void set_guid(struct message *m) {
    struct report *report = m->report;
    if (report->slug.len == 0 ||
        (m->takekey.len == 0 && !memchr(report->slug.at, ' ', report->slug.len)))
        return;
    struct view section = telex_joined(report->slug, m->takekey, m->in->arena);
    report->guid = story_of_section(m->in, report, section, view_n("", 0));
    report->guid_from = VIEW_LIT("slug");
}

/* "ZCZC AAP" */
static void set_source(struct message *m) {
    struct view name = m->routing;
    bool agency = name.len >= 2 && name.len <= 6;
    for (size_t i = 0; i < name.len; i++)
        agency = agency && telex_letter(name.at[i]);
    if (agency && !m->in->feed->agency)
        m->report->source = name;
}

static void set_extra(struct message *m) {
    struct buf buf = {0};
    struct json json = json_to(&buf);
    json_begin_object(&json);
    if (m->routing.len > 0) {
        json_key(&json, "routing");
        json_view(&json, m->routing);
    }
    if (m->takekey.len > 0) {
        json_key(&json, "takekey");
        json_view(&json, m->takekey);
    }
    if (m->tabular) {
        json_key(&json, "tabular");
        json_bool(&json, true);
    }
    for (size_t i = 0; i < MARKS_FIELDS; i++)
        if (m->extra[i].len > 0 && i != MARKS_IGNORE) {
            json_key(&json, i == MARKS_ROUTING ? "routing_line"
                                               : marks_field_name((enum marks_field)i));
            json_view(&json, m->extra[i]);
        }
    json_end(&json);
    story_set_extra(m->report, &buf, m->in->arena);
}

static int read_message(const struct format_input *in, struct format_output *out,
                        struct diag *diag) {
    struct message m = {.in = in, .takekey = {"", 0}, .headline = {"", 0}};
    struct telex telex;
    int err = marks_read(in->feed->marks, &m.marks, diag);
    if (err)
        return err;
    m.report = format_report(&format_zczc, in, out);
    telex_open(&telex, in, m.report);
    struct view rest = telex.stx ? telex.text : telex.head;
    read_opening(&m, &rest);
    read_header(&m, &rest);
    m.report->text = telex_text(m.headline, without_closing(rest), false, in->arena);
    set_source(&m);
    story_take_feed(m.report, in->feed);
    read_lives(&m);
    set_guid(&m);
    set_extra(&m);
    return story_finish(&format_zczc, in, out, diag);
}

const struct format format_zczc = {
    .name = "zczc",
    .looks = looks,
    .read = read_message,
};
