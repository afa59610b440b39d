/* What the lines become: stretches with zones, spans of furniture, the dateline. */
#include "enrich/date_line.h"
#include "enrich/head.h"
#include "enrich/segment.h"

static void put_stretch(struct segmenter *s, struct view text, enum zone zone, bool gap) {
    struct doc *doc = s->doc;
    uint32_t start;

    text = segment_trim(text);
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
    bool photo;
    size_t credit = furniture_credit(line->text, &photo);
    struct view words;

    if (credit == line->text.len)
        credit = furniture_bracketed_name(line->text);
    words = segment_trim(view_n(line->text.at, credit));
    put_stretch(s, words, ZONE_CAPTION, line->gap);
    put_furniture(s, words, FURNITURE_CAPTION, false);
    put_stretch(s, tail(line->text, credit), ZONE_FURNITURE, false);
    put_furniture(s, tail(line->text, credit), FURNITURE_CREDIT, false);
}

/* Names, counters and credits beside a date are furniture, the date is not. */
static void put_field(struct segmenter *s, struct view field, bool gap) {
    struct furniture_verdict verdict;
    struct written_date date;
    struct view name;
    size_t at;

    if (date_line_field(field, &date) != DATE_FIELD_NONE) {
        put_stretch(s, field, ZONE_DATELINE, gap);
        return;
    }
    at = date_line_tail(field, &date);
    if (at < field.len) {
        struct view front = segment_trim(view_n(field.at, at));
        if (front.len && front.at[front.len - 1] == ',')
            front.len--;
        put_field(s, front, gap);
        put_stretch(s, tail(field, at), ZONE_DATELINE, false);
        return;
    }
    verdict = furniture_of_line(s->phrases, field);
    if (segment_known_place(s, field)) { /* "Brussels, 6 May 2015" */
        put_stretch(s, field, ZONE_DATELINE, gap);
        return;
    }
    put_stretch(s, field, ZONE_FURNITURE, gap);
    if (verdict.kind == NOT_FURNITURE &&
        (furniture_byline(field, &name) || furniture_bare_byline(field))) {
        put_furniture(s, field, FURNITURE_BYLINE, false);
        if (!s->doc->event.byline.len)
            s->doc->event.byline = furniture_byline(field, &name) ? name : field;
        return;
    }
    put_furniture(s, field,
                  verdict.kind == NOT_FURNITURE ? FURNITURE_NAVIGATION : verdict.kind,
                  false);
}

static void put_date_line(struct segmenter *s, const struct line *line) {
    struct view rest = line->text, field;

    for (bool gap = line->gap; date_line_next(&rest, &field); gap = false)
        put_field(s, field, gap);
}

/* A label before the headline or a site's name behind it. */
static void put_headline(struct segmenter *s, const struct line *line) {
    struct view front = view_n(line->text.at, line->from);

    if (front.len) {
        put_stretch(s, front, ZONE_FURNITURE, line->gap);
        put_furniture(s, segment_trim(front), FURNITURE_NAVIGATION, false);
    }
    put_stretch(s, view_n(line->text.at + line->from, line->to - line->from),
                ZONE_HEADLINE, line->gap && !front.len);
    if (line->to < line->text.len) {
        put_stretch(s, tail(line->text, line->to), ZONE_FURNITURE, false);
        put_furniture(s, segment_trim(tail(line->text, line->to)), FURNITURE_NAVIGATION,
                      false);
    }
}

static void put_body(struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];
    size_t from = 0;

    if (i == s->dated) {
        from = s->dateline.after;
        put_stretch(s, view_n(line->text.at, from), ZONE_DATELINE, line->gap);
    }
    if (i != s->end_mark || line->to <= from) {
        put_stretch(s, tail(line->text, from), ZONE_BODY, !from && line->gap);
        return;
    }
    put_stretch(s, view_n(line->text.at + from, line->to - from), ZONE_BODY,
                !from && line->gap);
    put_stretch(s, tail(line->text, line->to), ZONE_FURNITURE, false);
    put_furniture(s, tail(line->text, line->to), line->kind, false);
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
            put_headline(s, line);
            break;
        default:
            put_body(s, i);
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

/* The order dates are written in where the story was filed, if its feed has not said. */
static void note_order(struct segmenter *s) {
    struct doc *doc = s->doc;

    if (doc->date_order == ORDER_UNKNOWN && s->dated < s->count)
        doc->date_order = (uint8_t)dateline_order(s->dateline.place, s->gazetteer);
}

static void put_dateline(struct segmenter *s) {
    struct event_dateline *out = &s->doc->event.dateline;
    struct event *event = &s->doc->event;
    int32_t day = CALENDAR_NONE, line = CALENDAR_NONE;
    uint32_t start;

    note_order(s);
    if (s->date_line.month)
        line = head_day(s->doc, &s->date_line);
    if (s->dated < s->count) {
        start = s->lines[s->dated].start;
        out->at.start = start + (uint32_t)s->dateline.start;
        out->at.end = start + (uint32_t)s->dateline.end;
        out->place = s->dateline.place;
        out->agency = s->dateline.agency;
        if (s->dateline.date.month || s->dateline.date.weekday)
            day = head_day_near(s->doc, &s->dateline.date, line);
        if (day != CALENDAR_NONE || line != CALENDAR_NONE)
            out->date = head_day_text(s->doc, day != CALENDAR_NONE ? day : line);
        if (!event->agency.len)
            event->agency = s->dateline.agency;
    }
    head_settle(s->doc, day, line);
}

void segment_put(struct segmenter *s) {
    put_dateline(s);
    for (size_t i = 0; i < s->count; i++)
        put_line(s, i);
    join_wrapped(s);
    s->doc->event.furniture = s->doc->furniture;
}
