/* feed_link.h: a feeder's connection to an ingest: says HELLO, keeps what is not answered
 * yet, sends it again after a reconnection. The ingest knows a resent report by its
 * content.
 *
 *      [ answered ... | sent, waiting for OK | kept, not sent | room ]     the window
 */
#ifndef WIRETAG_INGEST_FEED_LINK_H
#define WIRETAG_INGEST_FEED_LINK_H

#include "proto/buf.h"
#include "proto/err.h"

struct feed_link;

struct feed_answer {
    bool ok;
    bool again;       /* a resend of what was there already, or an old version */
    bool none;        /* there was nothing to tag in it */
    int code;         /* of ERR */
    struct view text; /* of ERR */
    const char *file; /* as given to feed_link_add */
    uint64_t line;
};

struct feed_link_conf {
    const char *address; /* HOST:PORT, or NULL: */
    const char *path;    /* a Unix socket */
    const char *format;  /* its name, or auto; for HELLO */
    const char *source;  /* for HELLO; NULL: none */
    size_t window;       /* reports without an answer, at most */
    size_t window_bytes;
};

struct feed_link *feed_link_new(const struct feed_link_conf *conf,
                                void (*answered)(void *context,
                                                 const struct feed_answer *answer),
                                void *context);
void feed_link_free(struct feed_link *link);

/* Is there room in the window? A report over window_bytes has room when it is alone. */
bool feed_link_has_room(const struct feed_link *link);
/* Keeps a copy of the report and sends it when it can. file must outlive its answer. */
void feed_link_add(struct feed_link *link, struct view report, const char *file,
                   uint64_t line);
size_t feed_link_waiting(const struct feed_link *link);

/* Waits for the socket, other_fd (-1: none) or the time, and does what can be done.
 * ERR_VERSION: the ingest will never take us; feed_link_why says why. */
int feed_link_turn(struct feed_link *link, int other_fd, int timeout_ms);
/* How long nothing has come from the ingest, neither connection nor answer, in ms. */
int64_t feed_link_silent_ms(const struct feed_link *link);
const char *
feed_link_why(const struct feed_link *link); /* the last trouble; never NULL */

#endif
