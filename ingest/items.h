/* items.h: the reports dispatch has to remember something about: those that are out, and
 * those that were and came back. All others are a number in its cursor. A hash table by
 * index. */
#ifndef WIRETAG_INGEST_ITEMS_H
#define WIRETAG_INGEST_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct worker;

struct item {
    uint64_t index;        /* 0: empty slot */
    struct worker *worker; /* who has it; NULL: it waits to go out again */
    int64_t deadline_ms;   /* out: when the lease ends */
    uint64_t done_before;  /* what the worker had done when it got it */
    uint32_t handed;       /* how often it went out */
    uint16_t charged;      /* attempts that count against it */
    uint16_t lost;         /* how often its worker died */
    uint16_t retried;      /* how often it was given back */
};

struct items {
    struct item *slots;
    size_t size, count; /* size: 0 or a power of two */
};

/* A zeroed struct items is ready for use. Pointers are valid until the next put or take.
 */
struct item *items_get(const struct items *items, uint64_t index); /* NULL: not there */
struct item *items_put(struct items *items,
                       uint64_t index); /* zeroed but for the index */
void items_remove(struct items *items, uint64_t index);
/* Walks over all, in no order: NULL at the end. *at starts at 0. No put or remove
 * between. */
struct item *items_each(const struct items *items, size_t *at);
void items_release(struct items *items);

/* A heap of (key, index), least key first; stale entries are the owner's to pass over. */
struct heap_entry {
    uint64_t key, index;
};
struct heap {
    struct heap_entry *entries;
    size_t count, cap;
};
void heap_push(struct heap *heap, uint64_t key, uint64_t index);
void heap_pop(struct heap *heap); /* there must be one */
void heap_release(struct heap *heap);

#endif
