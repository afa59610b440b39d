#include "sink/reader.h"

#include <stdlib.h>

#include "proto/mem.h"
#include "sink/store.h"

struct reader {
    struct store *store;
    const char *name;
    struct sqlite3_stmt *next, *load, *save;
    struct buf bytes;
    struct journal_event events[READER_EVENTS];
};

static int prepare(struct reader *r, struct diag *diag) {
    int err = store_prepare(
        r->store, "SELECT offset, json FROM events WHERE offset > ? ORDER BY offset",
        &r->next, diag);

    if (!err)
        err = store_prepare(
            r->store,
            "SELECT offset, dev, ino, length, tail, day FROM cursors WHERE name = ?",
            &r->load, diag);
    if (!err)
        err = store_prepare(r->store,
                            "INSERT OR REPLACE INTO cursors VALUES(?, ?, ?, ?, ?, ?, ?)",
                            &r->save, diag);
    return err;
}

int reader_open(const char *path, const char *name, struct reader **out,
                struct diag *diag) {
    struct store_conf conf = {.path = path};
    struct reader *r = mem_zalloc(sizeof *r);
    int err = store_open(&conf, &r->store, diag);

    r->name = name;
    if (!err)
        err = prepare(r, diag);
    if (err)
        reader_close(r);
    else
        *out = r;
    return err;
}

void reader_close(struct reader *r) {
    if (!r)
        return;
    store_close(r->store);
    buf_release(&r->bytes);
    free(r);
}

int reader_mark(struct reader *r, struct mark *out, struct diag *diag) {
    int err;

    store_bind_text(r->load, 1, view_of(r->name));
    err = store_step(r->store, r->load, diag);
    if (err)
        return err;
    *out = (struct mark){.offset = (uint64_t)store_column(r->load, 0),
                         .dev = (uint64_t)store_column(r->load, 1),
                         .ino = (uint64_t)store_column(r->load, 2),
                         .length = store_column(r->load, 3),
                         .tail = (uint32_t)store_column(r->load, 4),
                         .day = store_column(r->load, 5)};
    store_reset(r->load);
    return 0;
}

static int save(struct reader *r, const struct mark *mark, struct diag *diag) {
    int err = store_begin(r->store, diag);

    if (err)
        return err;
    store_bind_text(r->save, 1, view_of(r->name));
    store_bind(r->save, 2, (int64_t)mark->offset);
    store_bind(r->save, 3, (int64_t)mark->dev);
    store_bind(r->save, 4, (int64_t)mark->ino);
    store_bind(r->save, 5, mark->length);
    store_bind(r->save, 6, mark->tail);
    store_bind(r->save, 7, mark->day);
    err = store_run(r->store, r->save, diag);
    if (!err)
        return store_commit(r->store, diag);
    store_rollback(r->store);
    return err;
}

int reader_save(struct reader *r, const struct mark *mark, bool durable,
                struct diag *diag) {
    int err = durable ? store_set_sync(r->store, true, diag) : 0;

    if (!err)
        err = save(r, mark, diag);
    if (!err && durable)
        err = store_set_sync(r->store, false, diag);
    return err;
}

/* The bytes move while they are gathered: first where they lie, then the views. */
static int gather(struct reader *r, size_t *count, struct diag *diag) {
    size_t starts[READER_EVENTS + 1], n = 0;
    int err = 0;

    buf_clear(&r->bytes);
    while (n < READER_EVENTS && r->bytes.len < READER_BYTES &&
           (err = store_step(r->store, r->next, diag)) == 0) {
        starts[n] = r->bytes.len;
        r->events[n++].offset = (uint64_t)store_column(r->next, 0);
        buf_put_view(&r->bytes, store_column_bytes(r->next, 1));
    }
    store_reset(r->next);
    starts[n] = r->bytes.len;
    for (size_t i = 0; i < n; i++)
        r->events[i].json = view_n(r->bytes.at + starts[i], starts[i + 1] - starts[i]);
    *count = n;
    return err < 0 ? err : 0;
}

int reader_next(struct reader *r, uint64_t after, const struct journal_event **out,
                size_t *count, struct diag *diag) {
    size_t n;
    int err;

    if (r->bytes.cap > 8 * READER_BYTES)
        buf_release(&r->bytes); // one monstrous event
    store_bind(r->next, 1, (int64_t)after);
    err = gather(r, &n, diag);
    if (err)
        return err;
    *out = r->events;
    *count = n;
    return 0;
}
