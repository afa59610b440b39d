/* dispatch.h: who gets which report, and what becomes of it.
 *
 *      journal ->  cursor -> QUEUED -> out to a worker -> COMMITTED   the sink said so
 *                              ^            |          -> DEAD        five attempts
 * failed
 *                              +------------+
 *           worker lost, lease over, given back
 *
 * Pure: no socket, no clock. The owner says what happened (joined, left, credit, NACK,
 * COMMIT) and calls dispatch_turn; what is to be sent goes out through a callback. Oldest
 * first; workers with credit take turns, the least loaded first; memory holds only what
 * is out or came back. The books balance at every moment:
 *
 *      accepted = committed + dead + leased + queued
 *
 * Attempts are charged only to a report that is to blame: NACK poison or unsupported; the
 * one a worker had started when it died; or, because a worker may die before it could say
 * what it had started, one that died with its worker while nothing else was out to it.
 * To find such a one, a report that lost its worker SUSPECT_LOSSES times goes out alone.
 */
#ifndef WIRETAG_INGEST_DISPATCH_H
#define WIRETAG_INGEST_DISPATCH_H

#include "ingest/journal.h"
#include "proto/frame.h"

#define DISPATCH_ATTEMPTS     5 /* charged ones; then it is buried */
#define DISPATCH_BATCH_BYTES  (256u * 1024)
#define DISPATCH_SUSPECT      3   /* lost so often: goes out alone */
#define DISPATCH_RETRY_MS     250 /* first delay of a report given back; doubles */
#define DISPATCH_RETRY_MAX_MS 30000
#define DISPATCH_SWEEP_MS     250
#define DISPATCH_ITEMS        262144 /* remembered at most; then nothing new goes out */

struct dispatch;
struct worker;

struct dispatch_calls {
    /* Sends one message of WORK frames. 0; < 0: not sent, try again later. */
    int (*send)(void *context, void *peer, struct view frames);
    /* For the log: a report went to the dead letters. */
    void (*buried)(void *context, uint64_t index, unsigned attempts, const char *reason);
};

struct dispatch_counts {
    uint64_t accepted, committed, dead, leased, queued;
    uint64_t expired; /* leases that ran out, ever */
    uint64_t lost;    /* leases that ended because the worker was lost, ever */
};

struct dispatch_conf {
    int64_t lease_ms;   /* how long a report may stay out */
    int64_t max_age_ms; /* and how long it may take in all; 0: as long as it takes */
};

/* The journal is used, not owned. */
struct dispatch *dispatch_new(struct journal *journal, const struct dispatch_conf *conf,
                              const struct dispatch_calls *calls, void *context);
void dispatch_free(struct dispatch *dispatch);

/* To be called after a sync: what it made safe may go out from now on. */
void dispatch_arrived(struct dispatch *dispatch);
/* journal_revive has put this one back into the queue. */
void dispatch_revive(struct dispatch *dispatch, uint64_t index);

/* A worker without credit. peer: the owner's, handed to `send`. */
struct worker *dispatch_join(struct dispatch *dispatch, void *peer);
/* All it had goes back into the queue at once. `parted` with a goodbye: nobody is
 * charged. */
void dispatch_leave(struct dispatch *dispatch, struct worker *worker, bool parted,
                    int64_t now_ms);
void dispatch_credit(struct dispatch *dispatch, struct worker *worker,
                     struct credit credit);
void dispatch_beat(struct dispatch *dispatch, struct worker *worker,
                   const struct heartbeat *beat);
/* ERR_NOT_FOUND: it does not have that report (any more). */
int dispatch_nack(struct dispatch *dispatch, struct worker *worker, uint64_t index,
                  const struct frame *nack, int64_t now_ms);

/* COMMIT or RESUME of one run, as far as that run took it. ERR_NOT_FOUND: of none that
 * has anything left; ERR_FORMAT: of indices that nobody has taken yet; ERR_FULL: too much
 * is pending in the journal, it may be said again later. */
int dispatch_commit(struct dispatch *dispatch, const struct commit *commit);

/* How many sinks are there: leases do not run out while there is none to end them. */
void dispatch_sinks(struct dispatch *dispatch, size_t count, int64_t now_ms);

/* Hands out what there is and, when it is time, looks for what is overdue. wall_ms: UTC,
 * for the ages of reports. */
void dispatch_turn(struct dispatch *dispatch, int64_t now_ms, int64_t wall_ms);
/* Hands out nothing more; what is out may still be committed. */
void dispatch_close(struct dispatch *dispatch);

struct dispatch_counts dispatch_counts(const struct dispatch *dispatch);
/* Do the books balance, counted afresh? Linear: for tests and the sweep. */
bool dispatch_balanced(const struct dispatch *dispatch);

struct worker_view {
    uint64_t leased, done;
    uint32_t credit;
};
struct worker_view worker_view(const struct worker *worker);

#endif
