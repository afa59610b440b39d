/* source.h: where reports come from. A source is a table of functions at the foot of its
 * file and a _new; it lives on the loop, gives documents to the intake and passes its
 * answers on. The codes of ERR are in refusal.h.
 *
 * Sources log what happens to their peers; each refusal of a report is logged by the
 * intake's owner, once. */
#ifndef WIRETAG_INGEST_SOURCE_H
#define WIRETAG_INGEST_SOURCE_H

#include "ingest/framer/framer.h"
#include "ingest/intake.h"
#include "proto/json.h"
#include "proto/run/loop.h"

/* Bytes that were passed over because they belong to no message. */
struct source_noise {
    uint64_t bytes, times;
    unsigned said; /* in this second: its owner sets it back */
};

struct source_conf {
    struct loop *loop;
    struct intake *intake;
    const struct feeds *feeds; /* NULL: none are described */
    const struct feed *feed;   /* whose door it is; NULL: anybody's */
    struct source_noise *noise;
    size_t max_report;
    size_t max_line;
    int max_connections; /* of one source */
    size_t long_bytes;   /* of one source: see conn.h */
    int64_t idle_ms;     /* a connection that sends nothing so long is closed; 0: never */
};

struct source; /* each source's own struct begins with one */

struct source_ops {
    /* Stops reading (the journal is nearly full) or goes on. Peers wait; nothing is lost.
     */
    void (*pause)(struct source *source, bool stop);
    /* The end of a turn: the answers of the group were given, write them. */
    void (*flush)(struct source *source);
    /* Takes nothing more in for good; answers still go out. */
    void (*close)(struct source *source);
    /* Answers not yet written to somebody who waits for them. */
    size_t (*owed)(const struct source *source);
    void (*free)(struct source *source);
};

struct source {
    const struct source_ops *ops;
    const char *endpoint; /* as bound: "127.0.0.1:7001", a path, "tcp://..." */
};

/* A listening socket. HOST:PORT (port 0: any free one) or the path of a Unix socket,
 * which is replaced if nobody answers there. ERR_FORMAT, ERR_IN_USE, ERR_SYSTEM, with a
 * diag that says what to change. */
int source_tcp_new(const struct source_conf *conf, const char *address,
                   struct source **out, struct diag *diag);
int source_unix_new(const struct source_conf *conf, const char *path, struct source **out,
                    struct diag *diag);

/* A ROUTER for feeders (DEALER or REQ). A message is [ref] document; the answer one part:
 * "OK <ref> <seq> new|update|dup|old" or "ERR <code> <ref> <text>". An empty part in
 * front, as REQ sends it, is given back. */
int source_zmq_new(const struct source_conf *conf, const char *endpoint,
                   struct source **out, struct diag *diag);

/* A directory, watched: a file that was written and closed, or moved in, is read and
 * moved to done/, or to failed/ beside a .reason file. Names that begin with a dot are
 * left alone. */
int source_dir_new(const struct source_conf *conf, const char *path, struct source **out,
                   struct diag *diag);

/* Counts what was passed over, and logs it unless there was too much of that lately. */
void source_note_noise(const struct source_conf *conf, const char *peer, uint64_t bytes);

/* Appends the line of an answer, without its end: "OK ref 12 new", "ERR 400 ref text". */
void answer_line(const struct answer *answer, struct buf *out);

#endif
