#include "proto/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES (64 * 1024)
#define KEEP_BYTES  (4 * 1024 * 1024)

struct arena_block {
    struct arena_block *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static void *check(void *p, size_t size) {
    if (!p && size) {
        fprintf(stderr,
                "wiretag: out of memory (%zu bytes asked for): raise --memory, or give "
                "the machine more; what was acknowledged is safe\n",
                size);
        abort();
    }
    return p;
}

void *mem_alloc(size_t size) { return check(malloc(size ? size : 1), size); }

void *mem_zalloc(size_t size) { return check(calloc(1, size ? size : 1), size); }

void *mem_resize(void *old, size_t count, size_t of) {
    size_t size;

    if (of && count > SIZE_MAX / of)
        check(NULL, SIZE_MAX);
    size = count * of;
    return check(realloc(old, size ? size : 1), size);
}

char *mem_dup(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(mem_alloc(size), text, size);
}

static struct arena_block *block_new(size_t size) {
    struct arena_block *b = mem_alloc(sizeof *b + size);
    b->next = NULL;
    b->size = size;
    return b;
}

/* Moves on to a block with room for size bytes: a kept one, or a new one put in between.
 */
static void next_block(struct arena *a, size_t size) {
    struct arena_block **link = a->now ? &a->now->next : &a->first;

    if (!*link || (*link)->size < size) {
        struct arena_block *b = block_new(size > BLOCK_BYTES ? size : BLOCK_BYTES);
        b->next = *link;
        *link = b;
    }
    a->now = *link;
    a->used = 0;
}

void *arena_alloc(struct arena *a, size_t size) {
    const size_t unit = alignof(max_align_t);
    void *p;

    if (size > SIZE_MAX / 2)
        check(NULL, size);
    size = (size + unit - 1) / unit * unit;
    if (!a->now || a->now->size - a->used < size)
        next_block(a, size);
    p = a->now->bytes + a->used;
    a->used += size;
    return p;
}

void *arena_zalloc(struct arena *a, size_t size) {
    return memset(arena_alloc(a, size), 0, size);
}

char *arena_copy(struct arena *a, const char *bytes, size_t len) {
    char *p = arena_alloc(a, len + 1);
    if (len)
        memcpy(p, bytes, len);
    p[len] = 0;
    return p;
}

void *arena_grow(struct arena *a, void *array, size_t count, size_t want, size_t of,
                 size_t *cap) {
    size_t bigger = *cap ? *cap : 8;
    void *p;

    if (want <= *cap)
        return array;
    if (want > SIZE_MAX / 4 / of)
        check(NULL, SIZE_MAX);
    while (bigger < want)
        bigger *= 2;
    p = arena_alloc(a, bigger * of);
    if (count)
        memcpy(p, array, count * of);
    *cap = bigger;
    return p;
}

void arena_clear(struct arena *a) {
    struct arena_block **link = &a->first;
    size_t kept = 0;

    while (*link) {
        struct arena_block *b = *link;
        if (kept + b->size > KEEP_BYTES) {
            *link = b->next;
            free(b);
        } else {
            kept += b->size;
            link = &b->next;
        }
    }
    a->now = a->first;
    a->used = 0;
}

void arena_release(struct arena *a) {
    while (a->first) {
        struct arena_block *b = a->first;
        a->first = b->next;
        free(b);
    }
    *a = (struct arena){0};
}
