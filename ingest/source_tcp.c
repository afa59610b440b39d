/* Stream sockets, TCP and Unix: accepts, keeps the connections, closes the idle ones. */
#include "ingest/conn.h"
#include "ingest/listen.h"
#include "ingest/source.h"
#include "proto/mem.h"
#include "proto/run/log.h"
#include "proto/run/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM_BYTES   (64 * 1024) /* read at once from one connection */
#define ACCEPT_SHARE 64
#define SWEEP_MAX_MS 1000
#define PRESSED_MS   2000 /* so long memory may be short before somebody has to go */
#define SHED_BYTES   (16 * 1024) /* less than that is not worth it */

struct slot {
    struct conn *conn; /* NULL: free */
    uint64_t turn;     /* how many had this slot before */
    uint64_t ticket;   /* waits for room for a long report; 0: does not */
    bool dirty;        /* has been read from, or was answered, in this turn */
};

struct stream {
    struct source source;
    struct source_conf conf;
    char bound[128];
    char *path; /* of a Unix socket; otherwise NULL */
    int fd;     /* -1: closed */
    bool accepting, paused;
    struct slot *slots; /* max_connections of them */
    size_t *dirty, dirty_count;
    size_t count;
    size_t rooms, rooms_taken; /* for long reports */
    size_t waiting;            /* for room */
    uint64_t tickets;
    int64_t pressed_ms; /* since when memory is short; 0: it is not */
    size_t shed_at;
    struct loop_timer *sweep;
    char room[ROOM_BYTES];
};

static loop_fd_fn on_accept, on_ready;
static answer_fn on_answer;

/* ---- connections ---- */

/* `who` of an answer: slot and turn, so that it never reaches the next in that slot. */
static uint64_t who_of(const struct stream *stream, size_t i) {
    return stream->slots[i].turn * (uint64_t)stream->conf.max_connections + i;
}

static size_t slot_of(const struct stream *stream, uint64_t who) {
    return (size_t)(who % (uint64_t)stream->conf.max_connections);
}

static void mark(struct stream *stream, size_t i) {
    if (stream->slots[i].dirty)
        return;
    stream->slots[i].dirty = true;
    stream->dirty[stream->dirty_count++] = i;
}

static void set_ticket(struct stream *stream, size_t i, uint64_t ticket) {
    stream->waiting += ticket != 0;
    stream->waiting -= stream->slots[i].ticket != 0;
    stream->slots[i].ticket = ticket;
}

static void drop(struct stream *stream, size_t i) {
    stream->rooms_taken -= stream->slots[i].conn->roomy;
    set_ticket(stream, i, 0);
    conn_free(stream->slots[i].conn);
    stream->slots[i].conn = NULL;
    stream->slots[i].turn++;
    stream->count--;
}

static void on_answer(void *context, uint64_t who, const struct answer *answer) {
    struct stream *stream = context;
    size_t i = slot_of(stream, who);
    if (!stream->slots[i].conn || who_of(stream, i) != who)
        return; // gone meanwhile
    conn_answer(stream->slots[i].conn, answer);
    mark(stream, i);
}

static void on_ready(void *context, unsigned ready) {
    struct conn *conn = context;
    struct stream *stream = conn->asker.source;
    size_t i = slot_of(stream, conn->asker.who);
    mark(stream, i);
    if ((ready & LOOP_READ) && (conn->heard & LOOP_READ) &&
        !conn_read(conn, stream->room, sizeof stream->room))
        drop(stream, i);
}

/* ---- room for long reports ---- */

static void review_room(struct stream *stream, size_t i) {
    struct conn *conn = stream->slots[i].conn;
    if (conn->roomy && !conn_needs_room(conn)) {
        stream->rooms_taken--;
        conn_set_room(conn, false);
    }
    if (!conn_wants_room(conn))
        set_ticket(stream, i, 0);
    else if (!stream->slots[i].ticket)
        set_ticket(stream, i, ++stream->tickets);
}

static size_t first_waiting(const struct stream *stream) {
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < (size_t)stream->conf.max_connections; i++) {
        uint64_t ticket = stream->slots[i].ticket;
        if (ticket && (first == SIZE_MAX || ticket < stream->slots[first].ticket))
            first = i;
    }
    return first;
}

static void give_rooms(struct stream *stream) {
    while (stream->waiting > 0 && stream->rooms_taken < stream->rooms) {
        size_t i = first_waiting(stream);
        set_ticket(stream, i, 0);
        stream->rooms_taken++;
        conn_set_room(stream->slots[i].conn, true);
    }
}

/* ---- accepting ---- */

