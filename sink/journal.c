/* The journal in memory. Events lie in blocks in the order of their offsets, a ring
 * indexed by offset points at them, and blocks go when the slowest cursor has passed
 * their last event:
 *
 *     ring     ... [41][42][43][44][45] ...
 *                    \   |   |   \   \
 *     blocks        [ 41 42 43 ]->[ 44 45      ]
 */
#include "sink/journal.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/mem.h"

#define BLOCK_BYTES ((size_t)1 << 20)

struct block {
    struct block *next;
    uint64_t last; /* offset of its last event */
    size_t used, cap;
    char bytes[];
};

struct slot {
    const char *at;
    size_t len;
    struct report_id id;
};

/* The ids of one ingest's journal. `seen` has those of the open group too. */
struct id_set {
    struct uuid of;
    uint32_t number; /* never used twice */
    size_t pending;  /* of the open group */
    uint64_t used;   /* when last */
    struct intervals seen, durable;
};

struct pending {
    struct id_set *set;
    uint64_t index;
};

struct crc_slot {
    uint64_t index;
    uint32_t set; /* id_set.number; 0: empty */
    uint32_t crc;
};

struct journal_cursor {
    struct journal *journal;
    const char *name;
    uint64_t at;
};

struct journal {
    struct uuid epoch;
    size_t max_bytes;
    struct journal_disk disk;

    struct slot *ring;
    size_t ring_cap; /* a power of two */
    uint64_t first, head, durable;
    struct block *oldest, *newest, *spare;
    size_t bytes;

    struct id_set **sets;
    size_t set_count;
    uint32_t set_numbers;
    uint64_t uses;
    struct pending *group;
    size_t group_count, group_cap;
    struct crc_slot *crcs;

    struct journal_cursor cursors[JOURNAL_CURSORS];
    size_t cursor_count;
};

/* ---- ids ---- */

static struct id_set *set_find(const struct journal *j, struct uuid of) {
    for (size_t i = j->set_count; i-- > 0;)
        if (uuid_eq(j->sets[i]->of, of))
            return j->sets[i];
    return NULL;
}

static void set_free(struct id_set *set) {
    intervals_release(&set->seen);
    intervals_release(&set->durable);
    free(set);
}

/* Makes room by forgetting the journal that was quiet longest. */
static bool set_forget_one(struct journal *j) {
    size_t victim = j->set_count;

    for (size_t i = 0; i < j->set_count; i++) {
        bool older = victim == j->set_count || j->sets[i]->used < j->sets[victim]->used;
        if (!j->sets[i]->pending && older)
            victim = i;
    }
    if (victim == j->set_count)
        return false;
    set_free(j->sets[victim]);
    j->sets[victim] = j->sets[--j->set_count];
    return true;
}

static struct id_set *set_take(struct journal *j, struct uuid of) {
    struct id_set *set = set_find(j, of);

    if (!set) {
        if (j->set_count == JOURNAL_SETS && !set_forget_one(j))
            return NULL;
        set = mem_zalloc(sizeof *set);
        set->of = of;
        set->number = ++j->set_numbers;
        j->sets[j->set_count++] = set;
    }
    set->used = ++j->uses;
    return set;
}

static struct crc_slot *crc_at(struct journal *j, const struct id_set *set, uint64_t n) {
    return &j->crcs[(n + set->number * 40503u) % JOURNAL_CRCS];
}

static bool crc_differs(struct journal *j, const struct id_set *set, uint64_t n,
                        uint32_t crc) {
    const struct crc_slot *slot = crc_at(j, set, n);

    return slot->set == set->number && slot->index == n && slot->crc != crc;
}

static void group_add(struct journal *j, struct id_set *set,
                      const struct journal_entry *entry) {
    uint64_t n = entry->id.index;

    if (j->group_count == j->group_cap) {
        j->group_cap = j->group_cap ? j->group_cap * 2 : 1024;
        j->group = mem_resize(j->group, j->group_cap, sizeof *j->group);
    }
    j->group[j->group_count++] = (struct pending){set, n};
    set->pending++;
    *crc_at(j, set, n) = (struct crc_slot){n, set->number, entry->crc};
}

/* ---- events ---- */

static void *event_room(struct journal *j, size_t len) {
    struct block *block = j->newest;

    if (!block || block->cap - block->used < len) {
        size_t cap = len > BLOCK_BYTES ? len : BLOCK_BYTES;
        if (j->spare && cap == BLOCK_BYTES) {
            block = j->spare;
            j->spare = NULL;
        } else {
            block = mem_alloc(sizeof *block + cap);
        }
        *block = (struct block){.cap = cap};
        *(j->newest ? &j->newest->next : &j->oldest) = block;
        j->newest = block;
    }
    block->used += len;
    block->last = j->head + 1;
    return block->bytes + block->used - len;
}

static void ring_grow(struct journal *j) {
    size_t cap = j->ring_cap ? j->ring_cap * 2 : 1024;
    struct slot *ring = mem_alloc(cap * sizeof *ring);

    for (uint64_t at = j->first; at <= j->head; at++)
        ring[at & (cap - 1)] = j->ring[at & (j->ring_cap - 1)];
    free(j->ring);
    j->ring = ring;
    j->ring_cap = cap;
}

static void event_add(struct journal *j, struct report_id id, struct view json) {
    char *at = event_room(j, json.len);

    if (json.len)
        memcpy(at, json.at, json.len);
    if (j->head - j->first + 1 == j->ring_cap)
        ring_grow(j);
    j->head++;
    j->ring[j->head & (j->ring_cap - 1)] = (struct slot){at, json.len, id};
    j->bytes += json.len + sizeof(struct slot);
}

