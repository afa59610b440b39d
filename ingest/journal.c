#include "ingest/journal.h"

#include "ingest/seen.h"
#include "proto/buf.h"
#include "proto/mem.h"
#include "proto/report.h"
#include "proto/run/place.h"

#include <stdlib.h>

#define FIRST_SIZE   1024 /* a power of two */
#define RECORD_COSTS 64   /* bytes beside the record's own: slot, malloc, identity */

struct record {
    char *at; /* NULL: deleted */
    size_t len;
};

struct dead {
    struct dead_letter letter; /* its views point into `bytes` */
    struct buf bytes;
};

/*      first                    synced          next
 *        |                        |               |
 *  ......[ x . x x x . . x x x x x ] [ open group ]      ring, x: live, .: deleted
 */
struct journal {
    struct journal_conf conf;
    struct journal_run run;
    struct record *ring; /* of `size` slots; index i stands at i % size */
    size_t size;
    uint64_t first, synced, next;
    struct dead *dead;
    size_t dead_count, dead_cap;
    struct journal_counts counts;
    struct seen *contents, *stories;
};

int journal_open(const char *dir, const struct journal_conf *conf, struct journal **out,
                 struct diag *diag) {
    (void)dir;
    (void)diag;
    struct journal *j = mem_zalloc(sizeof *j);
    j->run = (struct journal_run){uuid_draw(), 1, UINT64_MAX};
    j->conf = *conf;
    j->size = FIRST_SIZE;
    j->ring = mem_zalloc(j->size * sizeof *j->ring);
    j->first = j->next = 1;
    j->contents = seen_new(conf->remember / 2, conf->remember_ms);
    j->stories = seen_new(conf->remember / 2, conf->remember_ms);
    *out = j;
    return 0;
}

void journal_close(struct journal *j) {
    if (!j)
        return;
    for (size_t i = 0; i < j->size; i++)
        free(j->ring[i].at);
    for (size_t i = 0; i < j->dead_count; i++) {
        buf_release(&j->dead[i].bytes);
    }
    seen_free(j->contents);
    seen_free(j->stories);
    free(j->ring);
    free(j->dead);
    free(j);
}

struct uuid journal_uuid(const struct journal *j) {
    return j->run.uuid;
}

struct uuid journal_uuid_of(const struct journal *j, uint64_t index) {
    (void)index;
    return j->run.uuid;
}

const struct journal_run *journal_runs(const struct journal *j, size_t *count) {
    *count = 1;
    return &j->run;
}

/* ---- in ---- */

static struct record *slot_of(const struct journal *j, uint64_t index) {
    return &j->ring[index & (j->size - 1)];
}

static struct record *live(const struct journal *j, uint64_t index) {
    if (index < j->first || index >= j->next)
        return NULL;
    struct record *record = slot_of(j, index);
    return record->at ? record : NULL;
}

static void grow(struct journal *j) {
    struct record *old = j->ring;
    size_t old_size = j->size;
    j->size = 2 * old_size;
    j->ring = mem_zalloc(j->size * sizeof *j->ring);
    for (uint64_t i = j->first; i < j->next; i++)
        *slot_of(j, i) = old[i & (old_size - 1)];
    free(old);
}

static int64_t cost_of(size_t len) { return (int64_t)len + RECORD_COSTS; }

static void remember(struct journal *j, const struct identity *identity, uint64_t index,
                     int64_t now_ms) {
    struct seen_entry entry = {identity->content, now_ms, index, identity->version};
    seen_put(j->contents, &entry);
    entry.key = identity->story;
    seen_put(j->stories, &entry);
}

int journal_append(struct journal *j, struct view record, const struct identity *identity,
                   int64_t now_ms, uint64_t *index) {
    if (j->counts.bytes + cost_of(record.len) > j->conf.max_bytes)
        return ERR_FULL;
    if (j->next - j->first == j->size)
        grow(j);
    struct record *slot = slot_of(j, j->next);
    slot->at = mem_alloc(record.len ? record.len : 1);
    slot->len = record.len;
    if (record.len)
        memcpy(slot->at, record.at, record.len);
    j->counts.bytes += cost_of(record.len);
    j->counts.accepted++;
    j->counts.live++;
    remember(j, identity, j->next, now_ms);
    *index = j->next++;
    return 0;
}

