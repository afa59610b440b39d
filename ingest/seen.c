#include "ingest/seen.h"

#include "proto/mem.h"

#include <stdlib.h>

#define FIRST_SIZE 1024 /* a power of two */

struct seen {
    struct seen_entry *ring; /* `size` of them; entry number n stands at n % size */
    uint64_t *slots;         /* 2 * size: number of an entry + 1; 0: empty */
    size_t size, limit, used;
    uint64_t first, next; /* numbers of the oldest entry and of the one to come */
    int64_t window_ms;
    uint64_t *hidden; /* per entry of the open group: number + 1 of the one whose key it
                         took over; 0: none */
    size_t hidden_count, hidden_cap;
};

static struct seen_entry *entry_at(const struct seen *seen, uint64_t number) {
    return &seen->ring[number & (seen->size - 1)];
}

static size_t home_of(const struct seen *seen, struct digest key) {
    size_t hash;
    memcpy(&hash, key.bytes, sizeof hash); // a digest is as good as any hash of it
    return hash & (2 * seen->size - 1);
}

static size_t slot_of(const struct seen *seen, struct digest key) {
    size_t mask = 2 * seen->size - 1, i = home_of(seen, key);
    while (seen->slots[i] &&
           memcmp(entry_at(seen, seen->slots[i] - 1)->key.bytes, key.bytes, 16) != 0)
        i = (i + 1) & mask;
    return i;
}

struct seen *seen_new(size_t limit, int64_t window_ms) {
    struct seen *seen = mem_zalloc(sizeof *seen);
    seen->limit = limit ? limit : 1;
    seen->window_ms = window_ms;
    seen->size = FIRST_SIZE;
    seen->ring = mem_alloc(seen->size * sizeof *seen->ring);
    seen->slots = mem_zalloc(2 * seen->size * sizeof *seen->slots);
    return seen;
}

void seen_free(struct seen *seen) {
    if (!seen)
        return;
    free(seen->ring);
    free(seen->slots);
    free(seen->hidden);
    free(seen);
}

const struct seen_entry *seen_get(const struct seen *seen, struct digest key,
                                  int64_t now_ms) {
    uint64_t number = seen->slots[slot_of(seen, key)];
    if (!number)
        return NULL;
    const struct seen_entry *entry = entry_at(seen, number - 1);
    return now_ms - entry->at_ms > seen->window_ms ? NULL : entry;
}

/* Empties a slot and moves up those behind it that were displaced past it. */
static void empty_slot(struct seen *seen, size_t hole) {
    size_t mask = 2 * seen->size - 1;
    seen->slots[hole] = 0;
    for (size_t i = (hole + 1) & mask; seen->slots[i]; i = (i + 1) & mask) {
        size_t home = home_of(seen, entry_at(seen, seen->slots[i] - 1)->key);
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        seen->slots[hole] = seen->slots[i];
        seen->slots[i] = 0;
        hole = i;
    }
}

static void forget_oldest(struct seen *seen) {
    uint64_t number = seen->first++;
    size_t slot = slot_of(seen, entry_at(seen, number)->key);
    if (seen->slots[slot] != number + 1)
        return; // the key came again: a newer entry holds it
    empty_slot(seen, slot);
    seen->used--;
}

static void grow(struct seen *seen, size_t size) {
    struct seen_entry *old = seen->ring;
    size_t old_size = seen->size;
    free(seen->slots);
    seen->size = size;
    seen->ring = mem_alloc(seen->size * sizeof *seen->ring);
    seen->slots = mem_zalloc(2 * seen->size * sizeof *seen->slots);
    for (uint64_t n = seen->first; n < seen->next; n++) {
        *entry_at(seen, n) = old[n & (old_size - 1)];
        seen->slots[slot_of(seen, entry_at(seen, n)->key)] = n + 1;
    }
    free(old);
}

void seen_expect(struct seen *seen, size_t count) {
    size_t size = seen->size;
    count = count < seen->limit ? count : seen->limit;
    while (size < count)
        size *= 2;
    if (size > seen->size)
        grow(seen, size);
}

static void hide(struct seen *seen, uint64_t number) {
    if (seen->hidden_count == seen->hidden_cap) {
        seen->hidden_cap = seen->hidden_cap ? 2 * seen->hidden_cap : 256;
        seen->hidden = mem_resize(seen->hidden, seen->hidden_cap, sizeof *seen->hidden);
    }
    seen->hidden[seen->hidden_count++] = number;
}

void seen_put(struct seen *seen, const struct seen_entry *entry) {
    while (seen->first < seen->next &&
           (seen->next - seen->first >= seen->limit ||
            entry->at_ms - entry_at(seen, seen->first)->at_ms > seen->window_ms))
        forget_oldest(seen);
    if (seen->next - seen->first == seen->size)
        grow(seen, 2 * seen->size);
    *entry_at(seen, seen->next) = *entry;
    size_t slot = slot_of(seen, entry->key);
    hide(seen, seen->slots[slot]);
    seen->used += seen->slots[slot] == 0;
    seen->slots[slot] = ++seen->next;
}

void seen_keep(struct seen *seen) { seen->hidden_count = 0; }

static void take_back(struct seen *seen, uint64_t hidden) {
    uint64_t number = --seen->next;
    size_t slot = slot_of(seen, entry_at(seen, number)->key);
    if (hidden > seen->first) {
        seen->slots[slot] = hidden;
        return;
    }
    empty_slot(seen, slot);
    seen->used--;
}

void seen_drop(struct seen *seen) {
    while (seen->hidden_count > 0 && seen->next > seen->first)
        take_back(seen, seen->hidden[--seen->hidden_count]);
    seen->hidden_count = 0;
}

const struct seen_entry *seen_oldest(const struct seen *seen) {
    return seen->first < seen->next ? entry_at(seen, seen->first) : NULL;
}

size_t seen_count(const struct seen *seen) { return seen->used; }
