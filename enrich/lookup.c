/* lookup.c: finds every name of the gazetteer in a story's tokens.
 *
 * Each token gives the words of its key (mostly one), hashed once:
 *
 *     tokens   [Abdel][Fattah][al][-][Sisi] [,] [U.N.]
 *     words     abdel  fattah  al     sisi       un
 *
 * A punctuation mark other than a hyphen inside a word ends a run. A name must begin and
 * end where tokens do. */
#include "enrich/gazetteer.h"
#include "enrich/stage.h"

#include "proto/mem.h"

#include <stdlib.h>

/* What the gazetteer says of one word. */
struct known {
    uint64_t hash;
    uint32_t name;    /* that is this word alone, or GAZETTEER_NONE */
    uint32_t classes; /* of that name */
    struct gazetteer_prefix prefix;
};

/* Nine words in ten were met a moment ago: what they gave is kept in a table small enough
 * for the processor's nearest caches. It changes no result. */
#define MEMORY 4096u

struct lookup {
    const struct gazetteer *gazetteer;
    struct buf key; /* of a token; kept between reports */
    struct known memory[MEMORY];
};

struct word {
    struct known known;
    uint32_t token;
    bool begins, ends; /* its token */
    bool run;          /* goes on from the word before */
};

static int lookup_open(const struct gazetteer *gazetteer, void **state,
                       struct diag *diag) {
    struct lookup *lookup = mem_zalloc(sizeof *lookup);
    (void)diag;
    lookup->gazetteer = gazetteer;
    *state = lookup;
    return 0;
}

static void lookup_close(void *state) {
    struct lookup *lookup = state;
    if (lookup)
        buf_release(&lookup->key);
    free(lookup);
}

static bool is_joint(const struct doc *doc, size_t i) {
    return doc->tokens[i].kind == TOKEN_PUNCT && !doc->tokens[i].space_before &&
           i + 1 < doc->token_count && !doc->tokens[i + 1].space_before &&
           gazetteer_is_hyphen(doc_token(doc, i));
}

struct word_list {
    struct word *at;
    size_t count, cap;
};

static const struct known *known_of(struct lookup *l, uint64_t hash) {
    struct known *known = &l->memory[(hash >> 20) % MEMORY];
    if (known->hash == hash)
        return known;
    *known = (struct known){.hash = hash, .name = GAZETTEER_NONE};
    if (l->gazetteer)
        known->prefix = gazetteer_prefix(l->gazetteer, hash);
    if (known->prefix.whole)
        known->name = gazetteer_probe(l->gazetteer, hash);
    if (known->name != GAZETTEER_NONE)
        known->classes = gazetteer_classes(l->gazetteer, known->name);
    return known;
}

static void add_word(struct doc *doc, struct word_list *list, struct word word) {
    if (list->count == list->cap)
        list->at = arena_grow(doc->arena, list->at, list->count, list->count + 1,
                              sizeof *list->at, &list->cap);
    list->at[list->count++] = word;
}

/* Appends the words of a token; false if it has none. */
static bool add_words(struct lookup *l, struct doc *doc, uint32_t token, bool run,
                      struct word_list *list) {
    size_t first = list->count;
    buf_clear(&l->key);
    gazetteer_key(doc_token(doc, token), &l->key);
    struct view rest = buf_view(&l->key);
    while (rest.len) {
        const char *blank = memchr(rest.at, ' ', rest.len);
        size_t len = blank ? (size_t)(blank - rest.at) : rest.len;
        add_word(doc, list,
                 (struct word){
                     .known = *known_of(l, gazetteer_word_hash(view_n(rest.at, len))),
                     .token = token,
                     .begins = list->count == first,
                     .run = run || list->count > first});
        rest = blank ? view_n(blank + 1, rest.len - len - 1) : view_n("", 0);
    }
    if (list->count == first)
        return false;
    list->at[list->count - 1].ends = true;
    return true;
}

