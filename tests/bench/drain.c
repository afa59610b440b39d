/* drain ENDPOINT COUNT: takes COUNT reports out of an ingest as fast as it gives them.
 *
 * It plays the enricher, which takes the work, and the sink, which commits it, and does
 * nothing in between: what is measured is ingest alone. Prints one line of JSON. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "proto/mem.h"
#include "proto/run/link.h"
#include "proto/run/port.h"

#define CREDIT_MESSAGES 512
#define CREDIT_BYTES    (8u * 1024 * 1024)
#define RUNS            16

struct drain {
    struct loop *loop;
    struct link *work, *commits;
    struct uuid runs[RUNS]; /* of ingest that the reports came from */
    size_t run_count;
    uint64_t want, taken, bytes;
    uint64_t unreturned_messages, unreturned_bytes; /* credit to give back */
    unsigned char *have;                            /* indices beyond upto that came */
    uint64_t begin, upto, cap;                      /* all of begin + 1 .. upto came */
    bool news;
    struct timespec first;
    struct buf out;
};

static double seconds_since(struct timespec then) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then.tv_sec) +
           (double)(now.tv_nsec - then.tv_nsec) / 1e9;
}

static void give_credit(struct drain *d, uint64_t messages, uint64_t bytes) {
    buf_clear(&d->out);
    credit_put(&d->out, (struct credit){(uint32_t)messages, bytes});
    if (link_send(d->work, buf_view(&d->out)) == 0)
        d->unreturned_messages = d->unreturned_bytes = 0;
}

/* Ingest takes of it what each run took. */
static void say_commit(struct drain *d, enum frame_kind kind) {
    buf_clear(&d->out);
    for (size_t i = 0; i < d->run_count; i++) {
        struct commit commit = {.journal = d->runs[i], .upto = d->upto};
        commit_put(&d->out, kind, &commit);
    }
    if (link_send(d->commits, buf_view(&d->out)) == 0)
        d->news = false;
}

static void work_up(void *context, const struct welcome *welcome) {
    struct drain *d = context;

    (void)welcome;
    give_credit(d, CREDIT_MESSAGES, CREDIT_BYTES);
}

static void commits_up(void *context, const struct welcome *welcome) {
    (void)context;
    (void)welcome;
}

static void note_run(struct drain *d, struct uuid run) {
    for (size_t i = d->run_count; i > 0; i--)
        if (uuid_eq(d->runs[i - 1], run))
            return;
    if (d->run_count == RUNS) {
        fprintf(stderr, "drain: too many runs\n");
        exit(1);
    }
    d->runs[d->run_count++] = run;
}

/* Work may be handed out in any order; what is committed is stated as "all up to". */
static void note(struct drain *d, uint64_t index) {
    if (index >= d->cap) {
        uint64_t cap = (index + 1) * 2;
        d->have = mem_resize(d->have, cap, 1);
        memset(d->have + d->cap, 0, cap - d->cap);
        d->cap = cap;
    }
    d->have[index] = 1;
    while (d->upto + 1 < d->cap && d->have[d->upto + 1])
        d->upto++;
}

static void work_frame(void *context, const struct frame *frame) {
    struct drain *d = context;

    if (frame->kind != FRAME_WORK)
        return;
    if (!d->taken++) {
        clock_gettime(CLOCK_MONOTONIC, &d->first);
        d->begin = d->upto = frame->id.index - 1; // the oldest goes out first
    }
    note_run(d, frame->id.journal);
    d->bytes += frame->whole.len;
    d->unreturned_messages++;
    d->unreturned_bytes += frame->whole.len;
    d->news = true;
    note(d, frame->id.index);
}

static void down(void *context, const char *why) {
    (void)context;
    fprintf(stderr, "drain: lost the ingest: %s\n", why);
    exit(1);
}

static void ignore(void *context, const struct frame *frame) {
    (void)context;
    (void)frame;
}

static void turn(void *context) {
    struct drain *d = context;

    if (d->unreturned_messages >= CREDIT_MESSAGES / 4 ||
        d->unreturned_bytes >= CREDIT_BYTES / 4)
        give_credit(d, d->unreturned_messages, d->unreturned_bytes);
    if (d->news)
        say_commit(d, FRAME_COMMIT);
    if (d->upto - d->begin >= d->want && !d->news)
        loop_stop(d->loop, 0);
}

static int open_link(struct drain *d, const char *endpoint, enum role role,
                     const struct link_calls *calls, struct link **out) {
    struct hello hello = {.role = (uint8_t)role,
                          .name = VIEW_LIT("drain"),
                          .software = VIEW_LIT("bench"),
                          .tagger = VIEW_LIT("none")};
    struct diag diag = {0};
    int fd = open("/dev/urandom", O_RDONLY);
    int err = fd < 0 || read(fd, hello.self.bytes, 16) != 16;

    if (fd >= 0)
        close(fd);
    err = err || link_new(d->loop, endpoint, &hello, calls, d, out, &diag);
    if (err)
        fprintf(stderr, "drain: %s: %s\n", endpoint, diag.text);
    return err;
}

int main(int argc, char **argv) {
    static const struct link_calls work = {work_up, down, work_frame, down, NULL};
    static const struct link_calls commits = {commits_up, down, ignore, down, NULL};
    struct drain d = {0};
    double took;

    if (argc != 3) {
        fprintf(stderr, "usage: drain ENDPOINT COUNT\n");
        return 2;
    }
    d.want = strtoull(argv[2], NULL, 10);
    d.loop = loop_new();
    if (open_link(&d, argv[1], ROLE_SINK, &commits, &d.commits) ||
        open_link(&d, argv[1], ROLE_ENRICH, &work, &d.work))
        return 1;
    loop_on_turn(d.loop, turn, &d);
    loop_run(d.loop);
    took = seconds_since(d.first);
    printf("{\"reports\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"seconds\":%.6f}\n", d.taken,
           d.bytes, took);
    link_free(d.work);
    link_free(d.commits);
    loop_free(d.loop);
    port_shutdown();
    buf_release(&d.out);
    free(d.have);
    return 0;
}
