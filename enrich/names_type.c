/* names_type.c: a run of name words becomes mentions.
 *
 * Titles cut a run, and what they stand before is a person. What is between is one name
 * of the gazetteer, or ends in a word that says what it is (Libyan National [Army]), or
 * begins with a name that stands for itself ([Russian] ...), or looks like a person (a
 * forename, a particle, an initial), or is unknown: then what stands around it is
 * weighed. */
#include "enrich/names.h"

#define NO_ROLE UINT32_MAX

void names_add(struct names *n, struct draft draft) {
    n->drafts = arena_grow(n->doc->arena, n->drafts, n->draft_count, n->draft_count + 1,
                           sizeof *n->drafts, &n->draft_cap);
    n->drafts[n->draft_count++] = draft;
}

/* A piece of a run and what stands before it. */
struct piece {
    uint32_t first, last;
    uint32_t role_first, role_last; /* NO_ROLE: no title before it */
};

static void emit(struct names *n, const struct piece *piece, enum entity_type type,
                 enum surety surety, float score, const char *why) {
    struct draft draft = {.first = piece->first,
                          .last = piece->last,
                          .role_first = piece->role_first,
                          .role_last = piece->role_last,
                          .name = GAZETTEER_NONE,
                          .type = type,
                          .surety = surety,
                          .score = score,
                          .why = why};
    if (type != ENTITY_PERSON)
        draft.role_first = draft.role_last = NO_ROLE;
    const struct fact *fact = &n->facts[piece->first];
    if (fact->name != GAZETTEER_NONE && n->doc->hits[fact->name].last == piece->last)
        draft.name = n->doc->hits[fact->name].name;
    names_add(n, draft);
}

static bool is_key(const struct names *n, uint32_t i) {
    return (n->facts[i].classes & CLASS_KEYS) != 0 && n->facts[i].capital;
}

static enum entity_type type_of_key(uint32_t classes) {
    if (classes & CLASS_BIT(CLASS_KEY_EVENT))
        return ENTITY_EVENT;
    if (classes & CLASS_BIT(CLASS_KEY_ORGANIZATION))
        return ENTITY_ORGANIZATION;
    if (classes & CLASS_BIT(CLASS_KEY_FACILITY))
        return ENTITY_FACILITY;
    return classes & CLASS_BIT(CLASS_KEY_LOCATION) ? ENTITY_LOCATION : ENTITY_PRODUCT;
}

static const struct hit *hit_at(const struct names *n, uint32_t i) {
    uint32_t name = n->facts[i].name;
    return name == GAZETTEER_NONE ? NULL : &n->doc->hits[name];
}

/* --- what stands around a piece --- */

enum {
    AROUND_SAYS_AFTER,
    AROUND_SAYS_BEFORE,
    AROUND_AGE,
    AROUND_TOWARDS,
    AROUND_THE,
    AROUND_PLACE_AFTER,
    AROUND_NOUN_ORGANIZATION,
    AROUND_NOUN_FACILITY,
    AROUND_NOUN_LOCATION,
    AROUND_DATELINE,
    AROUND_ACRONYM,
    AROUND_SURNAME,
    AROUND_FORENAME,
    AROUND_ORDINARY,
    AROUND_SEVERAL,
    AROUND_PLACE_ENDING,
    AROUND_PERSON_ENDING,
    AROUNDS
};

/* What each is worth for a person, an organization, a location, a facility. */
static const struct {
    float person, organization, location, facility;
    const char *why;
} worth[AROUNDS] = {
    [AROUND_SAYS_AFTER] = {2, 1, 0, 0, "speaks"},
    [AROUND_SAYS_BEFORE] = {1.5f, .2f, -.5f, 0, "speaks"},
    [AROUND_AGE] = {3, 0, 0, 0, "age"},
    [AROUND_TOWARDS] = {-.5f, 0, 2, .2f, "place-word before"},
    [AROUND_THE] = {-2, 1.5f, -.5f, .5f, "the before"},
    [AROUND_PLACE_AFTER] = {0, 0, 2, 0, "place after comma"},
    [AROUND_NOUN_ORGANIZATION] = {-1, 3, 0, 0, "noun after"},
    [AROUND_NOUN_FACILITY] = {-1, 0, 0, 3, "noun after"},
    [AROUND_NOUN_LOCATION] = {-1, 0, 3, 0, "noun after"},
    [AROUND_DATELINE] = {-1, 0, 3, 0, "dateline"},
    [AROUND_ACRONYM] = {-2, 2, -1, -1, "acronym"},
    [AROUND_SURNAME] = {1.5f, 0, 0, 0, "surname"},
    [AROUND_FORENAME] = {2, 0, 0, 0, "forename"},
    [AROUND_ORDINARY] = {-1, 1, 0, 0, "ordinary word inside"},
    [AROUND_SEVERAL] = {1, 0, -.5f, 0, "several words"},
    [AROUND_PLACE_ENDING] = {-.5f, 0, 1.5f, 0, "ending of places"},
    [AROUND_PERSON_ENDING] = {1.2f, 0, 0, 0, "ending of surnames"},
};

