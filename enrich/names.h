/* names.h: what the parts of the names stage share. names.c gathers facts about tokens,
 * names_run.c finds runs of capitalised words, names_type.c divides a run into mentions
 * and says what they are, names_memory.c lets the story's own names decide what was
 * unsure. */
#ifndef WIRETAG_ENRICH_NAMES_H
#define WIRETAG_ENRICH_NAMES_H

#include "enrich/gazetteer.h"
#include "enrich/stage.h"

/* Marks and small words that decide how names go on. */
enum mark {
    MARK_NONE,
    MARK_COMMA,
    MARK_STOP,
    MARK_OPEN,  /* ( */
    MARK_CLOSE, /* ) */
    MARK_QUOTE, /* any that may open a quotation */
    MARK_DASH,  /* dash, bullet, colon: what follows may begin a sentence */
    MARK_DOLLAR,
    MARK_AMPERSAND,
    MARK_OF,
    MARK_FOR,
    MARK_AND,
    MARK_THE,
    MARK_A,
    MARK_BY
};

/* What is known about a token before any name is looked for. */
struct fact {
    uint32_t classes; /* of the gazetteer's name that is this token alone */
    uint32_t name;  /* longest name of a thing that begins here: hit, or GAZETTEER_NONE */
    uint32_t title; /* tokens of the longest title or office that begins here; 0: none */
    uint8_t mark;   /* enum mark */
    uint8_t capital;    /* may be in a run of names */
    uint8_t plain;      /* its capital says nothing: an ordinary word, or one elsewhere */
    uint8_t first;      /* begins a sentence or a quotation */
    uint8_t ends_place; /* the gazetteer's name of a place ends here */
};

/* How sure a draft is. SURE ones are remembered and decide the others; the UNKNOWN vote
 * with what stands around them; of the SHY only those stay that were remembered. */
enum surety { SURE, WEAK, UNKNOWN, SHY };

/* What an UNKNOWN one may be, and what speaks for each. */
enum vote {
    VOTE_PERSON,
    VOTE_ORGANIZATION,
    VOTE_LOCATION,
    VOTE_FACILITY,
    VOTE_GROUP,
    VOTE_PRODUCT,
    VOTE_NOTHING, /* no name at all */
    VOTES
};
struct votes {
    float of[VOTES];
    const char *why; /* what spoke loudest */
};
struct draft {
    uint32_t first, last; /* tokens */
    uint32_t role_first, role_last;
    uint32_t name; /* of the gazetteer, or GAZETTEER_NONE */
    enum entity_type type;
    enum surety surety;
    float score;
    struct votes votes; /* of an UNKNOWN one */
    const char *why;
};

#define FACTS_PAST 4 /* looking ahead needs no check */

struct names {
    const struct gazetteer *gazetteer;
    struct doc *doc;
    struct fact *facts; /* one for each token, and FACTS_PAST empty ones behind */
    uint64_t *hashes;   /* of each token, small letters */
    struct draft *drafts;
    size_t draft_count, draft_cap;
    bool loud;           /* the sentence at hand is in capitals or Title Case */
    uint32_t begin, end; /* the sentence at hand */
};

static inline bool fact_is(const struct names *n, uint32_t token,
                           enum gazetteer_class c) {
    return (n->facts[token].classes & CLASS_BIT(c)) != 0;
}
#define CLASS_KEYS                                                                       \
    (CLASS_BIT(CLASS_KEY_ORGANIZATION) | CLASS_BIT(CLASS_KEY_FACILITY) |                 \
     CLASS_BIT(CLASS_KEY_LOCATION) | CLASS_BIT(CLASS_KEY_EVENT) |                        \
     CLASS_BIT(CLASS_KEY_PRODUCT))

/* Token i is exactly this text. Marks and small words that are asked for often have a
 * fact of their own. */
bool names_token_is(const struct names *n, uint32_t i, const char *text);
static inline bool mark_is(const struct names *n, uint32_t i, enum mark mark) {
    return n->facts[i].mark == mark;
}
/* Token i is a hyphen between two tokens without blanks. */
bool names_is_joint(const struct names *n, uint32_t i);
/* A particle in small letters that a capital follows: al-Sarraj, van der Leyen. Returns
 * how many tokens stand before that capital; 0: none. */
uint32_t names_particles(const struct names *n, uint32_t i);
/* The end of the run of name words that begins at token i. */
uint32_t names_run_end(const struct names *n, uint32_t i);
/* Adds the mentions in the run [first, last) to the drafts. */
void names_divide(struct names *n, uint32_t first, uint32_t last);
void names_add(struct names *n, struct draft draft);
/* What stands in and around the unknown name [first, last) speaks for ... */
struct votes names_vote(const struct names *n, uint32_t first, uint32_t last);
/* Do the words before the name say that it is a place? */
bool names_near_place(const struct names *n, uint32_t first, uint32_t last);
/* Settles what is not SURE, binds acronyms, puts all in order. */
void names_settle(struct names *n);

#endif
