/* The Global Knowledge Graph of GDELT, version 2.1: 27 columns between tabs, one line.
 * For tools that read GKG files; what GDELT's own models find (themes, tone, counts,
 * GCAM) is empty. As the codebook of 2015-02-19 and the files themselves have it, which
 * write dates with '#' where the codebook says commas. Offsets count characters of the
 * text.
 *
 * Countries are FIPS 10-4 codes there, as in GDELT; FeatureID is the GeoNames id, which
 * counts otherwise than GNS. A place's division stands in its name only: its code there
 * (ADM1) is not known. */
#include <inttypes.h>
#include <stdio.h>

#include "sink/as.h"
#include "sink/countries.h"

#define MARKS "\t#;,|<>" /* have a meaning in some column */

enum { COUNTRY = 1, US_STATE, US_CITY, WORLD_CITY, WORLD_STATE };
enum { CITATION_ONLY = 2, WEB = 1 }; /* V2SOURCECOLLECTIONIDENTIFIER */

static void end_column(struct buf *out) { buf_put_u8(out, '\t'); }

static void put(struct buf *out, struct view text) { as_put_line(out, text, MARKS, 0); }

/* Before each block of a list but the first. */
static void separate(struct buf *out, size_t begun, char mark) {
    if (out->len > begun)
        buf_put_u8(out, (uint8_t)mark);
}

/* ---- columns 1 to 9 ---- */

static void put_head(const struct tagged *event, struct buf *out) {
    char time[15] = "19700101000000";

    if (!tagged_digits(event->published, time))
        tagged_digits(event->received, time);
    buf_printf(out, "%s-%" PRIu64 "\t%s\t%d\t", time, event->offset, time,
               event->url.len ? WEB : CITATION_ONLY);
    put(out, event->agency.len ? event->agency : event->feed);
    end_column(out);
    as_put_line(out, event->url.len ? event->url : event->guid, "\t", 0);
    buf_put_text(out, "\t\t\t\t\t"); // counts and themes, twice each
}

/* ---- places ---- */

static int type_of(const struct tagged_place *place) {
    bool us = view_is(place->country, "US");

    if (view_starts(place->feature, "PCL"))
        return COUNTRY;
    if (view_starts(place->feature, "ADM"))
        return us ? US_STATE : WORLD_STATE;
    return us ? US_CITY : WORLD_CITY;
}

static void put_full_name(struct buf *out, const struct tagged_place *place,
                          const struct country *country, int type) {
    bool is_within = type == US_CITY || type == WORLD_CITY;

    put(out, place->name);
    if (is_within && place->admin1.len) {
        buf_put_text(out, ", ");
        put(out, place->admin1);
    }
    if (type == COUNTRY || !country)
        return;
    buf_put_text(out, ", ");
    put(out, view_of(country->name));
}

/* offset < 0: V1LOCATIONS, which has neither that nor ADM2. */
static void put_location(struct buf *out, const struct tagged_place *place,
                         int64_t offset) {
    const struct country *country = country_of(place->country);
    const char *fips = country ? country->fips : "";
    int type = type_of(place);

    buf_printf(out, "%d#", type);
    put_full_name(out, place, country, type);
    buf_printf(out, "#%s#%s#%s", fips, type == COUNTRY ? fips : "",
               offset < 0 ? "" : "#");
    buf_printf(out, "%.7g#%.7g#", place->lat, place->lon);
    if (place->geonameid)
        buf_printf(out, "%" PRId64, place->geonameid);
    if (offset >= 0)
        buf_printf(out, "#%" PRId64, offset);
}

static void put_places(const struct tagged *event, struct buf *out, bool each_mention) {
    size_t begun = out->len;

    for (size_t i = 0; i < event->entity_count; i++) {
        const struct tagged_entity *entity = &event->entities[i];
        size_t count = !entity->place ? 0 : each_mention ? entity->mention_count : 1;
        for (size_t k = 0; k < count; k++) {
            separate(out, begun, ';');
            put_location(out, entity->place,
                         each_mention ? (int64_t)entity->mentions[k].start : -1);
        }
    }
    end_column(out);
}

/* ---- names ---- */

