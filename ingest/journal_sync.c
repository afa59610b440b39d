#include "ingest/journal_inside.h"
#include "ingest/letter.h"
#include "proto/crc32c.h"
#include "proto/run/crash.h"

#define DELETES      8192 /* of one transaction: LMDB's lists of free pages stay short */
#define MARGIN_BYTES (256 << 10)
#define CHANGE_BYTES (32 << 20) /* letters and revived reports of one transaction */
#define DELETE_BYTES 64         /* a delete's share of the pages it changes */

/* The crc stands for what lies behind it. */
void put_live(struct buf *out, int64_t since_ms, struct view record) {
    size_t at = out->len;
    buf_put_u32(out, 0);
    buf_put_u64(out, (uint64_t)since_ms);
    buf_put_view(out, record);
    buf_set_u32(out, at, crc32c(0, view_n(out->at + at + 4, out->len - at - 4)));
}

/* What a change turns into, read from the state of the last sync: the value that goes to
 * the other table, in j->scratch. */
static int bury_now(struct journal *j, const struct change *change, struct view value,
                    struct store_counts *counts) {
    struct dead_letter letter = {.kind = DEAD_REPORT,
                                 .attempts = change->attempts,
                                 .when_ms = change->when_ms,
                                 .reason = view_of(change->reason)};
    struct view record = record_in(value);
    letter.bytes_in_all = record.len;
    letter_put_head(&j->scratch, &letter);
    counts->dead++;
    counts->bytes += (uint64_t)store_cost(j->store, j->scratch.len + record.len);
    return store_put(j->store, STORE_DEAD, change->index, buf_view(&j->scratch), record);
}

static int revive_now(struct journal *j, const struct change *change, struct view value,
                      struct store_counts *counts) {
    struct dead_letter letter = {.index = change->index};
    letter_read(value, &letter);
    put_live(&j->scratch, change->when_ms, letter.bytes);
    counts->dead--;
    counts->bytes += (uint64_t)store_cost(j->store, j->scratch.len);
    return store_put(j->store, STORE_LIVE, change->index, buf_view(&j->scratch),
                     VIEW_LIT(""));
}

static int drop_now(struct journal *j, const struct change *change, struct view value,
                    struct store_counts *counts) {
    struct dead_letter letter = {.index = change->index};
    letter_read(value, &letter);
    if (letter.kind == DEAD_DOCUMENT)
        counts->documents -= (uint64_t)store_cost(j->store, value.len);
    return 0;
}

static int save_change(struct journal *j, const struct change *change,
                       struct store_counts *counts) {
    enum store_table from = change->what == CHANGE_BURY ? STORE_LIVE : STORE_DEAD;
    const uint64_t range[2] = {change->index, change->index};
    struct view value;
    uint64_t count;
    int64_t bytes;
    int err = store_get(j->store, from, change->index, &value);
    if (err != 0)
        return err < 0 ? err : ERR_FORMAT; // it was there when the change was made
    buf_clear(&j->scratch);
    err = change->what == CHANGE_BURY     ? bury_now(j, change, value, counts)
          : change->what == CHANGE_REVIVE ? revive_now(j, change, value, counts)
                                          : drop_now(j, change, value, counts);
    if (err == 0)
        err = store_remove(j->store, from, range, 1, &count, &bytes);
    if (err == 0)
        counts->bytes -= (uint64_t)bytes;
    return err;
}

/* As many as fit into one transaction; *done: how many. */
static int save_changes(struct journal *j, struct store_counts *counts, size_t *done) {
    uint64_t written = 0;
    for (*done = 0; *done < j->pending.count && written < CHANGE_BYTES; ++*done) {
        int err = save_change(j, &j->pending.changes[*done], counts);
        if (err < 0)
            return err;
        written += j->pending.changes[*done].cost;
    }
    return 0;
}

static int remove_range(struct journal *j, enum store_table table,
                        const uint64_t range[2], uint64_t *room,
                        struct store_counts *counts) {
    uint64_t count;
    int64_t bytes;
    int err = store_remove(j->store, table, range, *room, &count, &bytes);
    if (err < 0)
        return err;
    *room -= count;
    counts->committed += count;
    counts->bytes -= (uint64_t)bytes;
    if (table == STORE_DEAD)
        counts->dead -= count;
    return 0;
}

