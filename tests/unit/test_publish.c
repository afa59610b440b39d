#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/run/memory.h"
#include "proto/run/port.h"
#include "sink/publish.h"

/* A publisher on a socket of its own and one subscriber. */
struct bench {
    char folder[64];
    char endpoint[96];
    struct publish *publish;
    struct port *sub;
    uint64_t offset;
};

static const struct uuid epoch = {{7, 7, 7}};

static struct port *connect_sub(struct bench *b) {
    struct port *sub = port_new(PORT_SUB, 1 << 20, 1000);

    assert_int_equal(port_connect(sub, b->endpoint, NULL), 0);
    return sub;
}

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);

    strcpy(b->folder, "/tmp/test_publish.XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->endpoint, sizeof b->endpoint, "ipc://%s/events.sock", b->folder);
    b->publish = publish_new(epoch, 0, 1000);
    assert_int_equal(publish_bind(b->publish, b->endpoint, NULL), 0);
    b->sub = connect_sub(b);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;

    port_free(b->sub);
    publish_free(b->publish);
    remove(b->endpoint + strlen("ipc://"));
    b->endpoint[strlen("ipc://") + strlen(b->folder) + strlen("/events.sock")] = 0;
    remove(b->endpoint + strlen("ipc://"));
    rmdir(b->folder);
    free(b);
    return 0;
}

/* Waits for a message at the subscriber; the publisher answers meanwhile. */
static bool get(struct bench *b, struct port *sub, struct port_message *out) {
    struct timespec nap = {0, 1000000};

    for (int i = 0; i < 5000; i++) {
        while (port_readable(publish_port(b->publish)))
            publish_receive(b->publish);
        if (port_receive(sub, out) == 0)
            return true;
        nanosleep(&nap, NULL);
    }
    return false;
}

static void say(struct bench *b, const char *json) {
    struct journal_event event = {++b->offset, {{{1}}, b->offset}, view_of(json)};

    publish_event(b->publish, &event);
}

/* The next message with an event: heads go to all who ever asked for one. */
static bool get_event(struct bench *b, struct port *sub, struct port_message *out) {
    do
        if (!get(b, sub, out))
            return false;
    while (out->parts[0].len > 1);
    return true;
}

static void subscribe(struct port *sub, const char *text) {
    port_subscribe(sub, view_of(text));
}

/* A head comes when all before it has been dealt with. */
static struct publish_header await_head(struct bench *b, struct port *sub) {
    struct publish_header header = {0};
    struct port_message message;

    subscribe(sub, "?");
    assert_true(get(b, sub, &message));
    assert_int_equal(message.count, 3);
    assert_true(view_eq(message.parts[0], view_n("?", 2)));
    assert_int_equal(publish_header_read(message.parts[1], &header), 0);
    return header;
}

static void assert_event(struct port_message *message, uint64_t sequence,
                         const char *json) {
    struct publish_header header;

    assert_int_equal(message->count, 3);
    assert_true(view_eq(message->parts[0], view_n("", 1)));
    assert_int_equal(publish_header_read(message->parts[1], &header), 0);
    assert_memory_equal(&header.epoch, &epoch, sizeof epoch);
    assert_int_equal(header.offset, sequence);
    assert_int_equal(header.sequence, sequence);
    assert_true(view_is(message->parts[2], json));
}

static void subscribe__to_nothing_gets_every_event(void **state) {
    struct bench *b = *state;
    struct port_message message;
    subscribe(b->sub, "");
    await_head(b, b->sub);

    say(b, "{\"n\":1}");
    say(b, "{\"n\":2}");

    assert_true(get_event(b, b->sub, &message));
    assert_event(&message, 1, "{\"n\":1}");
    assert_true(get_event(b, b->sub, &message));
    assert_event(&message, 2, "{\"n\":2}");
    assert_int_equal(publish_count(b->publish), 2);
    assert_int_equal(publish_subscribers(b->publish), 1);
}

