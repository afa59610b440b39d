/* output.h: where events go besides to subscribers. Each output is a thread that reads
 * the journal behind its own cursor, so a slow, full or stuck one holds up nobody: what
 * is not yet written stays in the journal.
 *
 *     journal   1 2 3 4 5 6 7 8 9
 *     output    ------|---|  \ read next
 *                     |    written: in the file, perhaps not on the disk
 *                     cursor: on the disk, and the journal knows it (struct mark)
 *
 * Written is promptly; the cursor follows after OUTPUT_FLUSH_MS or OUTPUT_FLUSH_BYTES. A
 * kind of output that can take back what stands behind the cursor has each event exactly
 * once, whatever happens; any other at least once.
 *
 * A new output begins with the oldest event of the journal. A kind of output is a table
 * of functions at the foot of its output_*.c. */
#ifndef WIRETAG_SINK_OUTPUT_H
#define WIRETAG_SINK_OUTPUT_H

#include "sink/reader.h"

#define OUTPUT_FLUSH_MS    200
#define OUTPUT_FLUSH_BYTES (16u << 20)
#define OUTPUT_RETRY_MS    1000 /* after an error */
#define OUTPUT_WAIT_MS     100  /* a write waits at most so long for a reader */

struct output_kind;

/* All texts must stay. */
struct output_conf {
    const struct output_kind *kind;
    const char *journal;  /* path of its file */
    const char *name;     /* of the cursor */
    const char *path;     /* "-": standard output */
    bool sync;            /* the cursor follows what is on the disk, not just written */
    int64_t rotate_bytes; /* begin a new file before one grows over this; 0: never */
    bool rotate_daily;    /* begin a new file each day (UTC) */
    int64_t (*wall_ms)(void); /* for the day: UTC, ms since 1970 */
};

/* Called by the output's thread only. */
struct output_kind {
    /* Opens what is to be written, waiting for nobody, takes back what stands behind
     * *mark, if it is the same file, and makes *mark say what is open now; the offset
     * stays. A diag with a text after success is a remark for the log. ERR_FORMAT: holds
     * something else and is left alone. */
    int (*open)(const struct output_conf *conf, struct mark *mark, void **state,
                struct diag *diag);
    /* Writes events in their order; *done of them, also with an error. > 0: a new file is
     * due before the next. ERR_AGAIN: whoever is to read does not, go on later;
     * ERR_NOT_FOUND: somebody has removed the file; ERR_GONE: whoever read has left;
     * after these and others it is opened anew. */
    int (*write)(void *state, const struct journal_event *events, size_t count,
                 size_t *done, struct diag *diag);
    /* Makes durable what was written, and *mark say where that ends. */
    int (*flush)(void *state, struct mark *mark, struct diag *diag);
    /* Closes the file, which was flushed, under another name and begins a new one. */
    int (*rotate)(void *state, struct mark *mark, struct diag *diag);
    void (*close)(void *state);
};

extern const struct output_kind output_ndjson;

struct output;

/* Starts the thread; nothing that is wrong with the output is found before it runs.
 * ERR_SYSTEM: no thread. */
int output_start(const struct output_conf *conf, struct output **out, struct diag *diag);
/* The journal has durable events up to `head`. */
void output_wake(struct output *output, uint64_t head);
/* Flushes, closes and begins again by name: somebody moved the file away. */
void output_reopen(struct output *output);
/* Makes it flush, close and end, and waits for that. False when it has not ended in time:
 * then its memory stays its own, and the process is to end. */
bool output_stop(struct output *output, int64_t wait_ms);

struct output_state {
    uint64_t offset;  /* of the cursor */
    uint64_t written; /* as it stands in the file */
    int err;          /* why it stands still; 0: it does not */
    struct diag why;
    bool failed;        /* it was the journal's file that failed: the process is to end */
    struct diag remark; /* for the log */
};
/* take: the remark will not be given again. */
void output_look(struct output *output, struct output_state *out, bool take);
const char *output_name(const struct output *output);

#endif
