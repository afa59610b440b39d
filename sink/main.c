/* wiretag sink: stores events, writes them out, publishes them.
 *
 *     RESULT in ──▶ journal ──▶ sync ──▶ COMMIT and CREDIT out ──▶ publish
 *                      │
 *                      └── outputs, each in a thread of its own, behind its own cursor
 *
 * The loop's thread alone writes events. Upkeep of the journal's file is a thread, too.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/control.h"
#include "proto/run/disk.h"
#include "proto/run/log.h"
#include "proto/run/memory.h"
#include "proto/run/place.h"
#include "proto/run/port.h"
#include "proto/run/settings.h"
#include "sink/output.h"
#include "sink/publish.h"
#include "sink/receive.h"
#include "sink/upkeep.h"

#define TICK_MS         1000
#define DRAIN_MS        20  /* how often a stopping sink looks whether it is done */
#define QUIET_MS        100 /* without results: nothing is on its way any more */
#define RATE_SECONDS    5
#define STOP_MS         2000 /* for an output to flush and close */
#define PUBLISH_DEFAULT "tcp://127.0.0.1:7003"

struct endpoints { /* as bound, with real port numbers */
    char **items;
    size_t count;
};

struct sink {
    struct loop *loop;
    struct journal *journal;
    struct upkeep *upkeep;
    struct output *output; /* NULL: none */
    bool output_stuck;     /* said so */
    char journal_path[4096], output_name[4096];
    struct publish *publish;
    struct receive *receive;
    struct control *control;
    struct endpoints results, events;
    uint64_t heads[RATE_SECONDS]; /* the journal's, second by second */
    uint64_t ticks;
    int64_t drain_until_ms;
    bool stopping, failed;
};

static const char *data, *output_path;
static struct setting_list results, ingests, publish_at;
static int64_t credit, credit_bytes, memory, queue, rotate_size, drain_ms, keep_ms;
static bool rotate_daily, sync_output;

static struct setting settings[] = {
    {"data", 'd', SETTING_TEXT, &data, NULL, "DIR",
     "The data directory: sockets, the journal (events.db) and, unless --output says "
     "otherwise, the events [$WIRETAG_DATA, else ~/.local/state/wiretag]",
     0, 0, NULL},
    {"ingest", 'i', SETTING_LIST, &ingests, NULL, "ENDPOINT",
     "An ingest to tell what is stored, such as tcp://host:7004 [ipc://DIR/work.sock]", 0,
     0, NULL},
    {"results", 'r', SETTING_LIST, &results, NULL, "ENDPOINT",
     "Where enrichers of other machines connect, such as tcp://0.0.0.0:7005, besides "
     "ipc://DIR/results.sock",
     0, 0, NULL},
    {"publish", 'p', SETTING_LIST, &publish_at, NULL, "ENDPOINT",
     "Where subscribers connect, besides ipc://DIR/events.sock; \"none\" for nowhere "
     "else "
     "[" PUBLISH_DEFAULT ", if that is free]",
     0, 0, NULL},
    {"output", 'o', SETTING_TEXT, &output_path, NULL, "FILE",
     "Append each event of the journal to FILE once, one JSON object a line; \"-\" is "
     "standard output (after a crash some may come again, in a pipe too), \"none\" "
     "nowhere [DIR/events.ndjson]",
     0, 0, NULL},
    {"rotate-size", 0, SETTING_BYTES, &rotate_size, "0", "BYTES",
     "Begin a new file before one grows over BYTES; the old one becomes "
     "NAME-YYYYMMDD[-N].ndjson; 0: never",
     0, INT64_C(1) << 50, NULL},
    {"rotate-daily", 0, SETTING_FLAG, &rotate_daily, "no", NULL,
     "Begin a new file with the first event of a day (UTC)", 0, 0, NULL},
    {"sync", 0, SETTING_FLAG, &sync_output, "yes", NULL,
     "Wait for the disk before saying that an event is stored; with --no-sync a power "
     "cut "
     "may lose some",
     0, 0, NULL},
    {"keep", 0, SETTING_TIME, &keep_ms, "0", "TIME",
     "Delete events from the journal that are older than TIME and written out; what was "
     "stored is remembered all the same; 0: keep them for ever",
     0, 0, NULL},
    {"credit", 0, SETTING_NUMBER, &credit, "1024", "N",
     "Results one enricher may have on the way here", 1, 1000000, NULL},
    {"credit-bytes", 0, SETTING_BYTES, &credit_bytes, "8MiB", "BYTES",
     "The same in bytes", 4096, INT64_C(1) << 32, NULL},
    {"memory", 0, SETTING_BYTES, &memory, "256MiB", "BYTES",
     "Memory this process may take; at eight tenths enrichers have to wait", MEMORY_LEAST,
     INT64_C(1) << 44, NULL},
    {"queue", 0, SETTING_NUMBER, &queue, "4096", "N",
     "Events to hold for a subscriber who is behind; after that it loses some and can "
     "tell",
     1, 1000000, NULL},
    {"drain", 0, SETTING_TIME, &drain_ms, "10s", "TIME",
     "How long to go on storing what is on its way, and writing it out, when stopping", 0,
     0, NULL},
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED,
     "could not start, the journal failed, or not everything could be stored before the "
     "end; what is not stored will be handed out again by the ingest"},
    {0, NULL}};