static bool ends_like(struct view word, const char *const *endings) {
    for (; *endings; endings++) {
        size_t len = strlen(*endings);
        if (word.len > len + 2 && memcmp(word.at + word.len - len, *endings, len) == 0)
            return true;
    }
    return false;
}

static unsigned letters_around(const struct names *n, const struct piece *p) {
    static const char *const places[] = {"stan",  "abad", "pur",   "grad", "burg",
                                         "ville", "land", "shire", "ania", "polis",
                                         "istan", "town", "gorsk", NULL};
    static const char *const people[] = {
        "sky",  "ski",  "vich",   "enko",   "oglu", "zadeh", "yan", "ovic",
        "ović", "escu", "ansson", "dottir", "ov",   "ev",    "ova", NULL};
    unsigned found = 0;
    bool ordinary = false;
    struct view last = doc_token(n->doc, p->last - 1);
    const struct token *t = &n->doc->tokens[p->last - 1];
    for (uint32_t i = p->first; i < p->last; i++) {
        if (fact_is(n, i, CLASS_FORENAME))
            found |= 1u << AROUND_FORENAME;
        ordinary = ordinary || (fact_is(n, i, CLASS_WORD) &&
                                (n->doc->tokens[i].shape & SHAPE_CAPITAL));
    }
    if (ordinary)
        found |= 1u << AROUND_ORDINARY;
    if (p->last - p->first > 1)
        found |= 1u << AROUND_SEVERAL;
    if (fact_is(n, p->last - 1, CLASS_SURNAME))
        found |= 1u << AROUND_SURNAME;
    if ((t->shape & SHAPE_ALL_CAPS) && t->end - t->start <= 6 && !n->loud &&
        p->last == p->first + 1)
        found |= 1u << AROUND_ACRONYM;
    if (ends_like(last, places))
        found |= 1u << AROUND_PLACE_ENDING;
    if (ends_like(last, people))
        found |= 1u << AROUND_PERSON_ENDING;
    return found;
}

static bool is_number(const struct names *n, uint32_t i) {
    return i < n->end && n->doc->tokens[i].kind == TOKEN_NUMBER;
}

static unsigned after(const struct names *n, const struct piece *p) {
    uint32_t i = p->last;
    unsigned found = 0;
    if (i >= n->end)
        return 0;
    if (names_token_is(n, i, ",")) {
        if (is_number(n, i + 1) &&
            (names_token_is(n, i + 2, ",") || names_token_is(n, i + 2, ".")))
            found |= 1u << AROUND_AGE;
        const struct hit *place = i + 1 < n->end ? hit_at(n, i + 1) : NULL;
        if (place && (place->classes & CLASS_PLACES))
            found |= 1u << AROUND_PLACE_AFTER;
        return found;
    }
    if (!(n->doc->tokens[i].shape & SHAPE_LOWER))
        return 0;
    if (fact_is(n, i, CLASS_SAYS) ||
        (fact_is(n, i + 1, CLASS_SAYS) &&
         (names_token_is(n, i, "also") || names_token_is(n, i, "has"))))
        found |= 1u << AROUND_SAYS_AFTER;
    if (fact_is(n, i, CLASS_KEY_ORGANIZATION))
        found |= 1u << AROUND_NOUN_ORGANIZATION;
    else if (fact_is(n, i, CLASS_KEY_FACILITY))
        found |= 1u << AROUND_NOUN_FACILITY;
    else if (fact_is(n, i, CLASS_KEY_LOCATION))
        found |= 1u << AROUND_NOUN_LOCATION;
    return found;
}

