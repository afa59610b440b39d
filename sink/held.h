/* held.h: events under embargo. They are stored like all others, at once, but in a table
 * of their own, without an offset; when the embargo ends they become events.
 *
 *     append ──▶ held ──(due)──▶ events, with the next offset
 *                  │
 *                  └──▶ nothing: a newer version came, or the story was taken back
 *
 * What was replaced before anybody saw it is not delivered any more. An event ends held
 * ones of its guid by the rules by which it ends events (schema.h, view versions): a
 * canceled one all that were sent before it or have a lower version, another one those of
 * a lower version, and that of the same version and part sent before it; whether it is
 * itself held or not. Since enrichers work side by side, one that is to be held may come
 * behind what ends it; then it is not stored at all.
 *
 * The functions that change the table belong into the caller's transaction: held_saved
 * says that it is durable, held_undo that it has been taken back. */
#ifndef WIRETAG_SINK_HELD_H
#define WIRETAG_SINK_HELD_H

#include "proto/frame.h"
#include "sink/store.h"

struct held;

struct held_row {
    int64_t row; /* of the table; read only */
    struct report_id id;
    int64_t journal; /* journals.number */
    uint32_t crc;
    struct result_story story;
};

struct held_counts {
    uint64_t held;       /* now */
    int64_t next_due_ms; /* of the first of them; INT64_MAX: there is none */
    uint64_t released;   /* since the start, like what follows */
    uint64_t superseded; /* never seen, for a newer version came */
    uint64_t canceled;   /* never seen, for the story was taken back */
};

int held_new(struct store *store, struct held **out, struct diag *diag);
void held_free(struct held *held);

/* Stores the row, or counts it as superseded or canceled; ends what it ends. */
int held_put(struct held *held, const struct held_row *row, int64_t now_ms,
             struct diag *diag);
/* Ends what an event ends that is not held itself. */
int held_end(struct held *held, const struct held_row *row, struct diag *diag);

/* The rows that are due, in order of their moments: 0 and the next, its views valid until
 * the next call; > 0: no more; to be ended by held_due_end, in any case. */
void held_due_begin(struct held *held, int64_t now_ms);
int held_due_next(struct held *held, struct held_row *out, struct diag *diag);
void held_due_end(struct held *held);
/* It has become an event. */
int held_release(struct held *held, int64_t row, struct diag *diag);

/* The last thing in a transaction, where anything was changed: the counts behind it. */
int held_count(struct held *held, struct diag *diag);
void held_saved(struct held *held);
void held_undo(struct held *held);

/* What is durable. */
struct held_counts held_look(const struct held *held);
/* The checksum under which a report has rows here: -1 when it has none. */
int held_crc(struct held *held, int64_t journal, uint64_t index, int64_t *crc,
             struct diag *diag);

#endif
