/* link.h: one connection from here to one upstream: enrich to ingest, enrich to sink,
 * sink to ingest. It says HELLO, waits for WELCOME, sends heartbeats, and when the other
 * side stays silent (or says REFUSE_STRANGER, having restarted) drops the connection and
 * begins anew.
 *
 * Heartbeats come from the loop that does the work: a process that hangs in its work
 * falls silent and is taken for dead, as it should be. */
#ifndef WIRETAG_PROTO_RUN_LINK_H
#define WIRETAG_PROTO_RUN_LINK_H

#include "proto/frame.h"
#include "proto/run/loop.h"

struct link;

struct link_calls {
    /* WELCOME came: the upstream knows nothing of earlier connections. */
    void (*up)(void *context, const struct welcome *welcome);
    /* The upstream is lost; `why` is for the log. Not called when never up. A BYE with
     * the connection closed right behind it may not be seen: libzmq throws away what a
     * connecting socket has not read yet. Silence tells then. */
    void (*down)(void *context, const char *why);
    /* Any other frame. Its views are valid during the call only. */
    void (*frame)(void *context, const struct frame *frame);
    /* REFUSE that no retry can mend (version, role). */
    void (*refused)(void *context, const char *why);
    /* Fills in the progress for the next heartbeat; NULL allowed. */
    void (*progress)(void *context, struct heartbeat *out);
};

/* hello and endpoint are copied. Reconnects by itself for ever. ERR_FORMAT, ERR_SYSTEM.
 */
int link_new(struct loop *loop, const char *endpoint, const struct hello *hello,
             const struct link_calls *calls, void *context, struct link **out,
             struct diag *diag);
/* Says BYE when up. */
void link_free(struct link *link);

bool link_is_up(const struct link *link);
const char *link_endpoint(const struct link *link);
/* Sends one message of whole frames. ERR_AGAIN when not up or the queue is full. */
int link_send(struct link *link, struct view frames);
/* A heartbeat now if one is due: to be called between pieces of long work. */
void link_beat(struct link *link);

#endif
