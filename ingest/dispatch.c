#include "ingest/dispatch.h"

#include "ingest/items.h"
#include "proto/mem.h"
#include "proto/run/clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH_REPORTS 1024

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

struct dispatch {
    struct journal *journal;
    const struct dispatch_calls *calls;
    void *context;
    int64_t lease_ms;
    struct worker *workers;
    struct worker *clearing; /* gets nothing until it has nothing: for a suspect */
    struct items items;
    struct heap ready, suspects, later; /* waiting: by index, by index, by due time */
    uint64_t cursor;                    /* all up to here went out at least once */
    struct dispatch_counts counts;
    struct range *known; /* what the last COMMIT said */
    size_t known_count;
    size_t sinks;
    int64_t sweep_ms; /* when the next one is due */
    bool closed;
    struct buf out;
    uint64_t batch[BATCH_REPORTS];
    size_t batch_count;
    uint64_t *found; /* indices gathered while the items may not be touched */
    size_t found_count, found_cap;
};

struct dispatch *dispatch_new(struct journal *journal, int64_t lease_ms,
                              const struct dispatch_calls *calls, void *context) {
    struct journal_counts kept = journal_counts(journal);
    struct dispatch *d = mem_zalloc(sizeof *d);
    d->journal = journal;
    d->lease_ms = lease_ms;
    d->calls = calls;
    d->context = context;
    d->counts.accepted = kept.accepted;
    d->counts.committed = kept.committed;
    d->counts.dead = kept.dead;
    d->counts.queued = kept.live;
    d->known = mem_alloc((COMMIT_RANGES + 1) * sizeof *d->known);
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
    free(d->found);
    free(d);
}

void dispatch_arrived(struct dispatch *d) {
    struct journal_counts kept = journal_counts(d->journal);
    d->counts.queued += kept.accepted - d->counts.accepted - (kept.dead - d->counts.dead);
    d->counts.accepted = kept.accepted;
    d->counts.dead = kept.dead;
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
    d->counts.leased--;
}

