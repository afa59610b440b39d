#include "ingest/items.h"

#include "proto/mem.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256

static size_t home_of(const struct items *items, uint64_t index) {
    // Neighbours go out together: spread them by the golden ratio.
    return (size_t)(index * 0x9E3779B97F4A7C15u >> 20) & (items->size - 1);
}

static size_t slot_of(const struct items *items, uint64_t index) {
    size_t i = home_of(items, index);
    while (items->slots[i].index && items->slots[i].index != index)
        i = (i + 1) & (items->size - 1);
    return i;
}

struct item *items_get(const struct items *items, uint64_t index) {
    if (items->count == 0)
        return NULL;
    struct item *item = &items->slots[slot_of(items, index)];
    return item->index ? item : NULL;
}

static void grow(struct items *items) {
    struct item *old = items->slots;
    size_t old_size = items->size;
    items->size = old_size ? 2 * old_size : FIRST_SIZE;
    items->slots = mem_zalloc(items->size * sizeof *items->slots);
    for (size_t i = 0; i < old_size; i++)
        if (old[i].index)
            items->slots[slot_of(items, old[i].index)] = old[i];
    free(old);
}

struct item *items_put(struct items *items, uint64_t index) {
    if (2 * (items->count + 1) > items->size)
        grow(items);
    struct item *item = &items->slots[slot_of(items, index)];
    items->count += item->index == 0;
    *item = (struct item){.index = index};
    return item;
}

void items_remove(struct items *items, uint64_t index) {
    if (!items_get(items, index))
        return;
    size_t mask = items->size - 1, hole = slot_of(items, index);
    items->slots[hole].index = 0;
    items->count--;
    for (size_t i = (hole + 1) & mask; items->slots[i].index; i = (i + 1) & mask) {
        size_t home = home_of(items, items->slots[i].index);
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        items->slots[hole] = items->slots[i];
        items->slots[i].index = 0;
        hole = i;
    }
}

struct item *items_each(const struct items *items, size_t *at) {
    while (*at < items->size) {
        struct item *item = &items->slots[(*at)++];
        if (item->index)
            return item;
    }
    return NULL;
}

void items_release(struct items *items) {
    free(items->slots);
    *items = (struct items){0};
}

/* ---- heap ---- */

static void swap(struct heap_entry *a, struct heap_entry *b) {
    struct heap_entry c = *a;
    *a = *b;
    *b = c;
}

void heap_push(struct heap *heap, uint64_t key, uint64_t index) {
    if (heap->count == heap->cap) {
        heap->cap = heap->cap ? 2 * heap->cap : 64;
        heap->entries = mem_resize(heap->entries, heap->cap, sizeof *heap->entries);
    }
    size_t i = heap->count++;
    heap->entries[i] = (struct heap_entry){key, index};
    for (; i > 0 && heap->entries[i].key < heap->entries[(i - 1) / 2].key;
         i = (i - 1) / 2)
        swap(&heap->entries[i], &heap->entries[(i - 1) / 2]);
}

void heap_pop(struct heap *heap) {
    heap->entries[0] = heap->entries[--heap->count];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < heap->count; child++)
            if (heap->entries[child].key < heap->entries[least].key)
                least = child;
        if (least == i)
            return;
        swap(&heap->entries[i], &heap->entries[least]);
        i = least;
    }
}

void heap_release(struct heap *heap) {
    free(heap->entries);
    *heap = (struct heap){0};
}
