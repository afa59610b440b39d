/* names.c: the stage that finds names. It gathers what the gazetteer and the letters say
 * about each token, goes through each sentence for runs of name words, and hands what it
 * made of them to memory. Furniture is passed over. */
#include "enrich/names.h"

#include "proto/mem.h"

#include <stdlib.h>

struct state {
    const struct gazetteer *gazetteer;
};

static int names_open(const struct gazetteer *gazetteer, void **state,
                      struct diag *diag) {
    struct state *s = mem_zalloc(sizeof *s);
    (void)diag;
    s->gazetteer = gazetteer;
    *state = s;
    return 0;
}

/* --- small letters seen in the story --- */

static uint64_t load_8(const char *at) {
    const unsigned char *b = (const unsigned char *)at;
    return b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
           (uint64_t)b[7] << 56;
}

static uint64_t load_few(const char *at, size_t count) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes |= (uint64_t)(unsigned char)at[i] << (8 * i);
    return bytes;
}

/* The same for "Sirte" and "SIRTE": bit 5 tells ASCII's capitals from small letters. The
 * last bytes are read with those behind them where the text has some, and masked. */
static uint64_t small_hash(const struct doc *doc, const struct token *t) {
    const char *at = doc->text.at + t->start, *end = doc->text.at + t->end;
    uint64_t hash = (t->end - t->start + 1u) * 0xff51afd7ed558ccdu, part;
    for (; end - at > 8; at += 8) {
        hash = (hash ^ (load_8(at) | 0x2020202020202020u)) * 0x9fb21c651e98df25u;
        hash ^= hash >> 29;
    }
    size_t left = (size_t)(end - at);
    part = t->end + 8u <= doc->text.len ? load_8(at) & (UINT64_MAX >> (64 - 8 * left))
                                        : load_few(at, left);
    hash = (hash ^ (part | 0x2020202020202020u)) * 0x9fb21c651e98df25u;
    hash ^= hash >> 32;
    return hash ? hash : 1;
}

struct word_set {
    uint64_t *slots;
    size_t mask;
};

static struct word_set word_set(struct arena *arena, size_t words) {
    size_t slots = 16;
    while (slots < 2 * words + 2)
        slots *= 2;
    return (struct word_set){arena_zalloc(arena, slots * sizeof(uint64_t)), slots - 1};
}

/* True if it was there; otherwise puts it there where asked to. */
static bool word_set_has(struct word_set *set, uint64_t hash, bool put) {
    size_t i = (size_t)(hash >> 32) & set->mask;
    for (; set->slots[i]; i = (i + 1) & set->mask)
        if (set->slots[i] == hash)
            return true;
    if (put)
        set->slots[i] = hash;
    return false;
}

/* --- facts --- */

bool names_token_is(const struct names *n, uint32_t i, const char *text) {
    return i < n->doc->token_count && view_is(doc_token(n->doc, i), text);
}

static bool has_capital(const struct token *t) {
    return t->kind == TOKEN_WORD &&
           (t->shape & (SHAPE_CAPITAL | SHAPE_ALL_CAPS | SHAPE_INITIAL)) != 0;
}

/* Is the name written as a name here? A word that is also an ordinary one needs all its
 * capitals if it is short: "WHO", not "Who". */
static bool is_cased(const struct names *n, const struct hit *hit) {
    const struct token *t = &n->doc->tokens[hit->first];
    bool single = hit->last == hit->first + 1;
    if (t->shape & SHAPE_LOWER)
        return !single && (n->facts[hit->first].classes & CLASS_BIT(CLASS_PARTICLE)) &&
               has_capital(&n->doc->tokens[hit->last - 1]);
    if (single && t->end - t->start <= 3 && (hit->classes & CLASS_BIT(CLASS_WORD)))
        return (t->shape & SHAPE_ALL_CAPS) != 0 ||
               doc_token(n->doc, hit->first).at[1] == '.';
    if (single)
        return true;
    t = &n->doc->tokens[hit->last - 1];
    return has_capital(t) || (t->shape & (SHAPE_DIGITS | SHAPE_POSSESSIVE)) ||
           (t->shape & SHAPE_LOWER) == 0;
}

