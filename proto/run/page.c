#include "proto/run/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the page is made from; NULL: does not answer. */
struct fleet {
    const char *dir;
    const struct process_status *all, *ingest, *sink;
    int count;
};

static const struct process_status *find(const struct process_status *all, int count,
                                         const char *name) {
    for (int i = 0; i < count; i++)
        if (all[i].answered && strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}

/* ---- figures for eyes; in turning buffers ---- */

static char *turning(void) {
    static char rooms[16][40];
    static unsigned turn;
    return rooms[turn++ % 16];
}

static const char *grouped(double value) { // 1234567 -> 1,234,567
    char *out = turning(), digits[32];
    int n = snprintf(digits, sizeof digits, "%.0f", value), at = 0;

    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0 && digits[i - 1] != '-')
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = 0;
    return out;
}

static const char *bytes(double value) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    char *out = turning();
    size_t unit = 0;

    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    snprintf(out, 40, value < 10 && unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return out;
}

static const char *duration(double ms) {
    char *out = turning();

    if (ms < 1000)
        snprintf(out, 40, "%.0f ms", ms);
    else if (ms < 120e3)
        snprintf(out, 40, "%.1f s", ms / 1e3);
    else if (ms < 7200e3)
        snprintf(out, 40, "%.0f min", ms / 60e3);
    else if (ms < 172800e3)
        snprintf(out, 40, "%.1f h", ms / 3600e3);
    else
        snprintf(out, 40, "%.1f d", ms / 86400e3);
    return out;
}

/* ---- sections ---- */

static void put_book(struct buf *out, const char *name, uint64_t n, const char *meaning) {
    buf_printf(out, "  %-11s %14s   %s\n", name, grouped((double)n), meaning);
}

/* Those that are there still; "dead" counts those that were dropped by hand too. */
static double dead_letters(const struct process_status *ingest) {
    return status_has(ingest, "dead_letters") ? status_number(ingest, "dead_letters")
                                              : (double)ingest->books.dead;
}

static void put_books(struct buf *out, const struct fleet *f) {
    const struct books *b = &f->ingest->books;
    char rate[80], letters[80];

    snprintf(rate, sizeof rate, "%.1f a second", b->reports_per_second);
    snprintf(letters, sizeof letters, "given up; %s dead letters are kept",
             grouped(dead_letters(f->ingest)));
    buf_put_text(out, "reports\n");
    put_book(out, "accepted", b->accepted, rate);
    put_book(out, "committed", b->committed, "the sink has them for good");
    put_book(out, "leased", b->leased, "out at enrichers, or on their way to the sink");
    put_book(out, "queued", b->queued, "waiting for an enricher");
    put_book(out, "dead", b->dead, letters);
    put_book(out, "duplicates", b->duplicates, "recognised, not taken again");
    if (status_number(f->ingest, "oldest_ms") > 0)
        buf_printf(out, "  %-11s %14s   the one that waits longest\n", "oldest",
                   duration(status_number(f->ingest, "oldest_ms")));
    buf_put_text(out, "\n");
}

static void put_head(struct buf *out, const struct process_status *p) {
    double most = status_number(p, "memory_max_bytes");

    buf_printf(out, "%-13s", p->name);
    if (!p->answered) {
        buf_printf(out, "%s\n", p->absent ? "is gone" : p->why);
        return;
    }
    buf_printf(out, "pid %ld, %s%s%s", p->pid, p->healthy ? "healthy" : "NOT HEALTHY",
               p->why[0] ? ": " : "", p->why);
    if (status_number(p, "memory_bytes") > 0)
        buf_printf(out, "; memory %s", bytes(status_number(p, "memory_bytes")));
    if (most > 0)
        buf_printf(out, " of %s", bytes(most));
    buf_put_text(out, "\n");
}

static void put_row(struct buf *out, const char *name) {
    buf_printf(out, "  %-11s ", name);
}

static void put_where(struct buf *out, const struct process_status *p, const char *row,
                      const char *const *paths) {
    bool any = false;

    put_row(out, row);
    for (; *paths; paths++) {
        const char *where = status_text(p, *paths);
        if (!where)
            continue;
        buf_printf(out, "%s%s", any ? ", " : "", where);
        any = true;
    }
    buf_put_text(out, any ? "\n" : "nowhere\n");
}

static void put_share(struct buf *out, double part, double whole) {
    buf_put_text(out, bytes(part));
    if (whole > 0)
        buf_printf(out, " of %s (%.0f %%)", bytes(whole), part * 100 / whole);
}

