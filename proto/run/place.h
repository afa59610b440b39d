/* place.h: the data directory: made (0700) if absent, one owner per process kind.
 *
 *     DIR/ingest.lock   flock, with the pid inside      DIR/ingest.control
 *     DIR/feed.sock     reports in (Unix stream)        DIR/work.sock     ingest's ROUTER
 *     DIR/results.sock  sink's ROUTER                   DIR/events.sock   sink's XPUB
 *     DIR/events.db     the sink's journal              DIR/events.ndjson the output
 *     DIR/reports.mdb   ingest's journal */
#ifndef WIRETAG_PROTO_RUN_PLACE_H
#define WIRETAG_PROTO_RUN_PLACE_H

#include "proto/err.h"
#include "proto/id.h"

/* $WIRETAG_DATA, else $XDG_STATE_HOME/wiretag, else ~/.local/state/wiretag; static. */
const char *place_standard(void);
/* Makes DIR with its parents, if absent. */
int place_make(const char *dir, struct diag *diag);
/* Makes DIR and takes DIR/NAME.lock until the process ends. ERR_IN_USE:
 * diag names the other's pid. */
int place_take(const char *dir, const char *name, struct diag *diag);
/* Who has taken DIR/NAME.lock: 0 and its pid; ERR_NOT_FOUND: nobody; ERR_SYSTEM. */
int place_owner(const char *dir, const char *name, long *pid);
/* dir/file, in one of eight turning static buffers. */
const char *place_path(const char *dir, const char *file);
/* ipc://dir/file, the same way; NULL with a diag when the path is longer than a Unix
 * socket's may be (107 bytes). */
const char *place_ipc(const char *dir, const char *file, struct diag *diag);

/* May the path of a Unix socket not be bound, because somebody's is there? Never waits.
 * Only a socket that refuses a connection is left over from a process that was killed;
 * one with a full queue, or one of another user, or what is no socket, is somebody's. */
bool place_socket_taken(const char *path);

/* A random (version 4) uuid from the system. */
struct uuid uuid_draw(void);

#endif
