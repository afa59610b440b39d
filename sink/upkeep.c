#include "sink/upkeep.h"

#include <stdlib.h>

#include "proto/mem.h"
#include "proto/run/clock.h"
#include "sink/store.h"
#include "sink/thread.h"

struct upkeep {
    struct upkeep_conf conf;
    pthread_t thread;

    pthread_mutex_t mutex; /* for what follows */
    pthread_cond_t changed;
    bool stop, grown; /* the log has since it was last copied */
    int64_t grown_ms;
    uint64_t log_bytes, passed, deleted;
    int err;
    struct diag why;

    /* the thread's own */
    struct store *store;
    struct sqlite3_stmt *oldest, *cut, *cut_blanks, *put_head;
};

/* What may be tried again is: the next time round. */
static void note(struct upkeep *u, int err, const struct diag *diag) {
    if (err >= 0 || store_may_retry(err))
        return;
    pthread_mutex_lock(&u->mutex);
    u->err = err;
    u->why = *diag;
    pthread_mutex_unlock(&u->mutex);
}

/* ---- old rows ---- */

struct old {
    int64_t before_ms, upto; /* rows from before then, the last of them */
    uint64_t rows;           /* at most UPKEEP_ROWS */
};

static int find_old(struct upkeep *u, uint64_t passed, struct old *old,
                    struct diag *diag) {
    int err = 0;

    while (old->rows < UPKEEP_ROWS &&
           (err = store_step(u->store, u->oldest, diag)) == 0) {
        int64_t offset = store_column(u->oldest, 0);
        if ((uint64_t)offset > passed || store_column(u->oldest, 1) >= old->before_ms)
            break;
        old->upto = offset;
        old->rows++;
    }
    store_reset(u->oldest);
    return err < 0 ? err : 0;
}

/* The last offset is written down: the row that says it may be among them. */
static int delete_rows(struct upkeep *u, const struct old *old, struct diag *diag) {
    int err = store_begin(u->store, diag);

    if (err)
        return err;
    err = store_run(u->store, u->put_head, diag);
    store_bind(u->cut, 1, old->upto);
    if (!err)
        err = store_run(u->store, u->cut, diag);
    store_bind(u->cut_blanks, 1, old->before_ms);
    if (!err)
        err = store_run(u->store, u->cut_blanks, diag);
    if (!err)
        return store_commit(u->store, diag);
    store_rollback(u->store);
    return err;
}

/* True when there may be more. */
static bool delete_old(struct upkeep *u) {
    struct old old = {.before_ms = u->conf.wall_ms() - u->conf.keep_ms};
    struct diag why = {0};
    uint64_t passed;
    int err;

    pthread_mutex_lock(&u->mutex);
    passed = u->passed;
    pthread_mutex_unlock(&u->mutex);
    err = find_old(u, passed, &old, &why);
    if (!err && old.rows)
        err = delete_rows(u, &old, &why);
    note(u, err, &why);
    if (err || !old.rows)
        return false;
    pthread_mutex_lock(&u->mutex);
    u->deleted += old.rows;
    u->grown = true;
    pthread_mutex_unlock(&u->mutex);
    return old.rows == UPKEEP_ROWS;
}

/* ---- the thread ---- */

static int open_store(struct upkeep *u, struct diag *diag) {
    struct store_conf conf = {.path = u->conf.journal};
    int err = store_open(&conf, &u->store, diag);
    const struct {
        struct sqlite3_stmt **out;
        const char *sql;
    } list[] = {
        {&u->oldest, "SELECT offset, stored_ms FROM events ORDER BY offset"},
        {&u->cut, "DELETE FROM events WHERE offset <= ?"},
        {&u->cut_blanks, "DELETE FROM blanks WHERE stored_ms < ?"},
        {&u->put_head,
         "INSERT OR REPLACE INTO meta SELECT 'head', max(coalesce(max(offset), 0),"
         " coalesce((SELECT value FROM meta WHERE key = 'head'), 0)) FROM events"},
    };

    for (size_t i = 0; !err && i < sizeof list / sizeof *list; i++)
        err = store_prepare(u->store, list[i].sql, list[i].out, diag);
    if (err) {
        store_close(u->store);
        u->store = NULL;
    }
    return err;
}

