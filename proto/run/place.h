/* place.h: the data directory: made (0700) if absent, one owner per process kind.
 *
 *     DIR/ingest.lock   flock, with the pid inside      DIR/ingest.control
 *     DIR/feed.sock     reports in (Unix stream)        DIR/work.sock     ingest's ROUTER
 *     DIR/results.sock  sink's ROUTER                   DIR/events.sock   sink's XPUB
 *     DIR/events.ndjson the output */
#ifndef WIRETAG_PROTO_RUN_PLACE_H
#define WIRETAG_PROTO_RUN_PLACE_H

#include "proto/err.h"

/* $WIRETAG_DATA, else $XDG_STATE_HOME/wiretag, else ~/.local/state/wiretag; static. */
const char *place_standard(void);
/* Makes it (with parents) and takes DIR/NAME.lock until the process ends. ERR_IN_USE: diag
 * names the other's pid. */
int place_take(const char *dir, const char *name, struct diag *diag);
/* dir/file, in one of four turning static buffers. */
const char *place_path(const char *dir, const char *file);
/* ipc://dir/file, the same way; ERR_TOO_BIG paths (over 100 bytes) are told by diag. */
int place_ipc(const char *dir, const char *file, char *out, int size, struct diag *diag);

#endif
