/* What the lines become: stretches with zones, spans of furniture, the dateline. */
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
    size_t credit = furniture_credit(line->text);
    struct view words = segment_trim(view_n(line->text.at, credit));

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
    segment_skip_label(&rest);
    if (comma && !written_date_take(&rest, &date))
        from = (size_t)(comma - line->text.at);
    if (from) {
        put_stretch(s, view_n(line->text.at, from), ZONE_FURNITURE, line->gap);
        put_furniture(s, view_n(line->text.at, from), FURNITURE_NAVIGATION, false);
    }
    put_stretch(s, view_n(line->text.at + from, to - from), ZONE_DATELINE, line->gap);
    if (!bar)
        return;
    rest = segment_trim(tail(line->text, to + 1));
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
