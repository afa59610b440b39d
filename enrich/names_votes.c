/* names_votes.c: what an unknown name is, by its letters and by what stands around it.
 *
 * Each sign that is there adds its weights to the votes for person, organization and so
 * on; all mentions of one spelling in a story vote together (names_memory.c). The weights
 * were fitted on annotated newswire (multinomial logistic regression, L2). */
#include "enrich/names.h"

enum sign {
    SIGN_ALWAYS,
    SIGN_SAYS_AFTER,
    SIGN_SAYS_BEFORE,
    SIGN_AGE,
    SIGN_TOWARDS,
    SIGN_THE,
    SIGN_A,
    SIGN_OF,
    SIGN_BY,
    SIGN_PLACE_AFTER,
    SIGN_PLACE_LIST,
    SIGN_ORGANIZATION_AFTER,
    SIGN_FACILITY_AFTER,
    SIGN_LOCATION_AFTER,
    SIGN_GROUP_AFTER,
    SIGN_PRODUCT_AFTER,
    SIGN_ORGANIZATION_BEFORE,
    SIGN_FACILITY_BEFORE,
    SIGN_LOCATION_BEFORE,
    SIGN_PRODUCT_BEFORE,
    SIGN_OFFICE_AFTER,
    SIGN_DATELINE,
    SIGN_ACRONYM,
    SIGN_DIGITS,
    SIGN_INNER_CAPITAL,
    SIGN_SURNAME,
    SIGN_FORENAME,
    SIGN_ORDINARY,
    SIGN_ALL_ORDINARY,
    SIGN_TWO,
    SIGN_MORE,
    SIGN_PLACE_ENDING,
    SIGN_PERSON_ENDING,
    SIGN_GROUP_ENDING,
    SIGN_PLURAL,
    SIGN_POSSESSIVE,
    SIGN_BRACKETS,
    SIGN_QUOTES,
    SIGN_FIRST,
    SIGN_COMMA_AFTER,
    SIGN_COMMA_BEFORE,
    SIGN_NUMBER_AFTER,
    SIGN_NUMBER_BEFORE,
    SIGN_WORD_AFTER,
    SIGN_NAME_BEFORE,
    SIGN_NAME_AFTER,
    SIGN_LOUD,
    SIGNS
};

/* For a person, an organization, a location, a facility, a group, a product, for no name
 * at all; and what to call the sign when it decided. */
