#include "ingest/journal_inside.h"
#include "ingest/letter.h"
#include "proto/crc32c.h"

/* Is it no longer in the queue, though the store has it there? */
static bool left_queue(const struct journal *j, uint64_t index) {
    const struct change *change = pending_change(&j->pending, index);
    return (change && change->what == CHANGE_BURY) ||
           pending_gone(&j->pending, index) != 0;
}

static int read_live(struct journal *j, uint64_t index, struct view *value) {
    if (left_queue(j, index))
        return ERR_NOT_FOUND;
    int err = store_get(j->store, STORE_LIVE, index, value);
    return err > 0 ? ERR_NOT_FOUND : err;
}

int journal_read(struct journal *j, uint64_t index, struct view *record) {
    struct view value, rest;
    uint32_t crc = 0;
    int err = read_live(j, index, &value);
    if (err < 0)
        return err;
    rest = value;
    if (view_take_u32(&rest, &crc) != 0 || crc != crc32c(0, rest))
        return ERR_CHECKSUM;
    *record = record_in(value);
    return 0;
}

int journal_since(struct journal *j, uint64_t index, int64_t *wall_ms) {
    struct view value;
    uint32_t crc;
    uint64_t since = 0;
    int err = read_live(j, index, &value);
    if (err == 0)
        err = view_take_u32(&value, &crc);
    if (err == 0)
        err = view_take_u64(&value, &since);
    if (err == 0)
        *wall_ms = (int64_t)since;
    return err;
}

int journal_next(struct journal *j, uint64_t after, uint64_t *index) {
    struct view value;
    uint64_t found, last;
    while (after < UINT64_MAX) {
        if (store_seek(j->store, STORE_LIVE, after + 1, &found, &value) != 0)
            return 1;
        if ((last = pending_gone(&j->pending, found)) != 0) {
            after = last;
        } else if (left_queue(j, found)) {
            after = found;
        } else {
            *index = found;
            return 0;
        }
    }
    return 1;
}

static uint64_t cost_of_letter(const struct journal *j, const char *reason, size_t len) {
    struct dead_letter letter = {.reason = view_of(reason)};
    struct buf head = {0};
    letter_put_head(&head, &letter);
    size_t head_len = head.len;
    buf_release(&head);
    return (uint64_t)store_cost(j->store, head_len + len);
}

/* Takes one out of the queue for good, or out of the dead letters. */
static void count_delete(struct journal *j, bool dead, uint64_t cost) {
    if (dead) {
        j->counts.dead--;
        j->letters--;
    } else {
        j->live--;
    }
    j->counts.committed++;
    j->counts.bytes -= cost;
}

/* One that the store has in the table; those that are pending are where the change takes
 * them. */
static int delete_one(struct journal *j, enum store_table table, uint64_t index,
                      struct view value) {
    const struct change *change = pending_change(&j->pending, index);
    bool dead = table == STORE_DEAD;
    uint64_t cost = (uint64_t)store_cost(j->store, value.len);
    struct dead_letter letter = {.index = index};
    if (dead)
        letter_read(value, &letter);
    if (dead && (letter.kind == DEAD_DOCUMENT || (change && change->what == CHANGE_DROP)))
        return 1;
    int err = pending_delete(&j->pending, index);
    if (err < 0)
        return err;
    if (change) {
        dead = !dead;
        cost = change->cost;
        pending_forget(&j->pending, index);
    }
    count_delete(j, dead, cost);
    return 0;
}

static int delete_in(struct journal *j, enum store_table table, struct range range,
                     uint64_t *count) {
    struct view value;
    uint64_t index, last;
    for (uint64_t at = range.lo; at <= range.hi; at = index + 1) {
        int err = store_seek(j->store, table, at, &index, &value);
        if (err != 0 || index > range.hi)
            return err < 0 ? err : 0;
        if ((last = pending_gone(&j->pending, index)) != 0) {
            index = last;
            continue;
        }
        err = delete_one(j, table, index, value);
        if (err < 0)
            return err;
        *count += err == 0;
    }
    return 0;
}

int journal_delete(struct journal *j, uint64_t lo, uint64_t hi, uint64_t *count) {
    struct range range = {lo, hi < journal_synced(j) ? hi : journal_synced(j)};
    *count = 0;
    int err = delete_in(j, STORE_LIVE, range, count);
    if (err == 0 && store_entries(j->store, STORE_DEAD) > 0)
        err = delete_in(j, STORE_DEAD, range, count);
    return err;
}

int journal_bury(struct journal *j, uint64_t index, unsigned attempts, const char *reason,
                 int64_t wall_ms) {
    struct view value;
    int err = read_live(j, index, &value);
    if (err < 0)
        return err;
    struct change change = {.index = index,
                            .what = CHANGE_BURY,
                            .attempts = attempts,
                            .when_ms = wall_ms,
                            .cost = cost_of_letter(j, reason, record_in(value).len)};
    err = pending_add(&j->pending, &change, reason);
    if (err < 0)
        return err;
    j->live--;
    j->letters++;
    j->counts.dead++;
    j->counts.bytes += change.cost - (uint64_t)store_cost(j->store, value.len);
    return 0;
}

/* ---- dead letters ---- */

static bool left_letters(const struct journal *j, uint64_t index) {
    const struct change *change = pending_change(&j->pending, index);
    return (change && change->what != CHANGE_BURY) ||
           pending_gone(&j->pending, index) != 0;
}

int journal_dead_next(const struct journal *j, uint64_t after, struct dead_letter *out) {
    struct view value;
    uint64_t found;
    int err = 1;
    while (after < UINT64_MAX) {
        err = store_seek(j->store, STORE_DEAD, after + 1, &found, &value);
        if (err != 0 || !left_letters(j, found))
            break;
        after = found;
        err = 1;
    }
    if (err == 0) {
        out->index = found;
        letter_read(value, out);
    }
    return err;
}

static int find_letter(struct journal *j, uint64_t index, struct dead_letter *letter,
                       uint64_t *cost) {
    struct view value;
    if (left_letters(j, index))
        return ERR_NOT_FOUND;
    int err = store_get(j->store, STORE_DEAD, index, &value);
    if (err != 0)
        return err < 0 ? err : ERR_NOT_FOUND;
    letter->index = index;
    letter_read(value, letter);
    *cost = (uint64_t)store_cost(j->store, value.len);
    return 0;
}

int journal_revive(struct journal *j, uint64_t index, int64_t wall_ms) {
    struct dead_letter letter;
    uint64_t cost;
    int err = find_letter(j, index, &letter, &cost);
    if (err < 0 || letter.kind != DEAD_REPORT)
        return err < 0 ? err : ERR_NOT_FOUND;
    struct change change = {
        .index = index,
        .what = CHANGE_REVIVE,
        .when_ms = wall_ms,
        .cost = (uint64_t)store_cost(j->store, LIVE_HEAD + letter.bytes.len)};
    err = pending_add(&j->pending, &change, NULL);
    if (err < 0)
        return err;
    j->live++;
    j->letters--;
    j->counts.dead--;
    j->counts.bytes += change.cost - cost;
    return 0;
}

int journal_drop(struct journal *j, uint64_t index) {
    struct dead_letter letter;
    uint64_t cost;
    int err = find_letter(j, index, &letter, &cost);
    if (err < 0)
        return err;
    struct change change = {.index = index, .what = CHANGE_DROP};
    err = pending_add(&j->pending, &change, NULL);
    if (err < 0)
        return err;
    j->letters--;
    j->counts.bytes -= cost;
    if (letter.kind == DEAD_DOCUMENT)
        j->counts.documents -= cost;
    return 0;
}