/* The first DELETES of them; *upto: the last index that is done. */
static int save_deletes(struct journal *j, struct store_counts *counts, uint64_t *upto) {
    uint64_t room = DELETES;
    const struct intervals *gone = &j->pending.gone;
    *upto = 0;
    for (size_t i = 0; i < gone->count && room > 0; i++) {
        uint64_t range[2] = {gone->ranges[i].lo, gone->ranges[i].hi};
        // All members are there, so a long range is cut where the room ends.
        if (range[1] - range[0] >= room)
            range[1] = range[0] + room - 1;
        int err = remove_range(j, STORE_LIVE, range, &room, counts);
        if (err == 0 && store_entries(j->store, STORE_DEAD) > 0 && room > 0)
            err = remove_range(j, STORE_DEAD, range, &room, counts);
        if (err < 0)
            return err;
        *upto = range[1];
    }
    return 0;
}

static int save_run(struct journal *j) {
    const uint64_t all[2] = {0, UINT64_MAX};
    uint64_t count;
    int64_t bytes;
    int err = 0;
    if (j->run_saved)
        return 0;
    err = store_remove(j->store, STORE_RUNS, all, UINT64_MAX, &count, &bytes);
    for (size_t i = 0; i < j->run_count && err == 0; i++) {
        const struct uuid *uuid = &j->runs[i].uuid;
        err = store_put(j->store, STORE_RUNS, j->runs[i].first,
                        view_n((const char *)uuid->bytes, sizeof uuid->bytes),
                        VIEW_LIT(""));
    }
    return err;
}

void put_row(struct buf *out, const struct identity *identity, int64_t at_ms,
             uint64_t index) {
    buf_put_u64(out, index | (identity->timed ? ROW_TIMED : 0) |
                         (identity->canceled ? ROW_CANCELED : 0));
    buf_put_u64(out, (uint64_t)at_ms);
    buf_put(out, identity->content.bytes, sizeof identity->content.bytes);
    buf_put(out, identity->story.bytes, sizeof identity->story.bytes);
    buf_put_u64(out, identity->version);
}

static int save_seen(struct journal *j, const struct entry *entry, uint64_t index) {
    buf_clear(&j->scratch);
    put_row(&j->scratch, &entry->identity, entry->wall_ms, index);
    return store_put(j->store, STORE_SEEN, index, buf_view(&j->scratch), VIEW_LIT(""));
}

static int save_entry(struct journal *j, const struct entry *entry,
                      struct store_counts *counts) {
    enum store_table table = entry->document ? STORE_DEAD : STORE_LIVE;
    struct view value = view_n(j->group.bytes.at + entry->at, entry->len);
    uint64_t cost = (uint64_t)store_cost(j->store, entry->len);
    uint64_t index = counts->next++;
    int err = store_put(j->store, table, index, value, VIEW_LIT(""));
    counts->bytes += cost;
    if (entry->document) {
        counts->dead++;
        counts->documents += cost;
    }
    return err == 0 && !entry->document ? save_seen(j, entry, index) : err;
}

static bool rows_are_many(const struct journal *j) {
    return j->rows.len >= SEEN_ROWS * SEEN_BYTES;
}

/* Puts the rows that lie one by one together. */
static int pack_rows(struct journal *j) {
    struct view rows = buf_view(&j->rows), ahead = rows;
    uint64_t first = 0, count;
    int64_t bytes;
    view_take_u64(&ahead, &first);
    first &= ROW_INDEX;
    const uint64_t range[2] = {first, j->saved.next - 1};
    int err = store_put(j->store, STORE_WINDOW, first, rows, VIEW_LIT(""));
    return err < 0
               ? err
               : store_remove(j->store, STORE_SEEN, range, UINT64_MAX, &count, &bytes);
}

/* What of the window memory has let go of. */
static int trim_window(struct journal *j) {
    const struct seen_entry *oldest = seen_oldest(j->contents);
    uint64_t first, next = 0, count;
    struct view rows;
    int64_t bytes;
    int err = store_seek(j->store, STORE_WINDOW, 1, &first, &rows);
    if (err == 0)
        err = store_seek(j->store, STORE_WINDOW, first + 1, &next, &rows);
    if (err != 0 || !oldest || oldest->index < next)
        return err < 0 ? err : 0;
    const uint64_t range[2] = {first, next - 1};
    return store_remove(j->store, STORE_WINDOW, range, 1, &count, &bytes);
}

static int save_window(struct journal *j) {
    int err = rows_are_many(j) ? pack_rows(j) : 0;
    return err == 0 ? trim_window(j) : err;
}

