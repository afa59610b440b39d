/* Lines and what they are. A line is furniture when it shows by itself (furniture.c) or
 * by its neighbours: a second copy, an excerpt of what follows, a link under "More:". The
 * head of the story is read from the top: mastheads, headline, byline, date line,
 * captions, dateline. Where it is not sure, a line is body. */
#include <stdlib.h>

#include "enrich/chars.h"
#include "enrich/dateline.h"
#include "enrich/furniture.h"
#include "enrich/gazetteer.h"
#include "enrich/head.h"
#include "enrich/stage.h"

#define HEAD_LINES                                                                       \
    14 /* not furniture: where headline, byline and dateline are sought                  \
        */

enum line_role { LINE_BODY, LINE_HEADLINE, LINE_FURNITURE, LINE_CAPTION, LINE_DATE };

struct line {
    struct view text; /* without blanks around it */
    uint64_t hash;
    uint32_t start;
    unsigned words;
    uint8_t role, kind; /* kind: of furniture */
    bool gap;           /* an empty line before it */
};

struct segmenter {
    struct doc *doc;
    const struct gazetteer *gazetteer;
    struct line *lines;
    size_t count, cap;
    size_t headline; /* line, or count */
    size_t dated;    /* the line with the dateline, or count */
    struct dateline dateline;
    int32_t date_line; /* day */
    size_t stretch_cap, furniture_cap;
};

/* --- lines --- */

static struct view trim(struct view line) {
    unsigned len;

    for (;;) {
        if (!line.len || char_next(line.at, line.at + line.len, &len) > CHAR_LINE)
            break;
        line.at += len;
        line.len -= len;
    }
    while (line.len) {
        const char *last = line.at + line.len - 1;
        while (last > line.at && ((unsigned char)*last & 0xC0) == 0x80)
            last--;
        if (char_next(last, line.at + line.len, &len) > CHAR_LINE)
            break;
        line.len = (size_t)(last - line.at);
    }
    return line;
}

static void split_lines(struct segmenter *s) {
    struct view rest = s->doc->text, raw;
    bool gap = false;

    while (view_split(&rest, '\n', &raw)) {
        struct line *line;
        struct view text = trim(raw);
        if (!text.len) {
            gap = true;
            continue;
        }
        s->lines = arena_grow(s->doc->arena, s->lines, s->count, s->count + 1,
                              sizeof *s->lines, &s->cap);
        line = &s->lines[s->count++];
        *line = (struct line){.text = text,
                              .start = (uint32_t)(text.at - s->doc->text.at),
                              .kind = NOT_FURNITURE,
                              .gap = gap};
        line->hash = furniture_line_hash(text, &line->words);
        gap = false;
    }
}

static void mark(struct line *line, enum furniture_kind kind) {
    line->role = LINE_FURNITURE;
    line->kind = (uint8_t)kind;
}

static bool ends_like_prose(struct view line) {
    static const char *const ends[] = {".",  "!",   "?",  ".”", ".\"", "?”", "?\"",
                                       "!”", "!\"", ".)", ".’", ".'",  "”",  "\""};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (line.len >= n && !memcmp(line.at + line.len - n, ends[i], n))
            return true;
    }
    return false;
}

static bool cut_short(struct view line) {
    return line.len > 3 && (!memcmp(line.at + line.len - 3, "…", 3) ||
                            !memcmp(line.at + line.len - 3, "...", 3));
}

/* The links under "More:", up to the next line that is prose. */
static size_t mark_related(struct segmenter *s, size_t i) {
    mark(&s->lines[i++], FURNITURE_RELATED);
    for (; i < s->count; i++) {
        const struct line *line = &s->lines[i];
        if (line->text.len > 130 || ends_like_prose(line->text) || line->words < 3)
            break;
        mark(&s->lines[i], FURNITURE_RELATED);
    }
    return i - 1;
}

static void mark_single_lines(struct segmenter *s) {
    for (size_t i = 0; i < s->count; i++) {
        enum furniture_kind kind;
        if (furniture_related_head(s->lines[i].text)) {
            i = mark_related(s, i);
            continue;
        }
        kind = furniture_of_line(s->lines[i].text);
        if (kind != NOT_FURNITURE)
            mark(&s->lines[i], kind);
    }
}

