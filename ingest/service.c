#include "ingest/service.h"

#include "ingest/handout.h"
#include "ingest/letters.h"
#include "ingest/source.h"
#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/control.h"
#include "proto/run/crash.h"
#include "proto/run/disk.h"
#include "proto/run/log.h"
#include "proto/run/memory.h"
#include "proto/run/place.h"
#include "proto/run/port.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TICK_MS        1000
#define DRAIN_LOOK_MS  50
#define GROUP_MS       5
#define RATE_SECONDS   5
#define LONG_SHARE     8  /* of --memory, for unfinished long reports of one source */
#define REFUSALS_SHOWN 50 /* log lines a second; the others are counted */

struct service {
    struct service_conf conf;
    struct loop *loop;
    struct journal *journal;
    struct intake *intake;
    struct handout *handout;
    struct control *control;
    struct source **sources;
    size_t source_count;
    const char *tcp, *local, *zmq; /* endpoints; NULL: none */
    bool paused, stopping, ended;
    bool second; /* one has gone by since the last sync of what waits without answer */
    int64_t stop_by_ms;
    struct loop_timer *tick, *drain, *resume, *more;
    size_t group;     /* how many it held at the last look; 0: it has not begun to grow */
    int64_t group_ms; /* since when it grows */
    uint64_t history[RATE_SECONDS + 1]; /* accepted, a second apart; [0] is now */
    unsigned refusals, notes;           /* in this second */
    struct source_noise noise;
    uint64_t kept, not_kept;     /* dead documents, when it was last looked */
    bool not_keeping, disk_full; /* said */
};

/* ---- the log of refusals ---- */

static void on_refused(void *context, struct view peer, const struct answer *answer) {
    struct service *s = context;
    if (++s->refusals > REFUSALS_SHOWN)
        return;
    log_line(LOG_WARN, "INGEST-ERR",
             "peer=%s code=%d ref=%s letter=%" PRIu64 " reason=%s",
             log_quote(peer.at, peer.len), answer->code,
             log_quote(answer->ref, strlen(answer->ref)), answer->seq,
             log_quote(answer->text, strlen(answer->text)));
}

static void on_noted(void *context, struct view peer, struct view note) {
    struct service *s = context;
    if (++s->notes <= REFUSALS_SHOWN)
        log_line(LOG_INFO, "INGEST-NOTE", "peer=%s note=%s", log_quote(peer.at, peer.len),
                 log_quote(note.at, note.len));
}

/* Said when it begins, not for each. */
static void note_not_kept(struct service *s) {
    struct intake_counts taken = intake_counts(s->intake);
    if (taken.kept > s->kept)
        s->not_keeping = false;
    if (taken.not_kept > s->not_kept && !s->not_keeping) {
        s->not_keeping = true;
        log_line(LOG_ERROR, "INGEST-NOT-KEPT",
                 "max_dead=%" PRId64 " reason=\"there is no room for more documents that "
                 "cannot be read (--max-dead): they are refused and not kept; wiretag "
                 "dead list shows what is there\"",
                 s->conf.max_dead);
    }
    s->kept = taken.kept;
    s->not_kept = taken.not_kept;
}

static void on_tick(void *context) {
    struct service *s = context;
    memmove(s->history + 1, s->history, RATE_SECONDS * sizeof *s->history);
    s->history[0] = journal_counts(s->journal).accepted;
    s->second = true;
    if (s->refusals > REFUSALS_SHOWN)
        log_line(LOG_WARN, "INGEST-ERR", "reason=\"%u more refused in this second\"",
                 s->refusals - REFUSALS_SHOWN);
    s->refusals = s->notes = s->noise.said = 0;
    note_not_kept(s);
}

/* ---- the turn ---- */

/* What feeders wait for while nothing is read. */
static const char *why_paused(const struct service *s) {
    const char *memory = memory_why();
    if (journal_room(s->journal) == JOURNAL_DISK)
        return "the disk is full: waiting until there is room on it";
    return memory ? memory : "the journal is nearly full: waiting for commits";
}

