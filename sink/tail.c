/* wiretag tail: events as they come, for people on a terminal, as lines into a pipe.
 *
 * It subscribes to the query and to "?" with the query, which the sink answers at once
 * and each second with how far the query's stream has come. By the first answer it knows
 * that it is live, by the others that it has missed the last events, or lost the sink. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/run/log.h"
#include "proto/run/loop.h"
#include "proto/run/place.h"
#include "proto/run/port.h"
#include "proto/run/settings.h"
#include "sink/print.h"
#include "sink/publish.h"
#include "sink/show.h"

#define QUEUE        10000
#define EVENT_MAX    (64u << 20)
#define TICK_MS      500
#define SILENCE_MS   5000 /* heads come each second */
#define EXIT_TIME_UP 3

struct tail {
    struct loop *loop;
    struct port *port;
    const char *endpoint;
    struct buf query, asks; /* the query, and "?" before it */
    struct uuid epoch;
    uint64_t last; /* sequence number of the last event, or of the stream at the start */
    bool live;     /* the sink has answered */
    bool silent;   /* and is not heard any more; said once */
    int64_t heard_ms, started_ms;
    uint64_t shown, missed;
    struct print *print;
    struct buf out;
};

static const char *data, *endpoint;
static struct print_conf look = {.verb = "tail"};
static int64_t count, timeout_ms;

static struct setting settings[] = {
    {"data", 'd', SETTING_TEXT, &data, NULL, "DIR",
     "The data directory of a sink on this machine [$WIRETAG_DATA, else "
     "~/.local/state/wiretag]",
     0, 0, NULL},
    {"connect", 'c', SETTING_TEXT, &endpoint, NULL, "ENDPOINT",
     "A sink anywhere, such as tcp://wire1:7003 [ipc://DIR/events.sock]", 0, 0, NULL},
    {"count", 'n', SETTING_NUMBER, &count, "0", "N", "Stop after N events; 0: go on", 0,
     0, NULL},
    {"timeout", 't', SETTING_TIME, &timeout_ms, "0s", "TIME",
     "Stop after TIME; 0s: go on", 0, 0, NULL},
    PRINT_SETTINGS(look),
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "could not connect or write"},
    {EXIT_TIME_UP, "the time was up before N events had come"},
    {0, NULL}};

static const struct program program = {
    .verb = "tail",
    .summary = "watch tagged events as they come",
    .operands = "[QUERY]...",
    .description =
        "Shows each event that the sink publishes from now on. Without a QUERY that is "
        "every event. Waits for a sink that is not there yet and finds it again after a "
        "restart; says on standard error when it missed events.\n\n"
        "A script knows that the subscription is live when \"subscribers\" of the sink "
        "in "
        "wiretag status --json has gone up.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples = "  wiretag tail --data ./wire\n"
                "  wiretag tail -n 10 | jq .headline\n"
                "  wiretag tail --as geojson > places.geojsonl\n"
                "  wiretag tail --as ninjs --out /srv/hotfolder\n"
                "  wiretag tail --connect tcp://wire1:7003\n"};

/* ---- words to the user ---- */

/* For people who watch, not for logs. */
static void remark(const char *format_, const char *argument) {
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, format_, argument);
    fputc('\n', stderr);
}

static void note_missed(struct tail *tail, uint64_t from, uint64_t to) {
    uint64_t n = to - from;

    tail->missed += n;
    fprintf(stderr, "wiretag tail: missed %" PRIu64 " event%s\n", n, n == 1 ? "" : "s");
}

static void say_summary(const struct tail *tail) {
    int64_t seconds = (loop_now(tail->loop) - tail->started_ms) / 1000;

    if (isatty(STDERR_FILENO))
        fprintf(stderr,
                "\n%" PRIu64 " event%s in %" PRId64 " min %" PRId64 " s, %" PRIu64
                " missed\n",
                tail->shown, tail->shown == 1 ? "" : "s", seconds / 60, seconds % 60,
                tail->missed);
}

/* ---- messages ---- */

static void put_out(struct tail *tail, struct view json, uint64_t offset) {
    int err = print_event(tail->print, json, offset);

    if (!err)
        err = print_flush(tail->print);
    if (err)
        loop_stop(tail->loop, err == ERR_GONE ? 0 : EXIT_FAILED);
}

/* A sink that started anew counts from 1. */
static void follow_epoch(struct tail *tail, const struct publish_header *header) {
    if (tail->live && !uuid_eq(header->epoch, tail->epoch)) {
        fputs("wiretag tail: the sink has a new journal\n", stderr);
        tail->last = 0;
    }
    tail->epoch = header->epoch;
}

static void on_head(struct tail *tail, const struct publish_header *header) {
    follow_epoch(tail, header);
    if (!tail->live)
        remark("listening on %s", tail->endpoint);
    else if (header->sequence > tail->last)
        note_missed(tail, tail->last, header->sequence);
    tail->live = true;
    tail->last = header->sequence;
}

