#include "sink/show.h"

#include <jansson.h>
#include <stdio.h>

#include "proto/utf8.h"

#define INDENT       2
#define LABEL        15 /* "  organizations" */
#define HEADLINE_MAX 100

#define PLAIN  ""
#define BOLD   "1"
#define DIM    "2"
#define RED    "1;31"
#define YELLOW "33"
#define CYAN   "36"
#define GREEN  "32"

/* Where the next word goes. */
struct page {
    const struct show_style *style;
    struct buf *out;
    size_t column, indent;
    bool space; /* a blank is due before the next word */
};

static const struct {
    const char *type, *label;
} groups[] = {{"person", "people"}, {"organization", "organizations"},
              {"group", "groups"},  {"facility", "facilities"},
              {"event", "events"},  {"product", "products"}};

/* ---- words ---- */

static void new_line(struct page *page) {
    buf_put_u8(page->out, '\n');
    for (size_t i = 0; i < page->indent; i++)
        buf_put_u8(page->out, ' ');
    page->column = page->indent;
    page->space = false;
}

/* Wraps before a word that would stand over the edge. */
static void put_word(struct page *page, const char *colour, struct view word) {
    size_t width = utf8_count(word);
    bool painted = page->style->colour && *colour;

    if (page->column > page->indent &&
        page->column + page->space + width > page->style->width)
        new_line(page);
    if (page->space)
        buf_put_u8(page->out, ' ');
    page->column += page->space + width;
    page->space = false;
    if (painted)
        buf_printf(page->out, "\033[%sm", colour);
    buf_put_view(page->out, word);
    if (painted)
        buf_put_text(page->out, "\033[0m");
}

static bool is_blank(uint32_t c) {
    return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x2028 || c == 0x2029;
}