static void pause_sources(struct service *s, bool stop) {
    s->paused = stop;
    for (size_t i = 0; i < s->source_count; i++)
        s->sources[i]->ops->pause(s->sources[i], stop);
    log_line(stop ? LOG_WARN : LOG_INFO, stop ? "INGEST-PAUSE" : "INGEST-RESUME",
             "bytes=%" PRId64 " enrichers=%zu sinks=%zu reason=\"%s\"",
             journal_counts(s->journal).bytes, handout_enrichers(s->handout),
             handout_sinks(s->handout), stop ? why_paused(s) : "there is room again");
}

static bool has_room_again(const struct service *s) {
    return journal_counts(s->journal).bytes < journal_soft_bytes(s->journal) / 9 * 8 &&
           journal_room(s->journal) == JOURNAL_FREE && !memory_pressed(loop_now(s->loop));
}

static void on_resume(void *context) {
    struct service *s = context;
    if (s->paused && has_room_again(s))
        pause_sources(s, false);
}

/* Stops at the soft mark, goes on well below it: not on and off with every report. Going
 * on is left to the next turn, since sources then pass on what they held. */
static void look_for_room(struct service *s) {
    bool waiting = intake_kept_waiting(s->intake);
    bool pressed = memory_pressed(loop_now(s->loop));
    if (!s->paused && (waiting || pressed || journal_room(s->journal) != JOURNAL_FREE))
        pause_sources(s, true);
    if (s->paused && has_room_again(s))
        loop_timer_set(s->resume, 0, 0);
}

static void end(struct service *s, int code) {
    s->ended = true;
    loop_stop(s->loop, code);
}

/* What is not done stays in the journal; only what is out is worth waiting for, and only
 * while there is somebody to bring it home. */
static void look_for_end(struct service *s) {
    bool hope = handout_enrichers(s->handout) + handout_sinks(s->handout) > 0;
    uint64_t left = hope ? handout_counts(s->handout).leased : 0;
    size_t owed = 0;
    for (size_t i = 0; i < s->source_count; i++)
        owed += s->sources[i]->ops->owed(s->sources[i]);
    if (loop_now(s->loop) >= s->stop_by_ms || (owed == 0 && left == 0))
        end(s, 0);
}

static void note_disk(struct service *s, bool full) {
    if (full && !s->disk_full)
        log_line(LOG_ERROR, "INGEST-DISK-FULL",
                 "data=%s reason=\"feeders are told to send it again later; make room\"",
                 s->conf.data);
    else if (!full && s->disk_full)
        log_line(LOG_INFO, "INGEST-DISK-ROOM", "data=%s", s->conf.data);
    s->disk_full = full;
}

/* What waits for nobody's answer, deletes above all, is saved with the next group or
 * once a second. False: the journal failed, and with it the process. */
static bool flush(struct service *s) {
    struct diag diag = {0};
    int err = s->second ? intake_sync(s->intake, &diag) : intake_flush(s->intake, &diag);
    s->second = false;
    if (err < 0 && err != ERR_FULL) {
        log_line(LOG_ERROR, "INGEST-JOURNAL",
                 "reason=%s then=\"ending, so that nothing unsafe is acknowledged\"",
                 log_quote(diag.text, strlen(diag.text)));
        end(s, EXIT_FAILED);
        return false;
    }
    note_disk(s, journal_room(s->journal) == JOURNAL_DISK);
    return true;
}

/* Is it worth having another look for more, before the disk is asked? */
static bool group_grows(struct service *s) {
    size_t count = journal_group(s->journal);
    if (s->group == 0)
        s->group_ms = loop_now(s->loop);
    bool grew = count > s->group && loop_now(s->loop) - s->group_ms < GROUP_MS;
    s->group = grew ? count : 0;
    if (grew)
        loop_timer_set(s->more, 0, 0);
    return grew;
}

