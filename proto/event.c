#include "proto/event.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "proto/json.h"
#include "proto/utf8.h"

const char *entity_type_name(enum entity_type type) {
    static const char *const names[] = {"person", "organization", "location", "facility",
                                        "group",  "event",        "product"};
    return type < ENTITY_TYPES ? names[type] : "?";
}

const char *furniture_kind_name(enum furniture_kind kind) {
    static const char *const names[] = {"navigation", "caption", "byline", "credit",
                                        "related",    "teaser",  "repeat", "signoff"};
    return kind < FURNITURE_KINDS ? names[kind] : "?";
}

static const char *const role_names[] = {"literal", "government", "modifier",
                                         "part-of-name"};
static const char *const date_type_names[] = {"DATE", "TIME", "DURATION", "SET"};

struct writing {
    struct json json;
    const struct event *event;
    struct utf8_index index;
};

#define KEY JSON_KEY

static void key_view(struct json *j, struct view key, struct view value) {
    if (value.len)
        json_member_view(j, key, value);
    else
        json_member_nothing(j, key);
}

static void key_word(struct json *j, struct view key, const char *word) {
    json_member_plain(j, key, view_of(word));
}

static void key_id(struct json *j, struct view key, uint32_t id) {
    if (id)
        json_member_uint(j, key, id);
    else
        json_member_nothing(j, key);
}

static void put_span(struct writing *w, struct span at) {
    assert(at.start <= at.end && at.end <= w->event->text.len);
    json_member_uint(&w->json, KEY("start"), utf8_index_at(&w->index, at.start));
    json_member_uint(&w->json, KEY("end"), utf8_index_at(&w->index, at.end));
}

static void put_span_text(struct writing *w, struct span at) {
    put_span(w, at);
    json_member_view(&w->json, KEY("text"),
                     view_n(w->event->text.at + at.start, at.end - at.start));
}

static void put_entity_id(struct writing *w, struct view key, size_t entity) {
    char id[24], *end = id + sizeof id, *p = end;

    assert(entity == EVENT_NOBODY || entity < w->event->entity_count);
    if (entity == EVENT_NOBODY) {
        json_member_nothing(&w->json, key);
        return;
    }
    for (size_t n = entity + 1; n; n /= 10)
        *--p = (char)('0' + n % 10);
    *--p = 'e';
    json_member_plain(&w->json, key, view_n(p, (size_t)(end - p)));
}

bool event_cancels(const struct event *event) {
    return report_cancels(event->report) || view_is(event->action, "kill");
}

static void put_moment(struct json *j, const char *key, int64_t ms) {
    char text[80];
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    json_key(j, key);
    if (ms <= 0 || !gmtime_r(&seconds, &tm) || tm.tm_year + 1900 > 9999) {
        json_nothing(j);
        return;
    }
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
             (int)(ms % 1000));
    json_text(j, text);
}

static struct view status_of(const struct event *event) {
    const struct report *report = event->report;

    if (event_cancels(event))
        return VIEW_LIT("canceled");
    if (!report->status.len && view_is(event->action, "hold"))
        return VIEW_LIT("withheld");
    return report->status.len ? report->status : VIEW_LIT("usable");
}

static void put_relations(struct writing *w) {
    const struct event *e = w->event;
    struct json *j = &w->json;

    json_member_array(j, KEY("relates"));
    for (size_t i = 0; i < e->relation_count; i++) {
        json_begin_object(j);
        key_view(j, KEY("rel"), e->relations[i].rel);
        key_view(j, KEY("ref"), e->relations[i].ref);
        key_view(j, KEY("guid"), e->relations[i].guid);
        json_end(j);
    }
    json_end(j);
    if (!e->take.n && !e->take.more) {
        json_member_nothing(j, KEY("take"));
        return;
    }
    json_member_object(j, KEY("take"));
    json_key(j, "n");
    json_uint(j, e->take.n ? e->take.n : 1);
    json_key(j, "of");
    if (e->take.of)
        json_uint(j, e->take.of);
    else
        json_nothing(j);
    json_key(j, "more");
    json_bool(j, e->take.more);
    json_end(j);
}

