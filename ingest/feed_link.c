#include "ingest/feed_link.h"

#include "ingest/listen.h"
#include "ingest/refusal.h"
#include "proto/mem.h"
#include "proto/run/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define OUT_BYTES       (128 * 1024) /* gathered for one send */
#define LINE_BYTES      4096         /* an answer is not longer */
#define BACK_OFF_MS     100
#define BACK_OFF_MAX_MS 5000

enum state { DOWN, CONNECTING, UP };

struct kept {
    char *bytes; /* "LENGTH SP" in front: a whole octet frame */
    size_t len;
    const char *file;
    uint64_t line;
};

struct feed_link {
    struct feed_link_conf conf;
    void (*answered)(void *context, const struct feed_answer *answer);
    void *context;
    enum state state;
    int fd;
    unsigned attempt;
    struct kept *ring; /* conf.window of them */
    size_t first, count, sent, bytes;
    struct buf out, in;
    size_t written; /* of out */
    int64_t retry_ms, back_off_ms;
    int64_t hold_ms; /* the ingest is full: nothing is sent before */
    int64_t progress_ms;
    bool hopeless;
    char why[240];
};

static struct kept *kept_at(const struct feed_link *link, size_t i) {
    return &link->ring[(link->first + i) % link->conf.window];
}

struct feed_link *feed_link_new(const struct feed_link_conf *conf,
                                void (*answered)(void *context,
                                                 const struct feed_answer *answer),
                                void *context) {
    struct feed_link *link = mem_zalloc(sizeof *link);
    link->conf = *conf;
    link->answered = answered;
    link->context = context;
    link->fd = -1;
    link->ring = mem_zalloc(conf->window * sizeof *link->ring);
    link->back_off_ms = BACK_OFF_MS;
    link->progress_ms = clock_now();
    return link;
}

void feed_link_free(struct feed_link *link) {
    if (!link)
        return;
    if (link->fd >= 0)
        close(link->fd);
    for (size_t i = 0; i < link->count; i++)
        free(kept_at(link, i)->bytes);
    free(link->ring);
    buf_release(&link->out);
    buf_release(&link->in);
    free(link);
}

bool feed_link_has_room(const struct feed_link *link) {
    return link->count == 0 ||
           (link->count < link->conf.window && link->bytes < link->conf.window_bytes);
}

void feed_link_add(struct feed_link *link, struct view report, const char *file,
                   uint64_t line) {
    struct buf frame = {0};
    if (link->count == 0)
        link->progress_ms = clock_now(); // nobody was waiting until now
    buf_printf(&frame, "%zu ", report.len);
    buf_put_view(&frame, report);
    *kept_at(link, link->count++) = (struct kept){frame.at, frame.len, file, line};
    link->bytes += frame.len;
}

size_t feed_link_waiting(const struct feed_link *link) { return link->count; }

int64_t feed_link_silent_ms(const struct feed_link *link) {
    return clock_now() - link->progress_ms;
}

const char *feed_link_why(const struct feed_link *link) {
    return link->why[0] ? link->why
                        : "it does not answer; its journal may be full, or nobody takes "
                          "work (wiretag status shows it)";
}

/* ---- the connection ---- */

static void go_down(struct feed_link *link, const char *why) {
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
    link->state = DOWN;
    link->sent = 0; // all of it again: the ingest knows what it has
    link->retry_ms = clock_now() + link->back_off_ms;
    link->back_off_ms =
        2 * link->back_off_ms < BACK_OFF_MAX_MS ? 2 * link->back_off_ms : BACK_OFF_MAX_MS;
    if (why)
        snprintf(link->why, sizeof link->why, "%s", why);
}

static void say_hello(struct feed_link *link) {
    buf_clear(&link->in);
    buf_clear(&link->out);
    link->written = 0;
    buf_printf(&link->out, "HELLO wire/1 ack=1 frame=octet format=%s", link->conf.format);
    if (link->conf.source)
        buf_printf(&link->out, " source=%s", link->conf.source);
    buf_put_u8(&link->out, '\n');
    link->why[0] = 0;
    link->state = UP;
}

static void try_connect(struct feed_link *link) {
    struct diag diag = {0};
    int err = link->conf.address
                  ? connect_tcp(link->conf.address, link->attempt++, &link->fd, &diag)
                  : connect_unix(link->conf.path, &link->fd, &diag);
    if (err < 0) {
        go_down(link, diag.text);
        link->hopeless = err == ERR_TOO_BIG;
    } else {
        link->state = CONNECTING;
    }
}

static void see_connected(struct feed_link *link) {
    int cause = 0;
    socklen_t len = sizeof cause;
    char why[200];
    getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &cause, &len);
    if (cause == 0) {
        say_hello(link);
        return;
    }
    snprintf(why, sizeof why, "cannot connect to %s: %s",
             link->conf.address ? link->conf.address : link->conf.path, strerror(cause));
    go_down(link, why);
}

/* ---- sending ---- */

