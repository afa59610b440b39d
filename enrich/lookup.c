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

struct lookup {
    const struct gazetteer *gazetteer;
    struct buf key; /* of a token; kept between reports */
};

struct word {
    uint64_t hash;
    struct gazetteer_prefix prefix;
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
                 (struct word){.hash = gazetteer_word_hash(view_n(rest.at, len)),
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
        if (!is_joint(doc, i))
            run = doc->tokens[i].kind != TOKEN_LINK && add_words(l, doc, i, run, &list);
    }
    // all in one go: the processor waits for many of them at once
    for (size_t i = 0; i < list.count; i++)
        list.at[i].prefix = gazetteer_prefix(l->gazetteer, list.at[i].hash);
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

/* The name that ends with `last`, if there is one with this hash. */
static void find_one(const struct lookup *l, struct doc *doc, const struct word *first,
                     const struct word *last, uint64_t hash, struct hit_list *hits) {
    uint32_t name = last->ends ? gazetteer_probe(l->gazetteer, hash) : GAZETTEER_NONE;
    if (name == GAZETTEER_NONE)
        return;
    uint32_t classes = gazetteer_classes(l->gazetteer, name);
    add_hit(doc, hits, (struct hit){first->token, last->token + 1, name, classes});
}

/* All names that begin with word i, the longest first. Most words begin none, and most of
 * those that do not with the word that follows. */
static void find_from(const struct lookup *l, struct doc *doc,
                      const struct word_list *words, size_t i, struct hit_list *hits) {
    const struct word *w = words->at;
    uint64_t hashes[GAZETTEER_WORDS_MAX] = {w[i].hash};
    struct gazetteer_prefix one = w[i].prefix;
    size_t longest = one.longest;
    if (longest > 1 && i + 1 < words->count && w[i + 1].run) {
        hashes[1] = gazetteer_chain(w[i].hash, w[i + 1].hash);
        longest = gazetteer_prefix(l->gazetteer, hashes[1]).longest;
        if (longest > GAZETTEER_WORDS_MAX)
            longest = GAZETTEER_WORDS_MAX;
        size_t n = 2;
        for (; n < longest && i + n < words->count && w[i + n].run; n++)
            hashes[n] = gazetteer_chain(hashes[n - 1], w[i + n].hash);
        for (n = longest ? n : 0; n > 1; n--)
            find_one(l, doc, &w[i], &w[i + n - 1], hashes[n - 1], hits);
    }
    if (one.whole && (!one.ordinary || is_worth(doc, w[i].token)))
        find_one(l, doc, &w[i], &w[i], w[i].hash, hits);
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