static void put_identity(struct writing *w) {
    const struct event *e = w->event;
    const struct report *r = e->report;
    struct json *j = &w->json;

    key_word(j, KEY("schema"), EVENT_SCHEMA);
    key_view(j, KEY("id"), e->id);
    key_view(j, KEY("guid"), e->guid);
    key_view(j, KEY("guid_from"), e->guid_from);
    json_member_object(j, KEY("part"));
    json_member_uint(j, KEY("n"), e->part.n);
    json_member_uint(j, KEY("of"), e->part.of);
    json_member_uint(j, KEY("start"), e->part.start);
    json_member_uint(j, KEY("end"), e->part.end);
    json_end(j);
    json_member_uint(j, KEY("version"), r->version ? r->version : 1);
    key_view(j, KEY("action"), e->action.len ? e->action : VIEW_LIT("new"));
    key_view(j, KEY("status"), status_of(e));
    put_relations(w);
    put_moment(j, "received", r->received_ms);
    key_view(j, KEY("published"), e->published);
    key_view(j, KEY("published_from"), e->published_from);
    json_member_object(j, KEY("times"));
    key_view(j, KEY("first_created"), r->first_created);
    key_view(j, KEY("version_created"), r->version_created);
    key_view(j, KEY("sent"), r->sent);
    json_end(j);
    put_moment(j, "embargo_until", r->embargo_ms);
    put_moment(j, "expires", r->expires_ms);
}

static void put_source(struct writing *w) {
    const struct report *r = w->event->report;
    struct json *j = &w->json;

    json_member_object(j, KEY("source"));
    key_view(j, KEY("feed"), r->feed);
    key_view(j, KEY("agency"), w->event->agency.len ? w->event->agency : r->source);
    key_view(j, KEY("format"), r->format);
    key_view(j, KEY("peer"), r->peer);
    key_view(j, KEY("charset"), r->charset);
    key_view(j, KEY("service"), r->service);
    key_view(j, KEY("number"), r->number);
    key_view(j, KEY("reference"), r->reference);
    key_view(j, KEY("url"), r->url);
    json_end(j);
    json_key(j, "urgency");
    json_int(j, r->urgency ? r->urgency : 5);
    key_view(j, KEY("priority"), r->priority);
    key_view(j, KEY("lang"), r->lang);
    key_view(j, KEY("slug"), r->slug);
    json_member_array(j, KEY("keywords"));
    for (size_t i = 0; i < r->keyword_count; i++)
        json_view(j, r->keywords[i]);
    json_end(j);
    json_member_array(j, KEY("category"));
    for (size_t i = 0; i < r->category_count; i++)
        json_view(j, r->categories[i]);
    json_end(j);
}

static void put_dateline(struct writing *w) {
    const struct event_dateline *d = &w->event->dateline;
    struct json *j = &w->json;

    json_key(j, "dateline");
    if (!d->at.end) {
        json_nothing(j);
        return;
    }
    json_begin_object(j);
    put_span(w, d->at);
    key_view(j, KEY("place"), d->place);
    key_id(j, KEY("geonameid"), d->geonameid);
    key_view(j, KEY("date"), d->date);
    key_view(j, KEY("agency"), d->agency);
    json_end(j);
}

static void put_furniture(struct writing *w) {
    json_member_array(&w->json, KEY("furniture"));
    for (size_t i = 0; i < w->event->furniture_count; i++) {
        json_begin_object(&w->json);
        put_span(w, w->event->furniture[i].at);
        key_word(&w->json, KEY("kind"), furniture_kind_name(w->event->furniture[i].kind));
        json_end(&w->json);
    }
    json_end(&w->json);
}

static void put_entity(struct writing *w, size_t i) {
    const struct event_entity *e = &w->event->entities[i];
    struct json *j = &w->json;

    json_begin_object(j);
    put_entity_id(w, KEY("id"), i);
    key_word(j, KEY("type"), entity_type_name(e->type));
    key_view(j, KEY("name"), e->name);
    key_view(j, KEY("role"), e->role);
    json_member_array(j, KEY("mentions"));
    for (size_t m = 0; m < e->mention_count; m++) {
        json_begin_object(j);
        put_span_text(w, e->mentions[m]);
        json_end(j);
    }
    json_end(j);
    json_member_decimal(j, KEY("score"), e->score, 3);
    json_member_decimal(j, KEY("salience"), e->salience, 3);
    key_view(j, KEY("why"), e->why);
    json_end(j);
}