static const struct {
    float of[VOTES];
    const char *why;
} worth[SIGNS] = {
    [SIGN_ALWAYS] = {{0.54f, 0.62f, 0.52f, -1.09f, -0.85f, -0.63f, 0.88f}, NULL},
    [SIGN_SAYS_AFTER] = {{2.28f, 0.72f, 0.04f, -0.34f, -0.67f, -0.67f, -1.35f}, "speaks"},
    [SIGN_SAYS_BEFORE] = {{1.26f, 1.20f, -0.74f, -0.61f, 0.15f, -1.06f, -0.20f},
                          "speaks"},
    [SIGN_AGE] = {{2.19f, -1.01f, -0.72f, -0.12f, -0.19f, -0.05f, -0.11f}, "age"},
    [SIGN_TOWARDS] = {{-1.37f, 0.11f, 2.91f, 1.99f, -1.05f, -1.82f, -0.77f},
                      "place-word before"},
    [SIGN_THE] = {{-2.37f, 0.18f, 0.65f, 1.32f, 0.57f, -0.41f, 0.07f}, "the before"},
    [SIGN_A] = {{-1.92f, -0.75f, -0.22f, -1.07f, 1.65f, 1.77f, 0.55f}, NULL},
    [SIGN_OF] = {{-0.76f, 0.35f, 1.44f, 0.16f, -0.29f, -0.62f, -0.27f}, NULL},
    [SIGN_BY] = {{0.39f, 1.06f, -0.61f, -0.50f, -0.02f, -0.27f, -0.04f}, NULL},
    [SIGN_PLACE_AFTER] = {{-1.29f, 0.22f, 1.67f, -0.08f, 0.13f, -0.24f, -0.40f},
                          "place after comma"},
    [SIGN_PLACE_LIST] = {{-0.62f, -0.30f, 1.21f, 0.31f, -0.44f, 0.46f, -0.63f},
                         "among places"},
    [SIGN_ORGANIZATION_AFTER] = {{-1.13f, 1.58f, -0.33f, -0.49f, 0.95f, -0.52f, -0.06f},
                                 "noun beside"},
    [SIGN_FACILITY_AFTER] = {{-1.00f, -1.30f, 0.55f, 3.56f, -0.27f, -0.45f, -1.09f},
                             "noun beside"},
    [SIGN_LOCATION_AFTER] = {{-1.08f, -0.97f, 3.21f, -0.38f, 0.77f, -0.48f, -1.05f},
                             "noun beside"},
    [SIGN_GROUP_AFTER] = {{-1.31f, -0.76f, 0.87f, -0.36f, 2.73f, -0.55f, -0.63f},
                          "noun beside"},
    [SIGN_PRODUCT_AFTER] = {{-0.76f, 0.10f, -0.53f, -0.14f, -0.47f, 2.88f, -1.08f},
                            "noun beside"},
    [SIGN_ORGANIZATION_BEFORE] = {{-0.50f, 2.81f, -0.63f, -0.25f, -0.35f, 0.05f, -1.13f},
                                  "noun beside"},
    [SIGN_FACILITY_BEFORE] = {{-0.11f, -0.31f, -0.03f, 0.30f, -0.02f, -0.02f, 0.19f},
                              "noun beside"},
    [SIGN_LOCATION_BEFORE] = {{0.04f, -0.01f, -0.02f, -0.12f, -0.08f, -0.08f, 0.27f},
                              "noun beside"},
    [SIGN_PRODUCT_BEFORE] = {{-1.08f, -1.43f, -0.44f, -0.17f, -0.23f, 3.93f, -0.57f},
                             "noun beside"},
    [SIGN_OFFICE_AFTER] = {{-1.74f, 1.45f, -0.32f, -0.03f, 1.60f, -0.67f, -0.30f}, NULL},
    [SIGN_DATELINE] = {{-0.72f, -1.34f, 2.70f, -0.02f, -0.06f, -0.04f, -0.52f},
                       "dateline"},
    [SIGN_ACRONYM] = {{-0.62f, 2.26f, -0.44f, -0.06f, -2.06f, 0.33f, 0.61f}, "acronym"},
    [SIGN_DIGITS] = {{-1.97f, -0.84f, -2.19f, 0.87f, -0.94f, 2.46f, 2.61f}, "digits"},
    [SIGN_INNER_CAPITAL] = {{-0.78f, 1.75f, -1.77f, 0.20f, -0.68f, 1.40f, -0.14f},
                            "capital inside"},
    [SIGN_SURNAME] = {{1.37f, -0.36f, -0.24f, -0.43f, -0.74f, -0.12f, 0.52f}, "surname"},
    [SIGN_FORENAME] = {{0.89f, 0.09f, -0.72f, -0.27f, -0.71f, 0.75f, -0.03f}, "forename"},
    [SIGN_ORDINARY] = {{-2.06f, 0.69f, 0.24f, 0.53f, -1.25f, 0.54f, 1.32f},
                       "ordinary word inside"},
    [SIGN_ALL_ORDINARY] = {{-2.05f, 0.56f, -0.55f, -0.40f, -0.52f, -0.23f, 3.19f},
                           "ordinary words"},
    [SIGN_TWO] = {{1.47f, 0.02f, -0.68f, 0.95f, -1.05f, 0.23f, -0.95f}, "two words"},
    [SIGN_MORE] = {{2.03f, 0.53f, -1.31f, 0.73f, -1.55f, 0.37f, -0.82f}, "several words"},
    [SIGN_PLACE_ENDING] = {{0.38f, 0.06f, 0.73f, 0.30f, -0.90f, -0.14f, -0.43f},
                           "ending"},
    [SIGN_PERSON_ENDING] = {{1.64f, -0.44f, -0.16f, -0.26f, 0.30f, 0.20f, -1.28f},
                            "ending"},
    [SIGN_GROUP_ENDING] = {{-0.79f, 0.38f, -1.30f, -0.49f, 2.88f, -0.71f, 0.03f},
                           "ending"},
    [SIGN_PLURAL] = {{-0.39f, 0.31f, -0.41f, -0.57f, 0.43f, 0.19f, 0.43f}, NULL},
    [SIGN_POSSESSIVE] = {{2.91f, 1.22f, -2.28f, -0.87f, -0.46f, -0.36f, -0.17f}, NULL},
    [SIGN_BRACKETS] = {{0.19f, 1.86f, 0.49f, 0.01f, -0.53f, -1.41f, -0.61f},
                       "in brackets"},
    [SIGN_QUOTES] = {{0.16f, -0.48f, -0.32f, 0.25f, -0.71f, 0.80f, 0.30f}, NULL},
    [SIGN_FIRST] = {{0.94f, 0.83f, 0.04f, -1.24f, 0.10f, -1.19f, 0.52f}, NULL},
    [SIGN_COMMA_AFTER] = {{0.82f, 0.33f, 0.02f, -0.95f, 0.29f, -0.10f, -0.40f}, NULL},
    [SIGN_COMMA_BEFORE] = {{0.36f, 0.47f, 0.91f, -0.73f, 0.79f, -1.29f, -0.51f}, NULL},
    [SIGN_NUMBER_AFTER] = {{1.23f, 1.78f, -0.84f, -0.72f, -0.94f, -0.39f, -0.12f}, NULL},
    [SIGN_NUMBER_BEFORE] = {{-1.21f, 0.04f, -0.96f, -0.34f, 0.84f, 0.11f, 1.52f}, NULL},
    [SIGN_WORD_AFTER] = {{0.25f, 0.05f, -0.42f, -0.41f, 0.90f, 0.11f, -0.48f}, NULL},
    [SIGN_NAME_BEFORE] = {{0.03f, -0.03f, -0.25f, -0.97f, -0.08f, 0.37f, 0.92f}, NULL},
    [SIGN_NAME_AFTER] = {{-0.37f, -0.27f, 0.17f, -0.33f, 1.11f, -0.64f, 0.32f}, NULL},
    [SIGN_LOUD] = {{0.10f, 1.04f, 0.00f, -0.56f, 0.09f, -1.13f, 0.47f}, NULL},
};

