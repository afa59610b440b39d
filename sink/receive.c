#include "sink/receive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/mem.h"
#include "proto/moment.h"
#include "proto/run/clock.h"
#include "proto/run/crash.h"
#include "proto/run/log.h"
#include "proto/run/memory.h"
#include "proto/run/peers.h"
#include "proto/run/settings.h"
#include "sink/ingests.h"

#define TRICKLE       16 /* results of one enricher in a second, under memory pressure */
#define TRICKLE_BYTES (1u << 20)
#define REFUSALS_SAID 20 /* in a second; more are counted */

/* An enricher. */
struct giver {
    struct account left; /* what it may still send */
    struct credit due;   /* used in this group, given back when it is durable */
    bool in_group;
    uint64_t results;
};

/* What this group stored, or found stored, of one ingest's journal. */
struct touched {
    struct uuid journal;
    struct intervals ids;
};

struct receive {
    struct receive_conf conf;
    struct peers *peers;
    struct ingests *ingests;
    struct loop_timer *heartbeat, *retry, *due;

    struct touched *touched;
    size_t touched_count, touched_cap;
    int64_t group_ms; /* when the group began */
    int64_t last_ms;  /* when the last result came */
    int64_t retry_ms; /* when a group that could not be stored is tried again; 0: none */
    bool draining, failed;
    bool trickles;           /* under memory pressure credit goes out too, but little */
    struct diag trouble;     /* text empty: none */
    bool full;               /* logged once */
    int64_t due_set_ms;      /* the moment `due` is set for; 0: it is not */
    struct held_counts held; /* as they were last looked at */
    uint64_t refused_now;    /* in this second */

    uint64_t stored, duplicates, refused;
    struct result_story *stories; /* of the result in hand */
    size_t story_cap;
    struct buf out;
};

/* ---- what is stored, to those who wait for it ---- */

static void touch(struct receive *r, struct report_id id) {
    size_t i = 0;

    while (i < r->touched_count && !uuid_eq(r->touched[i].journal, id.journal))
        i++;
    if (i == r->touched_count) {
        if (i == r->touched_cap) {
            r->touched_cap = r->touched_cap ? r->touched_cap * 2 : 4;
            r->touched = mem_resize(r->touched, r->touched_cap, sizeof *r->touched);
            memset(r->touched + i, 0, (r->touched_cap - i) * sizeof *r->touched);
        }
        r->touched[r->touched_count++].journal = id.journal;
    }
    intervals_insert(&r->touched[i].ids, id.index);
}

static void send_to_givers(struct receive *r) {
    for (size_t i = 0; i < peers_count(r->peers); i++) {
        struct peer *peer = peers_at(r->peers, i);
        const struct giver *giver = peer->user;
        if (giver->in_group)
            peers_send(r->peers, peer, buf_view(&r->out));
    }
}

static void commit_group(struct receive *r) {
    for (size_t i = 0; i < r->touched_count; i++) {
        struct touched *t = &r->touched[i];
        struct commit head = {.journal = t->journal};
        head.upto = intervals_upto(journal_stored(r->conf.journal, t->journal));
        buf_clear(&r->out);
        intervals_put(&t->ids, &r->out, FRAME_COMMIT, head, 0, SIZE_MAX);
        send_to_givers(r);
        ingests_send(r->ingests, t->journal, buf_view(&r->out));
        intervals_clear(&t->ids);
    }
    r->touched_count = 0;
}

static void hold_back(struct giver *giver, struct credit credit) {
    giver->due.messages += credit.messages;
    giver->due.bytes += credit.bytes;
    giver->in_group = true;
}

/* Under memory pressure a little each second: what holds the memory may be subscribers
 * who do not read, and they must not stop everybody for ever. */
static struct credit without_most(struct receive *r, struct giver *giver,
                                  struct credit credit) {
    struct credit some = {credit.messages < TRICKLE ? credit.messages : TRICKLE,
                          credit.bytes < TRICKLE_BYTES ? credit.bytes : TRICKLE_BYTES};

    if (!memory_pressed(loop_now(r->conf.loop)))
        return credit;
    if (!r->trickles)
        some = (struct credit){0};
    hold_back(giver, (struct credit){credit.messages - some.messages,
                                     credit.bytes - some.bytes});
    return some;
}

