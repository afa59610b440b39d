/* alias.c: which mentions are one thing.
 *
 * Full names come first, wherever they stand; what is short looks for them. Each entity
 * is found again by keys in one table, so the work grows with the mentions alone:
 *
 *     whole    "khalifa haftar", "libyan national army"     the same words
 *     entry    #1234                   US, United States: one entry of the gazetteer
 *     last     "haftar"                a person's surname: the person named last before
 *     bones    "srj"                   a surname's consonants: Sarraj, Serraj
 *     initials "lna"                   what an acronym stands for */
#include "enrich/gazetteer.h"
#include "enrich/stage.h"

#include "proto/mem.h"

#include <stdlib.h>

#define WORDS_MAX 16
#define NOBODY    UINT32_MAX

struct alias {
    const struct gazetteer *gazetteer;
    struct buf key, other; /* kept between reports */
};

enum key_kind { KEY_WHOLE, KEY_ENTRY, KEY_LAST, KEY_BONES, KEY_INITIALS, KEY_FIRST };

/* The words of a mention, folded, particles and punctuation left out. */
struct words {
    struct view at[WORDS_MAX];
    unsigned count;
};

struct slot {
    uint64_t hash;
    uint32_t entity;
};

struct work {
    struct alias *alias;
    struct doc *doc;
    struct slot *slots;
    size_t mask;
    uint32_t entities;
    const struct mention **fullest; /* of each entity */
    unsigned *fullest_words;
};

static int alias_open(const struct gazetteer *gazetteer, void **state,
                      struct diag *diag) {
    struct alias *a = mem_zalloc(sizeof *a);
    (void)diag;
    a->gazetteer = gazetteer;
    *state = a;
    return 0;
}

static void alias_close(void *state) {
    struct alias *a = state;
    if (a) {
        buf_release(&a->key);
        buf_release(&a->other);
    }
    free(a);
}

/* --- keys --- */

static bool is_particle(struct view word) {
    if (word.len > 3)
        return false;
    static const char *const particles[] = {"al",  "el",  "ul",  "an",  "as",  "ash",
                                            "ad",  "at",  "az",  "ar",  "de",  "van",
                                            "von", "der", "bin", "ibn", "ben", "abu"};
    for (size_t i = 0; i < sizeof particles / sizeof *particles; i++)
        if (view_is(word, particles[i]))
            return true;
    return false;
}

static struct words words_of(struct buf *key, struct view text, enum entity_type type) {
    struct words words = {.count = 0};
    struct view rest, word;
    buf_clear(key);
    gazetteer_key(text, key);
    rest = buf_view(key);
    while (words.count < WORDS_MAX && view_split(&rest, ' ', &word))
        if (type != ENTITY_PERSON || !is_particle(word))
            words.at[words.count++] = word;
    return words;
}

static uint64_t salt(enum key_kind kind, enum entity_type type) {
    return ((uint64_t)kind << 8 | (uint64_t)type) * 0x9e3779b97f4a7c15u + 1;
}

static uint64_t key_whole(const struct words *w, enum entity_type type) {
    uint64_t hash = salt(KEY_WHOLE, type);
    for (unsigned i = 0; i < w->count; i++)
        hash = gazetteer_chain(hash, gazetteer_word_hash(w->at[i]));
    return hash;
}

static uint64_t key_word(struct view word, enum key_kind kind, enum entity_type type) {
    return gazetteer_chain(salt(kind, type), gazetteer_word_hash(word));
}

/* Consonants with q and g as k, doubled ones once; only of words with three or more. */
static uint64_t key_bones(struct view word) {
    char bones[32];
    size_t count = 0;
    for (size_t i = 0; i < word.len && count < sizeof bones; i++) {
        char c = word.at[i];
        if (strchr("aeiouyhw", c))
            continue;
        c = c == 'q' || c == 'g' || c == 'c' ? 'k' : c;
        if (count == 0 || bones[count - 1] != c)
            bones[count++] = c;
    }
    return count < 3 ? 0 : key_word(view_n(bones, count), KEY_BONES, ENTITY_PERSON);
}

