/* ninjs 3.1 (IPTC), a news item in JSON, for newsroom systems.
 *
 * Its schema is closed: there is no place for offsets, nor for a dateline, which stays in
 * the body; `located` has its place. Times without zone are no date-time there and are
 * left out. A thing named in the text is in the list of its kind ("about" what the story
 * is about, "mentions"); what it is about is a subject, too, which alone can say how
 * sure we are (confidence, relevance, 0-100) and that it was us who found it (creator).
 * Subjects also have the sender's categories ("classifies") and keywords ("keyword"). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "sink/as.h"

#define ABOUT 0.2 /* least salience of what a story is about */

static const char *rel_of(const struct tagged_entity *entity) {
    return entity->salience >= ABOUT ? "about" : "mentions";
}

/* ---- what the item is ---- */

static void put_uri(const struct tagged *event, struct json *json) {
    struct buf uri = {0};

    as_put_uri(&uri, "wiretag:", event->guid);
    if (event->parts > 1)
        buf_printf(&uri, "%sstory-%" PRId64, memchr(uri.at, '#', uri.len) ? "." : "#",
                   event->part);
    as_member(json, "uri", buf_view(&uri));
    buf_release(&uri);
}

static void put_standard(struct json *json) {
    json_member_object(json, JSON_KEY("standard"));
    as_member(json, "name", VIEW_LIT("ninjs"));
    as_member(json, "version", VIEW_LIT("3.1"));
    as_member(json, "schema",
              VIEW_LIT("http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"));
    json_end(json);
}

static bool is_one_of_theirs(struct view status) {
    return view_is(status, "usable") || view_is(status, "withheld") ||
           view_is(status, "canceled");
}

static void put_times(const struct tagged *event, struct json *json) {
    size_t before;

    as_moment(json, "firstCreated", event->first_created);
    before = json->out->len;
    as_moment(json, "versionCreated", event->version_created);
    if (json->out->len == before)
        as_moment(json, "versionCreated", event->sent);
    if (json->out->len == before)
        as_moment(json, "versionCreated", event->received);
    as_moment(json, "contentCreated", event->published);
    as_moment(json, "embargoedUntil", event->embargo_until);
    as_moment(json, "expires", event->expires);
}

static void put_state(const struct tagged *event, struct json *json) {
    char version[24];

    as_member(json, "type", VIEW_LIT("text"));
    as_member(json, "representationType",
              event->text.len ? VIEW_LIT("full") : VIEW_LIT("partial"));
    if (event->version) {
        snprintf(version, sizeof version, "%" PRId64, event->version);
        as_member(json, "version", view_of(version));
    }
    put_times(event, json);
    if (is_one_of_theirs(event->status))
        as_member(json, "pubStatus", event->status);
    if (event->urgency) {
        json_key(json, "urgency");
        json_int(json, event->urgency);
    }
    as_member(json, "language", event->lang);
    as_member(json, "edNote", event->ednote);
}

/* ---- what it says ---- */

static void put_value(struct json *json, const char *role, struct view value) {
    json_begin_object(json);
    as_member(json, "role", view_of(role));
    as_member(json, "contentType", VIEW_LIT("text/plain"));
    as_member(json, "value", value);
    json_end(json);
}

static void put_headlines(const struct tagged *event, struct json *json) {
    if (!event->headline.len && !event->subhead.len)
        return;
    json_member_array(json, JSON_KEY("headlines"));
    if (event->headline.len)
        put_value(json, "main", event->headline);
    if (event->subhead.len)
        put_value(json, "subtitle", event->subhead);
    json_end(json);
}

static void count_text(struct view text, int64_t *characters, int64_t *words) {
    bool in_word = false;

    *characters = *words = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool is_blank = c <= 0x20;
        *characters += (c & 0xC0) != 0x80;
        *words += !is_blank && !in_word;
        in_word = !is_blank;
    }
}

