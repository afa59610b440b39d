/* pour FILE COUNT: gives a sink COUNT results as fast as it takes them.
 *
 * It plays an enricher, which sends the events of FILE (one a line, over and over, under
 * new transport ids), and the ingest, to which the sink says COMMIT: what is measured is
 * the sink alone, until the last result is committed there. First it prints the endpoint
 * the sink is to be given as its ingest, then it reads a line, the endpoint of that sink;
 * at the end it prints one line of JSON. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "proto/mem.h"
#include "proto/run/link.h"
#include "proto/run/peers.h"
#include "proto/run/port.h"

#define BATCH_BYTES (256u * 1024)

struct pour {
    struct loop *loop;
    struct peers *ingest;
    struct link *link;
    struct uuid journal;
    struct view *events;
    size_t event_count;
    uint64_t want, sent, bytes, committed;
    struct account credit;
    struct timespec first;
    struct buf out;
};

static double seconds_since(struct timespec then) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then.tv_sec) +
           (double)(now.tv_nsec - then.tv_nsec) / 1e9;
}

/* The event's id is in its bytes and must be new each time: "x" and 15 digits stand
 * there. */
static void put_result(struct pour *p, uint64_t index) {
    struct view event = p->events[index % p->event_count];
    char id[20];
    size_t begun =
        frame_begin(&p->out, FRAME_RESULT, 0, (struct report_id){p->journal, index});
    size_t at;

    snprintf(id, sizeof id, "x%015" PRIu64, index);
    result_put(&p->out, &(struct result_story){view_of(id), 1, 1, 1, false, event, 0});
    at = p->out.len - event.len;
    for (size_t i = 0; i + 16 < event.len; i++)
        if (memcmp(event.at + i, "xXXXXXXXXXXXXXXX", 16) == 0) {
            memcpy(p->out.at + at + i, id, 16);
            break;
        }
    frame_end(&p->out, begun);
}

static void send_more(struct pour *p) {
    while (link_is_up(p->link) && p->sent < p->want) {
        uint64_t sent = p->sent;
        struct account credit = p->credit;
        buf_clear(&p->out);
        while (p->out.len < BATCH_BYTES && account_is_open(credit) && sent < p->want) {
            size_t before = p->out.len;
            put_result(p, ++sent);
            account_take(&credit, p->out.len - before);
        }
        if (sent == p->sent || link_send(p->link, buf_view(&p->out)))
            return;
        p->bytes += p->out.len;
        p->credit = credit;
        p->sent = sent;
    }
}

static void turn(void *context) {
    struct pour *p = context;

    send_more(p);
    if (p->committed >= p->want)
        loop_stop(p->loop, 0);
}

/* ---- as an enricher ---- */

static void up(void *context, const struct welcome *welcome) {
    struct pour *p = context;

    (void)welcome;
    clock_gettime(CLOCK_MONOTONIC, &p->first);
}

static void down(void *context, const char *why) {
    (void)context;
    fprintf(stderr, "pour: lost the sink: %s\n", why);
    exit(1);
}

static void from_sink(void *context, const struct frame *frame) {
    struct pour *p = context;
    struct credit credit;

    if (frame->kind == FRAME_CREDIT && credit_read(frame, &credit) == 0)
        account_give(&p->credit, credit);
}

/* ---- as an ingest ---- */

static void joined(void *context, struct peer *peer) {
    (void)context;
    (void)peer;
}

static void left(void *context, struct peer *peer, const char *why) {
    (void)context;
    (void)peer;
    (void)why;
}

static void from_committer(void *context, struct peer *peer, const struct frame *frame) {
    struct range ranges[COMMIT_RANGES];
    struct pour *p = context;
    struct commit commit;

    (void)peer;
    if (frame->kind != FRAME_COMMIT && frame->kind != FRAME_RESUME)
        return;
    if (commit_read(frame, &commit, ranges) == 0 && uuid_eq(commit.journal, p->journal) &&
        commit.upto > p->committed)
        p->committed = commit.upto;
}

static int draw(struct uuid *out) {
    int fd = open("/dev/urandom", O_RDONLY);
    int err = fd < 0 || read(fd, out->bytes, 16) != 16;

    if (fd >= 0)
        close(fd);
    return err;
}

static int open_ingest(struct pour *p) {
    static const struct peers_calls calls = {
        .joined = joined, .left = left, .frame = from_committer};
    struct peers_conf conf = {.roles = 1u << ROLE_SINK,
                              .welcome = {.self = p->journal,
                                          .heartbeat_ms = 1000,
                                          .lease_ms = 60000,
                                          .software = VIEW_LIT("bench")},
                              .max_message = FRAME_MAX_BYTES,
                              .max_peers = 4};
    struct diag diag = {0};

    p->ingest = peers_new(p->loop, &conf, &calls, p);
    if (peers_bind(p->ingest, "tcp://127.0.0.1:*", &diag)) {
        fprintf(stderr, "pour: %s\n", diag.text);
        return 1;
    }
    printf("%s\n", peers_endpoint(p->ingest));
    return fflush(stdout);
}

static int open_link(struct pour *p, const char *endpoint) {
    static const struct link_calls calls = {up, down, from_sink, down, NULL};
    struct hello hello = {.role = ROLE_ENRICH,
                          .self = p->journal,
                          .name = VIEW_LIT("pour"),
                          .software = VIEW_LIT("bench"),
                          .tagger = VIEW_LIT("none")};
    struct diag diag = {0};

    if (link_new(p->loop, endpoint, &hello, &calls, p, &p->link, &diag) == 0)
        return 0;
    fprintf(stderr, "pour: %s: %s\n", endpoint, diag.text);
    return 1;
}

static int read_events(struct pour *p, const char *path, struct buf *text) {
    FILE *file = fopen(path, "rb");
    struct view rest, line;
    size_t cap = 0, n;

    if (!file) {
        perror(path);
        return 1;
    }
    while ((n = fread(buf_reserve(text, 1 << 16), 1, 1 << 16, file)) > 0)
        text->len += n;
    fclose(file);
    for (rest = buf_view(text); view_split(&rest, '\n', &line);) {
        if (p->event_count == cap) {
            cap = cap ? cap * 2 : 256;
            p->events = mem_resize(p->events, cap, sizeof *p->events);
        }
        p->events[p->event_count++] = line;
    }
    return p->event_count == 0;
}

int main(int argc, char **argv) {
    struct pour p = {0};
    struct buf text = {0};
    char endpoint[256] = "";
    double took;

    if (argc != 3) {
        fprintf(stderr, "usage: pour FILE COUNT\n");
        return 2;
    }
    p.want = strtoull(argv[2], NULL, 10);
    p.loop = loop_new();
    if (read_events(&p, argv[1], &text) || draw(&p.journal) || open_ingest(&p) ||
        !fgets(endpoint, sizeof endpoint, stdin))
        return 1;
    endpoint[strcspn(endpoint, "\n")] = 0;
    if (open_link(&p, endpoint))
        return 1;
    loop_on_turn(p.loop, turn, &p);
    loop_run(p.loop);
    took = seconds_since(p.first);
    printf("{\"reports\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"seconds\":%.6f}\n", p.sent,
           p.bytes, took);
    link_free(p.link);
    peers_free(p.ingest);
    loop_free(p.loop);
    port_shutdown();
    buf_release(&p.out);
    buf_release(&text);
    free(p.events);
    return 0;
}
