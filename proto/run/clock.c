#include "proto/run/clock.h"

#include <time.h>

static int64_t ask(clockid_t id) {
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now(void) { return ask(CLOCK_MONOTONIC); }

int64_t clock_wall(void) { return ask(CLOCK_REALTIME); }
