#include "sink/tagged.h"

#include <math.h>
#include <stdio.h>

#include "proto/moment.h"
#include "proto/utf8.h"

struct reading {
    struct tagged *out;
    struct arena *arena;
    struct utf8_index index; /* of the text */
};

static struct view text_of(const struct json_node *object, const char *key) {
    return json_tree_text(object, key);
}

static int64_t whole_of(const struct json_node *object, const char *key, int64_t least,
                        int64_t most) {
    int64_t n;

    if (!json_tree_whole(json_tree_get(object, key), &n) || n < least || n > most)
        return 0;
    return n;
}

/* 0..1 */
static double share_of(const struct json_node *object, const char *key) {
    double n;

    if (!json_tree_double(json_tree_get(object, key), &n) || !(n >= 0))
        return 0;
    return n < 1 ? n : 1;
}

/* Room for what a list has; *first is its first value, NULL where it is no list. */
static void *room(struct reading *r, const struct json_node *list,
                  const struct json_node **first, size_t of) {
    bool is_list = list && list->kind == JSON_KIND_LIST;

    *first = is_list ? list->first : NULL;
    return is_list && list->count ? arena_zalloc(r->arena, list->count * of) : NULL;
}

/* ---- spans ---- */

static bool read_span(struct reading *r, const struct json_node *node,
                      struct tagged_span *out) {
    size_t from, to;
    int64_t start, end;

    if (!json_tree_whole(json_tree_get(node, "start"), &start) ||
        !json_tree_whole(json_tree_get(node, "end"), &end) || start < 0 || end <= start ||
        !utf8_index_byte(&r->index, (size_t)end, &to) ||
        !utf8_index_byte(&r->index, (size_t)start, &from))
        return false;
    *out = (struct tagged_span){(size_t)start, (size_t)end,
                                view_n(r->index.text.at + from, to - from)};
    return true;
}

/* ---- what the report is ---- */

static struct view *read_texts(struct reading *r, const struct json_node *list,
                               size_t *count) {
    const struct json_node *node;
    struct view *out = room(r, list, &node, sizeof *out);

    for (; node; node = node->next)
        if (node->kind == JSON_KIND_TEXT && node->text.len)
            out[(*count)++] = node->text;
    return out;
}

static void read_relations(struct reading *r, const struct json_node *list) {
    struct tagged *t = r->out;
    const struct json_node *node;

    t->relations = room(r, list, &node, sizeof *t->relations);
    for (; node; node = node->next)
        if (text_of(node, "rel").len)
            t->relations[t->relation_count++] = (struct tagged_relation){
                text_of(node, "rel"), text_of(node, "ref"), text_of(node, "guid")};
}

static void read_identity(struct reading *r, const struct json_node *root) {
    const struct json_node *part = json_tree_get(root, "part");
    const struct json_node *times = json_tree_get(root, "times");
    struct tagged *t = r->out;

    t->id = text_of(root, "id");
    t->guid = text_of(root, "guid");
    t->part = whole_of(part, "n", 1, INT32_MAX);
    t->parts = whole_of(part, "of", 1, INT32_MAX);
    t->version = whole_of(root, "version", 1, INT64_MAX);
    t->action = text_of(root, "action");
    t->status = text_of(root, "status");
    t->received = text_of(root, "received");
    t->published = text_of(root, "published");
    t->first_created = text_of(times, "first_created");
    t->version_created = text_of(times, "version_created");
    t->sent = text_of(times, "sent");
    t->embargo_until = text_of(root, "embargo_until");
    t->expires = text_of(root, "expires");
    read_relations(r, json_tree_get(root, "relates"));
}

static void read_origin(struct reading *r, const struct json_node *root) {
    const struct json_node *source = json_tree_get(root, "source");
    struct tagged *t = r->out;

    t->feed = text_of(source, "feed");
    t->agency = text_of(source, "agency");
    t->service = text_of(source, "service");
    t->number = text_of(source, "number");
    t->reference = text_of(source, "reference");
    t->url = text_of(source, "url");
    t->urgency = whole_of(root, "urgency", 1, 9);
    t->lang = text_of(root, "lang");
    t->slug = text_of(root, "slug");
    t->headline = text_of(root, "headline");
    t->subhead = text_of(root, "subhead");
    t->byline = text_of(root, "byline");
    t->ednote = text_of(root, "ednote");
    t->tagger_version = text_of(json_tree_get(root, "tagger"), "version");
    t->keywords = read_texts(r, json_tree_get(root, "keywords"), &t->keyword_count);
    t->categories = read_texts(r, json_tree_get(root, "category"), &t->category_count);
}

/* ---- what is in it ---- */

static void read_dateline(struct reading *r, const struct json_node *node) {
    struct tagged *t = r->out;

    t->has_dateline = read_span(r, node, &t->dateline);
    t->dateline_place = text_of(node, "place");
}

static void read_furniture(struct reading *r, const struct json_node *list) {
    struct tagged *t = r->out;
    const struct json_node *node;

    t->furniture = room(r, list, &node, sizeof *t->furniture);
    for (; node; node = node->next) {
        struct tagged_furniture *f = &t->furniture[t->furniture_count];
        f->kind = text_of(node, "kind");
        if (read_span(r, node, &f->at) && f->kind.len)
            t->furniture_count++;
    }
}

static void read_entity(struct reading *r, const struct json_node *node,
                        struct tagged_entity *out) {
    const struct json_node *mention;

    *out = (struct tagged_entity){.id = text_of(node, "id"),
                                  .type = text_of(node, "type"),
                                  .name = text_of(node, "name"),
                                  .role = text_of(node, "role"),
                                  .score = share_of(node, "score"),
                                  .salience = share_of(node, "salience")};
    out->mentions =
        room(r, json_tree_get(node, "mentions"), &mention, sizeof *out->mentions);
    for (; mention; mention = mention->next)
        if (read_span(r, mention, &out->mentions[out->mention_count]))
            out->mention_count++;
}