static void put_place(struct writing *w, const struct event_place *p) {
    struct json *j = &w->json;

    json_begin_object(j);
    put_entity_id(w, KEY("entity"), p->entity);
    key_id(j, KEY("geonameid"), p->geonameid);
    key_view(j, KEY("name"), p->name);
    json_member_decimal(j, KEY("lat"), p->lat, 5);
    json_member_decimal(j, KEY("lon"), p->lon, 5);
    key_view(j, KEY("country"), p->country);
    key_view(j, KEY("admin1"), p->admin1);
    key_view(j, KEY("feature"), p->feature);
    key_word(j, KEY("role"), role_names[p->role]);
    json_member_decimal(j, KEY("score"), p->score, 3);
    key_view(j, KEY("why"), p->why);
    json_key(j, "runner_up");
    if (p->runner_up.geonameid) {
        json_begin_object(j);
        key_id(j, KEY("geonameid"), p->runner_up.geonameid);
        key_view(j, KEY("country"), p->runner_up.country);
        json_member_decimal(j, KEY("score"), p->runner_up.score, 3);
        json_end(j);
    } else {
        json_nothing(j);
    }
    json_end(j);
}

static void put_places(struct writing *w) {
    const struct event *e = w->event;
    struct json *j = &w->json;

    json_member_array(j, KEY("entities"));
    for (size_t i = 0; i < e->entity_count; i++)
        put_entity(w, i);
    json_end(j);
    json_member_array(j, KEY("places"));
    for (size_t i = 0; i < e->place_count; i++)
        put_place(w, &e->places[i]);
    json_end(j);
    json_key(j, "focus");
    if (e->focus.country.len || e->focus.geonameid) {
        json_begin_object(j);
        key_view(j, KEY("country"), e->focus.country);
        key_id(j, KEY("geonameid"), e->focus.geonameid);
        json_end(j);
    } else {
        json_nothing(j);
    }
}

static void put_date(struct writing *w, const struct event_date *d) {
    struct json *j = &w->json;

    json_begin_object(j);
    put_span_text(w, d->at);
    key_word(j, KEY("type"), date_type_names[d->type]);
    key_view(j, KEY("value"), d->value);
    key_view(j, KEY("mod"), d->mod);
    key_view(j, KEY("from"), d->from);
    key_view(j, KEY("to"), d->to);
    key_view(j, KEY("anchor"), d->anchor);
    key_view(j, KEY("why"), d->why);
    json_end(j);
}

static void put_times(struct writing *w) {
    const struct event *e = w->event;
    struct json *j = &w->json;

    json_member_array(j, KEY("dates"));
    for (size_t i = 0; i < e->date_count; i++)
        put_date(w, &e->dates[i]);
    json_end(j);
    json_member_array(j, KEY("quotes"));
    for (size_t i = 0; i < e->quote_count; i++) {
        json_begin_object(j);
        put_span(w, e->quotes[i].at);
        put_entity_id(w, KEY("speaker"), e->quotes[i].speaker);
        json_end(j);
    }
    json_end(j);
}

static void put_end(struct writing *w) {
    const struct event *e = w->event;
    struct json *j = &w->json;

    json_member_object(j, KEY("tagger"));
    key_view(j, KEY("version"), e->tagger_version);
    key_view(j, KEY("model"), e->model);
    key_view(j, KEY("gazetteer"), e->gazetteer);
    json_end(j);
    json_member_array(j, KEY("warnings"));
    if (e->report->warning.len)
        json_view(j, e->report->warning);
    for (size_t i = 0; i < e->warning_count; i++)
        json_view(j, e->warnings[i]);
    json_end(j);
    if (e->report->extra.len) {
        json_key(j, "extra");
        json_raw(j, e->report->extra);
    }
}

void event_write(const struct event *event, struct buf *out, struct arena *arena) {
    struct writing w = {json_to(out), event, utf8_index(event->text, arena)};

    json_begin_object(&w.json);
    put_identity(&w);
    put_source(&w);
    key_view(&w.json, KEY("headline"), event->headline);
    key_view(&w.json, KEY("subhead"), event->report->subhead);
    key_view(&w.json, KEY("byline"), event->byline);
    key_view(&w.json, KEY("ednote"), event->ednote);
    put_dateline(&w);
    json_member_view(&w.json, KEY("text"), event->text);
    put_furniture(&w);
    put_places(&w);
    put_times(&w);
    put_end(&w);
    json_end(&w.json);
}