static struct word_list words_of(struct lookup *l, struct doc *doc) {
    struct word_list list = {.cap = doc->token_count + doc->token_count / 8 + 8};
    list.at = arena_alloc(doc->arena, list.cap * sizeof *list.at);
    bool run = false;
    for (uint32_t i = 0; i < doc->token_count; i++) {
        if (i > 0 && doc->tokens[i].sentence != doc->tokens[i - 1].sentence)
            run = false;
        if (doc->tokens[i].kind != TOKEN_PUNCT || !is_joint(doc, i))
            run = doc->tokens[i].kind != TOKEN_LINK && add_words(l, doc, i, run, &list);
    }
    return list;
}

/* An ordinary word in small letters is of no use to anybody, but behind a hyphen. */
static bool is_worth(const struct doc *doc, uint32_t token) {
    return !(doc->tokens[token].shape & SHAPE_LOWER) ||
           (token > 0 && is_joint(doc, token - 1));
}

struct hit_list {
    struct hit *at;
    size_t count, cap;
};

static void add_hit(struct doc *doc, struct hit_list *list, struct hit hit) {
    if (list->count == list->cap)
        list->at = arena_grow(doc->arena, list->at, list->count, list->count + 1,
                              sizeof *list->at, &list->cap);
    list->at[list->count++] = hit;
}

/* The names of two words and more that begin with word i, the longest first. Few pairs of
 * words begin any. */
static void find_long(const struct lookup *l, struct doc *doc,
                      const struct word_list *words, size_t i, struct hit_list *hits) {
    const struct word *w = words->at;
    uint64_t hashes[GAZETTEER_WORDS_MAX];
    hashes[1] = gazetteer_chain(w[i].known.hash, w[i + 1].known.hash);
    size_t longest = gazetteer_prefix(l->gazetteer, hashes[1]).longest, n = 2;
    if (longest > GAZETTEER_WORDS_MAX)
        longest = GAZETTEER_WORDS_MAX;
    for (; n < longest && i + n < words->count && w[i + n].run; n++)
        hashes[n] = gazetteer_chain(hashes[n - 1], w[i + n].known.hash);
    for (n = longest ? n : 0; n > 1; n--) {
        const struct word *last = &w[i + n - 1];
        uint32_t name =
            last->ends ? gazetteer_probe(l->gazetteer, hashes[n - 1]) : GAZETTEER_NONE;
        if (name != GAZETTEER_NONE)
            add_hit(doc, hits,
                    (struct hit){w[i].token, last->token + 1, name,
                                 gazetteer_classes(l->gazetteer, name)});
    }
}

static void find_from(const struct lookup *l, struct doc *doc,
                      const struct word_list *words, size_t i, struct hit_list *hits) {
    const struct word *w = &words->at[i];
    const struct known *known = &w->known;
    if (known->prefix.longest > 1 && i + 1 < words->count && w[1].run)
        find_long(l, doc, words, i, hits);
    if (known->name != GAZETTEER_NONE && w->ends &&
        (known->classes != CLASS_BIT(CLASS_WORD) || is_worth(doc, w->token)))
        add_hit(doc, hits,
                (struct hit){w->token, w->token + 1, known->name, known->classes});
}

static void lookup_run(void *state, struct doc *doc) {
    struct lookup *l = state;
    struct word_list words = words_of(l, doc);
    struct hit_list hits = {.cap = doc->token_count / 2 + 16};
    hits.at = arena_alloc(doc->arena, hits.cap * sizeof *hits.at);
    for (size_t i = 0; l->gazetteer && i < words.count; i++)
        if (words.at[i].begins)
            find_from(l, doc, &words, i, &hits);
    doc->hits = hits.at;
    doc->hit_count = hits.count;
}

const struct stage stage_lookup = {
    .name = "lookup", .open = lookup_open, .run = lookup_run, .close = lookup_close};
