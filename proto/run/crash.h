/* crash.h: named places at which a test can kill a process.
 *
 *     WIRETAG_CRASH=ingest-before-sync       at the first pass
 *     WIRETAG_CRASH=ingest-before-sync:20    at the twentieth
 *
 * Only builds with -DCRASH_POINTS=ON (presets dev, asan, tsan) know them; what is shipped
 * has no trace of them. tests/chaos runs them all; the list there is kept whole by a
 * test.
 */
#ifndef WIRETAG_PROTO_RUN_CRASH_H
#define WIRETAG_PROTO_RUN_CRASH_H

#ifdef WIRETAG_CRASH_POINTS
/* SIGKILL to the own process, when it is the chosen one's turn. */
void crash_point(const char *name);
#else
static inline void crash_point(const char *name) { (void)name; }
#endif

#endif
