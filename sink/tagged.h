/* tagged.h: an event read back from its JSON (EVENT.md), for who writes it in another
 * format. What the enricher wrote is the enricher's word, and an event may be of a newer
 * version: what is not there, or not as EVENT.md has it, is empty, zero or left out. What
 * is here holds: each span lies within the text, coordinates are on the globe. */
#ifndef WIRETAG_SINK_TAGGED_H
#define WIRETAG_SINK_TAGGED_H

#include "proto/json_tree.h"

struct tagged_span {
    size_t start, end; /* code points into text; start < end */
    struct view text;  /* the bytes there */
};

struct tagged_place {
    int64_t geonameid; /* 0: unknown */
    struct view name, country, admin1, feature, role;
    double lat, lon, score;
};

struct tagged_entity {
    struct view id, type, name, role;
    struct tagged_span *mentions;
    size_t mention_count;
    double score, salience;           /* 0..1 */
    const struct tagged_place *place; /* NULL: not on the map */
};

struct tagged_date {
    struct tagged_span at;
    struct view type, value, from, to;
};

struct tagged_quote {
    struct tagged_span at;
    const struct tagged_entity *speaker; /* NULL: nobody known */
};

struct tagged_furniture {
    struct tagged_span at;
    struct view kind;
};

struct tagged_relation {
    struct view rel, ref, guid;
};

struct tagged {
    struct view json; /* all of it: valid JSON, valid UTF-8, one line */
    const struct json_node *root;
    uint64_t offset; /* in the journal; 0: not known */

    struct view id, guid, action, status, received, published;
    int64_t version, part, parts;
    struct view first_created, version_created, sent, embargo_until, expires;
    struct view feed, agency, service, number, reference, url;
    int64_t urgency; /* 1..9; 0: not given */
    struct view lang, slug, headline, subhead, byline, ednote, text;
    struct view *keywords, *categories;
    size_t keyword_count, category_count;
    struct tagged_relation *relations;
    size_t relation_count;

    bool has_dateline;
    struct tagged_span dateline;
    struct view dateline_place;
    struct tagged_furniture *furniture;
    size_t furniture_count;
    struct tagged_entity *entities;
    size_t entity_count;
    size_t place_count; /* entities that have one */
    struct view focus_country;
    int64_t focus_geonameid;
    struct tagged_date *dates;
    size_t date_count;
    struct tagged_quote *quotes;
    size_t quote_count;
    struct view tagger_version;
};

/* Views lie in `json` and the arena, which must both stay. ERR_FORMAT with a diag: not
 * JSON, or without the keys by which an event is one (id, guid, text). */
int tagged_read(struct view json, uint64_t offset, struct tagged *out,
                struct arena *arena, struct diag *diag);

/* The day or time, as YYYYMMDDHHMMSS, in UTC; false for what is none. */
bool tagged_digits(struct view time, char out[15]);

#endif
