/* handout.h: the socket side of dispatch: enrichers fetch work from it, the sink tells it
 * what is safe. Both connect to the same ROUTER. */
#ifndef WIRETAG_INGEST_HANDOUT_H
#define WIRETAG_INGEST_HANDOUT_H

#include "ingest/dispatch.h"
#include "proto/json.h"
#include "proto/run/loop.h"
#include "proto/run/settings.h"

#define HANDOUT_HEARTBEAT_MS 1000
#define HANDOUT_PEERS        1000
#define HANDOUT_MESSAGE      (1024 * 1024) /* the longest one a peer may send */

struct handout;

/* Binds every endpoint of the list. */
int handout_new(struct loop *loop, struct journal *journal,
                const struct dispatch_conf *conf, const struct setting_list *endpoints,
                struct handout **out, struct diag *diag);
/* Says BYE to all. */
void handout_free(struct handout *handout);

/* The end of a turn, after the sync: new reports may go out. */
void handout_turn(struct handout *handout);
/* As dispatch_revive. */
void handout_revive(struct handout *handout, uint64_t index);
/* Hands out nothing more. */
void handout_close(struct handout *handout);

struct dispatch_counts handout_counts(const struct handout *handout);
bool handout_balanced(const struct handout *handout);
size_t handout_enrichers(const struct handout *handout);
size_t handout_sinks(const struct handout *handout);
/* The first endpoint, as bound; NULL: none. */
const char *handout_endpoint(const struct handout *handout);
/* A value each: an array of peers, an array of endpoints. */
void handout_peers_json(const struct handout *handout, struct json *json);
void handout_endpoints_json(const struct handout *handout, struct json *json);

#endif
