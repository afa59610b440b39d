/* receive.h: results in from the enrichers, what is stored out to them and to the
 * ingests.
 *
 *     enrichers  --RESULT-->  append, append, ... | sync  --COMMIT-->  the enrichers that
 * gave
 *                <--CREDIT--                         |     --COMMIT-->  the ingest they
 * are of
 *
 * An enricher gets credit for some results and bytes when it joins, and back what it has
 * used when that has become durable, so what waits here is bounded by enrichers times
 * credit. An ingest gets RESUME with all that is stored of its journal after each
 * (re)connect, then COMMIT after each group, and the state again with each heartbeat: a
 * lost one does no harm.
 *
 * A group ends with the loop's turn, after RECEIVE_GROUP results, RECEIVE_GROUP_BYTES or
 * RECEIVE_GROUP_MS. While the journal cannot store it (a full disk), nobody gets COMMIT
 * nor credit, and the pressure goes back to the feeders. Once the journal has failed,
 * nothing is said to anybody any more. Under memory pressure (memory.h) there is little
 * credit.
 *
 * Events under embargo are stored and committed like all others; when one is due, the
 * turn's end releases it (journal_release), and `stored` is called for that group, too.
 */
#ifndef WIRETAG_SINK_RECEIVE_H
#define WIRETAG_SINK_RECEIVE_H

#include "proto/json.h"
#include "proto/run/loop.h"
#include "sink/journal.h"

#define RECEIVE_GROUP        1024
#define RECEIVE_GROUP_BYTES  (16u << 20)
#define RECEIVE_GROUP_MS     5
#define RECEIVE_HEARTBEAT_MS 1000
#define RECEIVE_PEERS        256
#define RECEIVE_LOOK_MS      1000 /* how often the wall's clock is looked at */
#define RECEIVE_RETRY_MS     100  /* between two tries to store the same group */

struct receive;

struct receive_conf {
    struct loop *loop;
    struct journal *journal;
    struct credit credit; /* of one enricher */
    int64_t (*wall_ms)(
        void); /* by which embargoes end, as the journal's; NULL: clock_wall */
    /* More events are durable; called after COMMITs and credit are sent. */
    void (*stored)(void *context);
    /* The journal has failed for good: the process is to end. Called once. */
    void (*failed)(void *context, const char *why);
    void *context;
};

struct receive *receive_new(const struct receive_conf *conf);
/* Says BYE to all. */
void receive_free(struct receive *receive);
/* Listens for enrichers; may be called for several endpoints. */
int receive_bind(struct receive *receive, const char *endpoint, struct diag *diag);
const char *receive_endpoint(const struct receive *receive); /* the one bound last */
/* Connects to an ingest, now and again for ever. */
int receive_connect(struct receive *receive, const char *endpoint, struct diag *diag);

/* Before the end: no more credit; what is on its way is still taken. Quiet: nothing is
 * left to store and nothing came for quiet_ms. */
void receive_drain(struct receive *receive);
bool receive_quiet(const struct receive *receive, int64_t quiet_ms);

/* Why the journal cannot store, now or for good; NULL when it can. */
const char *receive_trouble(const struct receive *receive);
/* Writes the keys "stored", "duplicates", "refused", "waiting", "held", "next_due",
 * "released", "unseen", "why_no_credit", "peers".
 */
void receive_status(const struct receive *receive, struct json *json);
uint64_t receive_stored(const struct receive *receive); /* reports */

#endif