static void facts_of_hits(struct names *n) {
    const struct doc *doc = n->doc;
    for (size_t i = 0; i < doc->hit_count; i++)
        if (doc->hits[i].last == doc->hits[i].first + 1)
            n->facts[doc->hits[i].first].classes |= doc->hits[i].classes;
    for (size_t i = 0; i < doc->hit_count; i++) {
        const struct hit *hit = &doc->hits[i];
        if (hit->classes & CLASS_PLACES)
            n->facts[hit->last - 1].ends_place = true;
        struct fact *fact = &n->facts[hit->first];
        uint32_t titles = CLASS_BIT(CLASS_TITLE) | CLASS_BIT(CLASS_OFFICE);
        if ((hit->classes & titles) && hit->last - hit->first > fact->title)
            fact->title = hit->last - hit->first;
        if ((hit->classes & CLASS_NAMES) && fact->name == GAZETTEER_NONE &&
            is_cased(n, hit))
            fact->name = (uint32_t)i;
    }
}

/* "Deputy", "acting" and the like lengthen the title behind them. */
static void lengthen_titles(struct names *n) {
    for (size_t i = n->doc->token_count; i-- > 0;)
        if (n->facts[i + 1].title && n->facts[i].name == GAZETTEER_NONE &&
            n->facts[i].title <= n->facts[i + 1].title &&
            fact_is(n, (uint32_t)i, CLASS_BEFORE_TITLE))
            n->facts[i].title = 1 + n->facts[i + 1].title;
}

static enum mark mark_of_word(struct view w) {
    if (w.len == 1)
        return w.at[0] == 'a' ? MARK_A : MARK_NONE;
    if (w.len == 2)
        return w.at[0] == 'o' && w.at[1] == 'f'   ? MARK_OF
               : w.at[0] == 'b' && w.at[1] == 'y' ? MARK_BY
               : w.at[0] == 'a' && w.at[1] == 'n' ? MARK_A
                                                  : MARK_NONE;
    if (w.len != 3)
        return MARK_NONE;
    if ((w.at[0] | 0x20) == 't' && w.at[1] == 'h' && w.at[2] == 'e')
        return MARK_THE;
    if (w.at[0] == 'a' && w.at[1] == 'n' && w.at[2] == 'd')
        return MARK_AND;
    return w.at[0] == 'f' && w.at[1] == 'o' && w.at[2] == 'r' ? MARK_FOR : MARK_NONE;
}

static enum mark mark_of_punctuation(struct view mark) {
    static const char ascii[] = ",.()$&\"'-:*[_";
    static const uint8_t marks[] = {MARK_COMMA,  MARK_STOP,      MARK_OPEN,  MARK_CLOSE,
                                    MARK_DOLLAR, MARK_AMPERSAND, MARK_QUOTE, MARK_QUOTE,
                                    MARK_DASH,   MARK_DASH,      MARK_DASH,  MARK_OPEN,
                                    MARK_DASH};
    if (mark.len == 1) {
        const char *at = memchr(ascii, mark.at[0], sizeof ascii - 1);
        return at ? marks[at - ascii] : MARK_NONE;
    }
    if (view_is(mark, "“") || view_is(mark, "‘") || view_is(mark, "«"))
        return MARK_QUOTE;
    return view_is(mark, "–") || view_is(mark, "—") || view_is(mark, "•") ||
                   view_is(mark, "--")
               ? MARK_DASH
               : MARK_NONE;
}

static void hash_tokens(struct names *n, struct word_set *small) {
    const struct doc *doc = n->doc;
    for (uint32_t i = 0; i < doc->token_count; i++) {
        n->hashes[i] = small_hash(doc, &doc->tokens[i]);
        n->facts[i].mark = doc->tokens[i].kind == TOKEN_PUNCT
                               ? mark_of_punctuation(doc_token(doc, i))
                               : mark_of_word(doc_token(doc, i));
        if (doc->tokens[i].kind == TOKEN_WORD && (doc->tokens[i].shape & SHAPE_LOWER))
            word_set_has(small, n->hashes[i], true);
    }
}

/* --- sentences --- */

/* Capitals everywhere: most words that are ordinary have one. */
static bool is_loud(const struct names *n, const struct sentence *s) {
    unsigned ordinary = 0, capitals = 0;
    if (s->zone == ZONE_HEADLINE && n->doc->headline_capitals)
        return true;
    for (uint32_t i = s->first + 1; i < s->last; i++) {
        const struct token *t = &n->doc->tokens[i];
        const struct fact *fact = &n->facts[i];
        if (fact->name != GAZETTEER_NONE &&
            n->doc->hits[fact->name].last > n->doc->hits[fact->name].first + 1) {
            i = n->doc->hits[fact->name].last - 1; // its capitals are its own
            continue;
        }
        if (t->kind != TOKEN_WORD || t->end - t->start < 4)
            continue;
        bool capital = has_capital(t);
        if (!capital || fact_is(n, i, CLASS_WORD)) {
            ordinary++;
            capitals += capital;
        }
    }
    return ordinary >= 4 && capitals * 4 >= ordinary * 3;
}

