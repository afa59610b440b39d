/* upkeep.h: what the journal's file needs besides being written: its log copied into it
 * before it grows long, and rows deleted when they are older than somebody wants to keep
 * them. In a thread with a connection of its own, so that results do not wait for it. */
#ifndef WIRETAG_SINK_UPKEEP_H
#define WIRETAG_SINK_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/err.h"

#define UPKEEP_LOG_BYTES (8u << 20) /* the log is copied when it is as long, */
#define UPKEEP_QUIET_MS  2000       /* or has not changed for so long */
#define UPKEEP_ROWS      128        /* deleted at once */
#define UPKEEP_PAUSE_MS  10         /* and then nothing for so long */
#define UPKEEP_LOOK_MS   1000       /* how often it looks for old rows */

struct upkeep;

struct upkeep_conf {
    const char *journal; /* path of its file; must stay */
    int64_t keep_ms;     /* rows older than this go; 0: none */
    int64_t (*wall_ms)(void);
};

/* ERR_SYSTEM: no thread. */
int upkeep_start(const struct upkeep_conf *conf, struct upkeep **out, struct diag *diag);
/* Ends the thread. */
void upkeep_stop(struct upkeep *upkeep);
/* The log has become that long; events up to offset `passed` are in all outputs, so their
 * rows may go. */
void upkeep_tell(struct upkeep *upkeep, uint64_t log_bytes, uint64_t passed);
/* 0, or what is wrong with the journal's file: the process is to end. */
int upkeep_failed(struct upkeep *upkeep, struct diag *diag);
uint64_t upkeep_deleted(struct upkeep *upkeep); /* rows of events */

#endif
