/* Events, read back by jansson: what is said of the text must be true of the text. */
#include "tests/unit/check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/event.h"
#include "proto/utf8.h"

static json_t *written(const struct event *event) {
    struct arena arena = {0};
    struct buf out = {0};
    json_error_t error;
    json_t *root;

    event_write(event, &out, &arena);
    assert_int_equal(utf8_valid_prefix(buf_view(&out)), out.len);
    assert_null(memchr(out.at, '\n', out.len));
    root = json_loadb(out.at, out.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("%s: %s", error.text, buf_text(&out));
    buf_release(&out);
    arena_release(&arena);
    return root;
}

/* The value at a path like "places.0.runner_up.score"; NULL when there is none. */
static json_t *at(json_t *root, const char *path) {
    struct view rest = view_of(path), step;
    uint64_t index;

    while (root && view_split(&rest, '.', &step)) {
        char key[40];
        snprintf(key, sizeof key, "%.*s", (int)step.len, step.at);
        if (view_number(step, &index))
            root = json_array_get(root, index);
        else
            root = json_object_get(root, key);
    }
    return root;
}

static void assert_text(json_t *root, const char *path, const char *want) {
    const char *got = json_string_value(at(root, path));

    if (!got || strcmp(got, want) != 0)
        fail_msg("%s is %s, not %s", path, got ? got : "no text", want);
}

static void assert_whole(json_t *root, const char *path, long long want) {
    json_t *value = at(root, path);

    if (!json_is_integer(value) || json_integer_value(value) != want)
        fail_msg("%s is not %lld", path, want);
}

static void assert_real(json_t *root, const char *path, double want) {
    json_t *value = at(root, path);

    if (!json_is_number(value) || json_number_value(value) != want)
        fail_msg("%s is %g, not %g", path, json_number_value(value), want);
}

static void assert_nothing(json_t *root, const char *path) {
    if (!json_is_null(at(root, path)))
        fail_msg("%s is not null", path);
}

/* "TUNIS — 😀 Haftar met Haftar." with two mentions of one person. */
#define STORY                                                                            \
    "TUNIS \xE2\x80\x94 \xF0\x9F\x98\x80 Haftar met\nHaftar in Tripoli, Thursday."

/* VIEW_LIT is no constant, and these are. */
#define TEXT(text)                                                                       \
    { "" text, sizeof(text) - 1 }

static const struct span haftar[] = {{15, 21}, {26, 32}}, tripoli[] = {{36, 43}};
static const struct event_entity entities[] = {
    {ENTITY_PERSON, TEXT("Khalifa Haftar"), TEXT("General"), haftar, 2, 0.97, 0.41,
     TEXT("title")},
    {ENTITY_LOCATION, TEXT("Tripoli"), {0}, tripoli, 1, 1.0, 0.0, {0}},
};
static const struct event_place places[] = {
    {1,
     2210247,
     TEXT("Tripoli"),
     TEXT("LY"),
     TEXT("Tripoli District"),
     TEXT("PPLC"),
     32.88743,
     13.18733,
     PLACE_LITERAL,
     0.94,
     TEXT("population"),
     {266826, TEXT("LB"), 0.05}},
    {1,
     2210247,
     TEXT("Tripoli"),
     {0},
     {0},
     {0},
     -90,
     -180,
     PLACE_GOVERNMENT,
     0.5,
     {0},
     {0, {0}, 0}},
};
static const struct event_date dates[] = {
    {{45, 53},
     DATE_DATE,
     TEXT("2020-01-16"),
     {0},
     TEXT("2020-01-16"),
     TEXT("2020-01-16"),
     TEXT("published"),
     TEXT("weekday-past")},
};
static const struct event_quote quotes[] = {{{15, 54}, 0}, {{15, 54}, EVENT_NOBODY}};
static const struct event_furniture furniture[] = {{{0, 5}, FURNITURE_CREDIT}};
static const struct view warnings[] = {TEXT("one"), TEXT("two")};

static struct event full_event(struct report *report) {
    *report = (struct report){
        .version = 2,
        .action = VIEW_LIT("lead"),
        .status = VIEW_LIT("withheld"),
        .received_ms = 1578996902113,
        .slug = VIEW_LIT("libya"),
        .keywords = {VIEW_LIT("war"), VIEW_LIT("oil")},
        .keyword_count = 2,
        .categories = {VIEW_LIT("POL")},
        .category_count = 1,
        .urgency = 2,
        .lang = VIEW_LIT("en"),
        .feed = VIEW_LIT("wfd-en"),
        .source = VIEW_LIT("given"),
        .format = VIEW_LIT("text"),
        .peer = VIEW_LIT("127.0.0.1:1"),
        .warning = VIEW_LIT("zero"),
        .extra = VIEW_LIT("{\"their\":[1]}"),
        .text = VIEW_LIT(STORY),
    };
    return (struct event){
        .report = report,
        .action = report->action,
        .id = VIEW_LIT("id-1"),
        .part = {1, 2, 25, 5353},
        .guid = VIEW_LIT("tag:wfd"),
        .guid_from = VIEW_LIT("given"),
        .published = VIEW_LIT("2020-01-14"),
        .published_from = VIEW_LIT("dateline"),
        .agency = VIEW_LIT("WFD"),
        .headline = VIEW_LIT("H \"q\""),
        .byline = VIEW_LIT("By B"),
        .dateline =
            {{0, 5}, VIEW_LIT("TUNIS"), VIEW_LIT("2020-01-14"), VIEW_LIT("WFD"), 2464470},
        .text = VIEW_LIT(STORY),
        .furniture = furniture,
        .furniture_count = 1,
        .entities = entities,
        .entity_count = 2,
        .places = places,
        .place_count = 2,
        .focus = {VIEW_LIT("LY"), 2210247},
        .dates = dates,
        .date_count = 1,
        .quotes = quotes,
        .quote_count = 2,
        .tagger_version = VIEW_LIT("0.1.0"),
        .model = VIEW_LIT("m"),
        .gazetteer = VIEW_LIT("g"),
        .warnings = warnings,
        .warning_count = 2,
    };
}

static void event_write__says_who_sent_it(void **state) {
    (void)state;
    struct report report;
    struct event event = full_event(&report);
    json_t *root = written(&event);

    assert_text(root, "schema", "wiretag/1");
    assert_text(root, "id", "id-1");
    assert_text(root, "guid", "tag:wfd");
    assert_text(root, "guid_from", "given");
    assert_whole(root, "part.n", 1);
    assert_whole(root, "part.of", 2);
    assert_whole(root, "part.start", 25);
    assert_whole(root, "part.end", 5353);
    assert_whole(root, "version", 2);
    assert_text(root, "action", "lead");
    assert_text(root, "status", "withheld");
    assert_text(root, "received", "2020-01-14T10:15:02.113Z");
    assert_text(root, "published", "2020-01-14");
    assert_text(root, "published_from", "dateline");
    assert_text(root, "source.feed", "wfd-en");
    assert_text(root, "source.agency", "WFD");
    assert_text(root, "source.format", "text");
    assert_text(root, "source.peer", "127.0.0.1:1");
    assert_whole(root, "urgency", 2);
    assert_text(root, "lang", "en");
    assert_text(root, "slug", "libya");
    assert_text(root, "keywords.1", "oil");
    assert_text(root, "category.0", "POL");
    assert_text(root, "headline", "H \"q\"");
    assert_text(root, "byline", "By B");
    assert_text(root, "text", STORY);
    assert_text(root, "tagger.version", "0.1.0");
    assert_text(root, "tagger.model", "m");
    assert_text(root, "tagger.gazetteer", "g");
    assert_text(root, "warnings.0", "zero");
    assert_text(root, "warnings.2", "two");
    assert_whole(root, "extra.their.0", 1);
    json_decref(root);
}

static void event_write__says_who_where_and_when(void **state) {
    (void)state;
    struct report report;
    struct event event = full_event(&report);
    json_t *root = written(&event);

    assert_text(root, "entities.0.id", "e1");
    assert_text(root, "entities.0.type", "person");
    assert_text(root, "entities.0.name", "Khalifa Haftar");
    assert_text(root, "entities.0.role", "General");
    assert_real(root, "entities.0.score", 0.97);
    assert_real(root, "entities.0.salience", 0.41);
    assert_text(root, "entities.0.why", "title");
    assert_nothing(root, "entities.1.role");
    assert_text(root, "places.0.entity", "e2");
    assert_whole(root, "places.0.geonameid", 2210247);
    assert_text(root, "places.0.name", "Tripoli");
    assert_real(root, "places.0.lat", 32.88743);
    assert_real(root, "places.0.lon", 13.18733);
    assert_text(root, "places.0.country", "LY");
    assert_text(root, "places.0.admin1", "Tripoli District");
    assert_text(root, "places.0.feature", "PPLC");
    assert_text(root, "places.0.role", "literal");
    assert_whole(root, "places.0.runner_up.geonameid", 266826);
    assert_text(root, "places.0.runner_up.country", "LB");
    assert_real(root, "places.0.runner_up.score", 0.05);
    assert_text(root, "places.1.role", "government");
    assert_real(root, "places.1.lon", -180);
    assert_nothing(root, "places.1.runner_up");
    assert_text(root, "focus.country", "LY");
    assert_text(root, "dates.0.text", "Thursday");
    assert_text(root, "dates.0.type", "DATE");
    assert_text(root, "dates.0.value", "2020-01-16");
    assert_nothing(root, "dates.0.mod");
    assert_text(root, "dates.0.anchor", "published");
    assert_text(root, "quotes.0.speaker", "e1");
    assert_nothing(root, "quotes.1.speaker");
    assert_text(root, "dateline.place", "TUNIS");
    assert_whole(root, "dateline.geonameid", 2464470);
    assert_text(root, "furniture.0.kind", "credit");
    json_decref(root);
}

static void event_write__counts_code_points(void **state) {
    (void)state;
    struct report report;
    struct event event = full_event(&report);
    json_t *root = written(&event);

    assert_whole(root, "entities.0.mentions.0.start", 10);
    assert_whole(root, "entities.0.mentions.0.end", 16);
    assert_text(root, "entities.0.mentions.1.text", "Haftar");
    assert_whole(root, "entities.0.mentions.1.start", 21);
    assert_whole(root, "quotes.0.end", 49);
    assert_whole(root, "dateline.end", 5);
    assert_whole(root, "furniture.0.start", 0);
    json_decref(root);
}

static void event_write__writes_null_for_the_unknown(void **state) {
    (void)state;
    static const char *const unknown[] = {
        "received",    "published", "published_from", "source.feed", "source.agency",
        "source.peer", "lang",      "slug",           "headline",    "byline",
        "dateline",    "focus",     "tagger.model"};
    static const char *const empty[] = {"keywords", "category", "furniture", "entities",
                                        "places",   "dates",    "quotes",    "warnings"};
    struct report report = {.text = VIEW_LIT("x")};
    struct event event = {.report = &report, .text = VIEW_LIT("x"), .id = VIEW_LIT("i")};
    json_t *root = written(&event);

    for (size_t i = 0; i < COUNT(unknown); i++)
        assert_nothing(root, unknown[i]);
    for (size_t i = 0; i < COUNT(empty); i++) {
        assert_true(json_is_array(at(root, empty[i])));
        assert_int_equal(json_array_size(at(root, empty[i])), 0);
    }
    assert_null(at(root, "extra"));
    assert_whole(root, "version", 1);
    assert_whole(root, "urgency", 5);
    assert_text(root, "action", "new");
    assert_text(root, "status", "usable");
    json_decref(root);
}

static void event_write__takes_back_what_is_killed(void **state) {
    static const char *const statuses[] = {"", "usable", "withheld", "canceled"};
    (void)state;

    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct report report = {.action = VIEW_LIT("kill"),
                                .status = view_of(statuses[i])};
        struct event event = {.report = &report, .action = report.action};
        json_t *root = written(&event);
        assert_text(root, "action", "kill");
        assert_text(root, "status", "canceled");
        json_decref(root);
    }
}

