#include "ingest/journal_inside.h"
#include "ingest/letter.h"
#include "proto/mem.h"
#include "proto/run/place.h"

#include <stdlib.h>

#define MAP_LEAST (INT64_C(256) << 20)
#define MAP_MOST  ((int64_t)(SIZE_MAX / 4))

/* ---- opening ---- */

static int64_t map_bytes(const struct journal_conf *conf) {
    int64_t bytes = MAP_LEAST + 2 * (int64_t)SEEN_BYTES * (int64_t)(conf->remember / 2);
    // Beside what counts there are pages being replaced, and free ones too scattered for
    // a long report.
    if (conf->max_bytes > (MAP_MOST - bytes) / 4)
        return MAP_MOST;
    return bytes + 4 * conf->max_bytes;
}

/* The law, with what can be counted afresh. */
static bool adds_up(struct journal *j) {
    j->live = store_entries(j->store, STORE_LIVE);
    j->letters = store_entries(j->store, STORE_DEAD);
    return j->saved.next == 1 + j->saved.committed + j->saved.dead + j->live &&
           j->letters <= j->saved.dead;
}

static int read_counts(struct journal *j, struct diag *diag) {
    int err = store_counts(j->store, &j->saved, diag);
    if (err < 0)
        return err;
    j->counts = j->saved;
    if (adds_up(j))
        return 0;
    diag_set(diag, 0,
             "the books of the journal do not balance: it is damaged; put back a copy of "
             "reports.mdb, or move it away to begin anew without what it holds");
    return ERR_FORMAT;
}

/* Does anything of lo..hi still lie here? */
static int any_of(struct store *store, uint64_t lo, uint64_t hi, bool *any) {
    struct view value;
    uint64_t key;
    *any = false;
    for (int table = STORE_LIVE; table <= STORE_DEAD && !*any; table++) {
        int err = store_seek(store, (enum store_table)table, lo, &key, &value);
        if (err < 0)
            return err;
        *any = err == 0 && key <= hi;
    }
    return 0;
}

static struct journal_run *add_run(struct journal *j) {
    j->runs = mem_resize(j->runs, j->run_count + 1, sizeof *j->runs);
    return &j->runs[j->run_count++];
}

/* Of the file's runs those that have anything left. */
static int read_old_runs(struct journal *j) {
    struct journal_run run = {.first = 0};
    struct view value;
    bool any;
    int more = store_seek(j->store, STORE_RUNS, 1, &run.first, &value);
    while (more == 0) {
        uint64_t next = j->saved.next;
        memcpy(run.uuid.bytes, value.at,
               value.len < sizeof run.uuid.bytes ? value.len : sizeof run.uuid.bytes);
        more = store_seek(j->store, STORE_RUNS, run.first + 1, &next, &value);
        run.last = next - 1;
        int err = any_of(j->store, run.first, run.last, &any);
        if (err < 0)
            return err;
        if (any)
            *add_run(j) = run;
        run.first = next;
    }
    return more < 0 ? more : 0;
}

static int read_runs(struct journal *j) {
    int err = read_old_runs(j);
    *add_run(j) = (struct journal_run){uuid_draw(), j->saved.next, UINT64_MAX};
    return err;
}

static void remember(struct journal *j, const struct identity *identity, int64_t at_ms,
                     uint64_t index) {
    struct seen_entry entry = {.key = identity->content,
                               .at_ms = at_ms,
                               .index = index & ROW_INDEX,
                               .timed = identity->timed,
                               .canceled = identity->canceled,
                               .version = identity->version};
    seen_put(j->contents, &entry);
    entry.key = identity->story;
    seen_put(j->stories, &entry);
}

static int take_digest(struct view *from, struct digest *out) {
    struct view bytes;
    int err = view_take(from, sizeof out->bytes, &bytes);
    if (err == 0)
        memcpy(out->bytes, bytes.at, bytes.len);
    return err;
}

