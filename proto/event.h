/* event.h: one story with its tags: what a subscriber gets. EVENT.md is the reference,
 * this the same thing in C.
 *
 * The tagger fills a struct event, event_write turns it into JSON once, and everyone
 * downstream passes those bytes on unchanged. Spans are byte offsets into `text` here and
 * code points in the JSON. Every pointer is borrowed; an empty view is written as null or
 * left out, as EVENT.md says. */
#ifndef WIRETAG_PROTO_EVENT_H
#define WIRETAG_PROTO_EVENT_H

#include "proto/buf.h"
#include "proto/report.h"

#define EVENT_SCHEMA "wiretag/1"

struct span {
    uint32_t start, end; /* bytes into the story's text, end exclusive */
};

enum entity_type {
    ENTITY_PERSON,
    ENTITY_ORGANIZATION,
    ENTITY_LOCATION,
    ENTITY_FACILITY,
    ENTITY_GROUP,
    ENTITY_EVENT,
    ENTITY_PRODUCT,
    ENTITY_TYPES /* how many */
};

enum furniture_kind {
    FURNITURE_NAVIGATION,
    FURNITURE_CAPTION,
    FURNITURE_BYLINE,
    FURNITURE_CREDIT,
    FURNITURE_RELATED,
    FURNITURE_TEASER,
    FURNITURE_REPEAT,
    FURNITURE_SIGNOFF,
    FURNITURE_KINDS
};

enum place_role { PLACE_LITERAL, PLACE_GOVERNMENT, PLACE_MODIFIER, PLACE_PART_OF_NAME };
enum date_type { DATE_DATE, DATE_TIME, DATE_DURATION, DATE_SET };

/* The words the JSON uses. */
const char *entity_type_name(enum entity_type type);
const char *furniture_kind_name(enum furniture_kind kind);

struct event_entity {
    enum entity_type type;
    struct view name; /* the fullest form found */
    struct view role; /* title or office, as printed: "General" */
    const struct span *mentions;
    size_t mention_count; /* at least 1; in the order of the text */
    double score;         /* 0..1: how sure that it is a name of this type */
    double salience;      /* 0..1: how much the story is about it */
    struct view why;
};

struct event_place {
    size_t entity; /* index into entities */
    uint32_t geonameid;
    struct view name, country, admin1, feature; /* country: ISO 3166-1 alpha-2 */
    double lat, lon;                            /* degrees, WGS 84 */
    enum place_role role;
    double score;
    struct view why;
    struct {
        uint32_t geonameid; /* 0: there was none */
        struct view country;
        double score;
    } runner_up;
};

struct event_date {
    struct span at;
    enum date_type type;
    struct view value;    /* TIMEX3 */
    struct view mod;      /* TIMEX3 mod: START, MID, END, APPROX, ... */
    struct view from, to; /* first and last day, ISO */
    struct view anchor;   /* what it was resolved against */
    struct view why;      /* the rule */
};

struct event_quote {
    struct span at;
    size_t speaker; /* index into entities, or EVENT_NOBODY */
};
#define EVENT_NOBODY ((size_t)-1)

struct event_furniture {
    struct span at;
    enum furniture_kind kind;
};

struct event_dateline { /* at.end == 0: the story has none */
    struct span at;
    struct view place, date, agency;
    uint32_t geonameid; /* 0: unknown */
};

struct event {
    const struct report *report; /* who sent it, when, under which guid */
    struct view id;              /* unique: one for each story of each report */
    struct {
        unsigned n, of;
        size_t start, end; /* code points into the document */
    } part;
    struct view guid, guid_from;
    struct view action; /* the report's, or what its text says */
    const struct relation *relations;
    size_t relation_count;
    struct take take;
    struct view published,
        published_from; /* given, dateline, date-line, header, received */
    struct view agency;
    struct view headline, byline, ednote;
    struct event_dateline dateline;
    struct view text;
    const struct event_furniture *furniture;
    size_t furniture_count;
    const struct event_entity *entities;
    size_t entity_count;
    const struct event_place *places;
    size_t place_count;
    struct {
        struct view country;
        uint32_t geonameid;
    } focus;
    const struct event_date *dates;
    size_t date_count;
    const struct event_quote *quotes;
    size_t quote_count;
    struct view tagger_version, model, gazetteer;
    const struct view *warnings;
    size_t warning_count;
};

/* Does it take its story back: by its report's word, or by its text's (action kill)? */
bool event_cancels(const struct event *event);

/* Appends one line of JSON without its line end. The arena is used for working space and
 * may be cleared afterwards. */
void event_write(const struct event *event, struct buf *out, struct arena *arena);

#endif
