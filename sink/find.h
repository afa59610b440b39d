/* find.h: what is stored, for who asks beside the sink: a connection of its own to
 * events.db that can change nothing. What is read is read in short turns, none of which
 * keeps the log from being copied, however long the reader of the answer takes. */
#ifndef WIRETAG_SINK_FIND_H
#define WIRETAG_SINK_FIND_H

#include "sink/journal.h"

#define FIND_EVENTS 256        /* in one turn, */
#define FIND_BYTES  (1u << 20) /* and so many, but one event always */

struct find;

struct find_conf {
    const char *journal;   /* path of its file; must stay */
    struct view guid;      /* only events of this story; empty: of all */
    uint64_t since_offset; /* only those from this one on */
    int64_t since_ms;      /* only those stored then or later: UTC; 0: all */
    bool stories;          /* only those neither replaced nor taken back (schema.h) */
    bool newest;           /* the last first */
};

/* The errors of store.h; ERR_NOT_FOUND: there is no such file; ERR_FORMAT: it is no
 * journal of a sink; ERR_VERSION: one of another version. */
int find_open(const struct find_conf *conf, struct find **out, struct diag *diag);
void find_close(struct find *find);
/* The next events (offset and json); valid until the next call. count 0: that is all. */
int find_next(struct find *find, const struct journal_event **out, size_t *count,
              struct diag *diag);

#endif