static void give_credit(struct receive *r, struct peer *peer, struct credit credit) {
    struct giver *giver = peer->user;

    if (r->draining)
        return;
    credit = without_most(r, giver, credit);
    if (!credit.messages && !credit.bytes)
        return;
    buf_clear(&r->out);
    credit_put(&r->out, credit);
    if (peers_send(r->peers, peer, buf_view(&r->out)))
        return; // it is gone, or so slow that its heartbeats will end it
    account_give(&giver->left, credit);
}

static void restore_credit(struct receive *r) {
    for (size_t i = 0; i < peers_count(r->peers); i++) {
        struct peer *peer = peers_at(r->peers, i);
        struct giver *giver = peer->user;
        struct credit due = giver->due;
        if (!giver->in_group)
            continue;
        giver->in_group = false;
        giver->due = (struct credit){0};
        give_credit(r, peer, due);
    }
}

/* Nobody may hear of anything from now on: what is on the disk is not known. */
static void fail(struct receive *r, const struct diag *why) {
    if (r->failed)
        return;
    r->failed = true;
    r->trouble = *why;
    r->conf.failed(r->conf.context, why->text);
}

static void note_trouble(struct receive *r, int err, const struct diag *diag) {
    bool known = r->trouble.text[0];

    if (err && !known) {
        diag_set(&r->trouble, 0, "%s", diag->text[0] ? diag->text : err_text(err));
        log_line(LOG_ERROR, "SINK-STUCK", "why=%s waiting=%zu",
                 log_quote(r->trouble.text, strlen(r->trouble.text)),
                 journal_pending(r->conf.journal));
    } else if (!err && known) {
        r->trouble.text[0] = 0;
        log_line(LOG_INFO, "SINK-RESUMED", "stored=%" PRIu64, r->stored);
    }
}

/* What came of a try to store something. False: it is not stored, for now or for ever. */
static bool is_stored(struct receive *r, int err, const struct diag *diag) {
    if (journal_failed(r->conf.journal, NULL)) {
        fail(r, diag);
        return false;
    }
    note_trouble(r, err, diag);
    r->retry_ms = err ? clock_now() + RECEIVE_RETRY_MS : 0;
    if (err)
        loop_timer_set(r->retry, RECEIVE_RETRY_MS, 0);
    return !err;
}

static bool sync_group(struct receive *r) {
    struct diag diag = {0};

    return is_stored(r, journal_sync(r->conf.journal, &diag), &diag);
}

static void end_group(struct receive *r) {
    size_t count = journal_pending(r->conf.journal);

    if (!sync_group(r))
        return;
    r->stored += count;
    r->full = false;
    commit_group(r);
    crash_point("sink-after-commit");
    restore_credit(r);
    r->conf.stored(r->conf.context);
    crash_point("sink-after-publish");
}

/* ---- embargoes ---- */

/* What was replaced or taken back before anybody saw it is said here, and nowhere else.
 */
static void say_unseen(struct receive *r) {
    struct held_counts now = journal_held(r->conf.journal);
    uint64_t superseded = now.superseded - r->held.superseded;
    uint64_t canceled = now.canceled - r->held.canceled;

    r->held = now;
    if (superseded || canceled)
        log_line(LOG_INFO, "SINK-UNSEEN",
                 "superseded=%" PRIu64 " canceled=%" PRIu64
                 " why=\"events under embargo were replaced or taken back before it "
                 "ended; they go out no more\"",
                 superseded, canceled);
}

/* The wall's clock may be set, and a machine may sleep: it is asked again each while. */
static void wait_for_due(struct receive *r) {
    int64_t due_ms = journal_next_due(r->conf.journal), left_ms;

    if (due_ms == r->due_set_ms)
        return;
    r->due_set_ms = due_ms;
    if (due_ms == INT64_MAX) {
        loop_timer_stop(r->due);
        return;
    }
    left_ms = due_ms - r->conf.wall_ms();
    if (left_ms > RECEIVE_LOOK_MS)
        left_ms = RECEIVE_LOOK_MS;
    loop_timer_set(r->due, left_ms > 1 ? left_ms : 1, 0);
}