static void on_turn(void *context) {
    struct service *s = context;
    uint64_t before = journal_synced(s->journal);
    if (s->ended)
        return;
    if ((s->stopping || !group_grows(s)) && !flush(s))
        return;
    handout_turn(s->handout);
    for (size_t i = 0; i < s->source_count; i++)
        s->sources[i]->ops->flush(s->sources[i]);
    if (journal_synced(s->journal) > before)
        crash_point("ingest-after-ok");
    look_for_room(s);
    if (s->stopping)
        look_for_end(s);
}

static void on_nothing(void *context) { (void)context; /* only so that a turn happens */ }

static void stop(struct service *s) {
    s->stopping = true;
    s->stop_by_ms = loop_now(s->loop) + s->conf.drain_ms;
    for (size_t i = 0; i < s->source_count; i++)
        s->sources[i]->ops->close(s->sources[i]);
    handout_close(s->handout);
    s->drain = loop_timer_new(s->loop, DRAIN_LOOK_MS, DRAIN_LOOK_MS, on_nothing, s);
    struct dispatch_counts counts = handout_counts(s->handout);
    log_line(LOG_INFO, "INGEST-STOP",
             "leased=%" PRIu64 " queued=%" PRIu64 " drain_ms=%" PRId64, counts.leased,
             counts.queued, s->conf.drain_ms);
}

static void on_signal(void *context, int number) {
    struct service *s = context;
    if (number != SIGINT && number != SIGTERM)
        return;
    if (!s->stopping) {
        stop(s);
        return;
    }
    s->stop_by_ms = loop_now(s->loop);
}

/* ---- status ---- */

static void put_counts(const struct service *s, struct json *json) {
    struct dispatch_counts counts = handout_counts(s->handout);
    struct intake_counts taken = intake_counts(s->intake);
    json_member_uint(json, JSON_KEY("accepted"), counts.accepted);
    json_member_uint(json, JSON_KEY("committed"), counts.committed);
    json_member_uint(json, JSON_KEY("dead"), counts.dead);
    json_member_uint(json, JSON_KEY("leased"), counts.leased);
    json_member_uint(json, JSON_KEY("queued"), counts.queued);
    json_key(json, "balanced");
    json_bool(json, handout_balanced(s->handout));
    json_member_uint(json, JSON_KEY("updates"), taken.verdicts[VERDICT_UPDATE]);
    json_member_uint(json, JSON_KEY("duplicates"), taken.verdicts[VERDICT_DUP]);
    json_member_uint(json, JSON_KEY("old"), taken.verdicts[VERDICT_OLD]);
    json_member_uint(json, JSON_KEY("refused"), taken.refused);
    json_member_uint(json, JSON_KEY("not_kept"), taken.not_kept);
    json_member_uint(json, JSON_KEY("held"), taken.held);
    json_member_uint(json, JSON_KEY("none"), taken.verdicts[VERDICT_NONE]);
    json_member_uint(json, JSON_KEY("passed_over"), s->noise.times);
    json_member_uint(json, JSON_KEY("passed_over_bytes"), s->noise.bytes);
    json_member_uint(json, JSON_KEY("leases_expired"), counts.expired);
    json_member_uint(json, JSON_KEY("leases_lost"), counts.lost);
    json_member_decimal(json, JSON_KEY("reports_per_second"),
                        (double)(s->history[0] - s->history[RATE_SECONDS]) / RATE_SECONDS,
                        1);
}

/* How long the oldest report that is not committed has been here. */
static uint64_t oldest_ms(const struct service *s) {
    uint64_t index;
    int64_t since_ms;
    if (journal_next(s->journal, 0, &index) != 0 ||
        journal_since(s->journal, index, &since_ms) != 0)
        return 0;
    int64_t age_ms = clock_wall() - since_ms;
    return age_ms > 0 ? (uint64_t)age_ms : 0;
}

