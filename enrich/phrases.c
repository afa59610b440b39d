#include "enrich/phrases.h"

#include <stdlib.h>

#include "enrich/chars.h"
#include "proto/mem.h"

#define FIRST_WORDS 8192 /* bits: which hashes first words have */

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

static void put(struct phrases *p, struct view words, const struct phrase_group *group) {
    uint32_t hash = hash_of(words), first;
    size_t at = hash & (p->size - 1);
    struct view rest = words, word;

    while (p->slots[at].use != PHRASE_USES)
        at = (at + 1) & (p->size - 1);
    p->slots[at] =
        (struct slot){hash, (uint8_t)group->use, {words, group->kind, group->most}};
    view_split(&rest, ' ', &word);
    first = hash_of(word) % FIRST_WORDS;
    p->first[first / 8] |= (uint8_t)(1u << first % 8);
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

bool phrases_begin(const struct phrases *p, struct view word) {
    uint32_t first = hash_of(word) % FIRST_WORDS;

    return p->first[first / 8] >> first % 8 & 1;
}

bool phrases_find(const struct phrases *p, struct view words,
                  const struct phrase *found[PHRASE_USES]) {
    uint32_t hash = hash_of(words);
    bool any = false;

    for (unsigned use = 0; use < PHRASE_USES; use++)
        found[use] = NULL;
    for (size_t at = hash & (p->size - 1); p->slots[at].use != PHRASE_USES;
         at = (at + 1) & (p->size - 1))
        if (p->slots[at].hash == hash && view_eq(p->slots[at].phrase.words, words)) {
            found[p->slots[at].use] = &p->slots[at].phrase;
            any = true;
        }
    return any;
}

/* Appends the letter at `at`; false if there is no room. */
static bool put_letter(struct folded *out, size_t *used, const char *at, unsigned len) {
    if (*used + len > sizeof out->text)
        return false;
    memcpy(out->text + *used, at, len);
    if (len == 1 && *at >= 'A' && *at <= 'Z')
        out->text[*used] = (char)(*at + 32);
    *used += len;
    return true;
}

void folded_words(struct view line, unsigned most, struct folded *out) {
    const char *at = line.at, *end = line.at + line.len;
    bool between = true;
    size_t used = 0;
    unsigned len;

    out->count = out->letters = out->digits = 0;
    out->whole = true;
    most = most < FOLDED_WORDS ? most : FOLDED_WORDS;
    for (; at < end; at += len) {
        unsigned class = char_next(at, end, &len);
        bool letter = char_is_letter(class) || class == CHAR_MARK;
        if (class == CHAR_APOSTROPHE)
            continue;
        if (!letter && class != CHAR_DIGIT) {
            between = true;
            continue;
        }
        if (between && (out->count == most || (used && used >= sizeof out->text - 1)))
            break;
        if (between) {
            if (used)
                out->text[used++] = ' ';
            out->ends[out->count] = (uint16_t)used;
            out->raw[out->count++] = (uint32_t)(at - line.at);
        }
        between = false;
        if (!put_letter(out, &used, at, len))
            break;
        out->letters += letter;
        out->digits += class == CHAR_DIGIT;
        out->ends[out->count - 1] = (uint16_t)used;
        out->raw[out->count - 1] = (uint32_t)(at + len - line.at);
    }
    out->whole = at >= end;
}