static void release_due(struct receive *r) {
    struct diag diag = {0};
    int err = journal_release(r->conf.journal, &diag);

    if (err <= 0 && is_stored(r, err, &diag))
        r->conf.stored(r->conf.context);
    if (!r->failed)
        wait_for_due(r);
}

static void on_due(void *context) { ((struct receive *)context)->due_set_ms = 0; }

/* The end of a turn. */
static void flush(void *context) {
    struct receive *r = context;

    if (r->failed || (r->retry_ms && clock_now() < r->retry_ms))
        return;
    if (r->touched_count)
        end_group(r);
    if (!r->failed && !journal_pending(r->conf.journal))
        release_due(r);
    say_unseen(r);
}

/* ---- enrichers ---- */

static void on_joined(void *context, struct peer *peer) {
    struct receive *r = context;

    peer->user = mem_zalloc(sizeof(struct giver));
    log_line(LOG_INFO, "SINK-PEER-JOINED", "peer=%s software=%s tagger=%s",
             log_quote(peer->name, strlen(peer->name)),
             log_quote(peer->software, strlen(peer->software)),
             log_quote(peer->tagger, strlen(peer->tagger)));
    give_credit(r, peer, r->conf.credit);
}

static void on_left(void *context, struct peer *peer, const char *why) {
    const struct giver *giver = peer->user;

    (void)context;
    log_line(LOG_INFO, "SINK-PEER-LEFT", "peer=%s why=%s results=%" PRIu64,
             log_quote(peer->name, strlen(peer->name)), why, giver->results);
    free(peer->user);
    peer->user = NULL;
}

static void on_refused(void *context, const char *who, const char *why) {
    (void)context;
    log_line(LOG_WARN, "SINK-PEER-REFUSED", "peer=%s why=%s", log_quote(who, strlen(who)),
             log_quote(why, strlen(why)));
}

/* One line, an object by its ends. What is inside is the enricher's word; the checksum
 * says that it arrived as it was written. */
static bool looks_like_event(struct view json) {
    return json.len >= 2 && json.at[0] == '{' && json.at[json.len - 1] == '}' &&
           !memchr(json.at, '\n', json.len);
}

/* Fills r->stories. */
static int read_stories(struct receive *r, struct view body, size_t *count) {
    struct result_story story;
    int err;

    *count = 0;
    while ((err = result_next(&body, &story)) == 0) {
        if (!looks_like_event(story.json))
            return ERR_FORMAT;
        if (*count == r->story_cap) {
            r->story_cap = r->story_cap ? r->story_cap * 2 : 16;
            r->stories = mem_resize(r->stories, r->story_cap, sizeof *r->stories);
        }
        r->stories[(*count)++] = story;
    }
    return err < 0 ? err : 0;
}

static const struct refusal_text {
    int err;
    enum nack class_;
    const char *id, *why;
} refusals[] = {
    {ERR_CHECKSUM, NACK_POISON, "SINK-CRC",
     "this id is stored with another report: the ingest's journal was copied or set "
     "back"},
    {ERR_FULL, NACK_RETRY, "SINK-FULL", "the journal cannot store what is here already"},
    {ERR_IN_USE, NACK_RETRY, "SINK-OVERDRAWN", "it was sent without credit"},
    {ERR_AGAIN, NACK_RETRY, "SINK-LOCKED", "another program keeps the journal locked"},
    {0, NACK_POISON, "SINK-MALFORMED",
     "the events are not JSON objects of one line each, numbered upwards"},
};

/* The enricher need not keep it: it is not stored, and what becomes of the report is the
 * ingest's affair. */