static void put_journal(const struct service *s, struct json *json) {
    struct journal_counts counts = journal_counts(s->journal);
    size_t runs;
    journal_runs(s->journal, &runs);
    json_member_uint(json, JSON_KEY("oldest_ms"), oldest_ms(s));
    json_member_uint(json, JSON_KEY("dead_letters"), counts.letters);
    json_member_uint(json, JSON_KEY("runs"), runs);
    json_member_uint(json, JSON_KEY("journal_bytes"), (uint64_t)counts.bytes);
    json_member_uint(json, JSON_KEY("journal_file_bytes"),
                     (uint64_t)journal_file_bytes(s->journal));
    json_member_uint(json, JSON_KEY("journal_max_bytes"), (uint64_t)s->conf.max_journal);
    json_key(json, "reading");
    json_bool(json, !s->paused && !s->stopping);
    json_key(json, "why_not_reading");
    json_text(json, s->stopping ? "stopping" : s->paused ? why_paused(s) : NULL);
}

/* The first of each kind by name; all of them as "listening". */
static void put_endpoints(const struct service *s, struct json *json) {
    json_member_object(json, JSON_KEY("endpoints"));
    json_key(json, "tcp");
    json_text(json, s->tcp);
    json_key(json, "unix");
    json_text(json, s->local);
    json_key(json, "zmq");
    json_text(json, s->zmq);
    json_key(json, "work");
    json_text(json, handout_endpoint(s->handout));
    json_end(json);
    json_member_array(json, JSON_KEY("listening"));
    for (size_t i = 0; i < s->source_count; i++)
        json_text(json, s->sources[i]->endpoint);
    json_end(json);
    json_key(json, "work");
    handout_endpoints_json(s->handout, json);
}

static void on_status(void *context, struct json *json) {
    const struct service *s = context;
    json_key(json, "healthy");
    json_bool(json, !s->stopping);
    json_key(json, "why");
    json_text(json, s->stopping ? "stopping" : NULL);
    put_counts(s, json);
    put_journal(s, json);
    json_member_uint(json, JSON_KEY("workers"), handout_enrichers(s->handout));
    json_member_uint(json, JSON_KEY("sinks"), handout_sinks(s->handout));
    json_key(json, "peers");
    handout_peers_json(s->handout, json);
    put_endpoints(s, json);
}

/* ---- dead letters ---- */

static void on_revived(void *context, uint64_t index) {
    handout_revive(((struct service *)context)->handout, index);
}

static void on_dead(void *context, struct view rest, struct json *json) {
    struct service *s = context;
    const struct letters letters = {
        .journal = s->journal, .intake = s->intake, .revived = on_revived, .context = s};
    letters_answer(&letters, rest, clock_wall(), json);
}

static const struct control_question questions[] = {{"dead", on_dead}, {0}};

/* ---- opening ---- */

static bool is_none(const char *text) { return !text || strcmp(text, "none") == 0; }

static void keep_source(struct service *s, struct source *source, const char **endpoint) {
    s->sources = mem_resize(s->sources, s->source_count + 1, sizeof(struct source *));
    s->sources[s->source_count++] = source;
    if (endpoint && !*endpoint)
        *endpoint = source->endpoint;
}

/* Adds the option that would change it to what went wrong. */
static int explain(int err, const char *option, struct diag *diag) {
    size_t len = strlen(diag->text);
    snprintf(diag->text + len, sizeof diag->text - len, " (%s changes it)", option);
    return err;
}

typedef int open_fn(const struct source_conf *, const char *, struct source **,
                    struct diag *);

/* A kind of source: how it is opened, which option names it, where its endpoint is noted.
 */
struct kind {
    open_fn *open;
    const char *option;
    const char **endpoint; /* NULL: nowhere */
};

