#include "sink/output.h"

#include <stdlib.h>

#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/crash.h"
#include "sink/store.h"
#include "sink/thread.h"

struct output {
    struct output_conf conf;
    pthread_t thread;

    pthread_mutex_t mutex; /* for what follows */
    pthread_cond_t changed;
    uint64_t head;
    bool stop, reopen, ended;
    struct output_state state;

    /* the thread's own */
    struct reader *reader;
    void *open; /* the kind's state; NULL: to be opened */
    struct mark mark;
    uint64_t written, looked; /* looked: the head when it last began to read */
    size_t unflushed;         /* bytes */
    int64_t written_ms;       /* when the first of them were */
    bool at_journal;          /* it was there that something went wrong */
};

/* Errors of the journal are not the output's: nothing is to be opened anew for them, and
 * some are the end of the process. */
static int of_journal(struct output *o, int err) {
    if (err >= 0)
        return err;
    o->at_journal = true;
    if (store_may_retry(err))
        return err;
    pthread_mutex_lock(&o->mutex);
    o->state.failed = true;
    pthread_mutex_unlock(&o->mutex);
    return err;
}

/* ---- what is on the disk ---- */

static int save_mark(struct output *o, const struct mark *mark, bool durable,
                     struct diag *diag) {
    int err = of_journal(o, reader_save(o->reader, mark, durable && o->conf.sync, diag));

    if (err)
        return err;
    o->mark = *mark;
    pthread_mutex_lock(&o->mutex);
    o->state.offset = mark->offset;
    pthread_mutex_unlock(&o->mutex);
    return 0;
}

static int flush(struct output *o, bool durable, struct diag *diag) {
    struct mark mark = o->mark;
    int err;

    if (!durable && !o->unflushed)
        return 0;
    crash_point("output-after-write");
    err = o->conf.kind->flush(o->open, &mark, diag);
    if (err)
        return err;
    crash_point("output-after-flush");
    mark.offset = o->written;
    err = save_mark(o, &mark, durable, diag);
    if (!err)
        o->unflushed = 0;
    crash_point("output-after-cursor");
    return err;
}

static int rotate(struct output *o, struct diag *diag) {
    struct mark mark;
    int err = flush(o, true, diag);

    mark = o->mark;
    if (!err)
        err = o->conf.kind->rotate(o->open, &mark, diag);
    return err ? err : save_mark(o, &mark, true, diag);
}

/* ---- opening ---- */

static void note_remark(struct output *o, const struct diag *remark) {
    pthread_mutex_lock(&o->mutex);
    o->state.remark = *remark;
    pthread_mutex_unlock(&o->mutex);
}

static int open_reader(struct output *o, struct diag *diag) {
    int err = reader_open(o->conf.journal, o->conf.name, &o->reader, diag);

    if (!err)
        err = reader_mark(o->reader, &o->mark, diag);
    if (err < 0) {
        reader_close(o->reader);
        o->reader = NULL;
        return of_journal(o, err);
    }
    pthread_mutex_lock(&o->mutex);
    o->state.offset = o->state.written = o->mark.offset;
    pthread_mutex_unlock(&o->mutex);
    return 0;
}

/* Before a byte is written the cursor has the file it goes into. */
static int open_output(struct output *o, struct diag *diag) {
    struct mark mark = o->mark;
    struct diag remark = {0};
    int err = o->conf.kind->open(&o->conf, &mark, &o->open, &remark);

    if (err) {
        o->open = NULL;
        diag_set(diag, 0, "%s", remark.text);
        return err;
    }
    if (remark.text[0])
        note_remark(o, &remark);
    o->written = mark.offset;
    o->unflushed = 0;
    return save_mark(o, &mark, true, diag);
}

static void close_output(struct output *o) {
    if (o->open)
        o->conf.kind->close(o->open);
    o->open = NULL;
}

/* ---- the work ---- */

static void note_written(struct output *o, const struct journal_event *events,
                         size_t count) {
    if (!count)
        return;
    if (!o->unflushed)
        o->written_ms = clock_now();
    for (size_t i = 0; i < count; i++)
        o->unflushed += events[i].json.len + 1;
    o->written = events[count - 1].offset;
    pthread_mutex_lock(&o->mutex);
    o->state.written = o->written;
    pthread_mutex_unlock(&o->mutex);
}

static bool is_due(const struct output *o) {
    return o->unflushed >= OUTPUT_FLUSH_BYTES ||
           (o->unflushed && clock_now() - o->written_ms >= OUTPUT_FLUSH_MS);
}

static int write_events(struct output *o, const struct journal_event *events,
                        size_t count, struct diag *diag) {
    int err = 0;

    while (!err && count) {
        size_t done = 0;
        err = o->conf.kind->write(o->open, events, count, &done, diag);
        note_written(o, events, done);
        events += done;
        count -= done;
        if (err > 0)
            err = rotate(o, diag);
    }
    return err;
}

static bool is_wanted(struct output *o, const bool *flag) {
    bool wanted;

    pthread_mutex_lock(&o->mutex);
    wanted = *flag;
    pthread_mutex_unlock(&o->mutex);
    return wanted;
}