static uint64_t bit(enum sign sign) { return (uint64_t)1 << sign; }

/* --- its letters --- */

/* Does the word end like one of these? They are separated by blanks. */
static bool ends_like(struct view word, struct view endings) {
    struct view ending;
    while (view_split(&endings, ' ', &ending))
        if (word.len > ending.len + 2 &&
            word.at[word.len - 1] == ending.at[ending.len - 1] &&
            memcmp(word.at + word.len - ending.len, ending.at, ending.len) == 0)
            return true;
    return false;
}

static uint64_t endings(struct view word) {
    const struct view places =
        VIEW_LIT("stan abad pur grad burg ville land shire ania polis town gorsk pura "
                 "nagar wala hara berg bourg kent mouth heim stadt holm vik wick dale "
                 "field ford port");
    const struct view people =
        VIEW_LIT("sky ski vich enko oglu zadeh yan ovic ović escu sson sen ov ev ova eva "
                 "dottir shvili adze idis akis poulos ez");
    const struct view groups = VIEW_LIT("ians ese ists ites ans ist ian ish");
    uint64_t found = 0;
    if (ends_like(word, places))
        found |= bit(SIGN_PLACE_ENDING);
    if (ends_like(word, people))
        found |= bit(SIGN_PERSON_ENDING);
    if (ends_like(word, groups))
        found |= bit(SIGN_GROUP_ENDING);
    if (word.len > 3 && word.at[word.len - 1] == 's' && word.at[word.len - 2] != 's')
        found |= bit(SIGN_PLURAL);
    return found;
}

