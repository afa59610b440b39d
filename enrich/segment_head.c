/* What stands between headline and prose: byline, date line, captions, dateline. */
#include "enrich/chars.h"
#include "enrich/date_line.h"
#include "enrich/furniture_parts.h"
#include "enrich/gazetteer.h"
#include "enrich/head.h"
#include "enrich/segment.h"

#define DATELINE_LINES 14 /* where the dateline is sought */
#define BYLINE_LINES   10

static uint32_t classes_of(const struct segmenter *s, struct view name) {
    struct buf key = {0};
    uint32_t found;

    if (!s->gazetteer)
        return 0;
    found = gazetteer_find(s->gazetteer, name, &key);
    buf_release(&key);
    return found == GAZETTEER_NONE ? 0 : gazetteer_classes(s->gazetteer, found);
}

bool segment_known_place(const void *context, struct view name) {
    return (classes_of(context, name) & CLASS_PLACES) != 0;
}

static bool has_digit(struct view text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] >= '0' && text.at[i] <= '9')
            return true;
    return false;
}

/* Can the field stand beside a date: a byline, a desk, a paper's name, a counter? */
static bool beside_date(const struct segmenter *s, struct view field) {
    struct view name;

    return furniture_byline(field, &name) || furniture_bare_byline(field) ||
           furniture_of_line(s->phrases, field).kind != NOT_FURNITURE ||
           (field.len <= 60 && furniture_names_only(field));
}

static void note_date(struct segmenter *s, const struct written_date *date) {
    if (!s->date_line.month)
        s->date_line = *date;
}

/* "By Jo Doe, 14 Jan 2020"; in the head also "Daily Sentinel, Friday 23/11/2018". */
static bool date_behind_name(const struct line *line, bool in_head,
                             struct written_date *date) {
    static const char *const starts[] = {"By ", "BY ", "by ", "Von ", "Par ", "Por "};
    bool by = STARTS(line->text, starts);
    struct view name, author;
    size_t at;

    if (!by && !(in_head && line->words <= 8))
        return false;
    at = date_line_tail(line->text, date);
    name = segment_trim(view_n(line->text.at, at));
    if (at >= line->text.len)
        return false;
    if (furniture_byline(name, &author))
        return true;
    return in_head && line->words <= 8 && name.len && name.at[name.len - 1] == ',' &&
           furniture_names_only(name);
}

bool segment_read_date_line(struct segmenter *s, size_t i, bool in_head) {
    struct line *line = &s->lines[i];
    struct view rest = line->text, field;
    struct written_date date, first = {0};
    bool dated = false, beside = true;

    if (line->text.len > DATE_LINE_MAX || !has_digit(line->text))
        return false;
    while (beside && date_line_next(&rest, &field)) {
        enum date_field kind = date_line_field(field, &date);
        if (kind == DATE_FIELD_DATE && !first.month)
            first = date;
        dated |= kind == DATE_FIELD_DATE;
        beside = kind != DATE_FIELD_NONE || beside_date(s, field);
    }
    if (!beside || !dated) {
        if (!date_behind_name(line, in_head, &first))
            return false;
    }
    line->role = LINE_DATE;
    note_date(s, &first);
    return true;
}

static void mark_byline(struct segmenter *s, size_t i, struct view name) {
    segment_mark(&s->lines[i], FURNITURE_BYLINE);
    if (!s->doc->event.byline.len)
        s->doc->event.byline = name;
}

bool segment_is_caption(const struct line *line, bool in_head) {
    bool photo = false, credit = furniture_credit(line->text, &photo) < line->text.len;

    if (line->text.len > 600 || (line->words < 5 && !photo) || line->words < 2)
        return false;
    if (in_head)
        return credit ||
               (line->text.len < 300 &&
                furniture_bracketed_name(line->text) < line->text.len) ||
               (furniture_caption_marks(line->text) &&
                (view_starts(line->text, "FILE") || view_starts(line->text, "File ")));
    return credit && (photo || furniture_caption_marks(line->text)) &&
           !(photo && line->text.len > 350);
}

static void find_dateline(struct segmenter *s) {
    size_t i = s->headline < s->count ? s->headline + s->headlines : 0;
    unsigned prose = 0;

    s->dated = s->count;
    for (unsigned seen = 0; seen < DATELINE_LINES; seen++, i++) {
        i = segment_next(s, i);
        if (i >= s->count || prose == 2)
            return;
        bool caption = segment_is_caption(&s->lines[i], true);
        struct dateline found = {0};
        if (segment_may_date(s->lines[i].text) &&
            dateline_read(s->lines[i].text, prose == 0, s->gazetteer, &found) &&
            (s->dated == s->count || view_eq(found.place, s->dateline.place))) {
            s->dateline = found;
            s->dated = i;
            if (!caption) /* "KABUL: Soldiers dig. (AFP)" if nothing from there follows */
                return;
        }
        prose += segment_is_prose(&s->lines[i]) && !caption;
    }
}

/* Does a date line or furniture follow, at once or behind a paper's name? */
static bool beside_marked(const struct segmenter *s, size_t i) {
    if (i + 2 < s->count && s->lines[i + 1].role == LINE_BODY &&
        s->lines[i + 1].words <= 5 && furniture_medium(s->lines[i + 1].text) &&
        furniture_names_only(s->lines[i + 1].text))
        i++;
    return i + 1 < s->count &&
           (s->lines[i + 1].role == LINE_DATE || s->lines[i + 1].role == LINE_FURNITURE);
}

/* Two to four capitalised words, the first of them a name given to people, or with a
 * date line beside them. */
