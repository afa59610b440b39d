#include "sink/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "proto/buf.h"
#include "proto/mem.h"

/* Measured with events of 8 and 22 KB and guids in no order: smaller pages make more
 * work of an event, larger ones write more of the index by guid. */
#define PAGE_BYTES 8192
#define CACHE_KIB  8192
#define LOG_KEPT   (64 * 1024 * 1024) /* a log that had to grow beyond is cut back */
#define OPEN_MS    2000               /* how long to wait for a lock when opening */

struct store {
    struct sqlite3 *db;
    const char *path;
    bool made, in_transaction;
    uint64_t log_pages;
};

/* Held during transactions, and while the log is copied. */
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t copying = PTHREAD_MUTEX_INITIALIZER;

/* ---- errors ---- */

/* SQLite tells a full disk by itself, but neither a used-up quota nor a limit on the size
 * of files. The log's errno is asked for, or else the file's. */
static int cause_of(struct sqlite3 *db, int code) {
    sqlite3_file *log = NULL;
    int cause = 0;

    if (code != SQLITE_IOERR_WRITE)
        return sqlite3_system_errno(db);
    sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log && log->pMethods)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &cause);
    if (!cause)
        sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &cause);
    return cause;
}

/* Nothing is known to be half done after these; a sync that says "no space" is another
 * matter. */
static bool is_no_room(int code, int cause) {
    bool wrote = code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE ||
                 code == SQLITE_IOERR_SHMMAP || code == SQLITE_IOERR_TRUNCATE;

    return code == SQLITE_FULL ||
           (wrote && (cause == ENOSPC || cause == EDQUOT || cause == EFBIG));
}

static int fail(const struct store *store, int code, struct diag *diag) {
    int cause = cause_of(store->db, code), kind = code & 0xff;
    const char *path = store->path;

    if (is_no_room(code, cause)) {
        diag_set(diag, 0, "no room on the disk for %s; make some there", path);
        return ERR_FULL;
    }
    if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) {
        diag_set(diag, 0,
                 "another program keeps %s locked: end its transaction (a sqlite3 shell "
                 "that has said BEGIN?)",
                 path);
        return ERR_AGAIN;
    }
    if (kind == SQLITE_NOTADB) {
        diag_set(diag, 0,
                 "%s is not a database, so no journal of the sink: move it away, or "
                 "choose another directory with --data",
                 path);
        return ERR_FORMAT;
    }
    if (kind == SQLITE_CORRUPT) {
        diag_set(diag, 0,
                 "%s is damaged (%s): move it and its -wal away, then put back a backup, "
                 "or what .recover of the sqlite3 shell can save",
                 path, sqlite3_errmsg(store->db));
        return ERR_FORMAT;
    }
    diag_set(diag, 0, "cannot %s %s: %s%s%s; look at the disk and at the file's owner",
             kind == SQLITE_CANTOPEN ? "open" : "use", path, sqlite3_errmsg(store->db),
             cause ? ": " : "", cause ? strerror(cause) : "");
    return ERR_SYSTEM;
}

/* ---- opening ---- */

static int on_commit(void *context, struct sqlite3 *db, const char *name, int pages) {
    struct store *store = context;

    (void)db;
    (void)name;
    store->log_pages = (uint64_t)pages;
    return SQLITE_OK;
}

static int64_t size_of(const char *path) {
    struct stat st;

    return stat(path, &st) ? -1 : (int64_t)st.st_size;
}

/* SQLite would take a log without its file for rubbish and remove it; it may hold all
 * there is. */
static int look_at_files(struct store *store, bool make, struct diag *diag) {
    struct buf log = {0};
    int64_t size = size_of(store->path), log_size;

    buf_printf(&log, "%s-wal", store->path);
    log_size = size_of(buf_text(&log));
    buf_release(&log);
    store->made = size <= 0;
    if (size <= 0 && log_size > 0) {
        diag_set(diag, 0,
                 "%s is %s, but its log %s-wal is there: put the file back from where "
                 "it went, or move the log away",
                 store->path, size ? "missing" : "empty", store->path);
        return ERR_FORMAT;
    }
    if (size < 0 && !make) {
        diag_set(diag, 0, "%s is missing", store->path);
        return ERR_NOT_FOUND;
    }
    return 0;
}

static int pragma(struct store *store, const char *format, int64_t value,
                  struct diag *diag) {
    struct buf sql = {0};
    int err;

    buf_printf(&sql, "PRAGMA %s = %" PRId64, format, value);
    err = store_exec(store, buf_text(&sql), diag);
    buf_release(&sql);
    return err;
}

/* A file system without shared memory or locks cannot do it, and says so by another
 * mode. */
static int begin_log(struct store *store, struct diag *diag) {
    struct sqlite3_stmt *mode;
    int err = store_prepare(store, "PRAGMA journal_mode = wal", &mode, diag);

    if (!err)
        err = store_step(store, mode, diag);
    if (err)
        return err;
    if (!view_is(store_column_bytes(mode, 0), "wal")) {
        diag_set(diag, 0,
                 "%s lies on a file system that cannot share memory between programs: "
                 "choose a directory on a local disk with --data",
                 store->path);
        err = ERR_SYSTEM;
    }
    store_reset(mode);
    return err;
}

