#include "proto/run/peers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/port.h"

#define TICK_MS    250
#define TURNS      64
#define MISSED     5
#define HIGH_WATER 10000
#define UNREAD     64 /* messages of one peer: who has credit never has so many */
#define ROUTE_MAX  32 /* libzmq's own routing ids have 5 bytes */
#define NAME_MAX_  96

struct member {
    struct peer peer; /* first: a struct peer * is a struct member * */
    char route[ROUTE_MAX];
    size_t route_len;
    char name[NAME_MAX_], software[NAME_MAX_], tagger[NAME_MAX_];
    uint64_t heard_count; /* messages received by then, of all peers */
    bool gone;
    struct member *next; /* among the gone */
};

struct peers {
    struct loop *loop;
    struct port *port;
    struct loop_timer *tick;
    struct peers_conf conf;
    const struct peers_calls *calls;
    void *context;
    struct member **members; /* those who are here, in the order they came */
    size_t count, cap;
    struct member *gone; /* freed at the next tick */
    int64_t beaten_ms, ticked_ms;
    uint64_t beats, received;
    struct buf out;
};

static struct member *find(struct peers *peers, struct view route) {
    for (size_t i = 0; i < peers->count; i++) {
        struct member *m = peers->members[i];
        if (view_eq(view_n(m->route, m->route_len), route))
            return m;
    }
    return NULL;
}

/* The member is told of at once, its memory goes at the next tick: the caller may stand
 * in the middle of its message. */
static void leave(struct peers *peers, struct member *m, const char *why) {
    size_t i = 0;

    if (m->gone)
        return;
    while (peers->members[i] != m)
        i++;
    peers->count--;
    memmove(peers->members + i, peers->members + i + 1,
            (peers->count - i) * sizeof *peers->members);
    m->gone = true;
    m->next = peers->gone;
    peers->gone = m;
    peers->calls->left(peers->context, &m->peer, why);
}

static void send_to(struct peers *peers, struct view route) {
    struct view message = buf_view(&peers->out);

    port_send(peers->port, route, &message, 1);
}

static void refuse(struct peers *peers, struct view route, enum refusal code,
                   const char *why) {
    struct member *m = find(peers, route);
    char who[NAME_MAX_];

    snprintf(who, sizeof who, "%s", m ? m->name : "unknown");
    buf_clear(&peers->out);
    refuse_put(&peers->out, code, view_of(why));
    send_to(peers, route);
    if (peers->calls->refused)
        peers->calls->refused(peers->context, who, why);
}

static void keep_text(char out[NAME_MAX_], struct view text) {
    size_t n = text.len < NAME_MAX_ ? text.len : NAME_MAX_ - 1;

    for (size_t i = 0; i < n; i++)
        out[i] = text.at[i] >= 0x20 && text.at[i] < 0x7F ? text.at[i] : '?';
    out[n] = 0;
}

static struct member *member_new(struct peers *peers, struct view route,
                                 const struct hello *hello) {
    struct member *m = mem_zalloc(sizeof *m);

    memcpy(m->route, route.at, route.len);
    m->route_len = route.len;
    keep_text(m->name, hello->name);
    keep_text(m->software, hello->software);
    keep_text(m->tagger, hello->tagger);
    m->heard_count = peers->received;
    m->peer = (struct peer){.role = hello->role,
                            .self = hello->self,
                            .name = m->name,
                            .software = m->software,
                            .tagger = m->tagger,
                            .heard_ms = clock_now(),
                            .since_ms = clock_now()};
    if (peers->count == peers->cap) {
        peers->cap = peers->cap ? peers->cap * 2 : 16;
        peers->members = mem_resize(peers->members, peers->cap, sizeof *peers->members);
    }
    peers->members[peers->count++] = m;
    return m;
}

/* A process that says HELLO again has a new connection: the old one is no more. */
static void drop_earlier(struct peers *peers, const struct hello *hello,
                         struct view route) {
    struct member *same_route = find(peers, route);

    if (same_route)
        leave(peers, same_route, "restarted");
    for (size_t i = peers->count; i-- > 0;)
        if (uuid_eq(peers->members[i]->peer.self, hello->self) &&
            peers->members[i]->peer.role == hello->role)
            leave(peers, peers->members[i], "restarted");
}

static void on_hello(struct peers *peers, struct view route, const struct frame *frame) {
    struct hello hello;
    struct member *m;

    if (hello_read(frame, &hello)) {
        refuse(peers, route, REFUSE_MALFORMED, "the HELLO cannot be read");
        return;
    }
    if (hello.role >= 32 || !(peers->conf.roles & 1u << hello.role)) {
        refuse(peers, route, REFUSE_ROLE, "this socket does not serve that role");
        return;
    }
    drop_earlier(peers, &hello, route);
    if (peers->count >= (size_t)peers->conf.max_peers) {
        refuse(peers, route, REFUSE_BUSY, "too many peers");
        return;
    }
    m = member_new(peers, route, &hello);
    buf_clear(&peers->out);
    welcome_put(&peers->out, &peers->conf.welcome);
    send_to(peers, route);
    peers->calls->joined(peers->context, &m->peer);
}

static void on_frame(struct peers *peers, struct member *m, const struct frame *frame) {
    if (frame->kind == FRAME_BYE) {
        leave(peers, m, "bye");
        return;
    }
    if (frame->kind == FRAME_HEARTBEAT)
        heartbeat_read(frame, &m->peer.beat);
    peers->calls->frame(peers->context, &m->peer, frame);
}

