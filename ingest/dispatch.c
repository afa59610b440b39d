#include "ingest/dispatch.h"

#include "ingest/items.h"
#include "proto/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH_REPORTS 1024
#define OLD_REPORTS   1024 /* buried in one sweep at most */

struct worker {
    struct worker *next;
    void *peer;
    struct account credit;
    uint64_t leased, done;
    uint64_t alone; /* the suspect it has to itself; 0: none */
    struct heartbeat beat;
    bool overdue; /* a lease of it ran out: it may still work on that report */
    bool blocked; /* did not take the last message; asked again at the next sweep */
};

/* What the last COMMIT of a run said. */
struct known {
    struct uuid run;
    struct range ranges[COMMIT_RANGES + 1];
    size_t count;
};

struct indices {
    uint64_t *at;
    size_t count, cap;
};

struct dispatch {
    struct journal *journal;
    const struct dispatch_calls *calls;
    void *context;
    struct dispatch_conf conf;
    struct worker *workers;
    struct worker *clearing; /* gets nothing until it has nothing: for a suspect */
    struct items items;
    struct heap ready, suspects, later; /* waiting: by index, by index, by due time */
    uint64_t cursor;                    /* all up to here went out at least once */
    uint64_t leased, expired, lost;     /* as counts */
    struct known *known;
    size_t known_count;
    size_t sinks;
    int64_t sweep_ms; /* when the next one is due */
    int64_t wall_ms;  /* of the last turn */
    bool closed;
    struct buf out;
    uint64_t batch[BATCH_REPORTS];
    size_t batch_count;
    struct indices found;   /* gathered while the items may not be touched */
    struct indices revived; /* by the journal, not yet to be read there */
};

struct dispatch *dispatch_new(struct journal *journal, const struct dispatch_conf *conf,
                              const struct dispatch_calls *calls, void *context) {
    struct dispatch *d = mem_zalloc(sizeof *d);
    d->journal = journal;
    d->conf = *conf;
    d->calls = calls;
    d->context = context;
    return d;
}

void dispatch_free(struct dispatch *d) {
    if (!d)
        return;
    while (d->workers) {
        struct worker *worker = d->workers;
        d->workers = worker->next;
        free(worker);
    }
    items_release(&d->items);
    heap_release(&d->ready);
    heap_release(&d->suspects);
    heap_release(&d->later);
    buf_release(&d->out);
    free(d->known);
    free(d->found.at);
    free(d->revived.at);
    free(d);
}

static void add_index(struct indices *indices, uint64_t index) {
    if (indices->count == indices->cap) {
        indices->cap = indices->cap ? 2 * indices->cap : 256;
        indices->at = mem_resize(indices->at, indices->cap, sizeof *indices->at);
    }
    indices->at[indices->count++] = index;
}

/* ---- what is waiting ---- */

static void wait_turn(struct dispatch *d, const struct item *item) {
    heap_push(item->lost >= DISPATCH_SUSPECT ? &d->suspects : &d->ready, item->index,
              item->index);
}

static void end_lease(struct dispatch *d, struct item *item) {
    struct worker *worker = item->worker;
    item->worker = NULL;
    worker->leased--;
    if (worker->alone == item->index)
        worker->alone = 0;
    d->leased--;
}

static void requeue(struct dispatch *d, struct item *item, int64_t due_ms) {
    end_lease(d, item);
    if (due_ms > 0)
        heap_push(&d->later, (uint64_t)due_ms, item->index);
    else
        wait_turn(d, item);
}

static bool still_waits(const struct dispatch *d, uint64_t index) {
    const struct item *item = items_get(&d->items, index);
    return item && !item->worker;
}

/* The first that really waits; entries of reports that were committed meanwhile go. */
static uint64_t heap_first(const struct dispatch *d, struct heap *heap) {
    while (heap->count > 0 && !still_waits(d, heap->entries[0].index))
        heap_pop(heap);
    return heap->count > 0 ? heap->entries[0].index : 0;
}