static int settle(struct store *store, const struct store_conf *conf, struct diag *diag) {
    int err = 0;

    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, OPEN_MS);
    sqlite3_wal_hook(store->db, on_commit, store); // instead of checkpoints unasked for
    if (conf->only_read)
        return pragma(store, "trusted_schema", 0, diag);
    if (store->made)
        err = pragma(store, "page_size", PAGE_BYTES, diag);
    if (!err)
        err = begin_log(store, diag);
    if (!err)
        err = store_set_sync(store, conf->sync, diag);
    if (!err)
        err = pragma(store, "cache_size", -CACHE_KIB, diag);
    if (!err)
        err = pragma(store, "journal_size_limit", LOG_KEPT, diag);
    if (!err)
        err = pragma(store, "trusted_schema", 0, diag);
    sqlite3_busy_timeout(store->db, 0);
    return err;
}

/* With the mode SQLite would not give it, and that log and shared memory take over. */
static void make_file(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

    if (fd >= 0) // what is wrong SQLite will find, too
        close(fd);
}

int store_open(const struct store_conf *conf, struct store **out, struct diag *diag) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                (conf->only_read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                (conf->make ? SQLITE_OPEN_CREATE : 0);
    struct store *store = mem_zalloc(sizeof *store);
    int err, code;

    store->path = conf->path;
    err = look_at_files(store, conf->make, diag);
    if (!err && store->made)
        make_file(conf->path);
    if (!err) {
        code = sqlite3_open_v2(conf->path, &store->db, flags, NULL);
        err = code ? fail(store, code, diag) : settle(store, conf, diag);
    }
    if (err)
        store_close(store);
    else
        *out = store;
    return err;
}

void store_close(struct store *store) {
    struct sqlite3_stmt *statement;

    if (!store)
        return;
    if (store->in_transaction)
        store_rollback(store);
    while (store->db && (statement = sqlite3_next_stmt(store->db, NULL)))
        sqlite3_finalize(statement);
    sqlite3_close(store->db);
    free(store);
}

const char *store_path(const struct store *store) { return store->path; }
bool store_was_made(const struct store *store) { return store->made; }

int store_set_sync(struct store *store, bool sync, struct diag *diag) {
    return store_exec(
        store, sync ? "PRAGMA synchronous = full" : "PRAGMA synchronous = normal", diag);
}

/* ---- statements ---- */

int store_exec(struct store *store, const char *sql, struct diag *diag) {
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return code ? fail(store, sqlite3_extended_errcode(store->db), diag) : 0;
}

int store_prepare(struct store *store, const char *sql, struct sqlite3_stmt **out,
                  struct diag *diag) {
    int code =
        sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);

    return code ? fail(store, code, diag) : 0;
}

void store_bind(struct sqlite3_stmt *statement, int at, int64_t value) {
    sqlite3_bind_int64(statement, at, value);
}

void store_bind_text(struct sqlite3_stmt *statement, int at, struct view text) {
    sqlite3_bind_text64(statement, at, text.len ? text.at : "", text.len, SQLITE_STATIC,
                        SQLITE_UTF8);
}

void store_bind_blob(struct sqlite3_stmt *statement, int at, struct view bytes) {
    sqlite3_bind_blob64(statement, at, bytes.at, bytes.len, SQLITE_STATIC);
}

int store_step(struct store *store, struct sqlite3_stmt *statement, struct diag *diag) {
    int code = sqlite3_step(statement), err;

    if (code == SQLITE_ROW)
        return 0;
    err = code == SQLITE_DONE ? 1 : fail(store, code, diag);
    store_reset(statement);
    return err;
}

int store_run(struct store *store, struct sqlite3_stmt *statement, struct diag *diag) {
    int err;

    while ((err = store_step(store, statement, diag)) == 0)
        ;
    return err < 0 ? err : 0;
}

int store_number(struct store *store, struct sqlite3_stmt *statement, int64_t fallback,
                 int64_t *out, struct diag *diag) {
    int err = store_step(store, statement, diag);

    if (err < 0)
        return err;
    *out = fallback;
    if (err)
        return 0;
    if (sqlite3_column_type(statement, 0) != SQLITE_NULL)
        *out = store_column(statement, 0);
    store_reset(statement);
    return 0;
}

uint64_t store_changes(const struct store *store) {
    return (uint64_t)sqlite3_changes(store->db);
}

void store_reset(struct sqlite3_stmt *statement) { sqlite3_reset(statement); }

int64_t store_column(struct sqlite3_stmt *statement, int column) {
    return sqlite3_column_int64(statement, column);
}

struct view store_column_bytes(struct sqlite3_stmt *statement, int column) {
    const void *at = sqlite3_column_blob(statement, column);

    return view_n(at ? at : "", (size_t)sqlite3_column_bytes(statement, column));
}

/* ---- transactions ---- */

int store_begin(struct store *store, struct diag *diag) {
    int err;

    pthread_mutex_lock(&writing);
    err = store_exec(store, "BEGIN IMMEDIATE", diag);
    store->in_transaction = !err;
    if (err)
        pthread_mutex_unlock(&writing);
    return err;
}

void store_rollback(struct store *store) {
    if (!sqlite3_get_autocommit(store->db)) // some errors have done it already
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->in_transaction = false;
    pthread_mutex_unlock(&writing);
}

int store_commit(struct store *store, struct diag *diag) {
    int err = store_exec(store, "COMMIT", diag);

    if (err) {
        store_rollback(store);
        return err;
    }
    store->in_transaction = false;
    pthread_mutex_unlock(&writing);
    return 0;
}

/* ---- the log ---- */

uint64_t store_log_bytes(const struct store *store) {
    return store->log_pages * PAGE_BYTES;
}

int store_checkpoint(struct store *store, bool whole, struct diag *diag) {
    int mode = whole ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, code;

    pthread_mutex_lock(&copying);
    code = sqlite3_wal_checkpoint_v2(store->db, NULL, mode, NULL, NULL);
    pthread_mutex_unlock(&copying);
    return code ? fail(store, code, diag) : 0;
}