static void fill(struct feed_link *link) {
    buf_clear(&link->out);
    link->written = 0;
    while (link->sent < link->count && link->out.len < OUT_BYTES) {
        const struct kept *kept = kept_at(link, link->sent++);
        buf_put(&link->out, kept->bytes, kept->len);
    }
}

static bool has_output(const struct feed_link *link) {
    return link->state == UP &&
           (link->written < link->out.len ||
            (link->sent < link->count && clock_now() >= link->hold_ms));
}

static void send_on(struct feed_link *link) {
    while (has_output(link)) {
        if (link->written == link->out.len)
            fill(link);
        ssize_t n = send(link->fd, link->out.at + link->written,
                         link->out.len - link->written, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n < 0) {
            go_down(link, strerror(errno));
            return;
        }
        link->written += (size_t)n;
    }
}

/* ---- answers ---- */

static struct kept take_first(struct feed_link *link) {
    struct kept kept = *kept_at(link, 0);
    link->first = (link->first + 1) % link->conf.window;
    link->count--;
    link->sent--;
    link->bytes -= kept.len;
    return kept;
}

/* The ingest is full: this one again, behind the others, after a while. */
static void put_off(struct feed_link *link) {
    struct kept kept = take_first(link);
    *kept_at(link, link->count++) = kept;
    link->bytes += kept.len;
    link->hold_ms = clock_now() + link->back_off_ms;
    snprintf(link->why, sizeof link->why, "the ingest is full and asks to wait");
}

static void about_connection(struct feed_link *link, uint64_t code, struct view text) {
    char why[200];
    snprintf(why, sizeof why, "the ingest says: %.*s",
             (int)(text.len < 150 ? text.len : 150), text.at);
    link->hopeless = code != REFUSED_IDLE && code != REFUSED_CROWDED;
    go_down(link, why);
}

/* "OK ref seq verdict" or "ERR code ref text", in the order of what was sent. */
static void take_answer(struct feed_link *link, struct view line) {
    struct view word, ref, third;
    uint64_t code = 0;
    view_split(&line, ' ', &word);
    bool ok = view_is(word, "OK");
    view_split(&line, ' ', &ref);
    view_split(&line, ' ', &third);
    if (!ok) {
        view_number(ref, &code);
        ref = third;
    }
    if (!ok && view_is(ref, "-")) {
        about_connection(link, code, line);
        return;
    }
    if (link->sent == 0) {
        go_down(link, "the ingest answers what was not asked");
        return;
    }
    link->progress_ms = clock_now();
    if (code == REFUSED_BUSY) {
        put_off(link);
        return;
    }
    link->back_off_ms = BACK_OFF_MS;
    struct kept kept = take_first(link);
    struct feed_answer answer = {
        .ok = ok,
        .again = ok && (view_is(line, "dup") || view_is(line, "old")),
        .none = ok && view_is(line, "none"),
        .code = (int)code,
        .text = line,
        .file = kept.file,
        .line = kept.line,
    };
    link->answered(link->context, &answer);
    free(kept.bytes);
}

static void read_lines(struct feed_link *link) {
    struct view rest = buf_view(&link->in);
    while (link->state == UP) {
        const char *lf = rest.len ? memchr(rest.at, '\n', rest.len) : NULL;
        if (!lf)
            break;
        size_t len = (size_t)(lf - rest.at);
        take_answer(link, view_n(rest.at, len));
        rest = view_n(lf + 1, rest.len - len - 1);
    }
    if (link->state != UP)
        return;
    buf_drop(&link->in, link->in.len - rest.len);
    if (link->in.len > LINE_BYTES)
        go_down(link, "the other side does not speak wire/1");
}

static void receive(struct feed_link *link) {
    ssize_t n = recv(link->fd, buf_reserve(&link->in, 65536), 65536, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        go_down(link, n < 0 ? strerror(errno) : "the ingest closed the connection");
        return;
    }
    link->in.len += (size_t)n;
    read_lines(link);
}

/* ---- a turn ---- */

static int patience(const struct feed_link *link, int timeout_ms) {
    int64_t until = timeout_ms, now = clock_now();
    if (link->state == DOWN && link->count > 0 && link->retry_ms - now < until)
        until = link->retry_ms - now;
    if (link->hold_ms > now && link->hold_ms - now < until)
        until = link->hold_ms - now;
    return until > 0 ? (int)until : 0;
}

int feed_link_turn(struct feed_link *link, int other_fd, int timeout_ms) {
    struct pollfd fds[2] = {{.fd = -1}, {.fd = other_fd, .events = POLLIN}};
    if (link->state == DOWN && link->count > 0 && clock_now() >= link->retry_ms)
        try_connect(link);
    if (link->state == UP)
        send_on(link);
    bool writes = link->state == CONNECTING || has_output(link);
    fds[0].fd = link->fd;
    fds[0].events = (short)(POLLIN | (writes ? POLLOUT : 0));
    if (poll(fds, 2, patience(link, timeout_ms)) > 0 && fds[0].revents != 0) {
        if (link->state == CONNECTING)
            see_connected(link);
        else if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
            receive(link);
        if (link->state == UP)
            send_on(link);
    }
    return link->hopeless ? ERR_VERSION : 0;
}
