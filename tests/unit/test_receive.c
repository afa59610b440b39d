/* The real thing on both sides: a receive with its journal, a link that plays an enricher
 * and peers that play an ingest, all in one loop. */
#include "tests/unit/check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proto/run/link.h"
#include "proto/run/log.h"
#include "proto/run/memory.h"
#include "proto/run/peers.h"
#include "proto/run/port.h"
#include "sink/receive.h"

#define PATIENCE_MS 10000

static const struct uuid ours = {{1, 2, 3}}, earlier = {{7}};

struct bench {
    char folder[64], results[96], work[96];
    struct loop *loop;
    struct journal *journal;
    struct receive *receive;
    struct peers *ingest;
    struct link *enricher;
    bool (*until)(const struct bench *);
    bool timed_out;
    struct sqlite3 *other; /* another program's connection to the journal */
    char db[96];
    uint32_t failed_calls;
    struct intervals committed, resumed, known; /* as heard by: enricher, ingest */
    struct intervals of_earlier;                /* by all */
    uint64_t resumes;
    struct credit credit;
    uint32_t nacks, stored_calls;
    uint32_t last_nack;
    struct buf out;
};

/* ---- the ends ---- */

static void note_state(struct bench *b, struct intervals *set,
                       const struct frame *frame) {
    struct range ranges[COMMIT_RANGES];
    struct commit commit;

    assert_int_equal(commit_read(frame, &commit, ranges), 0);
    if (uuid_eq(commit.journal, earlier))
        set = &b->of_earlier;
    else
        assert_true(uuid_eq(commit.journal, ours));
    for (uint64_t n = 1; n <= commit.upto; n++)
        intervals_insert(set, n);
    for (size_t i = 0; i < commit.range_count; i++)
        for (uint64_t n = ranges[i].lo; n <= ranges[i].hi; n++)
            intervals_insert(set, n);
}

static void enricher_up(void *context, const struct welcome *welcome) {
    (void)context;
    assert_int_equal(welcome->self.bytes[0], 9); // the epoch
}

static void enricher_frame(void *context, const struct frame *frame) {
    struct bench *b = context;
    struct credit credit;

    if (frame->kind == FRAME_COMMIT)
        note_state(b, &b->committed, frame);
    if (frame->kind == FRAME_CREDIT && credit_read(frame, &credit) == 0) {
        b->credit.messages += credit.messages;
        b->credit.bytes += credit.bytes;
    }
    if (frame->kind == FRAME_NACK) {
        b->nacks++;
        b->last_nack = frame->number;
    }
}

static void enricher_refused(void *context, const char *why) {
    (void)context;
    fail_msg("%s", why);
}

static const struct link_calls enricher_calls = {
    .up = enricher_up, .frame = enricher_frame, .refused = enricher_refused};

static void ingest_joined(void *context, struct peer *peer) {
    (void)context;
    assert_int_equal(peer->role, ROLE_SINK);
}

static void ingest_left(void *context, struct peer *peer, const char *why) {
    (void)context;
    (void)peer;
    (void)why;
}

static void ingest_frame(void *context, struct peer *peer, const struct frame *frame) {
    struct bench *b = context;

    (void)peer;
    if (frame->kind == FRAME_RESUME)
        note_state(b, &b->resumed, frame);
    if (frame->kind == FRAME_COMMIT)
        note_state(b, &b->known, frame);
    b->resumes += frame->kind == FRAME_RESUME;
}

static const struct peers_calls ingest_calls = {
    .joined = ingest_joined, .left = ingest_left, .frame = ingest_frame};

/* ---- the bench ---- */

