/* peers.h: the other end of a link: a ROUTER with its own table of peers. libzmq does not
 * say when a peer leaves, so the table does: by BYE, by silence, by a new HELLO of the
 * same process. Answers HELLO with WELCOME or REFUSE, heartbeats everyone, passes the
 * rest on.
 *
 * What libzmq holds of a peer unread is bounded: 64 messages of at most max_message; the
 * rest waits in the network, and at the peer. Who keeps to its credit does not notice. */
#ifndef WIRETAG_PROTO_RUN_PEERS_H
#define WIRETAG_PROTO_RUN_PEERS_H

#include "proto/frame.h"
#include "proto/run/loop.h"

struct peers;

struct peer {
    uint8_t role;
    struct uuid self;
    const char *name;     /* for people */
    const char *software; /* the version it said */
    const char *tagger;
    struct heartbeat beat; /* its latest progress */
    int64_t heard_ms;      /* loop_now of its last frame */
    int64_t since_ms;
    uint64_t done;     /* the owner's: finished by the last second ... */
    double per_second; /* ... and in it */
    void *user;        /* the owner's */
};

struct peers_calls {
    /* A HELLO of an accepted role, already answered. peer->user may be set. */
    void (*joined)(void *context, struct peer *peer);
    /* The peer is lost; its memory goes after the call. `why`: "bye", "silent",
     * "restarted". */
    void (*left)(void *context, struct peer *peer, const char *why);
    void (*frame)(void *context, struct peer *peer, const struct frame *frame);
    /* Somebody was answered with REFUSE: for the log; NULL allowed. */
    void (*refused)(void *context, const char *who, const char *why);
};

struct peers_conf {
    unsigned roles;         /* accepted, as bits 1 << ROLE_... */
    struct welcome welcome; /* sent to all */
    size_t max_message;
    int max_peers;
};

/* conf is copied, but what the views of its welcome point at must stay. Not bound yet. */
struct peers *peers_new(struct loop *loop, const struct peers_conf *conf,
                        const struct peers_calls *calls, void *context);
/* May be called for several endpoints. */
int peers_bind(struct peers *peers, const char *endpoint, struct diag *diag);
const char *peers_endpoint(const struct peers *peers); /* the one bound last */
/* Says BYE to all. */
void peers_free(struct peers *peers);

/* ERR_AGAIN, ERR_GONE: `left` follows in the latter case, later. */
int peers_send(struct peers *peers, struct peer *peer, struct view frames);
size_t peers_count(const struct peers *peers);
struct peer *peers_at(const struct peers *peers, size_t i); /* i < peers_count */

#endif
