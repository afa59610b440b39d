/* status.h: how the processes of a data directory are, as they say themselves over their
 * control sockets (control.h). Reads their JSON with jansson. */
#ifndef WIRETAG_PROTO_RUN_STATUS_H
#define WIRETAG_PROTO_RUN_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/buf.h"

struct books { /* ingest's; accepted = committed + dead + leased + queued */
    uint64_t accepted, committed, dead, leased, queued, duplicates;
    double reports_per_second;
};

struct json_t;

struct process_status {
    char name[48]; /* "ingest", "enrich-4711" */
    long pid;
    bool answered; /* false: the socket is there, nobody answers */
    bool absent;   /* ... because nobody listens */
    bool healthy;
    char why[200]; /* why not */
    bool has_books;
    struct books books;
    struct buf json;     /* the whole answer */
    struct json_t *root; /* the same, read; NULL when there is none */
};

/* Asks one process. 0, ERR_NOT_FOUND, ERR_AGAIN, ERR_FORMAT. Release with status_release.
 */
int status_ask(const char *dir, const char *name, struct process_status *out);
/* Asks all that have a socket in dir, in order of name. Returns how many; *out is theirs
 * to be freed by status_free. */
int status_ask_all(const char *dir, struct process_status **out);
/* A value of the answer by its path, as in "journal.bytes" or "outputs.0.lag": a number
 * (0 when it is not there or none), a text (NULL), yes or no, the length of an array (0).
 * Texts live as long as the answer. */
double status_number(const struct process_status *one, const char *path);
const char *status_text(const struct process_status *one, const char *path);
bool status_is(const struct process_status *one, const char *path);
bool status_has(const struct process_status *one, const char *path); /* and not null */
size_t status_count(const struct process_status *one, const char *path);

/* Removes the sockets of processes that were killed: those nobody listens on any more. */
void status_clear(const char *dir);
void status_free(struct process_status *all, int count);
void status_release(struct process_status *one);

#endif
