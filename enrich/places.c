/* places.c: which Tripoli. Every location the gazetteer knows gets one place: of its
 * candidates the one with the highest sum of
 *
 *     weight     how much comes to mind: population, capitals and countries more
 *     country    how often the story names the candidate's country and its people
 *     container  "Tripoli, Lebanon": what stands behind the comma contains it
 *
 * The sums become shares of one, and the next best is told. One sense per story. */
#include "enrich/dateline.h"
#include "enrich/gazetteer.h"
#include "enrich/stage.h"

#include "proto/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNTRIES      (26 * 26)
#define CANDIDATES_MAX 24u

struct places {
    const struct gazetteer *gazetteer;
    uint32_t countries[COUNTRIES]; /* entry, or GAZETTEER_NONE */
};

struct work {
    const struct places *places;
    const struct gazetteer *gazetteer;
    struct doc *doc;
    float *named; /* by country: how often */
    float all;
    uint32_t *first_mention; /* of each entity */
    uint32_t *next_mention;  /* of each mention, the next of its entity */
    uint32_t *place_of;      /* of each entity: index into places, or GAZETTEER_NONE */
};

static int country_index(struct view code) {
    if (code.len != 2 || code.at[0] < 'A' || code.at[0] > 'Z' || code.at[1] < 'A' ||
        code.at[1] > 'Z')
        return -1;
    return (code.at[0] - 'A') * 26 + code.at[1] - 'A';
}

static int places_open(const struct gazetteer *gazetteer, void **state,
                       struct diag *diag) {
    struct places *p = mem_alloc(sizeof *p);
    size_t count = gazetteer ? gazetteer_entry_count(gazetteer) : 0;
    (void)diag;
    p->gazetteer = gazetteer;
    for (size_t i = 0; i < COUNTRIES; i++)
        p->countries[i] = GAZETTEER_NONE;
    for (uint32_t i = 0; i < count; i++) {
        int country = gazetteer_class(gazetteer, i) == CLASS_COUNTRY
                          ? country_index(gazetteer_entry(gazetteer, i).country)
                          : -1;
        if (country >= 0)
            p->countries[country] = i;
    }
    *state = p;
    return 0;
}

static void places_close(void *state) { free(state); }

/* --- candidates --- */

struct scored {
    struct gazetteer_entry entry;
    uint32_t number; /* of the entry */
    double score;
    bool contained, in_context;
    bool shadow; /* a division called like a town in it */
};

static double weight_of(const struct gazetteer_entry *e) {
    double people = log10(e->population + 10.0);
    switch (e->class) {
        case CLASS_COUNTRY:
            return 9 + people / 10;
        case CLASS_ADMIN1:
            return 5.9;
        case CLASS_REGION:
            return view_is(e->feature, "CONT") ? 9 : 5.9;
        default:
            return people + (view_is(e->feature, "PPLC")   ? 1.2
                             : view_is(e->feature, "PPLA") ? .4
                                                           : 0);
    }
}

/* The candidates of a name that are places with an id. */
static size_t collect(const struct work *w, uint32_t name, struct scored *out) {
    struct candidates c = gazetteer_candidates(w->gazetteer, name);
    size_t count = 0;
    for (size_t i = 0; i < c.count && count < CANDIDATES_MAX; i++) {
        uint32_t number = candidates_at(c, i);
        if (!(CLASS_BIT(gazetteer_class(w->gazetteer, number)) & CLASS_PLACES))
            continue;
        struct gazetteer_entry e = gazetteer_entry(w->gazetteer, number);
        if (e.geonameid)
            out[count++] =
                (struct scored){.entry = e, .number = number, .score = weight_of(&e)};
    }
    return count;
}

/* --- context --- */

static void name_country(struct work *w, struct view code, float weight) {
    int country = country_index(code);
    if (country < 0)
        return;
    w->named[country] += weight;
    w->all += weight;
}

static bool is_in_one_country(const struct work *w, struct candidates c) {
    struct view country = gazetteer_entry(w->gazetteer, candidates_at(c, 0)).country;
    for (size_t i = 1; i < c.count; i++) {
        struct gazetteer_entry e = gazetteer_entry(w->gazetteer, candidates_at(c, i));
        if ((CLASS_BIT(e.class) & CLASS_PLACES) && !view_eq(e.country, country))
            return false;
    }
    return true;
}

