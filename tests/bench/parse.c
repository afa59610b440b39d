/* parse FILE [FORMAT]   how fast FILE is framed, and framed and read, on one core
 *
 * The file is held in memory and given to the framer in pieces of 64 KiB, as a socket
 * would, again and again for some half a second of processor time; then the same, each
 * document being read by its format. Prints one JSON object: documents, reports, bytes,
 * and MB (10^6 bytes) a second of processor time for both, the best of five runs. */
#include "ingest/format/format.h"
#include "ingest/framer/framer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PIECE   (64 * 1024)
#define RUNS    5
#define SECONDS 0.4

struct counts {
    uint64_t documents, reports, refused, passed;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_document(const struct framed *framed, const char *name,
                          struct arena *arena, struct counts *counts) {
    struct format_input in = {.bytes = framed->bytes,
                              .feed = feeds_find(NULL, VIEW_LIT("")),
                              .received_ms = INT64_C(1579000000000),
                              .arena = arena};
    struct format_output out = {0};
    struct diag diag = {0};
    const struct format *format =
        name ? format_named(view_of(name)) : format_of(framed->bytes);
    arena_clear(arena);
    if (!format || format->read(&in, &out, &diag) < 0)
        counts->refused++;
    counts->reports += out.count;
}

static void take_framed(struct framer *framer, const char *name, bool read,
                        struct arena *arena, struct counts *counts) {
    struct framed framed;
    while (framer_next(framer, &framed) == 0) {
        counts->documents += framed.kind == FRAMED_DOCUMENT;
        counts->refused += framed.kind == FRAMED_REFUSED;
        counts->passed += framed.passed;
        if (read && framed.kind == FRAMED_DOCUMENT)
            read_document(&framed, name, arena, counts);
    }
}

static struct counts once(struct view file, const char *name, bool read,
                          struct arena *arena) {
    struct framer_conf conf = {
        .framing = FRAMING_AUTO, .max_document = 4 << 20, .max_line = 4096};
    struct framer *framer = framer_new(&conf);
    struct counts counts = {0};
    for (size_t at = 0; at < file.len; at += PIECE) {
        size_t n = file.len - at < PIECE ? file.len - at : PIECE;
        framer_feed(framer, view_n(file.at + at, n));
        take_framed(framer, name, read, arena, &counts);
    }
    framer_end(framer);
    take_framed(framer, name, read, arena, &counts);
    framer_free(framer);
    return counts;
}

/* MB a second. */
static double measure(struct view file, const char *name, bool read,
                      struct counts *counts) {
    struct arena arena = {0};
    double best = 0;
    for (int run = 0; run < RUNS; run++) {
        double begun = now(), taken = 0;
        int times = 0;
        do {
            *counts = once(file, name, read, &arena);
            times++;
            taken = now() - begun;
        } while (taken < SECONDS);
        double rate = (double)file.len * times / taken / 1e6;
        best = rate > best ? rate : best;
    }
    arena_release(&arena);
    return best;
}

static struct view read_file(const char *path) {
    struct buf all = {0};
    FILE *file = fopen(path, "rb");
    size_t n;
    if (!file) {
        perror(path);
        exit(1);
    }
    while ((n = fread(buf_reserve(&all, 1 << 16), 1, 1 << 16, file)) > 0)
        all.len += n;
    fclose(file);
    return buf_view(&all); // for the process's life
}

int main(int argc, char **argv) {
    struct counts framed, read;
    if (argc < 2) {
        fputs("usage: parse FILE [FORMAT]\n", stderr);
        return 2;
    }
    struct view file = read_file(argv[1]);
    const char *name = argc > 2 ? argv[2] : NULL;
    double framing = measure(file, name, false, &framed);
    double reading = measure(file, name, true, &read);
    printf(
        "{\"documents\":%llu,\"reports\":%llu,\"refused\":%llu,\"passed\":%llu,"
        "\"bytes\":%zu,\"framing_mb_per_second\":%.1f,\"reading_mb_per_second\":%.1f}\n",
        (unsigned long long)framed.documents, (unsigned long long)read.reports,
        (unsigned long long)read.refused, (unsigned long long)read.passed, file.len,
        framing, reading);
    return 0;
}