static int read_row(struct journal *j, struct view *rows) {
    struct identity identity;
    uint64_t at_ms = 0, index = 0;
    int err = view_take_u64(rows, &index);
    if (err == 0)
        err = view_take_u64(rows, &at_ms);
    if (err == 0)
        err = take_digest(rows, &identity.content);
    if (err == 0)
        err = take_digest(rows, &identity.story);
    if (err == 0)
        err = view_take_u64(rows, &identity.version);
    identity.timed = (index & ROW_TIMED) != 0;
    identity.canceled = (index & ROW_CANCELED) != 0;
    if (err == 0)
        remember(j, &identity, (int64_t)at_ms, index & ROW_INDEX);
    return err;
}

/* All rows of a table from this key on. What cannot be read is passed over: nothing is
 * lost with it but that a resend is recognised. */
static int read_rows(struct journal *j, enum store_table table, uint64_t at) {
    struct view rows;
    uint64_t key;
    int err;
    while ((err = store_seek(j->store, table, at, &key, &rows)) == 0) {
        if (table == STORE_WINDOW)
            store_fetch(j->store, rows);
        else
            buf_put_view(&j->rows, rows);
        while (rows.len > 0 && read_row(j, &rows) == 0)
            ;
        keep_seen(j);
        at = key + 1;
    }
    return err < 0 ? err : 0;
}

static int read_seen(struct journal *j) {
    uint64_t last = j->saved.next - 1, most = j->conf.remember / 2 + SEEN_ROWS;
    uint64_t rows = store_entries(j->store, STORE_WINDOW) * SEEN_ROWS;
    seen_expect(j->contents, rows);
    seen_expect(j->stories, rows);
    int err = read_rows(j, STORE_WINDOW, last > most ? last - most : 1);
    return err < 0 ? err : read_rows(j, STORE_SEEN, 1);
}

int journal_open(const char *dir, const struct journal_conf *conf, struct journal **out,
                 struct diag *diag) {
    struct journal *j = mem_zalloc(sizeof *j);
    j->conf = *conf;
    j->contents = seen_new(conf->remember / 2, conf->remember_ms);
    j->stories = seen_new(conf->remember / 2, conf->remember_ms);
    int err = store_open(dir, map_bytes(conf), false, &j->store, diag);
    if (err == 0)
        store_scattered(j->store, true);
    if (err == 0)
        err = read_counts(j, diag);
    if (err == 0 && ((err = read_runs(j)) < 0 || (err = read_seen(j)) < 0))
        store_explain(j->store, diag);
    if (err < 0) {
        journal_close(j);
        return err;
    }
    store_scattered(j->store, false);
    *out = j;
    return 0;
}

int journal_open_to_read(const char *dir, struct journal **out, struct diag *diag) {
    struct journal *j = mem_zalloc(sizeof *j);
    int err = store_open(dir, 0, true, &j->store, diag);
    if (err == 0)
        err = read_counts(j, diag);
    if (err < 0)
        journal_close(j);
    else
        *out = j;
    return err;
}

int journal_look_again(struct journal *j, struct diag *diag) {
    int err = store_look(j->store, diag);
    return err < 0 ? err : read_counts(j, diag);
}

void journal_close(struct journal *j) {
    if (!j)
        return;
    if (j->run_count > 0)
        drop_group(j);
    j->disk_full = false;
    while (j->run_count > 0 && journal_pending(j) && save(j, false, NULL) == 0)
        ;
    store_close(j->store);
    pending_release(&j->pending);
    seen_free(j->contents);
    seen_free(j->stories);
    buf_release(&j->group.bytes);
    buf_release(&j->rows);
    buf_release(&j->scratch);
    free(j->group.entries);
    free(j->runs);
    free(j);
}

/* ---- runs ---- */

const struct journal_run *journal_runs(const struct journal *j, size_t *count) {
    *count = j->run_count;
    return j->runs;
}

struct uuid journal_uuid(const struct journal *j) {
    return j->runs[j->run_count - 1].uuid;
}

struct uuid journal_uuid_of(const struct journal *j, uint64_t index) {
    size_t i = j->run_count - 1;
    while (i > 0 && j->runs[i].first > index)
        i--;
    return j->runs[i].uuid;
}

/* ---- in ---- */

static int64_t bytes_now(const struct journal *j) {
    return (int64_t)j->counts.bytes + j->group.cost;
}