static void check_received(int64_t ms, const char *want) {
    struct report report = {.received_ms = ms};
    struct event event = {.report = &report, .action = report.action};
    json_t *root = written(&event);

    if (want)
        assert_text(root, "received", want);
    else
        assert_nothing(root, "received");
    json_decref(root);
}

static void event_write__knows_the_time_to_the_millisecond(void **state) {
    (void)state;

    check_received(1, "1970-01-01T00:00:00.001Z");
    check_received(951782399999, "2000-02-28T23:59:59.999Z");
    check_received(951782400000, "2000-02-29T00:00:00.000Z");
    check_received(253402300799999, "9999-12-31T23:59:59.999Z");
    check_received(253402300800000, NULL);
    check_received(INT64_MAX, NULL);
    check_received(-1, NULL);
    check_received(INT64_MIN, NULL);
}

/* The part of `text` from code point `start` to `end`. */
static struct view slice(struct view text, size_t start, size_t end) {
    struct view from, rest = text;

    for (size_t i = 0; i < start; i++)
        utf8_take(&rest);
    from = rest;
    for (size_t i = start; i < end; i++)
        utf8_take(&rest);
    return view_n(from.at, from.len - rest.len);
}

static size_t random_border(uint64_t *seed, struct view text) {
    size_t offset = random_below(seed, text.len + 1);

    while (offset < text.len && ((unsigned char)text.at[offset] & 0xC0) == 0x80)
        offset++;
    return offset;
}