static void put_ingest(struct buf *out, const struct fleet *f) {
    static const char *const where[] = {"endpoints.tcp", "endpoints.unix",
                                        "endpoints.zmq", NULL};
    const struct process_status *p = f->ingest;
    const char *why = status_text(p, "why_not_reading");

    put_head(out, p);
    put_where(out, p, "listens at", where);
    put_row(out, "reading");
    buf_printf(out, "%s%s\n", status_is(p, "reading") ? "yes" : "NO: ", why ? why : "");
    put_row(out, "journal");
    put_share(out, status_number(p, "journal_bytes"),
              status_number(p, "journal_max_bytes"));
    if (status_has(p, "journal_file_bytes"))
        buf_printf(out, "; the file has %s",
                   bytes(status_number(p, "journal_file_bytes")));
    if (status_number(p, "runs") > 1)
        buf_printf(out, "; of %s runs", grouped(status_number(p, "runs")));
    buf_put_text(out, "\n");
    put_row(out, "answered");
    buf_printf(out, "%s updates, %s old versions, %s refused",
               grouped(status_number(p, "updates")), grouped(status_number(p, "old")),
               grouped(status_number(p, "refused")));
    if (status_number(p, "not_kept") > 0)
        buf_printf(out, " (%s of them not kept as dead letters)",
                   grouped(status_number(p, "not_kept")));
    buf_put_text(out, "\n");
    put_row(out, "leases");
    buf_printf(out, "%s ended with their enricher, %s ran out\n",
               grouped(status_number(p, "leases_lost")),
               grouped(status_number(p, "leases_expired")));
    buf_put_text(out, "\n");
}

static double peer_number(const struct process_status *p, size_t i, const char *key) {
    char path[64];

    snprintf(path, sizeof path, "peers.%zu.%s", i, key);
    return status_number(p, path);
}

static const char *peer_text(const struct process_status *p, size_t i, const char *key) {
    char path[64];

    snprintf(path, sizeof path, "peers.%zu.%s", i, key);
    const char *text = status_text(p, path);
    return text ? text : "";
}

/* As the ingest sees them: those of other machines too. */
static void put_enrichers(struct buf *out, const struct fleet *f) {
    const struct process_status *p = f->ingest;

    buf_printf(out, "%-30s %8s %8s %14s %10s %10s\n", "enrichers", "leased", "credit",
               "done", "a second", "memory");
    for (size_t i = 0; i < status_count(p, "peers"); i++) {
        if (strcmp(peer_text(p, i, "role"), "enrich") != 0)
            continue;
        buf_printf(out, "  %-28.40s %8.0f %8.0f %14s %10.1f %10s\n",
                   peer_text(p, i, "name"), peer_number(p, i, "leased"),
                   peer_number(p, i, "credit"), grouped(peer_number(p, i, "done")),
                   peer_number(p, i, "per_second"),
                   bytes(peer_number(p, i, "memory_bytes")));
    }
    if (!status_number(p, "workers"))
        buf_put_text(out, "  none\n");
    buf_put_text(out, "\n");
}

static const char *output_text(const struct process_status *p, size_t i,
                               const char *key) {
    char path[64];

    snprintf(path, sizeof path, "outputs.%zu.%s", i, key);
    return status_text(p, path);
}

static double output_lag(const struct process_status *p, size_t i) {
    char path[64];

    snprintf(path, sizeof path, "outputs.%zu.lag", i);
    return status_number(p, path);
}

static void put_outputs(struct buf *out, const struct process_status *p) {
    for (size_t i = 0; i < status_count(p, "outputs"); i++) {
        const char *name = output_text(p, i, "name"), *path = output_text(p, i, "path");
        const char *error = output_text(p, i, "error");
        put_row(out, "output");
        buf_printf(out, "%s %s: ", name ? name : "?", path ? path : "");
        if (output_lag(p, i) > 0)
            buf_printf(out, "%s events behind", grouped(output_lag(p, i)));
        else
            buf_put_text(out, "has all events");
        buf_printf(out, "%s%s\n", error ? "; STUCK: " : "", error ? error : "");
    }
}

/* An ingest the sink is to tell what is stored. */
static bool is_ingest(const struct process_status *sink, size_t i) {
    return strcmp(peer_text(sink, i, "role"), "ingest") == 0;
}

static bool is_up(const struct process_status *sink, size_t i) {
    char path[64];

    snprintf(path, sizeof path, "peers.%zu.up", i);
    return status_is(sink, path);
}

static void put_ingests(struct buf *out, const struct process_status *p) {
    for (size_t i = 0; i < status_count(p, "peers"); i++) {
        if (!is_ingest(p, i))
            continue;
        put_row(out, "tells");
        buf_printf(out, "%s%s\n", peer_text(p, i, "name"),
                   is_up(p, i) ? "" : ": NOT CONNECTED");
    }
}

