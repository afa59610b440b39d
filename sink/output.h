/* output.h: where events go besides to subscribers. An output reads the journal with a
 * cursor of its own, so a slow or broken one holds up nobody else; what is not yet
 * written stays in the journal.
 *
 * A kind of output is a table of functions at the foot of its output_*.c. */
#ifndef WIRETAG_SINK_OUTPUT_H
#define WIRETAG_SINK_OUTPUT_H

#include "sink/journal.h"

struct output_conf {
    const char *path;     /* "-": standard output */
    bool sync;            /* durable after each group, not just written */
    int64_t rotate_bytes; /* begin a new file before one grows over this; 0: never */
    bool rotate_daily;    /* begin a new file each day (UTC) */
};

struct output_batch {
    const struct journal_event *events;
    size_t count;
    int64_t wall_ms; /* UTC, ms since 1970 */
};

struct output_kind {
    const char *name; /* "ndjson": the name of its cursor, too */
    /* A diag with a text after success is a remark for the log. */
    int (*open)(const struct output_conf *conf, void **state, struct diag *diag);
    /* Writes the whole batch. ERR_AGAIN: could not without waiting; ERR_GONE: nobody will
     * ever read more; others pass. After an error everything behind the last flush is
     * given again, so the state mends what was half done and leaves out events that it
     * has written (ERR_AGAIN) or made durable (others) already. */
    int (*write)(void *state, const struct output_batch *batch, struct diag *diag);
    /* Makes durable what was written. */
    int (*flush)(void *state, struct diag *diag);
    /* Closes what is open and begins again by name: somebody moved the file away. */
    void (*reopen)(void *state);
    void (*close)(void *state);
};

extern const struct output_kind output_ndjson;

struct output;

/* conf.path must stay. ERR_SYSTEM, ERR_FORMAT: what is there cannot be continued. */
int output_new(const struct output_kind *kind, const struct output_conf *conf,
               struct journal *journal, struct output **out, struct diag *diag);
void output_free(struct output *output);

struct output_time {
    int64_t now_ms;  /* runs evenly: for when to try again */
    int64_t wall_ms; /* for the day */
};
#define OUTPUT_RETRY_MS 1000

/* Writes and flushes events up to offset `upto` and moves the cursor. 0 when all of them
 * are safe. After an error it does nothing for OUTPUT_RETRY_MS but repeat the error. */
int output_run(struct output *output, uint64_t upto, struct output_time now,
               struct diag *diag);
void output_reopen(struct output *output);

const char *output_name(const struct output *output);
uint64_t output_offset(const struct output *output);   /* the last that is safe */
const char *output_error(const struct output *output); /* why it stands still; NULL */

#endif
