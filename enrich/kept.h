/* kept.h: results that are not yet safe at the sink.
 *
 * An enricher keeps each RESULT until the sink says COMMIT, so that after a broken
 * connection it can send it again. In order of tagging: those sent, then those waiting to
 * be. There are as many as credit was given for to the ingests, in bytes too, but for the
 * ratio of event to report and one report more than credit; spare ones keep 32 KiB. */
#ifndef WIRETAG_ENRICH_KEPT_H
#define WIRETAG_ENRICH_KEPT_H

#include "proto/buf.h"
#include "proto/frame.h"

struct kept {
    struct kept *next;
    struct buf frame; /* the whole RESULT */
    struct report_id id;
    size_t report_bytes; /* what its WORK took of the credit */
    uint32_t source;     /* which ingest, for giving credit back */
    uint32_t session;    /* and in which of its connections */
};

struct kept_list {
    struct kept *first, *last;
    struct kept *unsent; /* NULL: all are sent */
    struct kept *spare;  /* for use again, with their buffers */
    size_t count;
};

/* A new last one, unsent, with an empty frame; the list owns it. */
struct kept *kept_add(struct kept_list *list);
/* Appends the frames of unsent results to out while the credit lasts and out is below
 * max_bytes, and takes them off the credit. Returns how many; they count as sent. */
size_t kept_send(struct kept_list *list, struct account *credit, struct buf *out,
                 size_t max_bytes);
/* All count as unsent again: the connection they went over is lost. */
void kept_unsend(struct kept_list *list);
/* Lets go of all that commit covers, telling each to gone() first. */
typedef void kept_gone(void *context, const struct kept *kept);
void kept_commit(struct kept_list *list, const struct commit *commit, kept_gone *gone,
                 void *context);
void kept_release(struct kept_list *list);

#endif
