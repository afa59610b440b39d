#include "ingest/handout.h"

#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/crash.h"
#include "proto/run/log.h"
#include "proto/run/peers.h"

#include <inttypes.h>
#include <stdlib.h>

#define SECOND_MS 1000

struct handout {
    struct loop *loop;
    struct peers *peers;
    struct dispatch *dispatch;
    char **endpoints; /* as bound */
    size_t endpoint_count;
    size_t sinks;
    struct buf older; /* uuids of the earlier runs, for the WELCOME */
    struct loop_timer *second;
};

static int64_t now(const struct handout *h) { return loop_now(h->loop); }

/* ---- what peers say ---- */

static void on_joined(void *context, struct peer *peer) {
    struct handout *h = context;
    log_line(LOG_INFO, "INGEST-JOIN", "peer=%s role=%s software=%s",
             log_quote(peer->name, strlen(peer->name)),
             peer->role == ROLE_SINK ? "sink" : "enrich",
             log_quote(peer->software, strlen(peer->software)));
    if (peer->role == ROLE_SINK)
        dispatch_sinks(h->dispatch, ++h->sinks, now(h));
    else
        peer->user = dispatch_join(h->dispatch, peer);
}

static void on_left(void *context, struct peer *peer, const char *why) {
    struct handout *h = context;
    bool parted = strcmp(why, "bye") == 0;
    log_line(parted ? LOG_INFO : LOG_WARN, "INGEST-LEFT", "peer=%s role=%s reason=%s",
             log_quote(peer->name, strlen(peer->name)),
             peer->role == ROLE_SINK ? "sink" : "enrich", why);
    if (peer->role == ROLE_SINK)
        dispatch_sinks(h->dispatch, --h->sinks, now(h));
    else
        dispatch_leave(h->dispatch, peer->user, parted, now(h));
}

static void on_refused(void *context, const char *who, const char *why) {
    (void)context;
    log_line(LOG_WARN, "INGEST-REFUSED", "peer=%s reason=%s", log_quote(who, strlen(who)),
             log_quote(why, strlen(why)));
}

static void on_nack(struct handout *h, struct peer *peer, const struct frame *frame) {
    int level = frame->number == NACK_RETRY ? LOG_DEBUG : LOG_WARN;
    struct view why = frame->body;
    if (dispatch_nack(h->dispatch, peer->user, frame->id.index, frame, now(h)) != 0)
        return; // late: the report was taken from it, or is committed
    log_line((enum log_level)level, "INGEST-NACK", "peer=%s index=%" PRIu64 " reason=%s",
             log_quote(peer->name, strlen(peer->name)), frame->id.index,
             log_quote(why.at, why.len));
}

static void hear_enricher(struct handout *h, struct peer *peer,
                          const struct frame *frame) {
    struct credit credit;
    if (frame->kind == FRAME_CREDIT && credit_read(frame, &credit) == 0)
        dispatch_credit(h->dispatch, peer->user, credit);
    else if (frame->kind == FRAME_HEARTBEAT)
        dispatch_beat(h->dispatch, peer->user, &peer->beat);
    else if (frame->kind == FRAME_NACK)
        on_nack(h, peer, frame);
}

static void hear_sink(struct handout *h, struct peer *peer, const struct frame *frame) {
    static struct range ranges[COMMIT_RANGES];
    struct commit commit;
    if (frame->kind != FRAME_COMMIT && frame->kind != FRAME_RESUME)
        return;
    int err = commit_read(frame, &commit, ranges);
    if (err == 0)
        err = dispatch_commit(h->dispatch, &commit);
    if (err == 0)
        crash_point("ingest-after-commit");
    if (err < 0 && err != ERR_NOT_FOUND) // of a run that has nothing left, or of others
        log_line(LOG_ERROR, "INGEST-COMMIT", "peer=%s reason=%s",
                 log_quote(peer->name, strlen(peer->name)),
                 log_quote(err_text(err), strlen(err_text(err))));
}

static void on_frame(void *context, struct peer *peer, const struct frame *frame) {
    if (peer->role == ROLE_SINK)
        hear_sink(context, peer, frame);
    else
        hear_enricher(context, peer, frame);
}

static const struct peers_calls peers_calls = {
    .joined = on_joined, .left = on_left, .refused = on_refused, .frame = on_frame};

/* ---- what dispatch wants ---- */

static int on_send(void *context, void *peer, struct view frames) {
    struct handout *h = context;
    return peers_send(h->peers, peer, frames);
}

static void on_buried(void *context, uint64_t index, unsigned attempts,
                      const char *reason) {
    (void)context;
    log_line(LOG_ERROR, "INGEST-DEAD", "index=%" PRIu64 " attempts=%u reason=%s", index,
             attempts, log_quote(reason, strlen(reason)));
}

static const struct dispatch_calls dispatch_calls = {.send = on_send,
                                                     .buried = on_buried};

/* ---- life ---- */

