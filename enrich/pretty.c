#include "enrich/pretty.h"

#include <stdio.h>
#include <stdlib.h>

enum look { LOOK_DATE = ENTITY_TYPES, LOOK_FURNITURE, LOOKS };

static const struct {
    const char *name, *colour;
} looks[LOOKS] = {
    [ENTITY_PERSON] = {"person", "\033[1;32m"},
    [ENTITY_ORGANIZATION] = {"organization", "\033[1;34m"},
    [ENTITY_LOCATION] = {"location", "\033[1;31m"},
    [ENTITY_FACILITY] = {"facility", "\033[31m"},
    [ENTITY_GROUP] = {"group", "\033[36m"},
    [ENTITY_EVENT] = {"event", "\033[1;35m"},
    [ENTITY_PRODUCT] = {"product", "\033[35m"},
    [LOOK_DATE] = {"date", "\033[33m"},
    [LOOK_FURNITURE] = {"furniture", "\033[2m"},
};
#define PLAIN "\033[0m"
#define BOLD  "\033[1m"
#define DIM   "\033[2m"

struct tag {
    struct span at;
    enum look look;
};

struct drawing {
    const struct event *event;
    struct buf *out;
    bool colour;
};

static void code(struct drawing *d, const char *colour) {
    if (d->colour)
        buf_put_text(d->out, colour);
}

static int by_start(const void *a, const void *b) {
    const struct tag *x = a, *y = b;

    if (x->at.start != y->at.start)
        return x->at.start < y->at.start ? -1 : 1;
    return x->at.end > y->at.end ? -1 : x->at.end < y->at.end;
}

static struct tag *all_tags(const struct event *event, struct arena *arena,
                            size_t *count) {
    size_t most = event->date_count + event->furniture_count, n = 0;
    struct tag *tags;

    for (size_t i = 0; i < event->entity_count; i++)
        most += event->entities[i].mention_count;
    tags = arena_alloc(arena, (most + 1) * sizeof *tags);
    for (size_t i = 0; i < event->entity_count; i++)
        for (size_t k = 0; k < event->entities[i].mention_count; k++)
            tags[n++] = (struct tag){event->entities[i].mentions[k],
                                     (enum look)event->entities[i].type};
    for (size_t i = 0; i < event->date_count; i++)
        tags[n++] = (struct tag){event->dates[i].at, LOOK_DATE};
    for (size_t i = 0; i < event->furniture_count; i++)
        if (event->furniture[i].kind != FURNITURE_CAPTION)
            tags[n++] = (struct tag){event->furniture[i].at, LOOK_FURNITURE};
    qsort(tags, n, sizeof *tags, by_start);
    *count = n;
    return tags;
}

static void put_span(struct drawing *d, uint32_t from, uint32_t to) {
    if (to > from)
        buf_put(d->out, d->event->text.at + from, to - from);
}

static void draw_text(struct drawing *d, struct arena *arena) {
    size_t count;
    struct tag *tags = all_tags(d->event, arena, &count);
    uint32_t at = 0;

    for (size_t i = 0; i < count; i++) {
        if (tags[i].at.start < at)
            continue; /* inside the one before */
        put_span(d, at, tags[i].at.start);
        if (d->colour)
            buf_put_text(d->out, looks[tags[i].look].colour);
        else
            buf_put_text(d->out, "[");
        put_span(d, tags[i].at.start, tags[i].at.end);
        if (d->colour)
            buf_put_text(d->out, PLAIN);
        else
            buf_printf(d->out, "|%s]", looks[tags[i].look].name);
        at = tags[i].at.end;
    }
    put_span(d, at, (uint32_t)d->event->text.len);
    buf_put_text(d->out, "\n\n");
}

static void heading(struct drawing *d, const char *name) {
    code(d, BOLD);
    buf_printf(d->out, "  %-14s", name);
    code(d, PLAIN);
}

/* "  published     2020-01-14 (dateline)" */
static void draw_head(struct drawing *d) {
    const struct event *e = d->event;

    heading(d, "story");
    buf_put_view(d->out, e->guid);
    buf_put_text(d->out, "\n");
    if (e->published.len) {
        heading(d, "published");
        buf_put_view(d->out, e->published);
        buf_printf(d->out, " (%.*s)\n", (int)e->published_from.len, e->published_from.at);
    }
    if (e->dateline.at.end) {
        heading(d, "dateline");
        put_span(d, e->dateline.at.start, e->dateline.at.end);
        buf_put_text(d->out, "\n");
    }
}

