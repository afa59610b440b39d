/* Dispatch: fake workers, a schedule of joins, deaths and commits, and books that
 * balance. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/dispatch.h"

#define LEASE_MS   1000
#define WORKERS    8
#define HELD       4096
#define MANY       3000
#define MAX_REPORT 64
#define WALL_MS    1600000000000

/* A worker as the other side sees it: what it was given and has not yet passed on. */
struct fake {
    struct worker *worker; /* NULL: not there */
    uint64_t held[HELD];
    struct uuid runs[HELD];
    size_t count;
    size_t messages; /* ever received */
    bool refuses;    /* takes no message */
};

struct world {
    const char *dir;
    struct journal *journal;
    struct dispatch *dispatch;
    struct fake fakes[WORKERS];
    int64_t now_ms;
    uint64_t random;
    bool done[MANY + 1];      /* committed at the sink */
    unsigned times[MANY + 1]; /* how often that happened first */
    uint64_t buried, buried_index;
    unsigned attempts;
    char reason[200];
};

static int on_send(void *context, void *peer, struct view frames) {
    struct fake *fake = peer;
    struct frame frame;
    (void)context;
    if (fake->refuses)
        return ERR_AGAIN;
    fake->messages++;
    while (frames.len > 0) {
        assert_int_equal(frame_take(&frames, &frame), 0);
        assert_int_equal(frame.kind, FRAME_WORK);
        assert_true(fake->count < HELD);
        fake->runs[fake->count] = frame.id.journal;
        fake->held[fake->count++] = frame.id.index;
    }
    return 0;
}

static void on_buried(void *context, uint64_t index, unsigned attempts,
                      const char *reason) {
    struct world *w = context;
    w->buried++;
    w->buried_index = index;
    w->attempts = attempts;
    snprintf(w->reason, sizeof w->reason, "%s", reason);
}

static const struct dispatch_calls calls = {.send = on_send, .buried = on_buried};

static void open_world(struct world *w, int64_t max_age_ms) {
    struct journal_conf journal = {
        .max_bytes = 1 << 24, .remember = 16, .remember_ms = 1};
    struct dispatch_conf conf = {LEASE_MS, max_age_ms};
    assert_int_equal(journal_open(w->dir, &journal, &w->journal, NULL), 0);
    w->dispatch = dispatch_new(w->journal, &conf, &calls, w);
    dispatch_sinks(w->dispatch, 1, 0);
}

static void close_world(struct world *w) {
    dispatch_free(w->dispatch);
    journal_close(w->journal);
    memset(w->fakes, 0, sizeof w->fakes);
}

static struct world *world_new(void) {
    struct world *w = calloc(1, sizeof *w);
    w->dir = scratch_dir();
    w->random = 1;
    open_world(w, 0);
    return w;
}

static void world_free(struct world *w) {
    close_world(w);
    free(w);
}

static void check_books(const struct world *w) {
    struct dispatch_counts c = dispatch_counts(w->dispatch);
    assert_true(dispatch_balanced(w->dispatch));
    assert_int_equal(c.accepted, c.committed + c.dead + c.leased + c.queued);
}

static void turn(struct world *w, int64_t ms) {
    w->now_ms += ms;
    dispatch_turn(w->dispatch, w->now_ms, WALL_MS + w->now_ms);
    check_books(w);
}

static void accept(struct world *w, size_t count) {
    struct identity identity = {.version = 0};
    uint64_t index;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(journal_append(w->journal, VIEW_LIT("a report"), &identity,
                                        WALL_MS + w->now_ms, &index),
                         0);
    journal_sync(w->journal, NULL);
    dispatch_arrived(w->dispatch);
    check_books(w);
}

static void join(struct world *w, size_t i, uint32_t messages, uint64_t bytes) {
    struct fake *fake = &w->fakes[i];
    fake->worker = dispatch_join(w->dispatch, fake);
    fake->count = 0;
    dispatch_credit(w->dispatch, fake->worker, (struct credit){messages, bytes});
}

static void leave(struct world *w, size_t i, bool parted) {
    dispatch_leave(w->dispatch, w->fakes[i].worker, parted, w->now_ms);
    w->fakes[i].worker = NULL;
    w->fakes[i].count = 0;
    check_books(w);
}

