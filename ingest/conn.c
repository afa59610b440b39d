#include "ingest/conn.h"

#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn *conn_new(const struct source_conf *conf, int fd, const char *peer,
                      loop_fd_fn *ready) {
    struct conn *conn = mem_zalloc(sizeof *conn);
    const struct feed *feed = conf->feed;
    struct framer_conf framing = {
        .framing = framing_of_format(feed ? feed->format : NULL),
        .hello = true,
        .max_document = conf->max_report,
        .max_line = conf->max_line,
    };
    conn->conf = conf;
    conn->fd = fd;
    conn->framer = framer_new(&framing);
    conn->active_ms = loop_now(conf->loop);
    conn->ready = ready;
    conn->feed = feed ? mem_dup(feed->name.at) : NULL;
    conn->format = feed ? feed->format : NULL;
    snprintf(conn->peer, sizeof conn->peer, "%s", peer);
    return conn;
}

void conn_free(struct conn *conn) {
    if (!conn)
        return;
    if (conn->heard)
        loop_remove_fd(conn->conf->loop, conn->fd);
    close(conn->fd);
    framer_free(conn->framer);
    buf_release(&conn->out);
    free(conn->feed);
    free(conn);
}

/* ---- what is heard ---- */

/* How many bytes it may read now. */
static size_t may_read(const struct conn *conn) {
    size_t pending = framer_pending(conn->framer);
    if (conn->roomy || conn->state == CONN_LINGERING)
        return SIZE_MAX;
    return pending < CONN_SHORT_BYTES ? CONN_SHORT_BYTES - pending : 0;
}

static unsigned wanted(const struct conn *conn) {
    bool reads = conn->state == CONN_LINGERING ||
                 (conn->state == CONN_OPEN && !conn->paused &&
                  conn->out.len < CONN_OUT_BYTES && may_read(conn) > 0);
    return (reads ? LOOP_READ : 0) | (conn->out.len > 0 ? LOOP_WRITE : 0);
}

/* A connection that is not to be heard is taken off the loop, since a hang-up would be
 * reported for ever. False: it cannot be put on. */
static bool settle(struct conn *conn) {
    struct loop *loop = conn->conf->loop;
    unsigned events = wanted(conn);
    if (events == conn->heard)
        return true;
    if (events == 0)
        loop_remove_fd(loop, conn->fd);
    else if (conn->heard)
        loop_change_fd(loop, conn->fd, events);
    else if (loop_add_fd(loop, conn->fd, events, conn->ready, conn) < 0)
        return false;
    conn->heard = events;
    return true;
}

/* ---- in ---- */

static char *keep(struct view text) {
    struct buf copy = {0};
    if (text.len == 0)
        return NULL;
    buf_put_view(&copy, text);
    buf_text(&copy);
    return copy.at;
}

static void greet(struct conn *conn, const struct framed_hello *hello) {
    conn->greeted = true;
    conn->ack = hello->ack;
    conn->asker.deaf = !hello->ack;
    if (!conn->feed)
        conn->feed = keep(hello->source);
    if (hello->format.len > 0)
        conn->format = format_named(hello->format)->name;
    else if (!conn->format)
        conn->format = feeds_find(conn->conf->feeds, view_of(conn->feed))->format;
    if (hello->framing == FRAMING_AUTO && conn->format)
        framer_expect(conn->framer, framing_of_format(conn->format));
}

/* What all documents of the connection have in common. */
static struct document document_of(const struct conn *conn, struct view bytes,
                                   const char *format, uint64_t number) {
    return (struct document){
        .bytes = bytes,
        .format = view_of(conn->format ? conn->format : format),
        .feed = view_of(conn->feed),
        .peer = view_of(conn->peer),
        .ref = VIEW_LIT(""),
        .warning = conn->warning,
        .number = number,
    };
}

static void pass_on(struct conn *conn, const struct framed *framed) {
    struct document document =
        document_of(conn, framed->bytes, framed->format, framed->number);
    char both[300];
    if (framed->warning && conn->warning) {
        snprintf(both, sizeof both, "%s; %s", framed->warning, conn->warning);
        document.warning = both;
    } else if (framed->warning) {
        document.warning = framed->warning;
    }
    conn->waiting++;
    intake_take(conn->conf->intake, &document, conn->asker, clock_wall());
}

static void refuse(struct conn *conn, const struct framed *framed) {
    struct document document =
        document_of(conn, framed->beginning, framed->format, framed->number);
    char ref[24] = "-";
    if (framed->number > 0)
        snprintf(ref, sizeof ref, "#%" PRIu64, framed->number);
    if (framed->fatal) {
        conn->state = CONN_ENDING;
        conn->fatal = true;
        conn->ack = conn->ack || !conn->greeted; // only a HELLO can fail before a HELLO
    }
    struct refused refusal = {.code = framed->code,
                              .ref = view_of(ref),
                              .text = framed->why,
                              .bytes_in_all = framed->whole ? 0 : INTAKE_UNKNOWN};
    conn->waiting++;
    intake_refuse(conn->conf->intake, &document, conn->asker, &refusal, clock_wall());
}

