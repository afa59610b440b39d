/* Events as lines of a file, each written once.
 *
 *     events.ndjson               being written
 *     events-20200114.ndjson      closed: begun on that day (UTC)
 *     events-20200114-2.ndjson    the second one of that day
 *
 *     file   |================|======|~~~~|
 *                    safe_length  length   \ torn: never seen again
 *
 * Up to safe_length the file is durable and belongs to journal offset `safe`; up to
 * length it has whole lines, to offset `written`. What goes wrong behind that is cut off:
 * after a crash back to the last whole line, after an error back to safe_length, on a
 * newly opened descriptor, because one that failed to sync says nothing true any more.
 *
 * A pipe, terminal or device is written in pieces that do not block and is never cut. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "proto/mem.h"
#include "sink/output.h"

#define GATHER  256  /* events in one write */
#define PIECE   4096 /* what a writable pipe takes without blocking: PIPE_BUF of Linux */
#define DAY_MS  86400000
#define ADVICE  "make room there, or choose another --output"
#define NO_FILE (-1)

struct ndjson {
    struct output_conf conf;
    int fd;
    bool regular;
    bool broken; /* to be opened again and cut back before the next write */
    dev_t dev;
    ino_t ino;
    int64_t length, safe_length; /* bytes of the file */
    uint64_t written, safe;      /* journal offsets */
    size_t partial;              /* bytes of the next line that a pipe has taken */
    int64_t day;                 /* since 1970, on which the file was begun */
};

