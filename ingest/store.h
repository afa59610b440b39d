/* store.h: the file below the journal, DIR/reports.mdb: an LMDB environment.
 *
 *     live   index -> crc32c u32, since u64, the report's encoding
 *     dead   index -> a dead letter (letter.h)
 *     seen   index -> index and flags u64, at u64, digest of the content, of the story,
 *                     version u64; flags in the highest byte: 1 the version is a moment,
 *                     2 the story is taken back (format 1: always 0)
 *     window index -> many such rows, that of this index first
 *     runs   first index of a run -> its uuid
 *     meta   "version" -> u32; "counts" -> struct store_counts, each a u64
 *
 * Indices are big-endian, so that their order is that of the bytes; all else is
 * little-endian. Readers see the last commit; a writing transaction is seen by nobody
 * before its commit, which is one fdatasync and a write of LMDB's root. A process killed
 * at any moment leaves the state of one commit or the other.
 *
 * LMDB frees pages to itself and never shrinks the file, and takes a full disk for a
 * broken one when a write comes back short. So the file grows ahead of what is written,
 * by posix_fallocate: a full disk is met there, where nothing has been touched yet, and
 * what little it takes to delete something finds room. */
#ifndef WIRETAG_INGEST_STORE_H
#define WIRETAG_INGEST_STORE_H

#include "proto/err.h"
#include "proto/view.h"

/* Of the file. A newer one is refused, an older one becomes this one with the next
 * commit. */
#define STORE_FORMAT 2

struct store;

enum store_table {
    STORE_LIVE,
    STORE_DEAD,
    STORE_SEEN,
    STORE_WINDOW,
    STORE_RUNS,
    STORE_TABLES
};

/* What cannot be had by looking at the tables' sizes. */
struct store_counts {
    uint64_t next; /* the index that comes next */
    uint64_t committed, dead;
    uint64_t bytes;     /* of live and dead, as store_cost counts */
    uint64_t documents; /* of the dead ones that are documents */
};

/* Opens the file of `dir`, or makes it (not when it is only to be read: ERR_NOT_FOUND).
 * map_bytes: how large it may become at most. ERR_FORMAT: damaged, or not ours;
 * ERR_VERSION; ERR_SYSTEM; the diag says what to do. */
int store_open(const char *dir, int64_t map_bytes, bool to_read, struct store **out,
               struct diag *diag);
void store_close(struct store *store); /* NULL allowed */

/* ---- reading ---- */

/* Moves on to the last commit. Until then views stay valid. */
int store_look(struct store *store, struct diag *diag);
int store_counts(struct store *store, struct store_counts *out, struct diag *diag);
/* 0; > 0: not there; < 0: an error. */
int store_get(struct store *store, enum store_table table, uint64_t key,
              struct view *value);
/* The first key >= least: 0; > 0: there is none; < 0: an error. */
int store_seek(struct store *store, enum store_table table, uint64_t least, uint64_t *key,
               struct view *value);
/* Could something not be read? Then nothing is written any more: store_begin says why. */
bool store_is_broken(const struct store *store);
/* What is read from now on lies scattered (or no longer does): the disk is not to fetch
 * what is around it. store_fetch says what is wanted instead, to the last byte. */
void store_scattered(struct store *store, bool yes);
void store_fetch(const struct store *store, struct view value);
uint64_t store_entries(struct store *store, enum store_table table);
/* What a value of live or dead takes on the disk: a share of a page, or whole pages. */
int64_t store_cost(const struct store *store, size_t len);
int64_t store_file_bytes(const struct store *store);

/* ---- writing ---- */

/* Begins a transaction that will write about so many bytes. ERR_FULL: there is no room
 * for them; with `at_any_rate` it is tried all the same. */
int store_begin(struct store *store, int64_t bytes, bool at_any_rate, struct diag *diag);
/* 0, ERR_FULL, or an error: then store_abort has to follow. A value may be in two
 * parts. */
int store_put(struct store *store, enum store_table table, uint64_t key, struct view head,
              struct view body);
/* Removes what there is of lo..hi, at most `most`; *count: how many, *bytes: their
 * cost. */
int store_remove(struct store *store, enum store_table table, const uint64_t range[2],
                 uint64_t most, uint64_t *count, int64_t *bytes);
/* 0: safe. ERR_FULL: as if nothing had been. Other errors: nobody knows. Ends the
 * transaction either way. */
int store_commit(struct store *store, const struct store_counts *counts,
                 struct diag *diag);
void store_abort(struct store *store);
/* What a failed store_put or store_remove says to people. */
void store_explain(const struct store *store, struct diag *diag);

#endif