static struct view keep_view(struct buf *bytes, struct view view) {
    size_t at = bytes->len;
    buf_put_view(bytes, view);
    return view_n(bytes->at + at, view.len);
}

static void add_dead(struct journal *j, const struct dead_letter *letter) {
    if (j->dead_count == j->dead_cap) {
        j->dead_cap = j->dead_cap ? 2 * j->dead_cap : 16;
        j->dead = mem_resize(j->dead, j->dead_cap, sizeof *j->dead);
    }
    struct dead *dead = &j->dead[j->dead_count];
    *dead = (struct dead){.letter = *letter};
    buf_reserve(&dead->bytes, letter->reason.len + letter->peer.len + letter->format.len +
                                  letter->feed.len + letter->bytes.len + 1);
    dead->letter.reason = keep_view(&dead->bytes, letter->reason);
    dead->letter.peer = keep_view(&dead->bytes, letter->peer);
    dead->letter.format = keep_view(&dead->bytes, letter->format);
    dead->letter.feed = keep_view(&dead->bytes, letter->feed);
    dead->letter.bytes = keep_view(&dead->bytes, letter->bytes);
    j->dead_count++;
    j->counts.dead++;
    j->counts.letters++;
}

int journal_keep(struct journal *j, const struct dead_letter *letter, uint64_t *index) {
    struct dead_letter kept = *letter;
    if (j->counts.bytes + cost_of(letter->bytes.len) > j->conf.max_bytes)
        return ERR_FULL;
    if (j->next - j->first == j->size)
        grow(j);
    *slot_of(j, j->next) = (struct record){0};
    kept.index = j->next;
    kept.kind = DEAD_DOCUMENT;
    add_dead(j, &kept);
    j->counts.bytes += cost_of(letter->bytes.len);
    j->counts.accepted++;
    *index = j->next++;
    return 0;
}

bool journal_group_full(const struct journal *j) {
    (void)j;
    return false;
}

int journal_sync(struct journal *j, struct diag *diag) {
    (void)diag;
    j->synced = j->next - 1;
    return 0;
}

bool journal_pending(const struct journal *j) { return j->synced + 1 < j->next; }

bool journal_due(const struct journal *j) {
    (void)j;
    return false;
}

uint64_t journal_synced(const struct journal *j) { return j->synced; }