static int fail(struct ndjson *out, const char *what, struct diag *diag) {
    out->broken = true;
    diag_set(diag, 0, "cannot %s %s: %s; " ADVICE, what, out->conf.path, strerror(errno));
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

static int adopt(struct ndjson *out, const struct stat *st, struct diag *diag) {
    int fd = open(out->conf.path, O_RDONLY | O_CLOEXEC);
    int64_t end = 0;
    bool ours = fd >= 0 && looks_like_events(fd, st->st_size);
    int err = ours ? last_line_end(fd, st->st_size, &end) : ERR_FORMAT;

    if (fd < 0)
        return fail(out, "read", diag);
    close(fd);
    if (!ours) {
        diag_set(diag, 0,
                 "%s holds something other than events, one JSON object a line: "
                 "move it away or choose another --output",
                 out->conf.path);
        return ERR_FORMAT;
    }
    if (err)
        return fail(out, "read", diag);
    if (end < st->st_size) {
        if (ftruncate(out->fd, end))
            return fail(out, "mend", diag);
        diag_set(diag, 0, "cut an unfinished line of %lld bytes off the end of %s",
                 (long long)(st->st_size - end), out->conf.path);
    }
    out->length = end;
    out->day = (int64_t)st->st_mtime / (DAY_MS / 1000);
    return 0;
}

static int open_file(struct ndjson *out, struct diag *diag) {
    bool standard = strcmp(out->conf.path, "-") == 0;
    struct stat st;

    out->fd = standard
                  ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                  : open(out->conf.path,
                         O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
    if (out->fd < 0 || fstat(out->fd, &st))
        return fail(out, "open", diag);
    out->regular = !standard && S_ISREG(st.st_mode);
    out->dev = st.st_dev;
    out->ino = st.st_ino;
    out->length = 0;
    out->partial = 0;
    out->broken = false;
    if (!out->regular)
        return 0;
    if (st.st_size)
        return adopt(out, &st, diag);
    if (out->conf.sync)
        sync_folder(out->conf.path);
    return 0;
}

static void close_file(struct ndjson *out) {
    if (out->fd != NO_FILE)
        close(out->fd);
    out->fd = NO_FILE;
}

/* Opens again and takes back what had not become durable. */
static int mend(struct ndjson *out, struct diag *diag) {
    struct ndjson old = *out;
    struct diag remark = {0};
    int err;

    close_file(out);
    err = open_file(out, &remark);
    if (err) {
        diag_set(diag, 0, "%s", remark.text);
        return err;
    }
    out->written = out->safe;
    if (out->regular && out->dev == old.dev && out->ino == old.ino &&
        out->length > old.safe_length) {
        if (ftruncate(out->fd, old.safe_length))
            return fail(out, "mend", diag);
        out->length = old.safe_length;
    }
    out->safe_length = out->length;
    return 0;
}

static int ndjson_open(const struct output_conf *conf, void **state, struct diag *diag) {
    struct ndjson *out = mem_zalloc(sizeof *out);
    int err;

    out->conf = *conf;
    out->fd = NO_FILE;
    err = open_file(out, diag);
    if (err) {
        close_file(out);
        free(out);
        return err;
    }
    out->safe_length = out->length;
    *state = out;
    return 0;
}

static void ndjson_close(void *state) {
    close_file(state);
    free(state);
}

static void ndjson_reopen(void *state) {
    struct ndjson *out = state;

    out->broken = true;
}

/* ---- writing ---- */

static int ndjson_flush(void *state, struct diag *diag) {
    struct ndjson *out = state;

    // pipes and terminals answer EINVAL: they have nothing to sync
    if (out->conf.sync && fdatasync(out->fd) && (out->regular || errno != EINVAL))
        return fail(out, "sync", diag);
    out->safe_length = out->length;
    out->safe = out->written;
    return 0;
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

static char *free_name(const char *path, int64_t day) {
    struct stat st;

    for (unsigned n = 1;; n++) {
        char *name = closed_name(path, day, n);
        if (lstat(name, &st) && errno == ENOENT)
            return name;
        free(name);
        if (n == 1000000)
            return NULL;
    }
}

static int rotate(struct ndjson *out, struct diag *diag) {
    char *name;
    int err = ndjson_flush(out, diag);

    if (err)
        return err;
    name = free_name(out->conf.path, out->day);
    if (!name || rename(out->conf.path, name))
        err = fail(out, "rotate", diag);
    free(name);
    if (err)
        return err;
    close_file(out);
    err = open_file(out, diag);
    out->safe_length = out->length;
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
static int write_lines(struct ndjson *out, const struct output_batch *batch, size_t *done,
                       struct diag *diag) {
    static char line_end[] = "\n";
    struct iovec parts[2 * GATHER];
    int64_t limit = out->conf.rotate_bytes, bytes = out->length;
    size_t n = 0;
    int err;

    for (; n < batch->count && n < GATHER; n++) {
        struct view json = batch->events[n].json;
        bytes += (int64_t)json.len + 1;
        if (n && limit && bytes > limit)
            break;
        parts[2 * n] = (struct iovec){(void *)json.at, json.len};
        parts[2 * n + 1] = (struct iovec){line_end, 1};
    }
    err = write_vectors(out, parts, (int)(2 * n), diag);
    if (err)
        return err;
    out->written = batch->events[n - 1].offset;
    *done = n;
    return 0;
}

static int write_piece(struct ndjson *out, struct view bytes, size_t *done,
                       struct diag *diag) {
    struct pollfd ready = {.fd = out->fd, .events = POLLOUT};
    ssize_t n;

    if (poll(&ready, 1, 0) == 0)
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
    out->broken = true;
    return ERR_GONE;
}

/* One line into a pipe, from where the last try stopped. */
static int pour_line(struct ndjson *out, const struct journal_event *event,
                     struct diag *diag) {
    struct view json = event->json;

    while (out->partial <= json.len) {
        struct view rest = view_n(json.at + out->partial, json.len - out->partial);
        size_t n = 0;
        int err = write_piece(out, rest.len ? rest : VIEW_LIT("\n"), &n, diag);
        if (err)
            return err;
        out->partial += n;
    }
    out->partial = 0;
    out->written = event->offset;
    return 0;
}

static bool was_removed(const struct ndjson *out) {
    struct stat st;

    return out->regular && fstat(out->fd, &st) == 0 && st.st_nlink == 0;
}

static int ndjson_write(void *state, const struct output_batch *batch,
                        struct diag *diag) {
    struct ndjson *out = state;
    int64_t today = batch->wall_ms / DAY_MS;
    struct output_batch rest = *batch;
    int err = out->broken || was_removed(out) ? mend(out, diag) : 0;

    while (!err && rest.count) {
        size_t done = 1;
        if (rest.events->offset > out->written) {
            if (wants_rotation(out, rest.events->json.len + 1, today))
                err = rotate(out, diag);
            if (!err && !out->length)
                out->day = today;
            if (!err)
                err = out->regular ? write_lines(out, &rest, &done, diag)
                                   : pour_line(out, rest.events, diag);
        }
        rest.events += done;
        rest.count -= done;
    }
    return err;
}

const struct output_kind output_ndjson = {
    .name = "ndjson",
    .open = ndjson_open,
    .write = ndjson_write,
    .flush = ndjson_flush,
    .reopen = ndjson_reopen,
    .close = ndjson_close,
};
