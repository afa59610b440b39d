/* Links and peers, both ends in one process over ipc; where one side must misbehave, a
 * bare port plays it. Nothing sleeps: the loop runs until what is waited for has
 * happened. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/run/link.h"
#include "proto/run/peers.h"
#include "proto/run/port.h"

#define HEARTBEAT_MS 40
#define PATIENCE_MS  15000

static char dir[64], endpoint[100];
static struct loop *loop;
static struct peers *peers;
static struct port *bare;

/* What has happened so far. */
static struct {
    int joined, left, up, down, refused, peer_refused;
    char left_why[60], down_why[60], refused_why[100], peer_why[100];
    struct peer *peer;            /* who joined last */
    int peer_frames, link_frames; /* frames that came through */
    struct frame peer_got;        /* the last; its body is not valid any more */
    struct buf link_body;         /* the last body on the link's side */
    struct welcome welcome;
    int bare_count[FRAME_KINDS]; /* frames the bare port got, by kind */
    uint32_t bare_number;        /* of the last one */
    char bare_peer[64];
    size_t bare_peer_len;
} seen;

static void joined(void *context, struct peer *peer) {
    (void)context;
    seen.joined++;
    seen.peer = peer;
}

static void left(void *context, struct peer *peer, const char *why) {
    (void)context;
    seen.left++;
    snprintf(seen.left_why, sizeof seen.left_why, "%s", why);
    assert_int_equal(peers_send(peers, peer, VIEW_LIT("x")), ERR_GONE);
}

static void peer_frame(void *context, struct peer *peer, const struct frame *frame) {
    (void)context;
    (void)peer;
    if (frame->kind == FRAME_HEARTBEAT)
        return;
    seen.peer_frames++;
    seen.peer_got = *frame;
}

static void peer_refused(void *context, const char *who, const char *why) {
    (void)context;
    (void)who;
    seen.peer_refused++;
    snprintf(seen.peer_why, sizeof seen.peer_why, "%s", why);
}

static const struct peers_calls peers_calls = {joined, left, peer_frame, peer_refused};

static void up(void *context, const struct welcome *welcome) {
    (void)context;
    seen.up++;
    seen.welcome = *welcome;
}

static void down(void *context, const char *why) {
    (void)context;
    seen.down++;
    snprintf(seen.down_why, sizeof seen.down_why, "%s", why);
}

static void link_frame(void *context, const struct frame *frame) {
    (void)context;
    seen.link_frames++;
    buf_clear(&seen.link_body);
    buf_put_view(&seen.link_body, frame->body);
}

static void refused(void *context, const char *why) {
    (void)context;
    seen.refused++;
    snprintf(seen.refused_why, sizeof seen.refused_why, "%s", why);
}

static void progress(void *context, struct heartbeat *out) {
    (void)context;
    out->started = 7;
    out->done = 6;
}

static const struct link_calls link_calls = {up, down, link_frame, refused, progress};

/* ---- running until something has happened ---- */

static const int *awaited;
static int wanted;

static void look(void *context) {
    (void)context;
    if (awaited && *awaited >= wanted)
        loop_stop(loop, 0);
}

static void too_late(void *context) {
    (void)context;
    loop_stop(loop, 99);
}

static void run_until(const int *count, int at_least) {
    struct loop_timer *timer = loop_timer_new(loop, PATIENCE_MS, 0, too_late, NULL);

    awaited = count;
    wanted = at_least;
    if (loop_run(loop) == 99)
        fail_msg("it did not happen");
    awaited = NULL;
    loop_timer_free(timer);
}

