/* journal_inside.h: what the files of the journal share, and nobody else sees:
 *
 *     journal.c        opening, runs, what comes in, how it stands
 *     journal_sync.c   from memory to the store
 *     journal_out.c    reading, deleting, burying; the dead letters
 *
 * The window of what was seen is read whole when the journal is opened. Row by row it
 * would lie scattered among all the reports there ever were, and the disk would have to
 * find thousands of pages; so rows are put together, many in one value, as soon as there
 * are enough of them.
 */
#ifndef WIRETAG_INGEST_JOURNAL_INSIDE_H
#define WIRETAG_INGEST_JOURNAL_INSIDE_H

#include "ingest/journal.h"
#include "ingest/pending.h"
#include "ingest/seen.h"
#include "ingest/store.h"
#include "proto/buf.h"

#define LIVE_HEAD  12   /* crc and since, before the encoding */
#define SEEN_BYTES 56   /* a row of the window */
#define SEEN_ROWS  1024 /* so many lie together */

/* What stands in a row's first number. */
#define ROW_INDEX    ((UINT64_C(1) << 56) - 1)
#define ROW_TIMED    (UINT64_C(1) << 56)
#define ROW_CANCELED (UINT64_C(2) << 56)

/* One that is to get the next index. */
struct entry {
    size_t at, len; /* in `bytes`, as it will lie in the store */
    bool document;  /* into the dead letters */
    struct identity identity;
    int64_t wall_ms;
};

struct group {
    struct buf bytes;
    struct entry *entries;
    size_t count, cap;
    int64_t cost, documents; /* on the disk, documents among it */
};

/* The store is the state of the last sync. In front of it lies what is pending: a group
 * of new ones, and what was deleted, buried, revived or dropped (pending.h); `counts` is
 * what the store's will be when that is saved. */
struct journal {
    struct journal_conf conf;
    struct store *store;
    struct store_counts saved, counts;
    uint64_t live, letters; /* as counts */
    struct group group;
    struct pending pending;
    struct journal_run *runs; /* oldest first, the last is the present one */
    size_t run_count;
    bool run_saved; /* the present one, and those without anything left are gone */
    struct seen *contents, *stories;
    struct buf rows; /* of the window that lie one by one in the store */
    bool disk_full;
    int64_t wanted; /* bytes the group took that found the disk full */
    struct buf scratch;
};

static inline void keep_seen(struct journal *j) {
    seen_keep(j->contents);
    seen_keep(j->stories);
}

/* The encoding in a value of "live". */
static inline struct view record_in(struct view value) {
    size_t head = value.len < LIVE_HEAD ? value.len : LIVE_HEAD;
    return view_n(value.at + head, value.len - head);
}

/* A row of the window. */
void put_row(struct buf *out, const struct identity *identity, int64_t at_ms,
             uint64_t index);
/* A value of "live". */
void put_live(struct buf *out, int64_t since_ms, struct view record);
/* The open group never was. */
void drop_group(struct journal *journal);
/* One transaction; with the group or without it. As journal_sync. */
int save(struct journal *journal, bool group, struct diag *diag);

#endif
