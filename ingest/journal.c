#include "ingest/journal.h"

#include "ingest/seen.h"
#include "proto/mem.h"
#include "proto/run/place.h"

#include <stdlib.h>

#define FIRST_SIZE   1024 /* a power of two */
#define RECORD_COSTS 64   /* bytes beside the record's own: slot, malloc, identity */

struct record {
    char *at; /* NULL: deleted */
    size_t len;
};

struct dead {
    uint64_t index;
    unsigned attempts;
    char *reason;
    struct record record;
};

/*      first                    synced          next
 *        |                        |               |
 *  ......[ x . x x x . . x x x x x ] [ open group ]      ring, x: live, .: deleted
 */
struct journal {
    struct journal_conf conf;
    struct uuid uuid;
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
    j->uuid = uuid_draw();
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
        free(j->dead[i].record.at);
        free(j->dead[i].reason);
    }
    seen_free(j->contents);
    seen_free(j->stories);
    free(j->ring);
    free(j->dead);
    free(j);
}

struct uuid journal_uuid(const struct journal *j) {
    return j->uuid;
}

bool journal_lasts(const struct journal *j) {
    (void)j;
    return false;
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

int journal_sync(struct journal *j) {
    j->synced = j->next - 1;
    return 0;
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

int journal_bury(struct journal *j, uint64_t index, unsigned attempts,
                 const char *reason) {
    struct record *record = live(j, index);
    if (!record || index > j->synced)
        return ERR_NOT_FOUND;
    if (j->dead_count == j->dead_cap) {
        j->dead_cap = j->dead_cap ? 2 * j->dead_cap : 16;
        j->dead = mem_resize(j->dead, j->dead_cap, sizeof *j->dead);
    }
    j->dead[j->dead_count++] = (struct dead){index, attempts, mem_dup(reason), *record};
    *record = (struct record){0};
    j->counts.live--;
    j->counts.dead++;
    pass_deleted(j);
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

int journal_dead(const struct journal *j, size_t i, struct dead_letter *out) {
    if (i >= j->dead_count)
        return 1;
    const struct dead *dead = &j->dead[i];
    *out = (struct dead_letter){dead->index, dead->attempts, dead->reason,
                                view_n(dead->record.at, dead->record.len)};
    return 0;
}
