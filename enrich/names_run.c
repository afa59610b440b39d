/* names_run.c: how far a run of name words goes.
 *
 *     [Abdel Fattah al-Sisi] on ...      particles and hyphens inside
 *     [Ministry of Foreign Affairs]      "of" after a word that heads such names
 *     [People's Liberation Army]         the genitive of an ordinary word
 *     [UN]-backed, [US]-[Libya]          hyphens that divide */
#include "enrich/names.h"

#define RUN_MAX 32u /* tokens; what follows begins a run of its own */

bool names_is_joint(const struct names *n, uint32_t i) {
    const struct doc *doc = n->doc;
    return i > 0 && i + 1 < doc->token_count && doc->tokens[i].kind == TOKEN_PUNCT &&
           !doc->tokens[i].space_before && !doc->tokens[i + 1].space_before &&
           gazetteer_is_hyphen(doc_token(doc, i));
}

/* "of", "and" and the like count as capitals of nothing. */
static bool is_word(const struct names *n, uint32_t i) {
    return i < n->end && n->facts[i].capital &&
           (!n->facts[i].plain || (n->facts[i].classes & CLASS_KEYS));
}

uint32_t names_particles(const struct names *n, uint32_t i) {
    uint32_t at = i;
    while (at < n->end && at < i + 4 && fact_is(n, at, CLASS_PARTICLE) &&
           (n->doc->tokens[at].shape & SHAPE_LOWER)) {
        at++;
        if (names_is_joint(n, at))
            at++;
    }
    if (at == i || at >= n->end || !n->facts[at].capital ||
        (n->doc->tokens[at].shape & SHAPE_LOWER))
        return 0;
    /* "as" and "at" are words too and need a hyphen, "la" and "do" a name before. */
    bool hyphen = names_is_joint(n, at - 1);
    bool inside = i > n->begin && n->facts[i - 1].capital && !n->facts[i - 1].plain;
    if (!hyphen && (fact_is(n, i, CLASS_FUNCTION) || fact_is(n, i, CLASS_TOWARDS)))
        return 0;
    return hyphen || inside || !fact_is(n, i, CLASS_WORD) ? at - i : 0;
}

static bool stands_alone(const struct names *n, uint32_t i) {
    const uint32_t nations = CLASS_BIT(CLASS_COUNTRY) | CLASS_BIT(CLASS_GROUP) |
                             CLASS_BIT(CLASS_REGION) | CLASS_BIT(CLASS_CITY) |
                             CLASS_BIT(CLASS_ORGANIZATION);
    return (n->facts[i].classes & nations) != 0 && !fact_is(n, i, CLASS_FORENAME);
}

/* After the hyphen at e. Returns the end of what joins, or e. */
static uint32_t past_joint(const struct names *n, uint32_t e) {
    uint32_t next = e + 1;
    if (next >= n->end)
        return e;
    if (is_word(n, next))
        return stands_alone(n, e - 1) && stands_alone(n, next) ? e : next + 1;
    const struct token *t = &n->doc->tokens[next], *before = &n->doc->tokens[e - 1];
    const uint32_t words = CLASS_BIT(CLASS_WORD) | CLASS_BIT(CLASS_FUNCTION) |
                           CLASS_KEYS | CLASS_BIT(CLASS_OFFICE) |
                           CLASS_BIT(CLASS_TOWARDS);
    if (t->kind == TOKEN_NUMBER && !(before->shape & SHAPE_LOWER))
        return next + 1; // "F-16"
    if ((before->shape & SHAPE_ALL_CAPS) || stands_alone(n, e - 1) ||
        (n->facts[next].classes & words) || n->facts[e - 1].plain)
        return e;
    uint32_t particles = names_particles(n, next);
    if (particles)
        return next + particles + 1;
    bool small = (t->shape & SHAPE_LOWER) && t->kind == TOKEN_WORD;
    return small && t->end - t->start <= 5 ? next + 1 : e; // "Park Geun-hye"
}