static bool is_small(struct view word) {
    if (word.len > 3)
        return false;
    static const char *const small[] = {"of", "the", "and", "for", "on", "in",
                                        "to", "s",   "de",  "la",  "a",  "&"};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if (view_is(word, small[i]))
            return true;
    return false;
}

static uint64_t key_initials(const struct words *w) {
    char initials[WORDS_MAX];
    size_t count = 0;
    for (unsigned i = 0; i < w->count; i++)
        if (!is_small(w->at[i]))
            initials[count++] = w->at[i].at[0];
    if (count < 2)
        return 0;
    return key_word(view_n(initials, count), KEY_INITIALS, ENTITY_ORGANIZATION);
}

/* --- the table --- */

static struct slot *slot_of(const struct work *w, uint64_t hash) {
    size_t i = (size_t)(hash >> 32) & w->mask;
    hash = hash ? hash : 1;
    while (w->slots[i].hash && w->slots[i].hash != hash)
        i = (i + 1) & w->mask;
    return &w->slots[i];
}

static uint32_t find(const struct work *w, uint64_t hash) {
    const struct slot *slot = slot_of(w, hash);
    return slot->hash ? slot->entity : NOBODY;
}

/* Later ones overwrite: the surname goes to the person named last. */
static void put(struct work *w, uint64_t hash, uint32_t entity, bool over) {
    struct slot *slot = slot_of(w, hash);
    if (slot->hash && !over)
        return;
    *slot = (struct slot){hash ? hash : 1, entity};
}

/* --- joining --- */

/* The gazetteer's first entry of the mention's type: what several names share. */
static uint64_t key_entry(const struct work *w, const struct mention *m) {
    if (m->name == GAZETTEER_NONE || m->type == ENTITY_PERSON)
        return 0;
    struct candidates c = gazetteer_candidates(w->alias->gazetteer, m->name);
    for (size_t i = 0; i < c.count; i++) {
        uint32_t entry = candidates_at(c, i);
        uint32_t bit = CLASS_BIT(gazetteer_class(w->alias->gazetteer, entry));
        uint32_t wanted = m->type == ENTITY_LOCATION       ? CLASS_PLACES
                          : m->type == ENTITY_ORGANIZATION ? CLASS_BIT(CLASS_ORGANIZATION)
                          : m->type == ENTITY_GROUP        ? CLASS_BIT(CLASS_GROUP)
                                                           : 0;
        if (bit & wanted)
            return gazetteer_chain(salt(KEY_ENTRY, m->type), entry);
    }
    return 0;
}

static bool is_acronym(const struct work *w, const struct mention *m) {
    return m->last == m->first + 1 &&
           (w->doc->tokens[m->first].shape & SHAPE_ALL_CAPS) != 0;
}

/* Stands the mention in brackets right behind another of its type? "... Army (LNA)" */
static uint32_t entity_introduced(const struct work *w, size_t i) {
    const struct doc *doc = w->doc;
    const struct mention *m = &doc->mentions[i];
    if (i == 0 || m->first == 0 || !is_acronym(w, m))
        return NOBODY;
    const struct mention *before = m - 1;
    struct view mark = doc_token(doc, m->first - 1);
    if (before->last != m->first - 1 || before->type != m->type || !view_is(mark, "("))
        return NOBODY;
    return before->entity;
}

static uint32_t entity_of_person(const struct work *w, const struct words *words) {
    struct view last = words->at[words->count - 1];
    uint32_t entity = find(w, key_word(last, KEY_LAST, ENTITY_PERSON));
    if (words->count > 1)
        return NOBODY;
    if (entity == NOBODY)
        entity = find(w, key_word(last, KEY_FIRST, ENTITY_PERSON));
    if (entity == NOBODY) {
        uint64_t bones = key_bones(last);
        entity = bones ? find(w, bones) : NOBODY;
    }
    return entity;
}