static void on_event(struct tail *tail, const struct publish_header *header,
                     struct view json) {
    follow_epoch(tail, header);
    if (tail->live && header->sequence <= tail->last)
        return; // had it before
    if (tail->live && header->sequence > tail->last + 1)
        note_missed(tail, tail->last, header->sequence - 1);
    tail->live = true;
    tail->last = header->sequence;
    tail->shown++;
    put_out(tail, json, header->offset);
    if (count && tail->shown == (uint64_t)count)
        loop_stop(tail->loop, 0);
}

/* False: it is no error. */
static bool on_error(struct tail *tail, struct view json) {
    buf_clear(&tail->out);
    if (show_error(json, &tail->out))
        return false;
    fprintf(stderr, "wiretag tail: %s\n", buf_text(&tail->out));
    loop_stop(tail->loop, EXIT_USAGE);
    return true;
}

static bool is_topic(struct view topic, const struct buf *query) {
    return topic.len == query->len + 1 && topic.at[topic.len - 1] == 0 &&
           view_eq(view_n(topic.at, query->len), buf_view(query));
}

static void on_message(void *context) {
    struct tail *tail = context;
    struct port_message message;
    struct publish_header header;

    if (port_receive(tail->port, &message) || message.count != 3 ||
        publish_header_read(message.parts[1], &header))
        return;
    tail->heard_ms = loop_now(tail->loop);
    if (tail->silent)
        remark("the sink is back%s", "");
    tail->silent = false;
    if (is_topic(message.parts[0], &tail->query) && header.sequence)
        on_event(tail, &header, message.parts[2]);
    else if (is_topic(message.parts[0], &tail->query))
        on_error(tail, message.parts[2]);
    else if (is_topic(message.parts[0], &tail->asks) && !on_error(tail, message.parts[2]))
        on_head(tail, &header);
}

static void tick(void *context) {
    struct tail *tail = context;
    int64_t now = loop_now(tail->loop);

    if (tail->silent || now - tail->heard_ms < SILENCE_MS)
        return;
    tail->silent = true;
    fprintf(stderr,
            "wiretag tail: %s %s; waiting (wiretag status tells whether it runs)\n",
            tail->live ? "no sign of the sink any more at" : "no sink yet at",
            tail->endpoint);
}

static void time_is_up(void *context) {
    loop_stop(((struct tail *)context)->loop, count ? EXIT_TIME_UP : 0);
}

static void on_signal(void *context, int signal) {
    struct tail *tail = context;

    if (signal == SIGINT || signal == SIGTERM)
        loop_stop(tail->loop, 0);
}

/* ---- start ---- */

/* Several words are one query, as a shell hands them over. */
static void join_query(struct tail *tail, char **words, int n) {
    for (int i = 0; i < n; i++) {
        if (i)
            buf_put_u8(&tail->query, ' ');
        buf_put_text(&tail->query, words[i]);
    }
    buf_put_u8(&tail->asks, '?');
    buf_put_view(&tail->asks, buf_view(&tail->query));
}

static int connect_to_sink(struct tail *tail, struct diag *diag) {
    int err;

    tail->endpoint = endpoint ? endpoint : place_ipc(data, "events.sock", diag);
    if (!tail->endpoint)
        return ERR_TOO_BIG;
    tail->port = port_new(PORT_SUB, EVENT_MAX, QUEUE);
    err = port_connect(tail->port, tail->endpoint, diag);
    if (err)
        return err;
    port_subscribe(tail->port, buf_view(&tail->query));
    port_subscribe(tail->port, buf_view(&tail->asks));
    loop_add_port(tail->loop, tail->port, on_message, tail);
    return 0;
}

static void release(struct tail *tail) {
    if (tail->port)
        loop_remove_port(tail->loop, tail->port);
    port_free(tail->port);
    loop_free(tail->loop);
    buf_release(&tail->query);
    buf_release(&tail->asks);
    print_free(tail->print);
    buf_release(&tail->out);
    port_shutdown();
}

int main(int argc, char **argv) {
    struct tail tail = {0};
    struct diag diag = {0};
    char **words;
    int code = EXIT_FAILED, err;
    int n = settings_read(&program, argc, argv, &words);

    if (!data)
        data = place_standard();
    err = print_new(&look, &tail.print, &diag);
    if (err) {
        fprintf(stderr, "wiretag tail: %s\n", diag.text);
        return err == ERR_FORMAT ? EXIT_USAGE : EXIT_FAILED;
    }
    join_query(&tail, words, n);
    tail.loop = loop_new();
    tail.started_ms = tail.heard_ms = loop_now(tail.loop);
    if (connect_to_sink(&tail, &diag)) {
        fprintf(stderr, "wiretag tail: %s\n", diag.text);
    } else {
        loop_on_signal(tail.loop, on_signal, &tail);
        loop_timer_new(tail.loop, TICK_MS, TICK_MS, tick, &tail);
        if (timeout_ms)
            loop_timer_new(tail.loop, timeout_ms, 0, time_is_up, &tail);
        code = loop_run(tail.loop);
        if (!code && print_end(tail.print) == ERR_SYSTEM)
            code = EXIT_FAILED;
        say_summary(&tail);
    }
    release(&tail);
    return code;
}