/* Until the log is long enough, or was left alone; or for `ms`. True: the log is to be
 * copied. */
static bool wait_for_log(struct upkeep *u, int64_t ms) {
    struct timespec until = thread_after(ms);
    bool due;
    int rc = 0;

    pthread_mutex_lock(&u->mutex);
    while (!rc && !u->stop && !(u->grown && u->log_bytes >= UPKEEP_LOG_BYTES))
        rc = pthread_cond_timedwait(&u->changed, &u->mutex, &until);
    due = u->grown && (u->log_bytes >= UPKEEP_LOG_BYTES ||
                       clock_now() - u->grown_ms >= UPKEEP_QUIET_MS);
    if (due)
        u->grown = false;
    pthread_mutex_unlock(&u->mutex);
    return due;
}

static bool is_stopping(struct upkeep *u) {
    bool stopping;

    pthread_mutex_lock(&u->mutex);
    stopping = u->stop;
    pthread_mutex_unlock(&u->mutex);
    return stopping;
}

static void *run(void *context) {
    struct upkeep *u = context;
    int64_t wait_ms = UPKEEP_LOOK_MS;

    while (!is_stopping(u)) {
        bool copy = wait_for_log(u, wait_ms);
        struct diag why = {0};
        int err = u->store ? 0 : open_store(u, &why);
        if (!err && copy)
            err = store_checkpoint(u->store, false, &why);
        note(u, err, &why);
        if (!err && u->conf.keep_ms)
            wait_ms = delete_old(u) ? UPKEEP_PAUSE_MS : UPKEEP_LOOK_MS;
    }
    store_close(u->store);
    return NULL;
}

/* ---- from the loop's thread ---- */

static void upkeep_free(struct upkeep *u) {
    pthread_cond_destroy(&u->changed);
    pthread_mutex_destroy(&u->mutex);
    free(u);
}

int upkeep_start(const struct upkeep_conf *conf, struct upkeep **out, struct diag *diag) {
    struct upkeep *u = mem_zalloc(sizeof *u);
    int err;

    u->conf = *conf;
    pthread_mutex_init(&u->mutex, NULL);
    thread_condition(&u->changed);
    err = thread_start(&u->thread, run, u, diag);
    if (err)
        upkeep_free(u);
    else
        *out = u;
    return err;
}

void upkeep_stop(struct upkeep *u) {
    if (!u)
        return;
    pthread_mutex_lock(&u->mutex);
    u->stop = true;
    pthread_cond_broadcast(&u->changed);
    pthread_mutex_unlock(&u->mutex);
    pthread_join(u->thread, NULL);
    upkeep_free(u);
}

void upkeep_tell(struct upkeep *u, uint64_t log_bytes, uint64_t passed) {
    pthread_mutex_lock(&u->mutex);
    u->passed = passed;
    if (u->log_bytes != log_bytes) {
        u->log_bytes = log_bytes;
        u->grown = true;
        u->grown_ms = clock_now();
    }
    if (log_bytes >= UPKEEP_LOG_BYTES)
        pthread_cond_signal(&u->changed);
    pthread_mutex_unlock(&u->mutex);
}

int upkeep_failed(struct upkeep *u, struct diag *diag) {
    int err;

    pthread_mutex_lock(&u->mutex);
    err = u->err;
    if (err)
        diag_set(diag, 0, "%s", u->why.text);
    pthread_mutex_unlock(&u->mutex);
    return err;
}

uint64_t upkeep_deleted(struct upkeep *u) {
    uint64_t deleted;

    pthread_mutex_lock(&u->mutex);
    deleted = u->deleted;
    pthread_mutex_unlock(&u->mutex);
    return deleted;
}
