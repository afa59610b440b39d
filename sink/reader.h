/* reader.h: the journal as an output reads it: a connection of its own to the file, for
 * the output's thread, and the output's row in table cursors. */
#ifndef WIRETAG_SINK_READER_H
#define WIRETAG_SINK_READER_H

#include "sink/journal.h"

#define READER_EVENTS 256        /* in one batch, */
#define READER_BYTES  (1u << 20) /* and so many, but one event always */

struct reader;

/* How far an output has come. What is not known is zero. */
struct mark {
    uint64_t offset;   /* all up to it is in the output, for good */
    uint64_t dev, ino; /* the file */
    int64_t length;    /* of the file: what stands behind is to be cut off */
    uint32_t tail;     /* CRC-32C of its last MARK_TAIL bytes, or of all it has */
    int64_t day;       /* since 1970, on which the file was begun */
};
#define MARK_TAIL 1024

/* path and name must stay. The errors of store.h. */
int reader_open(const char *path, const char *name, struct reader **out,
                struct diag *diag);
void reader_close(struct reader *reader);
/* > 0: there is none yet. */
int reader_mark(struct reader *reader, struct mark *out, struct diag *diag);
/* durable: wait for the disk; otherwise it has the mark when it has what is committed
 * next with waiting. */
int reader_save(struct reader *reader, const struct mark *mark, bool durable,
                struct diag *diag);
/* The next events behind offset `after`; valid until the next call. count 0: that is all
 * there is. */
int reader_next(struct reader *reader, uint64_t after, const struct journal_event **out,
                size_t *count, struct diag *diag);

#endif
