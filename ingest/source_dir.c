/* A watched directory. One file is in work at a time; it is moved when every report in it
 * has been answered, so a file in done/ is safe in the journal. */
#include "ingest/source.h"
#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHUNK_BYTES  (256 * 1024)
#define REASON_BYTES (64 * 1024) /* of a .reason file */
#define SETTLED_S    2           /* found, not told of: older than this, it is complete */
#define SETTLE_MS    1000
#define BUSY_MS      1000
#define NAME_BYTES   1024

struct file {
    char *name; /* NULL: none in work */
    int fd;
    struct framer *framer;
    bool ended;     /* read to its end */
    bool read;      /* and every report in it passed on */
    bool busy;      /* the journal was full: all of it again, later */
    size_t waiting; /* answers */
    size_t documents, errors;
    struct buf reasons;
};

struct watched {
    struct source source;
    struct source_conf conf;
    char *path;
    int notify;
    bool paused, closed;
    char **names; /* waiting; first..count */
    size_t first, count, cap;
    struct file file;
    struct loop_timer *work, *settle;
    char chunk[CHUNK_BYTES];
};

static bool is_ours(const char *name) { return name[0] != '.'; }

static void path_of(const struct watched *w, const char *folder, const char *name,
                    const char *tail, char out[NAME_BYTES]) {
    snprintf(out, NAME_BYTES, "%s%s%s/%s%s", w->path, folder ? "/" : "",
             folder ? folder : "", name, tail);
}

static void go_on(struct watched *w, int64_t delay_ms) {
    if (!w->paused && !w->closed)
        loop_timer_set(w->work, delay_ms, 0);
}

static void enqueue(struct watched *w, const char *name) {
    if (w->first == w->count)
        w->first = w->count = 0;
    if (w->count == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 64;
        w->names = mem_resize(w->names, w->cap, sizeof *w->names);
    }
    w->names[w->count++] = mem_dup(name);
    go_on(w, 0);
}

static bool queued(const struct watched *w, const char *name) {
    for (size_t i = w->first; i < w->count; i++)
        if (strcmp(w->names[i], name) == 0)
            return true;
    return w->file.name && strcmp(w->file.name, name) == 0;
}

/* ---- finding files ---- */

/* 1: complete, 0: perhaps still being written, -1: not for us. */
static int look_at(const struct watched *w, const char *name) {
    char path[NAME_BYTES];
    struct stat file;
    path_of(w, NULL, name, "", path);
    if (!is_ours(name) || lstat(path, &file) != 0 || !S_ISREG(file.st_mode))
        return -1;
    return time(NULL) - file.st_mtime > SETTLED_S;
}

/* Files that were there before anybody told us: at the start, or when the kernel lost
 * count. A fresh one may still be written to; its writer's close will tell, or its age.
 */
static void scan(void *context) {
    struct watched *w = context;
    struct dirent **found = NULL;
    bool fresh = false;
    int n = scandir(w->path, &found, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        int state = look_at(w, found[i]->d_name);
        if (state > 0 && !queued(w, found[i]->d_name))
            enqueue(w, found[i]->d_name);
        fresh = fresh || state == 0;
        free(found[i]);
    }
    free(found);
    if (fresh && !w->closed)
        loop_timer_set(w->settle, SETTLE_MS, 0);
}

static void on_notify(void *context, unsigned ready) {
    struct watched *w = context;
    union {
        struct inotify_event event;
        char bytes[16 * 1024];
    } room;
    (void)ready;
    ssize_t n = read(w->notify, room.bytes, sizeof room.bytes);
    for (ssize_t at = 0; at < n;) {
        struct inotify_event event;
        memcpy(&event, room.bytes + at, sizeof event);
        const char *name = room.bytes + at + sizeof event;
        if (event.mask & IN_Q_OVERFLOW)
            scan(w);
        else if (event.len > 0 && is_ours(name) && !(event.mask & IN_ISDIR) &&
                 !queued(w, name))
            enqueue(w, name);
        at += (ssize_t)(sizeof event + event.len);
    }
}

/* ---- a file done with ---- */

/* A name of its own in the folder: a second a.txt becomes a.txt.1. */
static void free_place(const struct watched *w, const char *folder,
                       char out[NAME_BYTES]) {
    struct stat there;
    char tail[16] = "";
    path_of(w, folder, w->file.name, tail, out);
    for (unsigned i = 1; i < 100000 && lstat(out, &there) == 0; i++) {
        snprintf(tail, sizeof tail, ".%u", i);
        path_of(w, folder, w->file.name, tail, out);
    }
}

