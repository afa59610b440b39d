/* store.h: a connection to the journal's database: what the sink needs of SQLite, and the
 * only door to it.
 *
 * A connection belongs to one thread. Those of one process change the file in turns
 * (store_begin waits for the other), so they never find each other's lock; who reads does
 * not wait for anybody (WAL). Another program that holds the lock, such as a sqlite3
 * shell with an open transaction, is met with ERR_AGAIN.
 *
 * Errors, each with a text that says what to do:
 *     ERR_AGAIN    locked by another program         } nothing has happened;
 *     ERR_FULL     no room on the disk               } try again later
 *     ERR_FORMAT   damaged, or not a database        } the end of this process: what is
 *     ERR_SYSTEM   the disk failed, or no permission } on the disk nobody knows */
#ifndef WIRETAG_SINK_STORE_H
#define WIRETAG_SINK_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/err.h"
#include "proto/view.h"

struct sqlite3_stmt;
struct store;

/* Can what went wrong go right when it is tried again? */
static inline bool store_may_retry(int err) {
    return err == ERR_AGAIN || err == ERR_FULL;
}

struct store_conf {
    const char *path; /* must stay */
    bool make;        /* make the file when there is none */
    bool sync;        /* commits wait for the disk */
    bool only_read;   /* cannot change anything, nor does it copy the log at its end */
};
int store_open(const struct store_conf *conf, struct store **out, struct diag *diag);
void store_close(struct store *store); /* and its statements */
const char *store_path(const struct store *store);
bool store_was_made(const struct store *store); /* by store_open */
/* Commits from now on wait for the disk, or do not: they become durable with the next one
 * that does, then. */
int store_set_sync(struct store *store, bool sync, struct diag *diag);

/* ---- statements ---- numbers of parameters from 1, of columns from 0 */

int store_exec(struct store *store, const char *sql, struct diag *diag);
/* The store's; closed with it. */
int store_prepare(struct store *store, const char *sql, struct sqlite3_stmt **out,
                  struct diag *diag);
void store_bind(struct sqlite3_stmt *statement, int at, int64_t value);
/* Borrowed until the statement is done or reset. */
void store_bind_text(struct sqlite3_stmt *statement, int at, struct view text);
void store_bind_blob(struct sqlite3_stmt *statement, int at, struct view bytes);
/* 0: there is a row; > 0: it is done. Done or failed, it is ready to be used again. */
int store_step(struct store *store, struct sqlite3_stmt *statement, struct diag *diag);
/* To its end: 0 or an error. */
int store_run(struct store *store, struct sqlite3_stmt *statement, struct diag *diag);
/* The one number it gives; fallback when there is no row or it is NULL. */
int store_number(struct store *store, struct sqlite3_stmt *statement, int64_t fallback,
                 int64_t *out, struct diag *diag);
/* How many rows the last INSERT, UPDATE or DELETE has changed. */
uint64_t store_changes(const struct store *store);
void store_reset(struct sqlite3_stmt *statement);
int64_t store_column(struct sqlite3_stmt *statement, int column);
struct view store_column_bytes(struct sqlite3_stmt *statement, int column);

/* ---- transactions ---- of one thread at a time, so they are to be short */

int store_begin(struct store *store, struct diag *diag);
/* An error has taken everything back. */
int store_commit(struct store *store, struct diag *diag);
void store_rollback(struct store *store);

/* ---- the log (WAL) ---- */

/* How long the log is, by this connection's last commit. */
uint64_t store_log_bytes(const struct store *store);
/* Copies the log into the file itself, as far as no reader holds that back, while others
 * write; waits for a thread that is at it. whole: and starts the log anew. ERR_AGAIN:
 * another program is at it, or (whole) reads. */
int store_checkpoint(struct store *store, bool whole, struct diag *diag);

#endif
