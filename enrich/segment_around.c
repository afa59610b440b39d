/* Lines told by their neighbours: links under "Related", labels among menus, what stands
 * behind the last paragraph. */
#include "enrich/date_line.h"
#include "enrich/segment.h"

#define LINKS_MOST 40 /* lines under one "Related" */

static bool is_furniture(const struct line *line) { return line->role == LINE_FURNITURE; }

/* Can line i be part of a list of links? */
static bool continues(const struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];

    if (i >= s->count || i == s->headline)
        return false;
    if (is_furniture(line))
        return line->kind == FURNITURE_TEASER || view_starts(line->text, "http");
    return line->role == LINE_BODY && line->claim != CLAIM_LINKS && segment_is_link(line);
}

/* A subhead stands between the links and the prose under it: its gap is another. */
static bool is_subhead(const struct segmenter *s, size_t first, size_t i) {
    const struct line *line = &s->lines[i];

    if (i == first || i + 1 >= s->count || s->lines[i + 1].role != LINE_BODY ||
        !segment_is_prose(&s->lines[i + 1]))
        return false;
    return line->gap != s->lines[i - 1].gap || (i > first + 1 && line->words <= 2);
}

/* Counters between links ("list 2 of 3") belong to them. */
static bool between_links(const struct segmenter *s, size_t i) {
    return i < s->count && is_furniture(&s->lines[i]) &&
           s->lines[i].kind == FURNITURE_NAVIGATION && s->lines[i].words <= 4 &&
           view_starts(s->lines[i].text, "list ");
}

static enum furniture_kind link_kind(const struct line *line) {
    return line->words >= 8 && segment_cut_short(line->text) ? FURNITURE_TEASER
                                                             : FURNITURE_RELATED;
}

static size_t mark_list(struct segmenter *s, size_t head) {
    size_t i = head + 1, last = head;

    for (; i < s->count && i <= head + LINKS_MOST; i++) {
        if (between_links(s, i))
            continue;
        if (!continues(s, i) || is_subhead(s, head + 1, i))
            break;
        last = i;
    }
    if (i < s->count && view_is(s->lines[i].text, "end of list"))
        last = i;
    for (i = head + 1; i <= last; i++)
        if (s->lines[i].role == LINE_BODY || s->lines[i].kind == FURNITURE_NAVIGATION)
            segment_mark(&s->lines[i], link_kind(&s->lines[i]));
    return last;
}

static bool prose_before(const struct segmenter *s, size_t i) {
    return s->lead < s->count && s->lead < i;
}

void segment_mark_links(struct segmenter *s) {
    for (size_t i = 0; i < s->count; i++) {
        struct line *line = &s->lines[i];
        size_t last = i;
        if (line->claim != CLAIM_LINKS || line->role == LINE_HEADLINE)
            continue;
        if (line->button ? prose_before(s, i) : s->headline < i || prose_before(s, i))
            last = mark_list(s, i);
        segment_mark(line, last > i || !line->button ? FURNITURE_RELATED
                                                     : FURNITURE_NAVIGATION);
        i = last;
    }
}

static bool among(const struct line *line) {
    return line->role == LINE_DATE ||
           (is_furniture(line) && line->kind != FURNITURE_REPEAT) ||
           line->role == LINE_CAPTION;
}

/* Furniture that section names stand beside: not a rule under a subhead. */
static bool is_worded(const struct line *line) {
    return is_furniture(line) && line->words;
}

/* Section names beside furniture, from both sides. */
static void mark_weak(struct segmenter *s) {
    for (size_t i = 0; i < s->count; i++)
        if (s->lines[i].role == LINE_BODY && s->lines[i].claim == CLAIM_WEAK &&
            ((i && (is_worded(&s->lines[i - 1]) || s->lines[i - 1].role == LINE_DATE)) ||
             (i + 1 < s->count && is_worded(&s->lines[i + 1]))))
            segment_mark(&s->lines[i], s->lines[i].kind);
    for (size_t i = s->count; i-- > 0;)
        if (s->lines[i].role == LINE_BODY && s->lines[i].claim == CLAIM_WEAK &&
            i + 1 < s->count && is_worded(&s->lines[i + 1]))
            segment_mark(&s->lines[i], s->lines[i].kind);
}

/* A row of a table or an item of a list: columns, mostly digits, a bullet. */
static bool is_list_item(const struct line *line) {
    unsigned digits = 0, columns = 0;

    for (size_t i = 0; i < line->text.len; i++) {
        digits += line->text.at[i] >= '0' && line->text.at[i] <= '9';
        columns += line->text.at[i] == '\t' ||
                   (i && line->text.at[i] == ' ' && line->text.at[i - 1] == ' ');
    }
    return digits * 5 > line->text.len || columns || view_starts(line->text, "- ") ||
           view_starts(line->text, "• ") || view_starts(line->text, "* ");
}

