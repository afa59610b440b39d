/* names_memory.c: one story, one sense. What was found for sure decides what was not: a
 * word that is some person's surname here is that person, an acronym that was introduced
 * in brackets is what it stands for, a capital that might be grammar is a name if the
 * name stands elsewhere. */
#include "enrich/names.h"

#include <stdlib.h>

struct memory_slot {
    uint64_t hash;
    uint32_t draft;
    bool surname; /* remembered for its last word only */
};

struct memory {
    struct memory_slot *slots;
    size_t mask;
};

static uint64_t hash_of(const struct names *n, uint32_t first, uint32_t last) {
    uint64_t hash = 0;
    for (uint32_t i = first; i < last; i++)
        if (n->doc->tokens[i].kind != TOKEN_PUNCT)
            hash = gazetteer_chain(hash, n->hashes[i]);
    return hash ? hash : 1;
}

static struct memory_slot *slot_of(const struct memory *m, uint64_t hash) {
    size_t i = (size_t)(hash >> 32) & m->mask;
    while (m->slots[i].hash && m->slots[i].hash != hash)
        i = (i + 1) & m->mask;
    return &m->slots[i];
}

static void remember(struct memory *m, uint64_t hash, uint32_t draft, bool surname) {
    struct memory_slot *slot = slot_of(m, hash);
    if (!slot->hash || (slot->surname && !surname))
        *slot = (struct memory_slot){hash, draft, surname};
}

static struct memory memory_of(const struct names *n) {
    size_t slots = 16;
    while (slots < 4 * n->draft_count + 4)
        slots *= 2;
    struct memory m = {arena_zalloc(n->doc->arena, slots * sizeof(struct memory_slot)),
                       slots - 1};
    for (uint32_t i = 0; i < n->draft_count; i++) {
        const struct draft *d = &n->drafts[i];
        if (d->surety != SURE)
            continue;
        remember(&m, hash_of(n, d->first, d->last), i, false);
        bool headed = d->type == ENTITY_EVENT && d->last == d->first + 2 &&
                      fact_is(n, d->first, CLASS_KEY_BEFORE); // "Typhoon Goni"
        if ((d->type == ENTITY_PERSON && d->last > d->first + 1) || headed)
            remember(&m, hash_of(n, d->last - 1, d->last), i, true);
    }
    return m;
}

/* --- acronyms in brackets --- */

static bool is_small_connector(const struct names *n, uint32_t i) {
    return (n->doc->tokens[i].shape & SHAPE_LOWER) && fact_is(n, i, CLASS_FUNCTION);
}

static char capital_of(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }

/* The token where the words begin whose initials, read backwards from `end`, give the
 * acronym; `end` if they do not. */
static uint32_t words_of_acronym(const struct names *n, struct view acronym,
                                 uint32_t begin, uint32_t end) {
    size_t left = acronym.len;
    uint32_t i = end;
    while (left > 0 && i > begin && end - i < 16) {
        i--;
        const struct token *t = &n->doc->tokens[i];
        if (t->kind == TOKEN_PUNCT || (t->shape & SHAPE_POSSESSIVE)) {
            if (!names_is_joint(n, i) && !(t->shape & SHAPE_POSSESSIVE) &&
                !mark_is(n, i, MARK_AMPERSAND))
                return end;
            continue;
        }
        if (capital_of(doc_token(n->doc, i).at[0]) == acronym.at[left - 1])
            left--;
        else if (!is_small_connector(n, i))
            return end;
    }
    return left == 0 && !(n->doc->tokens[i].shape & SHAPE_LOWER) ? i : end;
}

/* Draft `i` is "(GNA)": what it stands for gets its extent, both the same type. */
static void bind(struct names *n, uint32_t i, struct draft *previous) {
    struct draft *d = &n->drafts[i];
    uint32_t open = d->first - 1;
    uint32_t begin = n->doc->sentences[n->doc->tokens[open].sentence].first;
    uint32_t from = words_of_acronym(n, doc_token(n->doc, d->first), begin, open);
    bool adjacent = previous && previous->last == open;
    if (from < open && (!adjacent || previous->first > from)) {
        struct draft full = *d;
        full.first = from;
        full.last = open;
        full.name = GAZETTEER_NONE;
        full.why = "acronym follows";
        full.type = adjacent && previous->type != ENTITY_PERSON &&
                            previous->type != ENTITY_GROUP &&
                            previous->type != ENTITY_LOCATION
                        ? previous->type
                        : ENTITY_ORGANIZATION;
        full.surety = SURE;
        full.score = .92f;
        d->type = full.type;
        d->surety = SURE;
        names_add(n, full);
        return;
    }
    if (!adjacent || (previous->type == ENTITY_PERSON && previous->why[0] == 't') ||
        (previous->type == ENTITY_LOCATION && d->name == GAZETTEER_NONE))
        return;
    if (from == previous->first) {
        if (previous->type == ENTITY_PERSON)
            previous->type = ENTITY_ORGANIZATION;
        previous->surety = SURE;
        d->type = previous->type;
        d->surety = SURE;
        d->why = "acronym of what is before";
    } else if (previous->type == ENTITY_ORGANIZATION) {
        d->type = previous->type;
        d->surety = SURE;
    }
}

