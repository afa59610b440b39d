#include "enrich/phrases.h"

#include <stdlib.h>

#include "enrich/chars.h"
#include "proto/mem.h"

/* bits: which hashes whole phrases have, and their first words, one or two */
#define FIRST_WORDS 65536

struct slot {
    uint32_t hash;
    uint8_t use; /* PHRASE_USES: free */
    struct phrase phrase;
};

struct phrases {
    struct slot *slots;
    size_t size; /* a power of two */
    uint8_t first[FIRST_WORDS / 8];
};

static uint32_t hash_of(struct view words) {
    uint32_t hash = 0x811c9dc5u;

    for (size_t i = 0; i < words.len; i++)
        hash = (hash ^ (unsigned char)words.at[i]) * 0x01000193u;
    return hash ^ hash >> 15;
}

static void note_first(struct phrases *p, struct view words) {
    uint32_t first = hash_of(words) % FIRST_WORDS;

    p->first[first / 8] |= (uint8_t)(1u << first % 8);
}

static void put(struct phrases *p, struct view words, const struct phrase_group *group) {
    uint32_t hash = hash_of(words);
    size_t at = hash & (p->size - 1);
    struct view rest = words, word;

    while (p->slots[at].use != PHRASE_USES)
        at = (at + 1) & (p->size - 1);
    p->slots[at] =
        (struct slot){hash, (uint8_t)group->use, {words, group->kind, group->most}};
    note_first(p, words);
    view_split(&rest, ' ', &word);
    note_first(p, word);
    if (view_split(&rest, ' ', &word))
        note_first(p, view_n(words.at, (size_t)(word.at + word.len - words.at)));
}

struct phrases *phrases_new(void) {
    struct phrases *p = mem_zalloc(sizeof *p);
    size_t count = 0;

    for (size_t i = 0; i < phrase_group_count; i++)
        for (const char *c = phrase_groups[i].text; *c; c++)
            count += *c == '|' || !c[1];
    for (p->size = 64; p->size < count * 2;)
        p->size *= 2;
    p->slots = mem_zalloc(p->size * sizeof *p->slots);
    for (size_t i = 0; i < p->size; i++)
        p->slots[i].use = PHRASE_USES;
    for (size_t i = 0; i < phrase_group_count; i++) {
        struct view rest = view_of(phrase_groups[i].text), words;
        while (view_split(&rest, '|', &words))
            put(p, words, &phrase_groups[i]);
    }
    return p;
}

void phrases_free(struct phrases *p) {
    if (!p)
        return;
    free(p->slots);
    free(p);
}

bool phrases_begin(const struct phrases *p, struct view words) {
    uint32_t first = hash_of(words) % FIRST_WORDS;

    return p->first[first / 8] >> first % 8 & 1;
}

bool phrases_find(const struct phrases *p, struct view words,
                  const struct phrase *found[PHRASE_USES]) {
    uint32_t hash = hash_of(words);
    bool any = false;

    for (unsigned use = 0; use < PHRASE_USES; use++)
        found[use] = NULL;
    if (!(p->first[hash % FIRST_WORDS / 8] >> hash % 8 & 1))
        return false;
    for (size_t at = hash & (p->size - 1); p->slots[at].use != PHRASE_USES;
         at = (at + 1) & (p->size - 1))
        if (p->slots[at].hash == hash && view_eq(p->slots[at].phrase.words, words)) {
            found[p->slots[at].use] = &p->slots[at].phrase;
            any = true;
        }
    return any;
}

/* Appends a character of several bytes; false if there is no room. */
static bool put_wide(struct folded *out, size_t *used, const char *at, unsigned len) {
    if (*used + len > sizeof out->text)
        return false;
    memcpy(out->text + *used, at, len);
    *used += len;
    return true;
}

/* Begins a word; false if there is no room for another. */
static bool put_word(struct folded *out, size_t *used, unsigned most, uint32_t raw) {
    if (out->count == most || *used + 2 > sizeof out->text)
        return false;
    if (out->count)
        out->text[(*used)++] = ' ';
    out->ends[out->count] = (uint16_t)*used;
    out->raw[out->count++] = raw;
    return true;
}

void folded_words(struct view line, unsigned most, struct folded *out) {
    const char *at = line.at, *end = line.at + line.len;
    bool between = true;
    size_t used = 0;
    unsigned len;

    out->count = out->letters = out->digits = 0;
    most = most < FOLDED_WORDS ? most : FOLDED_WORDS;
    for (; at < end; at += len) {
        unsigned class = char_next(at, end, &len);
        if (class == CHAR_APOSTROPHE)
            continue;
        if (class != CHAR_LOWER && class != CHAR_UPPER && class != CHAR_DIGIT &&
            class != CHAR_MARK) {
            between = true;
            continue;
        }
        if (between && !put_word(out, &used, most, (uint32_t)(at - line.at)))
            break;
        between = false;
        if (len > 1 ? !put_wide(out, &used, at, len) : used == sizeof out->text)
            break;
        if (len == 1)
            out->text[used++] = class == CHAR_UPPER ? (char)(*at | 32) : *at;
        out->digits += class == CHAR_DIGIT;
        out->letters += class != CHAR_DIGIT;
        out->ends[out->count - 1] = (uint16_t)used;
        out->raw[out->count - 1] = (uint32_t)(at + len - line.at);
    }
    out->whole = at >= end;
}