static bool is_label(const struct line *line) {
    return line->role == LINE_BODY && line->words <= 5 && line->text.len <= 60 &&
           line->text.at[line->text.len - 1] != ':' &&
           (!segment_ends_like_prose(line->text) ||
            (line->words <= 4 && furniture_names_only(line->text))) &&
           (line->words <= 2 || furniture_names_only(line->text)) &&
           (line->words <= 3 || !line->gap || furniture_medium(line->text));
}

/* Names of places and sections between headline and prose, among furniture on both
 * sides. */
static void mark_labels(struct segmenter *s) {
    size_t end = s->dated < s->count ? s->dated : s->lead;

    if (s->headline >= s->count)
        return;
    for (size_t i = s->headline + s->headlines; i < end && i + 1 < s->count; i++) {
        size_t run = i;
        if (!among(&s->lines[i - 1]) && s->lines[i - 1].role != LINE_HEADLINE)
            continue;
        while (run < end && run < i + 3 && is_label(&s->lines[run]))
            run++;
        if (run > i && run < s->count && among(&s->lines[run]))
            for (; i < run; i++)
                segment_mark(&s->lines[i], FURNITURE_NAVIGATION);
    }
}

/* "Shaza/Hazem Sabbagh": who wrote and who edited, on the last line. */
static bool names_of_desk(const struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];
    const char *slash = memchr(line->text.at, '/', line->text.len);

    return i + 1 == s->count && slash && line->words <= 5 && line->words >= 2 &&
           slash > line->text.at && slash[-1] != ' ' &&
           furniture_names_only(line->text) && !segment_ends_like_prose(line->text);
}

static void mark_behind(struct segmenter *s, size_t i, bool seen) {
    struct line *line = &s->lines[i];
    bool over_button = i + 1 < s->count && is_furniture(&s->lines[i + 1]);
    struct written_date date;

    if (names_of_desk(s, i))
        segment_mark(line, FURNITURE_SIGNOFF);
    else if (seen && segment_cut_short(line->text) && line->words >= 8)
        segment_mark(line, FURNITURE_TEASER);
    else if (seen && line->words >= 4 &&
             date_line_field(line->text, &date) == DATE_FIELD_NONE &&
             !furniture_invites(s->phrases, line->text))
        segment_mark(line, FURNITURE_RELATED);
    else if (seen || (over_button && line->words <= 2 && line->gap))
        segment_mark(line, FURNITURE_NAVIGATION);
}

/* Behind the last paragraph, after the first button or link, nothing is prose. */
static void mark_tail(struct segmenter *s) {
    size_t i = s->count;
    enum furniture_kind kind;
    bool seen = false;
    struct view name;

    while (i-- > 0) {
        const struct line *line = &s->lines[i];
        struct written_date before = s->date_line;
        bool date = line->role == LINE_BODY && i != s->dated && s->lead < i &&
                    segment_read_date_line(s, i, false);
        s->date_line = before;
        if (date)
            continue;
        if (line->role == LINE_HEADLINE || i == s->dated ||
            (line->role == LINE_BODY &&
             (segment_is_prose(line) || is_list_item(line) ||
              furniture_end_mark(line->text, &kind) < line->text.len ||
              (line->words >= 4 && segment_ends_like_prose(line->text) &&
               !segment_cut_short(line->text)))))
            break;
    }
    for (i++; i < s->count; i++) {
        struct line *line = &s->lines[i];
        if (line->role == LINE_BODY && s->lead < i &&
            furniture_byline(line->text, &name)) {
            segment_mark(line, FURNITURE_BYLINE);
            if (!s->doc->event.byline.len)
                s->doc->event.byline = name;
        } else if (line->role == LINE_BODY && s->lead < i) {
            mark_behind(s, i, seen);
        }
        seen |= is_furniture(line) || line->role == LINE_DATE;
    }
}

/* "(Xinhua)" behind the story's last words. */
static void find_end_mark(struct segmenter *s) {
    size_t i = s->count;
    enum furniture_kind kind;

    s->end_mark = s->count;
    while (i-- > 0)
        if (s->lines[i].role == LINE_BODY)
            break;
    if (i >= s->count || i < s->lead)
        return;
    s->lines[i].to = (uint32_t)furniture_end_mark(s->lines[i].text, &kind);
    if (s->lines[i].to < s->lines[i].text.len) {
        s->lines[i].kind = (uint8_t)kind;
        s->end_mark = i;
    }
}

void segment_mark_around(struct segmenter *s) {
    mark_labels(s);
    mark_tail(s);
    mark_weak(s);
    find_end_mark(s);
}