static const struct program program = {
    .verb = "sink",
    .summary = "store, write out and publish the tagged events",
    .description =
        "Takes results from the enrichers and stores them in the journal, an SQLite "
        "database (DIR/events.db; look into it with sqlite3 -readonly while this runs, "
        "at the view \"stories\" first). When they are on the disk it tells the ingests "
        "which reports are safe, publishes the events on a ZeroMQ XPUB socket to which "
        "any SUB socket can subscribe, and writes them to a file. A file that cannot be "
        "written holds up nothing else; it is continued when it can.\n\n"
        "An event under embargo is stored at once, but it goes out, by every way and into "
        "every view, only when the embargo ends by this machine's clock.\n\n"
        "SIGTERM: stores what is on its way, then ends; a second one ends at once, which "
        "is safe too. SIGHUP: opens the output file again, after it was moved away.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples = "  wiretag sink --data ./wire\n"
                "  wiretag sink --results tcp://0.0.0.0:7005 --ingest tcp://wire1:7004\n"
                "  wiretag sink --rotate-daily --rotate-size 1GiB\n"};

/* ---- events out ---- */

static uint64_t written_out(const struct sink *s) {
    struct output_state state = {.offset = journal_durable(s->journal)};

    if (s->output)
        output_look(s->output, &state, false);
    return state.offset;
}

static void tell_others(struct sink *s) {
    if (s->output)
        output_wake(s->output, journal_durable(s->journal));
    upkeep_tell(s->upkeep, journal_log_bytes(s->journal), written_out(s));
}

static void on_stored(void *context) {
    struct sink *s = context;
    size_t count;
    const struct journal_event *events = journal_group(s->journal, &count);

    tell_others(s);
    for (size_t i = 0; i < count; i++)
        publish_event(s->publish, &events[i]);
}

static void on_failed(void *context, const char *why) {
    struct sink *s = context;

    if (!s->failed)
        log_line(LOG_ERROR, "SINK-JOURNAL-FAILED", "why=%s", log_quote(why, strlen(why)));
    s->failed = true;
    loop_stop(s->loop, EXIT_FAILED);
}

static void on_subscription(void *context) {
    publish_receive(((struct sink *)context)->publish);
}

static void say_output(struct sink *s, const struct output_state *state) {
    const char *id = state->err ? "SINK-OUTPUT-STUCK" : "SINK-OUTPUT-RESUMED";

    if (state->remark.text[0])
        log_line(LOG_WARN, "SINK-OUTPUT-MENDED", "why=%s",
                 log_quote(state->remark.text, strlen(state->remark.text)));
    if (s->output_stuck == (state->err != 0))
        return;
    s->output_stuck = state->err != 0;
    log_line(state->err ? LOG_ERROR : LOG_INFO, id, "output=%s offset=%" PRIu64 " why=%s",
             log_quote(output_path, strlen(output_path)), state->offset,
             log_quote(state->why.text, strlen(state->why.text)));
}

static void look_at_output(struct sink *s) {
    struct output_state state;

    if (!s->output)
        return;
    output_look(s->output, &state, true);
    say_output(s, &state);
    if (state.failed)
        on_failed(s, state.why.text);
    if (state.err == ERR_GONE && strcmp(output_path, "-") == 0)
        loop_stop(s->loop, EXIT_FAILED); // nobody is left to write for
}

static void tick(void *context) {
    struct sink *s = context;
    struct diag why = {0};

    s->heads[s->ticks++ % RATE_SECONDS] = journal_durable(s->journal);
    publish_heads(s->publish);
    look_at_output(s);
    tell_others(s);
    if (upkeep_failed(s->upkeep, &why))
        on_failed(s, why.text);
}

/* ---- for people ---- */

