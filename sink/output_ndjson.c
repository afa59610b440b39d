/* Events as lines of a file, each exactly once.
 *
 *     events.ndjson               being written
 *     events-20200114.ndjson      closed: begun on that day (UTC)
 *     events-20200114-2.ndjson    the second one of that day
 *
 *     file   |================|======|~~~~|
 *                       safe_length  length   \ half a line
 *
 * Up to safe_length the file is on the disk, and what the journal's cursor says is at
 * most that. Opened again after a crash it is cut back to what the cursor says, if it is
 * that file: it has at least that length, and the same bytes before it. After an error it
 * is cut back to safe_length, and a newly opened descriptor goes on, because one that
 * failed to sync says nothing true any more.
 *
 * A pipe, terminal or device is written in pieces that do not block and is never cut: it
 * has each event at least once. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "proto/crc32c.h"
#include "proto/mem.h"
#include "proto/run/crash.h"
#include "sink/output.h"

#define CLOSED_MOST 1000000 /* files of one day */
#define GATHER      256     /* events in one write */
#define PIECE       4096 /* what a writable pipe takes without blocking: PIPE_BUF of Linux */
#define DAY_MS      86400000
#define NO_FILE     (-1)

struct ndjson {
    struct output_conf conf;
    int fd;
    bool regular;
    dev_t dev;
    ino_t ino;
    int64_t length, safe_length; /* bytes of the file */
    size_t partial;              /* bytes of the next line that a pipe has taken */
    int64_t day;                 /* since 1970, on which the file was begun */
    int64_t closed_day;          /* of the file closed last, */
    unsigned closed;             /* and the how-manieth of that day it was */
};

static int fail(struct ndjson *out, const char *what, struct diag *diag) {
    bool no_room = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

    diag_set(diag, 0, "cannot %s %s: %s; %s, or choose another --output", what,
             out->conf.path, strerror(errno), no_room ? "make room there" : "mend that");
    if (out->regular && out->length > out->safe_length &&
        ftruncate(out->fd, out->safe_length) == 0)
        out->length = out->safe_length;
    return ERR_SYSTEM;
}

/* ---- opening ---- */

static void sync_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = mem_dup(slash ? path : ".");
    int fd;

    if (slash)
        folder[slash == path ? 1 : slash - path] = 0;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return; // not ours to read; the file itself is synced all the same
    (void)fsync(fd);
    close(fd);
}

/* Where the last whole line ends. */
static int last_line_end(int fd, int64_t size, int64_t *out) {
    char piece[65536];

    while (size > 0) {
        int64_t from = size > (int64_t)sizeof piece ? size - (int64_t)sizeof piece : 0;
        ssize_t got = pread(fd, piece, (size_t)(size - from), from);
        if (got != size - from)
            return ERR_SYSTEM;
        while (got > 0 && piece[got - 1] != '\n')
            got--;
        if (got > 0) {
            *out = from + got;
            return 0;
        }
        size = from;
    }
    *out = 0;
    return 0;
}

/* A file that holds something else is none of ours to cut or to continue. */
static bool looks_like_events(int fd, int64_t size) {
    char first;

    return size == 0 || (pread(fd, &first, 1, 0) == 1 && first == '{');
}

/* Of the bytes before `length`. */
static int tail_of(int fd, int64_t length, uint32_t *out) {
    char bytes[MARK_TAIL];
    int64_t from = length > MARK_TAIL ? length - MARK_TAIL : 0;

    if (pread(fd, bytes, (size_t)(length - from), from) != length - from)
        return ERR_SYSTEM;
    *out = crc32c(0, view_n(bytes, (size_t)(length - from)));
    return 0;
}

/* Is this the file that the mark was made in? By its bytes, so that a moved data
 * directory is known again; one with nothing in it by its number. */
static bool is_marked(const struct ndjson *out, int64_t size, const struct mark *mark) {
    uint32_t tail;

    if (!mark->ino || size < mark->length)
        return false;
    if (!mark->length)
        return mark->dev == (uint64_t)out->dev && mark->ino == (uint64_t)out->ino;
    return tail_of(out->fd, mark->length, &tail) == 0 && tail == mark->tail;
}

static int cut(struct ndjson *out, int64_t size, int64_t end, struct diag *diag) {
    out->length = out->safe_length = end;
    if (end == size)
        return 0;
    if (ftruncate(out->fd, end) || (out->conf.sync && fdatasync(out->fd)))
        return fail(out, "mend", diag);
    return 0;
}