static int save_group(struct journal *j, struct store_counts *counts) {
    if (j->group.count == 0)
        return 0;
    int err = save_run(j);
    if (err == 0)
        err = save_window(j);
    for (size_t i = 0; i < j->group.count && err == 0; i++)
        err = save_entry(j, &j->group.entries[i], counts);
    return err;
}

static void clear_group(struct journal *j) {
    struct group *group = &j->group;
    group->count = 0;
    group->cost = group->documents = 0;
    if (group->bytes.cap > 2 * JOURNAL_GROUP_BYTES)
        buf_release(&group->bytes);
    buf_clear(&group->bytes);
}

/* The group is in the store: now it counts. */
static void adopt_group(struct journal *j) {
    struct group *group = &j->group;
    if (group->count > 0 && rows_are_many(j))
        buf_clear(&j->rows);
    for (size_t i = 0; i < group->count; i++) {
        const struct entry *entry = &group->entries[i];
        j->letters += entry->document;
        j->live += !entry->document;
        j->counts.dead += entry->document;
        if (!entry->document)
            put_row(&j->rows, &entry->identity, entry->wall_ms, j->counts.next);
        j->counts.next++;
    }
    j->counts.bytes += (uint64_t)group->cost;
    j->counts.documents += (uint64_t)group->documents;
    j->run_saved = j->run_saved || group->count > 0;
    keep_seen(j);
    clear_group(j);
}

void drop_group(struct journal *j) {
    seen_drop(j->contents);
    seen_drop(j->stories);
    clear_group(j);
}

static int64_t bytes_to_write(const struct journal *j, bool group) {
    uint64_t deletes = j->pending.gone_count < DELETES ? j->pending.gone_count : DELETES;
    int64_t bytes = MARGIN_BYTES + (int64_t)deletes * DELETE_BYTES;
    if (group)
        bytes +=
            j->group.cost + j->group.cost / 8 + 4 * SEEN_BYTES * (int64_t)j->group.count;
    return bytes;
}

/* One transaction. */
int save(struct journal *j, bool group, struct diag *diag) {
    struct store_counts counts = j->saved;
    int64_t bytes = bytes_to_write(j, group);
    uint64_t upto = 0;
    size_t changes = 0;
    bool must_have_room = group && (j->group.count > 0 || j->disk_full);
    int err = store_begin(j->store, bytes > j->wanted ? bytes : j->wanted,
                          !must_have_room, diag);
    if (err < 0)
        return err;
    err = save_changes(j, &counts, &changes);
    if (err == 0)
        err = save_deletes(j, &counts, &upto);
    if (err == 0 && group)
        err = save_group(j, &counts);
    if (err < 0) {
        store_explain(j->store, diag);
        store_abort(j->store);
        return err;
    }
    crash_point("ingest-after-write");
    err = store_commit(j->store, &counts, diag);
    if (err < 0)
        return err;
    j->saved = counts;
    pending_done(&j->pending, changes, upto);
    if (group)
        adopt_group(j);
    return store_look(j->store, diag);
}

bool journal_pending(const struct journal *j) {
    return j->group.count > 0 || j->pending.count > 0 || j->pending.gone.count > 0 ||
           j->disk_full || store_is_broken(j->store);
}

bool journal_due(const struct journal *j) {
    return j->pending.count > 0 || j->pending.gone_count >= DELETES;
}

/* What can be saved without the group makes room: deletes above all. */
static int sync_without_group(struct journal *j, struct diag *diag) {
    int64_t bytes = bytes_to_write(j, true);
    drop_group(j);
    if (bytes > j->wanted)
        j->wanted = bytes; // what the next try has to find room for
    j->disk_full = true;
    bool more = j->pending.count > 0 || j->pending.gone.count > 0;
    int err = more ? save(j, false, NULL) : ERR_FULL;
    if (err < 0 && err != ERR_FULL)
        store_explain(j->store, diag);
    return err < 0 && err != ERR_FULL ? err : ERR_FULL;
}

int journal_sync(struct journal *j, struct diag *diag) {
    bool group = j->group.count > 0, deletes = j->pending.gone.count > 0;
    if (!journal_pending(j))
        return 0;
    if (group)
        crash_point("ingest-before-sync");
    int err = save(j, true, diag);
    if (err == ERR_FULL)
        return sync_without_group(j, diag);
    if (err < 0)
        return err;
    j->disk_full = false;
    j->wanted = 0;
    if (deletes)
        crash_point("ingest-after-delete");
    if (group)
        crash_point("ingest-after-sync");
    return 0;
}