static double events_per_second(const struct sink *s) {
    uint64_t seconds = s->ticks < RATE_SECONDS ? s->ticks : RATE_SECONDS;
    uint64_t oldest = s->heads[(s->ticks - seconds) % RATE_SECONDS];

    return seconds ? (double)(journal_durable(s->journal) - oldest) / (double)seconds : 0;
}

/* One that people can use, a tcp one where there is. */
static const char *main_endpoint(const struct endpoints *endpoints) {
    for (size_t i = 0; i < endpoints->count; i++)
        if (strncmp(endpoints->items[i], "tcp:", 4) == 0)
            return endpoints->items[i];
    return endpoints->count ? endpoints->items[0] : NULL;
}

static void put_list(struct json *json, const char *key, const struct endpoints *list) {
    json_key(json, key);
    json_begin_array(json);
    for (size_t i = 0; i < list->count; i++)
        json_text(json, list->items[i]);
    json_end(json);
}

static void put_endpoints(const struct sink *s, struct json *json) {
    json_member_object(json, JSON_KEY("endpoints"));
    json_key(json, "results");
    json_text(json, main_endpoint(&s->results));
    json_key(json, "events");
    json_text(json, main_endpoint(&s->events));
    put_list(json, "all_results", &s->results);
    put_list(json, "all_events", &s->events);
    json_end(json);
}

static void put_outputs(const struct sink *s, struct json *json) {
    struct output_state state;

    json_member_array(json, JSON_KEY("outputs"));
    if (s->output) {
        output_look(s->output, &state, false);
        json_begin_object(json);
        json_key(json, "name");
        json_text(json, output_name(s->output));
        json_key(json, "path");
        json_text(json, output_path);
        json_member_uint(json, JSON_KEY("offset"), state.offset);
        json_member_uint(json, JSON_KEY("lag"),
                         journal_durable(s->journal) - state.written);
        json_key(json, "error");
        json_text(json, state.err ? state.why.text : NULL);
        json_end(json);
    }
    json_end(json);
}

static void put_journal(const struct sink *s, struct json *json) {
    char epoch[HEX16];

    hex16(journal_epoch(s->journal).bytes, epoch);
    json_member_object(json, JSON_KEY("journal"));
    json_key(json, "epoch");
    json_text(json, epoch);
    json_member_uint(json, JSON_KEY("offset"), journal_durable(s->journal));
    json_member_uint(json, JSON_KEY("bytes"), journal_bytes(s->journal));
    json_member_uint(json, JSON_KEY("log_bytes"), journal_log_bytes(s->journal));
    json_member_uint(json, JSON_KEY("deleted"), upkeep_deleted(s->upkeep));
    json_end(json);
}

static void status(void *context, struct json *json) {
    const struct sink *s = context;
    const char *why = receive_trouble(s->receive);

    json_key(json, "healthy");
    json_bool(json, !why);
    json_key(json, "why");
    json_text(json, why);
    put_endpoints(s, json);
    receive_status(s->receive, json);
    json_member_uint(json, JSON_KEY("events"), journal_durable(s->journal));
    json_member_uint(json, JSON_KEY("reports"), journal_reports(s->journal));
    json_member_decimal(json, JSON_KEY("events_per_second"), events_per_second(s), 1);
    json_member_uint(json, JSON_KEY("published"), publish_count(s->publish));
    json_member_uint(json, JSON_KEY("subscribers"), publish_subscribers(s->publish));
    put_outputs(s, json);
    put_journal(s, json);
}

/* ---- start ---- */

static void note_endpoint(struct endpoints *list, const char *endpoint) {
    list->items = mem_resize(list->items, list->count + 1, sizeof(char *));
    list->items[list->count++] = mem_dup(endpoint);
}

/* A cursor belongs to a file, by whatever way it is named: relative to the data directory
 * where it lies in there, so that a directory moved whole goes on. */
static void name_output(struct sink *s) {
    const char *slash = strrchr(output_path, '/');
    const char *file = slash ? slash + 1 : output_path;
    char *folder = mem_dup(slash ? output_path : "."), *real, *home;

    if (slash)
        folder[file - output_path] = 0;
    real = realpath(folder, NULL);
    home = realpath(data, NULL);
    if (strcmp(output_path, "-") == 0 || !real || (home && strcmp(real, home) == 0))
        snprintf(s->output_name, sizeof s->output_name, "%s", real ? file : output_path);
    else
        snprintf(s->output_name, sizeof s->output_name, "%s/%s", real, file);
    free(folder);
    free(real);
    free(home);
}