/* Events that nobody may have yet. */
static void put_held(struct buf *out, const struct process_status *p) {
    const char *due = status_text(p, "next_due");
    double held = status_number(p, "held");

    if (held <= 0)
        return;
    put_row(out, "held");
    buf_printf(out, "%s under embargo", grouped(held));
    if (due)
        buf_printf(out, ", the next goes out %s", due);
    buf_put_text(out, "\n");
}

static void put_sink(struct buf *out, const struct fleet *f) {
    static const char *const where[] = {"endpoints.events", NULL};
    const struct process_status *p = f->sink;
    const char *why = status_text(p, "why_no_credit");

    put_head(out, p);
    put_where(out, p, "publishes", where);
    put_row(out, "stored");
    buf_printf(out, "%s events, %.1f a second; came twice: %s, refused: %s\n",
               grouped(status_number(p, "events")), status_number(p, "events_per_second"),
               grouped(status_number(p, "duplicates")),
               grouped(status_number(p, "refused")));
    put_held(out, p);
    put_row(out, "journal");
    buf_put_text(out, bytes(status_number(p, "journal.bytes")));
    if (status_has(p, "journal.log_bytes"))
        buf_printf(out, ", %s of it its log",
                   bytes(status_number(p, "journal.log_bytes")));
    if (status_number(p, "waiting") > 0)
        buf_printf(out, "; %s results wait to be stored",
                   grouped(status_number(p, "waiting")));
    buf_put_text(out, "\n");
    put_ingests(out, p);
    put_outputs(out, p);
    put_row(out, "subscribers");
    buf_printf(out, "%s\n", grouped(status_number(p, "subscribers")));
    if (why) {
        put_row(out, "taking");
        buf_printf(out, "NO: %s\n", why);
    }
    buf_put_text(out, "\n");
}

/* ---- what to do ---- */

static void advise(struct buf *out, const char *advice) {
    size_t column = 0;

    /* Wrapped at blanks; 2 + 76 columns. */
    for (const char *word = advice; *word;) {
        size_t len = strcspn(word, " ");
        if (column == 0)
            buf_put_text(out, word == advice ? "  - " : "    ");
        else if (column + 1 + len > 76) {
            buf_put_text(out, "\n    ");
            column = 0;
        } else {
            buf_put_text(out, " ");
            column++;
        }
        buf_put(out, word, len);
        column += len;
        word += len + (word[len] == ' ');
    }
    buf_put_text(out, "\n");
}

static void advise_silent(struct buf *out, const struct process_status *p) {
    char text[400];

    if (p->absent)
        snprintf(text, sizeof text,
                 "%s was killed. wiretag up and systemd start it again at once; where "
                 "neither runs, start it yourself. Nothing acknowledged is lost.",
                 p->name);
    else
        snprintf(text, sizeof text,
                 "%s does not answer. If it is not just starting, look at its log; "
                 "killing it (kill -9) is safe: it is started again by wiretag up or "
                 "systemd, and nothing acknowledged is lost.",
                 p->name);
    advise(out, text);
}

static void advise_processes(struct buf *out, const struct fleet *f) {
    bool ingest_is_there = false;
    char text[400];

    for (int i = 0; i < f->count; i++) {
        ingest_is_there |= strcmp(f->all[i].name, "ingest") == 0;
        if (!f->all[i].answered)
            advise_silent(out, &f->all[i]);
    }
    for (int i = 0; i < f->count; i++) {
        if (!f->all[i].answered || f->all[i].healthy || &f->all[i] == f->sink)
            continue;
        snprintf(text, sizeof text, "%s is not well: %s.", f->all[i].name, f->all[i].why);
        advise(out, text);
    }
    if (!ingest_is_there)
        advise(out, "No ingest runs in this directory. If it has another one, or another "
                    "machine, ask there; if not, wiretag up starts all, wiretag ingest "
                    "it alone.");
    if (f->ingest && !status_number(f->ingest, "sinks"))
        advise(out, "No sink is connected to the ingest: what is tagged cannot be "
                    "finished. Start wiretag sink, or look at its --ingest.");
    if (f->ingest && !status_number(f->ingest, "workers"))
        advise(out, "No enricher is connected to the ingest: reports wait. Start wiretag "
                    "enrich, as many as there are cores to spare.");
}

static const char *what_would_help(const struct process_status *p) {
    if (dead_letters(p) > (double)(p->books.queued + p->books.leased))
        return "Most of its room is taken by dead letters: wiretag dead retry or drop.";
    if (p->books.queued > p->books.leased)
        return "More enrichers would help, if the sink keeps up.";
    if (p->books.leased)
        return "Look at the enrichers and the sink: what is out does not come back.";
    return "";
}