static void on_second(void *context) {
    struct handout *h = context;
    for (size_t i = 0; i < peers_count(h->peers); i++) {
        struct peer *peer = peers_at(h->peers, i);
        if (peer->role != ROLE_ENRICH)
            continue;
        uint64_t done = worker_view(peer->user).done;
        peer->per_second = (double)(done - peer->done);
        peer->done = done;
    }
}

static int bind_all(struct handout *h, const struct setting_list *endpoints,
                    struct diag *diag) {
    h->endpoints = mem_zalloc((endpoints->count + 1) * sizeof *h->endpoints);
    for (size_t i = 0; i < endpoints->count; i++) {
        int err = peers_bind(h->peers, endpoints->items[i], diag);
        if (err < 0)
            return err;
        h->endpoints[h->endpoint_count++] = mem_dup(peers_endpoint(h->peers));
    }
    return 0;
}

static void list_older(struct buf *out, const struct journal *journal) {
    size_t count;
    const struct journal_run *runs = journal_runs(journal, &count);
    for (size_t i = 0; i + 1 < count; i++)
        buf_put(out, runs[i].uuid.bytes, sizeof runs[i].uuid.bytes);
}

int handout_new(struct loop *loop, struct journal *journal,
                const struct dispatch_conf *dispatch,
                const struct setting_list *endpoints, struct handout **out,
                struct diag *diag) {
    struct handout *h = mem_zalloc(sizeof *h);
    list_older(&h->older, journal);
    struct peers_conf conf = {
        .roles = 1u << ROLE_ENRICH | 1u << ROLE_SINK,
        .welcome = {.self = journal_uuid(journal),
                    .heartbeat_ms = HANDOUT_HEARTBEAT_MS,
                    .lease_ms = (uint32_t)dispatch->lease_ms,
                    .software = VIEW_LIT("wiretag " WIRETAG_VERSION),
                    .older = buf_view(&h->older)},
        .max_message = HANDOUT_MESSAGE,
        .max_peers = HANDOUT_PEERS,
    };
    h->loop = loop;
    h->dispatch = dispatch_new(journal, dispatch, &dispatch_calls, h);
    h->peers = peers_new(loop, &conf, &peers_calls, h);
    h->second = loop_timer_new(loop, SECOND_MS, SECOND_MS, on_second, h);
    int err = bind_all(h, endpoints, diag);
    if (err < 0) {
        handout_free(h);
        return err;
    }
    *out = h;
    return 0;
}

void handout_free(struct handout *h) {
    if (!h)
        return;
    loop_timer_free(h->second);
    peers_free(h->peers);
    dispatch_free(h->dispatch);
    buf_release(&h->older);
    for (size_t i = 0; i < h->endpoint_count; i++)
        free(h->endpoints[i]);
    free(h->endpoints);
    free(h);
}

void handout_turn(struct handout *h) {
    dispatch_arrived(h->dispatch);
    dispatch_turn(h->dispatch, now(h), clock_wall());
}

void handout_revive(struct handout *h, uint64_t index) {
    dispatch_revive(h->dispatch, index);
}

void handout_close(struct handout *h) { dispatch_close(h->dispatch); }

/* ---- how it stands ---- */

struct dispatch_counts handout_counts(const struct handout *h) {
    return dispatch_counts(h->dispatch);
}

bool handout_balanced(const struct handout *h) { return dispatch_balanced(h->dispatch); }

size_t handout_sinks(const struct handout *h) { return h->sinks; }

size_t handout_enrichers(const struct handout *h) {
    return peers_count(h->peers) - h->sinks;
}

static void peer_json(const struct peer *peer, struct json *json) {
    struct worker_view view = {0};
    if (peer->role == ROLE_ENRICH)
        view = worker_view(peer->user);
    json_begin_object(json);
    json_key(json, "name");
    json_text(json, peer->name);
    json_key(json, "role");
    json_text(json, peer->role == ROLE_SINK ? "sink" : "enrich");
    json_key(json, "software");
    json_text(json, peer->software);
    json_member_uint(json, JSON_KEY("credit"), view.credit);
    json_member_uint(json, JSON_KEY("leased"), view.leased);
    json_member_uint(json, JSON_KEY("done"), view.done);
    json_member_decimal(json, JSON_KEY("per_second"), peer->per_second, 1);
    json_member_uint(json, JSON_KEY("memory_bytes"), peer->beat.memory_bytes);
    json_end(json);
}

void handout_peers_json(const struct handout *h, struct json *json) {
    json_begin_array(json);
    for (size_t i = 0; i < peers_count(h->peers); i++)
        peer_json(peers_at(h->peers, i), json);
    json_end(json);
}

void handout_endpoints_json(const struct handout *h, struct json *json) {
    json_begin_array(json);
    for (size_t i = 0; i < h->endpoint_count; i++)
        json_text(json, h->endpoints[i]);
    json_end(json);
}

const char *handout_endpoint(const struct handout *h) {
    return h->endpoint_count > 0 ? h->endpoints[0] : NULL;
}
