/* A ZeroMQ ROUTER for feeders. Back-pressure is not reading: the feeders' queues fill up.
 * What libzmq holds of each feeder meanwhile is bounded: UNREAD messages of at most twice
 * --max-report. It counts no bytes and no feeders, so the bound of all is --memory. */
#include "ingest/source.h"
#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/log.h"
#include "proto/run/port.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HIGH_WATER (2 * INTAKE_GROUP) /* answers on their way to one feeder */
#define UNREAD     16                 /* messages of one feeder that wait to be read */
#define ROUTE_MAX  255                /* bytes of a routing id */

/* Where an answer goes. Answers come in the order of the documents, so a queue will do.
 */
struct envelope {
    bool delimiter; /* it wrote to us as REQ does */
    uint8_t route_len;
    char route[ROUTE_MAX];
};

struct feeders {
    struct source source;
    struct source_conf conf;
    struct port *port;
    char bound[256];
    bool listening, closed;
    uint64_t number;
    uint64_t unheard;                   /* answers nobody took */
    struct envelope owed[INTAKE_GROUP]; /* a ring: the intake never owes more */
    size_t first, count;
    struct buf line, parts;
};

static void send_answer(struct feeders *feeders, const struct envelope *to,
                        struct view line) {
    struct view parts[2] = {VIEW_LIT(""), line};
    struct view route = view_n(to->route, to->route_len);
    int err = to->delimiter ? port_send(feeders->port, route, parts, 2)
                            : port_send(feeders->port, route, &line, 1);
    if (err < 0 && feeders->unheard++ == 0)
        log_line(LOG_WARN, "INGEST-UNHEARD",
                 "endpoint=%s reason=\"a feeder did not take an answer: it has left or "
                 "does not read; said once\"",
                 feeders->bound);
}

static void on_answer(void *context, uint64_t who, const struct answer *answer) {
    struct feeders *feeders = context;
    const struct envelope *to = &feeders->owed[feeders->first];
    (void)who;
    buf_clear(&feeders->line);
    answer_line(answer, &feeders->line);
    send_answer(feeders, to, buf_view(&feeders->line));
    feeders->first = (feeders->first + 1) % INTAKE_GROUP;
    feeders->count--;
}

static struct asker owe(struct feeders *feeders, struct view route, bool delimiter) {
    struct envelope *to =
        &feeders->owed[(feeders->first + feeders->count++) % INTAKE_GROUP];
    to->delimiter = delimiter;
    to->route_len = (uint8_t)route.len;
    memcpy(to->route, route.at, route.len);
    return (struct asker){on_answer, feeders, 0, false};
}

static void refuse(struct feeders *feeders, struct asker asker,
                   const struct document *document, int code, const char *why) {
    char number[24];
    snprintf(number, sizeof number, "#%" PRIu64, feeders->number);
    struct refused refusal = {.code = code,
                              .ref =
                                  document->ref.len > 0 ? document->ref : view_of(number),
                              .text = why};
    intake_refuse(feeders->conf.intake, document, asker, &refusal, clock_wall());
}

static struct document document_of(const struct feeders *feeders, struct view ref,
                                   struct view bytes) {
    return (struct document){
        .bytes = bytes,
        .format = VIEW_LIT(""),
        .feed = VIEW_LIT(""),
        .peer = view_of(feeders->bound),
        .ref = ref,
        .number = feeders->number,
    };
}

static void take(struct feeders *feeders, struct asker asker, struct view ref,
                 struct view bytes) {
    struct document document = document_of(feeders, ref, bytes);
    char why[80];
    snprintf(why, sizeof why, "report is longer than %zu bytes",
             feeders->conf.max_report);
    if (bytes.len > feeders->conf.max_report)
        refuse(feeders, asker, &document, REFUSED_TOO_BIG, why);
    else
        intake_take(feeders->conf.intake, &document, asker, clock_wall());
}

/* The parts of what is no message of ours, back to back. */
static void refuse_parts(struct feeders *feeders, struct asker asker,
                         const struct view *parts, int count) {
    buf_clear(&feeders->parts);
    for (int i = 0; i < count; i++)
        buf_put_view(&feeders->parts, parts[i]);
    struct document document =
        document_of(feeders, VIEW_LIT(""), buf_view(&feeders->parts));
    refuse(feeders, asker, &document, REFUSED_MALFORMED, "a message is [ref] document");
    buf_release(&feeders->parts);
}

static void on_message(void *context) {
    struct feeders *feeders = context;
    struct port_message message;
    if (!intake_has_room(feeders->conf.intake))
        return; // the owner will pause us at the end of this turn
    if (port_receive(feeders->port, &message) != 0 || message.peer.len > ROUTE_MAX)
        return;
    bool delimiter = message.count > 1 && message.parts[0].len == 0;
    const struct view *parts = message.parts + delimiter;
    int count = message.count - delimiter;
    struct asker asker = owe(feeders, message.peer, delimiter);
    feeders->number++;
    if (count == 1 || count == 2)
        take(feeders, asker, count == 2 ? parts[0] : VIEW_LIT(""), parts[count - 1]);
    else
        refuse_parts(feeders, asker, parts, count);
}

static void listen_to(struct feeders *feeders, bool yes) {
    if (feeders->listening == yes)
        return;
    if (yes)
        loop_add_port(feeders->conf.loop, feeders->port, on_message, feeders);
    else
        loop_remove_port(feeders->conf.loop, feeders->port);
    feeders->listening = yes;
}

static void feeders_pause(struct source *source, bool stop) {
    struct feeders *feeders = (struct feeders *)source;
    listen_to(feeders, !stop && !feeders->closed);
}

static void feeders_flush(struct source *source) { (void)source; }

static void feeders_close(struct source *source) {
    struct feeders *feeders = (struct feeders *)source;
    feeders->closed = true;
    listen_to(feeders, false);
}

static size_t feeders_owed(const struct source *source) {
    return ((const struct feeders *)source)->count;
}

static void feeders_free(struct source *source) {
    struct feeders *feeders = (struct feeders *)source;
    if (!feeders)
        return;
    listen_to(feeders, false);
    port_free(feeders->port);
    buf_release(&feeders->line);
    free(feeders);
}

static const struct source_ops feeders_ops = {
    .pause = feeders_pause,
    .flush = feeders_flush,
    .close = feeders_close,
    .owed = feeders_owed,
    .free = feeders_free,
};

int source_zmq_new(const struct source_conf *conf, const char *endpoint,
                   struct source **out, struct diag *diag) {
    struct feeders *feeders = mem_zalloc(sizeof *feeders);
    feeders->source.ops = &feeders_ops;
    feeders->source.endpoint = feeders->bound;
    feeders->conf = *conf;
    // libzmq cuts off whoever sends more than its limit: leave room to say ERR 413.
    feeders->port = port_new(PORT_ROUTER, 2 * conf->max_report + 65536, HIGH_WATER);
    port_limit_in(feeders->port, UNREAD);
    int err = port_bind(feeders->port, endpoint, diag);
    if (err < 0) {
        feeders_free(&feeders->source);
        return err;
    }
    snprintf(feeders->bound, sizeof feeders->bound, "%s", port_endpoint(feeders->port));
    listen_to(feeders, true);
    *out = &feeders->source;
    return 0;
}
