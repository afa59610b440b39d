#include "sink/held.h"

#include <stdlib.h>

#include "proto/mem.h"

/* ?1 guid, ?2 version, ?3 part, ?4 journal, ?5 idx. Of very many events of one guid and
 * version only the last are looked at: what overtook this one is among them. */
#define ENDED_IN(table, order)                                                           \
    "SELECT 0 AS canceled WHERE EXISTS(SELECT 1 FROM " table                             \
    " WHERE guid = ?1 AND version > ?2)"                                                 \
    " OR EXISTS(SELECT 1 FROM (SELECT journal, idx, part FROM " table                    \
    " WHERE guid = ?1 AND version = ?2 ORDER BY " order " DESC LIMIT 64)"                \
    " WHERE part = ?3 AND journal = ?4 AND idx > ?5)"                                    \
    " UNION ALL SELECT 1 FROM " table " WHERE guid = ?1 AND canceled = 1"                \
    " AND (version > ?2 OR (journal = ?4 AND idx > ?5))"

struct held {
    struct store *store;
    struct sqlite3_stmt *add, *find_end, *cut_old, *cut_canceled, *due, *release;
    struct sqlite3_stmt *next_due, *crc;
    struct held_counts durable, now; /* now: as the open transaction has it */
    bool changed;
};