/* where: "none" or NULL for nowhere; feed: whose door it is, or NULL. */
static int open_source(struct service *s, const struct kind *kind, const char *where,
                       const struct feed *feed, struct diag *diag) {
    struct source_conf conf = {
        .loop = s->loop,
        .intake = s->intake,
        .feeds = s->conf.feeds,
        .feed = feed,
        .noise = &s->noise,
        .max_report = (size_t)s->conf.max_report,
        .max_line = (size_t)s->conf.max_header,
        .max_connections = (int)s->conf.max_connections,
        .long_bytes = (size_t)s->conf.memory / LONG_SHARE,
        .idle_ms = s->conf.idle_ms,
    };
    struct source *source = NULL;
    if (is_none(where))
        return 0;
    int err = kind->open(&conf, where, &source, diag);
    if (err < 0)
        return explain(err, kind->option, diag);
    keep_source(s, source, kind->endpoint);
    return 0;
}

static int open_each(struct service *s, const struct kind *kind,
                     const struct setting_list *list, struct diag *diag) {
    int err = 0;
    for (size_t i = 0; i < list->count && err == 0; i++)
        err = open_source(s, kind, list->items[i], NULL, diag);
    return err;
}

static int open_zmq(struct service *s, struct diag *diag) {
    const struct kind zmq = {source_zmq_new, "--zmq", &s->zmq};
    int err = open_source(s, &zmq, s->conf.zmq, NULL, diag);
    if (err != ERR_IN_USE || !s->conf.zmq_may_fail)
        return err;
    log_line(LOG_WARN, "INGEST-ZMQ", "reason=%s",
             log_quote(diag->text, strlen(diag->text)));
    diag->text[0] = 0;
    return 0;
}

static int open_doors(struct service *s, struct diag *diag) {
    const struct kind tcp = {source_tcp_new, "--feed ...,listen=", NULL};
    const struct kind local = {source_unix_new, "--feed ...,socket=", NULL};
    const struct kind folder = {source_dir_new, "--feed ...,watch=", NULL};
    const struct feed *feed;
    int err = 0;
    for (size_t i = 0; err == 0 && (feed = feeds_at(s->conf.feeds, i)); i++) {
        err = open_source(s, &tcp, feed->listen, feed, diag);
        if (err == 0)
            err = open_source(s, &local, feed->socket, feed, diag);
        if (err == 0)
            err = open_source(s, &folder, feed->watch, feed, diag);
    }
    return err;
}

static int open_sources(struct service *s, struct diag *diag) {
    const struct kind tcp = {source_tcp_new, "--listen", &s->tcp};
    const struct kind local = {source_unix_new, "--socket", &s->local};
    const struct kind folder = {source_dir_new, "--watch", NULL};
    int err = open_each(s, &tcp, &s->conf.listen, diag);
    if (err == 0)
        err = open_source(s, &local, s->conf.socket, NULL, diag);
    if (err == 0)
        err = open_zmq(s, diag);
    if (err == 0)
        err = open_each(s, &folder, &s->conf.watch, diag);
    return err < 0 ? err : open_doors(s, diag);
}

static int open_journal(struct service *s, struct diag *diag) {
    struct journal_conf conf = {
        .max_bytes = s->conf.max_journal,
        .largest = s->conf.max_report,
        .max_documents = s->conf.max_dead,
        .remember = (size_t)s->conf.remember,
        .remember_ms = s->conf.remember_ms,
    };
    int err = journal_open(s->conf.data, &conf, &s->journal, diag);
    if (err == 0)
        s->intake = intake_new(s->journal, s->conf.feeds, on_refused, on_noted, s);
    return err;
}

static int open_handout(struct service *s, struct diag *diag) {
    const struct dispatch_conf conf = {s->conf.lease_ms, s->conf.max_age_ms};
    int err = handout_new(s->loop, s->journal, &conf, &s->conf.work, &s->handout, diag);
    return err < 0 ? explain(err, "--work", diag) : 0;
}

static void warn_of_disk(const struct service *s) {
    const char *warning = disk_warning(s->conf.data);
    if (warning)
        log_line(LOG_WARN, "INGEST-DISK", "data=%s reason=\"%s\"", s->conf.data, warning);
}