static int adopt(struct ndjson *out, const struct stat *st, const struct mark *mark,
                 struct diag *diag) {
    int64_t size = (int64_t)st->st_size, end = 0;
    int err;

    // after a power cut our own may begin with anything
    if (is_marked(out, size, mark)) {
        out->day = mark->day;
        return cut(out, size, mark->length, diag);
    }
    if (!looks_like_events(out->fd, size)) {
        diag_set(diag, 0,
                 "%s holds something other than events, one JSON object a line: "
                 "move it away or choose another --output",
                 out->conf.path);
        return ERR_FORMAT;
    }
    if (last_line_end(out->fd, size, &end))
        return fail(out, "read", diag);
    out->day = (int64_t)st->st_mtime / (DAY_MS / 1000);
    err = cut(out, size, end, diag);
    if (!err && end < size)
        diag_set(diag, 0, "cut an unfinished line of %lld bytes off the end of %s",
                 (long long)(size - end), out->conf.path);
    return err;
}

static int open_path(const char *path) {
    int flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK;
    struct stat st;

    if (strcmp(path, "-") == 0)
        return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    // a pipe must not be its own reader: then it would never say that nobody reads
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return open(path, O_WRONLY | flags);
    return open(path, O_RDWR | flags, 0640);
}

static int open_file(struct ndjson *out, const struct mark *mark, struct diag *diag) {
    struct stat st;

    out->regular = false;
    out->length = out->safe_length = 0;
    out->partial = 0;
    out->fd = open_path(out->conf.path);
    if (out->fd < 0 && errno == ENXIO) {
        diag_set(diag, 0, "nobody reads the pipe %s", out->conf.path);
        return ERR_GONE;
    }
    if (out->fd < 0 || fstat(out->fd, &st))
        return fail(out, "open", diag);
    out->regular = strcmp(out->conf.path, "-") != 0 && S_ISREG(st.st_mode);
    out->dev = st.st_dev;
    out->ino = st.st_ino;
    out->day = out->conf.wall_ms() / DAY_MS;
    if (!out->regular)
        return 0;
    if (st.st_size)
        return adopt(out, &st, mark, diag);
    if (out->conf.sync)
        sync_folder(out->conf.path);
    return 0;
}

/* What stands up to safe_length, as the journal is to know it. */
static int put_mark(struct ndjson *out, struct mark *mark, struct diag *diag) {
    struct mark now = {.offset = mark->offset};

    if (out->regular) {
        now.dev = (uint64_t)out->dev;
        now.ino = (uint64_t)out->ino;
        now.length = out->safe_length;
        now.day = out->day;
        if (tail_of(out->fd, now.length, &now.tail))
            return fail(out, "read", diag);
    }
    *mark = now;
    return 0;
}

static void close_file(struct ndjson *out) {
    if (out->fd != NO_FILE)
        close(out->fd);
    out->fd = NO_FILE;
}

static void ndjson_close(void *state) {
    close_file(state);
    free(state);
}

static int ndjson_open(const struct output_conf *conf, struct mark *mark, void **state,
                       struct diag *diag) {
    struct ndjson *out = mem_zalloc(sizeof *out);
    int err;

    out->conf = *conf;
    out->fd = NO_FILE;
    err = open_file(out, mark, diag);
    if (!err)
        err = put_mark(out, mark, diag);
    if (err)
        ndjson_close(out);
    else
        *state = out;
    return err;
}

/* ---- writing ---- */

/* Somebody may have emptied the file meanwhile, or added to it: its length is what it is,
 * not what was written. */
static int ndjson_flush(void *state, struct mark *mark, struct diag *diag) {
    struct ndjson *out = state;
    struct stat st;

    // pipes and terminals answer EINVAL: they have nothing to sync
    if (out->conf.sync && fdatasync(out->fd) && (out->regular || errno != EINVAL))
        return fail(out, "sync", diag);
    if (out->regular && fstat(out->fd, &st))
        return fail(out, "read", diag);
    if (out->regular)
        out->length = (int64_t)st.st_size;
    out->safe_length = out->length;
    return put_mark(out, mark, diag);
}

