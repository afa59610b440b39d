/* wiretag feed: sends files to an ingest and waits for the OKs. */
#include "ingest/feed_check.h"
#include "ingest/feed_input.h"
#include "ingest/feed_link.h"
#include "proto/run/clock.h"
#include "proto/run/place.h"
#include "proto/run/settings.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_REPORT     (32u * 1024 * 1024) /* ingest never takes more */
#define WINDOW_BYTES   (16u * 1024 * 1024)
#define TURN_MS        200
#define PROGRESS_MS    200
#define BAR            30
#define ERRORS_SHOWN   100
#define OUTAGE_SAID_MS 1500

static const char *data, *to, *connect_to, *format, *source;
static int64_t window, timeout_ms;
static bool quiet;

static struct setting settings[] = {
    {.name = "data",
     .letter = 'd',
     .type = SETTING_TEXT,
     .value = &data,
     .argument = "DIR",
     .help = "The data directory of the ingest on this machine; standard is "
             "$XDG_STATE_HOME/wiretag"},
    {.name = "to",
     .letter = 't',
     .type = SETTING_TEXT,
     .value = &to,
     .argument = "ADDRESS",
     .help = "The ingest: HOST:PORT, or the path of its Unix socket"},
    {.name = "connect",
     .type = SETTING_TEXT,
     .value = &connect_to,
     .argument = "ADDRESS",
     .help = "The same as --to"},
    {.name = "format",
     .letter = 'f',
     .type = SETTING_CHOICE,
     .value = &format,
     .standard = "auto",
     .argument = "FORMAT",
     .help = "What the files hold; auto goes by name and looks"},
    {.name = "source",
     .type = SETTING_TEXT,
     .value = &source,
     .argument = "NAME",
     .help = "The name of the feed, kept with every report"},
    {.name = "window",
     .letter = 'n',
     .type = SETTING_NUMBER,
     .value = &window,
     .standard = "64",
     .argument = "N",
     .min = 1,
     .max = 65536,
     .help = "How many reports may wait for their OK"},
    {.name = "timeout",
     .type = SETTING_TIME,
     .value = &timeout_ms,
     .standard = "60s",
     .argument = "TIME",
     .help = "Give up when the ingest says nothing for so long; 0: never"},
    {.name = "quiet",
     .letter = 'q',
     .type = SETTING_FLAG,
     .value = &quiet,
     .help = "No progress bar"},
    {0},
};

/* Where the choices go: the names of all formats. */
static struct setting *format_setting(void) {
    struct setting *s = settings;
    while (s->value != &format)
        s++;
    return s;
}

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "not every report was acknowledged"},
    {0, NULL},
};

static const struct program program = {
    .verb = "feed",
    .summary = "send reports to an ingest and wait for the OKs",
    .operands = "[FILE|DIR|-]...",
    .description =
        "Sends each report and waits until the ingest has it safe. After a lost "
        "connection "
        "it sends again what was not acknowledged; the ingest recognises it. A DIR "
        "stands "
        "for the files in it, - for standard input (also when nothing is named).\n\n"
        "A file .ndjson or .jsonl, or one that begins with {, holds a report a line; "
        ".json is one record; messages with marks of their own (SOH ... EOT, ZCZC ... "
        "NNNN, XML documents) are sent one by one; anything else is one report in plain "
        "text, whatever is in it.\n\n"
        "The last line on standard output is: sent N ok N dup N err N. A dup was there "
        "already (or a newer version of it), which is as good as ok; so is a document in "
        "which there is nothing to tag. Errors go to "
        "standard "
        "error with the file and line.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples =
        "  wiretag feed story.txt                 # to the ingest of this machine\n"
        "  wiretag feed --to wire:7001 /srv/wire  # all files of a directory\n"
        "  zcat old.ndjson.gz | wiretag feed      # from a pipe\n",
};

static struct tally { uint64_t sent, ok, dup, err, none; } tally;

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = 1;
}

/* ---- what is shown ---- */

static bool bar_shown;

static void hide_bar(void) {
    if (bar_shown)
        fputs("\r\033[K", stderr);
    bar_shown = false;
}

static void tell(const char *file, uint64_t line, struct view what) {
    hide_bar();
    fprintf(stderr, "wiretag feed: %s", strcmp(file, "-") == 0 ? "standard input" : file);
    if (line > 0)
        fprintf(stderr, ":%" PRIu64, line);
    fprintf(stderr, ": %.*s\n", (int)what.len, what.at);
}

static void complain(const char *file, uint64_t line, struct view why) {
    if (++tally.err > ERRORS_SHOWN)
        return;
    tell(file, line, why);
    if (tally.err == ERRORS_SHOWN)
        fputs("wiretag feed: further errors are only counted\n", stderr);
}

static void show_bar(const struct feed_input *input, int64_t begun_ms) {
    static int64_t shown_ms;
    int64_t now = clock_now();
    if (now - shown_ms < PROGRESS_MS)
        return;
    uint64_t done = tally.ok + tally.dup + tally.err;
    uint64_t total = feed_input_total(input);
    double share = total ? (double)feed_input_done(input) / (double)total : 0;
    double seconds = (double)(now - begun_ms) / 1000;
    char bar[BAR + 1];
    for (int i = 0; i < BAR; i++)
        bar[i] = i < (int)(share * BAR) ? '#' : '.';
    bar[BAR] = 0;
    if (total)
        fprintf(stderr, "\r\033[K[%s] %3.0f%%  ", bar, share * 100);
    else
        fputs("\r\033[K", stderr);
    fprintf(stderr, "%" PRIu64 " reports  %.0f/s  %" PRIu64 " errors", done,
            seconds > 0 ? (double)done / seconds : 0, tally.err);
    fflush(stderr);
    shown_ms = now;
    bar_shown = true;
}

