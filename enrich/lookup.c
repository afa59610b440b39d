/* lookup.c: finds every name of the gazetteer in a story's tokens.
 *
 * Each token gives the words of its key (mostly one), laid end to end with blanks
 * between, so that the key of a run of words is one piece of that buffer:
 *
 *     tokens   [Abdel][Fattah][al][-][Sisi] [,] [U.N.]
 *     buffer    abdel fattah  al      sisi       un
 *
 * A punctuation mark other than a hyphen inside a word ends a run. A name must begin and
 * end where tokens do. */
#include "enrich/gazetteer.h"
#include "enrich/stage.h"

#include "proto/mem.h"

#include <stdlib.h>

struct lookup {
    const struct gazetteer *gazetteer;
    struct buf keys; /* kept between reports */
};

struct word {
    uint64_t hash;
    uint32_t start, end; /* bytes into keys */
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
        buf_release(&lookup->keys);
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

/* Appends the words of a token; false if it has none. */
static bool add_words(struct lookup *l, struct doc *doc, uint32_t token, bool run,
                      struct word_list *list) {
    size_t begin = l->keys.len, first = list->count;
    gazetteer_key(doc_token(doc, token), &l->keys);
    struct view rest = view_n(l->keys.at + begin, l->keys.len - begin), word;
    while (view_split(&rest, ' ', &word)) {
        uint32_t start = (uint32_t)(word.at - l->keys.at);
        list->at = arena_grow(doc->arena, list->at, list->count, list->count + 1,
                              sizeof *list->at, &list->cap);
        list->at[list->count] = (struct word){.hash = gazetteer_word_hash(word),
                                              .start = start,
                                              .end = start + (uint32_t)word.len,
                                              .token = token,
                                              .begins = list->count == first,
                                              .run = run || list->count > first};
        list->count++;
    }
    if (list->count == first)
        return false;
    list->at[list->count - 1].ends = true;
    buf_put_u8(&l->keys, ' ');
    return true;
}

static struct word_list words_of(struct lookup *l, struct doc *doc) {
    struct word_list list = {.cap = doc->token_count + doc->token_count / 8 + 8};
    list.at = arena_alloc(doc->arena, list.cap * sizeof *list.at);
    bool run = false;
    buf_clear(&l->keys);
    for (uint32_t i = 0; i < doc->token_count; i++) {
        if (i > 0 && doc->tokens[i].sentence != doc->tokens[i - 1].sentence)
            run = false;
        if (!is_joint(doc, i))
            run = doc->tokens[i].kind != TOKEN_LINK && add_words(l, doc, i, run, &list);
    }
    return list;
}

/* Ordinary words in small letters are of no use to anybody, but behind a hyphen. */
static bool is_worth(const struct doc *doc, uint32_t token, uint32_t classes) {
    return classes != CLASS_BIT(CLASS_WORD) ||
           !(doc->tokens[token].shape & SHAPE_LOWER) ||
           (token > 0 && is_joint(doc, token - 1));
}

struct hit_list {
    struct hit *at;
    size_t count, cap;
};

static void add_hit(struct doc *doc, struct hit_list *list, struct hit hit) {
    list->at = arena_grow(doc->arena, list->at, list->count, list->count + 1,
                          sizeof *list->at, &list->cap);
    list->at[list->count++] = hit;
}

/* All names that begin with word i, the longest first. */
static void find_from(const struct lookup *l, struct doc *doc,
                      const struct word_list *words, size_t i, struct hit_list *hits) {
    const struct word *w = words->at;
    uint64_t hashes[GAZETTEER_WORDS_MAX];
    unsigned longest = gazetteer_longest(l->gazetteer, w[i].hash), n = 0;
    if (longest > GAZETTEER_WORDS_MAX)
        longest = GAZETTEER_WORDS_MAX;
    for (; n < longest && i + n < words->count && (n == 0 || w[i + n].run); n++)
        hashes[n] = n ? gazetteer_chain(hashes[n - 1], w[i + n].hash) : w[i].hash;
    while (n-- > 0) {
        const struct word *last = &w[i + n];
        struct view key = view_n(l->keys.at + w[i].start, last->end - w[i].start);
        uint32_t name =
            last->ends ? gazetteer_probe(l->gazetteer, hashes[n], key) : GAZETTEER_NONE;
        if (name == GAZETTEER_NONE)
            continue;
        uint32_t classes = gazetteer_classes(l->gazetteer, name);
        if (is_worth(doc, w[i].token, classes))
            add_hit(doc, hits, (struct hit){w[i].token, last->token + 1, name, classes});
    }
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