static bool is_name(const struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];
    struct view rest = line->text, first, word;
    const struct line *over = &s->lines[i - 1];
    bool beside = beside_marked(s, i) || over->role == LINE_DATE;
    unsigned small = 0;

    if (over->role == LINE_FURNITURE && over->text.len > 3 &&
        view_is(view_n(over->text.at + over->text.len - 3, 3), " by"))
        return false; /* "News provided by" */

    if (line->words < 2 || line->words > 6 || line->text.len > 60 ||
        has_digit(line->text) || !furniture_names_only(line->text) ||
        segment_ends_like_prose(line->text) || furniture_medium(line->text))
        return false;
    view_split(&rest, ' ', &first);
    for (rest = line->text; view_split(&rest, ' ', &word);) {
        for (size_t k = 0; k < word.len; k++)
            small += word.at[k] >= 'a' && word.at[k] <= 'z';
        if (word.len && strchr(":?!;\"'", word.at[word.len - 1]))
            return false;
    }
    if (!small && line->words > 4)
        return false;
    if (classes_of(s, first) & CLASS_BIT(CLASS_FORENAME))
        return !(classes_of(s, line->text) & CLASS_PLACES);
    return beside && line->words >= 2 && line->words <= 5 &&
           !(classes_of(s, line->text) & CLASS_NAMES);
}

/* Right under a byline: a paper, a post, a town. */
static bool is_affiliation(const struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];

    return i && line->claim == CLAIM_SURE && s->lines[i - 1].role == LINE_FURNITURE &&
           s->lines[i - 1].kind == FURNITURE_BYLINE && !line->gap && line->words <= 5 &&
           line->text.len <= 50 && !segment_ends_like_prose(line->text) &&
           !has_digit(line->text) && furniture_names_only(line->text);
}

/* What a line of the head is besides body. */
static void read_line(struct segmenter *s, size_t i, bool last) {
    struct line *line = &s->lines[i];
    bool credit_under = i + 1 < s->count && !s->lines[i + 1].gap &&
                        s->lines[i + 1].role == LINE_FURNITURE &&
                        s->lines[i + 1].kind == FURNITURE_CREDIT;
    struct view name;

    if (segment_read_date_line(s, i, true))
        return;
    if (!last && (segment_is_caption(line, true) || (credit_under && line->words >= 5)))
        line->role = LINE_CAPTION;
    else if (furniture_byline(line->text, &name))
        mark_byline(s, i, name);
    else if (!last && (furniture_bare_byline(line->text) || is_affiliation(s, i) ||
                       (i && is_name(s, i))))
        mark_byline(s, i, line->text);
}

/* Dates first: they tell names beside them. */
static void read_dates(struct segmenter *s, size_t from, size_t to) {
    for (size_t i = segment_next(s, from); i < to; i = segment_next(s, i + 1))
        segment_read_date_line(s, i, true);
}

/* Where the head ends at the latest: at the second paragraph of prose, since the first
 * may be a deck. */
static size_t second_prose(const struct segmenter *s) {
    size_t i = s->lead;

    while (i < s->count && (i == s->lead || s->lines[i].role != LINE_BODY ||
                            !segment_is_prose(&s->lines[i])))
        i++;
    return i;
}

/* "By Jo Doe" and dates under a deck. */
static void read_under_deck(struct segmenter *s) {
    size_t end = s->lead < s->count ? second_prose(s) : s->count;
    struct view name;

    for (size_t i = s->lead + 1; i < end && i < s->lead + 6; i++) {
        struct line *line = &s->lines[i];
        if (line->text.len > 60 && segment_ends_like_prose(line->text))
            return;
        if (line->role != LINE_BODY || segment_read_date_line(s, i, true))
            continue;
        if (furniture_byline(line->text, &name))
            mark_byline(s, i, name);
        else if (is_affiliation(s, i))
            mark_byline(s, i, line->text);
    }
}

static void take_affiliations(struct segmenter *s) {
    for (size_t i = 1; i < s->count && i <= s->lead; i++)
        if (s->lines[i].role == LINE_FURNITURE &&
            (s->lines[i].kind == FURNITURE_CREDIT || s->lines[i].text.at[0] == '@') &&
            s->lines[i - 1].kind == FURNITURE_BYLINE &&
            s->lines[i - 1].role == LINE_FURNITURE && !s->lines[i].gap &&
            !memchr(s->lines[i].text.at, ':', s->lines[i].text.len))
            segment_mark(&s->lines[i], FURNITURE_BYLINE);
}

static void read_head(struct segmenter *s) {
    size_t first = s->headline < s->count ? s->headline + s->headlines : 0, seen = 0;
    size_t end = s->dated < s->count ? s->dated : s->lead;
    bool headed = s->headline < s->count;

    if (s->dated < s->count && s->dateline.after >= s->lines[s->dated].text.len &&
        s->lead > s->dated)
        end = s->lead; /* it stands alone on its line, the byline may come after it */

    if (end - first < 30)
        read_dates(s, first, end);
    for (size_t i = segment_next(s, first); i < s->count;
         i = segment_next(s, i + 1), seen++) {
        struct line *line = &s->lines[i];
        if (i < end && i != s->dated && seen < BYLINE_LINES && (headed || i < s->dated))
            read_line(s, i, segment_next(s, i + 1) >= s->count);
        else if (i != s->dated && segment_is_caption(line, false))
            line->role = LINE_CAPTION;
    }
    if (headed && s->dated == s->count)
        read_under_deck(s);
    take_affiliations(s);
}

void segment_read_head(struct segmenter *s) {
    find_dateline(s);
    read_head(s);
}
