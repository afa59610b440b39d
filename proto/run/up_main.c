/* wiretag up: the whole pipeline on this machine, under one parent.
 *
 * Children are started, watched by SIGCHLD and restarted with back-off. They run in
 * process groups of their own, so that Ctrl-C reaches this parent only and the order of
 * stopping is ours: ingest (no more input), enrichers, sink. Should the parent be killed,
 * the kernel sends each child SIGTERM. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/mem.h"
#include "proto/run/log.h"
#include "proto/run/loop.h"
#include "proto/run/place.h"
#include "proto/run/settings.h"
#include "proto/run/status.h"

#define BACKOFF_MS     200
#define BACKOFF_MAX_MS 5000
#define STEADY_MS      10000 /* a child that lived so long starts with a clean slate */
#define WATCH_MS       500
#define PATIENCE_MS    2000 /* over the drain time, then SIGKILL */

enum { INGEST, SINK, FIRST_ENRICHER };

struct child {
    const char *verb;
    pid_t pid; /* 0: not running */
    int64_t started_ms, restart_at_ms, backoff_ms;
    bool killed; /* SIGKILL was sent */
};

static struct up {
    struct loop *loop;
    struct child *children;
    int count;
    bool ready;
    int phase; /* 0: running; 1: ingest stops; 2: enrichers stop; 3: sink stops */
    int64_t phase_until_ms;
    int code;
    char line[200]; /* the status line as printed last */
} up;

static const char *data;
static int64_t enrichers, drain_ms; // enrichers: 0 one for each core
static const char *listen_at, *zmq_at, *publish_at, *watch_dir, *output;
static struct setting_list feeds;
static int64_t max_journal; // 0: not given
static bool quiet;

static struct setting settings[] = {
    {"data", 'd', SETTING_TEXT, &data, NULL, "DIR",
     "Where journals, sockets and output live; made if absent [$WIRETAG_DATA, else "
     "~/.local/state/wiretag]",
     0, 0, NULL},
    {"enrichers", 'n', SETTING_NUMBER, &enrichers, "0", "N",
     "Enrichers to run; 0: one for each core", 0, 1024, NULL},
    {"listen", 'l', SETTING_TEXT, &listen_at, NULL, "HOST:PORT",
     "Where ingest takes reports over TCP (see wiretag ingest)", 0, 0, NULL},
    {"zmq", 0, SETTING_TEXT, &zmq_at, NULL, "ENDPOINT",
     "Where ingest takes reports over ZeroMQ (see wiretag ingest)", 0, 0, NULL},
    {"watch", 0, SETTING_TEXT, &watch_dir, NULL, "DIR",
     "A directory whose files are reports (see wiretag ingest)", 0, 0, NULL},
    {"feed", 0, SETTING_TEXTS, &feeds, NULL, "name=NAME,KEY=VALUE,...",
     "What is known of a feed (see wiretag ingest)", 0, 0, NULL},
    {"publish", 'p', SETTING_TEXT, &publish_at, NULL, "ENDPOINT",
     "Where the sink publishes events, in addition to the data directory's socket (see "
     "wiretag sink)",
     0, 0, NULL},
    {"output", 'o', SETTING_TEXT, &output, NULL, "FILE",
     "The file the sink appends events to (see wiretag sink)", 0, 0, NULL},
    {"max-journal", 0, SETTING_BYTES, &max_journal, NULL, "BYTES",
     "Room for reports on their way (see wiretag ingest)", 0, 0, NULL},
    {"drain", 0, SETTING_TIME, &drain_ms, "10s", "TIME",
     "How long each process may take to finish its work when stopping", 0, 0, NULL},
    {"quiet", 'q', SETTING_FLAG, &quiet, NULL, NULL, "No status line", 0, 0, NULL},
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "a process could not be started, or had to be killed when stopping"},
    {0, NULL}};

static const struct program program = {
    .verb = "up",
    .summary = "start ingest, enrichers and sink on this machine",
    .description =
        "Starts the three kinds of processes with one data directory, restarts what dies "
        "and "
        "shows one status line. Ctrl-C or SIGTERM stops them in order: ingest first, "
        "then the "
        "enrichers, then the sink, each having finished its work; a second one ends all "
        "at "
        "once, which is safe too.\n\n"
        "The options of ingest, enrich and sink can be given in their sections of a "
        "configuration file (--config) or as WIRETAG_ variables. They log warnings only, "
        "unless --log says otherwise.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples = "  wiretag up --data ./wire            # then, in other terminals:\n"
                "  wiretag tail --data ./wire\n"
                "  wiretag feed --data ./wire story.txt\n"};

/* ---- children ---- */

