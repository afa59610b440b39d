/* Frames: each kind there and back, and every way in which one can be broken. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/crc32c.h"
#include "proto/frame.h"

static const struct uuid journal = {
    {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255}};

static const struct range some_ranges[] = {{12, 12}, {14, 20}, {21, UINT64_MAX}};

/* One frame of each kind; returns how many. */
static int put_all(struct buf *out) {
    const struct hello hello = {ROLE_ENRICH, journal, VIEW_LIT("host 7"),
                                VIEW_LIT("wiretag 0.1.0"), VIEW_LIT("model")};
    const struct welcome welcome = {journal, 500, 30000, VIEW_LIT("wiretag 0.1.0"),
                                    VIEW_LIT("an earlier run's and another one")};
    const struct report_id id = {journal, 77};
    const struct commit commit = {journal, 10, some_ranges, COUNT(some_ranges)};
    size_t begun;

    hello_put(out, &hello);
    welcome_put(out, &welcome);
    refuse_put(out, REFUSE_ROLE, VIEW_LIT("not here"));
    credit_put(out, (struct credit){64, 1u << 20});
    work_put(out, id, 3, VIEW_LIT("encoded report"));
    begun = frame_begin(out, FRAME_RESULT, 0xABCDEF01u, id);
    result_put(out, &(struct result_story){VIEW_LIT("urn:a"), UINT64_MAX, 1, 2, true,
                                           VIEW_LIT("{\"a\":1}"), 1579003200000});
    result_put(out, &(struct result_story){.json = VIEW_LIT("{}")});
    frame_end(out, begun);
    commit_put(out, FRAME_COMMIT, &commit);
    commit_put(out, FRAME_RESUME, &commit);
    nack_put(out, id, NACK_POISON, VIEW_LIT("no text"));
    heartbeat_put(out, &(struct heartbeat){1, 2, 3, UINT64_MAX});
    bye_put(out);
    return FRAME_KINDS - 1;
}

/* The frame of this kind out of put_all's. */
static struct frame take_kind(struct buf *bytes, enum frame_kind kind) {
    struct view message;
    struct frame frame = {0};

    buf_clear(bytes);
    put_all(bytes);
    message = buf_view(bytes);
    do
        assert_int_equal(frame_take(&message, &frame), 0);
    while (frame.kind != kind);
    return frame;
}

static void frame_take__takes_a_batch_frame_by_frame(void **state) {
    (void)state;
    struct buf bytes = {0};
    int count = put_all(&bytes);
    struct view message = buf_view(&bytes);
    struct frame frame;

    for (int kind = FRAME_HELLO; kind <= count; kind++) {
        const char *at = message.at;
        assert_int_equal(frame_take(&message, &frame), 0);
        assert_int_equal(frame.kind, kind);
        assert_ptr_equal(frame.whole.at, at);
        assert_ptr_equal(frame.whole.at + frame.whole.len, message.at);
        assert_int_equal(frame.whole.len, frame.body.len + FRAME_HEAD_BYTES);
    }

    assert_int_equal(message.len, 0);
    assert_int_equal(frame_take(&message, &frame), ERR_SHORT);
    buf_release(&bytes);
}

static void frame_put__writes_what_frame_take_took(void **state) {
    (void)state;
    struct buf bytes = {0}, again = {0};
    struct view message;
    struct frame frame;

    put_all(&bytes);
    message = buf_view(&bytes);
    while (frame_take(&message, &frame) == 0)
        frame_put(&again, &frame);

    assert_view_equal(buf_view(&again), buf_view(&bytes));
    buf_release(&bytes);
    buf_release(&again);
}

static void frame_begin__lays_the_header_out_as_documented(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct view rest, magic, uuid;
    uint8_t version, kind;
    uint32_t length, crc, number;
    uint64_t index;

    work_put(&bytes, (struct report_id){journal, 0x0102030405060708u}, 3,
             VIEW_LIT("body"));
    rest = buf_view(&bytes);
    view_take(&rest, 2, &magic);
    view_take_u8(&rest, &version);
    view_take_u8(&rest, &kind);
    view_take_u32(&rest, &length);
    view_take_u32(&rest, &crc);
    view_take_u32(&rest, &number);
    view_take(&rest, 16, &uuid);
    view_take_u64(&rest, &index);

    assert_view_is(magic, "WT");
    assert_int_equal(version, 2);
    assert_int_equal(kind, 5);
    assert_int_equal(length, 4);
    assert_int_equal(number, 3);
    assert_memory_equal(uuid.at, journal.bytes, 16);
    assert_true(index == 0x0102030405060708u);
    assert_view_is(rest, "body");
    buf_set_u32(&bytes, 8, 0);
    assert_int_equal(crc, crc32c(0, buf_view(&bytes)));
    buf_release(&bytes);
}

