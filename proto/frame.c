#include "proto/frame.h"

#include "proto/crc32c.h"

#define AT_LENGTH 4
#define AT_CRC    8

const char *frame_kind_name(int kind) {
    static const char *const names[FRAME_KINDS] = {
        "?",      "HELLO",  "WELCOME", "REFUSE", "CREDIT",    "WORK",
        "RESULT", "COMMIT", "RESUME",  "NACK",   "HEARTBEAT", "BYE"};
    return kind > 0 && kind < FRAME_KINDS ? names[kind] : "?";
}

size_t frame_begin(struct buf *out, enum frame_kind kind, uint32_t number,
                   struct report_id id) {
    size_t begun = out->len;

    buf_put(out, "WT", 2);
    buf_put_u8(out, FRAME_VERSION);
    buf_put_u8(out, (uint8_t)kind);
    buf_put_u32(out, 0);
    buf_put_u32(out, 0);
    buf_put_u32(out, number);
    buf_put(out, id.journal.bytes, sizeof id.journal.bytes);
    buf_put_u64(out, id.index);
    return begun;
}

void frame_end(struct buf *out, size_t begun) {
    size_t length = out->len - begun - FRAME_HEAD_BYTES;

    buf_set_u32(out, begun + AT_LENGTH, (uint32_t)length);
    buf_set_u32(out, begun + AT_CRC,
                crc32c(0, view_n(out->at + begun, out->len - begun)));
}

void frame_put(struct buf *out, const struct frame *frame) {
    size_t begun = frame_begin(out, frame->kind, frame->number, frame->id);

    buf_put_view(out, frame->body);
    frame_end(out, begun);
}

static uint32_t checksum(struct view whole) {
    static const char zero[4];
    uint32_t crc = crc32c(0, view_n(whole.at, AT_CRC));

    crc = crc32c(crc, view_n(zero, sizeof zero));
    return crc32c(crc, view_n(whole.at + AT_CRC + 4, whole.len - AT_CRC - 4));
}

/* The fixed part; *length and *crc as it states them. */
static int take_head(struct view *rest, struct frame *out, uint32_t *length,
                     uint32_t *crc) {
    struct view magic, uuid;
    uint8_t version, kind;

    if (rest->len < FRAME_HEAD_BYTES)
        return ERR_SHORT;
    view_take(rest, 2, &magic);
    view_take_u8(rest, &version);
    view_take_u8(rest, &kind);
    view_take_u32(rest, length);
    view_take_u32(rest, crc);
    view_take_u32(rest, &out->number);
    view_take(rest, sizeof out->id.journal.bytes, &uuid);
    memcpy(out->id.journal.bytes, uuid.at, uuid.len);
    view_take_u64(rest, &out->id.index);
    if (!view_is(magic, "WT"))
        return ERR_FORMAT;
    out->kind = kind;
    return version == FRAME_VERSION ? 0 : ERR_VERSION;
}

int frame_take(struct view *message, struct frame *out) {
    struct view rest = *message;
    uint32_t length, crc;
    int err = take_head(&rest, out, &length, &crc);

    if (err)
        return err;
    if (out->kind == 0 || out->kind >= FRAME_KINDS)
        return ERR_FORMAT;
    if (length > FRAME_MAX_BYTES)
        return ERR_TOO_BIG;
    if (view_take(&rest, length, &out->body))
        return ERR_SHORT;
    out->whole = view_n(message->at, FRAME_HEAD_BYTES + length);
    if (checksum(out->whole) != crc)
        return ERR_CHECKSUM;
    *message = rest;
    return 0;
}

static void put_simple(struct buf *out, enum frame_kind kind, uint32_t number,
                       struct view body) {
    struct frame frame = {.kind = kind, .number = number, .body = body};
    frame_put(out, &frame);
}

static int take_uuid(struct view *from, struct uuid *out) {
    struct view bytes;
    int err = view_take(from, sizeof out->bytes, &bytes);

    if (!err)
        memcpy(out->bytes, bytes.at, bytes.len);
    return err;
}

