/* ZeroMQ sockets: whose path it is, and that nothing blocks or is lost in parts. */
#include "tests/unit/check.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/run/port.h"

#define MAX_MESSAGE (1u << 20)

static char dir[64], endpoint[100];

static int set_up(void **state) {
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/test_port.XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(endpoint, sizeof endpoint, "ipc://%s/p.sock", dir);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(endpoint + strlen("ipc://"));
    return rmdir(dir);
}

static struct port *bound(enum port_kind kind) {
    struct port *port = port_new(kind, MAX_MESSAGE, 100);
    struct diag diag = {0};

    if (port_bind(port, endpoint, &diag))
        fail_msg("%s", diag.text);
    return port;
}

static struct port *connected(enum port_kind kind, const char *to) {
    struct port *port = port_new(kind, MAX_MESSAGE, 100);

    assert_int_equal(port_connect(port, to, NULL), 0);
    return port;
}

/* Waits for the descriptor, as the loop does. */
static void receive(struct port *port, struct port_message *out) {
    struct pollfd ready = {.fd = port_fd(port), .events = POLLIN};

    while (!port_readable(port))
        if (poll(&ready, 1, 10000) == 0)
            fail_msg("nothing came");
    assert_int_equal(port_receive(port, out), 0);
}

static void send_at_last(struct port *port, const struct view *parts, int count) {
    struct pollfd ready = {.fd = port_fd(port), .events = POLLIN};

    while (port_send(port, view_of(NULL), parts, count) == ERR_AGAIN)
        poll(&ready, 1, 5);
}

static void port_bind__refuses_a_path_a_live_process_holds(void **state) {
    (void)state;
    struct port *owner = bound(PORT_ROUTER), *thief = port_new(PORT_ROUTER, 1024, 10);
    struct diag diag = {0};

    assert_int_equal(port_bind(thief, endpoint, &diag), ERR_IN_USE);
    assert_non_null(strstr(diag.text, endpoint));

    port_free(thief);
    struct port *guest = connected(PORT_DEALER, endpoint);
    struct port_message message;
    send_at_last(guest, &VIEW_LIT("still yours"), 1);
    receive(owner, &message);
    assert_view_is(message.parts[0], "still yours");
    port_free(guest);
    port_free(owner);
}

static void port_bind__replaces_a_stale_path(void **state) {
    (void)state;
    pid_t gone;

    fflush(NULL);
    gone = fork();
    if (!gone) {
        bound(PORT_ROUTER);
        _exit(0); // as one killed: nobody takes the path away
    }
    assert_int_equal(waitpid(gone, NULL, 0), gone);
    assert_int_equal(access(endpoint + strlen("ipc://"), F_OK), 0);

    port_free(bound(PORT_ROUTER));
}

static void port_bind__lets_other_files_be(void **state) {
    (void)state;
    struct port *port = port_new(PORT_ROUTER, 1024, 10);
    const char *path = endpoint + strlen("ipc://");
    struct stat status;
    FILE *file = fopen(path, "w");

    fputs("precious", file);
    fclose(file);

    assert_int_equal(port_bind(port, endpoint, NULL), ERR_IN_USE);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, strlen("precious"));
    port_free(port);
}

static void port_bind__keeps_others_out_of_the_path(void **state) {
    (void)state;
    struct port *port = bound(PORT_ROUTER);
    struct stat status;

    assert_int_equal(stat(endpoint + strlen("ipc://"), &status), 0);

    assert_int_equal(status.st_mode & 0777, 0600);
    port_free(port);
}

static void port_bind__finds_a_free_tcp_port(void **state) {
    (void)state;
    struct port *first = port_new(PORT_ROUTER, 1024, 10);
    struct port *second = port_new(PORT_ROUTER, 1024, 10);
    struct diag diag = {0};

    assert_string_equal(port_endpoint(first), "");
    assert_int_equal(port_bind(first, "tcp://127.0.0.1:*", &diag), 0);
    assert_true(view_starts(view_of(port_endpoint(first)), "tcp://127.0.0.1:"));
    assert_null(strchr(port_endpoint(first), '*'));
    assert_int_equal(port_bind(second, port_endpoint(first), &diag), ERR_IN_USE);
    assert_int_equal(port_bind(second, "tcp://127.0.0.1:0", NULL), 0);
    assert_string_not_equal(port_endpoint(second), "tcp://127.0.0.1:0");

    port_free(first);
    port_free(second);
}

static void port_bind__refuses_what_is_no_endpoint(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "nonsense",
                                        "tcp://",
                                        "tcp://127.0.0.1",
                                        "tcp://127.0.0.1:99999",
                                        "gopher://x:1"};

    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct port *port = port_new(PORT_ROUTER, 1024, 10);
        struct diag diag = {0};
        assert_true(port_bind(port, wrong[i], &diag) < 0);
        assert_string_not_equal(diag.text, "");
        assert_true(port_connect(port, wrong[i], NULL) < 0);
        port_free(port);
    }
}

