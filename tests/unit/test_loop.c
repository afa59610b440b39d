/* The event loop: timers, descriptors, signals, hooks, and their removal in the midst. */
#include "tests/unit/check.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/run/loop.h"

static struct loop *loop;
static char said[64]; /* what happened, a letter each */
static int ends[2];   /* a connected pair of sockets */

static void say(char letter) {
    size_t len = strlen(said);

    if (len + 1 < sizeof said)
        said[len] = letter;
}

static void stop(void *context) { loop_stop(loop, context ? *(int *)context : 0); }

static void say_it(void *context) { say(*(const char *)context); }

/* A test that hangs ends with this code. */
static int set_up(void **state) {
    static int too_late = 99;

    (void)state;
    loop = loop_new();
    memset(said, 0, sizeof said);
    loop_timer_new(loop, 10000, 0, stop, &too_late);
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
}

static int tear_down(void **state) {
    (void)state;
    loop_free(loop);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void loop_run__returns_the_code_of_loop_stop(void **state) {
    (void)state;
    int code = 7;

    loop_timer_new(loop, 0, 0, stop, &code);

    assert_int_equal(loop_run(loop), 7);
}

static void timers__run_when_due_and_in_order(void **state) {
    (void)state;
    int64_t begun = loop_now(loop);

    loop_timer_new(loop, 30, 0, say_it, (char[]){"c"});
    loop_timer_new(loop, 1, 0, say_it, (char[]){"a"});
    loop_timer_new(loop, 15, 0, say_it, (char[]){"b"});
    loop_timer_new(loop, 45, 0, stop, NULL);

    assert_int_equal(loop_run(loop), 0);
    assert_string_equal(said, "abc");
    assert_in_range(loop_now(loop) - begun, 44, 5000);
}

static struct loop_timer *ticking;

static void tick(void *context) {
    say('t');
    if (strlen(said) == 3) {
        loop_timer_stop(ticking);
        loop_timer_new(loop, 20, 0, stop, context);
    }
}

static void timers__repeat_until_stopped(void **state) {
    (void)state;

    ticking = loop_timer_new(loop, 1, 2, tick, NULL);

    assert_int_equal(loop_run(loop), 0);
    assert_string_equal(said, "ttt");
    loop_timer_free(ticking);
}

static void free_the_timer(void *context) {
    say('f');
    loop_timer_free(ticking);
    loop_timer_new(loop, 10, 0, stop, context);
}

static void timers__may_free_themselves(void **state) {
    (void)state;

    ticking = loop_timer_new(loop, 1, 1, free_the_timer, NULL);
    loop_timer_free(NULL);

    assert_int_equal(loop_run(loop), 0);
    assert_string_equal(said, "f");
}

static void read_one(void *context, unsigned ready) {
    char letter;

    (void)context;
    assert_true(ready & LOOP_READ);
    if (read(ends[0], &letter, 1) == 1)
        say(letter);
    else
        loop_stop(loop, 0);
}

static void fds__are_read_until_the_end(void **state) {
    (void)state;

    assert_int_equal(loop_add_fd(loop, ends[0], LOOP_READ, read_one, NULL), 0);
    assert_int_equal(write(ends[1], "abc", 3), 3);
    shutdown(ends[1], SHUT_WR);

    assert_int_equal(loop_run(loop), 0);
    assert_string_equal(said, "abc");
}

static void writable(void *context, unsigned ready) {
    (void)context;
    if (ready & LOOP_WRITE) {
        say('w');
        loop_change_fd(loop, ends[0], LOOP_READ);
        assert_int_equal(write(ends[1], "r", 1), 1);
    } else {
        say('r');
        loop_stop(loop, 0);
    }
}

static void fds__change_what_they_wait_for(void **state) {
    (void)state;

    loop_add_fd(loop, ends[0], LOOP_WRITE, writable, NULL);

    assert_int_equal(loop_run(loop), 0);
    assert_string_equal(said, "wr");
}

static void must_not_come(void *context, unsigned ready) {
    (void)context;
    (void)ready;
    say('!');
}

static void hear_again(void *context) {
    (void)context;
    loop_change_fd(loop, ends[0], LOOP_READ);
}

static void fds__are_unheard_when_paused_even_hung_up(void **state) {
    (void)state;

    loop_add_fd(loop, ends[0], LOOP_READ, read_one, NULL);
    loop_change_fd(loop, ends[0], 0);
    loop_change_fd(loop, ends[0], 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    shutdown(ends[1], SHUT_RDWR);
    loop_timer_new(loop, 10, 0, say_it, (char[]){"-"});
    loop_timer_new(loop, 15, 0, hear_again, NULL);

    assert_int_equal(loop_run(loop), 0);
    assert_string_equal(said, "-x");
}

static void remove_both(void *context, unsigned ready) {
    (void)context;
    (void)ready;
    say('1');
    loop_remove_fd(loop, ends[0]);
    loop_remove_fd(loop, ends[1]);
    loop_remove_fd(loop, ends[1]);
    loop_timer_new(loop, 10, 0, stop, NULL);
}

static void fds__removed_in_the_same_turn_are_not_called(void **state) {
    (void)state;

    loop_add_fd(loop, ends[0], LOOP_WRITE, remove_both, NULL);
    loop_add_fd(loop, ends[1], LOOP_WRITE, remove_both, NULL);

    assert_int_equal(loop_run(loop), 0);
    assert_string_equal(said, "1");
}

static void fds__are_refused_twice(void **state) {
    (void)state;

    assert_int_equal(loop_add_fd(loop, ends[0], LOOP_READ, must_not_come, NULL), 0);
    assert_true(loop_add_fd(loop, ends[0], LOOP_READ, must_not_come, NULL) < 0);
    assert_true(loop_add_fd(loop, -1, LOOP_READ, must_not_come, NULL) < 0);
}

static void on_signal(void *context, int number) {
    (void)context;
    say(number == SIGTERM ? 'T' : number == SIGHUP ? 'H' : '?');
    if (number == SIGTERM)
        loop_stop(loop, 0);
    else
        raise(SIGTERM);
}

static void signals__arrive_in_the_loop(void **state) {
    (void)state;

    loop_on_signal(loop, on_signal, NULL);
    raise(SIGHUP);

    assert_int_equal(loop_run(loop), 0);
    assert_string_equal(said, "HT");
}

static void sigpipe__is_ignored(void **state) {
    (void)state;
    int pair[2];

    assert_int_equal(pipe(pair), 0);
    close(pair[0]);

    assert_int_equal(write(pair[1], "x", 1), -1);
    close(pair[1]);
}

static void hooks__run_at_the_end_of_a_turn_in_order(void **state) {
    (void)state;

    loop_on_turn(loop, say_it, (char[]){"1"});
    loop_on_turn(loop, say_it, (char[]){"2"});
    loop_timer_new(loop, 0, 0, stop, NULL);

    assert_int_equal(loop_run(loop), 0);
    assert_memory_equal(said, "12", 2);
    assert_int_equal(strlen(said) % 2, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(loop_run__returns_the_code_of_loop_stop),
        test(timers__run_when_due_and_in_order),
        test(timers__repeat_until_stopped),
        test(timers__may_free_themselves),
        test(fds__are_read_until_the_end),
        test(fds__change_what_they_wait_for),
        test(fds__are_unheard_when_paused_even_hung_up),
        test(fds__removed_in_the_same_turn_are_not_called),
        test(fds__are_refused_twice),
        test(signals__arrive_in_the_loop),
        test(sigpipe__is_ignored),
        test(hooks__run_at_the_end_of_a_turn_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