static void advise_ingest(struct buf *out, const struct fleet *f) {
    const struct process_status *p = f->ingest;
    const char *why = status_text(p, "why_not_reading");
    char text[500];

    if (dead_letters(p) > 0) {
        snprintf(text, sizeof text,
                 "%s given up: wiretag dead list says which and why; wiretag dead retry "
                 "takes them in again.",
                 dead_letters(p) > 1 ? "Some reports were" : "One report was");
        advise(out, text);
    }
    if (!why || strcmp(why, "stopping") == 0)
        return;
    snprintf(text, sizeof text,
             "The ingest lets its feeders wait: %s. %s Nothing is lost meanwhile.", why,
             what_would_help(p));
    advise(out, text);
}

static void advise_sink(struct buf *out, const struct fleet *f) {
    const struct process_status *p = f->sink;
    char text[500];

    if (!p->healthy && p->why[0]) {
        snprintf(text, sizeof text,
                 "The sink: %s. Enrichers and feeders wait; it goes on by itself when "
                 "the cause is gone.",
                 p->why);
        advise(out, text);
    }
    for (size_t i = 0; i < status_count(p, "peers"); i++) {
        if (!is_ingest(p, i) || is_up(p, i))
            continue;
        snprintf(text, sizeof text,
                 "The sink is not connected to the ingest at %s: until it is, that one "
                 "does not hear what is stored, and keeps it.",
                 peer_text(p, i, "name"));
        advise(out, text);
    }
    for (size_t i = 0; i < status_count(p, "outputs"); i++) {
        const char *error = output_text(p, i, "error"), *name = output_text(p, i, "name");
        if (!error)
            continue;
        snprintf(text, sizeof text,
                 "The output %s stands still: %s. Its events are safe in the sink's "
                 "journal and are written when that is mended.",
                 name ? name : "?", error);
        advise(out, text);
    }
}

static void put_advice(struct buf *out, const struct fleet *f) {
    const char *broken = page_broken_law(f->all, f->count);
    size_t begun;

    buf_put_text(out, "what to do\n");
    begun = out->len;
    if (broken)
        advise(out, broken);
    advise_processes(out, f);
    if (f->ingest)
        advise_ingest(out, f);
    if (f->sink)
        advise_sink(out, f);
    if (out->len == begun)
        buf_put_text(out, "  nothing: all is well\n");
}

/* What the processes say may have come from strangers: it must not steer the terminal. */
static void tame(struct buf *out, size_t from) {
    for (size_t i = from; i < out->len; i++) {
        unsigned char c = (unsigned char)out->at[i];
        bool c1 =
            c >= 0x80 && c <= 0x9F && i > from && (unsigned char)out->at[i - 1] == 0xC2;
        if ((c < ' ' && c != '\n') || c == 0x7F)
            out->at[i] = '?';
        else if (c1)
            out->at[i - 1] = out->at[i] = '?';
    }
}

/* ---- the whole ---- */

const char *page_broken_law(const struct process_status *all, int count) {
    const struct process_status *ingest = find(all, count, "ingest");
    const struct process_status *sink = find(all, count, "sink");

    if (ingest) {
        const struct books *b = &ingest->books;
        bool recount = !status_has(ingest, "balanced") || status_is(ingest, "balanced");
        if (!recount || b->accepted != b->committed + b->dead + b->leased + b->queued)
            return "The books do not balance: accepted is not committed + dead + leased "
                   "+ queued. Please report this, with wiretag status --json.";
    }
    if (ingest && sink && status_has(sink, "reports") &&
        status_number(sink, "reports") < (double)ingest->books.committed)
        return "The sink has stored fewer reports than the ingest was told: its journal "
               "was replaced or set back, or please report this.";
    return NULL;
}

void page_put(struct buf *out, const char *dir, const struct process_status *all,
              int count) {
    struct fleet f = {.dir = dir, .all = all, .count = count};
    size_t begun = out->len;

    f.ingest = find(all, count, "ingest");
    f.sink = find(all, count, "sink");
    buf_printf(out, "%s\n\n", dir);
    if (f.ingest) {
        put_books(out, &f);
        put_ingest(out, &f);
        put_enrichers(out, &f);
    }
    if (f.sink)
        put_sink(out, &f);
    for (int i = 0; i < count; i++)
        if (&all[i] != f.ingest && &all[i] != f.sink)
            put_head(out, &all[i]);
    buf_put_text(out, "\n");
    put_advice(out, &f);
    tame(out, begun);
}