static void port_send__carries_parts_and_answers(void **state) {
    (void)state;
    struct port *router = bound(PORT_ROUTER), *dealer = connected(PORT_DEALER, endpoint);
    const struct view parts[] = {VIEW_LIT("a"), VIEW_LIT(""), VIEW_LIT("ccc")};
    struct port_message message;

    send_at_last(dealer, parts, 3);
    receive(router, &message);
    assert_int_equal(message.count, 3);
    assert_true(message.peer.len > 0);
    assert_view_is(message.parts[0], "a");
    assert_view_is(message.parts[1], "");
    assert_view_is(message.parts[2], "ccc");
    assert_int_equal(port_send(router, message.peer, &VIEW_LIT("answer"), 1), 0);
    receive(dealer, &message);

    assert_int_equal(message.count, 1);
    assert_view_is(message.parts[0], "answer");
    assert_int_equal(port_receive(dealer, &message), ERR_AGAIN);
    port_free(dealer);
    port_free(router);
}

static void port_receive__passes_over_parts_beyond_its_room(void **state) {
    (void)state;
    struct port *router = bound(PORT_ROUTER), *dealer = connected(PORT_DEALER, endpoint);
    struct view many[PORT_PARTS * 3];
    struct port_message message;

    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = VIEW_LIT("part");
    send_at_last(dealer, many, (int)COUNT(many));
    send_at_last(dealer, &VIEW_LIT("next"), 1);
    receive(router, &message);
    assert_int_equal(message.count, PORT_PARTS);
    receive(router, &message);

    assert_int_equal(message.count, 1);
    assert_view_is(message.parts[0], "next");
    port_free(dealer);
    port_free(router);
}

static void port_send__never_waits(void **state) {
    (void)state;
    struct port *dealer = connected(PORT_DEALER, endpoint); // nobody is there
    struct port *router = bound(PORT_ROUTER);
    int sent = 0;

    assert_int_equal(port_send(router, VIEW_LIT("nobody"), &VIEW_LIT("x"), 1), ERR_GONE);
    port_free(router);
    while (sent < 100000 && port_send(dealer, view_of(NULL), &VIEW_LIT("x"), 1) == 0)
        sent++;

    assert_true(sent < 100000);
    port_free(dealer);
}

static void port_subscribe__filters_by_prefix(void **state) {
    (void)state;
    struct port *xpub = bound(PORT_XPUB), *sub = connected(PORT_SUB, endpoint);
    struct port_message message;

    port_subscribe(sub, VIEW_LIT("ly"));
    receive(xpub, &message);
    assert_view_is(message.parts[0], "\x01ly");
    port_grant(xpub, VIEW_LIT("ly!"));
    assert_int_equal(port_send(xpub, view_of(NULL), &VIEW_LIT("ly?"), 1), 0);
    assert_int_equal(port_send(xpub, view_of(NULL), &VIEW_LIT("ly!"), 1), 0);
    receive(sub, &message);

    assert_view_is(message.parts[0], "ly!");
    port_free(sub);
    port_free(xpub);
}

/* Messages that go to `peer` before its queue is full. */
static int send_until_full(struct port *port, struct view peer) {
    static char bytes[64 * 1024];
    struct view big = view_n(bytes, sizeof bytes);
    int count = 0;

    while (count < 10000 && port_send(port, peer, &big, 1) == 0)
        count++;
    return count;
}

static void port_limit_in__bounds_what_waits(void **state) {
    (void)state;
    struct port *owner = port_new(PORT_ROUTER, MAX_MESSAGE, 2);
    struct port *guest = port_new(PORT_DEALER, MAX_MESSAGE, 100);
    struct port_message message;
    char route[32];

    port_limit_in(guest, 2);
    assert_int_equal(port_bind(owner, endpoint, NULL), 0);
    assert_int_equal(port_connect(guest, endpoint, NULL), 0);
    send_at_last(guest, &VIEW_LIT("here"), 1);
    receive(owner, &message);
    struct view peer =
        view_n(memcpy(route, message.peer.at, message.peer.len), message.peer.len);
    int few = send_until_full(owner, peer);
    assert_in_range(few, 1, 99);

    for (int i = 0; i < few; i++)
        receive(guest, &message);
    struct pollfd ready = {.fd = port_fd(owner), .events = POLLIN};
    for (int i = 0; i < 20; i++) { // it is read, so it goes on
        while (port_send(owner, peer, &VIEW_LIT("more"), 1) == ERR_AGAIN)
            poll(&ready, 1, 5);
        receive(guest, &message);
    }
    port_free(guest);
    port_free(owner);
}

static void port_version__is_new_enough(void **state) {
    (void)state;

    assert_true(port_version() >= PORT_VERSION_LEAST);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(
            port_bind__replaces_a_stale_path), // first: it forks, libzmq must not run yet
        test(port_bind__refuses_a_path_a_live_process_holds),
        test(port_limit_in__bounds_what_waits),
        test(port_version__is_new_enough),
        test(port_bind__lets_other_files_be),
        test(port_bind__keeps_others_out_of_the_path),
        test(port_bind__finds_a_free_tcp_port),
        test(port_bind__refuses_what_is_no_endpoint),
        test(port_send__carries_parts_and_answers),
        test(port_receive__passes_over_parts_beyond_its_room),
        test(port_send__never_waits),
        test(port_subscribe__filters_by_prefix),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    if (!failed) // a test that fails leaves its ports open, and this would wait for them
        port_shutdown();
    return failed;
}