static void draw_entities(struct drawing *d, enum entity_type type, const char *name) {
    bool first = true;

    for (size_t i = 0; i < d->event->entity_count; i++) {
        const struct event_entity *e = &d->event->entities[i];
        if (e->type != type)
            continue;
        if (first)
            heading(d, name);
        buf_put_text(d->out, first ? "" : ", ");
        code(d, looks[type].colour);
        buf_put_view(d->out, e->name);
        code(d, PLAIN);
        if (e->role.len)
            buf_printf(d->out, " (%.*s)", (int)e->role.len, e->role.at);
        if (e->mention_count > 1)
            buf_printf(d->out, " ×%zu", e->mention_count);
        first = false;
    }
    if (!first)
        buf_put_text(d->out, "\n");
}

static void draw_places(struct drawing *d) {
    static const char *const roles[] = {"literal", "government", "modifier",
                                        "part of a name"};

    for (size_t i = 0; i < d->event->place_count; i++) {
        const struct event_place *p = &d->event->places[i];
        heading(d, i ? "" : "on the map");
        buf_put_view(d->out, p->name);
        buf_printf(d->out, " %.*s %.2f,%.2f", (int)p->country.len, p->country.at, p->lat,
                   p->lon);
        code(d, DIM);
        buf_printf(d->out, "  %s, %.2f: %.*s", roles[p->role], p->score, (int)p->why.len,
                   p->why.at);
        code(d, PLAIN);
        buf_put_text(d->out, "\n");
    }
}

static void draw_dates(struct drawing *d) {
    for (size_t i = 0; i < d->event->date_count; i++) {
        const struct event_date *t = &d->event->dates[i];
        heading(d, i ? "" : "dates");
        code(d, looks[LOOK_DATE].colour);
        put_span(d, t->at.start, t->at.end);
        code(d, PLAIN);
        buf_printf(d->out, " → %.*s", (int)t->value.len, t->value.at);
        if (t->mod.len)
            buf_printf(d->out, " %.*s", (int)t->mod.len, t->mod.at);
        code(d, DIM);
        if (t->from.len && !view_eq(t->from, t->value))
            buf_printf(d->out, "  %.*s..%.*s", (int)t->from.len, t->from.at,
                       (int)t->to.len, t->to.at);
        buf_printf(d->out, "  %.*s", (int)t->why.len, t->why.at);
        code(d, PLAIN);
        buf_put_text(d->out, "\n");
    }
}

static void draw_quotes(struct drawing *d) {
    for (size_t i = 0; i < d->event->quote_count; i++) {
        const struct event_quote *q = &d->event->quotes[i];
        heading(d, i ? "" : "quotes");
        if (q->speaker == EVENT_NOBODY)
            buf_put_text(d->out, "?");
        else
            buf_put_view(d->out, d->event->entities[q->speaker].name);
        buf_put_text(d->out, ": ");
        put_span(d, q->at.start, q->at.end);
        buf_put_text(d->out, "\n");
    }
}

void pretty_event(const struct event *event, bool colour, struct buf *out,
                  struct arena *arena) {
    struct drawing d = {event, out, colour};

    draw_text(&d, arena);
    draw_head(&d);
    draw_entities(&d, ENTITY_PERSON, "people");
    draw_entities(&d, ENTITY_ORGANIZATION, "organizations");
    draw_entities(&d, ENTITY_LOCATION, "locations");
    draw_entities(&d, ENTITY_FACILITY, "facilities");
    draw_entities(&d, ENTITY_GROUP, "groups");
    draw_entities(&d, ENTITY_EVENT, "events");
    draw_entities(&d, ENTITY_PRODUCT, "products");
    draw_places(&d);
    draw_dates(&d);
    draw_quotes(&d);
    for (size_t i = 0; i < event->warning_count; i++) {
        heading(&d, "warning");
        buf_put_view(out, event->warnings[i]);
        buf_put_text(out, "\n");
    }
    buf_put_text(out, "\n");
}

void pretty_legend(bool colour, struct buf *out) {
    for (int i = 0; i < LOOKS; i++) {
        if (colour)
            buf_printf(out, "%s%s%s ", looks[i].colour, looks[i].name, PLAIN);
        else
            buf_printf(out, "%s[...|%s]", i ? " " : "", looks[i].name);
    }
    buf_put_text(out, "\n\n");
}