/* The sink's word: all that is done, as ranges. */
static int commit(struct world *w) {
    struct range ranges[COMMIT_RANGES];
    struct commit c = {.journal = journal_uuid(w->journal), .ranges = ranges};
    while (c.upto < MANY && w->done[c.upto + 1])
        c.upto++;
    for (uint64_t i = c.upto + 1; i <= MANY && c.range_count < COMMIT_RANGES; i++) {
        if (!w->done[i])
            continue;
        if (c.range_count > 0 && ranges[c.range_count - 1].hi == i - 1)
            ranges[c.range_count - 1].hi = i;
        else
            ranges[c.range_count++] = (struct range){i, i};
    }
    int err = dispatch_commit(w->dispatch, &c);
    check_books(w);
    return err;
}

static void nack(struct world *w, size_t i, uint64_t index, enum nack class_) {
    struct frame frame = {.kind = FRAME_NACK, .number = class_, .body = VIEW_LIT("why")};
    assert_int_equal(
        dispatch_nack(w->dispatch, w->fakes[i].worker, index, &frame, w->now_ms), 0);
    check_books(w);
}

/* ---- handing out ---- */

static void dispatch_turn__hands_out_the_oldest_first(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 10);
    join(w, 0, 4, 1 << 20);

    turn(w, 0);

    assert_int_equal(w->fakes[0].count, 4);
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(w->fakes[0].held[i], i + 1);
    assert_int_equal(w->fakes[0].messages, 1);
    assert_int_equal(dispatch_counts(w->dispatch).queued, 6);
    world_free(w);
}

static void dispatch_turn__shares_among_workers(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 40);
    for (size_t i = 0; i < 4; i++)
        join(w, i, 64, 1 << 20);

    turn(w, 0);

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(w->fakes[i].count, 10);
    world_free(w);
}

static void dispatch_turn__hands_out_only_what_is_safe(void **state) {
    struct world *w = world_new();
    struct identity identity = {.version = 0};
    uint64_t index;
    (void)state;
    join(w, 0, 4, 1 << 20);

    journal_append(w->journal, VIEW_LIT("x"), &identity, 0, &index);
    turn(w, 0);
    assert_int_equal(w->fakes[0].count, 0);

    journal_sync(w->journal, NULL);
    dispatch_arrived(w->dispatch);
    turn(w, 0);
    assert_int_equal(w->fakes[0].count, 1);
    world_free(w);
}

static void dispatch_turn__keeps_to_the_bytes_but_moves_large_ones(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 10); // of eight bytes each

    join(w, 0, 10, 20);
    turn(w, 0);
    assert_int_equal(w->fakes[0].count, 3); // two fit, the third uses up the rest

    join(w, 1, 10, 1);
    turn(w, 0);
    assert_int_equal(w->fakes[1].count, 1);
    world_free(w);
}

static void dispatch_turn__fills_messages_up_to_their_size(void **state) {
    struct world *w = world_new();
    struct identity identity = {.version = 0};
    static char big[100 * 1024];
    uint64_t index;
    (void)state;
    for (int i = 0; i < 6; i++)
        journal_append(w->journal, view_n(big, sizeof big), &identity, 0, &index);
    accept(w, 0);
    join(w, 0, 100, 1 << 30);

    turn(w, 0);

    assert_int_equal(w->fakes[0].count, 6);
    assert_int_equal(w->fakes[0].messages, 3);
    world_free(w);
}

static void dispatch_turn__asks_again_when_a_message_was_not_taken(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 5);
    join(w, 0, 10, 1 << 20);
    w->fakes[0].refuses = true;
    turn(w, 0);
    assert_int_equal(dispatch_counts(w->dispatch).queued, 5);

    w->fakes[0].refuses = false;
    turn(w, DISPATCH_SWEEP_MS);

    assert_int_equal(w->fakes[0].count, 5);
    assert_int_equal(w->fakes[0].held[0], 1);
    world_free(w);
}

/* ---- leases ---- */

