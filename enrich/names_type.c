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

static const struct hit *hit_at(const struct names *n, uint32_t i) {
    uint32_t name = n->facts[i].name;
    return name == GAZETTEER_NONE ? NULL : &n->doc->hits[name];
}

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
    if (surety == UNKNOWN) {
        draft.votes = names_vote(n, piece->first, piece->last);
        draft.why = draft.votes.why;
    }
    const struct hit *hit = hit_at(n, piece->first);
    if (hit && hit->last == piece->last)
        draft.name = hit->name;
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

/* --- names of the gazetteer --- */

static const struct {
    uint32_t classes;
    enum entity_type type;
    const char *why;
} by_class[] = {
    {CLASS_BIT(CLASS_COUNTRY), ENTITY_LOCATION, "gazetteer:country"},
    {CLASS_BIT(CLASS_GROUP), ENTITY_GROUP, "gazetteer:group"},
    {CLASS_BIT(CLASS_ORGANIZATION), ENTITY_ORGANIZATION, "gazetteer:organization"},
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
            return e.class != CLASS_CITY || e.population >= 500000 ||
                   view_is(e.feature, "PPLC");
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
    return !is_big(n, hit) && !names_near_place(n, p->first, p->last);
}

static void emit_hit(struct names *n, const struct hit *hit, struct piece p) {
    p.first = hit->first;
    p.last = hit->last;
    const struct fact *fact = &n->facts[hit->first];
    bool single = hit->last == hit->first + 1;
    if (mark_is(n, hit->last, MARK_DOLLAR) && !n->doc->tokens[hit->last].space_before)
        return; // "US$58 million"
    if ((mark_is(n, p.first, MARK_THE)) &&
        (hit->classes & CLASS_BIT(CLASS_ORGANIZATION)) && !single)
        p.first++;
    if ((hit->classes & CLASS_PLACES) && !(hit->classes & CLASS_BIT(CLASS_GROUP)) &&
        is_rather_person(n, hit, &p)) {
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
            bool doubtful = single && fact->plain &&
                            (n->loud || !(hit->classes & CLASS_BIT(CLASS_GROUP)));
            bool weak = single && by_class[i].classes == CLASS_BIT(CLASS_CITY) &&
                        !is_big(n, hit) && !names_near_place(n, p.first, p.last);
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
        if (mark_is(n, i, MARK_OF) || mark_is(n, i, MARK_FOR))
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
    if (mark_is(n, end, MARK_OF) && end < last)
        return false;
    if (fact_is(n, i, CLASS_FORENAME) && n->facts[i].title == 1 && i > n->begin &&
        i + 2 == last && n->facts[i - 1].title)
        return false; // "Rep. [Dean Farris]"
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
    if (n->facts[first].capital && fact_is(n, first, CLASS_FORENAME) &&
        !(n->doc->tokens[first].shape & SHAPE_LOWER) &&
        !fact_is(n, first + 1, CLASS_GROUP))
        return true;
    for (uint32_t i = first; i < last; i++) {
        struct view word = doc_token(n->doc, i);
        if (i + 1 < last && ((n->doc->tokens[i].shape & SHAPE_INITIAL) ||
                             (word.len > 3 && word.len < 9 && word.at[1] == '.')))
            return true; // "B.B. King"
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
    if (last > first + 1 && n->doc->tokens[last - 1].kind == TOKEN_NUMBER)
        last--;
    return type_of_key(n->facts[is_key(n, last - 1) ? last - 1 : first].classes);
}

/* Where a name by its words that begins at p.first ends, or p.first. */
static uint32_t end_by_key(const struct names *n, const struct piece *p) {
    uint32_t of = first_connector(n, p->first, p->last);
    if (of < p->last && is_key(n, of - 1))
        return p->last;
    if (fact_is(n, p->first, CLASS_KEY_BEFORE) && p->last > p->first + 1)
        return p->last;
    uint32_t end = key_end(n, p->first, p->last);
    if (end == p->first && is_key(n, p->first))
        end++;
    if (end > p->first && end < p->last && n->doc->tokens[end].kind == TOKEN_NUMBER)
        end++; // "Pier 12"
    return end > p->first + 1 ? end : p->first;
}

/* Is the name preceded by "26th"? */
static bool is_ordinal(const struct names *n, uint32_t first) {
    if (first == n->begin || !(n->doc->tokens[first - 1].shape & SHAPE_DIGITS))
        return false;
    struct view word = doc_token(n->doc, first - 1);
    if (word.len < 3)
        return false;
    struct view end = view_n(word.at + word.len - 2, 2);
    return view_is(end, "th") || view_is(end, "st") || view_is(end, "nd") ||
           view_is(end, "rd");
}

/* A name by its words: "Ministry of Health", "Libyan National Army", "Mount Etna".
 * Returns its end, or first. */
static uint32_t emit_by_key(struct names *n, struct piece p) {
    const uint32_t nations = CLASS_BIT(CLASS_COUNTRY) | CLASS_BIT(CLASS_GROUP);
    uint32_t end = end_by_key(n, &p);
    if (end == p.first)
        return end;
    const struct hit *owner = hit_at(n, p.first);
    enum entity_type type = type_by_key(n, p.first, end);
    if (owner && owner->last < end - 1 && (owner->classes & nations) &&
        (type == ENTITY_LOCATION || type == ENTITY_EVENT))
        return p.first; // "[U.S.] [Gulf Coast]"
    p.last = end;
    if (type == ENTITY_ORGANIZATION && is_ordinal(n, p.first))
        p.first--; // "26th Marine Expeditionary Unit"
    emit(n, &p, type, SURE, .85f, "key word");
    return end;
}

static bool stays_with_rest(const struct names *n, const struct hit *hit, uint32_t last) {
    const uint32_t people = CLASS_BIT(CLASS_FORENAME) | CLASS_BIT(CLASS_SURNAME);
    bool single = hit->last == hit->first + 1;
    if (hit->last >= last || (hit->classes & (CLASS_BIT(CLASS_GROUP))))
        return false;
    const struct hit *next = hit_at(n, hit->last);
    bool next_stands =
        next && (next->last > next->first + 1 ||
                 (next->classes & (CLASS_BIT(CLASS_COUNTRY) | CLASS_BIT(CLASS_GROUP))));
    if (single && !next_stands &&
        ((hit->classes & people) || names_particles(n, hit->last)))
        return true; // Jordan Henderson, Paris Hilton, George Bush
    if (!(hit->classes & CLASS_PLACES) || hit_at(n, hit->last) ||
        fact_is(n, hit->last, CLASS_FORENAME))
        return false;
    return !(n->doc->tokens[hit->first].shape & SHAPE_ALL_CAPS) && single &&
           !is_big(n, hit);
}

/* "T-55", "RPG-7", "Mi-171" */
static bool is_model(const struct names *n, const struct piece *p) {
    const struct token *t = &n->doc->tokens[p->first];
    return p->last == p->first + 3 && names_is_joint(n, p->first + 1) &&
           n->doc->tokens[p->first + 2].kind == TOKEN_NUMBER && t->end - t->start <= 4;
}

static void emit_person_or_unknown(struct names *n, const struct piece *p) {
    if (is_model(n, p))
        emit(n, p, ENTITY_PRODUCT, SURE, .7f, "letters and number");
    else if (p->role_first != NO_ROLE)
        emit(n, p, ENTITY_PERSON, SURE, .95f, "title+name");
    else if (looks_like_person(n, p->first, p->last))
        emit(n, p, ENTITY_PERSON, SURE, .88f, "forename+name");
    else
        emit(n, p, ENTITY_PERSON, UNKNOWN, .5f, "");
}

static const char *const compass[] = {
    "North",     "South",     "East",      "West",      "Northern",    "Southern",
    "Eastern",   "Western",   "Central",   "Upper",     "Lower",       "Greater",
    "Northeast", "Northwest", "Southeast", "Southwest", "Northwestern"};

static bool is_compass(const struct names *n, uint32_t i) {
    for (size_t k = 0; k < sizeof compass / sizeof *compass; k++)
        if (names_token_is(n, i, compass[k]))
            return true;
    return false;
}

/* "[South Darfur]", "[Northern Gaza]". Returns its end, or first. */
static uint32_t emit_compass(struct names *n, struct piece p) {
    const struct hit *hit = p.first + 1 < p.last ? hit_at(n, p.first + 1) : NULL;
    if (!hit || hit->last > p.last || !is_compass(n, p.first) ||
        !(hit->classes & CLASS_PLACES))
        return p.first;
    p.last = hit->last;
    emit(n, &p, ENTITY_LOCATION, SURE, .85f, "compass and place");
    return p.last;
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
        end = emit_compass(n, p);
        if (end == p.first)
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
        emit_person_or_unknown(n, &p);
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
    if (last == first + 1)
        return false;
    if (hit_at(n, first) && hit_at(n, first)->last > first + 1)
        return true;
    if (is_compass(n, first) && hit_at(n, first + 1))
        return true;
    if (fact_is(n, first, CLASS_PARTICLE) && names_is_joint(n, first + 1))
        return true; // "Al-Bahlul"
    if (fact_is(n, first, CLASS_FUNCTION))
        return false;
    const struct fact *next = &n->facts[first + 1];
    if (fact_is(n, first, CLASS_FORENAME) || fact_is(n, first, CLASS_KEY_BEFORE))
        return true;
    return next->name == GAZETTEER_NONE && !next->title && is_key(n, last - 1) &&
           !(next->classes & CLASS_BIT(CLASS_FORENAME));
}

/* Where the piece that begins at i ends: before the next title, or before a people after
 * a person. A name of the gazetteer is not cut. */
static uint32_t piece_end(const struct names *n, uint32_t i, uint32_t last) {
    bool person = n->facts[i].title || (i > n->begin && n->facts[i - 1].title) ||
                  fact_is(n, i, CLASS_FORENAME);
    uint32_t end = i;
    while (end < last) {
        const struct hit *hit = hit_at(n, end);
        if (end > i &&
            (is_title(n, end, last) ||
             (person && hit && end > i + 1 && (hit->classes & CLASS_BIT(CLASS_GROUP)) &&
              !is_key(n, last - 1))))
            break;
        end = hit && hit->last <= last ? hit->last : end + 1;
    }
    return end;
}

static bool is_all_ordinary(const struct names *n, struct piece p) {
    for (uint32_t i = p.first; i < p.last; i++)
        if (!fact_is(n, i, CLASS_WORD) || n->facts[i].name != GAZETTEER_NONE)
            return false;
    return true;
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
        p.last = piece_end(n, p.first, last);
        if (p.last < last && p.role_first == NO_ROLE && is_all_ordinary(n, p)) {
            p.role_first = p.first; // "[Coordinating] Minister"
            p.first = p.role_last = p.last + n->facts[p.last].title;
            if (is_title(n, p.last, last))
                continue;
            p.first = p.last;
        }
        divide_piece(n, p);
        p.first = p.last;
        p.role_first = NO_ROLE;
    }
}
