/* wiretag tag: the tagger without the pipeline: reports from files or standard input,
 * events to standard output. Input is read and output written piece by piece, so memory
 * does not grow with either. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "enrich/pretty.h"
#include "enrich/tagger.h"
#include "proto/mem.h"
#include "proto/run/settings.h"

#define READ_BYTES   (64 * 1024)
#define REPORT_BYTES (64u * 1024 * 1024) /* the longest line or file taken */
#define STAGES_MAX   16

static const char *format, *published, *gazetteer, *colour;
static bool pretty, stages;

static struct setting settings[] = {
    {"format", 'f', SETTING_CHOICE, &format, "auto", "FORMAT",
     "What the input is: ndjson (a feed record per line), text (a file is a report), or "
     "auto: ndjson if it begins with {",
     0, 0, "auto|ndjson|text"},
    {"published", 'p', SETTING_TEXT, &published, NULL, "DATE",
     "The day of reports that do not give their own: 2020-01-14; relative dates are "
     "counted from it",
     0, 0, NULL},
    {"gazetteer", 'g', SETTING_TEXT, &gazetteer, NULL, "FILE",
     "The compiled gazetteer [the one installed with the program]", 0, 0, NULL},
    {"pretty", 'P', SETTING_FLAG, &pretty, "no", NULL,
     "Draw the text with its tags for people instead of writing events", 0, 0, NULL},
    {"color", 0, SETTING_CHOICE, &colour, "auto", "WHEN",
     "Colours for --pretty; auto: on a terminal, unless NO_COLOR is set", 0, 0,
     "auto|always|never"},
    {"stages", 0, SETTING_FLAG, &stages, "no", NULL,
     "At the end, say on standard error how long each stage took", 0, 0, NULL},
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "some input could not be read, or the tagger could not start"},
    {0, NULL}};

static const struct program program = {
    .verb = "tag",
    .summary = "tag files or standard input right here",
    .operands = "[FILE|-]...",
    .description =
        "Reads reports and writes one event per story, as NDJSON, to standard output. "
        "Nothing else needs to run. A line that cannot be read is named on standard "
        "error, "
        "with the reason; the rest is tagged all the same.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples =
        "  wiretag tag story.txt --published 2020-01-14          # one event\n"
        "  wiretag tag --pretty story.txt                        # the text with its tags in colour\n"
        "  zcat archive.ndjson.gz | wiretag tag > events.ndjson  # as much as you like\n"};

struct clock {
    const struct stage *stage[STAGES_MAX];
    int64_t ns[STAGES_MAX], last_ns, write_ns;
    size_t count, bytes, reports;
};

struct tagging {
    struct tagger *tagger;
    struct arena reading, writing;
    struct buf out;
    bool colour, failed;
    struct clock clock;
    const char *file; /* for messages */
    size_t line;      /* 0: the file is one report */
};

static int64_t now_ns(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void flush(struct tagging *t) {
    for (size_t sent = 0; sent < t->out.len;) {
        ssize_t n = write(STDOUT_FILENO, t->out.at + sent, t->out.len - sent);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            fprintf(stderr, "wiretag tag: standard output: %s\n", strerror(errno));
            exit(EXIT_FAILED);
        }
        sent += (size_t)n;
    }
    buf_clear(&t->out);
}

static void complain(struct tagging *t, const char *reason) {
    if (t->line)
        fprintf(stderr, "wiretag tag: %s:%zu: %s\n", t->file, t->line, reason);
    else
        fprintf(stderr, "wiretag tag: %s: %s\n", t->file, reason);
    t->failed = true;
}

/* --- one report --- */

static void on_stage(void *context, const struct stage *stage) {
    struct clock *c = context;
    int64_t now = now_ns();
    size_t i = 0;

    if (stage) {
        while (i < c->count && c->stage[i] != stage)
            i++;
        if (i == c->count && c->count < STAGES_MAX)
            c->stage[c->count++] = stage;
        if (i < STAGES_MAX)
            c->ns[i] += now - c->last_ns;
    }
    c->last_ns = now;
}

static void on_event(void *context, const struct event *event) {
    struct tagging *t = context;
    int64_t begun = stages ? now_ns() : 0;

    if (pretty) {
        pretty_event(event, t->colour, &t->out, &t->writing);
    } else {
        event_write(event, &t->out, &t->writing);
        buf_put_text(&t->out, "\n");
    }
    arena_clear(&t->writing);
    if (stages)
        t->clock.write_ns += now_ns() - begun;
    if (t->out.len >= READ_BYTES)
        flush(t);
}

/* What the ids of a report's events begin with: without a journal that is the story and
 * its version. */
static struct view id_of(const struct report *report, struct arena *arena) {
    struct view guid = report_guid_or_digest(report, arena);
    char *id = arena_alloc(arena, guid.len + 24);

    if (report->version <= 1)
        return guid;
    return view_n(id, (size_t)sprintf(id, "%.*s@%" PRIu64, (int)guid.len, guid.at,
                                      report->version));
}

static void tag(struct tagging *t, struct view raw, bool json) {
    struct report report;
    struct diag diag = {0};
    int err = json ? report_from_json(raw, &report, &t->reading, &diag)
                   : report_from_text(raw, NULL, &report, &t->reading, &diag);

    if (err) {
        complain(t, diag.text[0] ? diag.text : err_text(err));
    } else {
        if (!report.charset.len)
            report.charset = VIEW_LIT("utf-8"); // a record's, as ingest has it
        if (!report.published.len)
            report.published = view_of(published);
        tagger_tag(t->tagger, &report, id_of(&report, &t->reading), on_event, t);
        t->clock.reports++;
        t->clock.bytes += report.text.len;
    }
    arena_clear(&t->reading);
}