static void dispatch_leave__hands_all_to_others_at_once(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 8);
    join(w, 0, 8, 1 << 20);
    turn(w, 0);
    join(w, 1, 8, 1 << 20);

    leave(w, 0, false);
    turn(w, 0);

    assert_int_equal(w->fakes[1].count, 8);
    assert_int_equal(w->fakes[1].held[0], 1);
    assert_int_equal(dispatch_counts(w->dispatch).lost, 8);
    world_free(w);
}

static void dispatch_lease__ends_with_its_time(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 2);
    join(w, 0, 2, 1 << 20);
    turn(w, 0);
    join(w, 1, 2, 1 << 20);

    turn(w, LEASE_MS - 1);
    assert_int_equal(w->fakes[1].count, 0);
    turn(w, DISPATCH_SWEEP_MS + 1);
    assert_int_equal(w->fakes[1].count, 2);
    assert_int_equal(dispatch_counts(w->dispatch).expired, 2);
    world_free(w);
}

static void dispatch_lease__waits_while_there_is_no_sink(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 1);
    join(w, 0, 1, 1 << 20);
    turn(w, 0);
    join(w, 1, 1, 1 << 20);
    dispatch_sinks(w->dispatch, 0, w->now_ms);

    turn(w, 10 * LEASE_MS);
    dispatch_sinks(w->dispatch, 1, w->now_ms);
    turn(w, LEASE_MS / 2);
    assert_int_equal(w->fakes[1].count, 0);
    turn(w, LEASE_MS);
    assert_int_equal(w->fakes[1].count, 1);
    world_free(w);
}

static void dispatch_nack__gives_back_and_tries_later(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 1);
    join(w, 0, 100, 1 << 20);
    turn(w, 0);

    for (int i = 0; i < 20; i++) {
        nack(w, 0, 1, NACK_RETRY);
        turn(w, 0);
        assert_int_equal(dispatch_counts(w->dispatch).queued, 1);
        turn(w, DISPATCH_RETRY_MAX_MS);
        assert_int_equal(dispatch_counts(w->dispatch).leased, 1);
    }

    assert_int_equal(w->buried, 0);
    world_free(w);
}

static void dispatch_nack__buries_after_five_attempts(void **state) {
    struct world *w = world_new();
    struct dead_letter letter;
    (void)state;
    accept(w, 2);
    join(w, 0, 100, 1 << 20);

    for (int i = 0; i < DISPATCH_ATTEMPTS; i++) {
        turn(w, DISPATCH_RETRY_MAX_MS);
        nack(w, 0, 2, NACK_POISON);
    }

    assert_int_equal(w->buried, 1);
    assert_int_equal(w->buried_index, 2);
    assert_int_equal(w->attempts, DISPATCH_ATTEMPTS);
    assert_non_null(strstr(w->reason, "why"));
    assert_int_equal(journal_sync(w->journal, NULL), 0);
    assert_int_equal(journal_dead_next(w->journal, 0, &letter), 0);
    assert_view_is(letter.bytes, "a report");
    assert_int_equal(dispatch_counts(w->dispatch).dead, 1);
    world_free(w);
}

static void dispatch_nack__of_a_stranger_is_nothing(void **state) {
    struct world *w = world_new();
    struct frame frame = {.number = NACK_POISON, .body = VIEW_LIT("")};
    (void)state;
    accept(w, 1);
    join(w, 0, 1, 1 << 20);
    join(w, 1, 1, 1 << 20);
    turn(w, 0);
    struct worker *idle = w->fakes[w->fakes[0].count > 0 ? 1 : 0].worker;

    assert_int_equal(dispatch_nack(w->dispatch, idle, 1, &frame, 0), ERR_NOT_FOUND);
    assert_int_equal(dispatch_nack(w->dispatch, idle, 99, &frame, 0), ERR_NOT_FOUND);
    check_books(w);
    world_free(w);
}

/* ---- attempts ---- */

static void dispatch_leave__charges_what_was_started(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 2);

    for (int i = 0; i < 2; i++) {
        join(w, 0, 10, 1 << 20);
        turn(w, 0);
        struct heartbeat beat = {.sequence = 1, .started = 2};
        dispatch_beat(w->dispatch, w->fakes[0].worker, &beat);
        leave(w, 0, false);
        join(w, 1, 10, 1 << 20); // the innocent one goes out at once, the other waits
        turn(w, 0);
        assert_int_equal(w->fakes[1].count, 1);
        assert_int_equal(w->fakes[1].held[0], 1);
        leave(w, 1, true);
        w->now_ms += DISPATCH_RETRY_MAX_MS;
    }

    world_free(w);
}

