#include "sink/thread.h"

#include <signal.h>
#include <string.h>

#define STACK_BYTES (1u << 20)

int thread_start(pthread_t *out, void *(*run)(void *), void *context, struct diag *diag) {
    pthread_attr_t attributes;
    sigset_t all, before;
    int err;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // the new thread inherits this
    err = pthread_create(out, &attributes, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (!err)
        return 0;
    diag_set(diag, 0, "cannot start a thread: %s", strerror(err));
    return ERR_SYSTEM;
}

void thread_condition(pthread_cond_t *out) {
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(out, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct timespec thread_after(int64_t ms) {
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(ms / 1000);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}
