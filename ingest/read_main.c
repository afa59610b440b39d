/* wiretag read: what the formats make of files, as feed records. No sockets, no journal:
 * for looking at a feed before it is taken in, for other programs, for the tests. */
#include "ingest/feed_check.h"
#include "ingest/feed_input.h"
#include "ingest/format/format.h"
#include "proto/moment.h"
#include "proto/run/clock.h"
#include "proto/run/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_REPORT (32u * 1024 * 1024) /* ingest never takes more */
#define OUT_BYTES  (64 * 1024)         /* gathered for one write */

static const char *format, *source, *received;
static struct setting_list feed_texts;
static bool quiet;

static struct setting settings[] = {
    {.name = "format",
     .letter = 'f',
     .type = SETTING_CHOICE,
     .value = &format,
     .standard = "auto",
     .argument = "FORMAT",
     .help = "What the files hold; auto goes by name and looks"},
    {.name = "feed",
     .type = SETTING_TEXTS,
     .value = &feed_texts,
     .argument = "name=NAME,KEY=VALUE,...",
     .help = "What is known of a feed, as for wiretag ingest; the first is taken for the "
             "files' unless --source names another"},
    {.name = "source",
     .type = SETTING_TEXT,
     .value = &source,
     .argument = "NAME",
     .help = "The feed the files are from"},
    {.name = "received",
     .type = SETTING_TEXT,
     .value = &received,
     .argument = "TIME",
     .help = "When they came in, for dates without a year: 2020-01-14 or "
             "2020-01-14T10:15:02Z; standard is now"},
    {.name = "quiet",
     .letter = 'q',
     .type = SETTING_FLAG,
     .value = &quiet,
     .help = "Say nothing of what was passed over or mended, only what cannot be read"},
    {0},
};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "a file or document could not be read; the others are written"},
    {0, NULL},
};

static const struct program program = {
    .verb = "read",
    .summary = "turn files of any format into feed records",
    .operands = "[FILE|DIR|-]...",
    .description =
        "Reads wire copy of any format ingest takes and writes a feed record for each "
        "report in it, a line of JSON, to standard output: what wiretag tag and wiretag "
        "feed read. A DIR stands for the files in it, - for standard input (also when "
        "nothing is named). No other process is needed, nothing is kept.\n\n"
        "What was passed over or mended, and what cannot be read, is said on standard "
        "error with the file and the line or the number of the document.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples =
        "  wiretag read story.xml | wiretag tag --pretty       # any format, tagged\n"
        "  wiretag read --feed name=dpa,format=iptc7901,timezone=Europe/Berlin /srv/dpa  # a feed's files\n"
        "  wiretag read dump.bin | jq -r .headline             # what is in it?\n",
};

struct reading {
    const struct feed *feed;
    struct arena arena;
    struct buf out;
    bool failed;
};

static void say(const struct feed_document *document, const char *kind,
                struct view text) {
    fprintf(stderr, "wiretag read: %s",
            strcmp(document->file, "-") == 0 ? "standard input" : document->file);
    if (document->line > 0)
        fprintf(stderr, ":%" PRIu64, document->line);
    else if (document->number > 0)
        fprintf(stderr, ", document %" PRIu64, document->number);
    fprintf(stderr, ": %s%.*s\n", kind, (int)text.len, text.at);
}

static void complain(struct reading *reading, const struct feed_document *document,
                     const char *why) {
    say(document, "", view_of(why));
    reading->failed = true;
}

static void flush(struct reading *reading) {
    for (size_t done = 0; done < reading->out.len;) {
        ssize_t n = write(STDOUT_FILENO, reading->out.at + done, reading->out.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            fprintf(stderr, "wiretag read: standard output: %s\n", strerror(errno));
            exit(EXIT_FAILED);
        }
        done += (size_t)n;
    }
    buf_clear(&reading->out);
}

static void say_passed(const struct feed_document *document) {
    char text[100];
    snprintf(text, sizeof text,
             "%" PRIu64 " bytes belong to no message and were passed over",
             document->passed);
    if (!quiet)
        say(document, "note: ", view_of(text));
}