static void release_due(struct dispatch *d, int64_t now_ms) {
    while (d->later.count > 0 && d->later.entries[0].key <= (uint64_t)now_ms) {
        uint64_t index = d->later.entries[0].index;
        heap_pop(&d->later);
        if (still_waits(d, index))
            wait_turn(d, items_get(&d->items, index));
    }
}

/* Takes the oldest report that may go out now; 0: there is none. Those that were out
 * before come first: they are older than all behind the cursor. */
static uint64_t take_oldest(struct dispatch *d) {
    uint64_t index = heap_first(d, &d->ready);
    if (index) {
        heap_pop(&d->ready);
        return index;
    }
    if (d->items.count >= DISPATCH_ITEMS ||
        journal_next(d->journal, d->cursor, &index) != 0)
        return 0;
    d->cursor = index;
    return index;
}

/* Puts back what take_oldest gave. */
static void put_back(struct dispatch *d, uint64_t index) {
    struct item *item = items_get(&d->items, index);
    wait_turn(d, item ? item : items_put(&d->items, index));
}

/* ---- what comes back from the dead ---- */

void dispatch_revive(struct dispatch *d, uint64_t index) {
    add_index(&d->revived, index);
}

static void queue_again(struct dispatch *d, uint64_t index) {
    if (index > d->cursor || items_get(&d->items, index))
        return; // the cursor comes to it
    wait_turn(d, items_put(&d->items, index));
}

void dispatch_arrived(struct dispatch *d) {
    size_t left = 0;
    int64_t since_ms;
    for (size_t i = 0; i < d->revived.count; i++) {
        uint64_t index = d->revived.at[i];
        if (journal_since(d->journal, index, &since_ms) == 0)
            queue_again(d, index);
        else
            d->revived.at[left++] = index;
    }
    d->revived.count = left;
}

static void forget_revived(struct dispatch *d, uint64_t lo, uint64_t hi) {
    size_t left = 0;
    for (size_t i = 0; i < d->revived.count; i++)
        if (d->revived.at[i] < lo || d->revived.at[i] > hi)
            d->revived.at[left++] = d->revived.at[i];
    d->revived.count = left;
}

/* ---- attempts ---- */

static int64_t retry_at(int64_t now_ms, unsigned times) {
    int64_t delay_ms = DISPATCH_RETRY_MAX_MS;
    if (times < 8)
        delay_ms = (int64_t)DISPATCH_RETRY_MS << (times ? times - 1 : 0);
    return now_ms + (delay_ms < DISPATCH_RETRY_MAX_MS ? delay_ms : DISPATCH_RETRY_MAX_MS);
}

/* One that nobody has. ERR_FULL: not now. */
static int bury(struct dispatch *d, uint64_t index, const char *reason) {
    const struct item *item = items_get(&d->items, index);
    unsigned attempts = item ? item->charged : 0;
    int err = journal_bury(d->journal, index, attempts, reason, d->wall_ms);
    if (err == ERR_FULL)
        return err;
    if (item)
        items_remove(&d->items, index);
    if (err == 0)
        d->calls->buried(d->context, index, attempts, reason);
    return 0;
}

static void charge(struct dispatch *d, struct item *item, const char *reason,
                   int64_t now_ms) {
    bool enough = ++item->charged >= DISPATCH_ATTEMPTS;
    requeue(d, item, retry_at(now_ms, item->charged));
    if (enough)
        bury(d, item->index, reason); // if it cannot be, it comes back to be charged
}

/* ---- workers ---- */

struct worker *dispatch_join(struct dispatch *d, void *peer) {
    struct worker *worker = mem_zalloc(sizeof *worker);
    worker->peer = peer;
    worker->next = d->workers;
    d->workers = worker;
    return worker;
}

void dispatch_credit(struct dispatch *d, struct worker *worker, struct credit credit) {
    (void)d;
    account_give(&worker->credit, credit);
}

void dispatch_beat(struct dispatch *d, struct worker *worker,
                   const struct heartbeat *beat) {
    (void)d;
    worker->beat = *beat;
}

