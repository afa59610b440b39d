/* conn.h: one connection of a stream source (TCP or Unix).
 *
 *     OPEN --end of input, bad framing, idle--> ENDING --all answered--> gone
 *                                                  \--had unread input--> LINGERING -->
 * gone
 *
 * LINGERING reads on and throws away: closing with unread input would reset the
 * connection and take our last lines with it. Whoever did not say ack=1 is never written
 * to.
 *
 * What a connection may hold is bounded in bytes: of a report that is not all there yet
 * CONN_SHORT_BYTES, then it is not read until it is given room for a long one. Rooms are
 * few, as many as source_conf.long_bytes has space for, given out in the order in which
 * they were asked for and taken back with the report's end. Who has one, while others
 * wait for it, must send: silent for CONN_STALL_MS, or at it for CONN_LONG_MS, it is
 * ended as an idle connection is. So short reports are always read, whatever others
 * leave half-sent, and all connections of a source together hold at most
 *
 *      max_connections x (CONN_SHORT_BYTES + CONN_OUT_BYTES + a group's answers)
 *      + long_bytes (or one report, if that is more)
 *
 * Under memory pressure (memory.h) nobody is read, so nobody can get done: when it lasts,
 * half-sent reports are sent away with ERR 503, those of an eighth of the connections at
 * a time. */
#ifndef WIRETAG_INGEST_CONN_H
#define WIRETAG_INGEST_CONN_H

#include "ingest/source.h"

#define CONN_OUT_BYTES   (64 * 1024) /* answers not taken: then nothing more is read */
#define CONN_SHORT_BYTES (64 * 1024)
#define CONN_LINGER_MS   2000
#define CONN_STALL_MS    5000
#define CONN_LONG_MS     60000
#define CONN_PEER        80

enum conn_state { CONN_OPEN, CONN_ENDING, CONN_LINGERING };

struct conn {
    const struct source_conf *conf;
    struct asker asker; /* for its documents */
    int fd;
    unsigned heard; /* events it is registered for; 0: not registered */
    enum conn_state state;
    bool paused; /* by the source's owner */
    bool held; /* has documents there was no room for; a pause follows, then it goes on */
    bool ended; /* no more input */
    bool roomy; /* has room for a long report */
    bool greeted, ack;
    bool fatal;          /* input is left that nobody will read */
    const char *warning; /* for the reports that are left at its end; NULL: none */
    struct framer *framer;
    struct buf out;
    size_t waiting;              /* answers to come */
    int64_t active_ms, roomy_ms; /* last input or output; when it was given room */
    char peer[CONN_PEER];
    char *feed;         /* the door's, or else of the HELLO; NULL: neither */
    const char *format; /* for all its documents; NULL: by their looks */
    loop_fd_fn *ready;  /* the owner's, with the connection as its context */
};

/* Takes the descriptor, starts reading. */
struct conn *conn_new(const struct source_conf *conf, int fd, const char *peer,
                      loop_fd_fn *ready);
void conn_free(struct conn *conn);

/* Reads what there is, once, into `room`, and passes on what is complete. False: the
 * connection broke; free it. */
bool conn_read(struct conn *conn, char *room, size_t size);
/* Sends it away with ERR 503, and what it has half-sent: nothing of that was promised. */
void conn_shed(struct conn *conn, const char *why);
/* No more input: passes on what is left, with a warning in the report (NULL: none; kept,
 * so it has to be static). */
void conn_end(struct conn *conn, const char *warning);
/* An ERR about the connection, which will close. */
void conn_refuse(struct conn *conn, int code, const char *why);
/* The rest of its input will not come: that is logged, and if nobody is told (no ack=1)
 * what has come becomes a dead letter. */
void conn_cut(struct conn *conn, const char *why);
/* An answer for it: a line, if it wants one. */
void conn_answer(struct conn *conn, const struct answer *answer);
/* Writes what there is and settles what to listen for. False: done or broken; free it. */
bool conn_flush(struct conn *conn);
/* Has it read all it may without room for a long report? And does it need that still? */
bool conn_wants_room(const struct conn *conn);
bool conn_needs_room(const struct conn *conn);
/* Gives the room, or takes it back. */
void conn_set_room(struct conn *conn, bool roomy);
/* Stops reading or goes on. */
void conn_pause(struct conn *conn, bool stop);

#endif