/* A worker that dies in the same breath in which it takes up the report never says so. */
static void dispatch_leave__finds_the_killer_that_was_not_named(void **state) {
    struct world *w = world_new();
    const uint64_t killer = 7;
    (void)state;
    accept(w, 20);

    for (int life = 0; life < 200 && w->buried == 0; life++) {
        struct fake *fake = &w->fakes[0];
        join(w, 0, 64, 1 << 20);
        for (int i = 0; i < 200; i++) {
            turn(w, LEASE_MS / 10);
            if (fake->count == 0 || fake->held[0] == killer)
                break;
            w->done[fake->held[0]] = true;
            memmove(fake->held, fake->held + 1, --fake->count * sizeof *fake->held);
            commit(w);
        }
        leave(w, 0, fake->count == 0);
    }

    assert_int_equal(w->buried, 1);
    assert_int_equal(w->buried_index, killer);
    assert_int_equal(dispatch_counts(w->dispatch).committed, 19);
    world_free(w);
}

static void dispatch_leave__charges_nobody_for_a_goodbye(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 1);

    for (int i = 0; i < 3 * DISPATCH_ATTEMPTS; i++) {
        join(w, 0, 10, 1 << 20);
        turn(w, 0);
        assert_int_equal(w->fakes[0].count, 1);
        struct heartbeat beat = {.sequence = 1, .started = 1};
        dispatch_beat(w->dispatch, w->fakes[0].worker, &beat);
        leave(w, 0, true);
    }

    assert_int_equal(w->buried, 0);
    world_free(w);
}

/* ---- commits ---- */

static void dispatch_commit__deletes_and_may_be_repeated(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 10);
    join(w, 0, 5, 1 << 20);
    turn(w, 0);
    w->done[1] = w->done[2] = w->done[4] = w->done[9] =
        true; // 9 never went out from here

    assert_int_equal(commit(w), 0);
    assert_int_equal(commit(w), 0);

    struct dispatch_counts c = dispatch_counts(w->dispatch);
    assert_int_equal(c.committed, 4);
    assert_int_equal(c.leased, 2);
    assert_int_equal(c.queued, 4);
    assert_int_equal(worker_view(w->fakes[0].worker).done, 3);
    world_free(w);
}

static void dispatch_commit__refuses_what_cannot_be(void **state) {
    struct world *w = world_new();
    struct commit c = {.upto = 11};
    (void)state;
    accept(w, 10);

    assert_int_equal(dispatch_commit(w->dispatch, &c), ERR_NOT_FOUND);
    c.journal = journal_uuid(w->journal);
    assert_int_equal(dispatch_commit(w->dispatch, &c), ERR_FORMAT);

    assert_int_equal(dispatch_counts(w->dispatch).committed, 0);
    world_free(w);
}

static void dispatch_commit__goes_by_runs(void **state) {
    struct world *w = world_new();
    struct range all = {1, 100};
    (void)state;
    accept(w, 10);
    struct commit old = {.journal = journal_uuid(w->journal), .upto = 4};
    close_world(w);
    open_world(w, 0);
    accept(w, 10);
    struct commit new = {.journal = journal_uuid(w->journal), .upto = 15};
    join(w, 0, 20, 1 << 20);
    turn(w, 0);
    assert_int_equal(w->fakes[0].count, 20);
    assert_true(uuid_eq(w->fakes[0].runs[9], old.journal));
    assert_true(uuid_eq(w->fakes[0].runs[10], new.journal));

    assert_int_equal(dispatch_commit(w->dispatch, &new), 0);
    assert_int_equal(dispatch_counts(w->dispatch).committed, 5);
    assert_int_equal(dispatch_commit(w->dispatch, &old), 0);
    assert_int_equal(dispatch_counts(w->dispatch).committed, 9);
    // From before the journal was put back from a copy: it had taken more then.
    old.ranges = &all;
    old.range_count = 1;
    old.upto = 0;
    assert_int_equal(dispatch_commit(w->dispatch, &old), 0);
    assert_int_equal(dispatch_counts(w->dispatch).committed, 15);
    assert_int_equal(dispatch_counts(w->dispatch).leased, 5);
    new.upto = 21;
    assert_int_equal(dispatch_commit(w->dispatch, &new), ERR_FORMAT);
    check_books(w);
    world_free(w);
}