static void find_leases_of(struct dispatch *d, const struct worker *worker) {
    size_t at = 0;
    d->found.count = 0;
    for (const struct item *item; (item = items_each(&d->items, &at));)
        if (item->worker == worker)
            add_index(&d->found, item->index);
}

/* Did the report kill its worker? */
static bool to_blame(const struct worker *worker, const struct item *item) {
    if (worker->beat.started == item->index)
        return true;
    bool finished = worker->beat.started == 0 && worker->beat.done > item->done_before;
    return worker->alone == item->index && !worker->overdue && !finished;
}

static void lose(struct dispatch *d, struct item *item, int64_t now_ms) {
    item->lost++;
    d->lost++;
    if (to_blame(item->worker, item))
        charge(d, item, "its enricher died or hung while it worked on it", now_ms);
    else
        requeue(d, item, 0);
}

static void unlink_worker(struct dispatch *d, struct worker *worker) {
    struct worker **at = &d->workers;
    while (*at != worker)
        at = &(*at)->next;
    *at = worker->next;
    if (d->clearing == worker)
        d->clearing = NULL;
}

void dispatch_leave(struct dispatch *d, struct worker *worker, bool parted,
                    int64_t now_ms) {
    find_leases_of(d, worker);
    for (size_t i = 0; i < d->found.count; i++) {
        struct item *item = items_get(&d->items, d->found.at[i]);
        if (parted)
            requeue(d, item, 0);
        else
            lose(d, item, now_ms);
    }
    assert(worker->leased == 0);
    unlink_worker(d, worker);
    free(worker);
}

int dispatch_nack(struct dispatch *d, struct worker *worker, uint64_t index,
                  const struct frame *nack, int64_t now_ms) {
    struct item *item = items_get(&d->items, index);
    char reason[256];
    if (!item || item->worker != worker)
        return ERR_NOT_FOUND;
    if (nack->number == NACK_RETRY) {
        item->retried++;
        requeue(d, item, retry_at(now_ms, item->retried));
        return 0;
    }
    snprintf(reason, sizeof reason, "%s: %.*s",
             nack->number == NACK_POISON ? "an enricher gave it up" : "not supported",
             (int)(nack->body.len < 200 ? nack->body.len : 200), nack->body.at);
    charge(d, item, reason, now_ms);
    return 0;
}

/* ---- commits ---- */

static void find_items_in(struct dispatch *d, uint64_t lo, uint64_t hi) {
    d->found.count = 0;
    if (hi - lo < d->items.count) {
        for (uint64_t i = lo; i <= hi; i++)
            if (items_get(&d->items, i))
                add_index(&d->found, i);
        return;
    }
    size_t at = 0;
    for (const struct item *item; (item = items_each(&d->items, &at));)
        if (item->index >= lo && item->index <= hi)
            add_index(&d->found, item->index);
}

static int commit_range(struct dispatch *d, uint64_t lo, uint64_t hi) {
    uint64_t count = 0;
    int err = journal_delete(d->journal, lo, hi, &count);
    if (err < 0)
        return err;
    forget_revived(d, lo, hi);
    find_items_in(d, lo, hi);
    for (size_t i = 0; i < d->found.count; i++) {
        struct item *item = items_get(&d->items, d->found.at[i]);
        if (item->worker) {
            item->worker->done++;
            end_lease(d, item);
        }
        items_remove(&d->items, d->found.at[i]);
    }
    return 0;
}

/* Commits what of [lo, hi] was not in the last COMMIT. *k walks over the ranges known. */
static int commit_news(struct dispatch *d, struct range range, const struct known *known,
                       size_t *k) {
    uint64_t at = range.lo;
    while (*k < known->count && known->ranges[*k].hi < at)
        ++*k;
    for (size_t i = *k; i < known->count && known->ranges[i].lo <= range.hi; i++) {
        const struct range *old = &known->ranges[i];
        int err = old->lo > at ? commit_range(d, at, old->lo - 1) : 0;
        if (err < 0 || old->hi >= range.hi)
            return err;
        if (old->hi >= at)
            at = old->hi + 1;
    }
    return commit_range(d, at, range.hi);
}