static void write_reasons(const struct watched *w, const char *place) {
    char path[NAME_BYTES + 8];
    snprintf(path, sizeof path, "%s.reason", place);
    FILE *out = fopen(path, "w");
    if (out)
        fwrite(w->file.reasons.at, 1, w->file.reasons.len, out);
    if (!out || fclose(out) != 0)
        log_line(LOG_ERROR, "INGEST-WATCH", "file=%s reason=%s",
                 log_quote(path, strlen(path)),
                 log_quote(strerror(errno), strlen(strerror(errno))));
}

static void move_file(const struct watched *w, bool good) {
    char from[NAME_BYTES], to[NAME_BYTES];
    path_of(w, NULL, w->file.name, "", from);
    free_place(w, good ? "done" : "failed", to);
    if (!good)
        write_reasons(w, to);
    if (rename(from, to) != 0)
        log_line(LOG_ERROR, "INGEST-WATCH", "file=%s reason=%s",
                 log_quote(from, strlen(from)),
                 log_quote(strerror(errno), strlen(strerror(errno))));
}

static void put_down(struct watched *w) {
    free(w->file.name);
    if (w->file.fd >= 0)
        close(w->file.fd);
    framer_free(w->file.framer);
    buf_release(&w->file.reasons);
    w->file = (struct file){.fd = -1};
}

static void finish(struct watched *w) {
    if (w->file.busy) {
        char *again = mem_dup(w->file.name);
        put_down(w);
        enqueue(w, again);
        free(again);
        go_on(w, BUSY_MS);
        return;
    }
    move_file(w, w->file.errors == 0);
    put_down(w);
    if (w->first < w->count)
        go_on(w, 0);
}

/* ---- a file in work ---- */

static void note_error(struct file *file, int code, uint64_t line, const char *text) {
    file->errors++;
    if (file->reasons.len > REASON_BYTES)
        return;
    if (line > 0)
        buf_printf(&file->reasons, "%d line %" PRIu64 ": %s\n", code, line, text);
    else
        buf_printf(&file->reasons, "%d %s\n", code, text);
}

/* who: the line the report stood on. */
static void on_answer(void *context, uint64_t who, const struct answer *answer) {
    struct watched *w = context;
    w->file.waiting--;
    if (answer->code == REFUSED_BUSY)
        w->file.busy = true;
    else if (answer->code != 0)
        note_error(&w->file, answer->code, who, answer->text);
}

static void pass_on(struct watched *w, const struct framed *framed) {
    bool good = framed->kind == FRAMED_DOCUMENT;
    char peer[NAME_BYTES];
    char ref[24];
    snprintf(peer, sizeof peer, "dir:%s/%s", w->path, w->file.name);
    snprintf(ref, sizeof ref, "#%" PRIu64, framed->number);
    struct asker asker = {on_answer, w, framed->line, false};
    const struct feed *feed = w->conf.feed;
    if (framed->kind == FRAMED_PASSED) {
        source_note_noise(&w->conf, peer, framed->passed);
        return;
    }
    struct document document = {
        .bytes = good ? framed->bytes : framed->beginning,
        .format = view_of(feed && feed->format ? feed->format : framed->format),
        .feed = feed ? feed->name : VIEW_LIT(""),
        .peer = view_of(peer),
        .ref = VIEW_LIT(""),
        .warning = framed->warning,
        .number = framed->number,
    };
    struct refused refusal = {.code = framed->code,
                              .ref = view_of(ref),
                              .text = framed->why,
                              .bytes_in_all = framed->whole ? 0 : INTAKE_UNKNOWN};
    w->file.waiting++;
    w->file.documents++;
    if (good)
        intake_take(w->conf.intake, &document, asker, clock_wall());
    else
        intake_refuse(w->conf.intake, &document, asker, &refusal, clock_wall());
}

static bool take_up(struct watched *w, char *name) {
    char path[NAME_BYTES];
    struct stat file;
    struct framer_conf framing = {
        .framing = framing_of_file(name, w->conf.feed ? w->conf.feed->format : NULL),
        .whole = true,
        .max_document = w->conf.max_report,
        .max_line = w->conf.max_line,
    };
    path_of(w, NULL, name, "", path);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
        if (errno != ENOENT)
            log_line(LOG_WARN, "INGEST-WATCH", "file=%s reason=\"not a readable file\"",
                     log_quote(path, strlen(path)));
        if (fd >= 0)
            close(fd);
        free(name);
        return false;
    }
    w->file = (struct file){.name = name, .fd = fd, .framer = framer_new(&framing)};
    return true;
}

