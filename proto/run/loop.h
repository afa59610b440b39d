/* loop.h: the event loop: file descriptors, ZeroMQ ports, timers and signals of one
 * thread.
 *
 * One turn is: run the timers that are due; call the ports that have something; call the
 * descriptors that are ready; call the hooks at the turn's end (flush what the turn has
 * gathered); sleep until the next thing. Callbacks may add and remove anything, their own
 * registration too.
 *
 * A port's ZMQ_FD is edge-triggered and may be readable with nothing to read, so the loop
 * asks ZMQ_EVENTS before it sleeps and calls the port until it is empty or has had its
 * share of the turn. */
#ifndef WIRETAG_PROTO_RUN_LOOP_H
#define WIRETAG_PROTO_RUN_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct port;
struct loop_timer;

#define LOOP_READ  1u
#define LOOP_WRITE 2u /* also hang-ups and errors come as LOOP_READ: read and see */

typedef void loop_fd_fn(void *context, unsigned ready);
typedef void loop_fn(void *context);
typedef void loop_signal_fn(void *context, int signal);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* ms since some moment, never running backwards (CLOCK_MONOTONIC); cheap: once a turn. */
int64_t loop_now(const struct loop *loop);

/* 0 or ERR_SYSTEM (too many descriptors). */
int loop_add_fd(struct loop *loop, int fd, unsigned events, loop_fd_fn *fn,
                void *context);
void loop_change_fd(struct loop *loop, int fd,
                    unsigned events);           /* 0: keeps it, unheard */
void loop_remove_fd(struct loop *loop, int fd); /* before close(fd) */

/* fn is called while the port has a message to read. Not called while paused. */
void loop_add_port(struct loop *loop, struct port *port, loop_fn *fn, void *context);
void loop_remove_port(struct loop *loop, struct port *port);

/* First after `delay_ms`, then every `repeat_ms` (0: once, the timer stays to be set
 * again). */
struct loop_timer *loop_timer_new(struct loop *loop, int64_t delay_ms, int64_t repeat_ms,
                                  loop_fn *fn, void *context);
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms, int64_t repeat_ms);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer); /* NULL allowed */

/* SIGINT, SIGTERM, SIGHUP and SIGCHLD arrive here instead of interrupting; they stay
 * blocked in the process, so a child must unblock them. SIGPIPE is ignored. */
void loop_on_signal(struct loop *loop, loop_signal_fn *fn, void *context);
/* Called at the end of each turn, in order of registration. */
void loop_on_turn(struct loop *loop, loop_fn *fn, void *context);

/* Turns until loop_stop; returns its code. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop, int code);

#endif