/* Says once for each outage what it is waiting for. */
static void tell_outage(const struct feed_link *link) {
    static bool told;
    bool out = feed_link_waiting(link) > 0 && feed_link_silent_ms(link) > OUTAGE_SAID_MS;
    if (out && !told) {
        hide_bar();
        fprintf(stderr, "wiretag feed: waiting for the ingest: %s\n",
                feed_link_why(link));
    }
    told = out;
}

/* ---- the work ---- */

static void on_answer(void *context, const struct feed_answer *answer) {
    (void)context;
    if (!answer->ok)
        complain(answer->file, answer->line, answer->text);
    else if (answer->again)
        tally.dup++;
    else
        tally.ok++;
    tally.none += answer->none;
}

static void tell_passed(const struct feed_document *document) {
    char text[100];
    snprintf(text, sizeof text,
             "%" PRIu64 " bytes belong to no message and were passed over",
             document->passed);
    tell(document->file, 0, view_of(text));
}

/* The ingest would take it for a text. */
static const char not_json[] = "a record is a JSON object: it begins with {";

static bool cannot_be(const struct feed_document *document) {
    return document->format && strcmp(document->format, "ndjson") == 0 &&
           strcmp(format, "auto") == 0;
}

/* Moves documents into the window. 0: it is full or the input has to be waited for; > 0:
 * the input is at its end. */
static int fill_window(struct feed_link *link, struct feed_input *input) {
    struct feed_document document;
    while (feed_link_has_room(link)) {
        int err = feed_input_next(input, &document);
        if (err == ERR_AGAIN)
            return 0;
        if (err > 0)
            return 1;
        if (document.passed > 0) {
            tell_passed(&document);
            continue;
        }
        if (document.reason || cannot_be(&document)) {
            complain(document.file, document.line,
                     view_of(document.reason ? document.reason : not_json));
            continue;
        }
        if (document.warning)
            tell(document.file, document.line, view_of(document.warning));
        feed_link_add(link, document.bytes, document.file, document.line);
        tally.sent++;
    }
    return 0;
}

/* The connection is of no use any more: what was not answered was not accepted. */
static void give_up(const struct feed_link *link, const char *why) {
    hide_bar();
    fprintf(stderr, "wiretag feed: gave up with %zu reports not acknowledged: %s\n",
            feed_link_waiting(link), why);
    tally.err += feed_link_waiting(link);
}

static void feed_all(struct feed_link *link, struct feed_input *input) {
    bool bar = !quiet && isatty(STDERR_FILENO);
    int64_t begun_ms = clock_now();
    for (;;) {
        bool ended = fill_window(link, input) > 0;
        if (ended && feed_link_waiting(link) == 0)
            return;
        int other = !ended && feed_link_has_room(link) ? feed_input_fd(input) : -1;
        if (feed_link_turn(link, other, TURN_MS) < 0) {
            give_up(link, feed_link_why(link));
            return;
        }
        if (interrupted) {
            give_up(link, "interrupted");
            return;
        }
        if (timeout_ms > 0 && feed_link_waiting(link) > 0 &&
            feed_link_silent_ms(link) > timeout_ms) {
            give_up(link, feed_link_why(link));
            return;
        }
        tell_outage(link);
        if (bar)
            show_bar(input, begun_ms);
    }
}

static struct feed_link_conf where_to(void) {
    struct feed_link_conf conf = {
        .format = format,
        .source = source,
        .window = (size_t)window,
        .window_bytes = WINDOW_BYTES,
    };
    const char *address = to ? to : connect_to;
    if (address && !strchr(address, '/'))
        conf.address = address;
    else
        conf.path =
            address ? address : place_path(data ? data : place_standard(), "feed.sock");
    return conf;
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int main(int argc, char **argv) {
    static char standard_input[] = "-";
    static char *only_standard_input[] = {standard_input};
    char **names;
    format_setting()->choices = format_choices();
    int count = settings_read(&program, argc, argv, &names);
    if (count == 0 && isatty(STDIN_FILENO)) {
        fputs("wiretag feed: name files, directories, or - for what you type\n", stderr);
        return EXIT_USAGE;
    }
    if (source && strpbrk(source, " \t\r\n")) {
        fputs("wiretag feed: --source is one word, without blanks\n", stderr);
        return EXIT_USAGE;
    }
    if (count == 0)
        names = only_standard_input;
    struct feed_link_conf conf = where_to();
    struct feed_input *input =
        feed_input_new(names, count ? (size_t)count : 1, format, MAX_REPORT);
    struct feed_link *link = feed_link_new(&conf, on_answer, NULL);
    catch_signals();
    feed_all(link, input);
    hide_bar();
    printf("sent %" PRIu64 " ok %" PRIu64 " dup %" PRIu64 " err %" PRIu64 "\n",
           tally.sent, tally.ok, tally.dup, tally.err);
    if (tally.none > 0)
        fprintf(stderr, "wiretag feed: in %" PRIu64 " of them there was nothing to tag\n",
                tally.none);
    feed_link_free(link);
    feed_input_free(input);
    return tally.err == 0 && !interrupted ? 0 : EXIT_FAILED;
}
