/* seen.h: a window of remembered keys: the newest `limit` ones, none older than
 * `window_ms`.
 *
 *     ring    [ oldest .............. newest ]   entries in the order they came
 *     slots   hash -> place in the ring          open addressing, never more than half
 * full
 *
 * Looking up is a hash and a compare; adding the newest lets the oldest go. What was put
 * since the last seen_keep is an open group: it is found like the rest, and seen_drop
 * takes it back. */
#ifndef WIRETAG_INGEST_SEEN_H
#define WIRETAG_INGEST_SEEN_H

#include "proto/id.h"

struct seen_entry {
    struct digest key;
    int64_t at_ms;
    uint64_t index : 56; /* the journal's */
    uint64_t timed : 1;  /* the version is a moment */
    uint64_t canceled : 1;
    uint64_t version; /* of a story; 0: not given */
};

struct seen;

struct seen *seen_new(size_t limit, int64_t window_ms);
void seen_free(struct seen *seen);

/* Makes room for so many, as far as the window goes: they are about to come. */
void seen_expect(struct seen *seen, size_t count);
/* NULL when it was not seen within the window. Valid until the next seen_put. */
const struct seen_entry *seen_get(const struct seen *seen, struct digest key,
                                  int64_t now_ms);
/* Adds the entry, or puts it in the place of an older one of the same key. at_ms does not
 * run backwards. */
void seen_put(struct seen *seen, const struct seen_entry *entry);
/* The open group stays. */
void seen_keep(struct seen *seen);
/* The open group never was. (What it pushed out of the window has gone, though.) */
void seen_drop(struct seen *seen);
/* The oldest entry still there; NULL: none. */
const struct seen_entry *seen_oldest(const struct seen *seen);
size_t seen_count(const struct seen *seen);

#endif
