#include "sink/journal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/crash.h"
#include "sink/held.h"
#include "sink/ids.h"
#include "sink/schema.h"

/* From the first length on the writer itself sees to it that the log is copied into the
 * file: who does that beside it (upkeep.h) does not keep up, and it would grow without
 * end. Beyond the second somebody's transaction has held it back for long, and copying it
 * will take longer than those who wait for results have patience. */
#define LOG_MOST (32u << 20)
#define LOG_HELD (256u << 20)

/* Released at once: a transaction that others wait for. */
#define RELEASE_EVENTS 256
#define RELEASE_BYTES  (4u << 20)

/* A report of the group; its stories are the next story_count. */
struct pending {
    struct id_set *set;
    uint64_t index;
    uint32_t crc;
    size_t story_count;
};

/* A story of the group: with an offset it is one of the events, without it is held. */
struct row {
    struct result_story story;
    uint64_t offset;
};

struct journal {
    struct store *store;
    struct ids *ids;
    struct held *held;
    int64_t (*wall_ms)(void);
    struct sqlite3_stmt *add_event, *add_blank, *crc_of_event, *crc_of_blank;
    struct uuid epoch;
    uint64_t head, durable;
    int err; /* what ended it */
    struct diag why;

    /* the group; with `stored` the last one, kept to be published */
    bool stored;
    struct arena arena; /* the events' bytes */
    size_t bytes;
    struct pending *pending;
    size_t pending_count, pending_cap;
    struct row *rows;
    size_t row_count, row_cap;
    struct journal_event *events;
    size_t event_count, event_cap;
};

/* Notes an error that cannot be retried. */
static int note(struct journal *j, int err, const struct diag *diag) {
    if (err < 0 && !store_may_retry(err) && !j->err) {
        j->err = err;
        j->why = *diag;
    }
    return err;
}

int journal_failed(const struct journal *j, struct diag *diag) {
    if (j->err)
        diag_set(diag, 0, "%s", j->why.text);
    return j->err;
}

/* ---- opening ---- */