static void frame_take__refuses_every_truncation(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct view message, rest;
    struct frame frame;

    put_all(&bytes);
    for (rest = buf_view(&bytes); frame_take(&rest, &frame) == 0;) {
        struct view whole = frame.whole;
        for (size_t len = 0; len < whole.len; len++) {
            char *exact = malloc(len ? len : 1); // so that a sanitizer sees the end
            memcpy(exact, whole.at, len);
            message = view_n(exact, len);
            assert_int_equal(frame_take(&message, &frame), ERR_SHORT);
            assert_ptr_equal(message.at, exact);
            assert_int_equal(message.len, len);
            free(exact);
        }
    }
    buf_release(&bytes);
}

static void frame_take__refuses_every_flipped_bit(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct view rest;
    struct frame frame;

    put_all(&bytes);
    for (rest = buf_view(&bytes); frame_take(&rest, &frame) == 0;) {
        struct view whole = frame.whole;
        size_t first = (size_t)(whole.at - bytes.at);
        for (size_t bit = 0; bit < whole.len * 8; bit++) {
            struct view message = {whole.at, bytes.len - first};
            bytes.at[first + bit / 8] ^= (char)(1 << bit % 8);
            if (frame_take(&message, &frame) == 0)
                fail_msg("kind %d, bit %zu", frame.kind, bit);
            assert_ptr_equal(message.at, whole.at);
            bytes.at[first + bit / 8] ^= (char)(1 << bit % 8);
        }
    }
    assert_int_equal(rest.len, 0);
    buf_release(&bytes);
}

static void frame_take__survives_random_bytes(void **state) {
    (void)state;
    uint64_t seed = 16;

    for (int i = 0; i < 100000; i++) {
        char bytes[80] = "WT\x02";
        struct view message = {bytes, random_below(&seed, sizeof bytes)};
        struct frame frame;
        for (size_t k = i % 2 ? 3 : 0; k < sizeof bytes; k++)
            bytes[k] = (char)random_next(&seed);
        assert_true(frame_take(&message, &frame) < 0);
    }
}

static void frame_take__names_kind_and_number_of_another_version(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct view message;
    struct frame frame = {0};

    refuse_put(&bytes, REFUSE_BUSY, VIEW_LIT("full"));
    bytes.at[2] = 9;
    message = buf_view(&bytes);

    assert_int_equal(frame_take(&message, &frame), ERR_VERSION);
    assert_int_equal(frame.kind, FRAME_REFUSE);
    assert_int_equal(frame.number, REFUSE_BUSY);
    assert_int_equal(message.len, bytes.len);
    buf_release(&bytes);
}

static int take_changed(size_t at, uint8_t to) {
    struct buf bytes = {0};
    struct view message;
    struct frame frame;
    int err;

    bye_put(&bytes);
    bytes.at[at] = (char)to;
    message = buf_view(&bytes);
    err = frame_take(&message, &frame);
    buf_release(&bytes);
    return err;
}

static void frame_take__says_what_is_wrong(void **state) {
    (void)state;

    assert_int_equal(take_changed(0, 'w'), ERR_FORMAT);
    assert_int_equal(take_changed(2, 0), ERR_VERSION);
    assert_int_equal(take_changed(3, 0), ERR_FORMAT);
    assert_int_equal(take_changed(3, FRAME_KINDS), ERR_FORMAT);
    assert_int_equal(take_changed(3, FRAME_HELLO), ERR_CHECKSUM);
    assert_int_equal(take_changed(4, 1), ERR_SHORT);
    assert_int_equal(take_changed(7, 4), ERR_SHORT);
    assert_int_equal(take_changed(7, 5), ERR_TOO_BIG);
    assert_int_equal(take_changed(8, 0), ERR_CHECKSUM);
}

static void hello_read__gives_back_the_hello(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct frame frame = take_kind(&bytes, FRAME_HELLO);
    struct hello hello;

    assert_int_equal(hello_read(&frame, &hello), 0);
    assert_int_equal(hello.role, ROLE_ENRICH);
    assert_true(uuid_eq(hello.self, journal));
    assert_view_is(hello.name, "host 7");
    assert_view_is(hello.software, "wiretag 0.1.0");
    assert_view_is(hello.tagger, "model");
    frame.number = 256;
    assert_int_equal(hello_read(&frame, &hello), ERR_FORMAT);
    buf_release(&bytes);
}