/* A country, a people or a body that leaves no doubt where it is. */
static void context_of(struct work *w, const struct mention *m) {
    struct candidates c;
    if (m->name == GAZETTEER_NONE)
        return;
    c = gazetteer_candidates(w->gazetteer, m->name);
    if (m->type == ENTITY_PERSON)
        return;
    struct gazetteer_entry e = gazetteer_entry(w->gazetteer, candidates_at(c, 0));
    if (m->type == ENTITY_LOCATION && e.class == CLASS_COUNTRY)
        name_country(w, e.country, c.count == 1 ? 1 : .6f);
    else if (m->type == ENTITY_LOCATION && e.class == CLASS_CITY &&
             is_in_one_country(w, c))
        name_country(w, e.country, .5f);
    else if (m->type == ENTITY_GROUP && e.class == CLASS_GROUP)
        name_country(w, e.country, .7f);
    else if (m->type == ENTITY_ORGANIZATION && e.class == CLASS_ORGANIZATION)
        name_country(w, e.country, .1f);
}

/* Is `outer` a name of what contains this candidate? */
static bool contains(const struct work *w, const struct mention *outer,
                     const struct scored *inner) {
    if (outer->name == GAZETTEER_NONE)
        return false;
    struct candidates c = gazetteer_candidates(w->gazetteer, outer->name);
    for (size_t i = 0; i < c.count; i++) {
        uint32_t number = candidates_at(c, i);
        struct gazetteer_entry e = gazetteer_entry(w->gazetteer, number);
        if (number == inner->entry.division ||
            (e.class == CLASS_COUNTRY && inner->entry.class != CLASS_COUNTRY &&
             view_eq(e.country, inner->entry.country)))
            return true;
    }
    return false;
}

static bool apart_by_comma(const struct doc *doc, const struct mention *a,
                           const struct mention *b) {
    return b->first == a->last + 1 && view_is(doc_token(doc, a->last), ",");
}

/* "Libya's Tripoli" */
static bool owns(const struct doc *doc, const struct mention *a,
                 const struct mention *b) {
    return b->first == a->last + 1 && (doc->tokens[a->last].shape & SHAPE_POSSESSIVE);
}

static void weigh_neighbours(const struct work *w, size_t i, struct scored *s) {
    const struct doc *doc = w->doc;
    const struct mention *m = &doc->mentions[i], *next = m + 1, *before = m - 1;
    if (i + 1 < doc->mention_count && next->type == ENTITY_LOCATION &&
        apart_by_comma(doc, m, next) && contains(w, next, s)) {
        s->score += 4;
        s->contained = true;
    }
    if (i == 0 || before->type != ENTITY_LOCATION || before->name == GAZETTEER_NONE)
        return;
    if (owns(doc, before, m) && contains(w, before, s)) {
        s->score += 3;
        s->contained = true;
    }
    if (!apart_by_comma(doc, before, m) || s->entry.class == CLASS_CITY)
        return;
    /* "Atlanta, Georgia": it is what contains the one before. */
    struct scored inner[CANDIDATES_MAX];
    size_t count = collect(w, before->name, inner);
    for (size_t k = 0; k < count; k++)
        if (inner[k].entry.division == s->number && inner[k].score > 4) {
            s->score += 5;
            s->contained = true;
            return;
        }
}

/* A province that is called like a town in it: the town is meant. */
static bool has_namesake(const struct scored *all, size_t count, size_t division) {
    for (size_t k = 0; k < count; k++)
        if (all[k].entry.class == CLASS_CITY &&
            all[k].entry.division == all[division].number)
            return true;
    return false;
}

static void weigh(const struct work *w, uint32_t entity, struct scored *all,
                  size_t count) {
    for (size_t k = 0; k < count; k++)
        if (all[k].entry.class == CLASS_ADMIN1 && has_namesake(all, count, k)) {
            all[k].shadow = true;
            all[k].score -= 1.5;
        }
    for (size_t k = 0; k < count; k++) {
        int country = country_index(all[k].entry.country);
        float share = country >= 0 && w->all > 0 ? w->named[country] / (w->all + 1) : 0;
        if (all[k].entry.class != CLASS_COUNTRY && share > 0) {
            all[k].score += .8 + 1.6 * (double)share;
            all[k].in_context = true;
        }
    }
    for (uint32_t i = w->first_mention[entity]; i != GAZETTEER_NONE;
         i = w->next_mention[i])
        for (size_t k = 0; k < count; k++)
            if (!all[k].contained)
                weigh_neighbours(w, i, &all[k]);
}