void conn_refuse(struct conn *conn, int code, const char *why) {
    struct document document = document_of(conn, VIEW_LIT(""), NULL, 0);
    struct refused refusal = {.code = code, .ref = VIEW_LIT("-"), .text = why};
    conn->fatal = true;
    conn->waiting++;
    intake_refuse(conn->conf->intake, &document, conn->asker, &refusal, clock_wall());
}

/* The rest of its input will not come. Who asked for answers has none for what is left
 * and sends it again; from others it is all there will ever be. */
void conn_cut(struct conn *conn, const char *why) {
    struct view rest = framer_rest(conn->framer);
    struct document document = document_of(conn, rest, NULL, 0);
    char text[120];
    if (rest.len == 0 || conn->state != CONN_OPEN)
        return;
    log_line(LOG_WARN, "INGEST-CUT", "peer=%s bytes=%zu reason=%s", conn->peer, rest.len,
             log_quote(why, strlen(why)));
    if (conn->ack)
        return;
    snprintf(text, sizeof text, "cut off in the middle of a report: %s", why);
    struct refused refusal = {.code = REFUSED_MALFORMED,
                              .ref = VIEW_LIT("-"),
                              .text = text,
                              .bytes_in_all = INTAKE_UNKNOWN};
    intake_refuse(conn->conf->intake, &document, (struct asker){0}, &refusal,
                  clock_wall());
}

void conn_shed(struct conn *conn, const char *why) {
    conn_cut(conn, why);
    conn->state = CONN_ENDING;
    conn_refuse(conn, REFUSED_BUSY, why);
}

/* Passes on what is complete, as far as there is room. */
static void go_on(struct conn *conn) {
    struct framed framed;
    conn->held = true;
    while (intake_has_room(conn->conf->intake)) {
        conn->held = framer_next(conn->framer, &framed) == 0;
        if (!conn->held)
            break;
        if (framed.kind == FRAMED_HELLO)
            greet(conn, &framed.hello);
        else if (framed.kind == FRAMED_DOCUMENT)
            pass_on(conn, &framed);
        else if (framed.kind == FRAMED_PASSED)
            source_note_noise(conn->conf, conn->peer, framed.passed);
        else
            refuse(conn, &framed);
    }
    if (conn->ended && !conn->held)
        conn->state = CONN_ENDING;
    if (!conn->held)
        framer_trim(conn->framer);
}

void conn_end(struct conn *conn, const char *warning) {
    if (conn->state != CONN_OPEN || conn->ended)
        return;
    conn->ended = true;
    conn->warning = warning;
    framer_end(conn->framer);
    go_on(conn);
}

void conn_pause(struct conn *conn, bool stop) {
    conn->paused = stop;
    conn->active_ms = loop_now(conn->conf->loop);
    if (!stop && conn->held)
        go_on(conn);
    settle(conn);
}

static bool broke(struct conn *conn) {
    conn_cut(conn, strerror(errno));
    return false;
}

bool conn_wants_room(const struct conn *conn) {
    return conn->state == CONN_OPEN && !conn->held && may_read(conn) == 0;
}

bool conn_needs_room(const struct conn *conn) {
    return framer_pending(conn->framer) >= CONN_SHORT_BYTES;
}

void conn_set_room(struct conn *conn, bool roomy) {
    conn->roomy = roomy;
    conn->roomy_ms = loop_now(conn->conf->loop);
    if (roomy)
        conn->active_ms = conn->roomy_ms;
    settle(conn);
}

bool conn_read(struct conn *conn, char *room, size_t size) {
    size_t most = may_read(conn);
    ssize_t n;
    if (most == 0)
        return true;
    n = read(conn->fd, room, size < most ? size : most);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR || broke(conn);
    if (conn->state == CONN_LINGERING)
        return n > 0;
    conn->active_ms = loop_now(conn->conf->loop);
    if (n == 0) {
        conn_end(conn, NULL);
        return true;
    }
    framer_feed(conn->framer, view_n(room, (size_t)n));
    go_on(conn);
    return true;
}

/* ---- out ---- */

void conn_answer(struct conn *conn, const struct answer *answer) {
    if (conn->waiting > 0)
        conn->waiting--;
    if (!conn->ack)
        return;
    answer_line(answer, &conn->out);
    buf_put_u8(&conn->out, '\n');
}

static bool write_out(struct conn *conn) {
    size_t done = 0;
    while (done < conn->out.len) {
        ssize_t n = send(conn->fd, conn->out.at + done, conn->out.len - done,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return broke(conn);
        if (n < 0)
            break;
        done += (size_t)n;
        conn->active_ms = loop_now(conn->conf->loop);
    }
    buf_drop(&conn->out, done);
    return true;
}

bool conn_flush(struct conn *conn) {
    if (!write_out(conn))
        return false;
    bool owed = conn->out.len > 0 || (conn->ack && conn->waiting > 0);
    if (conn->state == CONN_ENDING && !owed) {
        if (!conn->fatal || !conn->ack)
            return false;
        shutdown(conn->fd, SHUT_WR);
        conn->state = CONN_LINGERING;
        conn->active_ms = loop_now(conn->conf->loop);
    }
    return settle(conn);
}
