/* listen.h: making a socket that listens. */
#ifndef WIRETAG_INGEST_LISTEN_H
#define WIRETAG_INGEST_LISTEN_H

#include "proto/err.h"

/* address: HOST:PORT, [V6]:PORT, *:PORT or :PORT for all; port 0: any free one. *fd is
 * non-blocking, `bound` gets the address with the real port. ERR_FORMAT, ERR_IN_USE,
 * ERR_SYSTEM. */
int listen_tcp(const char *address, int *fd, char *bound, size_t bound_size,
               struct diag *diag);
/* Replaces a socket nobody answers at; mode 0660. The same errors. */
int listen_unix(const char *path, int *fd, struct diag *diag);

/* A non-blocking connection that may still be under way. Where a name has several
 * addresses (localhost often has two), attempt 0 takes the first, 1 the second, and so
 * round. */
int connect_tcp(const char *address, unsigned attempt, int *fd, struct diag *diag);
int connect_unix(const char *path, int *fd, struct diag *diag);

#endif