static int start_output(struct sink *s, struct diag *diag) {
    struct output_conf conf = {.kind = &output_ndjson,
                               .journal = s->journal_path,
                               .name = s->output_name,
                               .sync = sync_output,
                               .rotate_bytes = rotate_size,
                               .rotate_daily = rotate_daily,
                               .wall_ms = clock_wall};
    int err;

    if (!output_path)
        output_path = mem_dup(place_path(data, "events.ndjson"));
    if (strcmp(output_path, "none") == 0)
        return 0;
    name_output(s);
    conf.path = output_path;
    err = output_start(&conf, &s->output, diag);
    if (!err)
        output_wake(s->output, journal_durable(s->journal));
    return err;
}

static int start_upkeep(struct sink *s, struct diag *diag) {
    struct upkeep_conf conf = {
        .journal = s->journal_path, .keep_ms = keep_ms, .wall_ms = clock_wall};

    return upkeep_start(&conf, &s->upkeep, diag);
}

/* Where events were written out before, the journal that had them is missing. */
static void say_made(const struct sink *s) {
    bool expected = access(place_path(data, "events.ndjson"), F_OK) == 0;

    log_line(expected ? LOG_WARN : LOG_INFO, "SINK-JOURNAL-MADE",
             "journal=%s why=\"there was none%s\"",
             log_quote(s->journal_path, strlen(s->journal_path)),
             expected ? ", though there are events: was it moved away?" : "");
}

static int open_journal(struct sink *s, struct diag *diag) {
    struct journal_conf conf = {
        .path = s->journal_path, .epoch = uuid_draw(), .sync = sync_output};
    int err;

    snprintf(s->journal_path, sizeof s->journal_path, "%s/events.db", data);
    err = journal_open(&conf, &s->journal, diag);
    if (!err && journal_was_made(s->journal))
        say_made(s);
    return err;
}

static int publish_on(struct sink *s, const char *endpoint, struct diag *diag) {
    int err = endpoint ? publish_bind(s->publish, endpoint, diag) : ERR_TOO_BIG;

    if (!err)
        note_endpoint(&s->events, publish_endpoint(s->publish));
    return err;
}

/* The port nobody asked for is taken if it is free: a second pipeline on this machine
 * works without it. */
static int publish_by_default(struct sink *s, struct diag *diag) {
    struct diag why = {0};
    int err = publish_on(s, PUBLISH_DEFAULT, &why);

    if (err == ERR_IN_USE) {
        log_line(LOG_WARN, "SINK-PORT-TAKEN", "why=%s",
                 "\"" PUBLISH_DEFAULT
                 " is in use: subscribers find the events in the data "
                 "directory only; choose another by --publish\"");
        return 0;
    }
    if (err)
        diag_set(diag, 0, "%s", why.text);
    return err;
}

static int start_publish(struct sink *s, struct diag *diag) {
    int err;

    s->publish =
        publish_new(journal_epoch(s->journal), journal_durable(s->journal), (int)queue);
    loop_add_port(s->loop, publish_port(s->publish), on_subscription, s);
    err = publish_on(s, place_ipc(data, "events.sock", diag), diag);
    if (!err && !publish_at.count)
        err = publish_by_default(s, diag);
    for (size_t i = 0; !err && i < publish_at.count; i++)
        if (strcmp(publish_at.items[i], "none") != 0)
            err = publish_on(s, publish_at.items[i], diag);
    return err;
}

static int listen_on(struct sink *s, const char *endpoint, struct diag *diag) {
    int err = endpoint ? receive_bind(s->receive, endpoint, diag) : ERR_TOO_BIG;

    if (!err)
        note_endpoint(&s->results, receive_endpoint(s->receive));
    return err;
}

static int start_receive(struct sink *s, struct diag *diag) {
    struct receive_conf conf = {.loop = s->loop,
                                .journal = s->journal,
                                .credit = {(uint32_t)credit, (uint64_t)credit_bytes},
                                .stored = on_stored,
                                .failed = on_failed,
                                .context = s};
    int err;

    s->receive = receive_new(&conf);
    err = listen_on(s, place_ipc(data, "results.sock", diag), diag);
    for (size_t i = 0; !err && i < results.count; i++)
        err = listen_on(s, results.items[i], diag);
    if (!err && !ingests.count) {
        const char *beside = place_ipc(data, "work.sock", diag);
        err = beside ? receive_connect(s->receive, beside, diag) : ERR_TOO_BIG;
    }
    for (size_t i = 0; !err && i < ingests.count; i++)
        err = receive_connect(s->receive, ingests.items[i], diag);
    return err;
}

