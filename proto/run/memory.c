#include "proto/run/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define MARK_PERCENT   80
#define RELIEF_PERCENT 70
#define TRIM_MS        1000
#define LARGE_BYTES    (256 * 1024)
#define SPARE_BYTES    (1024 * 1024) /* kept for the next small ones */

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||               \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static int64_t bound;
static bool pressed;
static int64_t looked_ms, trimmed_ms;

/* What is large gets pages of its own, which go back to the kernel when it is freed. Left
 * alone the allocator stops doing that after the first large one. */
static void part_with_large_ones(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    mallopt(M_TRIM_THRESHOLD, SPARE_BYTES);
#endif
}

void memory_limit(int64_t bytes) {
    struct rlimit data;

    part_with_large_ones();
    bound = bytes;
    pressed = false;
    looked_ms = trimmed_ms = INT64_MIN / 2;
    if (!bytes || SANITIZED || getrlimit(RLIMIT_DATA, &data))
        return;
    if (data.rlim_max == RLIM_INFINITY || data.rlim_max > (rlim_t)(bytes + MEMORY_STACKS))
        data.rlim_cur = (rlim_t)(bytes + MEMORY_STACKS);
    setrlimit(RLIMIT_DATA, &data);
}

int64_t memory_bound(void) { return bound; }

/* statm: size, resident, shared (files and shared memory), in pages. */
uint64_t memory_used(void) {
    static int fd = -1;
    char text[128];
    unsigned long long size, resident, shared;
    ssize_t n;

    if (fd < 0)
        fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return 0;
    text[n] = 0;
    if (sscanf(text, "%llu %llu %llu", &size, &resident, &shared) != 3)
        return 0;
    return resident > shared ? (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/* What was freed may still lie about in the allocator. */
static void give_back(int64_t now_ms) {
    if (now_ms - trimmed_ms < TRIM_MS)
        return;
    trimmed_ms = now_ms;
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

static bool is_over(int percent) {
    return memory_used() > (uint64_t)(bound / 100 * percent);
}

bool memory_pressed(int64_t now_ms) {
    int percent = pressed ? RELIEF_PERCENT : MARK_PERCENT;

    if (!bound || SANITIZED || now_ms - looked_ms < MEMORY_LOOK_MS)
        return pressed;
    looked_ms = now_ms;
    pressed = is_over(percent);
    if (pressed) {
        give_back(now_ms);
        pressed = is_over(percent);
    }
    return pressed;
}

const char *memory_why(void) {
    static char text[160];

    if (!pressed)
        return NULL;
    snprintf(text, sizeof text,
             "%" PRIu64 " MiB of the %" PRId64
             " MiB of memory it may take are taken: waiting until it is less "
             "(--memory raises the bound)",
             memory_used() >> 20, bound >> 20);
    return text;
}