/* Does token i begin a sentence, or a quotation or remark in it? */
static bool is_first(const struct names *n, uint32_t i) {
    if (i == n->begin)
        return true;
    const struct fact *before = &n->facts[i - 1];
    if (before->mark == MARK_OPEN)
        return i - 1 == n->begin;
    return (before->mark == MARK_QUOTE || before->mark == MARK_DASH) &&
           !names_is_joint(n, i - 1);
}

/* "Globally, ..." */
static bool is_adverb(const struct names *n, uint32_t i) {
    struct view word = doc_token(n->doc, i);
    return word.len > 4 && memcmp(word.at + word.len - 2, "ly", 2) == 0 &&
           mark_is(n, i + 1, MARK_COMMA);
}

static void judge_capitals(struct names *n, struct word_set *small) {
    for (uint32_t i = n->begin; i < n->end; i++) {
        struct fact *fact = &n->facts[i];
        const struct token *t = &n->doc->tokens[i];
        if (!has_capital(t) && fact->name == GAZETTEER_NONE)
            continue;
        fact->first = is_first(n, i);
        fact->plain = (fact->first || n->loud) &&
                      (fact_is(n, i, CLASS_WORD) ||
                       (has_capital(t) && word_set_has(small, n->hashes[i], false)));
        if (fact->first && is_adverb(n, i))
            fact->plain = true;
        if (fact->plain && !n->loud && (t->shape & SHAPE_ALL_CAPS) &&
            (fact->name != GAZETTEER_NONE || (t->end - t->start <= 5 && i + 1 < n->end &&
                                              !(t[1].shape & SHAPE_ALL_CAPS))))
            fact->plain = false; // "IS said", "INS Kalpeni"
        fact->capital = !fact_is(n, i, CLASS_NOT_NAME) ||
                        (i > n->begin && names_is_joint(n, i - 1)); // "Saif al-Islam"
        if (!fact->plain && fact_is(n, i, CLASS_FUNCTION) &&
            fact->name == GAZETTEER_NONE && !fact_is(n, i, CLASS_FORENAME))
            fact->capital = false; // "The" in the middle of anything
    }
}

/* A word alone in loud or first position stands for a thing only if it hardly can be
 * anything else. */
static bool may_begin(const struct names *n, uint32_t i) {
    const struct fact *fact = &n->facts[i];
    if (fact->name != GAZETTEER_NONE) {
        const struct hit *hit = &n->doc->hits[fact->name];
        if (hit->last > hit->first + 1 && !n->loud)
            return true;
    }
    return fact->capital || (fact_is(n, i, CLASS_PARTICLE) && names_particles(n, i));
}

static void read_sentence(struct names *n) {
    for (uint32_t i = n->begin; i < n->end;) {
        if (!may_begin(n, i)) {
            i++;
            continue;
        }
        uint32_t last = names_run_end(n, i);
        names_divide(n, i, last);
        i = last > i ? last : i + 1;
    }
}

static void names_run(void *state, struct doc *doc) {
    struct names n = {.gazetteer = ((struct state *)state)->gazetteer, .doc = doc};
    struct word_set small = word_set(doc->arena, doc->token_count);
    n.facts = arena_zalloc(doc->arena, (doc->token_count + FACTS_PAST) * sizeof *n.facts);
    n.hashes = arena_alloc(doc->arena, (doc->token_count + 1) * sizeof *n.hashes);
    for (size_t i = 0; i < doc->token_count + FACTS_PAST; i++)
        n.facts[i].name = GAZETTEER_NONE;
    hash_tokens(&n, &small);
    facts_of_hits(&n);
    lengthen_titles(&n);
    for (size_t i = 0; i < doc->sentence_count; i++) {
        const struct sentence *s = &doc->sentences[i];
        if (s->zone == ZONE_FURNITURE)
            continue;
        n.begin = s->first;
        n.end = s->last;
        n.loud = is_loud(&n, s);
        judge_capitals(&n, &small);
        read_sentence(&n);
    }
    names_settle(&n);
}

static void names_close(void *state) { free(state); }

const struct stage stage_names = {
    .name = "names", .open = names_open, .run = names_run, .close = names_close};