static void welcome_read__gives_back_the_welcome(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct frame frame = take_kind(&bytes, FRAME_WELCOME);
    struct welcome welcome;

    assert_int_equal(welcome_read(&frame, &welcome), 0);
    assert_true(uuid_eq(welcome.self, journal));
    assert_int_equal(welcome.heartbeat_ms, 500);
    assert_int_equal(welcome.lease_ms, 30000);
    assert_view_is(welcome.software, "wiretag 0.1.0");

    struct uuid older;
    assert_int_equal(welcome_older(&welcome.older, &older), 0);
    assert_memory_equal(older.bytes, "an earlier run's", 16);
    assert_int_equal(welcome_older(&welcome.older, &older), 0);
    assert_memory_equal(older.bytes, " and another one", 16);
    assert_true(welcome_older(&welcome.older, &older) > 0);
    buf_release(&bytes);
}

static void welcome_read__refuses_what_cannot_be(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct frame frame;
    struct welcome welcome;

    welcome_put(&bytes, &(struct welcome){.heartbeat_ms = 0});
    welcome_put(&bytes,
                &(struct welcome){.heartbeat_ms = 1, .older = VIEW_LIT("half a uuid")});
    struct view message = buf_view(&bytes);
    assert_int_equal(frame_take(&message, &frame), 0);
    assert_int_equal(welcome_read(&frame, &welcome), ERR_FORMAT);
    assert_int_equal(frame_take(&message, &frame), 0);
    assert_int_equal(welcome_read(&frame, &welcome), ERR_FORMAT);
    buf_release(&bytes);
}

static void small_bodies__come_back(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct frame frame = take_kind(&bytes, FRAME_CREDIT);
    struct credit credit;
    struct heartbeat beat;

    assert_int_equal(credit_read(&frame, &credit), 0);
    assert_int_equal(credit.messages, 64);
    assert_int_equal(credit.bytes, 1u << 20);

    frame = take_kind(&bytes, FRAME_HEARTBEAT);
    assert_int_equal(heartbeat_read(&frame, &beat), 0);
    assert_int_equal(beat.sequence, 1);
    assert_int_equal(beat.started, 2);
    assert_int_equal(beat.done, 3);
    assert_true(beat.memory_bytes == UINT64_MAX);

    frame = take_kind(&bytes, FRAME_WORK);
    assert_int_equal(frame.number, 3);
    assert_int_equal(frame.id.index, 77);
    assert_true(uuid_eq(frame.id.journal, journal));
    assert_view_is(frame.body, "encoded report");

    frame = take_kind(&bytes, FRAME_NACK);
    assert_int_equal(frame.number, NACK_POISON);
    assert_int_equal(frame.id.index, 77);
    assert_view_is(frame.body, "no text");

    frame = take_kind(&bytes, FRAME_REFUSE);
    assert_int_equal(frame.number, REFUSE_ROLE);
    assert_view_is(frame.body, "not here");
    buf_release(&bytes);
}

static int read_body(const struct frame *frame) {
    struct range ranges[COMMIT_RANGES];

    switch (frame->kind) {
        case FRAME_HELLO:
            return hello_read(frame, &(struct hello){0});
        case FRAME_WELCOME:
            return welcome_read(frame, &(struct welcome){0});
        case FRAME_CREDIT:
            return credit_read(frame, &(struct credit){0});
        case FRAME_COMMIT:
        case FRAME_RESUME:
            return commit_read(frame, &(struct commit){0}, ranges);
        case FRAME_HEARTBEAT:
            return heartbeat_read(frame, &(struct heartbeat){0});
        default:
            return 1;
    }
}

static void bodies__are_refused_when_cut_and_longer_ones_are_not(void **state) {
    (void)state;

    for (int kind = FRAME_HELLO; kind < FRAME_KINDS; kind++) {
        struct buf bytes = {0}, longer = {0};
        struct frame frame = take_kind(&bytes, kind);
        struct view body = frame.body;
        int whole = read_body(&frame);
        assert_true(whole >= 0);
        buf_put_view(&longer, body);
        buf_put_text(&longer, "of a later version");
        frame.body = buf_view(&longer);
        assert_int_equal(read_body(&frame), whole);
        for (size_t len = 0; whole == 0 && len < body.len; len++) {
            frame.body = view_n(body.at, len);
            assert_int_equal(read_body(&frame), ERR_SHORT);
        }
        buf_release(&bytes);
        buf_release(&longer);
    }
}