/* --- choosing --- */

static int by_score(const void *a, const void *b) {
    const struct scored *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static struct view why_of(const struct work *w, const struct scored *best, size_t count) {
    char text[96];
    int len =
        snprintf(text, sizeof text, "%s%.*s%s%s", count == 1 ? "only candidate, " : "",
                 (int)best->entry.feature.len, best->entry.feature.at,
                 best->contained    ? ", contained"
                 : best->in_context ? ", country named"
                                    : "",
                 count > 1 && !best->contained ? ", weight" : "");
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    return view_n(arena_copy(w->doc->arena, text, kept), kept);
}

static void add_place(struct work *w, uint32_t entity, struct scored *all, size_t count) {
    qsort(all, count, sizeof *all, by_score);
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += exp(1.5 * (all[k].score - all[0].score));
    struct event *event = &w->doc->event;
    const struct gazetteer_entry *e = &all[0].entry;
    struct event_place *place = &w->doc->places[event->place_count];
    w->place_of[entity] = (uint32_t)event->place_count++;
    *place = (struct event_place){.entity = entity,
                                  .geonameid = e->geonameid,
                                  .name = e->name,
                                  .country = e->country,
                                  .feature = e->feature,
                                  .lat = e->lat,
                                  .lon = e->lon,
                                  .role = PLACE_LITERAL,
                                  .score = 1 / sum,
                                  .why = why_of(w, &all[0], count)};
    place->admin1 = VIEW_LIT("");
    if (e->class == CLASS_ADMIN1)
        place->admin1 = e->name;
    else if (e->division != GAZETTEER_NONE)
        place->admin1 = gazetteer_entry(w->gazetteer, e->division).name;
    place->runner_up.country = VIEW_LIT("");
    size_t next = 1;
    while (next < count && all[next].shadow)
        next++;
    if (next < count) {
        place->runner_up.geonameid = all[next].entry.geonameid;
        place->runner_up.country = all[next].entry.country;
        place->runner_up.score = exp(1.5 * (all[next].score - all[0].score)) / sum;
    }
}

static void place_entity(struct work *w, uint32_t entity) {
    struct scored all[CANDIDATES_MAX];
    uint32_t mention = w->first_mention[entity];
    while (mention != GAZETTEER_NONE && w->doc->mentions[mention].name == GAZETTEER_NONE)
        mention = w->next_mention[mention];
    if (mention == GAZETTEER_NONE)
        return;
    size_t count = collect(w, w->doc->mentions[mention].name, all);
    if (count == 0)
        return;
    weigh(w, entity, all, count);
    add_place(w, entity, all, count);
}

/* --- the story as a whole --- */

static void index_mentions(struct work *w) {
    struct doc *doc = w->doc;
    for (size_t e = 0; e < doc->event.entity_count; e++) {
        w->first_mention[e] = GAZETTEER_NONE;
        w->place_of[e] = GAZETTEER_NONE;
    }
    for (uint32_t i = (uint32_t)doc->mention_count; i-- > 0;) {
        uint32_t *first = &w->first_mention[doc->mentions[i].entity];
        w->next_mention[i] = *first;
        *first = i;
    }
}

/* The country named most, by its places and its people; none if two are named alike. */
static void find_focus(struct work *w) {
    struct doc *doc = w->doc;
    float count[COUNTRIES] = {0};
    int best = -1;
    bool tie = false;
    for (size_t i = 0; i < doc->mention_count; i++) {
        const struct mention *m = &doc->mentions[i];
        uint32_t place = w->place_of[m->entity];
        int country = -1;
        if (place != GAZETTEER_NONE)
            country = country_index(doc->places[place].country);
        else if (m->type == ENTITY_GROUP && m->name != GAZETTEER_NONE)
            country = country_index(
                gazetteer_entry(
                    w->gazetteer,
                    candidates_at(gazetteer_candidates(w->gazetteer, m->name), 0))
                    .country);
        if (country >= 0)
            count[country] += 1;
    }
    for (int i = 0; i < COUNTRIES; i++) {
        if (count[i] > 0 && best >= 0 && count[i] == count[best])
            tie = true;
        if (count[i] > 0 && (best < 0 || count[i] > count[best])) {
            best = i;
            tie = false;
        }
    }
    doc->event.focus.country = VIEW_LIT("");
    if (best < 0 || tie || w->places->countries[best] == GAZETTEER_NONE)
        return;
    struct gazetteer_entry e = gazetteer_entry(w->gazetteer, w->places->countries[best]);
    doc->event.focus.country = e.country;
    doc->event.focus.geonameid = e.geonameid;
}

/* Where the dateline's place, or the first of several, ends; the regions behind it are
 * other places. */
static uint32_t end_of_place(const struct doc *doc) {
    struct view place = doc->event.dateline.place;
    const char *slash = place.len ? memchr(place.at, '/', place.len) : NULL;
    return (uint32_t)((slash ? slash : place.at + place.len) - doc->text.at);
}

static void note_order(struct doc *doc, struct view country) {
    if (doc->date_order == ORDER_UNKNOWN || doc->date_order == ORDER_MONTH_FIRST_THERE)
        doc->date_order = (uint8_t)dateline_country_order(country);
}

/* A place that nobody took for a name ("Reading, Jan 14"): the weightiest town of it. */
static void ask_dateline(struct work *w) {
    struct event_dateline *line = &w->doc->event.dateline;
    struct view name = {line->place.at, 0};
    struct buf key = {0};
    name.len = end_of_place(w->doc) - (size_t)(name.at - w->doc->text.at);
    uint32_t found =
        w->gazetteer ? gazetteer_find(w->gazetteer, name, &key) : GAZETTEER_NONE;
    buf_release(&key);
    if (found == GAZETTEER_NONE)
        return;
    struct candidates meant = gazetteer_candidates(w->gazetteer, found);
    for (size_t i = 0; i < meant.count && !line->geonameid; i++) {
        struct gazetteer_entry e = gazetteer_entry(w->gazetteer, candidates_at(meant, i));
        if (e.class != CLASS_CITY)
            continue;
        line->geonameid = e.geonameid;
        note_order(w->doc, e.country);
    }
}

static void find_dateline(struct work *w) {
    struct event_dateline *line = &w->doc->event.dateline;
    if (!line->at.end || !line->place.len)
        return;
    for (size_t i = 0; i < w->doc->mention_count; i++) {
        const struct mention *m = &w->doc->mentions[i];
        uint32_t place = w->place_of[m->entity];
        if (m->at.start < line->at.start || m->at.start >= end_of_place(w->doc) ||
            place == GAZETTEER_NONE)
            continue;
        line->geonameid = w->doc->places[place].geonameid;
        note_order(w->doc, w->doc->places[place].country);
        return;
    }
    ask_dateline(w);
}

static void places_run(void *state, struct doc *doc) {
    const struct places *p = state;
    size_t entities = doc->event.entity_count;
    struct work w = {.places = p, .gazetteer = p->gazetteer, .doc = doc};
    w.named = arena_zalloc(doc->arena, COUNTRIES * sizeof *w.named);
    w.first_mention = arena_alloc(doc->arena, (entities + 1) * sizeof *w.first_mention);
    w.next_mention =
        arena_alloc(doc->arena, (doc->mention_count + 1) * sizeof *w.next_mention);
    w.place_of = arena_alloc(doc->arena, (entities + 1) * sizeof *w.place_of);
    doc->places = arena_alloc(doc->arena, (entities + 1) * sizeof *doc->places);
    doc->event.place_count = 0;
    index_mentions(&w);
    for (size_t i = 0; i < doc->mention_count; i++)
        context_of(&w, &doc->mentions[i]);
    for (uint32_t e = 0; e < entities; e++)
        if (doc->entities[e].type == ENTITY_LOCATION)
            place_entity(&w, e);
    doc->event.places = doc->places;
    find_focus(&w);
    find_dateline(&w);
}

const struct stage stage_places = {
    .name = "places", .open = places_open, .run = places_run, .close = places_close};
