/* The head of a story, read from the top: mastheads, headline, byline, date line,
 * captions, dateline. */
#include "enrich/chars.h"
#include "enrich/head.h"
#include "enrich/segment.h"

#define HEAD_LINES 14 /* where headline, byline and dateline are sought */

static size_t next_line(const struct segmenter *s, size_t from) {
    while (from < s->count && s->lines[from].role != LINE_BODY)
        from++;
    return from;
}

static bool all_words_capital(struct view line) {
    struct view word;

    while (view_split(&line, ' ', &word)) {
        unsigned len;
        if (word.len && char_next(word.at, word.at + word.len, &len) != CHAR_UPPER)
            return false;
    }
    return true;
}

/* A short line over a longer headline: the name of the site or the section. */
static bool is_masthead(const struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];
    size_t next = next_line(s, i + 1);
    bool under = i && s->lines[i - 1].role == LINE_FURNITURE && !line->gap;

    if (next >= s->count || segment_ends_like_prose(line->text) ||
        line->words > (under ? 4u : 3u))
        return false;
    if (!under && !all_words_capital(line->text))
        return false;
    return s->lines[next].words >= 5 && s->lines[next].text.len <= 160 &&
           !segment_ends_like_prose(s->lines[next].text) &&
           next_line(s, next + 1) < s->count;
}

static bool same_as_given(const struct segmenter *s, const struct line *line) {
    struct view given = s->doc->report->headline;
    unsigned words;

    return furniture_line_hash(given, LINE_BEGINS, &words) == line->hash &&
           furniture_line_hash(given, SIZE_MAX, &words) ==
               furniture_line_hash(line->text, SIZE_MAX, &words);
}

static bool headline_like(const struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];
    struct dateline unused;
    bool only = next_line(s, i + 1) >= s->count;

    if (line->text.len > 250 ||
        (segment_ends_like_prose(line->text) && line->text.len > 100))
        return false;
    if (only && (line->text.len > 120 || segment_ends_like_prose(line->text)))
        return false;
    return !dateline_read(line->text, false, s->gazetteer, &unused);
}

static bool read_date_line(struct segmenter *s, size_t i, bool in_head);

static bool mostly_capitals(struct view line) {
    unsigned capital = 0, words = 0, len;
    struct view word;

    while (view_split(&line, ' ', &word))
        if (word.len >= 4) {
            capital += char_next(word.at, word.at + word.len, &len) == CHAR_UPPER;
            words++;
        }
    return words >= 3 && capital * 10 >= words * 8;
}

static void find_headline(struct segmenter *s) {
    bool given = s->doc->report->headline.len != 0;
    size_t i = next_line(s, 0);

    for (int tries = 0; i < s->count && tries < HEAD_LINES; tries++) {
        if (given && same_as_given(s, &s->lines[i]))
            break;
        if (read_date_line(s, i, true) || is_masthead(s, i)) {
            if (s->lines[i].role == LINE_BODY)
                segment_mark(&s->lines[i], FURNITURE_NAVIGATION);
        } else if (!given || tries > 3) {
            break;
        } else {
            i++;
        }
        i = next_line(s, i);
    }
    s->headline = s->count;
    if (i >= s->count || (given ? !same_as_given(s, &s->lines[i]) : !headline_like(s, i)))
        return;
    s->headline = i;
    s->lines[i].role = LINE_HEADLINE;
    s->doc->headline_capitals = mostly_capitals(s->lines[i].text);
    if (!given)
        s->doc->event.headline = s->lines[i].text;
}

void segment_skip_label(struct view *rest) {
    static const char *const labels[] = {"Posted",       "Updated",   "UPDATED",
                                         "Published",    "PUBLISHED", "Last updated",
                                         "Last Updated", "Date",      "POSTED"};

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (view_starts(*rest, labels[i])) {
            rest->at += strlen(labels[i]);
            rest->len -= strlen(labels[i]);
            if (view_starts(*rest, " on")) {
                rest->at += 3;
                rest->len -= 3;
            }
            while (rest->len && strchr(": ", rest->at[0])) {
                rest->at++;
                rest->len--;
            }
            return;
        }
}

