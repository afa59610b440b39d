#include "sink/ids.h"

#include <stdlib.h>

#include "proto/mem.h"

struct ids {
    struct store *store;
    struct sqlite3_stmt *find, *load, *add_journal, *cut_ranges, *add_range;
    struct id_set **sets;
    size_t count, cap;
    struct id_set *last; /* asked for */
    int64_t numbers;     /* the last one given */
    int64_t durable;     /* reports, of all runs */
    uint64_t uses;
};

static struct view bytes_of(const struct uuid *uuid) {
    return view_n((const char *)uuid->bytes, sizeof uuid->bytes);
}

static void set_free(struct id_set *set) {
    intervals_release(&set->seen);
    intervals_release(&set->durable);
    intervals_release(&set->group);
    free(set);
}

static int prepare(struct ids *ids, struct diag *diag) {
    const struct {
        struct sqlite3_stmt **out;
        const char *sql;
    } list[] = {
        {&ids->find, "SELECT number FROM journals WHERE uuid = ?"},
        {&ids->load, "SELECT lo, hi FROM ranges WHERE journal = ? ORDER BY lo"},
        {&ids->add_journal, "INSERT INTO journals VALUES(?, ?)"},
        {&ids->cut_ranges, "DELETE FROM ranges WHERE journal = ? AND lo BETWEEN ? AND ?"},
        {&ids->add_range, "INSERT INTO ranges VALUES(?, ?, ?)"},
    };
    struct sqlite3_stmt *last = NULL, *sum = NULL;
    int err = 0;

    for (size_t i = 0; !err && i < sizeof list / sizeof *list; i++)
        err = store_prepare(ids->store, list[i].sql, list[i].out, diag);
    if (!err)
        err = store_prepare(ids->store, "SELECT max(number) FROM journals", &last, diag);
    if (!err)
        err =
            store_prepare(ids->store, "SELECT sum(hi - lo + 1) FROM ranges", &sum, diag);
    if (!err)
        err = store_number(ids->store, last, 0, &ids->numbers, diag);
    return err ? err : store_number(ids->store, sum, 0, &ids->durable, diag);
}

int ids_new(struct store *store, struct ids **out, struct diag *diag) {
    struct ids *ids = mem_zalloc(sizeof *ids);
    int err;

    ids->store = store;
    err = prepare(ids, diag);
    if (err)
        ids_free(ids);
    else
        *out = ids;
    return err;
}

void ids_free(struct ids *ids) {
    if (!ids)
        return;
    for (size_t i = 0; i < ids->count; i++)
        set_free(ids->sets[i]);
    free(ids->sets);
    free(ids);
}

/* ---- from the table ---- */

static int damaged(const struct ids *ids, struct diag *diag) {
    diag_set(diag, 0,
             "%s is damaged: its table ranges is out of order; put back a backup",
             store_path(ids->store));
    return ERR_FORMAT;
}

static void put_range(struct intervals *set, struct range range) {
    if (set->count == set->cap) {
        set->cap = set->cap ? set->cap * 2 : 16;
        set->ranges = mem_resize(set->ranges, set->cap, sizeof *set->ranges);
    }
    set->ranges[set->count++] = range;
}

static int load(struct ids *ids, struct id_set *set, struct diag *diag) {
    uint64_t last = 0;
    int err;

    store_bind(ids->load, 1, set->number);
    while ((err = store_step(ids->store, ids->load, diag)) == 0) {
        struct range range = {(uint64_t)store_column(ids->load, 0),
                              (uint64_t)store_column(ids->load, 1)};
        bool apart = last ? range.lo > last + 1 : range.lo > 0;
        if (!apart || range.hi < range.lo || range.hi > INT64_MAX) {
            store_reset(ids->load);
            return damaged(ids, diag);
        }
        put_range(&set->seen, range);
        put_range(&set->durable, range);
        last = range.hi;
    }
    return err < 0 ? err : 0;
}

static void forget_quietest(struct ids *ids) {
    size_t victim = ids->count;

    for (size_t i = 0; i < ids->count; i++) {
        const struct id_set *set = ids->sets[i];
        if (!set->pending &&
            (victim == ids->count || set->used < ids->sets[victim]->used))
            victim = i;
    }
    if (victim == ids->count)
        return;
    set_free(ids->sets[victim]);
    ids->sets[victim] = ids->sets[--ids->count];
    ids->last = NULL;
}

static struct id_set *add_set(struct ids *ids, struct uuid of) {
    struct id_set *set = mem_zalloc(sizeof *set);