/* ---- dead letters ---- */

static void kill_first(struct world *w) {
    for (int i = 0; i < DISPATCH_ATTEMPTS; i++) {
        turn(w, DISPATCH_RETRY_MAX_MS);
        nack(w, 0, 1, NACK_POISON);
    }
    journal_sync(w->journal, NULL);
    assert_int_equal(dispatch_counts(w->dispatch).dead, 1);
}

static void dispatch_revive__hands_it_out_after_the_sync(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 1);
    join(w, 0, 100, 1 << 20);
    kill_first(w);
    w->fakes[0].count = 0;

    assert_int_equal(journal_revive(w->journal, 1, WALL_MS), 0);
    dispatch_revive(w->dispatch, 1);
    dispatch_arrived(w->dispatch);
    turn(w, 0);
    assert_int_equal(w->fakes[0].count, 0);
    assert_int_equal(dispatch_counts(w->dispatch).queued, 1);
    accept(w, 1);
    turn(w, 0);

    assert_int_equal(w->fakes[0].count, 2);
    assert_int_equal(w->fakes[0].held[0], 1);
    w->done[1] = w->done[2] = true;
    commit(w);
    assert_int_equal(dispatch_counts(w->dispatch).committed, 2);
    world_free(w);
}

static void dispatch_commit__takes_a_report_out_of_the_dead_letters(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 1);
    join(w, 0, 100, 1 << 20);
    kill_first(w);

    w->done[1] = true; // one of those enrichers had sent a result before it failed
    commit(w);

    assert_int_equal(dispatch_counts(w->dispatch).dead, 0);
    assert_int_equal(dispatch_counts(w->dispatch).committed, 1);
    world_free(w);
}

static void dispatch_turn__buries_what_is_too_old(void **state) {
    struct world *w = world_new();
    (void)state;
    close_world(w);
    open_world(w, 5000);
    accept(w, 3000);
    w->now_ms += 3000;
    accept(w, 10);
    join(w, 0, 4, 1 << 20);
    turn(w, 0);

    for (int i = 0; i < 4; i++)
        turn(w, 2500); // more than one sweep buries

    assert_int_equal(w->fakes[0].count, 4); // those that are out are let be
    assert_true(w->buried >= 2996);
    assert_non_null(strstr(w->reason, "--max-age"));
    leave(w, 0, true);
    turn(w, 2500);
    assert_int_equal(dispatch_counts(w->dispatch).dead, 3010);
    journal_sync(w->journal, NULL);

    assert_int_equal(journal_revive(w->journal, 7, WALL_MS + w->now_ms), 0);
    dispatch_revive(w->dispatch, 7);
    journal_sync(w->journal, NULL);
    dispatch_arrived(w->dispatch);
    turn(w, 4000); // it has all its time again
    assert_int_equal(dispatch_counts(w->dispatch).queued, 1);
    turn(w, 4000);
    assert_int_equal(dispatch_counts(w->dispatch).queued, 0);
    world_free(w);
}

static void dispatch_commit__after_the_lease_was_lost_still_counts(void **state) {
    struct world *w = world_new();
    (void)state;
    accept(w, 1);
    join(w, 0, 1, 1 << 20);
    turn(w, 0);
    leave(w, 0, false);
    w->done[1] = true;

    commit(w);
    join(w, 1, 1, 1 << 20);
    turn(w, 0);

    assert_int_equal(w->fakes[1].count, 0);
    assert_int_equal(dispatch_counts(w->dispatch).committed, 1);
    world_free(w);
}

/* ---- everything at once ---- */