static unsigned before(const struct names *n, const struct piece *p) {
    uint32_t i = p->first;
    if (n->doc->sentences[n->doc->tokens[i].sentence].zone == ZONE_DATELINE &&
        i == n->begin)
        return 1u << AROUND_DATELINE;
    if (i == n->begin)
        return 0;
    i--;
    if (names_token_is(n, i, "of") && i > n->begin)
        return fact_is(n, i - 1, CLASS_KEY_LOCATION) || fact_is(n, i - 1, CLASS_TOWARDS)
                   ? 1u << AROUND_TOWARDS
                   : 0;
    if (names_token_is(n, i, "the"))
        return 1u << AROUND_THE;
    if (fact_is(n, i, CLASS_TOWARDS))
        return 1u << AROUND_TOWARDS;
    return fact_is(n, i, CLASS_SAYS) ? 1u << AROUND_SAYS_BEFORE : 0;
}

/* Weighs what is around a piece nobody knows. */
static void emit_unknown(struct names *n, const struct piece *p) {
    unsigned found = letters_around(n, p) | before(n, p) | after(n, p);
    float score[4] = {.6f, .5f, .6f, -.5f}, best_part = 0;
    static const enum entity_type types[4] = {ENTITY_PERSON, ENTITY_ORGANIZATION,
                                              ENTITY_LOCATION, ENTITY_FACILITY};
    const char *why = "capitals";
    int best = 0;
    for (int i = 0; i < AROUNDS; i++)
        if (found & 1u << i) {
            score[0] += worth[i].person;
            score[1] += worth[i].organization;
            score[2] += worth[i].location;
            score[3] += worth[i].facility;
        }
    for (int i = 1; i < 4; i++)
        if (score[i] > score[best])
            best = i;
    for (int i = 0; i < AROUNDS; i++) {
        const float part[4] = {worth[i].person, worth[i].organization, worth[i].location,
                               worth[i].facility};
        if ((found & 1u << i) && part[best] > best_part) {
            best_part = part[best];
            why = worth[i].why;
        }
    }
    float second = -9;
    for (int i = 0; i < 4; i++)
        if (i != best && score[i] > second)
            second = score[i];
    float lead = score[best] - second;
    emit(n, p, types[best], lead >= 2 ? SURE : WEAK, lead > 4 ? .85f : .45f + .1f * lead,
         why);
}

/* --- names of the gazetteer --- */

static const struct {
    uint32_t classes;
    enum entity_type type;
    const char *why;
} by_class[] = {
    {CLASS_BIT(CLASS_COUNTRY), ENTITY_LOCATION, "gazetteer:country"},
    {CLASS_BIT(CLASS_ORGANIZATION), ENTITY_ORGANIZATION, "gazetteer:organization"},
    {CLASS_BIT(CLASS_GROUP), ENTITY_GROUP, "gazetteer:group"},
    {CLASS_BIT(CLASS_REGION), ENTITY_LOCATION, "gazetteer:region"},
    {CLASS_BIT(CLASS_CITY), ENTITY_LOCATION, "gazetteer:city"},
    {CLASS_BIT(CLASS_ADMIN1), ENTITY_LOCATION, "gazetteer:division"},
    {CLASS_BIT(CLASS_FACILITY), ENTITY_FACILITY, "gazetteer:facility"},
    {CLASS_BIT(CLASS_EVENT), ENTITY_EVENT, "gazetteer:event"},
    {CLASS_BIT(CLASS_PRODUCT), ENTITY_PRODUCT, "gazetteer:product"},
    {CLASS_BIT(CLASS_PERSON), ENTITY_PERSON, "gazetteer:person"},
};

/* A town of this name weighs against people of this name. */
static bool is_big(const struct names *n, const struct hit *hit) {
    struct candidates c = gazetteer_candidates(n->gazetteer, hit->name);
    for (size_t i = 0; i < c.count; i++) {
        struct gazetteer_entry e = gazetteer_entry(n->gazetteer, candidates_at(c, i));
        if (CLASS_BIT(e.class) & CLASS_PLACES)
            return e.class == CLASS_COUNTRY || e.class == CLASS_REGION ||
                   e.population >= 500000 || view_is(e.feature, "PPLC");
    }
    return false;
}

/* Is the gazetteer's place here rather a person (Jordan said, Victoria said)? */
static bool is_rather_person(const struct names *n, const struct hit *hit,
                             const struct piece *p) {
    const uint32_t people = CLASS_BIT(CLASS_FORENAME) | CLASS_BIT(CLASS_SURNAME);
    if (p->role_first != NO_ROLE)
        return true;
    if (!(hit->classes & people) || hit->last != hit->first + 1)
        return false;
    unsigned around = before(n, p) | after(n, p);
    if (around & (1u << AROUND_TOWARDS | 1u << AROUND_DATELINE |
                  1u << AROUND_PLACE_AFTER | 1u << AROUND_NOUN_LOCATION))
        return false;
    return !is_big(n, hit);
}