/* A pipe that nobody empties: no error, it just takes time. */
static bool is_unread(const struct output *o, int err) {
    return err == ERR_AGAIN && !o->at_journal;
}

static int catch_up(struct output *o, struct diag *diag) {
    const struct journal_event *events;
    size_t count = 1;
    int err = 0;

    pthread_mutex_lock(&o->mutex);
    o->looked = o->head;
    pthread_mutex_unlock(&o->mutex);
    while (!err && count && !is_wanted(o, &o->stop)) {
        err = of_journal(o, reader_next(o->reader, o->written, &events, &count, diag));
        if (!err && count)
            err = write_events(o, events, count, diag);
        if ((!err || is_unread(o, err)) && is_due(o)) {
            int worse = flush(o, false, diag);
            err = worse ? worse : err;
        }
    }
    return err;
}

static int begin_anew(struct output *o, struct diag *diag) {
    int err = o->open ? flush(o, true, diag) : 0;

    if (err)
        return err;
    pthread_mutex_lock(&o->mutex);
    o->reopen = false;
    pthread_mutex_unlock(&o->mutex);
    close_output(o);
    return 0;
}

static int run_once(struct output *o, struct diag *diag) {
    int err = o->reader ? 0 : open_reader(o, diag);

    if (!err && is_wanted(o, &o->reopen))
        err = begin_anew(o, diag);
    if (!err && !o->open)
        err = open_output(o, diag);
    return err ? err : catch_up(o, diag);
}

/* ---- the thread ---- */

static void note_error(struct output *o, int err, const struct diag *diag) {
    pthread_mutex_lock(&o->mutex);
    o->state.err = is_unread(o, err) || err == ERR_NOT_FOUND ? 0 : err;
    o->state.why = *diag;
    pthread_mutex_unlock(&o->mutex);
}

/* Until there is something to do: a new head, a request, a flush or a retry that is due.
 */
static void wait_for_work(struct output *o, int err) {
    int64_t ms = err ? OUTPUT_RETRY_MS : o->written_ms + OUTPUT_FLUSH_MS - clock_now();
    struct timespec until = thread_after(ms > 0 ? ms : 0);
    bool timed = err || o->unflushed;
    int rc = 0;

    pthread_mutex_lock(&o->mutex);
    while (!rc && !o->stop && (err || (!o->reopen && o->head <= o->looked)))
        rc = timed ? pthread_cond_timedwait(&o->changed, &o->mutex, &until)
                   : pthread_cond_wait(&o->changed, &o->mutex);
    pthread_mutex_unlock(&o->mutex);
}

static void finish(struct output *o) {
    struct diag diag = {0};

    if (o->open && flush(o, true, &diag))
        note_error(o, ERR_SYSTEM, &diag);
    close_output(o);
    reader_close(o->reader);
    pthread_mutex_lock(&o->mutex);
    o->ended = true;
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->mutex);
}

static void *run(void *context) {
    struct output *o = context;

    while (!is_wanted(o, &o->stop)) {
        struct diag diag = {0};
        int err;
        o->at_journal = false;
        err = run_once(o, &diag);
        note_error(o, err, &diag);
        if (err && !o->at_journal && !is_unread(o, err))
            close_output(o);
        if (o->at_journal || (err != ERR_NOT_FOUND && !is_unread(o, err)))
            wait_for_work(o, err);
    }
    finish(o);
    return NULL;
}

static void output_free(struct output *o) {
    pthread_cond_destroy(&o->changed);
    pthread_mutex_destroy(&o->mutex);
    free(o);
}

int output_start(const struct output_conf *conf, struct output **out, struct diag *diag) {
    struct output *o = mem_zalloc(sizeof *o);
    int err;

    o->conf = *conf;
    pthread_mutex_init(&o->mutex, NULL);
    thread_condition(&o->changed);
    err = thread_start(&o->thread, run, o, diag);
    if (err)
        output_free(o);
    else
        *out = o;
    return err;
}

/* ---- from the loop's thread ---- */

void output_wake(struct output *o, uint64_t head) {
    pthread_mutex_lock(&o->mutex);
    o->head = head;
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->mutex);
}

void output_reopen(struct output *o) {
    pthread_mutex_lock(&o->mutex);
    o->reopen = true;
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->mutex);
}

bool output_stop(struct output *o, int64_t wait_ms) {
    struct timespec until = thread_after(wait_ms);
    bool ended;
    int rc = 0;

    if (!o)
        return true;
    pthread_mutex_lock(&o->mutex);
    o->stop = true;
    pthread_cond_broadcast(&o->changed);
    while (!rc && !o->ended)
        rc = pthread_cond_timedwait(&o->changed, &o->mutex, &until);
    ended = o->ended;
    pthread_mutex_unlock(&o->mutex);
    if (!ended) {
        pthread_detach(o->thread);
        return false;
    }
    pthread_join(o->thread, NULL);
    output_free(o);
    return true;
}

void output_look(struct output *o, struct output_state *out, bool take) {
    pthread_mutex_lock(&o->mutex);
    *out = o->state;
    if (take)
        o->state.remark.text[0] = 0;
    pthread_mutex_unlock(&o->mutex);
}

const char *output_name(const struct output *o) { return o->conf.name; }