/* A result reaches the sink: the first one counts, a second is dropped there. */
static void finish_one(struct world *w, struct fake *fake) {
    size_t i = random_below(&w->random, fake->count);
    uint64_t index = fake->held[i];
    fake->held[i] = fake->held[--fake->count];
    if (!w->done[index])
        w->times[index]++;
    w->done[index] = true;
    if (random_below(&w->random, 8) > 0) // credit may also get lost
        dispatch_credit(w->dispatch, fake->worker, (struct credit){1, MAX_REPORT});
}

static void random_step(struct world *w) {
    size_t i = random_below(&w->random, WORKERS);
    struct fake *fake = &w->fakes[i];
    switch (random_below(&w->random, 12)) {
        case 0:
            if (fake->worker && random_below(&w->random, 6) == 0)
                leave(w, i, random_below(&w->random, 3) == 0);
            break;
        case 1:
        case 2:
            if (!fake->worker)
                join(w, i, (uint32_t)random_below(&w->random, 32), 1 << 20);
            break;
        case 3:
            if (fake->worker && fake->count > 0 && random_below(&w->random, 4) == 0) {
                struct frame frame = {.number = NACK_RETRY, .body = VIEW_LIT("later")};
                dispatch_nack(w->dispatch, fake->worker, fake->held[--fake->count],
                              &frame, w->now_ms);
            }
            break;
        case 4:
            commit(w);
            break;
        case 5:
            fake->refuses = random_below(&w->random, 4) == 0;
            break;
        default:
            if (fake->worker && fake->count > 0)
                finish_one(w, fake);
            else if (fake->worker)
                dispatch_credit(w->dispatch, fake->worker, (struct credit){4, 256});
    }
}

static void dispatch_random__commits_each_report_exactly_once(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct world *w = world_new();
        uint64_t accepted = 0;
        w->random = seed;
        for (int step = 0; dispatch_counts(w->dispatch).committed < MANY; step++) {
            assert_true(step < 1000000);
            if (accepted < MANY && random_below(&w->random, 4) == 0) {
                uint64_t n = 1 + random_below(&w->random, 30);
                n = n < MANY - accepted ? n : MANY - accepted;
                accept(w, n);
                accepted += n;
            }
            random_step(w);
            turn(w, (int64_t)random_below(&w->random, 20));
        }
        for (size_t i = 1; i <= MANY; i++)
            assert_int_equal(w->times[i], 1);
        assert_int_equal(w->buried, 0);
        assert_int_equal(journal_counts(w->journal).live, 0);
        world_free(w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dispatch_turn__hands_out_the_oldest_first),
        cmocka_unit_test(dispatch_turn__shares_among_workers),
        cmocka_unit_test(dispatch_turn__hands_out_only_what_is_safe),
        cmocka_unit_test(dispatch_turn__keeps_to_the_bytes_but_moves_large_ones),
        cmocka_unit_test(dispatch_turn__fills_messages_up_to_their_size),
        cmocka_unit_test(dispatch_turn__asks_again_when_a_message_was_not_taken),
        cmocka_unit_test(dispatch_leave__hands_all_to_others_at_once),
        cmocka_unit_test(dispatch_lease__ends_with_its_time),
        cmocka_unit_test(dispatch_lease__waits_while_there_is_no_sink),
        cmocka_unit_test(dispatch_nack__gives_back_and_tries_later),
        cmocka_unit_test(dispatch_nack__buries_after_five_attempts),
        cmocka_unit_test(dispatch_nack__of_a_stranger_is_nothing),
        cmocka_unit_test(dispatch_leave__charges_what_was_started),
        cmocka_unit_test(dispatch_leave__finds_the_killer_that_was_not_named),
        cmocka_unit_test(dispatch_leave__charges_nobody_for_a_goodbye),
        cmocka_unit_test(dispatch_commit__deletes_and_may_be_repeated),
        cmocka_unit_test(dispatch_commit__refuses_what_cannot_be),
        cmocka_unit_test(dispatch_commit__goes_by_runs),
        cmocka_unit_test(dispatch_revive__hands_it_out_after_the_sync),
        cmocka_unit_test(dispatch_commit__takes_a_report_out_of_the_dead_letters),
        cmocka_unit_test(dispatch_turn__buries_what_is_too_old),
        cmocka_unit_test(dispatch_commit__after_the_lease_was_lost_still_counts),
        cmocka_unit_test(dispatch_random__commits_each_report_exactly_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
