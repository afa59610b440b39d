#include "proto/run/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/port.h"

#define EVENTS     64
#define PORT_SHARE 256 /* messages of one port before the others get their turn */

/* One registration. Removed ones keep their memory until the turn is over, because epoll
 * may have reported them already. */
struct watch {
    struct watch *next;
    int fd;
    struct port *port; /* NULL: a plain descriptor */
    loop_fd_fn *fd_fn;
    loop_fn *port_fn;
    void *context;
    bool removed;
    bool unheard; /* not in the epoll set: that would report hang-ups all the same */
};

struct loop_timer {
    struct loop_timer *next;
    struct loop *loop;
    int64_t due_ms; /* < 0: stopped */
    int64_t repeat_ms;
    loop_fn *fn;
    void *context;
    bool freed;
};

struct hook {
    struct hook *next;
    loop_fn *fn;
    void *context;
};

struct loop {
    int epoll;
    struct watch *watches;
    struct loop_timer *timers;
    struct hook *hooks;
    int signals; /* signalfd, -1: none */
    loop_signal_fn *signal_fn;
    void *signal_context;
    int64_t now_ms;
    bool running;
    int code;
};

int64_t loop_now(const struct loop *loop) { return loop->now_ms; }

struct loop *loop_new(void) {
    struct loop *loop = mem_zalloc(sizeof *loop);

    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    assert(loop->epoll >= 0);
    loop->signals = -1;
    loop->now_ms = clock_now();
    signal(SIGPIPE, SIG_IGN);
    return loop;
}

static void sweep_watches(struct loop *loop, bool all) {
    struct watch **at = &loop->watches;

    while (*at) {
        struct watch *w = *at;
        if (all || w->removed) {
            *at = w->next;
            free(w);
        } else {
            at = &w->next;
        }
    }
}

static void sweep_timers(struct loop *loop, bool all) {
    struct loop_timer **at = &loop->timers;

    while (*at) {
        struct loop_timer *t = *at;
        if (all || t->freed) {
            *at = t->next;
            free(t);
        } else {
            at = &t->next;
        }
    }
}

void loop_free(struct loop *loop) {
    if (!loop)
        return;
    sweep_watches(loop, true);
    sweep_timers(loop, true);
    while (loop->hooks) {
        struct hook *h = loop->hooks;
        loop->hooks = h->next;
        free(h);
    }
    if (loop->signals >= 0)
        close(loop->signals);
    close(loop->epoll);
    free(loop);
}

/* ---- descriptors and ports ---- */

static uint32_t epoll_events(unsigned events) {
    return (events & LOOP_READ ? (uint32_t)EPOLLIN : 0) |
           (events & LOOP_WRITE ? (uint32_t)EPOLLOUT : 0);
}

static struct watch *find(struct loop *loop, int fd) {
    for (struct watch *w = loop->watches; w; w = w->next)
        if (!w->removed && w->fd == fd)
            return w;
    return NULL;
}

static int add(struct loop *loop, struct watch watch, unsigned events) {
    struct watch *w = mem_alloc(sizeof *w);
    struct epoll_event e = {.events = epoll_events(events), .data.ptr = w};

    *w = watch;
    w->unheard = !events;
    if (events && epoll_ctl(loop->epoll, EPOLL_CTL_ADD, w->fd, &e)) {
        free(w);
        return ERR_SYSTEM;
    }
    w->next = loop->watches;
    loop->watches = w;
    return 0;
}

int loop_add_fd(struct loop *loop, int fd, unsigned events, loop_fd_fn *fn,
                void *context) {
    return add(loop, (struct watch){.fd = fd, .fd_fn = fn, .context = context}, events);
}

void loop_change_fd(struct loop *loop, int fd, unsigned events) {
    struct watch *w = find(loop, fd);
    struct epoll_event e = {.events = epoll_events(events), .data.ptr = w};

    assert(w);
    if (events)
        epoll_ctl(loop->epoll, w->unheard ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &e);
    else if (!w->unheard)
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
    w->unheard = !events;
}

void loop_remove_fd(struct loop *loop, int fd) {
    struct watch *w = find(loop, fd);

    if (!w)
        return;
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
    w->removed = true;
}

void loop_add_port(struct loop *loop, struct port *port, loop_fn *fn, void *context) {
    int err =
        add(loop,
            (struct watch){
                .fd = port_fd(port), .port = port, .port_fn = fn, .context = context},
            LOOP_READ);
    assert(!err);
    (void)err;
}

