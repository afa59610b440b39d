/* intervals.h: a set of report indices as ranges: sorted, apart by at least one missing
 * index, so a set has exactly one form.
 *
 *     1 2 3 4 . 6 7 . . 10        [1..4] [6..7] [10..10]      upto = 4
 *
 * Reports become durable nearly in the order of their indices, so a set stays a handful
 * of ranges however many members it has: 16 bytes for each hole (a report out at a slow
 * enricher, or dead). INTERVALS_MAX bounds it at 16 MiB; finding is O(log ranges),
 * inserting at the end O(1), in the middle a memmove. */
#ifndef WIRETAG_PROTO_INTERVALS_H
#define WIRETAG_PROTO_INTERVALS_H

#include "proto/frame.h"

#define INTERVALS_MAX (1u << 20) /* ranges of one set */

/* A zeroed one is the empty set. */
struct intervals {
    struct range *ranges;
    size_t count, cap;
};

/* 0: inserted; > 0: was there already; ERR_FULL: would take one range too many. */
int intervals_insert(struct intervals *set, uint64_t n);
/* The range that holds n, or NULL. Valid until the next insert. */
const struct range *intervals_at(const struct intervals *set, uint64_t n);
bool intervals_has(const struct intervals *set, uint64_t n);
/* The largest n with all of 1..n in the set; 0 when 1 is missing. */
uint64_t intervals_upto(const struct intervals *set);
void intervals_clear(struct intervals *set); /* empty; the memory is kept */
void intervals_release(struct intervals *set);

/* Appends COMMIT or RESUME frames that say `upto` and what lies behind it of the set's
 * ranges from number `first` on, at most max_frames of COMMIT_RANGES each, but one
 * always: with nothing left to say it says upto alone. Each frame is true by itself.
 * Returns the range to go on with: set->count at the end. */
size_t intervals_put(const struct intervals *set, struct buf *out, enum frame_kind kind,
                     struct commit head, size_t first, size_t max_frames);

#endif
