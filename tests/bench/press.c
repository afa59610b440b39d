/* press PORT FILE FEEDERS WINDOW: feeds an ingest from several connections at once.
 *
 * Sends each line of FILE (NDJSON) once, shared out among FEEDERS connections to
 * 127.0.0.1:PORT, of which each has WINDOW reports under way that were not yet answered.
 * At the end one line of JSON: how many durable OKs a second, how many milliseconds from
 * send to OK, and how many answers were no OK. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/mem.h"

#define HELLO       "HELLO wire/1 ack=1 frame=ndjson\n"
#define MAX_FEEDERS 1024
#define BATCH_BYTES (256u * 1024)

struct feeder {
    int fd;
    size_t next;     /* the line it sends next: its number, then every FEEDERS-th */
    size_t answered; /* the line whose answer it waits for */
    struct buf out;  /* being sent from `sent` on */
    size_t sent;
    char last; /* byte read: a line begins behind LF */
};

struct press {
    struct view *lines;
    double *begun, *took; /* of each line: seconds */
    size_t count, done, not_ok;
    struct feeder *feeders;
    size_t feeder_count, window;
};

static double now(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void read_lines(struct press *p, const char *path, struct buf *text) {
    FILE *file = fopen(path, "rb");
    size_t cap = 0, n;

    if (!file)
        fail(path);
    while ((n = fread(buf_reserve(text, 1 << 16), 1, 1 << 16, file)) > 0)
        text->len += n;
    fclose(file);
    for (size_t at = 0, end; at < text->len; at = end) {
        const char *stop = memchr(text->at + at, '\n', text->len - at);
        end = stop ? (size_t)(stop - text->at) + 1 : text->len;
        if (p->count == cap) {
            cap = cap ? cap * 2 : 1024;
            p->lines = mem_resize(p->lines, cap, sizeof *p->lines);
        }
        p->lines[p->count++] = view_n(text->at + at, end - at);
    }
    p->begun = mem_zalloc((p->count + 1) * sizeof *p->begun);
    p->took = mem_zalloc((p->count + 1) * sizeof *p->took);
}

static void connect_all(struct press *p, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (size_t i = 0; i < p->feeder_count; i++) {
        struct feeder *f = &p->feeders[i];
        f->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (f->fd < 0 || connect(f->fd, (struct sockaddr *)&address, sizeof address))
            fail("connect");
        f->next = f->answered = i;
        f->last = '\n';
        buf_put_text(&f->out, HELLO);
    }
}

/* Fills the window, as far as one batch goes. */
static void load(struct press *p, struct feeder *f) {
    if (f->sent < f->out.len)
        return;
    buf_clear(&f->out);
    f->sent = 0;
    while (f->next < p->count && f->out.len < BATCH_BYTES &&
           (f->next - f->answered) / p->feeder_count < p->window) {
        buf_put_view(&f->out, p->lines[f->next]);
        p->begun[f->next] = now();
        f->next += p->feeder_count;
    }
}

static void send_some(struct press *p, struct feeder *f) {
    for (load(p, f); f->sent < f->out.len; load(p, f)) {
        ssize_t n = send(f->fd, f->out.at + f->sent, f->out.len - f->sent, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            fail("send");
        f->sent += (size_t)n;
    }
}

static void hear(struct press *p, struct feeder *f) {
    char answers[65536];
    ssize_t n = recv(f->fd, answers, sizeof answers, MSG_DONTWAIT);
    double at = now();

    if (n == 0 || (n < 0 && errno != EAGAIN))
        fail("the ingest has closed the connection");
    for (ssize_t i = 0; i < n; i++) {
        if (f->last == '\n')
            p->not_ok += answers[i] != 'O';
        f->last = answers[i];
        if (f->last != '\n' || f->answered >= p->count)
            continue;
        p->took[f->answered] = at - p->begun[f->answered];
        f->answered += p->feeder_count;
        p->done++;
    }
}

static void press(struct press *p) {
    static struct pollfd fds[MAX_FEEDERS];

    while (p->done < p->count) {
        for (size_t i = 0; i < p->feeder_count; i++) {
            struct feeder *f = &p->feeders[i];
            send_some(p, f);
            fds[i] = (struct pollfd){.fd = f->fd, .events = POLLIN};
            if (f->sent < f->out.len)
                fds[i].events |= POLLOUT;
        }
        if (poll(fds, (nfds_t)p->feeder_count, -1) < 0 && errno != EINTR)
            fail("poll");
        for (size_t i = 0; i < p->feeder_count; i++)
            if (fds[i].revents & (POLLIN | POLLHUP | POLLERR))
                hear(p, &p->feeders[i]);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    struct press p = {0};
    struct buf text = {0};
    double begun;

    if (argc != 5) {
        fprintf(stderr, "usage: press PORT FILE FEEDERS WINDOW\n");
        return 2;
    }
    p.feeder_count = strtoul(argv[3], NULL, 10);
    p.window = strtoul(argv[4], NULL, 10);
    if (!p.window || !p.feeder_count || p.feeder_count > MAX_FEEDERS)
        return 2;
    p.feeders = mem_zalloc(p.feeder_count * sizeof *p.feeders);
    read_lines(&p, argv[2], &text);
    connect_all(&p, (int)strtol(argv[1], NULL, 10));
    begun = now();
    press(&p);
    begun = now() - begun;
    qsort(p.took, p.count, sizeof *p.took, ascending);
    printf("{\"reports\":%zu,\"seconds\":%.6f,\"oks_per_second\":%.0f,\"p50_ms\":%.3f,"
           "\"p99_ms\":%.3f,\"not_ok\":%zu}\n",
           p.count, begun, (double)(p.count - p.not_ok) / begun,
           p.took[p.count / 2] * 1e3, p.took[p.count * 99 / 100] * 1e3, p.not_ok);
    for (size_t i = 0; i < p.feeder_count; i++) {
        close(p.feeders[i].fd);
        buf_release(&p.feeders[i].out);
    }
    free(p.feeders);
    free(p.lines);
    free(p.begun);
    free(p.took);
    buf_release(&text);
    return 0;
}