static void emit_hit(struct names *n, const struct hit *hit, struct piece p) {
    p.first = hit->first;
    p.last = hit->last;
    const struct fact *fact = &n->facts[hit->first];
    bool single = hit->last == hit->first + 1;
    if ((hit->classes & CLASS_PLACES) && is_rather_person(n, hit, &p)) {
        emit(n, &p, ENTITY_PERSON, p.role_first == NO_ROLE ? WEAK : SURE, .7f,
             p.role_first == NO_ROLE ? "surname" : "title+name");
        return;
    }
    if (p.role_first != NO_ROLE && single &&
        !(hit->classes & (CLASS_BIT(CLASS_COUNTRY) | CLASS_BIT(CLASS_GROUP)))) {
        emit(n, &p, ENTITY_PERSON, SURE, .9f, "title+name");
        return;
    }
    for (size_t i = 0; i < sizeof by_class / sizeof *by_class; i++)
        if (hit->classes & by_class[i].classes) {
            bool doubtful = single && fact->plain;
            bool weak =
                single &&
                (hit->classes & (CLASS_BIT(CLASS_FORENAME) | CLASS_BIT(CLASS_SURNAME))) &&
                !is_big(n, hit);
            emit(n, &p, by_class[i].type,
                 doubtful ? SHY
                 : weak   ? WEAK
                          : SURE,
                 doubtful ? .5f : .93f, by_class[i].why);
            return;
        }
}

/* --- dividing --- */

/* The last key word that ends a name beginning at first: its end, or first. */
static uint32_t key_end(const struct names *n, uint32_t first, uint32_t last) {
    for (uint32_t i = last; i > first + 1; i--)
        if (is_key(n, i - 1))
            return i;
    return first;
}

static uint32_t first_connector(const struct names *n, uint32_t first, uint32_t last) {
    for (uint32_t i = first + 1; i < last; i++)
        if (names_token_is(n, i, "of") || names_token_is(n, i, "for"))
            return i;
    return last;
}

/* Does a title begin at i that is no part of a name? */
static bool is_title(const struct names *n, uint32_t i, uint32_t last) {
    const struct hit *hit = hit_at(n, i);
    uint32_t end = i + n->facts[i].title;
    if (!n->facts[i].title || end > last)
        return false;
    if (hit && hit->last > end)
        return false;
    if (names_token_is(n, end, "of") && end < last)
        return false;
    for (uint32_t k = end; k < last; k++) {
        if (k > end && n->facts[k].title)
            return true; // what is behind that one is not ours
        if (is_key(n, k) && !fact_is(n, k, CLASS_SURNAME))
            return false;
    }
    return true;
}

static bool looks_like_person(const struct names *n, uint32_t first, uint32_t last) {
    if (last - first < 2 || last - first > 7 || is_key(n, last - 1))
        return false;
    if (fact_is(n, first, CLASS_FORENAME) && !fact_is(n, first + 1, CLASS_GROUP))
        return true;
    for (uint32_t i = first; i < last; i++) {
        if (n->doc->tokens[i].shape & SHAPE_INITIAL && i + 1 < last)
            return true;
        if (i > first && fact_is(n, i, CLASS_PARTICLE) &&
            (n->doc->tokens[i].shape & SHAPE_LOWER))
            return true;
    }
    return fact_is(n, last - 1, CLASS_SURNAME) && !fact_is(n, last - 1, CLASS_WORD) &&
           !fact_is(n, first, CLASS_WORD) && !hit_at(n, first);
}

static enum entity_type type_by_key(const struct names *n, uint32_t first,
                                    uint32_t last) {
    uint32_t of = first_connector(n, first, last);
    if (of < last && is_key(n, of - 1))
        return type_of_key(n->facts[of - 1].classes);
    return type_of_key(n->facts[last - 1].classes);
}

/* A name by its words: "Ministry of Health", "Libyan National Army", "Mount Etna".
 * Returns its end, or first. */
static uint32_t emit_by_key(struct names *n, struct piece p) {
    uint32_t of = first_connector(n, p.first, p.last), end = p.first;
    if (of < p.last && is_key(n, of - 1))
        end = p.last;
    else if (fact_is(n, p.first, CLASS_KEY_BEFORE) && p.last > p.first + 1)
        end = p.last;
    else
        end = key_end(n, p.first, p.last);
    if (end <= p.first + 1)
        return p.first;
    p.last = end;
    enum entity_type type =
        end == p.last && fact_is(n, p.first, CLASS_KEY_BEFORE) && !is_key(n, end - 1)
            ? type_of_key(n->facts[p.first].classes)
            : type_by_key(n, p.first, end);
    emit(n, &p, type, SURE, .85f, "key word");
    return end;
}

