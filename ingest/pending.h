/* pending.h: what has happened to reports and dead letters since the last sync: deleted
 * (a set of indices), or moved from one place to another (a list, sorted). No index is in
 * both. Bounded, so that a disk that stays full does not fill the memory too. */
#ifndef WIRETAG_INGEST_PENDING_H
#define WIRETAG_INGEST_PENDING_H

#include "proto/err.h"
#include "proto/intervals.h"

#define PENDING_CHANGES 16384

enum change_kind {
    CHANGE_BURY,   /* queue -> dead letters */
    CHANGE_REVIVE, /* dead letters -> queue */
    CHANGE_DROP    /* out of the dead letters */
};

struct change {
    uint64_t index;
    enum change_kind what;
    unsigned attempts; /* of CHANGE_BURY */
    int64_t when_ms;
    uint64_t cost; /* bytes of what it becomes */
    char *reason;  /* of CHANGE_BURY, owned */
};

/* A zeroed one is empty. */
struct pending {
    struct intervals gone;
    uint64_t gone_count; /* members */
    struct change *changes;
    size_t count, cap;
};

/* ERR_FULL. The index has no change and is not gone. */
int pending_add(struct pending *pending, const struct change *change, const char *reason);
/* NULL: none. Valid until the next call that is not const. */
const struct change *pending_change(const struct pending *pending, uint64_t index);
void pending_forget(struct pending *pending, uint64_t index);

/* ERR_FULL: too scattered. */
int pending_delete(struct pending *pending, uint64_t index);
/* The last index of the unbroken run of deleted ones that holds this one; 0: it is not
 * deleted. */
uint64_t pending_gone(const struct pending *pending, uint64_t index);

/* The first so many changes were saved, and all deletes up to this index. */
void pending_done(struct pending *pending, size_t changes, uint64_t upto);
void pending_release(struct pending *pending);

#endif