static void become(const struct child *child) {
    char self[4096], path[4200];
    char drain[32], name[32];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    sigset_t none;

    self[n > 0 ? n : 0] = 0;
    *strrchr(self, '/') = 0;
    snprintf(path, sizeof path, "%s/wiretag-%s", self, child->verb);
    snprintf(name, sizeof name, "enrich-%d",
             (int)(child - up.children) - FIRST_ENRICHER + 1);
    snprintf(drain, sizeof drain, "%" PRId64 "ms", drain_ms);
    setenv("WIRETAG_DATA", data, 1);
    setenv("WIRETAG_DRAIN", drain, 1);
    setenv("WIRETAG_NAME", name, 1); /* read by enrich only */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    execl(path, path, (char *)NULL);
    fprintf(stderr, "wiretag up: cannot run %s: %s\n", path, strerror(errno));
    _exit(127);
}

static void start(struct child *child) {
    pid_t parent = getpid();
    pid_t pid = fork();

    child->started_ms = loop_now(up.loop);
    child->restart_at_ms = 0;
    child->killed = false;
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(0);
        become(child);
    }
    child->pid = pid > 0 ? pid : 0;
    if (pid < 0)
        child->restart_at_ms = loop_now(up.loop) + BACKOFF_MAX_MS;
}

static void stop(struct child *child, int signal) {
    if (child->pid)
        kill(child->pid, signal);
}