/* Those of a type; "": of all types. */
static void put_names(const struct tagged *event, const char *type, bool each_mention,
                      struct buf *out) {
    size_t begun = out->len;

    for (size_t i = 0; i < event->entity_count; i++) {
        const struct tagged_entity *entity = &event->entities[i];
        size_t count = each_mention ? entity->mention_count : 1;
        if (*type && !view_is(entity->type, type))
            continue;
        for (size_t k = 0; k < count; k++) {
            separate(out, begun, ';');
            put(out, entity->name);
            if (each_mention)
                buf_printf(out, ",%zu", entity->mentions[k].start);
        }
    }
    end_column(out);
}

/* ---- dates and quotations ---- */

/* YYYY, YYYY-MM or YYYY-MM-DD and what follows; false: TIMEX3 of another kind. */
static bool read_date(struct view value, unsigned *year, unsigned *month, unsigned *day) {
    unsigned *const parts[] = {year, month, day};
    static const size_t lengths[] = {4, 2, 2};

    *year = *month = *day = 0;
    for (size_t i = 0; i < 3; i++) {
        uint64_t n;
        if (value.len < lengths[i] || !view_number(view_n(value.at, lengths[i]), &n))
            return i > 0 && !value.len;
        *parts[i] = (unsigned)n;
        value = view_n(value.at + lengths[i], value.len - lengths[i]);
        if (!value.len)
            return true;
        if (i < 2 && value.at[0] != '-')
            return false;
        value = view_n(value.at + 1, value.len - 1);
    }
    return true;
}

static void put_dates(const struct tagged *event, struct buf *out) {
    size_t begun = out->len;

    for (size_t i = 0; i < event->date_count; i++) {
        const struct tagged_date *date = &event->dates[i];
        unsigned year, month, day;
        if (!read_date(date->value, &year, &month, &day))
            continue;
        separate(out, begun, ';');
        buf_printf(out, "%d#%u#%u#%u#%zu",
                   day     ? 3
                   : month ? 2
                           : 1,
                   month, day, year, date->at.start);
    }
    end_column(out);
}

static void put_quotations(const struct tagged *event, struct buf *out) {
    size_t begun = out->len;

    for (size_t i = 0; i < event->quote_count; i++) {
        const struct tagged_span *at = &event->quotes[i].at;
        separate(out, begun, '#');
        buf_printf(out, "%zu|%zu||", at->start, at->end - at->start);
        as_put_line(out, at->text, "\t#|", 0);
    }
    end_column(out);
}

/* ---- the last ---- */

static void put_element(struct buf *out, const char *name, struct view text) {
    struct buf line = {0};

    if (!text.len)
        return;
    as_put_line(&line, text, "\t", 0);
    buf_printf(out, "<%s>", name);
    for (size_t i = 0; i < line.len; i++) {
        char c = line.at[i];
        if (c == '&')
            buf_put_text(out, "&amp;");
        else if (c == '<')
            buf_put_text(out, "&lt;");
        else if (c == '>')
            buf_put_text(out, "&gt;");
        else
            buf_put_u8(out, (uint8_t)c);
    }
    buf_printf(out, "</%s>", name);
    buf_release(&line);
}

static void put_extras(const struct tagged *event, struct buf *out) {
    char time[15];

    put_element(out, "PAGE_TITLE", event->headline);
    put_element(out, "PAGE_AUTHORS", event->byline);
    if (tagged_digits(event->published, time))
        put_element(out, "PAGE_PRECISEPUBTIMESTAMP", view_of(time));
}

static void write_gkg(const struct tagged *event, struct buf *out) {
    put_head(event, out);
    put_places(event, out, false);
    put_places(event, out, true);
    put_names(event, "person", false, out);
    put_names(event, "person", true, out);
    put_names(event, "organization", false, out);
    put_names(event, "organization", true, out);
    end_column(out); // tone
    put_dates(event, out);
    buf_put_text(out, "\t\t\t\t\t"); // GCAM, images, videos
    put_quotations(event, out);
    put_names(event, "", true, out);
    buf_put_text(out, "\t\t"); // amounts, translation
    put_extras(event, out);
    buf_put_u8(out, '\n');
}

const struct as as_gkg = {.name = "gkg", .suffix = ".csv", .write = write_gkg};