static void requeue(struct dispatch *d, struct item *item, int64_t due_ms) {
    end_lease(d, item);
    d->counts.queued++;
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

/* ---- attempts ---- */

static int64_t retry_at(int64_t now_ms, unsigned times) {
    int64_t delay_ms = DISPATCH_RETRY_MAX_MS;
    if (times < 8)
        delay_ms = (int64_t)DISPATCH_RETRY_MS << (times ? times - 1 : 0);
    return now_ms + (delay_ms < DISPATCH_RETRY_MAX_MS ? delay_ms : DISPATCH_RETRY_MAX_MS);
}

static void bury(struct dispatch *d, struct item *item, const char *reason) {
    uint64_t index = item->index;
    unsigned attempts = item->charged;
    end_lease(d, item);
    items_remove(&d->items, index);
    d->counts.dead++;
    journal_bury(d->journal, index, attempts, reason, clock_wall());
    d->calls->buried(d->context, index, attempts, reason);
}

static void charge(struct dispatch *d, struct item *item, const char *reason,
                   int64_t now_ms) {
    if (++item->charged >= DISPATCH_ATTEMPTS)
        bury(d, item, reason);
    else
        requeue(d, item, retry_at(now_ms, item->charged));
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

static void found(struct dispatch *d, uint64_t index) {
    if (d->found_count == d->found_cap) {
        d->found_cap = d->found_cap ? 2 * d->found_cap : 256;
        d->found = mem_resize(d->found, d->found_cap, sizeof *d->found);
    }
    d->found[d->found_count++] = index;
}

static void find_leases_of(struct dispatch *d, const struct worker *worker) {
    size_t at = 0;
    d->found_count = 0;
    for (const struct item *item; (item = items_each(&d->items, &at));)
        if (item->worker == worker)
            found(d, item->index);
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
    d->counts.lost++;
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
    for (size_t i = 0; i < d->found_count; i++) {
        struct item *item = items_get(&d->items, d->found[i]);
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
             nack->number == NACK_POISON ? "the tagger failed on it" : "not supported",
             (int)(nack->body.len < 200 ? nack->body.len : 200), nack->body.at);
    charge(d, item, reason, now_ms);
    return 0;
}

/* ---- commits ---- */

static void find_items_in(struct dispatch *d, uint64_t lo, uint64_t hi) {
    d->found_count = 0;
    if (hi - lo < d->items.count) {
        for (uint64_t i = lo; i <= hi; i++)
            if (items_get(&d->items, i))
                found(d, i);
        return;
    }
    size_t at = 0;
    for (const struct item *item; (item = items_each(&d->items, &at));)
        if (item->index >= lo && item->index <= hi)
            found(d, item->index);
}

static void commit_range(struct dispatch *d, uint64_t lo, uint64_t hi) {
    uint64_t count = 0, were_out = 0;
    find_items_in(d, lo, hi);
    for (size_t i = 0; i < d->found_count; i++) {
        struct item *item = items_get(&d->items, d->found[i]);
        if (item->worker) {
            item->worker->done++;
            end_lease(d, item);
            were_out++;
        }
        items_remove(&d->items, d->found[i]);
    }
    journal_delete(d->journal, lo, hi, &count);
    d->counts.committed += count;
    d->counts.queued -= count - were_out;
}

/* Commits what of [lo, hi] was not in the last COMMIT. *k walks over the ranges known. */
static void commit_news(struct dispatch *d, struct range range, size_t *k) {
    uint64_t at = range.lo;
    while (*k < d->known_count && d->known[*k].hi < at)
        ++*k;
    for (size_t i = *k; i < d->known_count && d->known[i].lo <= range.hi; i++) {
        if (d->known[i].lo > at)
            commit_range(d, at, d->known[i].lo - 1);
        if (d->known[i].hi >= range.hi)
            return;
        if (d->known[i].hi >= at)
            at = d->known[i].hi + 1;
    }
    commit_range(d, at, range.hi);
}

int dispatch_commit(struct dispatch *d, const struct commit *commit) {
    uint64_t last =
        commit->range_count ? commit->ranges[commit->range_count - 1].hi : commit->upto;
    size_t k = 0, n = 0;
    struct uuid ours = journal_uuid(d->journal);
    if (!uuid_eq(commit->journal, ours))
        return ERR_NOT_FOUND;
    if (last > journal_synced(d->journal) || commit->range_count > COMMIT_RANGES)
        return ERR_FORMAT;
    if (commit->upto > 0)
        commit_news(d, (struct range){1, commit->upto}, &k);
    for (size_t i = 0; i < commit->range_count; i++)
        commit_news(d, commit->ranges[i], &k);
    if (commit->upto > 0)
        d->known[n++] = (struct range){1, commit->upto};
    for (size_t i = 0; i < commit->range_count; i++)
        d->known[n++] = commit->ranges[i];
    d->known_count = n;
    return 0;
}

void dispatch_sinks(struct dispatch *d, size_t count, int64_t now_ms) {
    size_t at = 0;
    if (d->sinks == 0 && count > 0)
        for (struct item *item; (item = items_each(&d->items, &at));)
            item->deadline_ms = now_ms + d->lease_ms;
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

static bool add_to_batch(struct dispatch *d, const struct worker *worker,
                         int64_t *bytes) {
    struct view record;
    uint64_t index = take_oldest(d);
    if (!index || journal_read(d->journal, index, &record) != 0)
        return false;
    // A worker with any credit takes one report of whatever size, or it would never go.
    bool first = d->batch_count == 0;
    bool fits = d->out.len + FRAME_HEAD_BYTES + record.len <= DISPATCH_BATCH_BYTES &&
                *bytes + (int64_t)record.len <= worker->credit.bytes;
    if (!first && !fits) {
        put_back(d, index);
        return false;
    }
    const struct item *item = items_get(&d->items, index);
    struct report_id id = {journal_uuid(d->journal), index};
    work_put(&d->out, id, item ? item->handed + 1 : 1, record);
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
    item->deadline_ms = now_ms + d->lease_ms;
    item->done_before = worker->beat.done;
    item->handed++;
    worker->leased++;
    d->counts.leased++;
    d->counts.queued--;
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

static void hand_alone(struct dispatch *d, struct worker *worker, uint64_t index,
                       int64_t now_ms) {
    struct view record;
    heap_pop(&d->suspects);
    if (journal_read(d->journal, index, &record) != 0)
        return;
    struct report_id id = {journal_uuid(d->journal), index};
    buf_clear(&d->out);
    work_put(&d->out, id, items_get(&d->items, index)->handed + 1, record);
    d->batch[0] = index;
    d->batch_count = 1;
    if (send_batch(d, worker, (int64_t)record.len, now_ms))
        worker->alone = index;
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
        hand_alone(d, worker, index, now_ms);
    }
}

static bool anything_waits(struct dispatch *d) {
    uint64_t index;
    return heap_first(d, &d->ready) || (d->items.count < DISPATCH_ITEMS &&
                                        journal_next(d->journal, d->cursor, &index) == 0);
}

static void expire(struct dispatch *d, int64_t now_ms) {
    size_t at = 0;
    d->found_count = 0;
    for (const struct item *item; (item = items_each(&d->items, &at));)
        if (item->worker && item->deadline_ms <= now_ms)
            found(d, item->index);
    for (size_t i = 0; i < d->found_count; i++) {
        struct item *item = items_get(&d->items, d->found[i]);
        item->worker->overdue = true;
        d->counts.expired++;
        requeue(d, item, 0);
    }
}

static void sweep(struct dispatch *d, int64_t now_ms) {
    d->sweep_ms = now_ms + DISPATCH_SWEEP_MS;
    for (struct worker *w = d->workers; w; w = w->next)
        w->blocked = false;
    if (d->sinks > 0)
        expire(d, now_ms);
}

void dispatch_turn(struct dispatch *d, int64_t now_ms) {
    if (now_ms >= d->sweep_ms)
        sweep(d, now_ms);
    if (d->closed)
        return;
    release_due(d, now_ms);
    hand_suspects(d, now_ms);
    while (anything_waits(d)) {
        uint64_t count;
        struct worker *worker = pick_worker(d, &count);
        if (!worker ||
            !hand_batch(d, worker, (d->counts.queued + count - 1) / count, now_ms))
            return;
    }
}

void dispatch_close(struct dispatch *d) { d->closed = true; }

/* ---- how it stands ---- */

struct dispatch_counts dispatch_counts(const struct dispatch *d) {
    return d->counts;
}

bool dispatch_balanced(const struct dispatch *d) {
    const struct dispatch_counts *c = &d->counts;
    uint64_t out = 0;
    size_t at = 0;
    for (const struct item *item; (item = items_each(&d->items, &at));)
        out += item->worker != NULL;
    uint64_t by_worker = 0;
    for (const struct worker *w = d->workers; w; w = w->next)
        by_worker += w->leased;
    struct journal_counts kept = journal_counts(d->journal);
    return out == c->leased && by_worker == out && kept.committed == c->committed &&
           kept.dead == c->dead &&
           c->accepted == c->committed + c->dead + c->leased + c->queued;
}

struct worker_view worker_view(const struct worker *worker) {
    int64_t credit =
        worker->credit.messages < UINT32_MAX ? worker->credit.messages : UINT32_MAX;
    return (struct worker_view){worker->leased, worker->done, (uint32_t)credit};
}