static int set_up(void **state) {
    (void)state;
    memset(&seen, 0, sizeof seen);
    snprintf(dir, sizeof dir, "/tmp/test_link.XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(endpoint, sizeof endpoint, "ipc://%s/work.sock", dir);
    loop = loop_new();
    loop_on_turn(loop, look, NULL);
    peers = NULL;
    bare = NULL;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    peers_free(peers);
    if (bare) {
        loop_remove_port(loop, bare);
        port_free(bare);
    }
    loop_free(loop);
    buf_release(&seen.link_body);
    unlink(endpoint + strlen("ipc://"));
    return rmdir(dir);
}

static int bound;

/* libzmq closes in the background, so the path may be taken for some moments yet. */
static void try_to_bind(void *context) {
    (void)context;
    if (!bound)
        bound = peers_bind(peers, endpoint, NULL) == 0;
}

static void start_peers(int max_peers) {
    const struct peers_conf conf = {
        .roles = 1u << ROLE_ENRICH,
        .welcome = {{{1, 2, 3}}, HEARTBEAT_MS, 30000, VIEW_LIT("wiretag test"), {0}},
        .max_message = 1u << 20,
        .max_peers = max_peers,
    };
    struct loop_timer *timer;

    peers = peers_new(loop, &conf, &peers_calls, NULL);
    bound = 0;
    timer = loop_timer_new(loop, 0, 2, try_to_bind, NULL);
    run_until(&bound, 1);
    loop_timer_free(timer);
}

static struct link *start_link(uint8_t role, uint8_t self) {
    const struct hello hello = {role,
                                {{self}},
                                VIEW_LIT("host \x01 7"),
                                VIEW_LIT("wiretag test"),
                                VIEW_LIT("model")};
    struct link *link = NULL;

    assert_int_equal(link_new(loop, endpoint, &hello, &link_calls, NULL, &link, NULL), 0);
    return link;
}

/* ---- a bare port in place of one side ---- */

static void bare_receive(void *context) {
    struct port_message message;
    struct frame frame;

    (void)context;
    if (port_receive(bare, &message))
        return;
    seen.bare_peer_len = message.peer.len;
    memcpy(seen.bare_peer, message.peer.at ? message.peer.at : "", message.peer.len);
    while (frame_take(&message.parts[0], &frame) == 0) {
        seen.bare_count[frame.kind]++;
        seen.bare_number = frame.number;
    }
}

static void start_bare(enum port_kind kind) {
    bare = port_new(kind, 1u << 20, 100);
    if (kind == PORT_ROUTER)
        assert_int_equal(port_bind(bare, endpoint, NULL), 0);
    else
        assert_int_equal(port_connect(bare, endpoint, NULL), 0);
    loop_add_port(loop, bare, bare_receive, NULL);
}

static struct buf to_say;

static void try_to_say(void *context) {
    struct view message = buf_view(&to_say);
    struct view peer = view_n(seen.bare_peer, seen.bare_peer_len);

    if (port_send(bare, peer, &message, 1) == 0)
        loop_timer_stop(*(struct loop_timer **)context);
}

/* Sends to_say as soon as there is a connection, and waits for `count`. */
static void say_until(const int *count, int at_least) {
    struct loop_timer *timer = NULL;

    timer = loop_timer_new(loop, 0, 5, try_to_say, &timer);
    run_until(count, at_least);
    loop_timer_free(timer);
    buf_release(&to_say);
}

static void put_hello(uint8_t role, uint8_t self) {
    hello_put(
        &to_say,
        &(struct hello){role, {{self}}, VIEW_LIT("bare"), VIEW_LIT("s"), VIEW_LIT("")});
}

/* ---- the tests ---- */

static void link__is_welcomed(void **state) {
    (void)state;
    start_peers(8);
    struct link *link = start_link(ROLE_ENRICH, 1);

    assert_false(link_is_up(link));
    assert_int_equal(link_send(link, VIEW_LIT("x")), ERR_AGAIN);
    run_until(&seen.up, 1);

    assert_true(link_is_up(link));
    assert_string_equal(link_endpoint(link), endpoint);
    assert_int_equal(seen.joined, 1);
    assert_int_equal(seen.welcome.lease_ms, 30000);
    assert_int_equal(seen.welcome.self.bytes[2], 3);
    assert_int_equal(peers_count(peers), 1);
    assert_ptr_equal(peers_at(peers, 0), seen.peer);
    assert_int_equal(seen.peer->role, ROLE_ENRICH);
    assert_string_equal(seen.peer->name, "host ? 7");
    assert_string_equal(seen.peer->software, "wiretag test");
    assert_string_equal(seen.peer->tagger, "model");
    link_free(link);
}

static void link__waits_for_peers_that_come_later(void **state) {
    (void)state;
    struct link *link = start_link(ROLE_ENRICH, 1);

    start_peers(8);
    run_until(&seen.up, 1);

    assert_int_equal(seen.down, 0);
    link_free(link);
}

static void frames__pass_both_ways_in_batches(void **state) {
    (void)state;
    const struct report_id id = {{{1}}, 5};
    struct buf frames = {0};
    start_peers(8);
    struct link *link = start_link(ROLE_ENRICH, 1);
    run_until(&seen.up, 1);

    work_put(&frames, id, 1, VIEW_LIT("first"));
    work_put(&frames, id, 2, VIEW_LIT("second"));
    assert_int_equal(peers_send(peers, seen.peer, buf_view(&frames)), 0);
    run_until(&seen.link_frames, 2);
    assert_view_is(buf_view(&seen.link_body), "second");

    buf_clear(&frames);
    nack_put(&frames, id, NACK_RETRY, VIEW_LIT("no"));
    credit_put(&frames, (struct credit){9, 9});
    assert_int_equal(link_send(link, buf_view(&frames)), 0);
    run_until(&seen.peer_frames, 2);
    assert_int_equal(seen.peer_got.kind, FRAME_CREDIT);
    assert_int_equal(seen.peer_got.number, 9);
    buf_release(&frames);
    link_free(link);
}

static int beats;

static void count_beats(void *context) {
    (void)context;
    beats = peers_count(peers) ? (int)peers_at(peers, 0)->beat.sequence : 0;
}

static void heartbeats__carry_progress_and_keep_the_link_up(void **state) {
    (void)state;
    start_peers(8);
    struct link *link = start_link(ROLE_ENRICH, 1);
    loop_on_turn(loop, count_beats, NULL);

    run_until(&beats, 4); // a second at least, five times the patience

    assert_int_equal(seen.left + seen.down, 0);
    assert_int_equal(seen.peer->beat.started, 7);
    assert_int_equal(seen.peer->beat.done, 6);
    link_free(link);
}

static void link_free__says_goodbye(void **state) {
    (void)state;
    start_peers(8);
    struct link *link = start_link(ROLE_ENRICH, 1);
    run_until(&seen.up, 1);

    link_free(link);
    run_until(&seen.left, 1);

    assert_string_equal(seen.left_why, "bye");
    assert_int_equal(peers_count(peers), 0);
    link_free(NULL);
}

static void link__comes_back_when_its_upstream_restarts(void **state) {
    (void)state;
    start_peers(8);
    struct link *link = start_link(ROLE_ENRICH, 1);
    run_until(&seen.up, 1);

    peers_free(peers);
    peers = NULL;
    run_until(&seen.down, 1); // by BYE, or silence when libzmq threw the BYE away
    assert_false(link_is_up(link));
    start_peers(8);
    run_until(&seen.up, 2);

    assert_int_equal(seen.joined, 2);
    link_free(link);
}

static void peers__drop_who_falls_silent(void **state) {
    (void)state;
    start_peers(8);
    start_bare(PORT_DEALER);

    put_hello(ROLE_ENRICH, 9);
    say_until(&seen.joined, 1);
    run_until(&seen.left, 1);

    assert_string_equal(seen.left_why, "silent");
    assert_true(seen.bare_count[FRAME_WELCOME] == 1);
    assert_true(seen.bare_count[FRAME_HEARTBEAT] > 0);
}

static void peers__take_a_second_hello_for_a_restart(void **state) {
    (void)state;
    start_peers(8);
    struct link *first = start_link(ROLE_ENRICH, 1);
    run_until(&seen.up, 1);

    struct link *second = start_link(ROLE_ENRICH, 1);
    run_until(&seen.joined, 2);

    assert_string_equal(seen.left_why, "restarted");
    assert_int_equal(peers_count(peers), 1);
    link_free(first);
    link_free(second);
}

static void peers__refuse_a_role_they_do_not_serve(void **state) {
    (void)state;
    start_peers(8);
    struct link *link = start_link(ROLE_SINK, 1);

    run_until(&seen.refused, 1);

    assert_non_null(strstr(seen.refused_why, "role"));
    assert_int_equal(seen.joined + seen.up, 0);
    assert_int_equal(seen.peer_refused, 1);
    link_free(link);
}

static void peers__refuse_another_version(void **state) {
    (void)state;
    start_peers(8);
    start_bare(PORT_DEALER);

    put_hello(ROLE_ENRICH, 1);
    to_say.at[2] = 99;
    say_until(&seen.bare_count[FRAME_REFUSE], 1);

    assert_int_equal(seen.bare_number, REFUSE_VERSION);
    assert_non_null(strstr(seen.peer_why, "version"));
    assert_int_equal(seen.joined, 0);
}

static void peers__ask_strangers_for_a_hello(void **state) {
    (void)state;
    start_peers(8);
    start_bare(PORT_DEALER);

    heartbeat_put(&to_say, &(struct heartbeat){1, 0, 0, 0});
    say_until(&seen.bare_count[FRAME_REFUSE], 1);

    assert_int_equal(seen.bare_number, REFUSE_STRANGER);
    assert_int_equal(peers_count(peers), 0);
}

static void peers__refuse_and_drop_who_sends_rubbish(void **state) {
    (void)state;
    start_peers(8);
    start_bare(PORT_DEALER);

    put_hello(ROLE_ENRICH, 1);
    buf_put_text(&to_say, "and then something else that is no frame at all, 40 bytes");
    say_until(&seen.bare_count[FRAME_REFUSE], 1);

    assert_int_equal(seen.bare_number, REFUSE_MALFORMED);
    assert_int_equal(seen.joined, 1);
    assert_string_equal(seen.left_why, "malformed");
    assert_int_equal(peers_count(peers), 0);
}

static void peers__refuse_more_than_they_have_room_for(void **state) {
    (void)state;
    start_peers(1);
    struct link *first = start_link(ROLE_ENRICH, 1);
    run_until(&seen.up, 1);
    struct link *second = start_link(ROLE_ENRICH, 2);

    run_until(&seen.peer_refused, 1);
    assert_int_equal(seen.joined, 1);
    assert_false(link_is_up(second));
    link_free(first);
    run_until(&seen.up, 2); // it keeps asking, and there is room now

    assert_true(link_is_up(second));
    assert_int_equal(seen.refused, 0);
    link_free(second);
}

static void link__leaves_a_silent_upstream_and_tries_again(void **state) {
    (void)state;
    start_bare(PORT_ROUTER);
    struct link *link = start_link(ROLE_ENRICH, 1);
    run_until(&seen.bare_count[FRAME_HELLO], 1);

    welcome_put(&to_say,
                &(struct welcome){{{1}}, HEARTBEAT_MS, 1000, VIEW_LIT("s"), {0}});
    say_until(&seen.up, 1);
    run_until(&seen.down, 1);
    assert_string_equal(seen.down_why, "silent");
    int hellos = seen.bare_count[FRAME_HELLO];
    run_until(&seen.bare_count[FRAME_HELLO], hellos + 1);

    assert_false(link_is_up(link));
    link_free(link);
}

static void link__says_hello_again_when_taken_for_a_stranger(void **state) {
    (void)state;
    start_bare(PORT_ROUTER);
    struct link *link = start_link(ROLE_ENRICH, 1);
    run_until(&seen.bare_count[FRAME_HELLO], 1);
    welcome_put(&to_say, &(struct welcome){{{1}}, 10000, 1000, VIEW_LIT("s"), {0}});
    say_until(&seen.up, 1);
    int hellos = seen.bare_count[FRAME_HELLO];

    refuse_put(&to_say, REFUSE_STRANGER, VIEW_LIT("say HELLO first"));
    say_until(&seen.bare_count[FRAME_HELLO], hellos + 1);

    assert_int_equal(seen.down, 1);
    assert_string_equal(seen.down_why, "say HELLO first");
    assert_int_equal(seen.refused, 0);
    link_free(link);
}

static void link__goes_down_on_a_frame_it_cannot_read(void **state) {
    (void)state;
    start_bare(PORT_ROUTER);
    struct link *link = start_link(ROLE_ENRICH, 1);
    run_until(&seen.bare_count[FRAME_HELLO], 1);
    welcome_put(&to_say, &(struct welcome){{{1}}, 10000, 1000, VIEW_LIT("s"), {0}});
    say_until(&seen.up, 1);

    work_put(&to_say, (struct report_id){{{1}}, 1}, 1, VIEW_LIT("report"));
    to_say.at[to_say.len - 1] ^= 1;
    say_until(&seen.down, 1);

    assert_int_equal(seen.link_frames, 0);
    assert_string_equal(seen.down_why, err_text(ERR_CHECKSUM));
    link_free(link);
}

static void link_new__refuses_what_is_no_endpoint(void **state) {
    (void)state;
    const struct hello hello = {.role = ROLE_ENRICH};
    struct link *link = NULL;
    struct diag diag = {0};

    assert_int_equal(link_new(loop, "nonsense", &hello, &link_calls, NULL, &link, &diag),
                     ERR_FORMAT);

    assert_non_null(strstr(diag.text, "nonsense"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(link__is_welcomed),
        test(link__waits_for_peers_that_come_later),
        test(frames__pass_both_ways_in_batches),
        test(heartbeats__carry_progress_and_keep_the_link_up),
        test(link_free__says_goodbye),
        test(link__comes_back_when_its_upstream_restarts),
        test(peers__drop_who_falls_silent),
        test(peers__take_a_second_hello_for_a_restart),
        test(peers__refuse_a_role_they_do_not_serve),
        test(peers__refuse_another_version),
        test(peers__ask_strangers_for_a_hello),
        test(peers__refuse_and_drop_who_sends_rubbish),
        test(peers__refuse_more_than_they_have_room_for),
        test(link__leaves_a_silent_upstream_and_tries_again),
        test(link__says_hello_again_when_taken_for_a_stranger),
        test(link__goes_down_on_a_frame_it_cannot_read),
        test(link_new__refuses_what_is_no_endpoint),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    if (!failed) // a test that fails leaves its ports open, and this would wait for them
        port_shutdown();
    return failed;
}