static void read_entities(struct reading *r, const struct json_node *list) {
    struct tagged *t = r->out;
    const struct json_node *node;

    t->entities = room(r, list, &node, sizeof *t->entities);
    for (; node; node = node->next) {
        struct tagged_entity *entity = &t->entities[t->entity_count];
        read_entity(r, node, entity);
        if (entity->id.len && entity->type.len && entity->name.len)
            t->entity_count++;
    }
}

/* The tagger numbers them e1, e2, ...; so the first look is nearly always the last. */
static struct tagged_entity *entity_of(const struct tagged *t, struct view id) {
    uint64_t n;

    if (id.len > 1 && view_number(view_n(id.at + 1, id.len - 1), &n) && n &&
        n <= t->entity_count && view_eq(t->entities[n - 1].id, id))
        return &t->entities[n - 1];
    return NULL;
}

static bool read_place(const struct json_node *node, struct tagged_place *out) {
    if (!json_tree_double(json_tree_get(node, "lat"), &out->lat) ||
        !json_tree_double(json_tree_get(node, "lon"), &out->lon) ||
        !(fabs(out->lat) <= 90) || !(fabs(out->lon) <= 180))
        return false;
    out->geonameid = whole_of(node, "geonameid", 1, INT64_MAX);
    out->name = text_of(node, "name");
    out->country = text_of(node, "country");
    out->admin1 = text_of(node, "admin1");
    out->feature = text_of(node, "feature");
    out->role = text_of(node, "role");
    out->score = share_of(node, "score");
    return true;
}

static void read_places(struct reading *r, const struct json_node *list) {
    struct tagged *t = r->out;
    const struct json_node *node;
    struct tagged_place *places = room(r, list, &node, sizeof *places);

    for (; node; node = node->next) {
        struct tagged_entity *entity = entity_of(t, text_of(node, "entity"));
        if (!entity || entity->place || !read_place(node, places))
            continue;
        entity->place = places++;
        t->place_count++;
    }
}

static void read_dates(struct reading *r, const struct json_node *list) {
    struct tagged *t = r->out;
    const struct json_node *node;

    t->dates = room(r, list, &node, sizeof *t->dates);
    for (; node; node = node->next) {
        struct tagged_date *date = &t->dates[t->date_count];
        date->type = text_of(node, "type");
        date->value = text_of(node, "value");
        date->from = text_of(node, "from");
        date->to = text_of(node, "to");
        if (read_span(r, node, &date->at))
            t->date_count++;
    }
}

static void read_quotes(struct reading *r, const struct json_node *list) {
    struct tagged *t = r->out;
    const struct json_node *node;

    t->quotes = room(r, list, &node, sizeof *t->quotes);
    for (; node; node = node->next) {
        struct tagged_quote *quote = &t->quotes[t->quote_count];
        quote->speaker = entity_of(t, text_of(node, "speaker"));
        if (read_span(r, node, &quote->at))
            t->quote_count++;
    }
}

static void read_tags(struct reading *r, const struct json_node *root) {
    const struct json_node *focus = json_tree_get(root, "focus");

    read_dateline(r, json_tree_get(root, "dateline"));
    read_furniture(r, json_tree_get(root, "furniture"));
    read_entities(r, json_tree_get(root, "entities"));
    read_places(r, json_tree_get(root, "places"));
    read_dates(r, json_tree_get(root, "dates"));
    read_quotes(r, json_tree_get(root, "quotes"));
    r->out->focus_country = text_of(focus, "country");
    r->out->focus_geonameid = whole_of(focus, "geonameid", 1, INT64_MAX);
}

/* As what could be read of it. */
static struct view written_anew(const struct json_node *root, struct arena *arena) {
    struct buf json = {0};
    struct view out;

    json_tree_write(root, &json);
    out = view_n(arena_copy(arena, json.at, json.len), json.len);
    buf_release(&json);
    return out;
}

int tagged_read(struct view json, uint64_t offset, struct tagged *out,
                struct arena *arena, struct diag *diag) {
    static const char *const needed[] = {"id", "guid", "text"};
    struct reading r = {.out = out, .arena = arena};
    struct json_tree tree;
    int err = json_tree_read(json, &tree, arena, diag);

    if (err)
        return err;
    *out = (struct tagged){.json = json, .root = tree.root, .offset = offset};
    if (tree.invalid || tree.utf16 || json.at[0] != '{' ||
        memchr(json.at, '\n', json.len))
        out->json = written_anew(tree.root, arena);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const struct json_node *node = json_tree_get(tree.root, needed[i]);
        if (node && node->kind == JSON_KIND_TEXT)
            continue;
        diag_set(diag, 0, "it is no event: it has no text \"%s\"", needed[i]);
        return ERR_FORMAT;
    }
    out->text = text_of(tree.root, "text");
    r.index = utf8_index(out->text, arena);
    read_identity(&r, tree.root);
    read_origin(&r, tree.root);
    read_tags(&r, tree.root);
    return 0;
}

bool tagged_digits(struct view time, char out[15]) {
    struct moment_parts parts;
    char text[MOMENT_TEXT];
    struct view iso;
    size_t n = 0;

    if (!moment_of_iso(time, &parts))
        return false;
    iso = moment_print(moment_ms(&parts), text);
    for (size_t i = 0; i < iso.len && n < 14; i++)
        if (iso.at[i] >= '0' && iso.at[i] <= '9')
            out[n++] = iso.at[i];
    out[n] = 0;
    return n == 14;
}