static const char *format_asked(const struct reading *reading) {
    return strcmp(format, "auto") != 0 ? format : reading->feed->format;
}

/* ---- a document ---- */

static const struct format *format_for(const struct reading *reading,
                                       const struct feed_document *document) {
    const char *name = format_asked(reading);
    if (!name)
        name = document->format;
    return name ? format_named(view_of(name)) : format_of(document->bytes);
}

static int64_t received_ms(void) {
    struct moment_parts parts;
    if (received && moment_of_iso(view_of(received), &parts))
        return moment_ms(&parts);
    return clock_wall();
}

static void write_report(struct reading *reading, const struct feed_document *document,
                         const struct report *report) {
    if (report->warning.len > 0 && !quiet)
        say(document, "warning: ", report->warning);
    report_write_json(report, &reading->out);
    buf_put_u8(&reading->out, '\n');
    if (reading->out.len >= OUT_BYTES)
        flush(reading);
}

static void read_document(struct reading *reading, const struct feed_document *document) {
    struct format_input in = {.bytes = document->bytes,
                              .feed = reading->feed,
                              .received_ms = received_ms(),
                              .arena = &reading->arena};
    struct format_output out = {0};
    struct diag diag = {0};
    arena_clear(&reading->arena);
    if (format_for(reading, document)->read(&in, &out, &diag) < 0) {
        complain(reading, document, diag.text);
        return;
    }
    if (document->warning && !quiet)
        say(document, "warning: ", view_of(document->warning));
    if (out.note.len > 0 && !quiet)
        say(document, "note: ", out.note);
    for (size_t i = 0; i < out.count; i++)
        write_report(reading, document, &out.reports[i]);
}

/* ---- all of them ---- */

static void wait_for_input(struct reading *reading, const struct feed_input *input) {
    struct pollfd ready = {.fd = feed_input_fd(input), .events = POLLIN};
    flush(reading); // whoever reads us hears of what is there before we wait
    poll(&ready, 1, -1);
}

static void read_all(struct reading *reading, struct feed_input *input) {
    struct feed_document document;
    for (;;) {
        int err = feed_input_next(input, &document);
        if (err > 0)
            break;
        if (err == ERR_AGAIN)
            wait_for_input(reading, input);
        else if (document.reason)
            complain(reading, &document, document.reason);
        else if (document.passed > 0)
            say_passed(&document);
        else
            read_document(reading, &document);
    }
    flush(reading);
}

/* ---- the command line ---- */

static int usage(const char *text) {
    fprintf(stderr, "wiretag read: %s\n", text);
    return EXIT_USAGE;
}

static struct feed find_feed(const struct feeds *feeds) {
    const struct feed *first = feeds_at(feeds, 0);
    if (!source && first)
        return *first;
    struct feed feed = *feeds_find(feeds, view_of(source));
    feed.name = view_of(source);
    return feed;
}

int main(int argc, char **argv) {
    static char standard_input[] = "-";
    static char *only_standard_input[] = {standard_input};
    struct reading reading = {0};
    struct feeds *feeds = NULL;
    struct moment_parts parts;
    struct diag diag = {0};
    char **names;
    settings[0].choices = format_choices();
    int count = settings_read(&program, argc, argv, &names);
    if (received && !moment_of_iso(view_of(received), &parts))
        return usage("--received takes a time such as 2020-01-14T10:15:02Z");
    if (feeds_new(feed_texts.items, feed_texts.count, &feeds, &diag) < 0)
        return usage(diag.text);
    struct feed feed = find_feed(feeds);
    reading.feed = &feed;
    if (count == 0)
        names = only_standard_input;
    struct feed_input *input = feed_input_new(names, count ? (size_t)count : 1,
                                              format_asked(&reading), MAX_REPORT);
    read_all(&reading, input);
    feed_input_free(input);
    feeds_free(feeds);
    arena_release(&reading.arena);
    buf_release(&reading.out);
    return reading.failed ? EXIT_FAILED : 0;
}
