/* wiretag query: what is stored, for people on a terminal, as lines into a pipe, in the
 * formats of others. Reads events.db beside a running sink, or without one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/moment.h"
#include "proto/run/clock.h"
#include "proto/run/place.h"
#include "proto/run/settings.h"
#include "sink/find.h"
#include "sink/print.h"

#define EXIT_NOTHING 3

static const char *data, *guid, *since;
static int64_t limit;
static bool stories, newest;
static struct print_conf look = {.verb = "query"};

static struct setting settings[] = {
    {"data", 'd', SETTING_TEXT, &data, NULL, "DIR",
     "The data directory of the sink [$WIRETAG_DATA, else ~/.local/state/wiretag]", 0, 0,
     NULL},
    {"guid", 'g', SETTING_TEXT, &guid, NULL, "GUID", "Only events of this story", 0, 0,
     NULL},
    {"since", 's', SETTING_TEXT, &since, NULL, "OFFSET|TIME",
     "Only events from this offset on (a number), or stored since a time: "
     "2020-01-14T10:15:00Z, 2020-01-14 (UTC), or 2h for two hours ago",
     0, 0, NULL},
    {"limit", 'n', SETTING_NUMBER, &limit, "0", "N", "At most N events; 0: all", 0, 0,
     NULL},
    {"newest", 'r', SETTING_FLAG, &newest, "no", NULL,
     "The newest first, instead of the order in which they were stored", 0, 0, NULL},
    {"stories", 0, SETTING_FLAG, &stories, "no", NULL,
     "Only the current version of each story, unless it was taken back", 0, 0, NULL},
    PRINT_SETTINGS(look),
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "the journal cannot be read, or the answer not written"},
    {EXIT_NOTHING, "nothing stored is like that"},
    {0, NULL}};

static const struct program program = {
    .verb = "query",
    .summary = "show what is stored",
    .description =
        "Shows the events that a sink has stored (DIR/events.db), in the order in which "
        "it stored them, all versions of all stories; it may run meanwhile. Events under "
        "embargo are not among them.\n\n"
        "What comes from now on is shown by wiretag tail. A language to ask for events "
        "by what is in them is yet to come; until then sqlite3 -readonly DIR/events.db "
        "can do that.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples = "  wiretag query --newest -n 10  # the latest ten\n"
                "  wiretag query --stories --since 24h --as geojson > day.geojsonl\n"
                "  wiretag query --guid urn:wire:1 --format ndjson | jq .version\n"
                "  wiretag query --as brat | tar -xf - -C corpus\n"};

static void complain(const char *text) { fprintf(stderr, "wiretag query: %s\n", text); }

/* "90m": milliseconds. False: it is none. */
static bool read_span(struct view text, int64_t *ms) {
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    uint64_t n;

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = strlen(units[i].unit);
        if (text.len <= len ||
            !view_is(view_n(text.at + text.len - len, len), units[i].unit) ||
            !view_number(view_n(text.at, text.len - len), &n) || n > 1000000000)
            continue;
        *ms = (int64_t)n * units[i].ms;
        return true;
    }
    return false;
}

static bool read_since(struct find_conf *conf) {
    struct view text = view_of(since);
    struct moment_parts parts;
    int64_t ms;

    if (!since)
        return true;
    if (view_number(text, &conf->since_offset))
        return conf->since_offset <= INT64_MAX;
    if (read_span(text, &ms)) {
        conf->since_ms = clock_wall() - ms;
        return true;
    }
    if (!moment_of_iso(text, &parts))
        return false;
    conf->since_ms = moment_ms(&parts);
    return true;
}

/* How many were written; an error is the print's or the journal's, said already. */
static int show_all(struct find *find, struct print *print, int64_t *shown) {
    const struct journal_event *events;
    struct diag diag = {0};
    size_t count = 1;
    int err = 0;

    while (!err && count) {
        err = find_next(find, &events, &count, &diag);
        if (err)
            complain(diag.text);
        for (size_t i = 0; !err && i < count; i++) {
            if (limit && *shown == limit)
                return 0;
            err = print_event(print, events[i].json, events[i].offset);
            ++*shown;
        }
    }
    return err;
}

static int show(const struct find_conf *conf, struct print *print) {
    struct find *find = NULL;
    struct diag diag = {0};
    int64_t shown = 0;
    int err = find_open(conf, &find, &diag);

    if (err)
        complain(diag.text);
    else
        err = show_all(find, print, &shown);
    find_close(find);
    if (!err)
        err = print_end(print);
    if (err && err != ERR_GONE)
        return EXIT_FAILED;
    return shown || err ? 0 : EXIT_NOTHING;
}

int main(int argc, char **argv) {
    struct find_conf conf = {0};
    struct print *print;
    struct diag diag = {0};
    int code;

    settings_read(&program, argc, argv, NULL);
    if (!read_since(&conf)) {
        complain("--since wants an offset, a time (2020-01-14T10:15:00Z) or how long ago "
                 "(2h)");
        return EXIT_USAGE;
    }
    code = print_new(&look, &print, &diag);
    if (code) {
        complain(diag.text);
        return code == ERR_FORMAT ? EXIT_USAGE : EXIT_FAILED;
    }
    conf.journal = place_path(data ? data : place_standard(), "events.db");
    conf.guid = view_of(guid);
    conf.stories = stories;
    conf.newest = newest;
    code = show(&conf, print);
    print_free(print);
    return code;
}