static void refuse_result(struct receive *r, struct peer *peer, const struct frame *frame,
                          int err) {
    const struct refusal_text *text = refusals;
    char uuid[HEX16];

    while (text->err && text->err != err)
        text++;
    r->refused++;
    buf_clear(&r->out);
    nack_put(&r->out, frame->id, text->class_, view_of(text->why));
    peers_send(r->peers, peer, buf_view(&r->out));
    if (err == ERR_FULL && r->full) // said already
        return;
    r->full = err == ERR_FULL;
    if (++r->refused_now > REFUSALS_SAID)
        return;
    hex16(frame->id.journal.bytes, uuid);
    log_line(LOG_ERROR, text->id, "peer=%s report=%s-%" PRIu64 " why=\"%s\"",
             log_quote(peer->name, strlen(peer->name)), uuid, frame->id.index, text->why);
}

/* Takes the price of a result. False when the enricher had no credit: it does not follow
 * the protocol, and what it sends too much is not stored. */
static bool charge(struct giver *giver, size_t bytes) {
    if (!account_is_open(giver->left))
        return false;
    account_take(&giver->left, bytes);
    giver->due.messages++;
    giver->due.bytes += bytes;
    return true;
}

static int append(struct receive *r, const struct frame *frame) {
    struct journal_entry entry = {.id = frame->id, .crc = frame->number};
    struct diag diag = {0};
    int err = read_stories(r, frame->body, &entry.story_count);

    entry.stories = r->stories;
    if (!err)
        err = journal_append(r->conf.journal, &entry, &diag);
    if (journal_failed(r->conf.journal, NULL))
        fail(r, &diag);
    return err;
}

static bool is_group_full(const struct receive *r) {
    return journal_pending(r->conf.journal) >= RECEIVE_GROUP ||
           journal_pending_bytes(r->conf.journal) >= RECEIVE_GROUP_BYTES ||
           r->last_ms - r->group_ms >= RECEIVE_GROUP_MS;
}

static void on_result(struct receive *r, struct peer *peer, const struct frame *frame) {
    struct giver *giver = peer->user;
    int err;

    r->last_ms = clock_now();
    if (!r->touched_count)
        r->group_ms = r->last_ms;
    if (!charge(giver, frame->whole.len)) {
        refuse_result(r, peer, frame, ERR_IN_USE);
        return;
    }
    giver->in_group = true;
    giver->results++;
    err = append(r, frame);
    if (r->failed)
        return;
    if (err < 0) {
        refuse_result(r, peer, frame, err);
        return;
    }
    r->duplicates += err > 0;
    touch(r, frame->id);
    if (is_group_full(r))
        flush(r);
}

static void on_frame(void *context, struct peer *peer, const struct frame *frame) {
    struct receive *r = context;

    if (frame->kind == FRAME_RESULT && !r->failed)
        on_result(r, peer, frame);
}

static const struct peers_calls peers_calls = {
    .joined = on_joined, .left = on_left, .frame = on_frame, .refused = on_refused};

/* What was refused is not in a group; its price is given back here, without haste. */
static void on_heartbeat(void *context) {
    struct receive *r = context;

    if (r->failed)
        return;
    ingests_repeat(r->ingests);
    if (r->refused_now > REFUSALS_SAID)
        log_line(LOG_ERROR, "SINK-REFUSED", "more=%" PRIu64,
                 r->refused_now - REFUSALS_SAID);
    r->refused_now = 0;
    r->trickles = true;
    if (!r->touched_count)
        restore_credit(r);
    r->trickles = false;
}

static void do_nothing(void *context) { (void)context; } // a turn ends with flush

/* ---- the whole ---- */

struct receive *receive_new(const struct receive_conf *conf) {
    struct peers_conf peers = {
        .roles = 1u << ROLE_ENRICH,
        .welcome = {.self = journal_epoch(conf->journal),
                    .heartbeat_ms = RECEIVE_HEARTBEAT_MS,
                    .software = VIEW_LIT("wiretag " WIRETAG_VERSION)},
        .max_message = FRAME_MAX_BYTES + FRAME_HEAD_BYTES,
        .max_peers = RECEIVE_PEERS,
    };
    struct receive *r = mem_zalloc(sizeof *r);

