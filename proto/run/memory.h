/* memory.h: how much memory this process has taken, and its bound (--memory).
 *
 *      0 ........ 70 % ........ 80 % ............ 100 %    of the bound
 *                  |<-- relief   |<-- pressure      |<-- allocations fail
 *
 * Under pressure a process takes nothing more in: ingest stops reading feeders, enrich
 * and sink give no more credit. What it has by then goes on its way and the pressure
 * ends. Only when that does not help the kernel refuses more (RLIMIT_DATA), and mem.c
 * ends the process: it is started again, and nothing is lost, because a process may be
 * killed at any moment.
 *
 * Measured, in MiB: ingest 1 idle, 45 after all of 1,000 connections sent reports at
 * once, 60 more with a million keys remembered, up to 190 while it reads 4 MiB of the
 * most wasteful JSON; enrich 1 idle, 6 at work, 135 in a report of 4 MiB; sink 1 idle, 16
 * at work. The defaults (512, 256, 256) leave room for several of the worst at once; with
 * a larger --max-report they have to grow in proportion.
 *
 * Counted is private memory: not the pages of files that happen to be mapped (journal,
 * gazetteer), which the kernel takes back when it likes. One bound for each process. */
#ifndef WIRETAG_PROTO_RUN_MEMORY_H
#define WIRETAG_PROTO_RUN_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define MEMORY_LEAST (INT64_C(32) << 20) /* a bound below has no room to work in */
/* Stacks of threads are reserved whole and hardly used: the kernel's bound is higher. */
#define MEMORY_STACKS  (INT64_C(64) << 20)
#define MEMORY_LOOK_MS 20 /* memory_pressed looks again after so long */

/* Sets the bound; 0: none. To be called once, before threads are started. In builds with
 * a sanitizer, which takes memory of its own, it has no effect. */
void memory_limit(int64_t bytes);
int64_t memory_bound(void); /* as set; 0: none */

uint64_t memory_used(void); /* bytes, now; 0: the kernel does not say */

/* Is it time to take nothing more in? Without a bound never. now_ms: loop_now's. For the
 * thread of the loop only. */
bool memory_pressed(int64_t now_ms);
/* For "why": a sentence with the figures while there is pressure, else NULL. Static. */
const char *memory_why(void);

#endif