static void name_peer(const struct stream *stream, int fd, char out[CONN_PEER]) {
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    char host[64] = "?", port[16] = "?";
    snprintf(out, CONN_PEER, "unix:%.70s", stream->bound);
    if (stream->path || getpeername(fd, (struct sockaddr *)&name, &len) != 0)
        return;
    getnameinfo((struct sockaddr *)&name, len, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(out, CONN_PEER, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

static void turn_away(const struct stream *stream, int fd, const char *peer) {
    static const char line[] = "ERR 429 - too many connections; try again later\n";
    log_line(LOG_WARN, "INGEST-CROWDED", "peer=%s connections=%d code=%d", peer,
             stream->conf.max_connections, REFUSED_CROWDED);
    ssize_t n = send(fd, line, sizeof line - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)n; // it is turned away, told or not
    close(fd);
}

static void let_in(struct stream *stream, int fd) {
    size_t i = 0;
    int on = 1;
    char peer[CONN_PEER];
    name_peer(stream, fd, peer);
    while (i < (size_t)stream->conf.max_connections && stream->slots[i].conn)
        i++;
    if (i == (size_t)stream->conf.max_connections) {
        turn_away(stream, fd, peer);
        return;
    }
    if (!stream->path)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    struct conn *conn = conn_new(&stream->conf, fd, peer, on_ready);
    // Until it says HELLO it hears nothing.
    conn->asker = (struct asker){on_answer, stream, who_of(stream, i), true};
    stream->slots[i].conn = conn;
    stream->count++;
    conn_pause(conn, stream->paused);
    log_line(LOG_DEBUG, "INGEST-OPEN", "peer=%s", peer);
}

static void accept_again(struct stream *stream, bool yes) {
    if (stream->accepting == yes || stream->fd < 0)
        return;
    if (yes && loop_add_fd(stream->conf.loop, stream->fd, LOOP_READ, on_accept, stream))
        return;
    if (!yes)
        loop_remove_fd(stream->conf.loop, stream->fd);
    stream->accepting = yes;
}

static void on_accept(void *context, unsigned ready) {
    struct stream *stream = context;
    (void)ready;
    for (int i = 0; i < ACCEPT_SHARE; i++) {
        int fd = accept(stream->fd, NULL, NULL);
        if (fd >= 0) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
            fcntl(fd, F_SETFL, O_NONBLOCK);
            let_in(stream, fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
            log_line(LOG_ERROR, "INGEST-ACCEPT", "endpoint=%s reason=%s", stream->bound,
                     log_quote(strerror(errno), strlen(strerror(errno))));
            accept_again(stream, false); // the sweep tries again
        }
        if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

/* ---- the sweep ---- */

static void end_idle(struct stream *stream, size_t i, const char *why) {
    struct conn *conn = stream->slots[i].conn;
    conn_end(conn, "the connection fell silent: the text may be cut short");
    conn_refuse(conn, REFUSED_IDLE, why);
    mark(stream, i);
}

/* It was told to go, or does not read its answers. */
static bool overstays(const struct conn *conn, bool idle, int64_t quiet_ms) {
    return (conn->state == CONN_LINGERING && quiet_ms > CONN_LINGER_MS) ||
           (conn->state == CONN_ENDING && idle);
}

/* It has room that others wait for, and does not use it. */
static bool blocks(const struct stream *stream, const struct conn *conn, int64_t now_ms) {
    return conn->roomy && stream->waiting > 0 &&
           (now_ms - conn->active_ms > CONN_STALL_MS ||
            now_ms - conn->roomy_ms > CONN_LONG_MS);
}

static void sweep_one(struct stream *stream, size_t i, int64_t now_ms) {
    const struct conn *conn = stream->slots[i].conn;
    int64_t quiet_ms = now_ms - conn->active_ms;
    bool idle = stream->conf.idle_ms > 0 && quiet_ms > stream->conf.idle_ms;
    bool ours = stream->paused || conn->held || conn->waiting > 0; // to do, not its
    char why[120];
    if (overstays(conn, idle, quiet_ms)) {
        drop(stream, i);
    } else if (conn->state == CONN_OPEN && idle && !ours && !stream->slots[i].ticket) {
        snprintf(why, sizeof why, "nothing came for %lld ms; the connection closes",
                 (long long)stream->conf.idle_ms);
        end_idle(stream, i, why);
    } else if (conn->state == CONN_OPEN && !ours && blocks(stream, conn, now_ms)) {
        end_idle(stream, i,
                 "a long report came too slowly while others waited for its room; the "
                 "connection closes: send it again later");
    }
}

static bool may_be_shed(const struct conn *conn) {
    return conn && conn->state == CONN_OPEN && !conn->held &&
           framer_pending(conn->framer) >= SHED_BYTES;
}

/* Begins where it stopped the last time. */
static void shed_some(struct stream *stream) {
    size_t slots = (size_t)stream->conf.max_connections, left = stream->count / 8 + 1;
    for (size_t n = 0; n < slots && left > 0; n++) {
        size_t i = stream->shed_at++ % slots;
        if (!may_be_shed(stream->slots[i].conn))
            continue;
        conn_shed(stream->slots[i].conn, "memory is short; send it again later");
        mark(stream, i);
        left--;
    }
}

static void mind_memory(struct stream *stream, int64_t now_ms) {
    if (!memory_pressed(now_ms))
        stream->pressed_ms = 0;
    else if (!stream->pressed_ms)
        stream->pressed_ms = now_ms;
    else if (now_ms - stream->pressed_ms >= PRESSED_MS)
        shed_some(stream);
}

static void on_sweep(void *context) {
    struct stream *stream = context;
    int64_t now_ms = loop_now(stream->conf.loop);
    mind_memory(stream, now_ms);
    for (size_t i = 0; i < (size_t)stream->conf.max_connections; i++)
        if (stream->slots[i].conn)
            sweep_one(stream, i, now_ms);
    accept_again(stream, true);
}

/* ---- the source's table ---- */

static void stream_pause(struct source *source, bool stop) {
    struct stream *stream = (struct stream *)source;
    stream->paused = stop;
    for (size_t i = 0; i < (size_t)stream->conf.max_connections; i++)
        if (stream->slots[i].conn) {
            mark(stream, i);
            conn_pause(stream->slots[i].conn, stop);
        }
}

static void stream_flush(struct source *source) {
    struct stream *stream = (struct stream *)source;
    for (size_t n = 0; n < stream->dirty_count; n++) {
        size_t i = stream->dirty[n];
        stream->slots[i].dirty = false;
        if (stream->slots[i].conn && !conn_flush(stream->slots[i].conn))
            drop(stream, i);
        if (stream->slots[i].conn)
            review_room(stream, i);
    }
    stream->dirty_count = 0;
    give_rooms(stream);
}

static void stop_listening(struct stream *stream) {
    accept_again(stream, false);
    if (stream->fd < 0)
        return;
    close(stream->fd);
    stream->fd = -1;
    if (stream->path)
        unlink(stream->path);
}

static void stream_close(struct source *source) {
    struct stream *stream = (struct stream *)source;
    stop_listening(stream);
    for (size_t i = 0; i < (size_t)stream->conf.max_connections; i++) {
        struct conn *conn = stream->slots[i].conn;
        if (!conn || conn->state != CONN_OPEN)
            continue;
        conn_cut(conn, "ingest stopped");
        conn->state = CONN_ENDING;
        conn->held = false;
        mark(stream, i);
    }
}

static size_t stream_owed(const struct source *source) {
    const struct stream *stream = (const struct stream *)source;
    size_t owed = 0;
    for (size_t i = 0; i < (size_t)stream->conf.max_connections; i++) {
        const struct conn *conn = stream->slots[i].conn;
        if (conn && conn->state != CONN_LINGERING)
            owed += conn->out.len > 0 || conn->waiting > 0;
    }
    return owed;
}

static void stream_free(struct source *source) {
    struct stream *stream = (struct stream *)source;
    if (!stream)
        return;
    stop_listening(stream);
    for (size_t i = 0; i < (size_t)stream->conf.max_connections; i++)
        conn_free(stream->slots[i].conn);
    loop_timer_free(stream->sweep);
    free(stream->slots);
    free(stream->dirty);
    free(stream->path);
    free(stream);
}

static const struct source_ops stream_ops = {
    .pause = stream_pause,
    .flush = stream_flush,
    .close = stream_close,
    .owed = stream_owed,
    .free = stream_free,
};

static struct stream *stream_new(const struct source_conf *conf) {
    struct stream *stream = mem_zalloc(sizeof *stream);
    size_t max = (size_t)conf->max_connections;
    stream->source.ops = &stream_ops;
    stream->source.endpoint = stream->bound;
    stream->conf = *conf;
    stream->fd = -1;
    stream->rooms = conf->long_bytes / (2 * (conf->max_report + ROOM_BYTES));
    stream->rooms += stream->rooms == 0; // a buffer's capacity is up to twice its bytes
    stream->slots = mem_zalloc(max * sizeof *stream->slots);
    stream->dirty = mem_alloc(max * sizeof *stream->dirty);
    int64_t every_ms = conf->idle_ms > 0 && conf->idle_ms < 2 * SWEEP_MAX_MS
                           ? conf->idle_ms / 2 + 1
                           : SWEEP_MAX_MS;
    stream->sweep = loop_timer_new(conf->loop, every_ms, every_ms, on_sweep, stream);
    return stream;
}

static int start(struct stream *stream, int err, struct source **out) {
    if (err < 0) {
        stream_free(&stream->source);
        return err;
    }
    accept_again(stream, true);
    *out = &stream->source;
    return 0;
}

int source_tcp_new(const struct source_conf *conf, const char *address,
                   struct source **out, struct diag *diag) {
    struct stream *stream = stream_new(conf);
    int err = listen_tcp(address, &stream->fd, stream->bound, sizeof stream->bound, diag);
    return start(stream, err, out);
}

int source_unix_new(const struct source_conf *conf, const char *path, struct source **out,
                    struct diag *diag) {
    struct stream *stream = stream_new(conf);
    int err = listen_unix(path, &stream->fd, diag);
    if (err == 0)
        stream->path = mem_dup(path);
    snprintf(stream->bound, sizeof stream->bound, "%s", path);
    return start(stream, err, out);
}