static const struct journal_run *run_of(const struct dispatch *d, struct uuid uuid) {
    size_t count;
    const struct journal_run *runs = journal_runs(d->journal, &count);
    while (count > 0 && !uuid_eq(runs[count - 1].uuid, uuid))
        count--;
    return count > 0 ? &runs[count - 1] : NULL;
}

static struct known *known_of(struct dispatch *d, struct uuid run) {
    for (size_t i = 0; i < d->known_count; i++)
        if (uuid_eq(d->known[i].run, run))
            return &d->known[i];
    d->known = mem_resize(d->known, d->known_count + 1, sizeof *d->known);
    struct known *known = &d->known[d->known_count++];
    known->run = run;
    known->count = 0;
    return known;
}

/* What the COMMIT says, as far as the run took it. */
static void clip(const struct commit *commit, const struct journal_run *run,
                 struct known *out) {
    out->run = run->uuid;
    out->count = 0;
    for (size_t i = 0; i <= commit->range_count; i++) {
        struct range range = {1, commit->upto};
        if (i > 0)
            range = commit->ranges[i - 1];
        if (range.lo < run->first)
            range.lo = run->first;
        if (range.hi > run->last)
            range.hi = run->last;
        if (range.lo <= range.hi)
            out->ranges[out->count++] = range;
    }
}

int dispatch_commit(struct dispatch *d, const struct commit *commit) {
    const struct journal_run *run = run_of(d, commit->journal);
    struct known said;
    size_t k = 0;
    if (!run)
        return ERR_NOT_FOUND;
    if (commit->range_count > COMMIT_RANGES)
        return ERR_FORMAT;
    clip(commit, run, &said);
    if (said.count > 0 && said.ranges[said.count - 1].hi > journal_synced(d->journal))
        return ERR_FORMAT;
    struct known *known = known_of(d, run->uuid);
    for (size_t i = 0; i < said.count; i++) {
        int err = commit_news(d, said.ranges[i], known, &k);
        if (err < 0)
            return err;
    }
    *known = said;
    return 0;
}

void dispatch_sinks(struct dispatch *d, size_t count, int64_t now_ms) {
    size_t at = 0;
    if (d->sinks == 0 && count > 0)
        for (struct item *item; (item = items_each(&d->items, &at));)
            item->deadline_ms = now_ms + d->conf.lease_ms;
    d->sinks = count;
}

/* ---- handing out ---- */

static bool has_credit(const struct worker *worker) {
    return account_is_open(worker->credit) && !worker->blocked;
}

static bool may_work(const struct dispatch *d, const struct worker *worker) {
    return has_credit(worker) && !worker->alone && worker != d->clearing;
}

/* The least loaded one that may work; *count: how many may. */
static struct worker *pick_worker(const struct dispatch *d, uint64_t *count) {
    struct worker *best = NULL;
    *count = 0;
    for (struct worker *w = d->workers; w; w = w->next) {
        if (!may_work(d, w))
            continue;
        ++*count;
        if (!best || w->leased < best->leased)
            best = w;
    }
    return best;
}

/* 0: read; > 0: it is no longer there, or was damaged on the disk and is buried; < 0: it
 * has to be asked for again later. */
static int read_or_bury(struct dispatch *d, uint64_t index, struct view *record) {
    int err = journal_read(d->journal, index, record);
    if (err == 0)
        return 0;
    if (err != ERR_NOT_FOUND)
        return bury(d, index, "its bytes have been damaged on the disk") < 0 ? err : 1;
    if (items_get(&d->items, index))
        items_remove(&d->items, index);
    return 1;
}

/* The oldest that can be read; 0: there is none. */
static uint64_t take_readable(struct dispatch *d, struct view *record) {
    uint64_t index;
    while ((index = take_oldest(d)) != 0) {
        int err = read_or_bury(d, index, record);
        if (err == 0)
            return index;
        if (err < 0) {
            put_back(d, index);
            return 0;
        }
    }
    return 0;
}

