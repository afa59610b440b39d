/* Frames as a hostile peer would send them: the message as it is, and each body once more
 * behind a sound header, for no fuzzer guesses a checksum. */
#include <assert.h>
#include <stdlib.h>

#include "proto/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_commit(const struct frame *frame) {
    struct range ranges[COMMIT_RANGES];
    struct commit commit;

    if (commit_read(frame, &commit, ranges))
        return;
    assert(commit.range_count <= COMMIT_RANGES);
    for (size_t i = 0; i < commit.range_count; i++)
        assert(commit.ranges[i].lo <= commit.ranges[i].hi &&
               commit.ranges[i].lo > (i ? commit.ranges[i - 1].hi : commit.upto));
}

static void read_all(const struct frame *frame) {
    union {
        struct hello hello;
        struct welcome welcome;
        struct credit credit;
        struct heartbeat heartbeat;
    } out;
    struct view body = frame->body;
    struct result_story story;

    hello_read(frame, &out.hello);
    welcome_read(frame, &out.welcome);
    credit_read(frame, &out.credit);
    heartbeat_read(frame, &out.heartbeat);
    read_commit(frame);
    while (result_next(&body, &story) == 0)
        assert(story.guid.at + story.guid.len < story.json.at &&
               story.json.at + story.json.len == body.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view message = {(const char *)data, size}, rest = message;
    struct frame frame, sound = {.kind = FRAME_RESULT, .body = message};
    struct buf whole = {0};

    while (frame_take(&rest, &frame) == 0)
        read_all(&frame);
    sound.number = size ? data[0] : 0;
    frame_put(&whole, &sound);
    rest = buf_view(&whole);
    assert(frame_take(&rest, &frame) == 0 && rest.len == 0);
    assert(frame.number == sound.number && view_eq(frame.body, message));
    read_all(&frame);
    buf_release(&whole);
    return 0;
}