static void event_write__offsets_cut_the_mentions_out_of_the_text(void **state) {
    (void)state;
    static const char *const letters[] = {"a",
                                          "B ",
                                          "\xC3\xA9",
                                          "\xE2\x80\x9D",
                                          "\n",
                                          "\"",
                                          "\xF0\x9F\x98\x80",
                                          "e\xCC\x81",
                                          "\\",
                                          "\t",
                                          "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80"};
    uint64_t seed = 15;

    for (int i = 0; i < 300; i++) {
        struct buf text = {0};
        struct span spans[40];
        struct event_entity entity = {.mentions = spans, .mention_count = COUNT(spans)};
        struct report report = {0};
        struct event event = {.report = &report, .entities = &entity, .entity_count = 1};
        for (size_t n = 1 + random_below(&seed, 300); n; n--)
            buf_put_text(&text, letters[random_below(&seed, COUNT(letters))]);
        event.text = buf_view(&text);
        for (size_t k = 0; k < COUNT(spans); k++) {
            size_t a = random_border(&seed, event.text),
                   b = random_border(&seed, event.text);
            spans[k] =
                (struct span){(uint32_t)(a < b ? a : b), (uint32_t)(a < b ? b : a)};
        }

        json_t *root = written(&event), *mention;
        size_t k;
        struct view back = view_of(json_string_value(at(root, "text")));

        assert_view_equal(back, event.text);
        json_array_foreach(at(root, "entities.0.mentions"), k, mention) {
            size_t start = (size_t)json_integer_value(at(mention, "start"));
            size_t end = (size_t)json_integer_value(at(mention, "end"));
            struct view said = view_of(json_string_value(at(mention, "text")));
            assert_view_equal(said, slice(back, start, end));
            assert_int_equal(said.len, spans[k].end - spans[k].start);
        }
        assert_int_equal(k, COUNT(spans));
        json_decref(root);
        buf_release(&text);
    }
}