static void block_drop(struct journal *j) {
    struct block *block = j->oldest;

    j->oldest = block->next;
    if (!j->oldest)
        j->newest = NULL;
    if (!j->spare && block->cap == BLOCK_BYTES)
        j->spare = block;
    else
        free(block);
}

/* Forgets what is durable and passed by all cursors. */
static void trim(struct journal *j) {
    uint64_t done = j->durable;

    for (size_t i = 0; i < j->cursor_count; i++)
        if (j->cursors[i].at < done)
            done = j->cursors[i].at;
    for (; j->first <= done; j->first++)
        j->bytes -= j->ring[j->first & (j->ring_cap - 1)].len + sizeof(struct slot);
    while (j->oldest && j->oldest->last < j->first)
        block_drop(j);
}

/* ---- the interface ---- */

int journal_open(const struct journal_conf *conf, struct journal **out,
                 struct diag *diag) {
    struct journal *j = mem_zalloc(sizeof *j);

    (void)diag;
    j->epoch = conf->epoch;
    j->max_bytes = conf->max_bytes;
    j->disk = conf->disk;
    j->first = 1;
    j->sets = mem_alloc(JOURNAL_SETS * sizeof(struct id_set *));
    j->crcs = mem_zalloc(JOURNAL_CRCS * sizeof *j->crcs);
    *out = j;
    return 0;
}

void journal_close(struct journal *j) {
    if (!j)
        return;
    while (j->oldest)
        block_drop(j);
    free(j->spare);
    for (size_t i = 0; i < j->set_count; i++)
        set_free(j->sets[i]);
    free(j->sets);
    free(j->crcs);
    free(j->group);
    free(j->ring);
    free(j);
}

void journal_set_disk(struct journal *j, struct journal_disk disk) { j->disk = disk; }
struct uuid journal_epoch(const struct journal *j) {
    return j->epoch;
}
size_t journal_pending(const struct journal *j) { return j->group_count; }
uint64_t journal_head(const struct journal *j) { return j->head; }
uint64_t journal_durable(const struct journal *j) { return j->durable; }
size_t journal_bytes(const struct journal *j) { return j->bytes; }

int journal_append(struct journal *j, const struct journal_entry *entry) {
    struct id_set *set = entry->id.index ? set_take(j, entry->id.journal) : NULL;
    size_t bytes = 0;

    if (!set)
        return entry->id.index ? ERR_FULL : ERR_FORMAT;
    if (intervals_has(&set->seen, entry->id.index))
        return crc_differs(j, set, entry->id.index, entry->crc) ? ERR_CHECKSUM : 1;
    for (size_t i = 0; i < entry->event_count; i++)
        bytes += entry->events[i].len + sizeof(struct slot);
    if (bytes > j->max_bytes || j->bytes > j->max_bytes - bytes)
        return ERR_FULL;
    // while `durable` catches up with `seen` it has at most one range more for each
    // pending id
    if (set->seen.count + set->pending >= INTERVALS_MAX)
        return ERR_FULL;
    intervals_insert(&set->seen, entry->id.index);
    for (size_t i = 0; i < entry->event_count; i++)
        event_add(j, entry->id, entry->events[i]);
    group_add(j, set, entry);
    return 0;
}

int journal_sync(struct journal *j, struct diag *diag) {
    int err = 0;

    if (!j->group_count)
        return 0;
    if (j->disk.store)
        err = j->disk.store(j->disk.context, j->head, diag);
    if (err)
        return err;
    for (size_t i = 0; i < j->group_count; i++) {
        intervals_insert(&j->group[i].set->durable, j->group[i].index);
        j->group[i].set->pending = 0;
    }
    j->group_count = 0;
    j->durable = j->head;
    trim(j);
    return 0;
}

const struct intervals *journal_stored(const struct journal *j, struct uuid of) {
    static const struct intervals nothing;
    const struct id_set *set = set_find(j, of);

    return set ? &set->durable : &nothing;
}

int journal_read(struct journal *j, uint64_t from, uint64_t upto,
                 struct journal_event *out, size_t max, size_t *count) {
    size_t n = 0;

    if (from < j->first)
        return ERR_NOT_FOUND;
    if (upto > j->head)
        upto = j->head;
    for (uint64_t at = from; at <= upto && n < max; at++) {
        const struct slot *slot = &j->ring[at & (j->ring_cap - 1)];
        out[n++] = (struct journal_event){at, slot->id, view_n(slot->at, slot->len)};
    }
    *count = n;
    return 0;
}

struct journal_cursor *journal_cursor(struct journal *j, const char *name) {
    struct journal_cursor *cursor;

    for (size_t i = 0; i < j->cursor_count; i++)
        if (strcmp(j->cursors[i].name, name) == 0)
            return &j->cursors[i];
    assert(j->cursor_count < JOURNAL_CURSORS);
    cursor = &j->cursors[j->cursor_count++];
    *cursor = (struct journal_cursor){j, name, j->durable};
    return cursor;
}

uint64_t journal_cursor_at(const struct journal_cursor *cursor) { return cursor->at; }

void journal_cursor_move(struct journal_cursor *cursor, uint64_t offset) {
    assert(offset <= cursor->journal->head);
    if (offset <= cursor->at)
        return;
    cursor->at = offset;
    trim(cursor->journal);
}