/* Does the line give the beginning of one of the next lines, and then break off? */
static bool is_teaser(const struct segmenter *s, size_t i) {
    struct view line = s->lines[i].text;

    if (!cut_short(line) || s->lines[i].words < 8)
        return false;
    for (size_t k = i + 1; k < s->count && k < i + 40; k++) {
        struct view later = s->lines[k].text;
        size_t n = 0;
        while (n < line.len && n < later.len && line.at[n] == later.at[n])
            n++;
        if (n >= 50 || n + 4 >= line.len)
            return true;
    }
    return false;
}

/* The second copy of a line is a repeat; a line of a few words may come again. */
static void mark_repeats(struct segmenter *s) {
    size_t size = 16;
    uint32_t *seen;

    while (size < s->count * 2)
        size *= 2;
    seen = arena_zalloc(s->doc->arena, size * sizeof *seen);
    for (size_t i = 0; i < s->count; i++) {
        struct line *line = &s->lines[i];
        size_t slot = (size_t)(line->hash * 0x9e3779b97f4a7c15u >> 32) & (size - 1);
        if (line->role == LINE_FURNITURE || line->words < 4)
            continue;
        if (is_teaser(s, i)) {
            mark(line, FURNITURE_TEASER);
            continue;
        }
        while (seen[slot] && s->lines[seen[slot] - 1].hash != line->hash)
            slot = (slot + 1) & (size - 1);
        if (seen[slot])
            mark(line, FURNITURE_REPEAT);
        else
            seen[slot] = (uint32_t)i + 1;
    }
}

/* --- the head of the story --- */

static size_t next_line(const struct segmenter *s, size_t from) {
    while (from < s->count && s->lines[from].role != LINE_BODY)
        from++;
    return from;
}

static bool known_place(const void *context, struct view name) {
    const struct segmenter *s = context;
    struct buf key = {0};
    uint32_t found;

    if (!s->gazetteer)
        return false;
    found = gazetteer_find(s->gazetteer, name, &key);
    buf_release(&key);
    return found != GAZETTEER_NONE &&
           (gazetteer_classes(s->gazetteer, found) & CLASS_PLACES) != 0;
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

    if (next >= s->count || ends_like_prose(line->text) ||
        line->words > (under ? 4u : 3u))
        return false;
    if (!under && !all_words_capital(line->text))
        return false;
    return s->lines[next].words >= 5 && s->lines[next].text.len <= 160 &&
           !ends_like_prose(s->lines[next].text) && next_line(s, next + 1) < s->count;
}

static bool same_as_given(const struct segmenter *s, const struct line *line) {
    unsigned words;
    return furniture_line_hash(s->doc->report->headline, &words) == line->hash;
}

static bool headline_like(const struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];
    struct dateline unused;
    bool only = next_line(s, i + 1) >= s->count;

    if (line->text.len > 250 || (ends_like_prose(line->text) && line->text.len > 100))
        return false;
    if (only && (line->text.len > 120 || ends_like_prose(line->text)))
        return false;
    return !dateline_read(line->text, true, known_place, s, &unused);
}

static bool read_date_line(struct segmenter *s, size_t i, bool in_head);