void hello_put(struct buf *out, const struct hello *hello) {
    size_t begun = frame_begin(out, FRAME_HELLO, hello->role, (struct report_id){0});

    buf_put(out, hello->self.bytes, sizeof hello->self.bytes);
    buf_put_sized(out, hello->name);
    buf_put_sized(out, hello->software);
    buf_put_sized(out, hello->tagger);
    frame_end(out, begun);
}

int hello_read(const struct frame *frame, struct hello *out) {
    struct view rest = frame->body;
    struct hello hello = {.role = (uint8_t)frame->number};
    int err = frame->number > 255 ? ERR_FORMAT : take_uuid(&rest, &hello.self);

    if (!err)
        err = view_take_sized(&rest, &hello.name);
    if (!err)
        err = view_take_sized(&rest, &hello.software);
    if (!err)
        err = view_take_sized(&rest, &hello.tagger);
    if (!err)
        *out = hello;
    return err;
}

void welcome_put(struct buf *out, const struct welcome *welcome) {
    size_t begun = frame_begin(out, FRAME_WELCOME, 0, (struct report_id){0});

    buf_put(out, welcome->self.bytes, sizeof welcome->self.bytes);
    buf_put_u32(out, welcome->heartbeat_ms);
    buf_put_u32(out, welcome->lease_ms);
    buf_put_sized(out, welcome->software);
    buf_put_sized(out, welcome->older);
    frame_end(out, begun);
}

int welcome_read(const struct frame *frame, struct welcome *out) {
    struct view rest = frame->body;
    struct welcome welcome = {0};
    int err = take_uuid(&rest, &welcome.self);

    if (!err)
        err = view_take_u32(&rest, &welcome.heartbeat_ms);
    if (!err)
        err = view_take_u32(&rest, &welcome.lease_ms);
    if (!err)
        err = view_take_sized(&rest, &welcome.software);
    if (!err)
        err = view_take_sized(&rest, &welcome.older);
    if (!err &&
        (!welcome.heartbeat_ms || welcome.older.len % sizeof welcome.self.bytes != 0))
        err = ERR_FORMAT;
    if (!err)
        *out = welcome;
    return err;
}
int welcome_older(struct view *older, struct uuid *out) {
    return take_uuid(older, out) ? 1 : 0;
}

void refuse_put(struct buf *out, enum refusal code, struct view text) {
    put_simple(out, FRAME_REFUSE, code, text);
}

void credit_put(struct buf *out, struct credit credit) {
    size_t begun = frame_begin(out, FRAME_CREDIT, credit.messages, (struct report_id){0});

    buf_put_u64(out, credit.bytes);
    frame_end(out, begun);
}

int credit_read(const struct frame *frame, struct credit *out) {
    struct view rest = frame->body;
    uint64_t bytes;
    int err = view_take_u64(&rest, &bytes);

    if (!err)
        *out = (struct credit){frame->number, bytes};
    return err;
}

void account_give(struct account *account, struct credit credit) {
    int64_t bytes = credit.bytes < ACCOUNT_MOST ? (int64_t)credit.bytes : ACCOUNT_MOST;

    account->messages += credit.messages;
    account->bytes =
        account->bytes < ACCOUNT_MOST - bytes ? account->bytes + bytes : ACCOUNT_MOST;
}

void work_put(struct buf *out, struct report_id id, uint32_t attempt,
              struct view report) {
    struct frame frame = {FRAME_WORK, attempt, id, report, {0}};
    frame_put(out, &frame);
}

#define STORY_CANCELED   1u /* of its flags; the other bits are not looked at */
#define STORY_HEAD_BYTES (4 + 8 + 4 + 4 + 1 + 8) /* besides the guid */

