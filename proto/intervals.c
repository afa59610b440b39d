#include "proto/intervals.h"

#include <stdlib.h>

#include "proto/mem.h"

/* The first range that ends at or behind n: the only one that can hold it. */
static size_t find(const struct intervals *set, uint64_t n) {
    size_t lo = 0, hi = set->count;

    if (hi && set->ranges[hi - 1].hi < n)
        return hi; // the usual case: indices arrive in order
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (set->ranges[mid].hi < n)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static int open_range(struct intervals *set, size_t at, uint64_t n) {
    if (set->count >= INTERVALS_MAX)
        return ERR_FULL;
    if (set->count == set->cap) {
        set->cap = set->cap ? set->cap * 2 : 16;
        set->ranges = mem_resize(set->ranges, set->cap, sizeof *set->ranges);
    }
    memmove(set->ranges + at + 1, set->ranges + at,
            (set->count - at) * sizeof *set->ranges);
    set->ranges[at] = (struct range){n, n};
    set->count++;
    return 0;
}

static void close_hole(struct intervals *set, size_t left) {
    set->ranges[left].hi = set->ranges[left + 1].hi;
    memmove(set->ranges + left + 1, set->ranges + left + 2,
            (set->count - left - 2) * sizeof *set->ranges);
    set->count--;
}

int intervals_insert(struct intervals *set, uint64_t n) {
    size_t at = find(set, n);
    bool follows = at > 0 && n > 0 && set->ranges[at - 1].hi == n - 1;
    bool precedes = at < set->count && set->ranges[at].lo - 1 == n;

    if (at < set->count && set->ranges[at].lo <= n)
        return 1;
    if (follows && precedes)
        close_hole(set, at - 1);
    else if (follows)
        set->ranges[at - 1].hi = n;
    else if (precedes)
        set->ranges[at].lo = n;
    else
        return open_range(set, at, n);
    return 0;
}

const struct range *intervals_at(const struct intervals *set, uint64_t n) {
    size_t at = find(set, n);

    return at < set->count && set->ranges[at].lo <= n ? &set->ranges[at] : NULL;
}

bool intervals_has(const struct intervals *set, uint64_t n) {
    return intervals_at(set, n) != NULL;
}

uint64_t intervals_upto(const struct intervals *set) {
    return set->count && set->ranges[0].lo <= 1 ? set->ranges[0].hi : 0;
}

void intervals_clear(struct intervals *set) { set->count = 0; }

void intervals_release(struct intervals *set) {
    free(set->ranges);
    *set = (struct intervals){0};
}

size_t intervals_put(const struct intervals *set, struct buf *out, enum frame_kind kind,
                     struct commit head, size_t first, size_t max_frames) {
    struct range ranges[COMMIT_RANGES];
    struct commit commit = {head.journal, head.upto, ranges, 0};

    for (size_t frames = 0; frames == 0 || (first < set->count && frames < max_frames);
         frames++) {
        commit.range_count = 0;
        for (; first < set->count && commit.range_count < COMMIT_RANGES; first++) {
            struct range range = set->ranges[first];
            if (range.hi <= head.upto)
                continue;
            if (range.lo <= head.upto)
                range.lo = head.upto + 1;
            ranges[commit.range_count++] = range;
        }
        commit_put(out, kind, &commit);
    }
    return first;
}