static int open_all(struct service *s, struct diag *diag) {
    int err = place_take(s->conf.data, "ingest", diag);
    if (err == 0)
        warn_of_disk(s);
    if (err == 0)
        err = open_journal(s, diag);
    if (err == 0)
        err = open_handout(s, diag);
    if (err == 0)
        err = open_sources(s, diag);
    if (err == 0)
        err =
            control_new(s->loop, s->conf.data, "ingest", on_status, s, &s->control, diag);
    if (err == 0)
        control_questions(s->control, questions);
    return err;
}

/* The journal is mapped into memory: where the disk cannot give a page, the kernel sends
 * SIGBUS. There is no going on from there, but the reason can be said. */
static char bus_text[512];

static void on_bus(int number) {
    ssize_t written = write(STDERR_FILENO, bus_text, strlen(bus_text));
    (void)number;
    (void)written; // and then the default: the end
}

static void say_why_at_bus(const char *data) {
    struct sigaction action = {.sa_handler = on_bus, .sa_flags = (int)SA_RESETHAND};
    snprintf(bus_text, sizeof bus_text,
             "wiretag ingest: a page of the journal in %.200s cannot be read: the disk "
             "fails (the kernel's log says so), or the file has been cut short; start "
             "again, and if that does not help put back a copy of reports.mdb\n",
             data);
    sigaction(SIGBUS, &action, NULL);
}

int service_new(const struct service_conf *conf, struct service **out,
                struct diag *diag) {
    struct service *s = mem_zalloc(sizeof *s);
    s->conf = *conf;
    memory_limit(conf->memory);
    signal(SIGXFSZ, SIG_IGN); // a limit on files is a full disk, not the end
    say_why_at_bus(conf->data);
    s->loop = loop_new();
    loop_on_signal(s->loop, on_signal, s);
    int err = open_all(s, diag);
    if (err < 0) {
        service_free(s);
        return err;
    }
    loop_on_turn(s->loop, on_turn, s);
    s->tick = loop_timer_new(s->loop, TICK_MS, TICK_MS, on_tick, s);
    s->more = loop_timer_new(s->loop, 0, 0, on_nothing, s);
    s->resume = loop_timer_new(s->loop, 0, 0, on_resume, s);
    *out = s;
    return 0;
}

static const char *or_none(const char *text) { return text ? text : "none"; }

int service_run(struct service *s) {
    log_line(LOG_INFO, "INGEST-READY", "tcp=%s unix=%s zmq=%s work=%s", or_none(s->tcp),
             or_none(s->local), or_none(s->zmq), or_none(handout_endpoint(s->handout)));
    int code = loop_run(s->loop);
    struct dispatch_counts counts = handout_counts(s->handout);
    uint64_t held = intake_counts(s->intake).held;
    if (held > 0)
        log_line(LOG_ERROR, "INGEST-LOST",
                 "reports=%" PRIu64
                 " reason=\"the disk was full, and feeders that did not "
                 "ask for answers (ack=1) cannot be told to send them again\"",
                 held);
    log_line(LOG_INFO, "INGEST-END",
             "accepted=%" PRIu64 " committed=%" PRIu64 " dead=%" PRIu64 " left=%" PRIu64,
             counts.accepted, counts.committed, counts.dead,
             counts.leased + counts.queued);
    return code;
}

void service_free(struct service *s) {
    if (!s)
        return;
    control_free(s->control);
    for (size_t i = 0; i < s->source_count; i++)
        s->sources[i]->ops->free(s->sources[i]);
    free(s->sources);
    handout_free(s->handout);
    intake_free(s->intake);
    journal_close(s->journal);
    loop_timer_free(s->tick);
    loop_timer_free(s->drain);
    loop_timer_free(s->resume);
    loop_timer_free(s->more);
    loop_free(s->loop);
    free(s);
    port_shutdown();
}
