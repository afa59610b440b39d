#include "proto/run/link.h"

#include <stdlib.h>

#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/port.h"

#define TICK_MS        250
#define HELLO_EVERY_MS 1000
#define MISSED         5     /* heartbeats, then the other side is dead */
#define HIGH_WATER     10000 /* credit keeps queues far below */

struct link {
    struct loop *loop;
    struct port *port;
    struct loop_timer *tick;
    char *endpoint;
    struct buf hello; /* the frame, as sent */
    const struct link_calls *calls;
    void *context;
    bool up, refused;
    uint32_t heartbeat_ms;
    int64_t heard_ms, said_ms, ticked_ms;
    uint64_t beats;
    struct buf out;
};

static void receive(void *context);

static int open_port(struct link *link, struct diag *diag) {
    int err;

    link->port = port_new(PORT_DEALER, FRAME_MAX_BYTES, HIGH_WATER);
    err = port_connect(link->port, link->endpoint, diag);
    if (err) {
        port_free(link->port);
        link->port = NULL;
        return err;
    }
    loop_add_port(link->loop, link->port, receive, link);
    link->heard_ms = clock_now();
    link->said_ms = 0;
    return 0;
}

static void close_port(struct link *link) {
    if (!link->port)
        return;
    loop_remove_port(link->loop, link->port);
    port_free(link->port);
    link->port = NULL;
}

static void say_hello(struct link *link) {
    struct view message = buf_view(&link->hello);

    if (port_send(link->port, view_of(NULL), &message, 1) == 0)
        link->said_ms = clock_now();
}

static void go_down(struct link *link, const char *why) {
    if (!link->up)
        return;
    link->up = false;
    if (link->calls->down)
        link->calls->down(link->context, why);
}

/* Short enough that a heartbeat is never later than was promised. */
static int64_t tick_ms(const struct link *link) {
    int64_t quarter = link->heartbeat_ms / 4;
    return quarter < 1 ? 1 : quarter < TICK_MS ? quarter : TICK_MS;
}

static void on_welcome(struct link *link, const struct frame *frame) {
    struct welcome welcome;

    if (link->up || welcome_read(frame, &welcome))
        return;
    link->up = true;
    link->heartbeat_ms = welcome.heartbeat_ms;
    loop_timer_set(link->tick, tick_ms(link), tick_ms(link));
    link->calls->up(link->context, &welcome);
}

static void on_refuse(struct link *link, const struct frame *frame) {
    char why[200];
    size_t len = frame->body.len < sizeof why ? frame->body.len : sizeof why - 1;

    memcpy(why, frame->body.at, len);
    why[len] = 0;
    go_down(link, why);
    if (frame->number == REFUSE_STRANGER)
        say_hello(link);
    else if (frame->number == REFUSE_VERSION || frame->number == REFUSE_ROLE) {
        link->refused = true;
        link->calls->refused(link->context, why);
    }
}

static void on_frame(struct link *link, const struct frame *frame) {
    switch (frame->kind) {
        case FRAME_WELCOME:
            on_welcome(link, frame);
            break;
        case FRAME_REFUSE:
            on_refuse(link, frame);
            break;
        case FRAME_BYE:
            go_down(link, "it said goodbye");
            break;
        case FRAME_HEARTBEAT:
            break;
        default:
            if (link->up)
                link->calls->frame(link->context, frame);
    }
}

static void receive(void *context) {
    struct link *link = context;
    struct port_message message;

    if (port_receive(link->port, &message) || message.count < 1)
        return;
    link->heard_ms = clock_now();
    while (message.parts[0].len) {
        struct frame frame;
        int err = frame_take(&message.parts[0], &frame);
        if (err) {
            go_down(link, err_text(err));
            return;
        }
        on_frame(link, &frame);
    }
}

static void tick(void *context) {
    struct link *link = context;
    int64_t now = clock_now();

    if (link->refused)
        return;
    if (link->up && now - link->ticked_ms > 2 * (int64_t)link->heartbeat_ms)
        link->heard_ms = now; /* we were away ourselves and cannot judge */
    link->ticked_ms = now;
    /* What has come but was not read yet counts as heard: we were the slow ones. */
    if (link->up && now - link->heard_ms > (int64_t)link->heartbeat_ms * MISSED &&
        !port_readable(link->port)) {
        close_port(link);
        go_down(link, "silent");
    }
    if (!link->port && open_port(link, NULL))
        return;
    if (link->up)
        link_beat(link);
    else if (now - link->said_ms >= HELLO_EVERY_MS)
        say_hello(link);
}

int link_new(struct loop *loop, const char *endpoint, const struct hello *hello,
             const struct link_calls *calls, void *context, struct link **out,
             struct diag *diag) {
    struct link *link = mem_zalloc(sizeof *link);
    int err;

    link->loop = loop;
    link->endpoint = mem_dup(endpoint);
    link->calls = calls;
    link->context = context;
    hello_put(&link->hello, hello);
    err = open_port(link, diag);
    if (err) {
        link_free(link);
        return err;
    }
    link->tick = loop_timer_new(loop, 0, TICK_MS, tick, link);
    *out = link;
    return 0;
}

void link_free(struct link *link) {
    if (!link)
        return;
    if (link->up) {
        buf_clear(&link->out);
        bye_put(&link->out);
        link_send(link, buf_view(&link->out));
    }
    loop_timer_free(link->tick);
    close_port(link);
    buf_release(&link->hello);
    buf_release(&link->out);
    free(link->endpoint);
    free(link);
}

bool link_is_up(const struct link *link) { return link->up; }

const char *link_endpoint(const struct link *link) { return link->endpoint; }

int link_send(struct link *link, struct view frames) {
    int err = link->up ? port_send(link->port, view_of(NULL), &frames, 1) : ERR_AGAIN;

    if (!err)
        link->said_ms = clock_now();
    return err;
}

void link_beat(struct link *link) {
    struct heartbeat beat = {0};

    if (!link->up || clock_now() - link->said_ms < link->heartbeat_ms - tick_ms(link))
        return;
    if (link->calls->progress)
        link->calls->progress(link->context, &beat);
    beat.sequence = ++link->beats;
    buf_clear(&link->out);
    heartbeat_put(&link->out, &beat);
    link_send(link, buf_view(&link->out));
}