static void cannot_read(struct peers *peers, struct view route, int err) {
    struct member *m = find(peers, route);
    char why[120];

    if (err == ERR_VERSION) {
        snprintf(why, sizeof why,
                 "this side speaks protocol version %d: upgrade the older one",
                 FRAME_VERSION);
        refuse(peers, route, REFUSE_VERSION, why);
    } else {
        snprintf(why, sizeof why, "a frame cannot be read: %s", err_text(err));
        refuse(peers, route, REFUSE_MALFORMED, why);
    }
    if (m)
        leave(peers, m, "malformed");
}

static void on_message(struct peers *peers, struct view route, struct view message) {
    while (message.len) {
        struct frame frame;
        struct member *m;
        int err = frame_take(&message, &frame);
        if (err) {
            cannot_read(peers, route, err);
            return;
        }
        m = find(peers, route);
        if (frame.kind == FRAME_HELLO) {
            on_hello(peers, route, &frame);
        } else if (m) {
            m->peer.heard_ms = clock_now();
            m->heard_count = peers->received;
            on_frame(peers, m, &frame);
        } else {
            refuse(peers, route, REFUSE_STRANGER, "say HELLO first");
            return;
        }
    }
}

static void receive(void *context) {
    struct peers *peers = context;
    struct port_message message;

    if (port_receive(peers->port, &message) || message.peer.len > ROUTE_MAX)
        return;
    peers->received++;
    if (message.count != 1)
        refuse(peers, message.peer, REFUSE_MALFORMED, "a message is one part of frames");
    else
        on_message(peers, message.peer, message.parts[0]);
}

/* Short enough that a heartbeat is never later than was promised. */
static int64_t tick_ms(const struct peers *peers) {
    int64_t quarter = peers->conf.welcome.heartbeat_ms / 4;
    return quarter < 1 ? 1 : quarter < TICK_MS ? quarter : TICK_MS;
}

static void bury_the_gone(struct peers *peers) {
    while (peers->gone) {
        struct member *m = peers->gone;
        peers->gone = m->next;
        free(m);
    }
}

static void beat_all(struct peers *peers) {
    struct heartbeat beat = {.sequence = ++peers->beats};

    for (size_t i = 0; i < peers->count; i++) {
        struct member *m = peers->members[i];
        buf_clear(&peers->out);
        heartbeat_put(&peers->out, &beat);
        send_to(peers, view_n(m->route, m->route_len));
    }
}

/* Silent for too long, and not only unheard because we are slow: either nothing waits to
 * be read, or so much was read since (a ROUTER reads its peers by turns) that anything of
 * it would have come up. */
static bool is_silent(const struct peers *peers, const struct member *m, bool unread) {
    int64_t patience = (int64_t)peers->conf.welcome.heartbeat_ms * MISSED;
    uint64_t turns = (uint64_t)peers->count * TURNS;

    return clock_now() - m->peer.heard_ms > patience &&
           (!unread || peers->received - m->heard_count > turns);
}

/* Who was away (stopped, or starved of the processor) cannot judge who was silent. */
static void forgive(struct peers *peers, int64_t now) {
    if (now - peers->ticked_ms > 2 * (int64_t)peers->conf.welcome.heartbeat_ms)
        for (size_t i = 0; i < peers->count; i++)
            peers->members[i]->peer.heard_ms = now;
    peers->ticked_ms = now;
}

static void tick(void *context) {
    struct peers *peers = context;
    int64_t now = clock_now();
    bool unread = port_readable(peers->port);

    forgive(peers, now);

    for (size_t i = peers->count; i-- > 0;)
        if (is_silent(peers, peers->members[i], unread))
            leave(peers, peers->members[i], "silent");
    bury_the_gone(peers);
    if (now - peers->beaten_ms >= peers->conf.welcome.heartbeat_ms - tick_ms(peers)) {
        peers->beaten_ms = now;
        beat_all(peers);
    }
}

struct peers *peers_new(struct loop *loop, const struct peers_conf *conf,
                        const struct peers_calls *calls, void *context) {
    struct peers *peers = mem_zalloc(sizeof *peers);

    peers->loop = loop;
    peers->conf = *conf;
    peers->calls = calls;
    peers->context = context;
    peers->port = port_new(PORT_ROUTER, conf->max_message, HIGH_WATER);
    port_limit_in(peers->port, UNREAD);
    loop_add_port(loop, peers->port, receive, peers);
    peers->ticked_ms = clock_now();
    peers->tick = loop_timer_new(loop, tick_ms(peers), tick_ms(peers), tick, peers);
    return peers;
}

int peers_bind(struct peers *peers, const char *endpoint, struct diag *diag) {
    return port_bind(peers->port, endpoint, diag);
}

const char *peers_endpoint(const struct peers *peers) {
    return port_endpoint(peers->port);
}

void peers_free(struct peers *peers) {
    if (!peers)
        return;
    buf_clear(&peers->out);
    bye_put(&peers->out);
    for (size_t i = 0; i < peers->count; i++) {
        struct member *m = peers->members[i];
        send_to(peers, view_n(m->route, m->route_len));
        free(m);
    }
    bury_the_gone(peers);
    loop_timer_free(peers->tick);
    loop_remove_port(peers->loop, peers->port);
    port_free(peers->port);
    buf_release(&peers->out);
    free(peers->members);
    free(peers);
}

int peers_send(struct peers *peers, struct peer *peer, struct view frames) {
    struct member *m = (struct member *)(void *)peer;

    if (m->gone)
        return ERR_GONE;
    return port_send(peers->port, view_n(m->route, m->route_len), &frames, 1);
}

size_t peers_count(const struct peers *peers) { return peers->count; }

struct peer *peers_at(const struct peers *peers, size_t i) {
    return &peers->members[i]->peer;
}
