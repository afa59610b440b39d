/* thread.h: threads beside the loop's. Signals are not for them. */
#ifndef WIRETAG_SINK_THREAD_H
#define WIRETAG_SINK_THREAD_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "proto/err.h"

/* ERR_SYSTEM with a diag. */
int thread_start(pthread_t *out, void *(*run)(void *), void *context, struct diag *diag);
/* A condition to be waited for by a clock that never jumps, and a moment on that clock.
 */
void thread_condition(pthread_cond_t *out);
struct timespec thread_after(int64_t ms);

#endif