/* path with -YYYYMMDD[-n] before its extension; free() it. */
static char *closed_name(const char *path, int64_t day, unsigned n) {
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    size_t stem = dot && dot > path ? (size_t)(dot - path) : strlen(path);
    struct buf name = {0};
    time_t when = (time_t)(day * (DAY_MS / 1000));
    struct tm tm;

    gmtime_r(&when, &tm);
    buf_put(&name, path, stem);
    buf_printf(&name, "-%04d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    if (n > 1)
        buf_printf(&name, "-%u", n);
    buf_put_text(&name, path + stem);
    buf_text(&name);
    return name.at;
}

/* Behind the last one: with thousands of them a search from the first takes its time. */
static char *free_name(struct ndjson *out) {
    unsigned n = out->closed_day == out->day ? out->closed : 0;
    struct stat st;

    while (n++ < CLOSED_MOST) {
        char *name = closed_name(out->conf.path, out->day, n);
        if (lstat(name, &st) && errno == ENOENT) {
            out->closed_day = out->day;
            out->closed = n;
            return name;
        }
        free(name);
    }
    return NULL;
}

/* At any moment the cursor names the file that is open, or one that is closed whole: a
 * crash in between loses nothing and doubles nothing. */
static int ndjson_rotate(void *state, struct mark *mark, struct diag *diag) {
    struct ndjson *out = state;
    char *name = free_name(out);
    int err = 0;

    if (!name || rename(out->conf.path, name))
        err = fail(out, "rotate", diag);
    free(name);
    if (err)
        return err;
    crash_point("output-in-rotation");
    close_file(out);
    err = open_file(out, mark, diag);
    if (!err)
        err = put_mark(out, mark, diag);
    return err;
}

static bool wants_rotation(const struct ndjson *out, size_t line, int64_t today) {
    int64_t limit = out->conf.rotate_bytes;

    if (!out->regular || !out->length)
        return false;
    return (limit && out->length + (int64_t)line > limit) ||
           (out->conf.rotate_daily && out->day != today);
}

static int write_vectors(struct ndjson *out, struct iovec *at, int count,
                         struct diag *diag) {
    while (count) {
        ssize_t n = writev(out->fd, at, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(out, "write to", diag);
        out->length += n;
        while (count && (size_t)n >= at->iov_len) {
            n -= (ssize_t)at->iov_len;
            at++;
            count--;
        }
        if (count) {
            at->iov_base = (char *)at->iov_base + n;
            at->iov_len -= (size_t)n;
        }
    }
    return 0;
}

/* Writes as many lines as one file and one call take; *done of them. */
static int write_lines(struct ndjson *out, const struct journal_event *events,
                       size_t count, size_t *done, struct diag *diag) {
    static char line_end[] = "\n";
    struct iovec parts[2 * GATHER];
    int64_t limit = out->conf.rotate_bytes, bytes = out->length;
    size_t n = 0;
    int err;

    for (; n < count && n < GATHER; n++) {
        struct view json = events[n].json;
        bytes += (int64_t)json.len + 1;
        if (n && limit && bytes > limit)
            break;
        parts[2 * n] = (struct iovec){(void *)json.at, json.len};
        parts[2 * n + 1] = (struct iovec){line_end, 1};
    }
    err = write_vectors(out, parts, (int)(2 * n), diag);
    *done = err ? 0 : n;
    return err;
}

static int write_piece(struct ndjson *out, struct view bytes, size_t *done,
                       struct diag *diag) {
    struct pollfd ready = {.fd = out->fd, .events = POLLOUT};
    ssize_t n;

    if (poll(&ready, 1, OUTPUT_WAIT_MS) == 0)
        return ERR_AGAIN;
    n = write(out->fd, bytes.at, bytes.len < PIECE ? bytes.len : PIECE);
    if (n >= 0) {
        *done = (size_t)n;
        return 0;
    }
    if (errno == EAGAIN || errno == EINTR)
        return ERR_AGAIN;
    if (errno != EPIPE)
        return fail(out, "write to", diag);
    diag_set(diag, 0, "whoever read %s has closed it",
             strcmp(out->conf.path, "-") ? out->conf.path : "standard output");
    return ERR_GONE;
}

/* One line into a pipe, from where the last try stopped. */
static int pour_line(struct ndjson *out, struct view json, struct diag *diag) {
    while (out->partial <= json.len) {
        struct view rest = view_n(json.at + out->partial, json.len - out->partial);
        size_t n = 0;
        int err = write_piece(out, rest.len ? rest : VIEW_LIT("\n"), &n, diag);
        if (err)
            return err;
        out->partial += n;
    }
    out->partial = 0;
    return 0;
}

static bool was_removed(const struct ndjson *out) {
    struct stat st;

    return out->regular && fstat(out->fd, &st) == 0 && st.st_nlink == 0;
}

static int ndjson_write(void *state, const struct journal_event *events, size_t count,
                        size_t *done, struct diag *diag) {
    struct ndjson *out = state;
    int64_t today = out->conf.wall_ms() / DAY_MS;
    int err = was_removed(out) ? ERR_NOT_FOUND : 0;

    for (*done = 0; !err && *done < count;) {
        const struct journal_event *next = &events[*done];
        size_t n = 1;
        if (wants_rotation(out, next->json.len + 1, today))
            return 1;
        if (!out->length)
            out->day = today;
        err = out->regular ? write_lines(out, next, count - *done, &n, diag)
                           : pour_line(out, next->json, diag);
        if (!err)
            *done += n;
    }
    return err;
}

const struct output_kind output_ndjson = {
    .open = ndjson_open,
    .write = ndjson_write,
    .flush = ndjson_flush,
    .rotate = ndjson_rotate,
    .close = ndjson_close,
};
