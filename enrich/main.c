/* wiretag enrich: takes reports from ingests, tags them, gives the events to the sink.
 *
 *     WORK in ──▶ tag ──▶ kept ──▶ RESULT out ──▶ COMMIT in: let go, CREDIT to the ingest
 *
 * Nothing is on disk here: whatever is lost with this process, the ingest still has. What
 * is in flight is bounded by the credit given to the ingests (--window), which comes back
 * only when the sink has committed. One thread: a report that hangs the tagger silences
 * the heartbeats, and the ingest hands its work to others. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enrich/kept.h"
#include "enrich/tagger.h"
#include "proto/crc32c.h"
#include "proto/mem.h"
#include "proto/run/control.h"
#include "proto/run/crash.h"
#include "proto/run/link.h"
#include "proto/run/log.h"
#include "proto/run/memory.h"
#include "proto/run/place.h"
#include "proto/run/port.h"
#include "proto/run/settings.h"

#define BATCH_BYTES (256 * 1024)
#define NACK_TEXT   160 /* passed on of what the sink says */
#define DRAIN_MS    50  /* how often a stopping enricher looks whether it is done */

struct enricher;

struct upstream { /* one ingest */
    struct enricher *enricher;
    struct link *link;
    uint32_t number, session;
    struct credit owed; /* to be given back at the turn's end */
};

struct enricher {
    struct loop *loop;
    struct tagger *tagger;
    struct arena arena; /* for writing one event */
    struct upstream *upstreams;
    size_t upstream_count;
    struct link *sink;
    struct account sink_credit;
    struct kept_list kept;
    struct buf batch, small; /* results on their way out; other frames */
    struct control *control;
    struct heartbeat progress;
    uint64_t events;
    struct loop_timer *drain;
    int64_t drain_until_ms, worked_ms;
    bool stopping;
};

static const char *data, *sink_at, *gazetteer, *name;
static struct setting_list ingests;
static int64_t window, window_bytes, drain_ms, memory;

static struct setting settings[] = {
    {"data", 'd', SETTING_TEXT, &data, NULL, "DIR",
     "The data directory shared with ingest and sink of this machine [$WIRETAG_DATA, "
     "else "
     "~/.local/state/wiretag]",
     0, 0, NULL},
    {"ingest", 'i', SETTING_LIST, &ingests, NULL, "ENDPOINT",
     "An ingest to take work from, such as tcp://host:7004 [ipc://DIR/work.sock]", 0, 0,
     NULL},
    {"sink", 's', SETTING_TEXT, &sink_at, NULL, "ENDPOINT",
     "The sink to give events to, such as tcp://host:7005 [ipc://DIR/results.sock]", 0, 0,
     NULL},
    {"gazetteer", 'g', SETTING_TEXT, &gazetteer, NULL, "FILE",
     "The compiled gazetteer [the one installed with the program]", 0, 0, NULL},
    {"window", 'w', SETTING_NUMBER, &window, "64", "N",
     "Reports in flight from each ingest, tagged or not, until the sink has them", 1,
     4096, NULL},
    {"window-bytes", 0, SETTING_BYTES, &window_bytes, "8MiB", "BYTES",
     "The same in bytes", 4096, INT64_C(1) << 32, NULL},
    {"memory", 0, SETTING_BYTES, &memory, "256MiB", "BYTES",
     "Memory this process may take; at eight tenths it asks for no more work",
     MEMORY_LEAST, INT64_C(1) << 44, NULL},
    {"name", 0, SETTING_TEXT, &name, NULL, "NAME", "What status calls it [enrich-PID]", 0,
     0, NULL},
    {"drain", 0, SETTING_TIME, &drain_ms, "10s", "TIME",
     "How long to wait for the sink when stopping", 0, 0, NULL},
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "could not start: the message says why"},
    {3, "ingest or sink speaks another protocol version"},
    {0, NULL}};
#define EXIT_REFUSED 3