static void put_body(const struct tagged *event, struct json *json) {
    int64_t characters, words;

    if (!event->text.len)
        return;
    count_text(event->text, &characters, &words);
    json_member_array(json, JSON_KEY("bodies"));
    json_begin_object(json);
    as_member(json, "role", VIEW_LIT("main"));
    as_member(json, "contentType", VIEW_LIT("text/plain"));
    json_key(json, "charCount");
    json_int(json, characters);
    json_key(json, "wordCount");
    json_int(json, words);
    as_member(json, "value", event->text);
    json_end(json);
    json_end(json);
}

static void put_words(const struct tagged *event, struct json *json) {
    put_headlines(event, json);
    put_body(event, json);
    as_member(json, "by", event->byline);
    as_member(json, "slugline", event->slug);
    as_member(json, "located", event->dateline_place);
}

/* ---- what it is about ---- */

/* Where each kind of thing goes. A people or a party is an organisation as ninjs counts;
 * a building is a place where it is on the map. */
static const struct {
    const char *list, *type;
    bool located; /* only what is on the map; and below, only what is not */
} lists[] = {{"people", "person", false},       {"organisations", "organization", false},
             {"organisations", "group", false}, {"places", "location", false},
             {"places", "facility", true},      {"events", "event", false},
             {"objects", "product", false},     {"objects", "facility", false}};

static bool belongs(const struct tagged_entity *entity, size_t i) {
    bool by_map = view_is(entity->type, "facility");

    return view_is(entity->type, lists[i].type) &&
           (!by_map || lists[i].located == (entity->place != NULL));
}

static void put_geonames(int64_t geonameid, struct json *json) {
    char uri[64];

    if (!geonameid)
        return;
    snprintf(uri, sizeof uri, "https://sws.geonames.org/%" PRId64 "/", geonameid);
    as_member(json, "uri", view_of(uri));
}

static void put_point(const struct tagged_place *place, struct json *json) {
    json_member_object(json, JSON_KEY("geoJSON"));
    as_member(json, "type", VIEW_LIT("Point"));
    json_member_array(json, JSON_KEY("coordinates"));
    json_decimal(json, place->lon, 5);
    json_decimal(json, place->lat, 5);
    json_end(json);
    json_end(json);
}

static void put_entity(const struct tagged_entity *entity, bool is_place,
                       struct json *json) {
    json_begin_object(json);
    as_member(json, "name", entity->name);
    as_member(json, "rel", view_of(rel_of(entity)));
    if (is_place && entity->place) {
        put_geonames(entity->place->geonameid, json);
        put_point(entity->place, json);
    }
    json_end(json);
}

static void put_list(const struct tagged *event, const char *list, struct json *json) {
    bool begun = false;

    for (size_t i = 0; i < event->entity_count; i++) {
        const struct tagged_entity *entity = &event->entities[i];
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
            if (strcmp(lists[k].list, list) != 0 || !belongs(entity, k))
                continue;
            if (!begun) {
                json_key(json, list);
                json_begin_array(json);
            }
            begun = true;
            put_entity(entity, strcmp(list, "places") == 0, json);
        }
    }
    if (begun)
        json_end(json);
}

static int64_t percent(double share) { return (int64_t)lround(share * 100); }

static void put_found(const struct tagged *event, const struct tagged_entity *entity,
                      struct json *json) {
    struct buf creator = {0};

    buf_put_text(&creator, "wiretag");
    if (event->tagger_version.len) {
        buf_put_u8(&creator, ' ');
        buf_put_view(&creator, event->tagger_version);
    }
    json_begin_object(json);
    as_member(json, "name", entity->name);
    as_member(json, "rel", VIEW_LIT("about"));
    if (entity->place)
        put_geonames(entity->place->geonameid, json);
    as_member(json, "creator", buf_view(&creator));
    json_key(json, "relevance");
    json_int(json, percent(entity->salience));
    json_key(json, "confidence");
    json_int(json, percent(entity->score));
    json_end(json);
    buf_release(&creator);
}