static bool is_key(const struct names *n, uint32_t i) {
    return (n->facts[i].classes & CLASS_KEYS) != 0 && n->facts[i].capital;
}

static bool has_key(const struct names *n, uint32_t first, uint32_t last) {
    for (uint32_t i = first; i < last; i++)
        if (is_key(n, i))
            return true;
    return false;
}

static bool has_joining_word(const struct names *n, uint32_t first, uint32_t last) {
    for (uint32_t i = first; i < last; i++)
        if (mark_is(n, i, MARK_OF) || mark_is(n, i, MARK_FOR))
            return true;
    return false;
}

/* Would the words behind "and" at e end in a key? "Food and Drug Administration" */
static bool key_follows(const struct names *n, uint32_t e) {
    uint32_t i = e + 1;
    while (i < n->end && i < e + 5 && is_word(n, i) &&
           n->facts[i].name == GAZETTEER_NONE && !n->facts[i].title)
        i++;
    return i > e + 1 && is_key(n, i - 1);
}

/* A name of the gazetteer, a title or a person: nothing that "and" builds a name of. */
static bool is_settled(const struct names *n, uint32_t first, uint32_t last) {
    for (uint32_t i = first; i < last; i++)
        if (n->facts[i].name != GAZETTEER_NONE || n->facts[i].title ||
            fact_is(n, i, CLASS_FORENAME))
            return true;
    return false;
}

/* "Ministry of Health", "Bank of England", "Communist Party of India"; but "Justice Party
 * [of] Ham", "Relief Fund [for] Chipili". */
static bool of_joins(const struct names *n, uint32_t first, uint32_t e, uint32_t next) {
    const uint32_t wide =
        CLASS_PLACES | CLASS_BIT(CLASS_GROUP) | CLASS_KEYS | CLASS_BIT(CLASS_WORD);
    uint32_t classes = n->facts[next].classes;
    if (n->facts[next].name != GAZETTEER_NONE)
        classes |= n->doc->hits[n->facts[next].name].classes;
    if (mark_is(n, e, MARK_FOR))
        return has_key(n, first, e) && (!(classes & CLASS_PLACES) || e == first + 1) &&
               !(classes & CLASS_BIT(CLASS_FORENAME));
    return is_key(n, e - 1) && (e == first + 1 || (classes & wide) != 0);
}

/* At "of", "for", "and", "&". Returns the end with what they join, or e. */
static uint32_t past_connector(const struct names *n, uint32_t first, uint32_t e) {
    uint32_t next = e + 1;
    bool and = mark_is(n, e, MARK_AND) || mark_is(n, e, MARK_AMPERSAND);
    bool of = mark_is(n, e, MARK_OF) || mark_is(n, e, MARK_FOR);
    if (!and&&!of)
        return e;
    if (of && mark_is(n, next, MARK_THE))
        next++;
    if (!is_word(n, next) || (n->facts[next].first && n->loud))
        return e;
    if (of)
        return of_joins(n, first, e, next) ? next + 1 : e;
    if (mark_is(n, e, MARK_AMPERSAND) && !stands_alone(n, e - 1))
        return next + 1;
    if (is_settled(n, next, next + 1))
        return e;
    if (has_joining_word(n, first, e) && has_key(n, first, e) &&
        fact_is(n, next, CLASS_WORD) && !is_key(n, next))
        return next + 1; // "Ministry of Health and Sanitation"
    return !is_settled(n, first, e) && key_follows(n, e) ? next + 1 : e;
}

/* "People's", "Workers'": the genitive of an ordinary word goes on. */
static uint32_t past_genitive(const struct names *n, uint32_t e) {
    for (uint32_t i = e - 1; i > n->begin && i + 4 > e; i--)
        if (n->facts[i].name != GAZETTEER_NONE &&
            n->doc->hits[n->facts[i].name].last >= e)
            return e; // a name that is known owns something
    bool ordinary = fact_is(n, e - 1, CLASS_WORD) ||
                    names_token_is(n, e - 1, "Workers") ||
                    names_token_is(n, e - 1, "Peoples");
    return ordinary && !n->facts[e - 1].plain && is_word(n, e + 1) &&
                   n->facts[e - 1].name == GAZETTEER_NONE
               ? e + 2
               : e;
}

