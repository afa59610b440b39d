/* GeoJSON (RFC 7946) for maps: one Feature on each line, one for each place of an event.
 * That is what GDAL and QGIS (GeoJSONSeq, .geojsonl), tippecanoe and PostGIS read from a
 * stream; `jq -s '{type:"FeatureCollection",features:.}'` makes the one document of it
 * that a web map loads. Properties are flat, since tables of attributes are.
 *
 * An event that is nowhere on the map is a Feature without geometry, which RFC 7946
 * knows as unlocated: so a kill comes through here, too, and says by guid which Features
 * are to go. */
#include <stdio.h>

#include "proto/utf8.h"
#include "sink/as.h"

#define SNIPPET 80 /* code points to both sides of what stands in the text */

static void put_number(struct json *json, const char *key, int64_t n) {
    json_key(json, key);
    if (n)
        json_int(json, n);
    else
        json_nothing(json);
}

static void put_share(struct json *json, const char *key, double n) {
    json_key(json, key);
    json_decimal(json, n, 3);
}

/* Texts that are not there are null: Features on the map have the same columns. */
static void put_text(struct json *json, const char *key, struct view text) {
    json_key(json, key);
    json_view_or_null(json, text);
}

static void put_event(const struct tagged *event, struct json *json) {
    put_text(json, "event", event->id);
    put_text(json, "guid", event->guid);
    put_number(json, "version", event->version);
    put_text(json, "action", event->action);
    put_text(json, "status", event->status);
    put_text(json, "published", event->published);
    put_text(json, "received", event->received);
    put_text(json, "headline", event->headline);
    put_text(json, "agency", event->agency.len ? event->agency : event->feed);
    put_text(json, "slug", event->slug);
    put_number(json, "urgency", event->urgency);
    put_text(json, "lang", event->lang);
    put_text(json, "url", event->url);
}

/* From a blank to a blank, so that no word is cut. */
static struct view around(struct view text, struct view at) {
    const char *begin = at.at, *end = at.at + at.len;

    for (size_t n = 0; begin > text.at && n < SNIPPET && begin[-1] != '\n'; n++)
        begin--;
    while (begin > text.at && begin < at.at && begin[-1] != ' ' && begin[-1] != '\n')
        begin++;
    for (size_t n = 0; end < text.at + text.len && n < SNIPPET && *end != '\n'; n++)
        end++;
    while (end < text.at + text.len && end > at.at + at.len && *end != ' ' &&
           *end != '\n')
        end--;
    return view_n(begin, (size_t)(end - begin));
}

static void put_snippet(const struct tagged *event, const struct tagged_entity *entity,
                        struct json *json) {
    struct buf line = {0};

    if (entity->mention_count)
        as_put_line(&line, around(event->text, entity->mentions[0].text), "", 0);
    put_text(json, "snippet", buf_view(&line));
    buf_release(&line);
}

static void put_place(const struct tagged *event, const struct tagged_entity *entity,
                      struct json *json) {
    const struct tagged_place *place = entity->place;

    put_text(json, "entity", entity->id);
    put_text(json, "type", entity->type);
    put_text(json, "name", entity->name);
    put_text(json, "place", place->name);
    put_number(json, "geonameid", place->geonameid);
    put_text(json, "country", place->country);
    put_text(json, "admin1", place->admin1);
    put_text(json, "feature", place->feature);
    put_text(json, "role", place->role);
    put_share(json, "score", place->score);
    put_share(json, "salience", entity->salience);
    put_number(json, "mentions", (int64_t)entity->mention_count);
    json_key(json, "focus");
    json_bool(json, place->geonameid && place->geonameid == event->focus_geonameid);
    put_snippet(event, entity, json);
}

/* entity NULL: the event is nowhere. */
static void put_feature(const struct tagged *event, const struct tagged_entity *entity,
                        struct buf *out) {
    struct json json = json_to(out);
    struct buf id = {0};

    buf_put_view(&id, event->id);
    buf_put_u8(&id, '/');
    if (entity)
        buf_put_view(&id, entity->id);
    json_begin_object(&json);
    json_member_plain(&json, JSON_KEY("type"), VIEW_LIT("Feature"));
    put_text(&json, "id", entity ? buf_view(&id) : event->id);
    buf_release(&id);
    json_key(&json, "geometry");
    if (entity) {
        json_begin_object(&json);
        json_member_plain(&json, JSON_KEY("type"), VIEW_LIT("Point"));
        json_member_array(&json, JSON_KEY("coordinates"));
        json_decimal(&json, entity->place->lon, 5);
        json_decimal(&json, entity->place->lat, 5);
        json_end(&json);
        json_end(&json);
    } else {
        json_nothing(&json);
    }
    json_member_object(&json, JSON_KEY("properties"));
    put_event(event, &json);
    if (entity)
        put_place(event, entity, &json);
    json_end(&json);
    json_end(&json);
    buf_put_u8(out, '\n');
}

static void write_geojson(const struct tagged *event, struct buf *out) {
    for (size_t i = 0; i < event->entity_count; i++)
        if (event->entities[i].place)
            put_feature(event, &event->entities[i], out);
    if (!event->place_count)
        put_feature(event, NULL, out);
}

const struct as as_geojson = {
    .name = "geojson", .suffix = ".geojsonl", .write = write_geojson};