static int prepare(struct held *h, struct diag *diag) {
    const struct {
        struct sqlite3_stmt **out;
        const char *sql;
    } list[] = {
        {&h->add, "INSERT INTO held VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
        {&h->find_end,
         "SELECT max(canceled) FROM (" ENDED_IN(
             "events", "offset") " UNION ALL " ENDED_IN("held", "rowid") ")"},
        {&h->cut_old,
         "DELETE FROM held WHERE guid = ?1 AND version <= ?2 AND (version < ?2"
         " OR (part = ?3 AND (journal <> ?4 OR idx < ?5)))"},
        {&h->cut_canceled, "DELETE FROM held WHERE guid = ?1"
                           " AND (version < ?2 OR journal <> ?4 OR idx < ?5)"},
        {&h->due,
         "SELECT h.rowid, h.journal, j.uuid, h.idx, h.crc, h.part, h.parts, h.guid,"
         " h.version, h.canceled, h.due_ms, h.json FROM held h"
         " LEFT JOIN journals j ON j.number = h.journal WHERE h.due_ms <= ?"
         " ORDER BY h.due_ms, h.journal, h.idx, h.part"},
        {&h->release, "DELETE FROM held WHERE rowid = ?"},
        {&h->next_due, "SELECT min(due_ms) FROM held"},
        {&h->crc, "SELECT crc FROM held WHERE journal = ? AND idx = ? LIMIT 1"},
    };
    int err = 0;

    for (size_t i = 0; !err && i < sizeof list / sizeof *list; i++)
        err = store_prepare(h->store, list[i].sql, list[i].out, diag);
    return err;
}

int held_new(struct store *store, struct held **out, struct diag *diag) {
    struct held *h = mem_zalloc(sizeof *h);
    struct sqlite3_stmt *count;
    int64_t n = 0;
    int err;

    h->store = store;
    err = prepare(h, diag);
    if (!err)
        err = store_prepare(store, "SELECT count(*) FROM held", &count, diag);
    if (!err)
        err = store_number(store, count, 0, &n, diag);
    h->now.held = (uint64_t)n;
    h->changed = true;
    if (!err)
        err = held_count(h, diag);
    held_saved(h);
    if (err)
        held_free(h);
    else
        *out = h;
    return err;
}

void held_free(struct held *h) { free(h); }

/* ---- in a transaction ---- */

/* A version is unsigned for everybody but the database. */
static int64_t within(uint64_t n) { return n < INT64_MAX ? (int64_t)n : INT64_MAX; }

static void bind_story(struct sqlite3_stmt *statement, const struct held_row *row) {
    store_bind_text(statement, 1, row->story.guid);
    store_bind(statement, 2, within(row->story.version));
    store_bind(statement, 3, row->story.part);
    store_bind(statement, 4, row->journal);
    store_bind(statement, 5, (int64_t)row->id.index);
}

int held_end(struct held *h, const struct held_row *row, struct diag *diag) {
    struct sqlite3_stmt *cut = row->story.canceled ? h->cut_canceled : h->cut_old;
    uint64_t count;
    int err;

    if (!h->now.held)
        return 0;
    bind_story(cut, row);
    err = store_run(h->store, cut, diag);
    if (err)
        return err;
    count = store_changes(h->store);
    h->now.held -= count;
    *(row->story.canceled ? &h->now.canceled : &h->now.superseded) += count;
    h->changed |= count > 0;
    return 0;
}

static int add(struct held *h, const struct held_row *row, int64_t now_ms,
               struct diag *diag) {
    const struct result_story *story = &row->story;

    store_bind(h->add, 1, story->embargo_ms);
    store_bind(h->add, 2, row->journal);
    store_bind(h->add, 3, (int64_t)row->id.index);
    store_bind(h->add, 4, story->part);
    store_bind(h->add, 5, story->parts);
    store_bind(h->add, 6, row->crc);
    store_bind_text(h->add, 7, story->guid);
    store_bind(h->add, 8, within(story->version));
    store_bind(h->add, 9, story->canceled);
    store_bind(h->add, 10, now_ms);
    store_bind_text(h->add, 11, story->json);
    h->changed = true;
    h->now.held++;
    return store_run(h->store, h->add, diag);
}

int held_put(struct held *h, const struct held_row *row, int64_t now_ms,
             struct diag *diag) {
    int64_t ended = -1;
    int err;

    bind_story(h->find_end, row);
    err = store_number(h->store, h->find_end, -1, &ended, diag);
    if (!err)
        err = held_end(h, row, diag);
    if (err)
        return err;
    if (ended < 0)
        return add(h, row, now_ms, diag);
    (*(ended ? &h->now.canceled : &h->now.superseded))++;
    h->changed = true;
    return 0;
}

/* Somebody may have taken rows away by hand: what is due next is asked anew. */
void held_due_begin(struct held *h, int64_t now_ms) {
    h->changed = true;
    store_bind(h->due, 1, now_ms);
}

int held_due_next(struct held *h, struct held_row *out, struct diag *diag) {
    int err = store_step(h->store, h->due, diag);
    struct view uuid;

    if (err)
        return err;
    *out = (struct held_row){.row = store_column(h->due, 0),
                             .journal = store_column(h->due, 1),
                             .id.index = (uint64_t)store_column(h->due, 3),
                             .crc = (uint32_t)store_column(h->due, 4),
                             .story = {.part = (uint32_t)store_column(h->due, 5),
                                       .parts = (uint32_t)store_column(h->due, 6),
                                       .guid = store_column_bytes(h->due, 7),
                                       .version = (uint64_t)store_column(h->due, 8),
                                       .canceled = store_column(h->due, 9) != 0,
                                       .embargo_ms = store_column(h->due, 10),
                                       .json = store_column_bytes(h->due, 11)}};
    uuid = store_column_bytes(h->due, 2);
    if (uuid.len == sizeof out->id.journal.bytes)
        memcpy(out->id.journal.bytes, uuid.at, uuid.len);
    return 0;
}

void held_due_end(struct held *h) { store_reset(h->due); }

int held_release(struct held *h, int64_t row, struct diag *diag) {
    h->changed = true;
    h->now.held--;
    h->now.released++;
    store_bind(h->release, 1, row);
    return store_run(h->store, h->release, diag);
}

/* ---- the counts ---- */

int held_count(struct held *h, struct diag *diag) {
    return h->changed
               ? store_number(h->store, h->next_due, INT64_MAX, &h->now.next_due_ms, diag)
               : 0;
}

void held_saved(struct held *h) {
    h->durable = h->now;
    h->changed = false;
}

void held_undo(struct held *h) {
    h->now = h->durable;
    h->changed = false;
}

struct held_counts held_look(const struct held *h) {
    return h->durable;
}

int held_crc(struct held *h, int64_t journal, uint64_t index, int64_t *crc,
             struct diag *diag) {
    *crc = -1;
    if (!h->now.held)
        return 0;
    store_bind(h->crc, 1, journal);
    store_bind(h->crc, 2, (int64_t)index);
    return store_number(h->store, h->crc, -1, crc, diag);
}
