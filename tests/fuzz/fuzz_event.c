/* An event made of hostile strings, spans and numbers: what event_write says must be JSON
 * on one line, and its texts and spans those that went in. */
#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "proto/event.h"
#include "proto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A span of whole code points somewhere in text, as the input says. */
static struct span draw_span(struct view *from, struct view text) {
    uint16_t a = 0, b = 0;
    struct span at;

    view_take_u16(from, &a);
    view_take_u16(from, &b);
    at.start = (uint32_t)(a % (text.len + 1));
    at.end = at.start + (uint32_t)(b % (text.len - at.start + 1));
    while (at.start && at.start < text.len &&
           ((unsigned char)text.at[at.start] & 0xC0) == 0x80)
        at.start--;
    while (at.end < text.len && ((unsigned char)text.at[at.end] & 0xC0) == 0x80)
        at.end++;
    return at;
}

static double draw_real(struct view *from) {
    uint64_t bits = 0;
    double real;

    view_take_u64(from, &bits);
    memcpy(&real, &bits, sizeof real);
    return real;
}

static struct event draw_event(struct view *from, struct view text, struct report *report,
                               struct event_entity *entity, struct event_place *place,
                               struct event_date *date) {
    static struct span mention;
    struct view name;

    mention = draw_span(from, text);
    name = view_n(text.at + mention.start, mention.end - mention.start);
    *report = (struct report){.text = text, .slug = name, .peer = name};
    view_take_u64(from, (uint64_t *)&report->received_ms);
    *entity = (struct event_entity){
        ENTITY_PERSON, name, name, &mention, 1, draw_real(from), draw_real(from), text};
    *place = (struct event_place){.name = name, .lat = draw_real(from), .why = text};
    *date = (struct event_date){.at = draw_span(from, text), .value = name};
    return (struct event){.report = report,
                          .text = text,
                          .headline = name,
                          .dateline = {.at = draw_span(from, text), .place = name},
                          .entities = entity,
                          .entity_count = 1,
                          .places = place,
                          .place_count = 1,
                          .dates = date,
                          .date_count = 1};
}

static void check_text(json_t *from, const char *key, struct view want) {
    json_t *value = json_object_get(from, key);

    assert(view_eq(view_n(json_string_value(value), json_string_length(value)), want));
}

static void check(struct view line, const struct event *event) {
    json_t *root =
        json_loadb(line.at, line.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    json_t *entity = json_array_get(json_object_get(root, "entities"), 0);
    json_t *mention = json_array_get(json_object_get(entity, "mentions"), 0);
    struct span at = event->entities[0].mentions[0];

    assert(root && !memchr(line.at, '\n', line.len));
    check_text(root, "text", event->text);
    check_text(mention, "text", event->entities[0].name);
    assert(json_number_value(json_object_get(mention, "start")) ==
           (double)utf8_count(view_n(event->text.at, at.start)));
    assert(json_number_value(json_object_get(mention, "end")) ==
           (double)utf8_count(view_n(event->text.at, at.end)));
    json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view from = {(const char *)data, size};
    struct arena arena = {0};
    struct buf text = {0}, line = {0};
    struct report report;
    struct event_entity entity;
    struct event_place place;
    struct event_date date;
    struct event event;

    utf8_clean(from, &text, NULL);
    event = draw_event(&from, buf_view(&text), &report, &entity, &place, &date);
    event_write(&event, &line, &arena);
    check(buf_view(&line), &event);
    arena_release(&arena);
    buf_release(&text);
    buf_release(&line);
    return 0;
}
