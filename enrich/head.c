#include "enrich/head.h"

#define DAY_MS 86400000

struct view head_day_text(struct doc *doc, int32_t day) {
    char *text = arena_alloc(doc->arena, CALENDAR_TEXT);

    calendar_print(day, text);
    return view_of(text);
}

void head_warn(struct doc *doc, const char *text) {
    struct event *event = &doc->event;
    struct view *all = arena_alloc(doc->arena, (event->warning_count + 1) * sizeof *all);

    if (event->warning_count)
        memcpy(all, event->warnings, event->warning_count * sizeof *all);
    all[event->warning_count++] = view_of(text);
    event->warnings = all;
}

void head_begin(struct doc *doc) {
    const struct report *report = doc->report;
    struct event *event = &doc->event;

    event->report = report;
    event->guid = report_guid_or_digest(report, doc->arena);
    event->guid_from = !report->guid.len       ? VIEW_LIT("digest")
                       : report->guid_from.len ? report->guid_from
                                               : VIEW_LIT("given");
    event->action = report->action;
    event->relations = report->relations;
    event->relation_count = report->relation_count;
    event->take = report->take;
    event->ednote = report->ednote;
    event->headline = report->headline;
    event->byline = report->byline;
    event->agency = report->source;
    doc->date_order = (uint8_t)date_order_named(report->date_order);
    doc->published = calendar_parse(report->published);
    if (doc->published != CALENDAR_NONE) {
        event->published = report->published;
        event->published_from = VIEW_LIT("given");
    }
}

static int32_t received_day(const struct report *report) {
    if (report->received_ms <= 0 || report->received_ms / DAY_MS > 2932896)
        return CALENDAR_NONE;
    return (int32_t)(report->received_ms / DAY_MS);
}

int32_t head_near(const struct doc *doc) {
    int32_t sent;

    if (doc->published != CALENDAR_NONE)
        return doc->published;
    sent = calendar_parse(doc->report->sent);
    return sent != CALENDAR_NONE ? sent : received_day(doc->report);
}

int32_t head_day_near(const struct doc *doc, const struct written_date *date,
                      int32_t other) {
    int32_t near = head_near(doc);

    return written_date_day(date, near != CALENDAR_NONE ? near : other,
                            (enum date_order)doc->date_order);
}

int32_t head_day(const struct doc *doc, const struct written_date *date) {
    return head_day_near(doc, date, CALENDAR_NONE);
}

static bool settle(struct doc *doc, int32_t day, struct view from) {
    if (doc->published != CALENDAR_NONE || day == CALENDAR_NONE)
        return doc->published != CALENDAR_NONE;
    doc->published = day;
    doc->event.published = head_day_text(doc, day);
    doc->event.published_from = from;
    return true;
}

/* The time too. */
static bool settle_sent(struct doc *doc) {
    if (!settle(doc, calendar_parse(doc->report->sent), VIEW_LIT("header")))
        return false;
    doc->event.published = doc->report->sent;
    return true;
}

/* Behind the first story of a document: its day, and where that is from. */
static bool settle_as_first(struct doc *doc) {
    if (!doc->first || !settle(doc, doc->first->published, VIEW_LIT("")))
        return false;
    doc->event.published = doc->first->event.published;
    doc->event.published_from = doc->first->event.published_from;
    return true;
}

void head_settle(struct doc *doc, int32_t dateline, int32_t date_line) {
    if (!settle(doc, dateline, VIEW_LIT("dateline")) &&
        !settle(doc, date_line, VIEW_LIT("date-line")) && !settle_as_first(doc) &&
        !settle_sent(doc) &&
        !settle(doc, received_day(doc->report), VIEW_LIT("received")))
        head_warn(doc, "no date of publication: relative dates are not resolved");
}
