#include "ingest/pending.h"

#include "proto/mem.h"

#include <stdlib.h>

/* Where it is, or where it would be put. */
static size_t place_of(const struct pending *p, uint64_t index) {
    size_t lo = 0, hi = p->count;
    if (hi > 0 && p->changes[hi - 1].index < index)
        return hi;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->changes[mid].index < index)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

int pending_add(struct pending *p, const struct change *change, const char *reason) {
    size_t at = place_of(p, change->index);
    if (p->count == PENDING_CHANGES)
        return ERR_FULL;
    if (p->count == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 16;
        p->changes = mem_resize(p->changes, p->cap, sizeof *p->changes);
    }
    memmove(p->changes + at + 1, p->changes + at, (p->count - at) * sizeof *p->changes);
    p->changes[at] = *change;
    p->changes[at].reason = reason ? mem_dup(reason) : NULL;
    p->count++;
    return 0;
}

const struct change *pending_change(const struct pending *p, uint64_t index) {
    if (p->count == 0)
        return NULL;
    size_t at = place_of(p, index);
    return at < p->count && p->changes[at].index == index ? &p->changes[at] : NULL;
}

void pending_forget(struct pending *p, uint64_t index) {
    size_t at = place_of(p, index);
    free(p->changes[at].reason);
    p->count--;
    memmove(p->changes + at, p->changes + at + 1, (p->count - at) * sizeof *p->changes);
}

int pending_delete(struct pending *p, uint64_t index) {
    int err = intervals_insert(&p->gone, index);
    p->gone_count += err == 0;
    return err < 0 ? err : 0;
}

uint64_t pending_gone(const struct pending *p, uint64_t index) {
    const struct range *range = intervals_at(&p->gone, index);
    return range ? range->hi : 0;
}

static void drop_deletes(struct pending *p, uint64_t upto) {
    struct intervals *gone = &p->gone;
    size_t whole = 0;
    for (; whole < gone->count && gone->ranges[whole].hi <= upto; whole++)
        p->gone_count -= gone->ranges[whole].hi - gone->ranges[whole].lo + 1;
    gone->count -= whole;
    memmove(gone->ranges, gone->ranges + whole, gone->count * sizeof *gone->ranges);
    if (gone->count > 0 && gone->ranges[0].lo <= upto) {
        p->gone_count -= upto - gone->ranges[0].lo + 1;
        gone->ranges[0].lo = upto + 1;
    }
}

void pending_done(struct pending *p, size_t changes, uint64_t upto) {
    for (size_t i = 0; i < changes; i++)
        free(p->changes[i].reason);
    p->count -= changes;
    if (p->count > 0)
        memmove(p->changes, p->changes + changes, p->count * sizeof *p->changes);
    if (p->gone.count > 0)
        drop_deletes(p, upto);
}

void pending_release(struct pending *p) {
    for (size_t i = 0; i < p->count; i++)
        free(p->changes[i].reason);
    free(p->changes);
    intervals_release(&p->gone);
    *p = (struct pending){0};
}