static bool stays_with_rest(const struct names *n, const struct hit *hit, uint32_t last) {
    const uint32_t people = CLASS_BIT(CLASS_FORENAME) | CLASS_BIT(CLASS_SURNAME);
    bool single = hit->last == hit->first + 1;
    if (hit->last >= last || (hit->classes & (CLASS_BIT(CLASS_GROUP))))
        return false;
    if (single && (hit->classes & people) && !hit_at(n, hit->last))
        return true; // Jordan Henderson, Paris Hilton
    if (!(hit->classes & CLASS_PLACES) || hit_at(n, hit->last) ||
        fact_is(n, hit->last, CLASS_FORENAME))
        return false;
    return !(n->doc->tokens[hit->first].shape & SHAPE_ALL_CAPS) && single &&
           !is_big(n, hit);
}

static void divide_piece(struct names *n, struct piece p) {
    while (p.first < p.last) {
        const struct hit *hit = hit_at(n, p.first);
        uint32_t end;
        if (hit && hit->last > p.last)
            hit = NULL;
        if (hit && hit->last == p.last) {
            emit_hit(n, hit, p);
            return;
        }
        end = emit_by_key(n, p);
        if (end > p.first) {
            p.first = end;
            p.role_first = NO_ROLE;
            continue;
        }
        if (hit && !stays_with_rest(n, hit, p.last)) {
            emit_hit(n, hit, p);
            p.first = hit->last;
            p.role_first = NO_ROLE;
            if (names_is_joint(n, p.first))
                p.first++;
            continue;
        }
        if (p.last == p.first + 1 &&
            (is_key(n, p.first) || (n->doc->tokens[p.first].shape & SHAPE_INITIAL) ||
             (n->facts[p.first].title && p.role_first == NO_ROLE)))
            return;
        if (p.role_first != NO_ROLE)
            emit(n, &p, ENTITY_PERSON, SURE, .95f, "title+name");
        else if (looks_like_person(n, p.first, p.last))
            emit(n, &p, ENTITY_PERSON, SURE, .88f, "forename+name");
        else
            emit_unknown(n, &p);
        return;
    }
}

/* A title in small letters that ends where the run begins: "president [Sisi]". */
static struct piece with_role_before(const struct names *n, uint32_t first,
                                     uint32_t last) {
    struct piece p = {first, last, NO_ROLE, NO_ROLE};
    for (uint32_t i = first; i-- > n->begin && i + 4 > first;)
        if (n->facts[i].title && i + n->facts[i].title == first) {
            p.role_first = i;
            p.role_last = first;
        }
    return p;
}

/* Goes the ordinary word that begins the sentence with the name behind it? "National
 * Assembly" does, "Police [Kabul]" does not. */
static bool belongs(const struct names *n, uint32_t first, uint32_t last) {
    if (last == first + 1 || fact_is(n, first, CLASS_FUNCTION))
        return false;
    if (hit_at(n, first) && hit_at(n, first)->last > first + 1)
        return true;
    const struct fact *next = &n->facts[first + 1];
    if (fact_is(n, first, CLASS_FORENAME))
        return true;
    return next->name == GAZETTEER_NONE && !next->title && is_key(n, last - 1) &&
           !(next->classes & CLASS_BIT(CLASS_FORENAME));
}

void names_divide(struct names *n, uint32_t first, uint32_t last) {
    struct piece p = {first, last, NO_ROLE, NO_ROLE};
    if (n->facts[first].plain && !n->facts[first].title && !belongs(n, first, last)) {
        struct piece alone = {first, first + 1, NO_ROLE, NO_ROLE};
        const struct hit *hit = hit_at(n, first);
        if (hit && hit->last == first + 1)
            emit_hit(n, hit, alone);
        else if (!fact_is(n, first, CLASS_FUNCTION))
            emit(n, &alone, ENTITY_PERSON, SHY, .6f, "named elsewhere");
        p.first++;
    }
    if (p.first == first)
        p = with_role_before(n, first, last);
    while (p.first < last) {
        if (is_title(n, p.first, last)) {
            p.role_first = p.first;
            p.first = p.role_last = p.first + n->facts[p.first].title;
            continue;
        }
        p.last = p.first + 1;
        while (p.last < last && !is_title(n, p.last, last))
            p.last++;
        divide_piece(n, p);
        p.first = p.last;
        p.role_first = NO_ROLE;
    }
}