static const struct program program = {
    .verb = "enrich",
    .summary = "tag the reports that an ingest hands out",
    .description =
        "Connects to one or more ingests and one sink, on this machine or others, and "
        "tags "
        "reports until it is stopped. Run as many as there are cores; they may come and "
        "go "
        "at any time. What one has not finished when it dies is given to another.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples = "  wiretag enrich --ingest tcp://wire1:7004 --sink tcp://wire1:7005\n"};

/* ---- results ---- */

static void send_results(struct enricher *e) {
    while (link_is_up(e->sink) && e->kept.unsent) {
        struct kept *first = e->kept.unsent;
        struct account credit = e->sink_credit;
        buf_clear(&e->batch);
        if (!kept_send(&e->kept, &credit, &e->batch, BATCH_BYTES))
            return;
        crash_point("enrich-before-result");
        if (link_send(e->sink, buf_view(&e->batch))) {
            e->kept.unsent = first; /* the queue is full: next turn */
            return;
        }
        crash_point("enrich-after-result");
        e->sink_credit = credit;
    }
}

static void beat(struct enricher *e) {
    for (size_t i = 0; i < e->upstream_count; i++)
        link_beat(e->upstreams[i].link);
    link_beat(e->sink);
}

struct writing {
    struct enricher *enricher;
    struct buf *out;
};

static void write_event(void *context, const struct event *event) {
    struct writing *w = context;
    const struct report *report = event->report;
    struct result_story story = {
        .guid = event->guid,
        .version = report->version ? report->version : 1, // as event_write says it
        .part = event->part.n,
        .parts = event->part.of,
        .canceled = event_cancels(event),
        .embargo_ms = report->embargo_ms,
    };
    size_t begun = result_begin(w->out, &story);

    event_write(event, w->out, &w->enricher->arena);
    result_end(w->out, begun);
    arena_clear(&w->enricher->arena);
    w->enricher->events++;
}

/* The transport id as text: what the event's id begins with. */
static struct view id_text(const struct report_id *id, char out[HEX16 + 24]) {
    int n;

    hex16(id->journal.bytes, out);
    n = snprintf(out + HEX16 - 1, 24, "-%" PRIu64, id->index);
    return view_n(out, HEX16 - 1 + (size_t)n);
}

static void nack(struct upstream *u, struct report_id id, enum nack class_,
                 const char *why) {
    buf_clear(&u->enricher->small);
    nack_put(&u->enricher->small, id, class_, view_of(why));
    link_send(u->link, buf_view(&u->enricher->small)); // lost, the lease's end will tell
}

static void tag(struct upstream *u, const struct frame *work,
                const struct report *report) {
    struct enricher *e = u->enricher;
    struct kept *kept = kept_add(&e->kept);
    struct writing writing = {e, &kept->frame};
    char id[HEX16 + 24];
    size_t begun =
        frame_begin(&kept->frame, FRAME_RESULT, crc32c(0, work->body), work->id);

    kept->id = work->id;
    kept->report_bytes = work->body.len;
    kept->source = u->number;
    kept->session = u->session;
    tagger_tag(e->tagger, report, id_text(&work->id, id), write_event, &writing);
    frame_end(&kept->frame, begun);
}

static void on_work(struct upstream *u, const struct frame *work) {
    struct enricher *e = u->enricher;
    struct diag diag = {0};
    struct report report;

    e->progress.started = work->id.index;
    if (report_decode(work->body, &report, &diag)) {
        log_line(LOG_ERROR, "ENRICH-POISON", "index=%" PRIu64 " reason=\"%s\"",
                 work->id.index, diag.text);
        nack(u, work->id, NACK_POISON, diag.text);
        u->owed.messages++;
        u->owed.bytes += work->body.len;
    } else {
        tag(u, work, &report);
    }
    e->progress.started = 0;
    e->progress.done++;
    e->worked_ms = loop_now(e->loop);
    beat(e);
}

/* ---- the ingests ---- */

static void give_credit(struct upstream *u, struct credit credit) {
    buf_clear(&u->enricher->small);
    credit_put(&u->enricher->small, credit);
    link_send(u->link, buf_view(&u->enricher->small));
}

static void ingest_up(void *context, const struct welcome *welcome) {
    struct upstream *u = context;
    char journal[HEX16];

    hex16(welcome->self.bytes, journal);
    log_line(LOG_INFO, "ENRICH-INGEST-UP", "ingest=%s journal=%s", link_endpoint(u->link),
             journal);
    u->session++;
    u->owed = (struct credit){(uint32_t)window, (uint64_t)window_bytes};
}

static void ingest_down(void *context, const char *why) {
    struct upstream *u = context;
    log_line(LOG_WARN, "ENRICH-INGEST-DOWN", "ingest=%s reason=%s",
             link_endpoint(u->link), log_quote(why, strlen(why)));
}

static void ingest_frame(void *context, const struct frame *frame) {
    if (frame->kind == FRAME_WORK)
        on_work(context, frame);
}

static void refused(struct enricher *e, const char *who, const char *why) {
    log_line(LOG_ERROR, "ENRICH-REFUSED", "by=%s reason=%s", who,
             log_quote(why, strlen(why)));
    loop_stop(e->loop, EXIT_REFUSED);
}

static void ingest_refused(void *context, const char *why) {
    struct upstream *u = context;
    refused(u->enricher, link_endpoint(u->link), why);
}

static void progress(struct enricher *e, struct heartbeat *out) {
    *out = e->progress;
    out->memory_bytes = memory_used();
}

static void ingest_progress(void *context, struct heartbeat *out) {
    progress(((struct upstream *)context)->enricher, out);
}

static const struct link_calls ingest_calls = {ingest_up, ingest_down, ingest_frame,
                                               ingest_refused, ingest_progress};

/* ---- the sink ---- */

static void sink_up(void *context, const struct welcome *welcome) {
    struct enricher *e = context;

    (void)welcome;
    log_line(LOG_INFO, "ENRICH-SINK-UP", "sink=%s kept=%zu", link_endpoint(e->sink),
             e->kept.count);
    e->sink_credit = (struct account){0};
    kept_unsend(&e->kept);
}

static void sink_down(void *context, const char *why) {
    struct enricher *e = context;
    log_line(LOG_WARN, "ENRICH-SINK-DOWN", "sink=%s reason=%s", link_endpoint(e->sink),
             log_quote(why, strlen(why)));
}

static void on_safe(void *context, const struct kept *kept) {
    struct enricher *e = context;
    struct upstream *u = &e->upstreams[kept->source];

    if (kept->session != u->session)
        return; /* that connection's credit is void */
    u->owed.messages++;
    u->owed.bytes += kept->report_bytes;
}

static void on_credit(struct enricher *e, const struct frame *frame) {
    struct credit credit;

    if (credit_read(frame, &credit) == 0)
        account_give(&e->sink_credit, credit);
}

static void on_commit(struct enricher *e, const struct frame *frame) {
    struct range ranges[COMMIT_RANGES];
    struct commit commit;

    if (commit_read(frame, &commit, ranges))
        log_line(LOG_ERROR, "ENRICH-COMMIT", "sink=%s reason=\"COMMIT cannot be read\"",
                 link_endpoint(e->sink));
    else
        kept_commit(&e->kept, &commit, on_safe, e);
}

struct nacked {
    struct enricher *enricher;
    const struct frame *frame;
};

/* Passed on to the ingest, so that the report need not wait for its lease's end. */
static void on_refused_by_sink(void *context, const struct kept *kept) {
    const struct nacked *nacked = context;
    const struct frame *frame = nacked->frame;
    struct upstream *u = &nacked->enricher->upstreams[kept->source];
    size_t len = frame->body.len < NACK_TEXT ? frame->body.len : NACK_TEXT;
    char why[NACK_TEXT + 32];

    snprintf(why, sizeof why, "the sink refused its events: %.*s", (int)len,
             frame->body.at);
    if (kept->session == u->session)
        nack(u, kept->id, (enum nack)frame->number, why);
    on_safe(nacked->enricher, kept);
}

/* The sink will not have this result: keeping it would only stop the window. */
static void on_nack(struct enricher *e, const struct frame *frame) {
    struct range range = {frame->id.index, frame->id.index};
    struct commit one = {frame->id.journal, 0, &range, 1};
    struct nacked nacked = {e, frame};

    log_line(frame->number == NACK_RETRY ? LOG_WARN : LOG_ERROR, "ENRICH-NACK",
             "index=%" PRIu64 " class=%" PRIu32 " reason=%s", frame->id.index,
             frame->number, log_quote(frame->body.at, frame->body.len));
    kept_commit(&e->kept, &one, on_refused_by_sink, &nacked);
}

static void sink_frame(void *context, const struct frame *frame) {
    if (frame->kind == FRAME_CREDIT)
        on_credit(context, frame);
    else if (frame->kind == FRAME_COMMIT)
        on_commit(context, frame);
    else if (frame->kind == FRAME_NACK)
        on_nack(context, frame);
}

static void sink_refused(void *context, const char *why) {
    struct enricher *e = context;
    refused(e, link_endpoint(e->sink), why);
}

static void sink_progress(void *context, struct heartbeat *out) {
    progress(context, out);
}

static const struct link_calls sink_calls = {sink_up, sink_down, sink_frame, sink_refused,
                                             sink_progress};

/* ---- the process ---- */

/* Under memory pressure what is owed stays owed; links beat, so another turn comes. */
static void end_of_turn(void *context) {
    struct enricher *e = context;
    bool pressed = memory_pressed(loop_now(e->loop));

    send_results(e);
    for (size_t i = 0; !pressed && i < e->upstream_count; i++) {
        struct upstream *u = &e->upstreams[i];
        if (u->owed.messages && !e->stopping)
            give_credit(u, u->owed);
        u->owed = (struct credit){0};
    }
}

static void status(void *context, struct json *j) {
    struct enricher *e = context;
    const char *why = !link_is_up(e->sink) ? "not connected to the sink" : NULL;
    bool any = false;

    for (size_t i = 0; i < e->upstream_count; i++)
        any |= link_is_up(e->upstreams[i].link);
    if (!any)
        why = "not connected to an ingest";
    json_key(j, "healthy");
    json_bool(j, !why);
    json_key(j, "why");
    json_text(j, why);
    json_member_object(j, JSON_KEY("endpoints"));
    json_key(j, "sink");
    json_text(j, link_endpoint(e->sink));
    json_member_array(j, JSON_KEY("ingests"));
    for (size_t i = 0; i < e->upstream_count; i++)
        json_text(j, link_endpoint(e->upstreams[i].link));
    json_end(j);
    json_end(j);
    json_member_uint(j, JSON_KEY("done"), e->progress.done);
    json_member_uint(j, JSON_KEY("events"), e->events);
    json_member_uint(j, JSON_KEY("kept"), e->kept.count);
    json_key(j, "why_no_credit");
    json_text(j, e->stopping ? "stopping" : memory_why());
    json_key(j, "tagger");
    json_view(j, tagger_knows(e->tagger));
}

/* Done when the sink has everything and no more work has come for a while; no new credit
 * is given meanwhile. */
static void look_whether_drained(void *context) {
    struct enricher *e = context;
    int64_t now = loop_now(e->loop);

    if (now >= e->drain_until_ms || (!e->kept.count && now - e->worked_ms > 2 * DRAIN_MS))
        loop_stop(e->loop, 0);
}

static void on_signal(void *context, int signal) {
    struct enricher *e = context;

    if (signal != SIGTERM && signal != SIGINT)
        return;
    if (e->stopping) {
        loop_stop(e->loop, 0);
        return;
    }
    e->stopping = true;
    e->drain_until_ms = loop_now(e->loop) + drain_ms;
    e->drain = loop_timer_new(e->loop, DRAIN_MS, DRAIN_MS, look_whether_drained, e);
}

static int connect_all(struct enricher *e, struct diag *diag) {
    char who[96], host[64] = "";
    struct hello hello = {.role = ROLE_ENRICH,
                          .self = uuid_draw(),
                          .software = VIEW_LIT("wiretag " WIRETAG_VERSION),
                          .tagger = tagger_knows(e->tagger)};
    int err = 0;

    gethostname(host, sizeof host - 1);
    snprintf(who, sizeof who, "%s/%s", host, name);
    hello.name = view_of(who);
    e->upstreams = mem_zalloc(ingests.count * sizeof *e->upstreams);
    e->upstream_count = ingests.count;
    for (size_t i = 0; !err && i < ingests.count; i++) {
        struct upstream *u = &e->upstreams[i];
        u->enricher = e;
        u->number = (uint32_t)i;
        err =
            link_new(e->loop, ingests.items[i], &hello, &ingest_calls, u, &u->link, diag);
    }
    if (!err)
        err = link_new(e->loop, sink_at, &hello, &sink_calls, e, &e->sink, diag);
    return err;
}

static int start(struct enricher *e, struct diag *diag) {
    struct tagger_conf conf = {.gazetteer = gazetteer};
    int err = tagger_new(&conf, &e->tagger, diag);

    if (err)
        return err;
    memory_limit(memory);
    e->loop = loop_new();
    loop_on_signal(e->loop, on_signal, e);
    err = connect_all(e, diag);
    if (err)
        return err;
    loop_on_turn(e->loop, end_of_turn, e);
    return control_new(e->loop, data, name, status, e, &e->control, diag);
}

static void stop(struct enricher *e) {
    control_free(e->control);
    loop_timer_free(e->drain);
    for (size_t i = 0; i < e->upstream_count; i++)
        link_free(e->upstreams[i].link);
    link_free(e->sink);
    free(e->upstreams);
    kept_release(&e->kept);
    buf_release(&e->batch);
    buf_release(&e->small);
    arena_release(&e->arena);
    tagger_free(e->tagger);
    loop_free(e->loop);
    port_shutdown();
}

/* An endpoint in the data directory; NULL when its path is too long. */
static const char *socket_in_data(const char *file, struct diag *diag) {
    const char *endpoint = place_ipc(data, file, diag);
    return endpoint ? mem_dup(endpoint) : NULL;
}

/* What was not given: the sockets in the data directory. */
static int complete_settings(struct diag *diag) {
    static char own_name[32];
    static const char *work;

    if (!data)
        data = place_standard();
    if (!name) {
        snprintf(own_name, sizeof own_name, "enrich-%ld", (long)getpid());
        name = own_name;
    }
    if (!ingests.count) {
        work = socket_in_data("work.sock", diag);
        ingests = (struct setting_list){&work, 1};
    }
    if (!sink_at)
        sink_at = socket_in_data("results.sock", diag);
    return ingests.items[0] && sink_at ? place_make(data, diag) : ERR_TOO_BIG;
}

int main(int argc, char **argv) {
    struct enricher e = {0};
    struct diag diag = {0};
    int code = EXIT_FAILED;

    settings_read(&program, argc, argv, NULL);
    if (complete_settings(&diag) || start(&e, &diag)) {
        fprintf(stderr, "wiretag enrich: %s\n", diag.text);
    } else {
        struct view knows = tagger_knows(e.tagger);
        log_line(LOG_INFO, "ENRICH-READY", "tagger=\"%.*s\" window=%" PRId64,
                 (int)knows.len, knows.at, window);
        code = loop_run(e.loop);
    }
    stop(&e);
    return code;
}