/* Passes on what is complete; false: there was no room for all of it. */
static bool drain(struct watched *w) {
    struct framed framed;
    while (intake_has_room(w->conf.intake)) {
        if (framer_next(w->file.framer, &framed) != 0)
            return true;
        pass_on(w, &framed);
    }
    return false;
}

static void read_on(struct watched *w) {
    ssize_t n = read(w->file.fd, w->chunk, sizeof w->chunk);
    if (n < 0 && errno == EINTR)
        return;
    if (n < 0)
        note_error(&w->file, REFUSED_MALFORMED, 0, strerror(errno));
    if (n > 0) {
        framer_feed(w->file.framer, view_n(w->chunk, (size_t)n));
    } else {
        framer_end(w->file.framer);
        w->file.ended = true;
    }
}

/* One chunk a turn: what is left of the last one, then the next. */
static void work_on(struct watched *w) {
    if (!drain(w))
        return; // a pause follows; its end calls us again
    if (!w->file.ended) {
        read_on(w);
        go_on(w, 0);
        return;
    }
    w->file.read = true;
    if (w->file.documents == 0)
        note_error(&w->file, REFUSED_MALFORMED, 0, "there is no report in it");
}

static void on_work(void *context) {
    struct watched *w = context;
    if (w->paused || w->closed)
        return;
    while (!w->file.name && w->first < w->count)
        take_up(w, w->names[w->first++]);
    if (!w->file.name || w->file.read)
        return;
    work_on(w);
}

/* ---- the source's table ---- */

static void watched_pause(struct source *source, bool stop) {
    struct watched *w = (struct watched *)source;
    w->paused = stop;
    go_on(w, 0);
}

static void watched_flush(struct source *source) {
    struct watched *w = (struct watched *)source;
    if (w->file.name && w->file.read && w->file.waiting == 0)
        finish(w);
}

/* The file in work stays where it is: the next start reads it again, and what was taken
 * from it is recognised. */
static void watched_close(struct source *source) {
    struct watched *w = (struct watched *)source;
    w->closed = true;
    loop_timer_stop(w->work);
    loop_timer_stop(w->settle);
}

static size_t watched_owed(const struct source *source) {
    return ((const struct watched *)source)->file.waiting;
}

static void watched_free(struct source *source) {
    struct watched *w = (struct watched *)source;
    if (!w)
        return;
    put_down(w);
    for (size_t i = w->first; i < w->count; i++)
        free(w->names[i]);
    free(w->names);
    loop_timer_free(w->work);
    loop_timer_free(w->settle);
    if (w->notify >= 0) {
        loop_remove_fd(w->conf.loop, w->notify);
        close(w->notify);
    }
    free(w->path);
    free(w);
}

static const struct source_ops watched_ops = {
    .pause = watched_pause,
    .flush = watched_flush,
    .close = watched_close,
    .owed = watched_owed,
    .free = watched_free,
};

static int make_folder(const char *path) {
    return mkdir(path, 0770) == 0 || errno == EEXIST ? 0 : ERR_SYSTEM;
}

static int open_folders(struct watched *w) {
    char path[NAME_BYTES];
    if (strlen(w->path) > NAME_BYTES / 2) {
        errno = ENAMETOOLONG;
        return ERR_SYSTEM;
    }
    int err = make_folder(w->path);
    path_of(w, NULL, "done", "", path);
    err = err < 0 ? err : make_folder(path);
    path_of(w, NULL, "failed", "", path);
    err = err < 0 ? err : make_folder(path);
    if (err < 0)
        return err;
    w->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (w->notify < 0 ||
        inotify_add_watch(w->notify, w->path, IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
        return ERR_SYSTEM;
    return loop_add_fd(w->conf.loop, w->notify, LOOP_READ, on_notify, w);
}

int source_dir_new(const struct source_conf *conf, const char *path, struct source **out,
                   struct diag *diag) {
    struct watched *w = mem_zalloc(sizeof *w);
    w->source.ops = &watched_ops;
    w->conf = *conf;
    w->path = mem_dup(path);
    w->source.endpoint = w->path;
    w->notify = w->file.fd = -1;
    w->work = loop_timer_new(conf->loop, 0, 0, on_work, w);
    w->settle = loop_timer_new(conf->loop, SETTLE_MS, 0, scan, w);
    if (open_folders(w) < 0) {
        diag_set(diag, 0, "cannot watch %s: %s", path, strerror(errno));
        watched_free(&w->source);
        return ERR_SYSTEM;
    }
    scan(w);
    *out = &w->source;
    return 0;
}