static void result_next__gives_each_story(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct frame frame = take_kind(&bytes, FRAME_RESULT);
    struct view rest = frame.body;
    struct result_story story;

    assert_int_equal(frame.number, 0xABCDEF01u);
    assert_int_equal(result_next(&rest, &story), 0);
    assert_view_is(story.guid, "urn:a");
    assert_true(story.version == UINT64_MAX && story.part == 1 && story.parts == 2);
    assert_true(story.canceled && story.embargo_ms == 1579003200000);
    assert_view_is(story.json, "{\"a\":1}");
    assert_int_equal(result_next(&rest, &story), 0);
    assert_true(story.guid.len == 0 && story.version == 0 && !story.canceled);
    assert_true(story.embargo_ms == 0);
    assert_view_is(story.json, "{}");
    assert_true(result_next(&rest, &story) > 0);
    buf_release(&bytes);
}

static void result_next__takes_whole_stories_only(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct frame frame = take_kind(&bytes, FRAME_RESULT);
    struct view second = frame.body;
    struct result_story story;
    result_next(&second, &story);

    for (size_t len = 1; len < second.len; len++) {
        struct view rest = view_n(second.at, len);
        assert_int_equal(result_next(&rest, &story), ERR_SHORT);
        assert_int_equal(rest.len, len);
    }
    buf_release(&bytes);
}

static void result_next__takes_no_end_of_an_embargo_for_none(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct result_story story;
    struct view rest;

    result_put(&bytes, &(struct result_story){.json = VIEW_LIT("{}"), .embargo_ms = -1});
    rest = buf_view(&bytes);
    assert_int_equal(result_next(&rest, &story), 0);
    assert_true(story.embargo_ms == 0);
    memset(bytes.at + bytes.len - 4 - 2 - 8, 0xFF, 8); // what no moment is: for ever
    rest = buf_view(&bytes);
    assert_int_equal(result_next(&rest, &story), 0);

    assert_true(story.embargo_ms == INT64_MAX);
    buf_release(&bytes);
}

static void result_next__passes_over_fields_it_does_not_know(void **state) {
    (void)state;
    struct buf bytes = {0}, longer = {0};
    struct frame frame = take_kind(&bytes, FRAME_RESULT);
    struct view rest = frame.body, head;
    struct result_story story;

    view_take_sized(&rest, &head);
    buf_put_u32(&longer, (uint32_t)head.len + 3);
    buf_put_view(&longer, head);
    buf_put_text(&longer, "new");
    buf_put_view(&longer, rest);
    rest = buf_view(&longer);

    assert_int_equal(result_next(&rest, &story), 0);
    assert_view_is(story.json, "{\"a\":1}");
    assert_int_equal(result_next(&rest, &story), 0);
    assert_int_equal(rest.len, 0);
    buf_release(&bytes);
    buf_release(&longer);
}

static void commit_read__gives_back_the_ranges(void **state) {
    (void)state;
    struct buf bytes = {0};
    struct range ranges[COMMIT_RANGES];
    struct commit commit;

    for (int kind = FRAME_COMMIT; kind <= FRAME_RESUME; kind++) {
        struct frame frame = take_kind(&bytes, kind);
        assert_int_equal(commit_read(&frame, &commit, ranges), 0);
        assert_true(uuid_eq(commit.journal, journal));
        assert_int_equal(commit.upto, 10);
        assert_int_equal(commit.range_count, COUNT(some_ranges));
        assert_memory_equal(commit.ranges, some_ranges, sizeof some_ranges);
    }
    buf_release(&bytes);
}

static int read_ranges(uint64_t upto, const struct range *given, size_t count) {
    struct buf bytes = {0};
    struct view message;
    struct frame frame;
    struct range ranges[COMMIT_RANGES];
    struct commit commit;
    int err;

    commit_put(&bytes, FRAME_COMMIT, &(struct commit){journal, upto, given, count});
    message = buf_view(&bytes);
    assert_int_equal(frame_take(&message, &frame), 0);
    err = commit_read(&frame, &commit, ranges);
    buf_release(&bytes);
    return err;
}

static void commit_read__refuses_ranges_out_of_order(void **state) {
    (void)state;

    assert_int_equal(read_ranges(0, NULL, 0), 0);
    assert_int_equal(read_ranges(UINT64_MAX, NULL, 0), 0);
    assert_int_equal(read_ranges(5, (struct range[]){{6, 6}}, 1), 0);
    assert_int_equal(read_ranges(5, (struct range[]){{5, 6}}, 1), ERR_FORMAT);
    assert_int_equal(read_ranges(5, (struct range[]){{8, 7}}, 1), ERR_FORMAT);
    assert_int_equal(read_ranges(5, (struct range[]){{8, 9}, {9, 10}}, 2), ERR_FORMAT);
    assert_int_equal(read_ranges(5, (struct range[]){{12, 13}, {8, 9}}, 2), ERR_FORMAT);
    assert_int_equal(
        read_ranges(5, (struct range[]){{8, UINT64_MAX}, {9, UINT64_MAX}}, 2),
        ERR_FORMAT);
    assert_int_equal(read_ranges(0, (struct range[]){{0, 1}}, 1), ERR_FORMAT);
}