static struct entry *add_entry(struct group *group) {
    if (group->count == group->cap) {
        group->cap = group->cap ? 2 * group->cap : 256;
        group->entries = mem_resize(group->entries, group->cap, sizeof *group->entries);
    }
    struct entry *entry = &group->entries[group->count++];
    *entry = (struct entry){.at = group->bytes.len};
    return entry;
}

static void close_entry(struct journal *j, struct entry *entry, uint64_t *index) {
    entry->len = j->group.bytes.len - entry->at;
    j->group.cost += store_cost(j->store, entry->len);
    *index = j->counts.next + j->group.count - 1;
}

int journal_append(struct journal *j, struct view record, const struct identity *identity,
                   int64_t wall_ms, uint64_t *index) {
    int64_t cost = store_cost(j->store, LIVE_HEAD + record.len);
    if (bytes_now(j) + cost > j->conf.max_bytes)
        return ERR_FULL;
    struct entry *entry = add_entry(&j->group);
    entry->identity = *identity;
    entry->wall_ms = wall_ms;
    put_live(&j->group.bytes, wall_ms, record);
    close_entry(j, entry, index);
    remember(j, identity, wall_ms, *index);
    return 0;
}

int journal_keep(struct journal *j, const struct dead_letter *letter, uint64_t *index) {
    struct dead_letter kept = *letter;
    struct group *group = &j->group;
    kept.kind = DEAD_DOCUMENT;
    buf_clear(&j->scratch);
    letter_put_head(&j->scratch, &kept);
    int64_t cost = store_cost(j->store, j->scratch.len + letter->bytes.len);
    if (bytes_now(j) + cost > j->conf.max_bytes ||
        (int64_t)j->counts.documents + group->documents + cost > j->conf.max_documents)
        return ERR_FULL;
    struct entry *entry = add_entry(group);
    entry->document = true;
    buf_put_view(&group->bytes, buf_view(&j->scratch));
    buf_put_view(&group->bytes, letter->bytes);
    group->documents += cost;
    close_entry(j, entry, index);
    return 0;
}

size_t journal_group(const struct journal *j) { return j->group.count; }

bool journal_group_full(const struct journal *j) {
    return j->group.bytes.len >= JOURNAL_GROUP_BYTES;
}

uint64_t journal_synced(const struct journal *j) { return j->counts.next - 1; }

static int seen_in(const struct seen *seen, struct digest key, int64_t now_ms,
                   struct journal_seen *out) {
    const struct seen_entry *entry = seen_get(seen, key, now_ms);
    if (!entry)
        return ERR_NOT_FOUND;
    *out = (struct journal_seen){entry->index, entry->version, entry->timed,
                                 entry->canceled};
    return 0;
}

int journal_seen_content(const struct journal *j, struct digest content, int64_t now_ms,
                         struct journal_seen *out) {
    return seen_in(j->contents, content, now_ms, out);
}

int journal_seen_story(const struct journal *j, struct digest story, int64_t now_ms,
                       struct journal_seen *out) {
    return seen_in(j->stories, story, now_ms, out);
}

/* ---- how it stands ---- */

int64_t journal_soft_bytes(const struct journal *j) {
    int64_t max = j->conf.max_bytes;
    int64_t reserve = 2 * store_cost(j->store, LIVE_HEAD + (size_t)j->conf.largest);
    if (reserve > max / 2)
        reserve = max / 2;
    return max - (reserve > max / 10 ? reserve : max / 10);
}

enum journal_room journal_room(const struct journal *j) {
    if (j->disk_full)
        return JOURNAL_DISK;
    if (bytes_now(j) >= j->conf.max_bytes)
        return JOURNAL_HARD;
    return bytes_now(j) > journal_soft_bytes(j) ? JOURNAL_SOFT : JOURNAL_FREE;
}

struct journal_counts journal_counts(const struct journal *j) {
    return (struct journal_counts){.accepted = j->counts.next - 1,
                                   .committed = j->counts.committed,
                                   .dead = j->counts.dead,
                                   .live = j->live,
                                   .letters = j->letters,
                                   .bytes = bytes_now(j)};
}

int64_t journal_file_bytes(const struct journal *j) { return store_file_bytes(j->store); }