static void subscribe__to_a_query_is_answered_with_an_error(void **state) {
    struct bench *b = *state;
    struct port_message message;
    struct publish_header header;

    subscribe(b->sub, "country:LY \"x\"");

    assert_true(get(b, b->sub, &message));
    assert_int_equal(message.count, 3);
    assert_true(view_eq(message.parts[0], VIEW_LIT("country:LY \"x\"\0")));
    assert_int_equal(publish_header_read(message.parts[1], &header), 0);
    assert_int_equal(header.offset, 0);
    assert_true(view_starts(message.parts[2], "{\"error\":\"this version"));
    assert_non_null(strstr(message.parts[2].at, "\"query\":\"country:LY \\\"x\\\"\"}"));
    say(b, "{}");
    assert_int_equal(await_head(b, b->sub).sequence, 1); // and no event before it
    assert_int_equal(publish_subscribers(b->publish), 0);
}

static void subscribe__by_two_counts_two_and_closing_one_takes_one(void **state) {
    struct bench *b = *state;
    struct port *second = connect_sub(b);
    struct port_message message;
    struct timespec nap = {0, 1000000};
    subscribe(b->sub, "");
    subscribe(second, "");
    await_head(b, b->sub);
    await_head(b, second);
    assert_int_equal(publish_subscribers(b->publish), 2);

    port_free(second);
    for (int i = 0; i < 5000 && publish_subscribers(b->publish) == 2; i++) {
        while (port_readable(publish_port(b->publish)))
            publish_receive(b->publish);
        nanosleep(&nap, NULL);
    }

    assert_int_equal(publish_subscribers(b->publish), 1);
    say(b, "{\"still\":\"here\"}");
    assert_true(get_event(b, b->sub, &message));
    assert_event(&message, 1, "{\"still\":\"here\"}");
}

static void subscribe__of_an_error_does_not_disturb_the_stream(void **state) {
    struct bench *b = *state;
    struct port *second = connect_sub(b);
    struct port_message message;
    subscribe(b->sub, "");
    await_head(b, b->sub);
    subscribe(second, "nonsense");
    assert_true(get(b, second, &message));

    say(b, "{\"n\":1}");

    assert_true(get_event(b, b->sub, &message));
    assert_event(&message, 1, "{\"n\":1}");
    port_free(second);
}

static void subscribe__late_starts_at_the_sequence_of_the_day(void **state) {
    struct bench *b = *state;
    struct port_message message;
    for (int i = 0; i < 5; i++)
        say(b, "{}");

    subscribe(b->sub, "");
    assert_int_equal(await_head(b, b->sub).sequence, 5);
    say(b, "{\"n\":6}");

    assert_true(get_event(b, b->sub, &message));
    assert_event(&message, 6, "{\"n\":6}");
}

static void heads__show_a_last_event_that_was_missed(void **state) {
    struct bench *b = *state;
    struct port_message message;
    struct publish_header header;
    assert_int_equal(await_head(b, b->sub).offset, 0);
    say(b, "{}"); // not subscribed to

    publish_heads(b->publish);

    assert_true(get(b, b->sub, &message));
    assert_int_equal(publish_header_read(message.parts[1], &header), 0);
    assert_int_equal(header.offset, 1);
    assert_true(
        view_is(message.parts[2], "{\"query\":\"\",\"offset\":1,\"sequence\":1}"));
}

static void receive__passes_over_what_is_no_query(void **state) {
    struct bench *b = *state;
    static char text[PUBLISH_QUERY_MAX + 1];
    memset(text, 'a', sizeof text);

    port_subscribe(b->sub, view_n(text, sizeof text));
    port_subscribe(b->sub, VIEW_LIT("\0"));
    port_subscribe(b->sub, VIEW_LIT("\xFF\xFE"));

    await_head(b, b->sub); // the first thing that is answered
    assert_int_equal(publish_subscribers(b->publish), 0);
}