/* "6:35 PM", ", 18:35 GMT": taken off if there. */
static void skip_time(struct view *rest) {
    size_t n = 0;
    unsigned digits = 0, letters = 0;

    for (; n < rest->len; n++) {
        char c = rest->at[n];
        if (c >= '0' && c <= '9')
            digits++;
        else if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
            letters++;
        else if (!strchr(":., -at", c))
            break;
    }
    if (digits >= 1 && digits <= 6 && letters <= 8) {
        rest->at += n;
        rest->len -= n;
    }
}

/* Marks a line that gives the day: "Tuesday 16/04/2019", "Posted: 01/06/2020 | By ...",
 * in the head also "Daily Sentinel, Friday 23/11/2018". */
static bool read_date_line(struct segmenter *s, size_t i, bool in_head) {
    struct line *line = &s->lines[i];
    struct view rest = line->text;
    struct written_date date;
    const char *comma = memchr(rest.at, ',', rest.len);

    if (line->text.len > 110)
        return false;
    segment_skip_label(&rest);
    if (!written_date_take(&rest, &date) || !date.month) {
        if (!in_head || !comma || line->words > 8)
            return false;
        rest = segment_trim(
            view_n(comma + 1, line->text.len - (size_t)(comma + 1 - line->text.at)));
        if (!written_date_take(&rest, &date) || !date.month || !date.year || rest.len)
            return false;
    }
    skip_time(&rest);
    rest = segment_trim(rest);
    if (rest.len && rest.at[0] != '|')
        return false;
    line->role = LINE_DATE;
    if (!s->date_line.month)
        s->date_line = date;
    return true;
}

static void mark_byline(struct segmenter *s, size_t i, struct view name) {
    segment_mark(&s->lines[i], FURNITURE_BYLINE);
    if (!s->doc->event.byline.len)
        s->doc->event.byline = name;
}

static bool is_caption(const struct line *line, bool before_dateline) {
    char last = line->text.at[line->text.len - 1];
    bool credit;

    if (line->words < 5 || (!before_dateline && last != ')' && last != ']'))
        return false;
    credit = furniture_credit(line->text) < line->text.len;
    if (!credit && !before_dateline)
        return false;
    return (credit && before_dateline) || furniture_caption_marks(line->text);
}

/* A line of prose after which no headline, byline or caption is expected. */
static bool is_prose(const struct line *line) {
    return line->text.len >= 90 && segment_ends_like_prose(line->text);
}

static void find_dateline(struct segmenter *s) {
    size_t i = s->headline < s->count ? s->headline + 1 : 0;
    unsigned prose = 0;

    s->dated = s->count;
    for (unsigned seen = 0; seen < HEAD_LINES; seen++, i++) {
        i = next_line(s, i);
        if (i >= s->count)
            return;
        if (dateline_read(s->lines[i].text, prose == 0, s->gazetteer, &s->dateline)) {
            s->dated = i;
            return;
        }
        prose += is_prose(&s->lines[i]) && !is_caption(&s->lines[i], true);
    }
}

static void read_head(struct segmenter *s) {
    size_t first = s->headline < s->count ? s->headline + 1 : 0, seen = 0;
    bool prose = false;

    for (size_t i = next_line(s, first); i < s->count; i = next_line(s, i + 1), seen++) {
        struct line *line = &s->lines[i];
        bool before = s->dated < s->count ? i < s->dated : !prose && seen < 6;
        struct view name;
        if (i == s->dated) {
            prose = true;
        } else if (is_caption(line, before && next_line(s, i + 1) < s->count)) {
            line->role = LINE_CAPTION;
        } else if (before && seen < 6 && furniture_byline(line->text, &name)) {
            mark_byline(s, i, name);
        } else if (!(before && read_date_line(s, i, false))) {
            prose |= is_prose(line);
        }
    }
}

void segment_read_head(struct segmenter *s) {
    find_headline(s);
    find_dateline(s);
    read_head(s);
}