static uint32_t entity_of(const struct work *w, size_t i, const struct words *words,
                          uint64_t entry) {
    const struct mention *m = &w->doc->mentions[i];
    uint32_t entity = find(w, key_whole(words, m->type));
    if (entity == NOBODY && entry)
        entity = find(w, entry);
    if (entity == NOBODY && m->type == ENTITY_PERSON)
        entity = entity_of_person(w, words);
    if (entity == NOBODY && m->type == ENTITY_EVENT && words->count == 1)
        entity = find(w, key_word(words->at[0], KEY_LAST, ENTITY_EVENT));
    if (entity == NOBODY && m->type != ENTITY_PERSON)
        entity = entity_introduced(w, i);
    if (entity == NOBODY && m->type == ENTITY_ORGANIZATION && is_acronym(w, m))
        entity = find(w, key_word(words->at[0], KEY_INITIALS, ENTITY_ORGANIZATION));
    return entity;
}

/* Two full names are one person when one has all the words of the other in its order and
 * both end alike: "Recep Tayyip Erdogan", "Recep Erdogan". */
static bool contains(const struct words *large, const struct words *small) {
    unsigned at = 0;
    for (unsigned i = 0; i < large->count && at < small->count; i++)
        at += view_eq(large->at[i], small->at[at]);
    return at == small->count &&
           view_eq(large->at[large->count - 1], small->at[small->count - 1]);
}

static uint32_t entity_of_full_name(const struct work *w, const struct words *words) {
    uint32_t entity =
        find(w, key_word(words->at[words->count - 1], KEY_LAST, ENTITY_PERSON));
    if (entity == NOBODY)
        return NOBODY;
    struct words known = words_of(
        &w->alias->other, doc_span(w->doc, w->fullest[entity]->at), ENTITY_PERSON);
    bool same =
        known.count > 0 && words->count > 1 &&
        (known.count > words->count ? contains(&known, words) : contains(words, &known));
    return same ? entity : NOBODY;
}

static void learn(struct work *w, const struct mention *m, const struct words *words,
                  uint64_t entry, uint32_t entity) {
    uint64_t key;
    put(w, key_whole(words, m->type), entity, false);
    if (entry)
        put(w, entry, entity, false);
    if (m->type == ENTITY_ORGANIZATION && (key = key_initials(words)) != 0)
        put(w, key, entity, false);
    if (m->type != ENTITY_PERSON && m->type != ENTITY_EVENT)
        return;
    put(w, key_word(words->at[words->count - 1], KEY_LAST, m->type), entity, true);
    if (m->type != ENTITY_PERSON)
        return;
    if (words->count > 1)
        put(w, key_word(words->at[0], KEY_FIRST, ENTITY_PERSON), entity, false);
    if ((key = key_bones(words->at[words->count - 1])) != 0)
        put(w, key, entity, true);
}

static void join(struct work *w, size_t i, bool known_only) {
    struct mention *m = &w->doc->mentions[i];
    struct words words = words_of(&w->alias->key, doc_span(w->doc, m->at), m->type);
    if (words.count == 0) // only particles: take them as they are
        words = words_of(&w->alias->key, doc_span(w->doc, m->at), ENTITY_ORGANIZATION);
    if (words.count == 0) {
        words.at[0] = VIEW_LIT("?");
        words.count = 1;
    }
    uint64_t entry = key_entry(w, m);
    uint32_t entity = entity_of(w, i, &words, entry);
    if (entity == NOBODY && m->type == ENTITY_PERSON)
        entity = entity_of_full_name(w, &words);
    if (entity == NOBODY && known_only)
        return;
    if (entity == NOBODY)
        entity = w->entities++;
    m->entity = entity;
    if (!w->fullest[entity] || words.count > w->fullest_words[entity] ||
        (words.count == w->fullest_words[entity] &&
         m->at.end - m->at.start >
             w->fullest[entity]->at.end - w->fullest[entity]->at.start)) {
        w->fullest[entity] = m;
        w->fullest_words[entity] = words.count;
    }
    learn(w, m, &words, entry, entity);
}

/* --- entities --- */