static void event_write__gives_the_same_bytes_every_time(void **state) {
    (void)state;
    struct arena arena = {0};
    struct buf first = {0}, again = {0};
    struct report report;
    struct event event = full_event(&report);

    event_write(&event, &first, &arena);
    buf_put_text(&again, "before");
    memset(arena_alloc(&arena, 5000), 0xA5, 5000);
    arena_clear(&arena);
    event_write(&event, &again, &arena);
    buf_drop(&again, strlen("before"));

    assert_view_equal(buf_view(&first), buf_view(&again));
    buf_release(&first);
    buf_release(&again);
    arena_release(&arena);
}

static void entity_type_name__has_a_word_for_each(void **state) {
    (void)state;

    assert_string_equal(entity_type_name(ENTITY_PERSON), "person");
    assert_string_equal(entity_type_name(ENTITY_PRODUCT), "product");
    assert_string_equal(entity_type_name(ENTITY_TYPES), "?");
    assert_string_equal(furniture_kind_name(FURNITURE_NAVIGATION), "navigation");
    assert_string_equal(furniture_kind_name(FURNITURE_SIGNOFF), "signoff");
    assert_string_equal(furniture_kind_name(FURNITURE_KINDS), "?");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_write__says_who_sent_it),
        cmocka_unit_test(event_write__says_who_where_and_when),
        cmocka_unit_test(event_write__counts_code_points),
        cmocka_unit_test(event_write__writes_null_for_the_unknown),
        cmocka_unit_test(event_write__takes_back_what_is_killed),
        cmocka_unit_test(event_write__knows_the_time_to_the_millisecond),
        cmocka_unit_test(event_write__offsets_cut_the_mentions_out_of_the_text),
        cmocka_unit_test(event_write__gives_the_same_bytes_every_time),
        cmocka_unit_test(entity_type_name__has_a_word_for_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