static void find_headline(struct segmenter *s) {
    bool given = s->doc->report->headline.len != 0;
    size_t i = next_line(s, 0);

    for (int tries = 0; i < s->count && tries < HEAD_LINES; tries++) {
        if (given && same_as_given(s, &s->lines[i]))
            break;
        if (read_date_line(s, i, true) || is_masthead(s, i)) {
            if (s->lines[i].role == LINE_BODY)
                mark(&s->lines[i], FURNITURE_NAVIGATION);
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
    if (!given)
        s->doc->event.headline = s->lines[i].text;
}

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

static void skip_label(struct view *rest) {
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
    skip_label(&rest);
    if (!written_date_take(&rest, &date) || !date.month) {
        if (!in_head || !comma || line->words > 8)
            return false;
        rest =
            trim(view_n(comma + 1, line->text.len - (size_t)(comma + 1 - line->text.at)));
        if (!written_date_take(&rest, &date) || !date.month || !date.year || rest.len)
            return false;
    }
    skip_time(&rest);
    rest = trim(rest);
    if (rest.len && rest.at[0] != '|')
        return false;
    line->role = LINE_DATE;
    if (s->date_line == CALENDAR_NONE)
        s->date_line = written_date_day(&date, head_near(s->doc));
    return true;
}

static void mark_byline(struct segmenter *s, size_t i, struct view name) {
    mark(&s->lines[i], FURNITURE_BYLINE);
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
    return line->text.len >= 90 && ends_like_prose(line->text);
}

static void find_dateline(struct segmenter *s) {
    size_t i = s->headline < s->count ? s->headline + 1 : 0;
    unsigned prose = 0;

    s->dated = s->count;
    for (unsigned seen = 0; seen < HEAD_LINES; seen++, i++) {
        i = next_line(s, i);
        if (i >= s->count)
            return;
        if (dateline_read(s->lines[i].text, prose == 0, known_place, s, &s->dateline)) {
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

/* --- what comes out --- */

static void put_stretch(struct segmenter *s, struct view text, enum zone zone, bool gap) {
    struct doc *doc = s->doc;
    uint32_t start;

    text = trim(text);
    if (!text.len)
        return;
    start = (uint32_t)(text.at - doc->text.at);
    doc->stretches =
        arena_grow(doc->arena, doc->stretches, doc->stretch_count, doc->stretch_count + 1,
                   sizeof *doc->stretches, &s->stretch_cap);
    doc->stretches[doc->stretch_count++] =
        (struct stretch){.start = start,
                         .end = start + (uint32_t)text.len,
                         .zone = (uint8_t)zone,
                         .gap = gap};
}

/* Furniture of one kind on neighbouring lines is one span, captions and copies apart. */
static void put_furniture(struct segmenter *s, struct view text, enum furniture_kind kind,
                          bool joins) {
    struct doc *doc = s->doc;
    struct event_furniture *last = doc->event.furniture_count
                                       ? &doc->furniture[doc->event.furniture_count - 1]
                                       : NULL;
    uint32_t start = (uint32_t)(text.at - doc->text.at);
    struct span at = {start, start + (uint32_t)text.len};

    if (!text.len)
        return;
    if (joins && last && last->kind == kind && kind != FURNITURE_REPEAT) {
        last->at.end = at.end;
        return;
    }
    doc->furniture = arena_grow(doc->arena, doc->furniture, doc->event.furniture_count,
                                doc->event.furniture_count + 1, sizeof *doc->furniture,
                                &s->furniture_cap);
    doc->furniture[doc->event.furniture_count++] = (struct event_furniture){at, kind};
}

static struct view tail(struct view text, size_t from) {
    return view_n(text.at + from, text.len - from);
}

static void put_caption(struct segmenter *s, const struct line *line) {
    size_t credit = furniture_credit(line->text);
    struct view words = trim(view_n(line->text.at, credit));

    put_stretch(s, words, ZONE_CAPTION, line->gap);
    put_furniture(s, words, FURNITURE_CAPTION, false);
    put_stretch(s, tail(line->text, credit), ZONE_FURNITURE, false);
    put_furniture(s, tail(line->text, credit), FURNITURE_CREDIT, false);
}

/* The name before a date and the byline after it are furniture, the date is not. */
static void put_date_line(struct segmenter *s, const struct line *line) {
    const char *bar = memchr(line->text.at, '|', line->text.len);
    const char *comma = memchr(line->text.at, ',', line->text.len);
    size_t from = 0, to = bar ? (size_t)(bar - line->text.at) : line->text.len;
    struct view rest, name;
    struct written_date date;

    rest = line->text;
    skip_label(&rest);
    if (comma && !written_date_take(&rest, &date))
        from = (size_t)(comma - line->text.at);
    if (from) {
        put_stretch(s, view_n(line->text.at, from), ZONE_FURNITURE, line->gap);
        put_furniture(s, view_n(line->text.at, from), FURNITURE_NAVIGATION, false);
    }
    put_stretch(s, view_n(line->text.at + from, to - from), ZONE_DATELINE, line->gap);
    if (!bar)
        return;
    rest = trim(tail(line->text, to + 1));
    put_stretch(s, rest, ZONE_FURNITURE, false);
    if (furniture_byline(rest, &name)) {
        put_furniture(s, rest, FURNITURE_BYLINE, false);
        if (!s->doc->event.byline.len)
            s->doc->event.byline = name;
    } else {
        put_furniture(s, rest, FURNITURE_NAVIGATION, false);
    }
}

static void put_line(struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];

    switch (line->role) {
        case LINE_FURNITURE:
            put_stretch(s, line->text, ZONE_FURNITURE, line->gap);
            put_furniture(s, line->text, line->kind,
                          i && s->lines[i - 1].role == LINE_FURNITURE);
            break;
        case LINE_CAPTION:
            put_caption(s, line);
            break;
        case LINE_DATE:
            put_date_line(s, line);
            break;
        case LINE_HEADLINE:
            put_stretch(s, line->text, ZONE_HEADLINE, line->gap);
            break;
        default:
            if (i == s->dated) {
                put_stretch(s, view_n(line->text.at, s->dateline.after), ZONE_DATELINE,
                            line->gap);
                put_stretch(s, tail(line->text, s->dateline.after), ZONE_BODY, false);
            } else {
                put_stretch(s, line->text, ZONE_BODY, line->gap);
            }
    }
}

/* Text that was wrapped at some column: its lines go on into the next where that one's
 * first word would not have fitted. */
static void join_wrapped(struct segmenter *s) {
    struct doc *doc = s->doc;
    uint32_t widest = 0, bodies = 0;

    for (size_t i = 0; i < doc->stretch_count; i++) {
        const struct stretch *t = &doc->stretches[i];
        if (t->zone == ZONE_BODY) {
            bodies++;
            widest = t->end - t->start > widest ? t->end - t->start : widest;
        }
    }
    if (bodies < 3 || widest > 110 || widest < 40)
        return;
    for (size_t i = 0; i + 1 < doc->stretch_count; i++) {
        struct stretch *t = &doc->stretches[i];
        const struct stretch *next = t + 1;
        const char *word = doc->text.at + next->start;
        const char *blank = memchr(word, ' ', next->end - next->start);
        uint32_t length = blank ? (uint32_t)(blank - word) : next->end - next->start;
        t->joins = t->zone == ZONE_BODY && next->zone == ZONE_BODY && !next->gap &&
                   (t->end - t->start + 1 + length > widest - 6 ||
                    (*word >= 'a' && *word <= 'z' && t->end - t->start > widest / 2));
    }
}

static void put_dateline(struct segmenter *s) {
    struct event_dateline *out = &s->doc->event.dateline;
    struct event *event = &s->doc->event;
    int32_t near = head_near(s->doc), day = CALENDAR_NONE;
    uint32_t start;

    if (near == CALENDAR_NONE)
        near = s->date_line;
    if (s->dated < s->count) {
        start = s->lines[s->dated].start;
        out->at.start = start + (uint32_t)s->dateline.start;
        out->at.end = start + (uint32_t)s->dateline.end;
        out->place = s->dateline.place;
        out->agency = s->dateline.agency;
        if (s->dateline.date.month || s->dateline.date.weekday)
            day = written_date_day(&s->dateline.date, near);
        if (day != CALENDAR_NONE || s->date_line != CALENDAR_NONE)
            out->date = head_day_text(s->doc, day != CALENDAR_NONE ? day : s->date_line);
        if (!event->agency.len)
            event->agency = s->dateline.agency;
    }
    head_settle(s->doc, day, s->date_line);
}

static int open_stage(const struct gazetteer *gazetteer, void **state,
                      struct diag *diag) {
    (void)diag;
    *state = (void *)gazetteer; /* only read, as const again */
    return 0;
}

static void run(void *state, struct doc *doc) {
    struct segmenter s = {.doc = doc, .gazetteer = state, .date_line = CALENDAR_NONE};

    split_lines(&s);
    mark_single_lines(&s);
    mark_repeats(&s);
    find_headline(&s);
    find_dateline(&s);
    read_head(&s);
    put_dateline(&s);
    for (size_t i = 0; i < s.count; i++)
        put_line(&s, i);
    join_wrapped(&s);
    doc->event.furniture = doc->furniture;
    doc->headline_capitals =
        s.headline < s.count && mostly_capitals(s.lines[s.headline].text);
}

const struct stage stage_segment = {.name = "segment", .open = open_stage, .run = run};