void loop_remove_port(struct loop *loop, struct port *port) {
    loop_remove_fd(loop, port_fd(port));
}

/* ---- timers, signals, hooks ---- */

struct loop_timer *loop_timer_new(struct loop *loop, int64_t delay_ms, int64_t repeat_ms,
                                  loop_fn *fn, void *context) {
    struct loop_timer *t = mem_zalloc(sizeof *t);

    *t = (struct loop_timer){
        .next = loop->timers, .loop = loop, .fn = fn, .context = context};
    loop->timers = t;
    loop_timer_set(t, delay_ms, repeat_ms);
    return t;
}

void loop_timer_set(struct loop_timer *t, int64_t delay_ms, int64_t repeat_ms) {
    t->due_ms = clock_now() + delay_ms;
    t->repeat_ms = repeat_ms;
}

void loop_timer_stop(struct loop_timer *t) { t->due_ms = -1; }

void loop_timer_free(struct loop_timer *t) {
    if (!t)
        return;
    t->freed = true;
    t->due_ms = -1;
}

static void take_signal(void *context, unsigned ready) {
    struct loop *loop = context;
    struct signalfd_siginfo info;

    (void)ready;
    while (read(loop->signals, &info, sizeof info) == (ssize_t)sizeof info)
        loop->signal_fn(loop->signal_context, (int)info.ssi_signo);
}

void loop_on_signal(struct loop *loop, loop_signal_fn *fn, void *context) {
    sigset_t set;
    int err;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    loop->signal_fn = fn;
    loop->signal_context = context;
    loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    err = loop_add_fd(loop, loop->signals, LOOP_READ, take_signal, loop);
    assert(!err);
    (void)err;
}

void loop_on_turn(struct loop *loop, loop_fn *fn, void *context) {
    struct hook **at = &loop->hooks;

    while (*at)
        at = &(*at)->next;
    *at = mem_alloc(sizeof **at);
    **at = (struct hook){NULL, fn, context};
}

/* ---- a turn ---- */

static void run_timers(struct loop *loop) {
    for (struct loop_timer *t = loop->timers; t && loop->running; t = t->next) {
        if (t->freed || t->due_ms < 0 || t->due_ms > loop->now_ms)
            continue;
        t->due_ms = t->repeat_ms ? loop->now_ms + t->repeat_ms : -1;
        t->fn(t->context);
    }
}

static void run_ports(struct loop *loop) {
    for (struct watch *w = loop->watches; w; w = w->next) {
        int share = PORT_SHARE;
        while (loop->running && w->port && !w->removed && share-- &&
               port_readable(w->port))
            w->port_fn(w->context);
    }
}

static void run_hooks(struct loop *loop) {
    for (struct hook *h = loop->hooks; h; h = h->next)
        h->fn(h->context);
}

static bool port_waiting(const struct loop *loop) {
    for (const struct watch *w = loop->watches; w; w = w->next)
        if (w->port && !w->removed && port_readable(w->port))
            return true;
    return false;
}

static int sleep_ms(struct loop *loop) {
    int64_t until = -1;

    if (!loop->running || port_waiting(loop))
        return 0;
    for (const struct loop_timer *t = loop->timers; t; t = t->next)
        if (t->due_ms >= 0 && (until < 0 || t->due_ms < until))
            until = t->due_ms;
    if (until < 0)
        return -1;
    loop->now_ms = clock_now();
    return until <= loop->now_ms ? 0 : (int)(until - loop->now_ms);
}

static void run_fds(struct loop *loop) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(loop->epoll, events, EVENTS, sleep_ms(loop));

    loop->now_ms = clock_now();
    for (int i = 0; i < n && loop->running; i++) {
        struct watch *w = events[i].data.ptr;
        unsigned ready = (events[i].events & EPOLLOUT ? LOOP_WRITE : 0) |
                         (events[i].events & ~(uint32_t)EPOLLOUT ? LOOP_READ : 0);
        if (!w->removed && !w->unheard && !w->port)
            w->fd_fn(w->context, ready);
    }
}

int loop_run(struct loop *loop) {
    loop->running = true;
    while (loop->running) {
        run_timers(loop);
        run_ports(loop);
        run_hooks(loop);
        run_fds(loop);
        sweep_watches(loop, false);
        sweep_timers(loop, false);
    }
    run_hooks(loop);
    return loop->code;
}

void loop_stop(struct loop *loop, int code) {
    loop->running = false;
    loop->code = code;
}
