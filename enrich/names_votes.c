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

static const struct {
    float of[VOTES];
    const char *why;
} worth[SIGNS] = {
#include "enrich/names_weights.h"
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
        if (t->kind == TOKEN_PUNCT)
            continue;
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