static int prepare(struct journal *j, struct diag *diag) {
    const struct {
        struct sqlite3_stmt **out;
        const char *sql;
    } list[] = {
        {&j->add_event, "INSERT INTO events VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
        {&j->add_blank, "INSERT INTO blanks VALUES(?, ?, ?, ?)"},
        {&j->crc_of_event,
         "SELECT crc FROM events WHERE journal = ? AND idx = ? LIMIT 1"},
        {&j->crc_of_blank, "SELECT crc FROM blanks WHERE journal = ? AND idx = ?"},
    };
    int err = 0;

    for (size_t i = 0; !err && i < sizeof list / sizeof *list; i++)
        err = store_prepare(j->store, list[i].sql, list[i].out, diag);
    return err;
}

static int read_epoch(struct journal *j, struct diag *diag) {
    struct sqlite3_stmt *ask;
    struct view epoch = {0};
    int err =
        store_prepare(j->store, "SELECT value FROM meta WHERE key = 'epoch'", &ask, diag);

    if (!err)
        err = store_step(j->store, ask, diag);
    if (!err)
        epoch = store_column_bytes(ask, 0);
    if (err >= 0 && epoch.len != sizeof j->epoch.bytes) {
        diag_set(diag, 0, "%s is damaged: it has no epoch; put back a backup",
                 store_path(j->store));
        err = ERR_FORMAT;
    }
    if (!err)
        memcpy(j->epoch.bytes, epoch.at, epoch.len);
    if (epoch.at)
        store_reset(ask);
    return err;
}

static int read_head(struct journal *j, struct diag *diag) {
    struct sqlite3_stmt *ask;
    int64_t head = 0;
    int err = store_prepare(j->store,
                            "SELECT max(coalesce((SELECT max(offset) FROM events), 0),"
                            " coalesce((SELECT value FROM meta WHERE key = 'head'), 0))",
                            &ask, diag);

    if (!err)
        err = store_number(j->store, ask, 0, &head, diag);
    j->head = j->durable = (uint64_t)head;
    return err;
}

/* A commit, whatever of: it syncs the log as a whole. */
static int sync_log(struct journal *j, struct diag *diag) {
    int err = store_begin(j->store, diag);

    if (err)
        return err;
    err = store_exec(j->store, "INSERT OR REPLACE INTO meta VALUES('synced', 1)", diag);
    if (!err)
        return store_commit(j->store, diag);
    store_rollback(j->store);
    return err;
}

/* What stands in the log may be there in the machine's memory only: the process before
 * this one may have been killed before its sync, or have ended because the disk failed.
 * What is copied is written anew, and then synced for sure. Where a reader holds that
 * back the log is synced, which leaves out only what a failed sync has lost. */
static int settle_log(struct journal *j, struct diag *diag) {
    struct diag why = {0};
    int err = store_checkpoint(j->store, true, &why);

    if (err == ERR_AGAIN)
        return sync_log(j, diag);
    if (err)
        diag_set(diag, 0, "%s", why.text);
    return err;
}

int journal_open(const struct journal_conf *conf, struct journal **out,
                 struct diag *diag) {
    struct store_conf store = {.path = conf->path, .make = true, .sync = conf->sync};
    struct journal *j = mem_zalloc(sizeof *j);
    int err = store_open(&store, &j->store, diag);

    j->wall_ms = conf->wall_ms ? conf->wall_ms : clock_wall;
    if (!err)
        err = schema_ensure(j->store, conf->epoch, diag);
    if (!err)
        err = settle_log(j, diag);
    if (!err)
        err = read_epoch(j, diag);
    if (!err)
        err = read_head(j, diag);
    if (!err)
        err = prepare(j, diag);
    if (!err)
        err = ids_new(j->store, &j->ids, diag);
    if (!err)
        err = held_new(j->store, &j->held, diag);
    if (err)
        journal_close(j);
    else
        *out = j;
    return err;
}

void journal_close(struct journal *j) {
    if (!j)
        return;
    ids_free(j->ids);
    held_free(j->held);
    store_close(j->store);
    arena_release(&j->arena);
    free(j->pending);
    free(j->rows);
    free(j->events);
    free(j);
}

bool journal_was_made(const struct journal *j) { return store_was_made(j->store); }
struct uuid journal_epoch(const struct journal *j) {
    return j->epoch;
}
size_t journal_pending(const struct journal *j) {
    return j->stored ? 0 : j->pending_count;
}
size_t journal_pending_bytes(const struct journal *j) { return j->stored ? 0 : j->bytes; }
uint64_t journal_head(const struct journal *j) { return j->head; }
uint64_t journal_durable(const struct journal *j) { return j->durable; }
uint64_t journal_reports(const struct journal *j) { return ids_count(j->ids); }

const struct journal_event *journal_group(const struct journal *j, size_t *count) {
    *count = j->stored ? j->event_count : 0;
    return j->events;
}

uint64_t journal_log_bytes(const struct journal *j) { return store_log_bytes(j->store); }

uint64_t journal_bytes(const struct journal *j) {
    struct buf log = {0};
    struct stat st;
    uint64_t bytes = 0;

    if (stat(store_path(j->store), &st) == 0)
        bytes += (uint64_t)st.st_size;
    buf_printf(&log, "%s-wal", store_path(j->store));
    if (stat(buf_text(&log), &st) == 0)
        bytes += (uint64_t)st.st_size;
    buf_release(&log);
    return bytes;
}

/* ---- the group ---- */

static void begin_group(struct journal *j) {
    arena_clear(&j->arena);
    j->pending_count = j->row_count = j->event_count = 0;
    j->bytes = 0;
    j->stored = false;
}

static void *grown(void *array, size_t count, size_t *cap, size_t of) {
    if (count < *cap)
        return array;
    *cap = *cap ? *cap * 2 : 256;
    return mem_resize(array, *cap, of);
}

static struct view kept(struct journal *j, struct view bytes) {
    j->bytes += bytes.len;
    return view_n(arena_copy(&j->arena, bytes.at, bytes.len), bytes.len);
}

static void add_event(struct journal *j, struct report_id id, struct row *row) {
    j->events = grown(j->events, j->event_count, &j->event_cap, sizeof *j->events);
    row->offset = ++j->head;
    j->events[j->event_count++] =
        (struct journal_event){row->offset, id, row->story.json};
}

static void add_story(struct journal *j, struct report_id id,
                      const struct result_story *story) {
    bool is_held = story->embargo_ms > 0 && story->embargo_ms > j->wall_ms();
    struct row *row;

    j->rows = grown(j->rows, j->row_count, &j->row_cap, sizeof *j->rows);
    row = &j->rows[j->row_count++];
    *row = (struct row){*story, 0};
    row->story.guid = kept(j, story->guid);
    row->story.json = kept(j, story->json);
    if (!is_held)
        add_event(j, id, row);
}

static void add_report(struct journal *j, struct id_set *set,
                       const struct journal_entry *entry) {
    j->pending = grown(j->pending, j->pending_count, &j->pending_cap, sizeof *j->pending);
    j->pending[j->pending_count++] =
        (struct pending){set, entry->id.index, entry->crc, entry->story_count};
    for (size_t i = 0; i < entry->story_count; i++)
        add_story(j, entry->id, &entry->stories[i]);
}

static bool is_sound(const struct journal_entry *entry) {
    uint32_t last = 0;

    for (size_t i = 0; i < entry->story_count; i++) {
        if (entry->stories[i].part <= last)
            return false;
        last = entry->stories[i].part;
    }
    return entry->id.index && entry->id.index <= INT64_MAX;
}

/* The checksum under which a seen id is there; that of `entry` where nobody knows any
 * more (rows deleted by age). */
static int crc_of(struct journal *j, const struct id_set *set,
                  const struct journal_entry *entry, int64_t *crc, struct diag *diag) {
    struct sqlite3_stmt *asked[] = {j->crc_of_event, j->crc_of_blank};
    int err = 0;

    *crc = -1;
    if (intervals_has(&set->group, entry->id.index)) {
        for (size_t i = 0; i < j->pending_count; i++)
            if (j->pending[i].set == set && j->pending[i].index == entry->id.index)
                *crc = j->pending[i].crc;
        return 0;
    }
    for (size_t i = 0; !err && *crc < 0 && i < 2; i++) {
        store_bind(asked[i], 1, set->number);
        store_bind(asked[i], 2, (int64_t)entry->id.index);
        err = store_number(j->store, asked[i], -1, crc, diag);
    }
    if (!err && *crc < 0)
        err = held_crc(j->held, set->number, entry->id.index, crc, diag);
    if (*crc < 0)
        *crc = entry->crc;
    return err;
}

static int append(struct journal *j, const struct journal_entry *entry,
                  struct diag *diag) {
    struct id_set *set;
    int64_t crc;
    int err = ids_take(j->ids, entry->id.journal, &set, diag);

    if (err)
        return err;
    if (intervals_has(&set->seen, entry->id.index)) {
        err = crc_of(j, set, entry, &crc, diag);
        if (err)
            return err;
        return crc == entry->crc ? 1 : ERR_CHECKSUM;
    }
    if (j->bytes >= JOURNAL_GROUP_MOST)
        return ERR_FULL;
    err = ids_add(set, entry->id.index);
    if (!err)
        add_report(j, set, entry);
    return err;
}

int journal_append(struct journal *j, const struct journal_entry *entry,
                   struct diag *diag) {
    struct diag why = {0};
    int err = journal_failed(j, diag);

    if (err)
        return err;
    if (!is_sound(entry))
        return ERR_FORMAT;
    if (j->stored)
        begin_group(j);
    err = append(j, entry, &why);
    if (err != ERR_CHECKSUM)
        note(j, err, &why);
    if (why.text[0])
        diag_set(diag, 0, "%s", why.text);
    return err;
}

/* ---- to the disk ---- */

static int64_t within(uint64_t n) { return n < INT64_MAX ? (int64_t)n : INT64_MAX; }

static int save_event(struct journal *j, const struct held_row *event, uint64_t offset,
                      int64_t now_ms, struct diag *diag) {
    const struct result_story *story = &event->story;
    struct sqlite3_stmt *add = j->add_event;

    store_bind(add, 1, (int64_t)offset);
    store_bind(add, 2, event->journal);
    store_bind(add, 3, (int64_t)event->id.index);
    store_bind(add, 4, story->part);
    store_bind(add, 5, story->parts);
    store_bind(add, 6, event->crc);
    store_bind_text(add, 7, story->guid);
    store_bind(add, 8, within(story->version));
    store_bind(add, 9, story->canceled);
    store_bind(add, 10, now_ms);
    store_bind_text(add, 11, story->json);
    return store_run(j->store, add, diag);
}

static int save_story(struct journal *j, const struct pending *p, const struct row *row,
                      int64_t now_ms, struct diag *diag) {
    struct held_row event = {.id = {p->set->of, p->index},
                             .journal = p->set->number,
                             .crc = p->crc,
                             .story = row->story};
    int err;

    if (!row->offset)
        return held_put(j->held, &event, now_ms, diag);
    err = save_event(j, &event, row->offset, now_ms, diag);
    return err ? err : held_end(j->held, &event, diag);
}

static int save_blank(struct journal *j, const struct pending *p, int64_t now_ms,
                      struct diag *diag) {
    store_bind(j->add_blank, 1, p->set->number);
    store_bind(j->add_blank, 2, (int64_t)p->index);
    store_bind(j->add_blank, 3, p->crc);
    store_bind(j->add_blank, 4, now_ms);
    return store_run(j->store, j->add_blank, diag);
}

static int save_group(struct journal *j, struct diag *diag) {
    int64_t now_ms = j->wall_ms();
    size_t at = 0;
    int err = 0;

    for (size_t i = 0; !err && i < j->pending_count; i++) {
        const struct pending *p = &j->pending[i];
        if (!p->story_count)
            err = save_blank(j, p, now_ms, diag);
        for (size_t k = 0; !err && k < p->story_count; k++)
            err = save_story(j, p, &j->rows[at++], now_ms, diag);
    }
    if (!err)
        err = held_count(j->held, diag);
    return err ? err : ids_save(j->ids, diag);
}

/* Ends a transaction whose changes went as err says. */
static int settle(struct journal *j, int err, struct diag *diag) {
    if (err)
        store_rollback(j->store);
    else
        err = store_commit(j->store, diag);
    if (err)
        held_undo(j->held);
    else
        held_saved(j->held);
    return err;
}

static int write_group(struct journal *j, struct diag *diag) {
    int err = store_begin(j->store, diag);

    if (err)
        return err;
    err = save_group(j, diag);
    if (!err)
        crash_point("sink-in-sync");
    return settle(j, err, diag);
}

/* A log that cannot be copied for want of room, or while somebody reads, just grows. */
static int shorten_log(struct journal *j, struct diag *diag) {
    uint64_t bytes = store_log_bytes(j->store);
    int err = 0;

    if (bytes > LOG_MOST && bytes < LOG_HELD)
        err = store_checkpoint(j->store, false, diag);
    return store_may_retry(err) ? 0 : err;
}

int journal_sync(struct journal *j, struct diag *diag) {
    struct diag why = {0};
    int err = journal_failed(j, diag);

    if (err || !journal_pending(j))
        return err;
    crash_point("sink-before-sync");
    err = shorten_log(j, &why);
    if (!err)
        err = write_group(j, &why);
    if (err) {
        diag_set(diag, 0, "%s", why.text);
        return note(j, err, &why);
    }
    crash_point("sink-after-sync");
    ids_saved(j->ids);
    j->durable = j->head;
    j->stored = true;
    return 0;
}

/* ---- embargoes that end ---- */

static int release_row(struct journal *j, struct held_row *held, int64_t now_ms,
                       struct diag *diag) {
    struct row row = {.story = held->story};
    int err;

    row.story.json = kept(j, held->story.json);
    add_event(j, held->id, &row);
    err = save_event(j, held, row.offset, now_ms, diag);
    return err ? err : held_release(j->held, held->row, diag);
}

static int release_rows(struct journal *j, struct diag *diag) {
    int64_t now_ms = j->wall_ms();
    struct held_row held;
    int err = 0;

    held_due_begin(j->held, now_ms);
    while (!err && j->event_count < RELEASE_EVENTS && j->bytes < RELEASE_BYTES &&
           (err = held_due_next(j->held, &held, diag)) == 0)
        err = release_row(j, &held, now_ms, diag);
    held_due_end(j->held);
    return err < 0 ? err : held_count(j->held, diag);
}

static int release(struct journal *j, struct diag *diag) {
    int err = store_begin(j->store, diag);

    if (err)
        return err;
    err = release_rows(j, diag);
    if (!err)
        crash_point("sink-in-release");
    return settle(j, err, diag);
}

int journal_release(struct journal *j, struct diag *diag) {
    struct diag why = {0};
    int err = journal_failed(j, diag);

    assert(!journal_pending(j));
    if (err || journal_next_due(j) > j->wall_ms())
        return err ? err : 1;
    begin_group(j);
    err = release(j, &why);
    if (err) {
        begin_group(j);
        j->head = j->durable;
        diag_set(diag, 0, "%s", why.text);
        return note(j, err, &why);
    }
    crash_point("sink-after-release");
    j->durable = j->head;
    j->stored = true;
    return 0;
}

struct held_counts journal_held(const struct journal *j) {
    return held_look(j->held);
}

int64_t journal_next_due(const struct journal *j) {
    return held_look(j->held).next_due_ms;
}

const struct intervals *journal_stored(struct journal *j, struct uuid of) {
    static const struct intervals nothing;
    struct diag why = {0};
    struct id_set *set;
    int err = j->err ? j->err : ids_find(j->ids, of, &set, &why);

    if (!j->err)
        note(j, err, &why);
    return err ? &nothing : &set->durable;
}