static void put_work(struct dispatch *d, uint64_t index, struct view record) {
    const struct item *item = items_get(&d->items, index);
    struct report_id id = {journal_uuid_of(d->journal, index), index};
    work_put(&d->out, id, item ? item->handed + 1 : 1, record);
}

static bool add_to_batch(struct dispatch *d, const struct worker *worker,
                         int64_t *bytes) {
    struct view record;
    uint64_t index = take_readable(d, &record);
    if (!index)
        return false;
    // A worker with any credit takes one report of whatever size, or it would never go.
    bool first = d->batch_count == 0;
    bool fits = d->out.len + FRAME_HEAD_BYTES + record.len <= DISPATCH_BATCH_BYTES &&
                *bytes + (int64_t)record.len <= worker->credit.bytes;
    if (!first && !fits) {
        put_back(d, index);
        return false;
    }
    put_work(d, index, record);
    *bytes += (int64_t)record.len;
    d->batch[d->batch_count++] = index;
    return true;
}

static void lease(struct dispatch *d, struct worker *worker, uint64_t index,
                  int64_t now_ms) {
    struct item *item = items_get(&d->items, index);
    if (!item)
        item = items_put(&d->items, index);
    item->worker = worker;
    item->deadline_ms = now_ms + d->conf.lease_ms;
    item->done_before = worker->beat.done;
    item->handed++;
    worker->leased++;
    d->leased++;
}

static bool send_batch(struct dispatch *d, struct worker *worker, int64_t bytes,
                       int64_t now_ms) {
    if (d->calls->send(d->context, worker->peer, buf_view(&d->out)) < 0) {
        worker->blocked = true;
        for (size_t i = 0; i < d->batch_count; i++)
            put_back(d, d->batch[i]);
        return false;
    }
    for (size_t i = 0; i < d->batch_count; i++)
        lease(d, worker, d->batch[i], now_ms);
    worker->credit.messages -= (int64_t)d->batch_count;
    worker->credit.bytes -= bytes;
    return true;
}

/* One message for one worker: its share of what waits, as far as credit and size allow.
 */
static bool hand_batch(struct dispatch *d, struct worker *worker, uint64_t share,
                       int64_t now_ms) {
    int64_t bytes = 0;
    uint64_t most = share < BATCH_REPORTS ? share : BATCH_REPORTS;
    if (most > (uint64_t)worker->credit.messages)
        most = (uint64_t)worker->credit.messages;
    buf_clear(&d->out);
    d->batch_count = 0;
    while (d->batch_count < most && add_to_batch(d, worker, &bytes))
        ;
    if (d->batch_count == 0)
        return false;
    send_batch(d, worker, bytes, now_ms);
    return true; // refused or not: the others may still take some
}

static bool hand_alone(struct dispatch *d, struct worker *worker, uint64_t index,
                       int64_t now_ms) {
    struct view record;
    heap_pop(&d->suspects);
    int err = read_or_bury(d, index, &record);
    if (err < 0)
        put_back(d, index);
    if (err != 0)
        return err > 0;
    buf_clear(&d->out);
    put_work(d, index, record);
    d->batch[0] = index;
    d->batch_count = 1;
    if (send_batch(d, worker, (int64_t)record.len, now_ms))
        worker->alone = index;
    return true;
}

/* Each suspect goes to a worker that has nothing else; if there is none, one is kept free
 * of new work until it has nothing. */
static void hand_suspects(struct dispatch *d, int64_t now_ms) {
    uint64_t index, count;
    d->clearing = NULL;
    while ((index = heap_first(d, &d->suspects)) != 0) {
        struct worker *worker = pick_worker(d, &count);
        if (!worker)
            return;
        if (worker->leased > 0) {
            d->clearing = worker;
            return;
        }
        if (!hand_alone(d, worker, index, now_ms))
            return;
    }
}

static bool anything_waits(struct dispatch *d) {
    uint64_t index;
    return heap_first(d, &d->ready) || (d->items.count < DISPATCH_ITEMS &&
                                        journal_next(d->journal, d->cursor, &index) == 0);
}

