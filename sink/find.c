#include "sink/find.h"

#include <stdlib.h>

#include "proto/mem.h"
#include "sink/schema.h"

struct find {
    struct store *store;
    struct find_conf conf;
    struct sqlite3_stmt *next;
    int64_t last; /* offset given last */
    struct buf bytes;
    struct journal_event events[FIND_EVENTS];
};

/* The order of the words is that of SQL. */
static int prepare(struct find *f, struct diag *diag) {
    struct buf sql = {0};
    int err;

    buf_printf(&sql, "SELECT offset, json FROM %s WHERE offset %s ?1",
               f->conf.stories ? "stories" : "events", f->conf.newest ? "<" : ">");
    if (f->conf.since_offset)
        buf_put_text(&sql, " AND offset >= ?2");
    if (f->conf.since_ms)
        buf_put_text(&sql, " AND stored_ms >= ?3");
    if (f->conf.guid.len)
        buf_put_text(&sql, " AND guid = ?4");
    buf_printf(&sql, " ORDER BY offset%s", f->conf.newest ? " DESC" : "");
    err = store_prepare(f->store, buf_text(&sql), &f->next, diag);
    buf_release(&sql);
    return err;
}

int find_open(const struct find_conf *conf, struct find **out, struct diag *diag) {
    struct store_conf store = {.path = conf->journal, .only_read = true};
    struct find *f = mem_zalloc(sizeof *f);
    int err = store_open(&store, &f->store, diag);

    f->conf = *conf;
    f->last = conf->newest ? INT64_MAX : 0;
    if (!err)
        err = schema_look(f->store, diag);
    if (!err)
        err = prepare(f, diag);
    if (err)
        find_close(f);
    else
        *out = f;
    return err;
}

void find_close(struct find *f) {
    if (!f)
        return;
    store_close(f->store);
    buf_release(&f->bytes);
    free(f);
}

static void bind(struct find *f) {
    store_bind(f->next, 1, f->last);
    if (f->conf.since_offset)
        store_bind(f->next, 2, (int64_t)f->conf.since_offset);
    if (f->conf.since_ms)
        store_bind(f->next, 3, f->conf.since_ms);
    if (f->conf.guid.len)
        store_bind_text(f->next, 4, f->conf.guid);
}

/* The bytes move while they are gathered: first where they lie, then the views. */
int find_next(struct find *f, const struct journal_event **out, size_t *count,
              struct diag *diag) {
    size_t starts[FIND_EVENTS + 1], n = 0;
    int err = 0;

    buf_clear(&f->bytes);
    bind(f);
    while (n < FIND_EVENTS && f->bytes.len < FIND_BYTES &&
           (err = store_step(f->store, f->next, diag)) == 0) {
        starts[n] = f->bytes.len;
        f->last = store_column(f->next, 0);
        f->events[n++] = (struct journal_event){.offset = (uint64_t)f->last};
        buf_put_view(&f->bytes, store_column_bytes(f->next, 1));
    }
    store_reset(f->next);
    starts[n] = f->bytes.len;
    for (size_t i = 0; i < n; i++)
        f->events[i].json = view_n(f->bytes.at + starts[i], starts[i + 1] - starts[i]);
    *out = f->events;
    *count = n;
    return err < 0 ? err : 0;
}