static void commit_put__stops_at_what_one_frame_holds(void **state) {
    (void)state;
    struct range many[COMMIT_RANGES + 10];

    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = (struct range){10 + 2 * i, 10 + 2 * i};
    assert_int_equal(read_ranges(5, many, COUNT(many)), 0);

    struct buf bytes = {0};
    struct frame frame = take_kind(&bytes, FRAME_COMMIT);
    frame.number = COMMIT_RANGES + 1;
    assert_int_equal(read_body(&frame), ERR_TOO_BIG);
    buf_release(&bytes);
}

static void frame_kind_name__has_a_name_for_each(void **state) {
    (void)state;

    assert_string_equal(frame_kind_name(FRAME_HELLO), "HELLO");
    assert_string_equal(frame_kind_name(FRAME_BYE), "BYE");
    for (int kind = 1; kind < FRAME_KINDS; kind++)
        assert_string_not_equal(frame_kind_name(kind), "?");
    assert_string_equal(frame_kind_name(0), "?");
    assert_string_equal(frame_kind_name(-1), "?");
    assert_string_equal(frame_kind_name(FRAME_KINDS), "?");
}

static void digest_of__is_blake2b(void **state) {
    (void)state;
    char hex[HEX16];

    hex16(digest_of(VIEW_LIT("")).bytes, hex);

    assert_string_equal(hex, "cae66941d9efbd404e4d88758ea67670");
}

/* The sender's account and the receiver's, with results and credit on their way between
 * them: what the sender may send the receiver always has credit for. */
static void account__is_the_same_on_both_sides(void **state) {
    struct account sender = {0}, receiver = {0};
    size_t sent[64], first = 0, last = 0;
    struct credit way = {8, 500};
    uint32_t random = 7;
    (void)state;
    account_give(&receiver, way);

    for (int step = 0; step < 20000; step++) {
        random = random * 1664525u + 1013904223u;
        if (random >> 31) {
            account_give(&sender, way);
            way = (struct credit){0, 0};
        } else if (random >> 30 && account_is_open(sender)) {
            sent[last++ % 64] = random % 400;
            account_take(&sender, random % 400);
        } else if (first < last) {
            struct credit back = {1, sent[first++ % 64]};
            assert_true(account_is_open(receiver));
            account_take(&receiver, back.bytes);
            account_give(&receiver, back);
            way.messages += back.messages;
            way.bytes += back.bytes;
        }
    }

    assert_true(first > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(account__is_the_same_on_both_sides),
        cmocka_unit_test(frame_take__takes_a_batch_frame_by_frame),
        cmocka_unit_test(frame_put__writes_what_frame_take_took),
        cmocka_unit_test(frame_begin__lays_the_header_out_as_documented),
        cmocka_unit_test(frame_take__refuses_every_truncation),
        cmocka_unit_test(frame_take__refuses_every_flipped_bit),
        cmocka_unit_test(frame_take__survives_random_bytes),
        cmocka_unit_test(frame_take__names_kind_and_number_of_another_version),
        cmocka_unit_test(frame_take__says_what_is_wrong),
        cmocka_unit_test(hello_read__gives_back_the_hello),
        cmocka_unit_test(welcome_read__gives_back_the_welcome),
        cmocka_unit_test(welcome_read__refuses_what_cannot_be),
        cmocka_unit_test(small_bodies__come_back),
        cmocka_unit_test(bodies__are_refused_when_cut_and_longer_ones_are_not),
        cmocka_unit_test(result_next__gives_each_story),
        cmocka_unit_test(result_next__takes_whole_stories_only),
        cmocka_unit_test(result_next__takes_no_end_of_an_embargo_for_none),
        cmocka_unit_test(result_next__passes_over_fields_it_does_not_know),
        cmocka_unit_test(commit_read__gives_back_the_ranges),
        cmocka_unit_test(commit_read__refuses_ranges_out_of_order),
        cmocka_unit_test(commit_put__stops_at_what_one_frame_holds),
        cmocka_unit_test(frame_kind_name__has_a_name_for_each),
        cmocka_unit_test(digest_of__is_blake2b),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