/* A month that is a surname: "Theresa May", "Simone August". */
static bool is_month_name(const struct names *n, uint32_t e) {
    static const char *const months[] = {"May",    "June",  "April",
                                         "August", "March", "Jan"};
    if (!fact_is(n, e - 1, CLASS_FORENAME) || fact_is(n, e - 1, CLASS_WORD))
        return false;
    for (size_t i = 0; i < sizeof months / sizeof *months; i++)
        if (names_token_is(n, e, months[i]))
            return true;
    return false;
}

/* The nickname in the middle of a name: Antoin ["Tony"] Rezko. */
static uint32_t past_nickname(const struct names *n, uint32_t e) {
    uint32_t close = e + 2;
    if (!mark_is(n, e, MARK_QUOTE) || !n->doc->tokens[e].space_before ||
        n->facts[e - 1].plain || n->facts[e - 1].name != GAZETTEER_NONE)
        return e;
    while (close < n->end && close < e + 4 && n->doc->tokens[close].kind == TOKEN_WORD)
        close++;
    if (close + 1 >= n->end || n->doc->tokens[close].kind != TOKEN_PUNCT ||
        n->doc->tokens[close].space_before || mark_is(n, close, MARK_COMMA) ||
        mark_is(n, close, MARK_STOP) || !n->facts[e + 1].capital)
        return e;
    return is_word(n, close + 1) || names_particles(n, close + 1) ? close + 1 : e;
}

/* "Pier [12]", "School [97]" */
static bool is_numbered(const struct names *n, uint32_t e) {
    const struct token *t = &n->doc->tokens[e];
    return t->kind == TOKEN_NUMBER && t->end - t->start <= 3 && t->space_before &&
           is_key(n, e - 1) && !n->facts[e - 1].plain &&
           (fact_is(n, e - 1, CLASS_KEY_FACILITY) || names_token_is(n, e - 1, "School") ||
            names_token_is(n, e - 1, "Channel") || names_token_is(n, e - 1, "Brigade"));
}

static uint32_t step(const struct names *n, uint32_t first, uint32_t e) {
    const struct token *t = &n->doc->tokens[e];
    if (n->facts[e].name != GAZETTEER_NONE && n->facts[e].capital)
        return n->doc->hits[n->facts[e].name].last;
    if (is_word(n, e))
        return e + (n->facts[e].title > 1 ? n->facts[e].title : 1);
    if (is_month_name(n, e) || is_numbered(n, e))
        return e + 1;
    if (t->kind == TOKEN_PUNCT && past_nickname(n, e) > e)
        return past_nickname(n, e);
    if (names_is_joint(n, e))
        return past_joint(n, e);
    if (t->shape & SHAPE_POSSESSIVE)
        return past_genitive(n, e);
    uint32_t particles = names_particles(n, e);
    if (particles && !n->loud)
        return e + particles + 1;
    return past_connector(n, first, e);
}

uint32_t names_run_end(const struct names *n, uint32_t i) {
    uint32_t e = i + 1, particles = names_particles(n, i);
    if (n->facts[i].name != GAZETTEER_NONE && n->doc->hits[n->facts[i].name].last > e)
        e = n->doc->hits[n->facts[i].name].last;
    else if (particles)
        e = i + particles + 1;
    else if (n->facts[i].plain && !(n->facts[i].classes & CLASS_KEYS) &&
             !n->facts[i].title && (n->loud || fact_is(n, i, CLASS_FUNCTION)))
        return e;
    if (n->facts[i].title > e - i && n->facts[i].capital)
        e = i + n->facts[i].title;
    while (e < n->end && e < i + RUN_MAX) {
        uint32_t next = step(n, i, e);
        if (next == e)
            break;
        e = next < n->end ? next : n->end;
    }
    return e;
}