static void describe(int status, char *out, size_t size) {
    if (WIFSIGNALED(status))
        snprintf(out, size, "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(out, size, "exit code %d", WEXITSTATUS(status));
}

static void begin_stop(int code);

static void on_death(struct child *child, int status) {
    char how[80];
    int64_t now = loop_now(up.loop);

    describe(status, how, sizeof how);
    child->pid = 0;
    if (up.phase) {
        if (child->killed || status)
            up.code = EXIT_FAILED;
        return;
    }
    if (!up.ready && WIFEXITED(status) && WEXITSTATUS(status)) {
        log_line(LOG_ERROR, "UP-START", "process=%s how=\"%s\" (it says why above)",
                 child->verb, how);
        begin_stop(EXIT_FAILED);
        return;
    }
    if (now - child->started_ms >= STEADY_MS || !child->backoff_ms)
        child->backoff_ms = BACKOFF_MS;
    else
        child->backoff_ms = child->backoff_ms * 2 < BACKOFF_MAX_MS ? child->backoff_ms * 2
                                                                   : BACKOFF_MAX_MS;
    child->restart_at_ms = now + child->backoff_ms;
    log_line(LOG_WARN, "UP-DIED", "process=%s how=\"%s\" restart_in=%" PRId64 "ms",
             child->verb, how, child->backoff_ms);
}

static void reap(void) {
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (int i = 0; i < up.count; i++)
            if (up.children[i].pid == pid)
                on_death(&up.children[i], status);
}

/* ---- stopping, in phases ---- */

static void phase_range(int phase, int *from, int *to) {
    *from = phase == 1 ? INGEST : phase == 2 ? FIRST_ENRICHER : SINK;
    *to = phase == 2 ? up.count : *from + 1;
}

static void enter_phase(int phase) {
    int from, to;

    up.phase = phase;
    up.phase_until_ms = loop_now(up.loop) + drain_ms + PATIENCE_MS;
    phase_range(phase, &from, &to);
    for (int i = from; i < to; i++)
        stop(&up.children[i], SIGTERM);
}

static bool phase_done(void) {
    int from, to;

    phase_range(up.phase, &from, &to);
    for (int i = from; i < to; i++)
        if (up.children[i].pid)
            return false;
    return true;
}

static void kill_stragglers(void) {
    int from, to;

    phase_range(up.phase, &from, &to);
    for (int i = from; i < to; i++) {
        if (!up.children[i].pid || up.children[i].killed)
            continue;
        log_line(LOG_WARN, "UP-KILL", "process=%s reason=\"did not stop in time\"",
                 up.children[i].verb);
        up.children[i].killed = true;
        stop(&up.children[i], SIGKILL);
    }
}

static void advance(void) {
    while (up.phase && up.phase <= 3 && phase_done()) {
        if (up.phase == 3) {
            loop_stop(up.loop, up.code);
            return;
        }
        enter_phase(up.phase + 1);
    }
    if (up.phase && loop_now(up.loop) > up.phase_until_ms)
        kill_stragglers();
}

static void begin_stop(int code) {
    up.code = code;
    if (!up.phase)
        enter_phase(1);
}

static void on_signal(void *context, int signal) {
    (void)context;
    if (signal == SIGCHLD) {
        reap();
    } else if (signal == SIGHUP) {
        for (int i = 0; i < up.count; i++)
            stop(&up.children[i], SIGHUP);
    } else if (!up.phase) {
        begin_stop(0);
    } else {
        for (int i = 0; i < up.count; i++)
            stop(&up.children[i], SIGKILL);
        loop_stop(up.loop, 0);
    }
    advance();
}

/* ---- watching ---- */

static void show_line(const char *text) {
    bool terminal = isatty(STDOUT_FILENO);

    /* On a terminal again and again: a log line may have gone over it. */
    if (quiet || (!terminal && strcmp(text, up.line) == 0))
        return;
    snprintf(up.line, sizeof up.line, "%s", text);
    /* The cursor waits at the line's start: a log line goes over it. */
    printf(terminal ? "\033[K%s\r" : "%s\n", text);
    fflush(stdout);
}

static void show_books(void) {
    struct process_status ingest;
    char line[200];
    const struct books *b = &ingest.books;
    int alive = 0;

    for (int i = FIRST_ENRICHER; i < up.count; i++)
        alive += up.children[i].pid != 0;
    if (status_ask(data, "ingest", &ingest) == 0) {
        snprintf(line, sizeof line,
                 "%.0f reports/s  queued %" PRIu64 "  leased %" PRIu64
                 "  committed %" PRIu64 "  dead %" PRIu64 "  enrichers %d",
                 b->reports_per_second, b->queued, b->leased, b->committed, b->dead,
                 alive);
        show_line(line);
    }
    status_release(&ingest);
}

static bool all_healthy(void) {
    struct process_status *all;
    int count = status_ask_all(data, &all);
    int well = 0;

    for (int i = 0; i < count; i++)
        well += all[i].healthy;
    status_free(all, count);
    return well >= up.count;
}

static void watch(void *context) {
    int64_t now = loop_now(up.loop);

    (void)context;
    reap();
    for (int i = 0; !up.phase && i < up.count; i++) {
        struct child *child = &up.children[i];
        if (!child->pid && child->restart_at_ms <= now)
            start(child);
    }
    if (!up.phase && !up.ready && all_healthy()) {
        up.ready = true;
        printf("ready: %d enrichers, data in %s\n", up.count - FIRST_ENRICHER, data);
        fflush(stdout);
    }
    if (up.ready && !up.phase)
        show_books();
    advance();
}

/* What the children read from their environment. */
static void hand_down(const char *name, const char *value) {
    if (value)
        setenv(name, value, 1);
}

static void hand_down_feeds(void) {
    struct buf joined = {0};

    for (size_t i = 0; i < feeds.count; i++)
        buf_printf(&joined, "%s%s", i ? "\n" : "", feeds.items[i]);
    if (feeds.count)
        setenv("WIRETAG_FEED", buf_text(&joined), 1);
    buf_release(&joined);
}

static void hand_down_settings(void) {
    char journal[32];

    snprintf(journal, sizeof journal, "%" PRId64, max_journal);
    hand_down("WIRETAG_CONFIG", settings_config());
    hand_down("WIRETAG_LISTEN", listen_at);
    hand_down("WIRETAG_ZMQ", zmq_at);
    hand_down("WIRETAG_WATCH", watch_dir);
    hand_down_feeds();
    hand_down("WIRETAG_PUBLISH", publish_at);
    hand_down("WIRETAG_OUTPUT", output);
    hand_down("WIRETAG_MAX_JOURNAL", max_journal ? journal : NULL);
    hand_down("WIRETAG_LOG", settings_log_chosen() ? settings_log_chosen() : "warn");
}

static void make_children(void) {
    if (!enrichers)
        enrichers = sysconf(_SC_NPROCESSORS_ONLN);
    up.count = FIRST_ENRICHER + (int)enrichers;
    up.children = mem_zalloc((size_t)up.count * sizeof *up.children);
    for (int i = 0; i < up.count; i++)
        up.children[i].verb = i == INGEST ? "ingest" : i == SINK ? "sink" : "enrich";
}

int main(int argc, char **argv) {
    struct diag diag = {0};
    int code;

    settings_read(&program, argc, argv, NULL);
    data = mem_dup(data ? data : place_standard());
    if (place_take(data, "up", &diag)) {
        fprintf(stderr, "wiretag up: %s\n", diag.text);
        return EXIT_FAILED;
    }
    status_clear(data);
    hand_down_settings();
    up.loop = loop_new();
    loop_on_signal(up.loop, on_signal, NULL);
    make_children();
    loop_timer_new(up.loop, 0, WATCH_MS, watch, NULL);
    code = loop_run(up.loop);
    if (isatty(STDOUT_FILENO))
        putchar('\n');
    loop_free(up.loop);
    free(up.children);
    return code;
}
