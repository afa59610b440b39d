/* port.h: a ZeroMQ socket; port.c is the only file that sees libzmq.
 *
 * All sockets: LINGER is finite, MAXMSGSIZE set, handshakes time out, reconnects back
 * off. Connecting sockets have IMMEDIATE, so nothing queues for a peer that is not there;
 * ROUTERs have MANDATORY, so a send to one that left is an error. Nothing ever blocks:
 * what would wait returns ERR_AGAIN. "Sent" proves nothing; only the peer's answer does.
 * A port is used by one thread. */
#ifndef WIRETAG_PROTO_RUN_PORT_H
#define WIRETAG_PROTO_RUN_PORT_H

#include "proto/err.h"
#include "proto/view.h"

enum port_kind { PORT_ROUTER, PORT_DEALER, PORT_XPUB, PORT_SUB };

struct port;

#define PORT_PARTS 8 /* parts of one message; the rest of a longer one is passed over */

struct port_message {
    struct view peer; /* of a ROUTER: the routing id; otherwise empty */
    struct view parts[PORT_PARTS];
    int count;
    void *held; /* the library's; owned by the port until the next port_receive */
};

/* max_message: bytes per part, longer ones make libzmq drop the sender. high_water:
 * messages queued per peer and direction. */
struct port *port_new(enum port_kind kind, size_t max_message, int high_water);
void port_free(struct port *port); /* waits at most 1 s for what is being sent */

/* tcp://host:port, tcp://host:* (any free port), ipc:///path. ERR_SYSTEM, ERR_IN_USE,
 * ERR_FORMAT; the diag says which endpoint and why. An ipc path is refused when a live
 * process holds it or something other than a socket stands there, and replaced when it is
 * stale. */
int port_bind(struct port *port, const char *endpoint, struct diag *diag);
int port_connect(struct port *port, const char *endpoint, struct diag *diag);
/* The endpoint as bound last, with the real port number; "" before. */
const char *port_endpoint(const struct port *port);

/* 0, or ERR_AGAIN when there is none. The parts are valid until the next call. */
int port_receive(struct port *port, struct port_message *out);
/* Sends the parts as one message; peer: a ROUTER's addressee, otherwise empty. ERR_AGAIN
 * (queue full or nobody connected), ERR_GONE (no such peer). All or nothing. */
int port_send(struct port *port, struct view peer, const struct view *parts, int count);

/* Another high-water mark than that of port_new for messages on their way in. Before the
 * first bind or connect: lowered later, libzmq may stop a connection for ever, because
 * what was read is told only each so many messages, and those no longer come. */
void port_limit_in(struct port *port, int messages);

/* SUB: all messages whose first part begins with prefix. */
void port_subscribe(struct port *port, struct view prefix);
/* XPUB (manual): give the peer whose subscription was received last this prefix instead.
 */
void port_grant(struct port *port, struct view prefix);
void port_revoke(struct port *port, struct view prefix);

int port_fd(const struct port *port);        /* for the loop */
bool port_readable(const struct port *port); /* a message is waiting now */

/* The version of libzmq that runs, as 10000 * major + 100 * minor + patch, and the oldest
 * one that is safe to be spoken to by strangers. */
int port_version(void);
#define PORT_VERSION_LEAST 40303

/* Ends libzmq's threads; after all ports are freed, before the process returns from main.
 */
void port_shutdown(void);

#endif