/* What a mention counts: headlines and beginnings more. */
static double weight_of(const struct doc *doc, const struct mention *m) {
    uint8_t zone = doc->sentences[doc->tokens[m->first].sentence].zone;
    if (zone == ZONE_HEADLINE)
        return 3;
    if (zone == ZONE_DATELINE)
        return .5;
    return m->at.start * 5 < doc->text.len ? 1.5 : 1;
}

static void fill(struct work *w, struct event_entity *entities) {
    struct doc *doc = w->doc;
    double all = 0;
    struct span **mentions =
        arena_alloc(doc->arena, (w->entities + 1) * sizeof *mentions);
    for (size_t i = 0; i < doc->mention_count; i++)
        entities[doc->mentions[i].entity].mention_count++;
    for (uint32_t e = 0; e < w->entities; e++) {
        mentions[e] =
            arena_alloc(doc->arena, entities[e].mention_count * sizeof **mentions);
        entities[e].mentions = mentions[e];
        entities[e].mention_count = 0;
    }
    for (size_t i = 0; i < doc->mention_count; i++) {
        const struct mention *m = &doc->mentions[i];
        struct event_entity *e = &entities[m->entity];
        mentions[m->entity][e->mention_count++] = m->at;
        double weight = weight_of(doc, m);
        e->salience += weight;
        all += weight;
        if ((double)m->score > e->score) {
            e->score = (double)m->score;
            e->why = view_of(m->why);
        }
        if (e->role.len == 0)
            e->role = m->role;
    }
    for (uint32_t e = 0; e < w->entities; e++) {
        entities[e].type = w->fullest[e]->type;
        entities[e].name = doc_span(doc, w->fullest[e]->at);
        entities[e].salience /= all > 0 ? all : 1;
    }
}

/* Entities get the order in which the story names them. */
static void renumber(struct work *w) {
    struct doc *doc = w->doc;
    uint32_t *new_number =
        arena_alloc(doc->arena, (w->entities + 1) * sizeof *new_number);
    const struct mention **fullest =
        arena_alloc(doc->arena, (w->entities + 1) * sizeof *fullest);
    uint32_t next = 0;
    for (uint32_t e = 0; e < w->entities; e++)
        new_number[e] = NOBODY;
    for (size_t i = 0; i < doc->mention_count; i++) {
        struct mention *m = &doc->mentions[i];
        if (new_number[m->entity] == NOBODY) {
            fullest[next] = w->fullest[m->entity];
            new_number[m->entity] = next++;
        }
        m->entity = new_number[m->entity];
    }
    w->fullest = fullest;
}

static void alias_run(void *state, struct doc *doc) {
    size_t slots = 64;
    while (slots < 12 * doc->mention_count)
        slots *= 2;
    struct work w = {.alias = state, .doc = doc, .mask = slots - 1};
    w.slots = arena_zalloc(doc->arena, slots * sizeof *w.slots);
    w.fullest = arena_zalloc(doc->arena, (doc->mention_count + 1) * sizeof *w.fullest);
    w.fullest_words =
        arena_zalloc(doc->arena, (doc->mention_count + 1) * sizeof *w.fullest_words);
    for (size_t i = 0; i < doc->mention_count; i++)
        doc->mentions[i].entity = NOBODY;
    for (size_t i = 0; i < doc->mention_count; i++) {
        const struct mention *m = &doc->mentions[i];
        if (!is_acronym(&w, m))
            join(&w, i, m->type == ENTITY_PERSON && m->last == m->first + 1);
    }
    for (size_t i = 0; i < doc->mention_count; i++)
        if (doc->mentions[i].entity == NOBODY)
            join(&w, i, false);
    renumber(&w);
    doc->entities = arena_zalloc(doc->arena, (w.entities + 1) * sizeof *doc->entities);
    fill(&w, doc->entities);
    doc->event.entities = doc->entities;
    doc->event.entity_count = w.entities;
}

const struct stage stage_alias = {
    .name = "alias", .open = alias_open, .run = alias_run, .close = alias_close};
