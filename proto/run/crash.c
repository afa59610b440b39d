#include "proto/run/crash.h"

#ifdef WIRETAG_CRASH_POINTS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void crash_point(const char *name) {
    static atomic_long passes;
    const char *chosen = getenv("WIRETAG_CRASH");
    size_t len = strlen(name);

    if (!chosen || strncmp(chosen, name, len) != 0 || (chosen[len] && chosen[len] != ':'))
        return;
    long wanted = chosen[len] ? strtol(chosen + len + 1, NULL, 10) : 1;
    if (atomic_fetch_add(&passes, 1) + 1 == wanted)
        raise(SIGKILL);
}

#else
typedef int crash_points_are_off; // an empty file is no C
#endif