static void bind_acronyms(struct names *n) {
    size_t count = n->draft_count;
    for (uint32_t i = 0; i < count; i++) {
        struct draft d = n->drafts[i];
        if (d.last != d.first + 1 || d.first == 0 || d.type == ENTITY_LOCATION ||
            !(n->doc->tokens[d.first].shape & SHAPE_ALL_CAPS) ||
            !mark_is(n, d.first - 1, MARK_OPEN) || !mark_is(n, d.last, MARK_CLOSE) ||
            d.surety == SHY)
            continue;
        bind(n, i, i ? &n->drafts[i - 1] : NULL);
    }
}

/* --- settling --- */

static void settle_one(const struct names *n, const struct memory *m, struct draft *d) {
    if (d->surety == SURE)
        return;
    struct memory_slot *slot = slot_of(m, hash_of(n, d->first, d->last));
    if (!slot->hash || (slot->surname && d->type == ENTITY_GROUP))
        return;
    const struct draft *known = &n->drafts[slot->draft];
    d->type = known->type;
    if (!slot->surname)
        d->name = known->name;
    d->score = slot->surname ? .9f : known->score * .95f;
    d->why = slot->surname ? "last word of a name" : "named elsewhere";
    d->surety = SURE;
}

static const enum entity_type types[VOTES] = {
    [VOTE_PERSON] = ENTITY_PERSON,     [VOTE_ORGANIZATION] = ENTITY_ORGANIZATION,
    [VOTE_LOCATION] = ENTITY_LOCATION, [VOTE_FACILITY] = ENTITY_FACILITY,
    [VOTE_GROUP] = ENTITY_GROUP,       [VOTE_PRODUCT] = ENTITY_PRODUCT,
};

static void elect(struct draft *d, const struct votes *votes) {
    unsigned best = 0;
    float second = -99;
    for (unsigned v = 1; v < VOTES; v++)
        if (votes->of[v] > votes->of[best])
            best = v;
    for (unsigned v = 0; v < VOTES; v++)
        if (v != best && votes->of[v] > second)
            second = votes->of[v];
    float lead = votes->of[best] - second;
    d->surety = best == VOTE_NOTHING ? SHY : WEAK;
    d->type = types[best];
    d->score = lead > 3 ? .85f : .4f + .15f * lead;
}

/* All mentions of one spelling vote together; several words first, for they tell whose
 * surname a single one is. */
static void settle_unknown(struct names *n, struct memory *m) {
    struct memory box = *m;
    box.slots = arena_zalloc(n->doc->arena, (m->mask + 1) * sizeof *box.slots);
    for (uint32_t i = 0; i < n->draft_count; i++) {
        struct draft *d = &n->drafts[i];
        if (d->surety != UNKNOWN)
            continue;
        uint64_t hash = hash_of(n, d->first, d->last);
        struct memory_slot *slot = slot_of(&box, hash);
        if (!slot->hash) {
            *slot = (struct memory_slot){hash, i, false};
            continue;
        }
        for (unsigned v = 0; v < VOTES; v++)
            n->drafts[slot->draft].votes.of[v] += d->votes.of[v];
    }
    for (uint32_t i = 0; i < n->draft_count; i++) {
        struct draft *d = &n->drafts[i];
        if (d->surety != UNKNOWN)
            continue;
        uint32_t first = slot_of(&box, hash_of(n, d->first, d->last))->draft;
        elect(d, &n->drafts[first].votes);
        if (d->type == ENTITY_PERSON && d->surety == WEAK && d->last > d->first + 1)
            remember(m, hash_of(n, d->last - 1, d->last), i, true);
    }
}

/* In order of the text; of two that overlap, the longer before the shorter. */
static int by_position(const void *a, const void *b) {
    const struct draft *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    if (x->last != y->last)
        return x->last > y->last ? -1 : 1;
    return (int)x->surety - (int)y->surety;
}

static void put_mention(struct names *n, const struct draft *d) {
    struct doc *doc = n->doc;
    struct mention *mention = &doc->mentions[doc->mention_count++];
    *mention = (struct mention){
        .first = d->first,
        .last = d->last,
        .at = {doc->tokens[d->first].start, doc->tokens[d->last - 1].end},
        .type = d->type,
        .score = d->score,
        .role = VIEW_LIT(""),
        .why = d->why,
        .name = d->name};
    if (d->type == ENTITY_PERSON && d->role_first != UINT32_MAX)
        mention->role = doc_span(doc, (struct span){doc->tokens[d->role_first].start,
                                                    doc->tokens[d->role_last - 1].end});
}

void names_settle(struct names *n) {
    struct doc *doc = n->doc;
    bind_acronyms(n);
    struct memory memory = memory_of(n);
    settle_unknown(n, &memory);
    for (size_t i = 0; i < n->draft_count; i++)
        settle_one(n, &memory, &n->drafts[i]);
    if (n->draft_count)
        qsort(n->drafts, n->draft_count, sizeof *n->drafts, by_position);
    doc->mentions = arena_alloc(doc->arena, (n->draft_count + 1) * sizeof *doc->mentions);
    doc->mention_count = 0;
    uint32_t end = 0;
    for (size_t i = 0; i < n->draft_count; i++) {
        const struct draft *d = &n->drafts[i];
        if (d->surety == SHY || d->first < end)
            continue;
        put_mention(n, d);
        end = d->last;
    }
}