static int seen_in(const struct seen *seen, struct digest key, int64_t now_ms,
                   struct journal_seen *out) {
    const struct seen_entry *entry = seen_get(seen, key, now_ms);
    if (!entry)
        return ERR_NOT_FOUND;
    *out = (struct journal_seen){entry->index, entry->version};
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

/* ---- out ---- */

int journal_read(struct journal *j, uint64_t index, struct view *record) {
    const struct record *found = live(j, index);
    if (!found)
        return ERR_NOT_FOUND;
    *record = view_n(found->at, found->len);
    return 0;
}

int journal_since(struct journal *j, uint64_t index, int64_t *wall_ms) {
    struct view record;
    struct report report;
    int err = journal_read(j, index, &record);
    if (err == 0)
        err = report_decode(record, &report, NULL);
    if (err == 0)
        *wall_ms = report.received_ms;
    return err;
}

int journal_next(struct journal *j, uint64_t after, uint64_t *index) {
    uint64_t i = after + 1 > j->first ? after + 1 : j->first;
    while (i <= j->synced && !live(j, i))
        i++;
    if (i > j->synced)
        return 1;
    *index = i;
    return 0;
}

static void pass_deleted(struct journal *j) {
    while (j->first <= j->synced && !slot_of(j, j->first)->at)
        j->first++;
}

int journal_delete(struct journal *j, uint64_t lo, uint64_t hi, uint64_t *count) {
    uint64_t n = 0;
    lo = lo > j->first ? lo : j->first;
    hi = hi < j->synced ? hi : j->synced;
    for (uint64_t i = lo; i <= hi; i++) {
        struct record *record = live(j, i);
        if (!record)
            continue;
        j->counts.bytes -= cost_of(record->len);
        free(record->at);
        *record = (struct record){0};
        n++;
    }
    j->counts.live -= n;
    j->counts.committed += n;
    pass_deleted(j);
    *count = n;
    return 0;
}

int journal_bury(struct journal *j, uint64_t index, unsigned attempts, const char *reason,
                 int64_t wall_ms) {
    struct record *record = live(j, index);
    if (!record || index > j->synced)
        return ERR_NOT_FOUND;
    struct dead_letter letter = {.index = index,
                                 .kind = DEAD_REPORT,
                                 .attempts = attempts,
                                 .when_ms = wall_ms,
                                 .reason = view_of(reason),
                                 .bytes = view_n(record->at, record->len)};
    add_dead(j, &letter);
    free(record->at);
    *record = (struct record){0};
    j->counts.live--;
    pass_deleted(j);
    return 0;
}

/* ---- dead letters ---- */

static size_t dead_behind(const struct journal *j, uint64_t after) {
    size_t best = j->dead_count;
    for (size_t i = 0; i < j->dead_count; i++)
        if (j->dead[i].letter.index > after &&
            (best == j->dead_count ||
             j->dead[i].letter.index < j->dead[best].letter.index))
            best = i;
    return best;
}

int journal_dead_next(const struct journal *j, uint64_t after, struct dead_letter *out) {
    size_t i = dead_behind(j, after);
    if (i == j->dead_count)
        return 1;
    *out = j->dead[i].letter;
    return 0;
}

static struct dead *dead_at(const struct journal *j, uint64_t index) {
    size_t i = index ? dead_behind(j, index - 1) : j->dead_count;
    return i < j->dead_count && j->dead[i].letter.index == index ? &j->dead[i] : NULL;
}

static void remove_dead(struct journal *j, struct dead *dead) {
    buf_release(&dead->bytes);
    *dead = j->dead[--j->dead_count];
    j->counts.letters--;
}

int journal_revive(struct journal *j, uint64_t index, int64_t wall_ms) {
    struct dead *dead = dead_at(j, index);
    (void)wall_ms;
    if (!dead || dead->letter.kind != DEAD_REPORT || index < j->first)
        return ERR_NOT_FOUND;
    struct record *record = slot_of(j, index);
    record->len = dead->letter.bytes.len;
    record->at = mem_alloc(record->len + 1);
    memcpy(record->at, dead->letter.bytes.at, record->len);
    remove_dead(j, dead);
    j->counts.dead--;
    j->counts.live++;
    return 0;
}

int journal_drop(struct journal *j, uint64_t index) {
    struct dead *dead = dead_at(j, index);
    if (!dead)
        return ERR_NOT_FOUND;
    remove_dead(j, dead);
    return 0;
}

int journal_open_to_read(const char *dir, struct journal **out, struct diag *diag) {
    (void)out;
    diag_set(diag, 0, "there is no journal in %s", dir);
    return ERR_NOT_FOUND;
}

int journal_look_again(struct journal *j, struct diag *diag) {
    (void)j;
    (void)diag;
    return 0;
}

/* ---- how it stands ---- */

int64_t journal_soft_bytes(const struct journal *j) {
    int64_t max = j->conf.max_bytes, reserve = 2 * cost_of((size_t)j->conf.largest);
    if (reserve > max / 2)
        reserve = max / 2;
    return max - (reserve > max / 10 ? reserve : max / 10);
}

enum journal_room journal_room(const struct journal *j) {
    if (j->counts.bytes >= j->conf.max_bytes)
        return JOURNAL_HARD;
    return j->counts.bytes > journal_soft_bytes(j) ? JOURNAL_SOFT : JOURNAL_FREE;
}

struct journal_counts journal_counts(const struct journal *j) {
    return j->counts;
}

int64_t journal_file_bytes(const struct journal *j) { return j->counts.bytes; }