/* "medtop:20000002" is a code of a scheme, and that one has a URI. */
static void put_category(struct view category, struct json *json) {
    struct buf uri = {0};

    json_begin_object(json);
    as_member(json, "rel", VIEW_LIT("classifies"));
    if (view_starts(category, "medtop:") && category.len > 7) {
        buf_put_text(&uri, "http://cv.iptc.org/newscodes/mediatopic/");
        as_put_encoded(&uri, view_n(category.at + 7, category.len - 7));
        as_member(json, "uri", buf_view(&uri));
    }
    as_member(json, "literal", category);
    json_end(json);
    buf_release(&uri);
}

static void put_keyword(struct view keyword, struct json *json) {
    json_begin_object(json);
    as_member(json, "name", keyword);
    as_member(json, "rel", VIEW_LIT("keyword"));
    json_end(json);
}

static void put_subjects(const struct tagged *event, struct json *json) {
    json_member_array(json, JSON_KEY("subjects"));
    for (size_t i = 0; i < event->category_count; i++)
        put_category(event->categories[i], json);
    for (size_t i = 0; i < event->keyword_count; i++)
        put_keyword(event->keywords[i], json);
    for (size_t i = 0; i < event->entity_count; i++)
        if (event->entities[i].salience >= ABOUT)
            put_found(event, &event->entities[i], json);
    json_end(json);
}

/* ---- where it is from ---- */

static void put_alternative(struct json *json, const char *role, struct view value) {
    if (!value.len)
        return;
    json_begin_object(json);
    as_member(json, "role", view_of(role));
    as_member(json, "value", value);
    json_end(json);
}

static void put_origin(const struct tagged *event, struct json *json) {
    struct view from = event->agency.len ? event->agency : event->feed;

    if (from.len) {
        json_member_array(json, JSON_KEY("infoSources"));
        json_begin_object(json);
        as_member(json, "name", from);
        as_member(json, "role", VIEW_LIT("source"));
        json_end(json);
        json_end(json);
    }
    json_member_array(json, JSON_KEY("altIds"));
    put_alternative(json, "event", event->id);
    put_alternative(json, "guid", event->guid);
    put_alternative(json, "reference", event->reference);
    put_alternative(json, "service", event->service);
    put_alternative(json, "number", event->number);
    put_alternative(json, "url", event->url);
    json_end(json);
}

static void put_relations(const struct tagged *event, struct json *json) {
    bool begun = false;

    for (size_t i = 0; i < event->relation_count; i++) {
        const struct tagged_relation *relation = &event->relations[i];
        struct buf uri = {0};
        if (!relation->guid.len)
            continue;
        if (!begun)
            json_member_array(json, JSON_KEY("associations"));
        begun = true;
        as_put_uri(&uri, "wiretag:", relation->guid);
        json_begin_object(json);
        as_member(json, "name", relation->ref.len ? relation->ref : relation->rel);
        as_member(json, "rel", relation->rel);
        as_member(json, "uri", buf_view(&uri));
        json_end(json);
        buf_release(&uri);
    }
    if (begun)
        json_end(json);
}

static void write_ninjs(const struct tagged *event, struct buf *out) {
    static const char *const in_order[] = {"people", "organisations", "places", "events",
                                           "objects"};
    struct json json = json_to(out);

    json_begin_object(&json);
    put_standard(&json);
    put_uri(event, &json);
    put_state(event, &json);
    put_words(event, &json);
    for (size_t i = 0; i < sizeof in_order / sizeof *in_order; i++)
        put_list(event, in_order[i], &json);
    put_subjects(event, &json);
    put_origin(event, &json);
    put_relations(event, &json);
    json_end(&json);
    buf_put_u8(out, '\n');
}

const struct as as_ninjs = {.name = "ninjs", .suffix = ".json", .write = write_ninjs};
