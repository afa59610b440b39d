/* mem.h: memory. Running out of it ends the process in one place (mem.c), so no caller
 * checks for NULL; whatever was acknowledged is on disk by then.
 *
 * An arena serves one document: many small allocations, freed all at once. Blocks are
 * kept across arena_clear, so a long-running process allocates nothing in its steady
 * state. */
#ifndef WIRETAG_PROTO_MEM_H
#define WIRETAG_PROTO_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                         /* never NULL */
void *mem_zalloc(size_t size);                        /* the same, zeroed */
void *mem_resize(void *old, size_t count, size_t of); /* realloc(count * of), checked */
char *mem_dup(const char *text);                      /* heap copy, free() it */

struct arena_block;

struct arena {
    struct arena_block *first; /* all blocks, in order of use */
    struct arena_block *now;   /* the one being filled */
    size_t used;               /* bytes used of `now` */
};

/* A zeroed struct arena is ready for use. Memory is aligned for any type, not zeroed. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_zalloc(struct arena *arena, size_t size);
/* A NUL-terminated copy of len bytes. */
char *arena_copy(struct arena *arena, const char *bytes, size_t len);
/* Grows an array of `count` elements of size `of` to hold `want`; the old one stays valid
 * until the arena is cleared. Capacity doubles; *cap is updated. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t want, size_t of,
                 size_t *cap);
/* Everything in it becomes invalid, its blocks are kept; one that outgrew 4 MB is given
 * back, so that one monstrous report does not swell the process for ever. */
void arena_clear(struct arena *arena);
void arena_release(struct arena *arena);

#endif