    while (ids->count >= IDS_LOADED) {
        size_t before = ids->count;
        forget_quietest(ids);
        if (ids->count == before)
            break; // all are in the group
    }
    if (ids->count == ids->cap) {
        ids->cap = ids->cap ? ids->cap * 2 : IDS_LOADED;
        ids->sets = mem_resize(ids->sets, ids->cap, sizeof *ids->sets);
    }
    set->of = of;
    ids->sets[ids->count++] = set;
    return set;
}

static struct id_set *loaded(struct ids *ids, struct uuid of) {
    struct id_set *set = ids->last;

    if (set && uuid_eq(set->of, of))
        return set;
    for (size_t i = 0; i < ids->count; i++)
        if (uuid_eq(ids->sets[i]->of, of))
            return ids->sets[i];
    return NULL;
}

static void note_use(struct ids *ids, struct id_set *set) {
    set->used = ++ids->uses;
    ids->last = set;
}

int ids_find(struct ids *ids, struct uuid of, struct id_set **out, struct diag *diag) {
    struct id_set *set = loaded(ids, of);
    int64_t number = 0;
    int err = 0;

    if (!set) {
        store_bind_blob(ids->find, 1, bytes_of(&of));
        err = store_number(ids->store, ids->find, 0, &number, diag);
        if (err || !number)
            return err ? err : 1;
        set = add_set(ids, of);
        set->number = number;
        err = load(ids, set, diag);
        if (err) {
            set_free(ids->sets[--ids->count]);
            return err;
        }
    }
    note_use(ids, set);
    *out = set;
    return 0;
}

int ids_take(struct ids *ids, struct uuid of, struct id_set **out, struct diag *diag) {
    int err = ids_find(ids, of, out, diag);

    if (err <= 0)
        return err;
    *out = add_set(ids, of);
    (*out)->number = ++ids->numbers;
    (*out)->is_new = true;
    note_use(ids, *out);
    return 0;
}

/* ---- the group ---- */

int ids_add(struct id_set *set, uint64_t index) {
    // while `durable` catches up with `seen` it has at most one range more for each
    // pending id
    if (set->seen.count + set->pending >= INTERVALS_MAX)
        return ERR_FULL;
    intervals_insert(&set->seen, index);
    intervals_insert(&set->group, index);
    set->pending++;
    return 0;
}

static int save_range(struct ids *ids, const struct id_set *set, struct range range,
                      struct diag *diag) {
    int err;

    store_bind(ids->cut_ranges, 1, set->number);
    store_bind(ids->cut_ranges, 2, (int64_t)range.lo);
    store_bind(ids->cut_ranges, 3, (int64_t)range.hi);
    err = store_run(ids->store, ids->cut_ranges, diag);
    if (err)
        return err;
    store_bind(ids->add_range, 1, set->number);
    store_bind(ids->add_range, 2, (int64_t)range.lo);
    store_bind(ids->add_range, 3, (int64_t)range.hi);
    return store_run(ids->store, ids->add_range, diag);
}

static int save_set(struct ids *ids, struct id_set *set, struct diag *diag) {
    uint64_t done = 0;
    int err = 0;

    if (set->is_new) {
        store_bind(ids->add_journal, 1, set->number);
        store_bind_blob(ids->add_journal, 2, bytes_of(&set->of));
        err = store_run(ids->store, ids->add_journal, diag);
    }
    for (size_t i = 0; !err && i < set->group.count; i++) {
        struct range range = *intervals_at(&set->seen, set->group.ranges[i].lo);
        if (range.lo > done)
            err = save_range(ids, set, range, diag);
        done = range.hi;
    }
    return err;
}

int ids_save(struct ids *ids, struct diag *diag) {
    int err = 0;

    for (size_t i = 0; !err && i < ids->count; i++)
        if (ids->sets[i]->pending)
            err = save_set(ids, ids->sets[i], diag);
    return err;
}

void ids_saved(struct ids *ids) {
    for (size_t i = 0; i < ids->count; i++) {
        struct id_set *set = ids->sets[i];
        if (!set->pending)
            continue;
        for (size_t k = 0; k < set->group.count; k++)
            for (uint64_t n = set->group.ranges[k].lo; n <= set->group.ranges[k].hi; n++)
                intervals_insert(&set->durable, n);
        intervals_clear(&set->group);
        ids->durable += (int64_t)set->pending;
        set->pending = 0;
        set->is_new = false;
    }
}

uint64_t ids_count(const struct ids *ids) { return (uint64_t)ids->durable; }