/* Direction marks could show text other than it is. */
static bool is_hidden(uint32_t c) {
    return c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/* Takes the next word off *text, its hidden characters left out. False: no more. */
static bool take_word(struct view *text, struct buf *word) {
    buf_clear(word);
    while (text->len) {
        uint32_t c = utf8_take(text);
        if (!is_blank(c) && !is_hidden(c))
            utf8_put(word, c);
        if (is_blank(c) && word->len)
            return true;
    }
    return word->len > 0;
}

static void put_text(struct page *page, const char *colour, const char *text) {
    struct view rest = view_of(text);
    struct buf word = {0};

    while (take_word(&rest, &word)) {
        put_word(page, colour, buf_view(&word));
        page->space = true;
    }
    buf_release(&word);
}

/* A mark that clings to the word before it. */
static void put_mark(struct page *page, const char *mark) {
    page->space = false;
    buf_put_text(page->out, mark);
    page->column += utf8_count(view_of(mark));
    page->space = true;
}

/* Between the parts of a line. */
static void put_between(struct page *page, const char *mark) {
    if (!page->space)
        return;
    if (*mark == ',')
        put_mark(page, mark);
    else
        put_text(page, DIM, mark);
}

static void begin_row(struct page *page, const char *label, const char *colour) {
    size_t width = utf8_count(view_of(label));

    page->indent = INDENT;
    new_line(page);
    put_word(page, colour, view_of(label));
    page->indent = LABEL + INDENT;
    for (size_t i = INDENT + width; i < page->indent; i++)
        buf_put_u8(page->out, ' ');
    page->column = page->indent;
}

/* ---- what an event says ---- */

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static bool text_is(const json_t *object, const char *key, const char *value) {
    return strcmp(text_of(object, key), value) == 0;
}

/* The headline, or how the text begins. */
static void put_headline(struct page *page, const json_t *event) {
    const char *headline = text_of(event, "headline");
    struct view rest = view_of(text_of(event, "text"));
    struct view line;
    struct buf word = {0};

    put_text(page, BOLD, headline);
    if (page->space)
        return;
    rest = view_trim(rest);
    if (!view_split(&rest, '\n', &line))
        return;
    while (page->column < HEADLINE_MAX && take_word(&line, &word)) {
        put_word(page, BOLD, buf_view(&word));
        page->space = true;
    }
    if (line.len)
        put_mark(page, " …");
    buf_release(&word);
}

/* 2020-01-14 or 2020-01-14 10:15 */
static void put_time(struct page *page, const char *time) {
    char shown[17] = "";
    size_t len = strlen(time) >= 16 ? 16 : 10;

    if (strlen(time) < 10)
        return;
    memcpy(shown, time, len);
    if (len == 16)
        shown[10] = ' ';
    put_between(page, "·");
    put_text(page, DIM, shown);
}

static void put_action(struct page *page, const json_t *event) {
    json_int_t version = json_integer_value(json_object_get(event, "version"));
    const char *action = text_of(event, "action");
    const char *status = text_of(event, "status");
    bool grave = !strcmp(action, "kill") || !strcmp(action, "hold");
    char number[32];

    if (*action && strcmp(action, "new") != 0) {
        put_between(page, "·");
        put_text(page, grave ? RED : YELLOW, action);
    }
    if (version > 1) {
        snprintf(number, sizeof number, "v%lld", (long long)version);
        put_between(page, "·");
        put_text(page, DIM, number);
    }
    if (*status && strcmp(status, "usable") != 0) {
        put_between(page, "·");
        put_text(page, RED, status);
    }
}

static void put_source(struct page *page, const json_t *event) {
    const json_t *source = json_object_get(event, "source");
    const json_t *part = json_object_get(event, "part");
    json_int_t of = json_integer_value(json_object_get(part, "of"));
    const char *agency = text_of(source, "agency");
    const char *from = *agency ? agency : text_of(source, "feed");
    const char *published = text_of(event, "published");
    size_t before = page->out->len;
    char parts[64];

    page->space = false;
    new_line(page);
    put_text(page, CYAN, text_of(json_object_get(event, "dateline"), "place"));
    if (*from) {
        put_between(page, "·");
        put_text(page, DIM, from);
    }
    put_time(page, *published ? published : text_of(event, "received"));
    put_action(page, event);
    if (of > 1) {
        snprintf(parts, sizeof parts, "story %lld of %lld",
                 (long long)json_integer_value(json_object_get(part, "n")),
                 (long long)of);
        put_between(page, "·");
        put_text(page, DIM, parts);
    }
    if (!page->space) // nothing is known
        page->out->len = before;
}

static void put_entity(struct page *page, const char *colour, const json_t *entity) {
    const char *role = text_of(entity, "role");
    struct buf text = {0};

    put_between(page, ",");
    put_text(page, colour, text_of(entity, "name"));
    if (*role) {
        buf_printf(&text, "(%s)", role);
        put_text(page, DIM, buf_text(&text));
    }
    buf_release(&text);
}

static void put_entities(struct page *page, const json_t *entities, const char *type,
                         const char *label) {
    bool first = true;
    size_t i;
    json_t *entity;

    json_array_foreach(entities, i, entity) {
        if (!text_is(entity, "type", type))
            continue;
        if (first)
            begin_row(page, label, DIM);
        first = false;
        put_entity(page, PLAIN, entity);
    }
}

static const json_t *place_of(const json_t *event, const char *entity) {
    const json_t *places = json_object_get(event, "places");
    size_t i;
    json_t *place;

    json_array_foreach(places, i, place) {
        if (text_is(place, "entity", entity))
            return place;
    }
    return NULL;
}

/* Locations, those on the map with their country: "Tripoli LY". */
static void put_places(struct page *page, const json_t *event) {
    const json_t *entities = json_object_get(event, "entities");
    bool first = true;
    size_t i;
    json_t *entity;

    json_array_foreach(entities, i, entity) {
        const json_t *place = place_of(event, text_of(entity, "id"));
        const char *country = text_of(place, "country");
        if (!text_is(entity, "type", "location"))
            continue;
        if (first)
            begin_row(page, "places", DIM);
        first = false;
        put_entity(page, GREEN, entity);
        put_text(page, DIM, *country ? country : "?");
    }
}

/* "three hours" and "every Monday" are no days. */
static bool is_day_or_time(const json_t *date) {
    return !text_is(date, "type", "DURATION") && !text_is(date, "type", "SET");
}

/* Each way of saying a date once: "Thursday → 2020-01-16". */
static void put_dates(struct page *page, const json_t *event) {
    const json_t *dates = json_object_get(event, "dates");
    json_t *seen = json_object();
    size_t i;
    json_t *date;

    json_array_foreach(dates, i, date) {
        const char *text = text_of(date, "text"), *value = text_of(date, "value");
        if (!is_day_or_time(date) || text_is(seen, text, value))
            continue;
        if (!json_object_size(seen))
            begin_row(page, "dates", DIM);
        json_object_set_new(seen, text, json_string(value));
        put_between(page, ",");
        put_text(page, PLAIN, text);
        if (*value && strcmp(text, value) != 0) {
            put_text(page, DIM, "→");
            put_text(page, YELLOW, value);
        }
    }
    json_decref(seen);
}

/* What it does to earlier stories: "kills    wfd 0141". */
static void put_relations(struct page *page, const json_t *event) {
    static const char *const known[] = {"replaces", "corrects", "kills", "adds-to",
                                        "part-of"};
    const json_t *relations = json_object_get(event, "relates");
    size_t i;
    json_t *relation;

    json_array_foreach(relations, i, relation) {
        const char *ref = text_of(relation, "ref");
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
            if (!text_is(relation, "rel", known[k]))
                continue;
            begin_row(page, known[k], strcmp(known[k], "kills") == 0 ? RED : DIM);
            put_text(page, PLAIN, *ref ? ref : text_of(relation, "guid"));
        }
    }
}

static void put_warnings(struct page *page, const json_t *event) {
    const json_t *warnings = json_object_get(event, "warnings");
    size_t i;
    json_t *warning;

    json_array_foreach(warnings, i, warning) {
        if (!json_is_string(warning))
            continue;
        begin_row(page, "warning", RED);
        put_text(page, PLAIN, json_string_value(warning));
    }
}

int show_event(struct view json, const struct show_style *style, struct buf *out) {
    json_t *event = json_loadb(json.at, json.len, 0, NULL);
    struct page page = {.style = style, .out = out};

    if (!json_is_string(json_object_get(event, "text"))) {
        json_decref(event);
        return ERR_FORMAT;
    }
    put_headline(&page, event);
    put_source(&page, event);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        put_entities(&page, json_object_get(event, "entities"), groups[i].type,
                     groups[i].label);
    put_places(&page, event);
    put_dates(&page, event);
    put_relations(&page, event);
    put_warnings(&page, event);
    buf_put_text(out, "\n\n");
    json_decref(event);
    return 0;
}

int show_error(struct view json, struct buf *out) {
    static const struct show_style plain = {false, SIZE_MAX};
    json_t *root = json_loadb(json.at, json.len, 0, NULL);
    const char *text = json_string_value(json_object_get(root, "error"));
    struct page page = {.style = &plain, .out = out};

    if (text)
        put_text(&page, PLAIN, text);
    json_decref(root);
    return text ? 0 : ERR_NOT_FOUND;
}