static bool has_inner_capital(struct view word) {
    for (size_t i = 1; i < word.len; i++)
        if (word.at[i] >= 'A' && word.at[i] <= 'Z' && word.at[i - 1] >= 'a' &&
            word.at[i - 1] <= 'z')
            return true;
    return false;
}

static uint64_t letters(const struct names *n, uint32_t first, uint32_t last) {
    uint64_t found = bit(SIGN_ALWAYS) | endings(doc_token(n->doc, last - 1));
    unsigned words = 0, ordinary = 0;
    for (uint32_t i = first; i < last; i++) {
        const struct token *t = &n->doc->tokens[i];
        if (t->kind == TOKEN_PUNCT ||
            (fact_is(n, i, CLASS_PARTICLE) && (t->shape & SHAPE_LOWER)))
            continue; // "al-Saadi" is one word
        words++;
        ordinary += fact_is(n, i, CLASS_WORD);
        if (fact_is(n, i, CLASS_FORENAME))
            found |= bit(SIGN_FORENAME);
        if (t->shape & SHAPE_DIGITS)
            found |= bit(SIGN_DIGITS);
        if (has_inner_capital(doc_token(n->doc, i)))
            found |= bit(SIGN_INNER_CAPITAL);
        if ((t->shape & SHAPE_ALL_CAPS) && t->end - t->start <= 6 && !n->loud)
            found |= bit(SIGN_ACRONYM);
    }
    if (ordinary)
        found |= bit(ordinary == words ? SIGN_ALL_ORDINARY : SIGN_ORDINARY);
    if (words > 1)
        found |= bit(words == 2 ? SIGN_TWO : SIGN_MORE);
    if (fact_is(n, last - 1, CLASS_SURNAME))
        found |= bit(SIGN_SURNAME);
    return found;
}

/* --- what stands around it --- */

static uint64_t nouns(const struct names *n, uint32_t i, bool behind) {
    uint64_t found = 0;
    if (fact_is(n, i, CLASS_NOUN_ORGANIZATION))
        found |= bit(behind ? SIGN_ORGANIZATION_AFTER : SIGN_ORGANIZATION_BEFORE);
    if (fact_is(n, i, CLASS_NOUN_FACILITY))
        found |= bit(behind ? SIGN_FACILITY_AFTER : SIGN_FACILITY_BEFORE);
    if (fact_is(n, i, CLASS_NOUN_LOCATION))
        found |= bit(behind ? SIGN_LOCATION_AFTER : SIGN_LOCATION_BEFORE);
    if (fact_is(n, i, CLASS_NOUN_PRODUCT))
        found |= bit(behind ? SIGN_PRODUCT_AFTER : SIGN_PRODUCT_BEFORE);
    if (behind && fact_is(n, i, CLASS_NOUN_GROUP))
        found |= bit(SIGN_GROUP_AFTER);
    if (behind && fact_is(n, i, CLASS_OFFICE))
        found |= bit(SIGN_OFFICE_AFTER);
    return found;
}

static bool is_number(const struct names *n, uint32_t i) {
    return i < n->end && n->doc->tokens[i].kind == TOKEN_NUMBER;
}

/* Behind a comma: an age, or what a place lies in. */
static uint64_t after_comma(const struct names *n, uint32_t i) {
    uint64_t found = bit(SIGN_COMMA_AFTER);
    if (is_number(n, i + 1) &&
        (mark_is(n, i + 2, MARK_COMMA) || mark_is(n, i + 2, MARK_STOP) ||
         names_token_is(n, i + 2, ";")))
        found |= bit(SIGN_AGE);
    if (i + 1 < n->end && n->facts[i + 1].name != GAZETTEER_NONE &&
        (n->doc->hits[n->facts[i + 1].name].classes & CLASS_PLACES))
        found |= bit(SIGN_PLACE_AFTER);
    return found;
}