static void warn_of_disk(void) {
    const char *warning = disk_warning(data);

    if (warning)
        log_line(LOG_WARN, "SINK-DISK", "data=%s why=\"%s\"", data, warning);
}

static int start(struct sink *s, struct diag *diag) {
    int err = open_journal(s, diag);

    if (!err)
        err = start_upkeep(s, diag);
    if (!err)
        err = start_output(s, diag);
    if (!err)
        err = start_publish(s, diag);
    if (!err)
        err = start_receive(s, diag);
    if (!err)
        err = control_new(s->loop, data, "sink", status, s, &s->control, diag);
    return err;
}

/* ---- the end ---- */

/* Or is not going to be: a pipe that nobody reads, a full disk. */
static bool is_written_out(struct sink *s) {
    struct output_state state;

    if (!s->output)
        return true;
    output_look(s->output, &state, false);
    return state.err || state.written >= journal_durable(s->journal);
}

static void look_whether_drained(void *context) {
    struct sink *s = context;
    bool done = receive_quiet(s->receive, QUIET_MS) && is_written_out(s);

    if (done || loop_now(s->loop) >= s->drain_until_ms)
        loop_stop(s->loop, 0);
}

static void on_signal(void *context, int signal) {
    struct sink *s = context;

    if (signal == SIGHUP && s->output)
        output_reopen(s->output);
    if (signal != SIGTERM && signal != SIGINT)
        return;
    if (s->stopping) {
        loop_stop(s->loop, EXIT_FAILED);
        return;
    }
    s->stopping = true;
    s->drain_until_ms = loop_now(s->loop) + drain_ms;
    receive_drain(s->receive);
    loop_timer_new(s->loop, DRAIN_MS, DRAIN_MS, look_whether_drained, s);
}

/* What an output lacks it gets at the next start: the journal has it. */
static void say_lag(struct sink *s) {
    struct output_state state;

    if (!s->output)
        return;
    output_look(s->output, &state, true);
    say_output(s, &state);
    if (state.written < journal_durable(s->journal))
        log_line(LOG_WARN, "SINK-OUTPUT-BEHIND",
                 "output=%s events=%" PRIu64 " why=\"they could not be written in time; "
                 "they will be after the next start\"",
                 log_quote(output_path, strlen(output_path)),
                 journal_durable(s->journal) - state.written);
}

static int say_end(struct sink *s, int code) {
    size_t lost = journal_pending(s->journal);

    say_lag(s);
    log_line(LOG_INFO, "SINK-END", "stored=%" PRIu64 " events=%" PRIu64,
             receive_stored(s->receive), journal_durable(s->journal));
    if (!lost)
        return code;
    log_line(LOG_ERROR, "SINK-UNSTORED",
             "reports=%zu why=\"they could not be stored in time; the ingest will hand "
             "them out again\"",
             lost);
    return EXIT_FAILED;
}

static void forget(struct endpoints *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

static void stop(struct sink *s) {
    control_free(s->control);
    receive_free(s->receive);
    if (s->publish)
        loop_remove_port(s->loop, publish_port(s->publish));
    publish_free(s->publish);
    if (!output_stop(s->output, STOP_MS))
        log_line(LOG_ERROR, "SINK-OUTPUT-HANGS",
                 "output=%s why=\"its disk does not answer\"",
                 log_quote(output_path, strlen(output_path)));
    upkeep_stop(s->upkeep);
    journal_close(s->journal);
    forget(&s->results);
    forget(&s->events);
    loop_free(s->loop);
    port_shutdown();
}

int main(int argc, char **argv) {
    struct sink s = {0};
    struct diag diag = {0};
    int code = EXIT_FAILED;

    settings_read(&program, argc, argv, NULL);
    if (!data)
        data = place_standard();
    if (place_take(data, "sink", &diag)) {
        log_line(LOG_ERROR, "SINK-START", "why=%s",
                 log_quote(diag.text, strlen(diag.text)));
        return EXIT_FAILED;
    }
    warn_of_disk();
    memory_limit(memory);
    s.loop = loop_new();
    loop_on_signal(s.loop, on_signal, &s);
    if (start(&s, &diag)) {
        log_line(LOG_ERROR, "SINK-START", "why=%s",
                 log_quote(diag.text, strlen(diag.text)));
    } else {
        loop_timer_new(s.loop, 0, TICK_MS, tick, &s);
        log_line(LOG_INFO, "SINK-READY", "results=%s events=%s output=%s",
                 main_endpoint(&s.results), main_endpoint(&s.events), output_path);
        code = say_end(&s, loop_run(s.loop));
    }
    stop(&s);
    return code;
}