static void expire(struct dispatch *d, int64_t now_ms) {
    size_t at = 0;
    d->found.count = 0;
    for (const struct item *item; (item = items_each(&d->items, &at));)
        if (item->worker && item->deadline_ms <= now_ms)
            add_index(&d->found, item->index);
    for (size_t i = 0; i < d->found.count; i++) {
        struct item *item = items_get(&d->items, d->found.at[i]);
        item->worker->overdue = true;
        d->expired++;
        requeue(d, item, 0);
    }
}

static bool is_old(const struct dispatch *d, uint64_t index) {
    int64_t since_ms;
    return journal_since(d->journal, index, &since_ms) == 0 &&
           d->wall_ms - since_ms > d->conf.max_age_ms;
}

/* Gathers what waits and is too old: of those that were out, and behind the cursor from
 * the oldest on. */
static void find_old(struct dispatch *d) {
    uint64_t index = d->cursor;
    size_t at = 0;
    d->found.count = 0;
    for (const struct item *item;
         d->found.count < OLD_REPORTS && (item = items_each(&d->items, &at));)
        if (!item->worker && is_old(d, item->index))
            add_index(&d->found, item->index);
    while (d->found.count < OLD_REPORTS && journal_next(d->journal, index, &index) == 0 &&
           is_old(d, index))
        add_index(&d->found, index);
}

static void bury_old(struct dispatch *d) {
    char reason[80];
    snprintf(reason, sizeof reason, "not done within --max-age (%lld s)",
             (long long)(d->conf.max_age_ms / 1000));
    find_old(d);
    for (size_t i = 0; i < d->found.count; i++)
        if (bury(d, d->found.at[i], reason) < 0)
            return;
}

static void sweep(struct dispatch *d, int64_t now_ms) {
    d->sweep_ms = now_ms + DISPATCH_SWEEP_MS;
    for (struct worker *w = d->workers; w; w = w->next)
        w->blocked = false;
    if (d->sinks > 0)
        expire(d, now_ms);
    if (d->conf.max_age_ms > 0 && !d->closed)
        bury_old(d);
}

static uint64_t queued(const struct dispatch *d) {
    uint64_t live = journal_counts(d->journal).live;
    return live > d->leased ? live - d->leased : 0;
}

void dispatch_turn(struct dispatch *d, int64_t now_ms, int64_t wall_ms) {
    d->wall_ms = wall_ms;
    if (now_ms >= d->sweep_ms)
        sweep(d, now_ms);
    if (d->closed)
        return;
    release_due(d, now_ms);
    hand_suspects(d, now_ms);
    while (anything_waits(d)) {
        uint64_t count;
        struct worker *worker = pick_worker(d, &count);
        if (!worker || !hand_batch(d, worker, (queued(d) + count - 1) / count, now_ms))
            return;
    }
}

void dispatch_close(struct dispatch *d) { d->closed = true; }

/* ---- how it stands ---- */

struct dispatch_counts dispatch_counts(const struct dispatch *d) {
    struct journal_counts kept = journal_counts(d->journal);
    return (struct dispatch_counts){.accepted = kept.accepted,
                                    .committed = kept.committed,
                                    .dead = kept.dead,
                                    .leased = d->leased,
                                    .queued = queued(d),
                                    .expired = d->expired,
                                    .lost = d->lost};
}

bool dispatch_balanced(const struct dispatch *d) {
    struct dispatch_counts c = dispatch_counts(d);
    uint64_t out = 0, by_worker = 0;
    size_t at = 0;
    for (const struct item *item; (item = items_each(&d->items, &at));)
        out += item->worker != NULL;
    for (const struct worker *w = d->workers; w; w = w->next)
        by_worker += w->leased;
    return out == c.leased && by_worker == out &&
           c.accepted == c.committed + c.dead + c.leased + c.queued;
}

struct worker_view worker_view(const struct worker *worker) {
    int64_t credit =
        worker->credit.messages < UINT32_MAX ? worker->credit.messages : UINT32_MAX;
    return (struct worker_view){worker->leased, worker->done, (uint32_t)credit};
}