static void event__is_lost_to_the_slow_and_the_gap_shows(void **state) {
    struct bench *b = *state;
    struct publish *publish = publish_new(epoch, 0, 10);
    struct port *sub = port_new(PORT_SUB, 1 << 20, 10);
    struct port_message message;
    struct publish_header header = {0};
    static char json[100000];
    uint64_t seen = 0, got = 0;
    memset(json, ' ', sizeof json - 1);
    publish_free(b->publish);
    b->publish = publish;
    snprintf(b->endpoint, sizeof b->endpoint, "ipc://%s/events.sock.2", b->folder);
    assert_int_equal(publish_bind(publish, b->endpoint, NULL), 0);
    port_connect(sub, b->endpoint, NULL);
    subscribe(sub, "");
    await_head(b, sub);

    for (int i = 0; i < 1000; i++)
        say(b, json); // nobody reads: queues and the kernel's buffers fill

    publish_heads(b->publish); // may be lost as well
    while (seen < 1000 && got < 1000) {
        if (port_receive(sub, &message)) {
            say(b, json);
            continue;
        }
        publish_header_read(message.parts[1], &header);
        seen = header.sequence;
        got++;
    }
    assert_true(got < seen);
    port_free(sub);
}

static void header__of_another_length_is_refused(void **state) {
    struct publish_header header;
    (void)state;

    assert_int_equal(publish_header_read(VIEW_LIT("short"), &header), ERR_FORMAT);
}

#define with_bench(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Last of all: the bound stays with the process. */
static void publish_event__bounds_the_bytes_of_who_does_not_read(void **state) {
    struct bench *b = *state;
    size_t size = 512 * 1024;
    if (SANITIZED)
        skip();
    char *json = calloc(1, size);
    struct port *sub = port_new(PORT_SUB, 1 << 20, 1000);
    port_limit_in(sub, 1);
    assert_int_equal(port_connect(sub, b->endpoint, NULL), 0);
    subscribe(sub, "");
    await_head(b, sub);
    memset(json, 'x', size - 1);
    memory_limit(INT64_C(64) << 20);
    uint64_t before = memory_used();

    for (int i = 0; i < 300; i++) // 150 MB in less than a queue of 1,000
        say(b, json);

    assert_true(before > 0);
    assert_true(memory_used() - before < (UINT64_C(48) << 20));
    memory_limit(0);
    port_free(sub);
    free(json);
}

static void publish_event__reaches_who_reads_whatever_its_length(void **state) {
    struct bench *b = *state;
    size_t size = 512 * 1024;
    char *json = calloc(1, size);
    struct port_message message;
    subscribe(b->sub, "");
    await_head(b, b->sub);
    memset(json, 'x', size - 1);

    for (int i = 0; i < 450; i++) {
        say(b, "{}");
        assert_true(get_event(b, b->sub, &message));
    }
    for (int i = 0; i < 100; i++) {
        say(b, json);
        assert_true(get_event(b, b->sub, &message));
    }

    assert_int_equal(message.parts[2].len, size - 1);
    free(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        with_bench(subscribe__to_nothing_gets_every_event),
        with_bench(subscribe__to_a_query_is_answered_with_an_error),
        with_bench(subscribe__by_two_counts_two_and_closing_one_takes_one),
        with_bench(subscribe__of_an_error_does_not_disturb_the_stream),
        with_bench(subscribe__late_starts_at_the_sequence_of_the_day),
        with_bench(publish_event__reaches_who_reads_whatever_its_length),
        with_bench(heads__show_a_last_event_that_was_missed),
        with_bench(receive__passes_over_what_is_no_query),
        with_bench(event__is_lost_to_the_slow_and_the_gap_shows),
        cmocka_unit_test(header__of_another_length_is_refused),
        with_bench(publish_event__bounds_the_bytes_of_who_does_not_read),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    port_shutdown();
    return failed;
}