size_t result_begin(struct buf *out, const struct result_story *story) {
    size_t begun;

    buf_put_u32(out, (uint32_t)(STORY_HEAD_BYTES + story->guid.len));
    buf_put_sized(out, story->guid);
    buf_put_u64(out, story->version);
    buf_put_u32(out, story->part);
    buf_put_u32(out, story->parts);
    buf_put_u8(out, story->canceled ? STORY_CANCELED : 0);
    buf_put_u64(out, story->embargo_ms > 0 ? (uint64_t)story->embargo_ms : 0);
    begun = out->len;
    buf_put_u32(out, 0);
    return begun;
}

void result_end(struct buf *out, size_t begun) {
    buf_set_u32(out, begun, (uint32_t)(out->len - begun - 4));
}

void result_put(struct buf *out, const struct result_story *story) {
    size_t begun = result_begin(out, story);

    buf_put_view(out, story->json);
    result_end(out, begun);
}

int result_next(struct view *body, struct result_story *out) {
    struct result_story story;
    struct view rest = *body, head;
    uint64_t embargo;
    uint8_t flags;

    if (!rest.len)
        return 1;
    if (view_take_sized(&rest, &head) || view_take_sized(&head, &story.guid) ||
        view_take_u64(&head, &story.version) || view_take_u32(&head, &story.part) ||
        view_take_u32(&head, &story.parts) || view_take_u8(&head, &flags) ||
        view_take_u64(&head, &embargo) || view_take_sized(&rest, &story.json))
        return ERR_SHORT;
    story.canceled = flags & STORY_CANCELED;
    story.embargo_ms = embargo < INT64_MAX ? (int64_t)embargo : INT64_MAX;
    *out = story;
    *body = rest;
    return 0;
}

void commit_put(struct buf *out, enum frame_kind kind, const struct commit *commit) {
    struct report_id id = {commit->journal, commit->upto};
    size_t count =
        commit->range_count < COMMIT_RANGES ? commit->range_count : COMMIT_RANGES;
    size_t begun = frame_begin(out, kind, (uint32_t)count, id);

    for (size_t i = 0; i < count; i++) {
        buf_put_u64(out, commit->ranges[i].lo);
        buf_put_u64(out, commit->ranges[i].hi);
    }
    frame_end(out, begun);
}

int commit_read(const struct frame *frame, struct commit *out, struct range *ranges) {
    struct view rest = frame->body;
    uint64_t last = frame->id.index;

    if (frame->number > COMMIT_RANGES)
        return ERR_TOO_BIG;
    for (uint32_t i = 0; i < frame->number; i++) {
        if (view_take_u64(&rest, &ranges[i].lo) || view_take_u64(&rest, &ranges[i].hi))
            return ERR_SHORT;
        if (ranges[i].lo <= last || ranges[i].hi < ranges[i].lo)
            return ERR_FORMAT;
        last = ranges[i].hi;
    }
    *out = (struct commit){frame->id.journal, frame->id.index, ranges, frame->number};
    return 0;
}

void nack_put(struct buf *out, struct report_id id, enum nack class_, struct view text) {
    struct frame frame = {FRAME_NACK, class_, id, text, {0}};
    frame_put(out, &frame);
}

void heartbeat_put(struct buf *out, const struct heartbeat *beat) {
    size_t begun = frame_begin(out, FRAME_HEARTBEAT, 0, (struct report_id){0});

    buf_put_u64(out, beat->sequence);
    buf_put_u64(out, beat->started);
    buf_put_u64(out, beat->done);
    buf_put_u64(out, beat->memory_bytes);
    frame_end(out, begun);
}

int heartbeat_read(const struct frame *frame, struct heartbeat *out) {
    struct view rest = frame->body;
    struct heartbeat beat;

    if (view_take_u64(&rest, &beat.sequence) || view_take_u64(&rest, &beat.started) ||
        view_take_u64(&rest, &beat.done) || view_take_u64(&rest, &beat.memory_bytes))
        return ERR_SHORT;
    *out = beat;
    return 0;
}

void bye_put(struct buf *out) { put_simple(out, FRAME_BYE, 0, view_of(NULL)); }