/* What the other program does to the journal. */
static void meddle(struct bench *b, const char *sql) {
    if (!b->other)
        assert_int_equal(sqlite3_open(b->db, &b->other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(b->other, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void count_stored(void *context) { ((struct bench *)context)->stored_calls++; }

static void count_failed(void *context, const char *why) {
    assert_non_null(strstr(why, "events.db"));
    ((struct bench *)context)->failed_calls++;
}

static void look(void *context) {
    struct bench *b = context;

    if (b->until && b->until(b))
        loop_stop(b->loop, 0);
}

static void give_up(void *context) {
    struct bench *b = context;

    b->timed_out = true;
    loop_stop(b->loop, 1);
}

static void run_until(struct bench *b, bool (*until)(const struct bench *)) {
    struct loop_timer *timer = loop_timer_new(b->loop, PATIENCE_MS, 0, give_up, b);
    struct loop_timer *often = loop_timer_new(b->loop, 1, 1, look, b);

    b->until = until;
    loop_run(b->loop);
    loop_timer_free(timer);
    loop_timer_free(often);
    assert_false(b->timed_out);
}

static void open_ingest(struct bench *b) {
    struct peers_conf conf = {.roles = 1u << ROLE_SINK,
                              .welcome = {.self = ours,
                                          .heartbeat_ms = 1000,
                                          .lease_ms = 30000,
                                          .software = VIEW_LIT("test"),
                                          .older = {(const char *)earlier.bytes, 16}},
                              .max_message = 1 << 20,
                              .max_peers = 4};

    b->ingest = peers_new(b->loop, &conf, &ingest_calls, b);
    assert_int_equal(peers_bind(b->ingest, b->work, NULL), 0);
}

static void open_enricher(struct bench *b) {
    struct hello hello = {.role = ROLE_ENRICH,
                          .self = {{4}},
                          .name = VIEW_LIT("tester"),
                          .software = VIEW_LIT("test")};

    assert_int_equal(
        link_new(b->loop, b->results, &hello, &enricher_calls, b, &b->enricher, NULL), 0);
}

static bool has_credit(const struct bench *b) {
    return link_is_up(b->enricher) && b->credit.messages && b->resumes;
}

static int64_t wall_ms = 1000; // the clock by which embargoes end

static int64_t set_clock(void) { return wall_ms; }

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    struct journal_conf journal = {.path = b->db, .epoch = {{9}}, .wall_ms = set_clock};
    struct receive_conf conf = {.credit = {4, 100000},
                                .wall_ms = set_clock,
                                .stored = count_stored,
                                .failed = count_failed,
                                .context = b};

    strcpy(b->folder, "/tmp/test_receive.XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->results, sizeof b->results, "ipc://%s/results.sock", b->folder);
    snprintf(b->work, sizeof b->work, "ipc://%s/work.sock", b->folder);
    b->loop = loop_new();
    snprintf(b->db, sizeof b->db, "%s/events.db", b->folder);
    assert_int_equal(journal_open(&journal, &b->journal, NULL), 0);
    conf.loop = b->loop;
    conf.journal = b->journal;
    b->receive = receive_new(&conf);
    assert_int_equal(receive_bind(b->receive, b->results, NULL), 0);
    assert_int_equal(receive_connect(b->receive, b->work, NULL), 0);
    open_ingest(b);
    open_enricher(b);
    run_until(b, has_credit);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;

    link_free(b->enricher);
    receive_free(b->receive);
    peers_free(b->ingest);
    journal_close(b->journal);
    loop_free(b->loop);
    intervals_release(&b->committed);
    intervals_release(&b->resumed);
    intervals_release(&b->known);
    intervals_release(&b->of_earlier);
    buf_release(&b->out);
    sqlite3_close(b->other);
    remove(b->db);
    remove(b->results + strlen("ipc://"));
    remove(b->work + strlen("ipc://"));
    rmdir(b->folder);
    free(b);
    return 0;
}

static void add_result_of(struct bench *b, struct report_id id, uint32_t crc,
                          const char *json) {
    size_t begun = frame_begin(&b->out, FRAME_RESULT, crc, id);

    result_put(&b->out, &(struct result_story){VIEW_LIT("guid"), 1, 1, 1, false,
                                               view_of(json), 0});
    frame_end(&b->out, begun);
}

static void add_held(struct bench *b, uint64_t index, int64_t embargo_ms) {
    size_t begun = frame_begin(&b->out, FRAME_RESULT, 7, (struct report_id){ours, index});

    result_put(&b->out, &(struct result_story){.part = 1,
                                               .parts = 1,
                                               .json = VIEW_LIT("{}"),
                                               .embargo_ms = embargo_ms});
    frame_end(&b->out, begun);
}

static void add_result(struct bench *b, uint64_t index, uint32_t crc, const char *json) {
    add_result_of(b, (struct report_id){ours, index}, crc, json);
}

static void send_results(struct bench *b) {
    assert_int_equal(link_send(b->enricher, buf_view(&b->out)), 0);
    buf_clear(&b->out);
}

/* ---- what it does ---- */

static bool both_know_2_and_4(const struct bench *b) {
    return b->committed.count == 2 && b->known.count == 2 && b->credit.messages == 4 + 2;
}

static void result__is_stored_and_committed_to_both_sides(void **state) {
    struct bench *b = *state;

    add_result(b, 2, 7, "{\"n\":2}");
    add_result(b, 4, 7, "{\"n\":4}");
    send_results(b);
    run_until(b, both_know_2_and_4);

    assert_true(intervals_has(&b->known, 2) && intervals_has(&b->known, 4));
    assert_int_equal(journal_durable(b->journal), 2);
    assert_int_equal(b->stored_calls, 1); // one group
    assert_int_equal(receive_stored(b->receive), 2);
    assert_int_equal(b->credit.bytes, 100000 + 2 * (FRAME_HEAD_BYTES + 37 + 4 + 7));
}

static bool committed_1(const struct bench *b) { return intervals_has(&b->committed, 1); }

static void result__that_comes_twice_is_committed_again_but_stored_once(void **state) {
    struct bench *b = *state;
    add_result(b, 1, 7, "{}");
    send_results(b);
    run_until(b, committed_1);
    intervals_clear(&b->committed);

    add_result(b, 1, 7, "{}");
    send_results(b);
    run_until(b, committed_1);

    assert_int_equal(journal_durable(b->journal), 1);
    assert_int_equal(receive_stored(b->receive), 1);
}

static bool nacked(const struct bench *b) { return b->nacks; }

static bool released_one(const struct bench *b) {
    return journal_durable(b->journal) == 1;
}

static void result__under_embargo_is_committed_now_and_an_event_later(void **state) {
    struct bench *b = *state;
    struct buf text = {0};
    struct json json = json_to(&text);
    uint32_t calls;

    add_held(b, 1, 2000);
    send_results(b);
    run_until(b, committed_1);
    assert_int_equal(journal_durable(b->journal), 0);
    assert_int_equal(receive_stored(b->receive), 1);
    json_begin_object(&json);
    receive_status(b->receive, &json);
    json_end(&json);
    assert_non_null(strstr(buf_text(&text), "\"held\":1,\"next_due\":\"1970-01-01T00:"));
    buf_release(&text);
    calls = b->stored_calls;
    wall_ms = 2000;
    run_until(b, released_one);

    assert_int_equal(b->stored_calls, calls + 1);
}

static void result__with_another_crc_is_refused_and_the_rest_stored(void **state) {
    struct bench *b = *state;
    add_result(b, 1, 7, "{}");
    send_results(b);
    run_until(b, committed_1);

    add_result(b, 1, 8, "{\"other\":1}");
    add_result(b, 2, 7, "{}");
    send_results(b);
    run_until(b, nacked);

    assert_int_equal(b->last_nack, NACK_POISON);
    assert_int_equal(journal_head(b->journal), 2);
}

static bool got_all_credit_back(const struct bench *b) {
    return b->nacks == 3 && b->credit.messages == 4 + 3;
}

static void result__that_is_no_line_is_refused_and_gives_credit_back(void **state) {
    struct bench *b = *state;

    add_result(b, 1, 7, "{\"a\":\n1}");
    add_result(b, 2, 7, "");
    add_result(b, 3, 7, "[1]");
    send_results(b);
    run_until(b, got_all_credit_back);

    assert_int_equal(journal_head(b->journal), 0);
}

static bool is_troubled(const struct bench *b) { return receive_trouble(b->receive); }
static bool all_4_came(const struct bench *b) {
    return intervals_upto(&b->known) == 4 && b->credit.messages == 4 + 4;
}

static void
result__waits_without_commit_and_credit_while_it_cannot_be_stored(void **state) {
    struct bench *b = *state;
    meddle(b, "BEGIN IMMEDIATE");
    for (uint64_t n = 1; n <= 4; n++)
        add_result(b, n, 7, "{}");
    send_results(b);
    run_until(b, is_troubled);
    assert_non_null(strstr(receive_trouble(b->receive), "another program"));
    assert_int_equal(b->committed.count, 0);
    assert_int_equal(b->credit.messages, 4);
    assert_int_equal(b->stored_calls, 0);
    assert_false(receive_quiet(b->receive, 0));

    meddle(b, "COMMIT");
    run_until(b, all_4_came);

    assert_null(receive_trouble(b->receive));
    assert_int_equal(b->failed_calls, 0);
}

static bool has_failed(const struct bench *b) { return b->failed_calls; }

static void result__is_never_committed_when_the_journal_fails(void **state) {
    struct bench *b = *state;
    add_result(b, 1, 7, "{}");
    send_results(b);
    run_until(b, committed_1);
    intervals_clear(&b->committed);

    meddle(b, "DROP TABLE events");
    add_result(b, 2, 7, "{}");
    send_results(b);
    run_until(b, has_failed);
    add_result(b, 1, 7, "{}");
    send_results(b);
    run_until(b, is_troubled);

    assert_int_equal(b->failed_calls, 1);
    assert_int_equal(b->committed.count, 0);
    assert_int_equal(receive_stored(b->receive), 1);
}

static bool stored_4(const struct bench *b) { return receive_stored(b->receive) == 4; }

static void result__without_credit_is_not_stored(void **state) {
    struct bench *b = *state;

    for (uint64_t n = 1; n <= 6; n++) // credit is 4
        add_result(b, n, 7, "{}");
    send_results(b);
    run_until(b, stored_4);

    assert_int_equal(journal_head(b->journal), 4);
}

static bool resumed_3(const struct bench *b) { return intervals_upto(&b->resumed) == 3; }

static void ingest__that_returns_is_told_all_that_is_stored(void **state) {
    struct bench *b = *state;
    for (uint64_t n = 1; n <= 3; n++)
        add_result(b, n, 7, "{}");
    send_results(b);
    run_until(b, committed_1);

    peers_free(b->ingest);
    remove(b->work + strlen("ipc://"));
    open_ingest(b);
    run_until(b, resumed_3);

    assert_true(b->resumes >= 2);
}

static bool earlier_came(const struct bench *b) {
    return intervals_has(&b->of_earlier, 5);
}

static void ingest__is_told_of_its_earlier_runs_too(void **state) {
    struct bench *b = *state;
    add_result_of(b, (struct report_id){earlier, 5}, 7, "{}");
    send_results(b);
    run_until(b, earlier_came);
    intervals_clear(&b->of_earlier);

    peers_free(b->ingest);
    remove(b->work + strlen("ipc://"));
    open_ingest(b);
    run_until(b, earlier_came);

    assert_int_equal(journal_durable(b->journal), 1);
}

static void drain__gives_no_more_credit_but_commits(void **state) {
    struct bench *b = *state;

    receive_drain(b->receive);
    add_result(b, 1, 7, "{}");
    send_results(b);
    run_until(b, committed_1);

    assert_int_equal(b->credit.messages, 4);
    assert_true(receive_quiet(b->receive, 0));
    assert_false(receive_quiet(b->receive, 60000));
}

static bool credit_5(const struct bench *b) { return b->credit.messages == 5; }

static void credit__trickles_when_memory_is_short(void **state) {
    struct bench *b = *state;
    struct rlimit before;

    if (SANITIZED)
        skip();
    assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
    memory_limit(1);
    add_result(b, 1, 7, "{}");
    send_results(b);
    run_until(b, committed_1);
    run_until(b, credit_5);

    assert_non_null(memory_why());
    memory_limit(0);
    setrlimit(RLIMIT_DATA, &before);
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_bench(result__is_stored_and_committed_to_both_sides),
        with_bench(result__that_comes_twice_is_committed_again_but_stored_once),
        with_bench(result__under_embargo_is_committed_now_and_an_event_later),
        with_bench(result__with_another_crc_is_refused_and_the_rest_stored),
        with_bench(result__that_is_no_line_is_refused_and_gives_credit_back),
        with_bench(result__waits_without_commit_and_credit_while_it_cannot_be_stored),
        with_bench(result__is_never_committed_when_the_journal_fails),
        with_bench(result__without_credit_is_not_stored),
        with_bench(ingest__that_returns_is_told_all_that_is_stored),
        with_bench(ingest__is_told_of_its_earlier_runs_too),
        with_bench(credit__trickles_when_memory_is_short),
        with_bench(drain__gives_no_more_credit_but_commits),
    };
    int failed;

    log_start("test", LOG_ERROR);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    port_shutdown();
    return failed;
}