/* --- one file --- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* The first byte that is not blank says what it is; a byte order mark does not count. */
static bool looks_like_json(struct view begun) {
    if (view_starts(begun, "\xEF\xBB\xBF")) {
        begun.at += 3;
        begun.len -= 3;
    }
    while (begun.len && is_blank(begun.at[0])) {
        begun.at++;
        begun.len--;
    }
    return begun.len && begun.at[0] == '{';
}

static bool all_blank(struct view text) { return view_trim(text).len == 0; }

/* Tags the whole lines in `in` and drops them. */
static void take_lines(struct tagging *t, struct buf *in) {
    size_t done = 0;
    const char *end;

    while (done < in->len && (end = memchr(in->at + done, '\n', in->len - done))) {
        struct view line = {in->at + done, (size_t)(end - in->at) - done};
        done += line.len + 1;
        t->line++;
        if (!all_blank(line))
            tag(t, line, true);
    }
    buf_drop(in, done);
}

/* ERR_SYSTEM or bytes read (0 at the end). */
static ssize_t read_some(int fd, struct buf *in) {
    ssize_t n;

    do
        n = read(fd, buf_reserve(in, READ_BYTES), READ_BYTES);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        in->len += (size_t)n;
    return n;
}

static void end_of_input(struct tagging *t, struct buf *in, bool json) {
    if (all_blank(buf_view(in))) {
        if (!json)
            complain(t, "nothing in it");
        return;
    }
    t->line += json;
    tag(t, buf_view(in), json);
}

static void read_input(struct tagging *t, int fd) {
    struct buf in = {0};
    bool decided = strcmp(format, "auto") != 0, json = strcmp(format, "ndjson") == 0;
    ssize_t n;

    t->line = 0;
    while ((n = read_some(fd, &in)) > 0) {
        if (!decided && !all_blank(buf_view(&in))) {
            json = looks_like_json(buf_view(&in));
            decided = true;
        }
        if (json)
            take_lines(t, &in);
        if (json)
            flush(t);
        if (in.len > REPORT_BYTES) {
            t->line += json;
            complain(t, "longer than 64 MiB: the rest is passed over");
            break;
        }
    }
    if (n < 0)
        complain(t, strerror(errno));
    else if (n == 0)
        end_of_input(t, &in, json);
    buf_release(&in);
    flush(t);
}

static void read_file(struct tagging *t, const char *name) {
    int fd = STDIN_FILENO;

    t->file = "standard input";
    t->line = 0;
    if (strcmp(name, "-") != 0) {
        t->file = name;
        fd = open(name, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0) {
        complain(t, strerror(errno));
        return;
    }
    read_input(t, fd);
    if (fd != STDIN_FILENO)
        close(fd);
}

static void say_stages(const struct clock *c) {
    double reports = c->reports ? (double)c->reports : 1, total = 0;

    fprintf(stderr, "%-12s %10s\n", "stage", "us/report");
    for (size_t i = 0; i < c->count; i++) {
        fprintf(stderr, "%-12s %10.2f\n", c->stage[i]->name,
                (double)c->ns[i] / 1e3 / reports);
        total += (double)c->ns[i];
    }
    total += (double)c->write_ns;
    fprintf(stderr, "%-12s %10.2f\n", "write", (double)c->write_ns / 1e3 / reports);
    fprintf(stderr, "%-12s %10.2f   (%zu reports, %.0f bytes each)\n", "all",
            total / 1e3 / reports, c->reports, (double)c->bytes / reports);
}

static bool want_colour(void) {
    const char *no = getenv("NO_COLOR");

    if (strcmp(colour, "auto") != 0)
        return strcmp(colour, "always") == 0;
    return isatty(STDOUT_FILENO) && !(no && *no);
}

static void check_published(void) {
    if (published && !report_date_valid(view_of(published))) {
        fprintf(stderr,
                "wiretag tag: --published %s: not a date; write it like 2020-01-14\n",
                published);
        exit(EXIT_USAGE);
    }
}

int main(int argc, char **argv) {
    struct tagging t = {0};
    struct tagger_conf conf = {0};
    struct diag diag = {0};
    char **files;
    int count = settings_read(&program, argc, argv, &files);
    int err;

    check_published();
    conf.gazetteer = gazetteer;
    err = tagger_new(&conf, &t.tagger, &diag);
    if (err) {
        fprintf(stderr, "wiretag tag: %s\n", diag.text[0] ? diag.text : err_text(err));
        return EXIT_FAILED;
    }
    if (stages)
        tagger_set_watch(t.tagger, on_stage, &t.clock);
    t.colour = pretty && want_colour();
    if (pretty)
        pretty_legend(t.colour, &t.out);
    if (!count)
        read_file(&t, "-");
    for (int i = 0; i < count; i++)
        read_file(&t, files[i]);
    flush(&t);
    if (stages)
        say_stages(&t.clock);
    tagger_free(t.tagger);
    arena_release(&t.reading);
    arena_release(&t.writing);
    buf_release(&t.out);
    return t.failed ? EXIT_FAILED : 0;
}