    r->conf = *conf;
    r->peers = peers_new(conf->loop, &peers, &peers_calls, r);
    r->ingests = ingests_new(conf->loop, conf->journal);
    r->heartbeat = loop_timer_new(conf->loop, RECEIVE_HEARTBEAT_MS, RECEIVE_HEARTBEAT_MS,
                                  on_heartbeat, r);
    r->retry = loop_timer_new(conf->loop, 0, 0, do_nothing, r);
    r->due = loop_timer_new(conf->loop, 0, 0, on_due, r);
    if (!r->conf.wall_ms)
        r->conf.wall_ms = clock_wall;
    loop_on_turn(conf->loop, flush, r);
    return r;
}

void receive_free(struct receive *r) {
    if (!r)
        return;
    for (size_t i = 0; i < peers_count(r->peers); i++)
        free(peers_at(r->peers, i)->user);
    peers_free(r->peers);
    ingests_free(r->ingests);
    for (size_t i = 0; i < r->touched_cap; i++)
        intervals_release(&r->touched[i].ids);
    loop_timer_free(r->heartbeat);
    loop_timer_free(r->retry);
    loop_timer_free(r->due);
    free(r->touched);
    free(r->stories);
    buf_release(&r->out);
    free(r);
}

int receive_bind(struct receive *r, const char *endpoint, struct diag *diag) {
    return peers_bind(r->peers, endpoint, diag);
}

const char *receive_endpoint(const struct receive *r) { return peers_endpoint(r->peers); }

int receive_connect(struct receive *r, const char *endpoint, struct diag *diag) {
    return ingests_connect(r->ingests, endpoint, diag);
}

void receive_drain(struct receive *r) {
    r->draining = true;
    r->last_ms = clock_now();
}

bool receive_quiet(const struct receive *r, int64_t quiet_ms) {
    return !r->touched_count && clock_now() - r->last_ms >= quiet_ms &&
           journal_next_due(r->conf.journal) > r->conf.wall_ms();
}

const char *receive_trouble(const struct receive *r) {
    return r->trouble.text[0] ? r->trouble.text : NULL;
}

uint64_t receive_stored(const struct receive *r) { return r->stored; }

/* ---- for people ---- */

static void enricher_status(const struct peer *peer, int64_t now, struct json *json) {
    const struct giver *giver = peer->user;

    json_begin_object(json);
    json_key(json, "role");
    json_text(json, "enrich");
    json_key(json, "name");
    json_text(json, peer->name);
    json_key(json, "software");
    json_text(json, peer->software);
    json_key(json, "tagger");
    json_text(json, peer->tagger);
    json_key(json, "up");
    json_bool(json, true);
    json_key(json, "heard_ms_ago");
    json_int(json, now - peer->heard_ms);
    json_member_uint(json, JSON_KEY("results"), giver->results);
    json_member_uint(json, JSON_KEY("credit"), giver->left.messages);
    json_member_uint(json, JSON_KEY("memory_bytes"), peer->beat.memory_bytes);
    json_end(json);
}

static void put_held(const struct receive *r, struct json *json) {
    struct held_counts held = journal_held(r->conf.journal);
    char text[MOMENT_TEXT];
    struct view due = moment_print(held.next_due_ms, text);

    json_member_uint(json, JSON_KEY("held"), held.held);
    json_key(json, "next_due");
    json_view_or_null(json, held.held ? due : view_of(NULL));
    json_member_uint(json, JSON_KEY("released"), held.released);
    json_member_object(json, JSON_KEY("unseen"));
    json_member_uint(json, JSON_KEY("superseded"), held.superseded);
    json_member_uint(json, JSON_KEY("canceled"), held.canceled);
    json_end(json);
}

void receive_status(const struct receive *r, struct json *json) {
    int64_t now = clock_now();

    json_member_uint(json, JSON_KEY("stored"), r->stored);
    json_member_uint(json, JSON_KEY("duplicates"), r->duplicates);
    json_member_uint(json, JSON_KEY("refused"), r->refused);
    json_member_uint(json, JSON_KEY("waiting"), journal_pending(r->conf.journal));
    put_held(r, json);
    json_key(json, "why_no_credit");
    json_text(json, r->draining ? "stopping" : memory_why());
    json_member_array(json, JSON_KEY("peers"));
    ingests_status(r->ingests, json);
    for (size_t i = 0; i < peers_count(r->peers); i++)
        enricher_status(peers_at(r->peers, i), now, json);
    json_end(json);
}