static uint64_t after(const struct names *n, uint32_t last) {
    uint64_t found = 0;
    if (last >= n->end)
        return 0;
    const struct token *t = &n->doc->tokens[last];
    if (mark_is(n, last, MARK_COMMA))
        return after_comma(n, last);
    if (t->shape & SHAPE_POSSESSIVE)
        found |= bit(SIGN_POSSESSIVE);
    if (t->kind == TOKEN_NUMBER)
        found |= bit(SIGN_NUMBER_AFTER);
    if (n->facts[last].capital)
        found |= bit(SIGN_NAME_AFTER);
    if (t->kind != TOKEN_WORD || !(t->shape & SHAPE_LOWER))
        return found;
    bool adverb = names_token_is(n, last, "also") || names_token_is(n, last, "has") ||
                  names_token_is(n, last, "had");
    if (fact_is(n, last, CLASS_SAYS) ||
        (adverb && last + 1 < n->end && fact_is(n, last + 1, CLASS_SAYS)))
        found |= bit(SIGN_SAYS_AFTER);
    return found | bit(SIGN_WORD_AFTER) | nouns(n, last, true);
}

static uint64_t before(const struct names *n, uint32_t first) {
    uint64_t found = 0;
    const struct doc *doc = n->doc;
    if (first == n->begin)
        return doc->sentences[doc->tokens[first].sentence].zone == ZONE_DATELINE
                   ? bit(SIGN_DATELINE) | bit(SIGN_FIRST)
                   : bit(SIGN_FIRST);
    uint32_t i = first - 1;
    if (n->facts[first].first)
        found |= bit(SIGN_FIRST);
    if (mark_is(n, i, MARK_OPEN))
        found |= bit(SIGN_BRACKETS);
    if (mark_is(n, i, MARK_QUOTE))
        found |= bit(SIGN_QUOTES);
    if (is_number(n, i))
        found |= bit(SIGN_NUMBER_BEFORE);
    if (mark_is(n, i, MARK_COMMA) || mark_is(n, i, MARK_AND)) {
        found |= bit(SIGN_COMMA_BEFORE);
        if (i > n->begin && n->facts[i - 1].ends_place)
            found |= bit(SIGN_PLACE_LIST);
    }
    if (n->facts[i].capital)
        found |= bit(SIGN_NAME_BEFORE);
    if (mark_is(n, i, MARK_THE))
        return found | bit(SIGN_THE);
    if (mark_is(n, i, MARK_A))
        return found | bit(SIGN_A);
    if (mark_is(n, i, MARK_BY))
        return found | bit(SIGN_BY);
    if (mark_is(n, i, MARK_OF)) {
        bool place = i > n->begin && (fact_is(n, i - 1, CLASS_NOUN_LOCATION) ||
                                      fact_is(n, i - 1, CLASS_TOWARDS));
        return found | bit(place ? SIGN_TOWARDS : SIGN_OF);
    }
    if (fact_is(n, i, CLASS_TOWARDS))
        found |= bit(SIGN_TOWARDS);
    if (fact_is(n, i, CLASS_SAYS))
        found |= bit(SIGN_SAYS_BEFORE);
    return found | nouns(n, i, false);
}

bool names_near_place(const struct names *n, uint32_t first, uint32_t last) {
    uint64_t found = before(n, first) | after(n, last);
    return (found & (bit(SIGN_TOWARDS) | bit(SIGN_DATELINE) | bit(SIGN_PLACE_AFTER) |
                     bit(SIGN_PLACE_LIST) | bit(SIGN_LOCATION_AFTER))) != 0;
}

struct votes names_vote(const struct names *n, uint32_t first, uint32_t last) {
    uint64_t found = letters(n, first, last) | before(n, first) | after(n, last);
    struct votes votes = {.why = "capitals"};
    unsigned best = 0;
    if (n->loud)
        found |= bit(SIGN_LOUD);
    for (unsigned i = 0; i < SIGNS; i++)
        for (unsigned v = 0; (found & bit(i)) && v < VOTES; v++)
            votes.of[v] += worth[i].of[v];
    for (unsigned v = 1; v < VOTES; v++)
        if (votes.of[v] > votes.of[best])
            best = v;
    float loudest = .5f;
    for (unsigned i = 1; i < SIGNS; i++)
        if ((found & bit(i)) && worth[i].of[best] > loudest && worth[i].why) {
            loudest = worth[i].of[best];
            votes.why = worth[i].why;
        }
    return votes;
}
