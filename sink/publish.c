#include "sink/publish.h"

#include <stdlib.h>

#include "proto/json.h"
#include "proto/mem.h"
#include "proto/run/memory.h"
#include "proto/run/port.h"
#include "proto/utf8.h"

#define MESSAGE_MAX                                                                      \
    (64u * 1024) /* a subscription; libzmq drops who sends longer ones                   \
                  */
#define HEAD_MARK      '?'
#define MEMORY_SHARE   8 /* of the bound, for what one subscriber leaves unread */
#define BYTES_STANDARD (INT64_C(32) << 20) /* the same without a bound */
#define EVENT_BYTES    (16 * 1024) /* few are longer: what the queue is measured by */

/* A query somebody asked for. */
struct stream {
    struct buf topic; /* the query and a NUL */
    uint64_t sequence;
    size_t subscribers; /* as they say; not to be relied on */
};

struct publish {
    struct port *port;
    struct uuid epoch;
    uint64_t offset; /* of the last event */
    uint64_t count;
    struct stream everything; /* the empty query's */
    struct buf topic, header, json;
};

void publish_header_put(struct buf *out, const struct publish_header *header) {
    buf_put(out, header->epoch.bytes, sizeof header->epoch.bytes);
    buf_put_u64(out, header->offset);
    buf_put_u64(out, header->sequence);
}

int publish_header_read(struct view bytes, struct publish_header *out) {
    struct view uuid;

    if (bytes.len != PUBLISH_HEADER_BYTES)
        return ERR_FORMAT;
    view_take(&bytes, sizeof out->epoch.bytes, &uuid);
    memcpy(out->epoch.bytes, uuid.at, uuid.len);
    view_take_u64(&bytes, &out->offset);
    view_take_u64(&bytes, &out->sequence);
    return 0;
}

static int64_t bytes_for_one(void) {
    return memory_bound() ? memory_bound() / MEMORY_SHARE : BYTES_STANDARD;
}

/* libzmq counts messages, not bytes. Its limit stays as it is: lowered while somebody is
 * connected it may stop that connection for ever, since what was read is told only each
 * so many messages, and those no longer come. */
static int queue_limit(int queue) {
    int64_t most = bytes_for_one() / EVENT_BYTES;

    return most < queue ? (int)most : queue;
}

struct publish *publish_new(struct uuid epoch, uint64_t offset, int queue) {
    struct publish *publish = mem_zalloc(sizeof *publish);

    publish->port = port_new(PORT_XPUB, MESSAGE_MAX, queue_limit(queue));
    publish->epoch = epoch;
    publish->offset = offset;
    publish->everything.sequence =
        offset; // the stream of everything is the journal itself
    buf_put_u8(&publish->everything.topic, 0);
    return publish;
}

void publish_free(struct publish *publish) {
    if (!publish)
        return;
    port_free(publish->port);
    buf_release(&publish->everything.topic);
    buf_release(&publish->topic);
    buf_release(&publish->header);
    buf_release(&publish->json);
    free(publish);
}

int publish_bind(struct publish *publish, const char *endpoint, struct diag *diag) {
    return port_bind(publish->port, endpoint, diag);
}

const char *publish_endpoint(const struct publish *publish) {
    return port_endpoint(publish->port);
}

struct port *publish_port(struct publish *publish) {
    return publish->port;
}
uint64_t publish_count(const struct publish *publish) { return publish->count; }

size_t publish_subscribers(const struct publish *publish) {
    return publish->everything.subscribers;
}

static int send_message(struct publish *publish, struct view topic,
                        struct publish_header header, struct view json) {
    struct view parts[3] = {topic, {0}, json};

    header.epoch = publish->epoch;
    buf_clear(&publish->header);
    publish_header_put(&publish->header, &header);
    parts[1] = buf_view(&publish->header);
    return port_send(publish->port, view_of(NULL), parts, 3);
}

/* ---- subscriptions ---- */

/* The stream of a query. NULL with a diag that says what is wrong with it. */
static struct stream *stream_of(struct publish *publish, struct view query,
                                struct diag *diag) {
    if (!query.len)
        return &publish->everything;
    diag_set(
        diag, 0,
        "this version understands only the empty subscription, which is every event: "
        "subscribe to \"\"");
    return NULL;
}

static void make_topic(struct publish *publish, struct view query) {
    buf_clear(&publish->topic);
    buf_put_view(&publish->topic, query);
    buf_put_u8(&publish->topic, 0);
}

static void answer_error(struct publish *publish, struct view query, const char *why) {
    struct json json;

    buf_clear(&publish->json);
    json = json_to(&publish->json);
    json_begin_object(&json);
    json_key(&json, "error");
    json_text(&json, why);
    json_key(&json, "query");
    json_view(&json, query);
    json_end(&json);
    send_message(publish, buf_view(&publish->topic), (struct publish_header){0},
                 buf_view(&publish->json));
}

/* To the topic last made, "?" and the query. */
static void answer_head(struct publish *publish, struct view query,
                        const struct stream *stream) {
    struct publish_header header = {.offset = publish->offset,
                                    .sequence = stream->sequence};
    struct json json;

    buf_clear(&publish->json);
    json = json_to(&publish->json);
    json_begin_object(&json);
    json_key(&json, "query");
    json_view(&json, query);
    json_member_uint(&json, JSON_KEY("offset"), header.offset);
    json_member_uint(&json, JSON_KEY("sequence"), header.sequence);
    json_end(&json);
    send_message(publish, buf_view(&publish->topic), header, buf_view(&publish->json));
}

static void subscribe(struct publish *publish, struct view text, bool asks_head) {
    struct view query = asks_head ? view_n(text.at + 1, text.len - 1) : text;
    struct diag diag = {0};
    struct stream *stream = stream_of(publish, query, &diag);

    make_topic(publish, text);
    port_grant(publish->port, buf_view(&publish->topic));
    if (!stream) {
        answer_error(publish, text, diag.text);
        port_revoke(publish->port, buf_view(&publish->topic)); // nothing more will come
    } else if (asks_head) {
        answer_head(publish, query, stream);
    } else {
        stream->subscribers++;
    }
}

static void unsubscribe(struct publish *publish, struct view text, bool asks_head) {
    struct stream *stream = asks_head ? NULL : stream_of(publish, text, NULL);

    make_topic(publish, text);
    port_revoke(publish->port, buf_view(&publish->topic));
    if (stream && stream->subscribers)
        stream->subscribers--;
}

/* A topic is the query and a NUL, so a query with a NUL could pose as another; it cannot
 * even be answered. */
static bool can_be_a_query(struct view text) {
    return text.len <= PUBLISH_QUERY_MAX && utf8_valid_prefix(text) == text.len &&
           (!text.len || !memchr(text.at, 0, text.len));
}

void publish_receive(struct publish *publish) {
    struct port_message message;
    struct view text;
    bool asks_head;
    uint8_t verb;

    if (port_receive(publish->port, &message) || message.count != 1)
        return;
    text = message.parts[0];
    if (view_take_u8(&text, &verb) || verb > 1 || !can_be_a_query(text))
        return;
    asks_head = text.len && text.at[0] == HEAD_MARK;
    if (verb)
        subscribe(publish, text, asks_head);
    else
        unsubscribe(publish, text, asks_head);
}

/* ---- events ---- */

/* Only long events can take more than queue_limit counts on. */
static bool must_be_left_out(const struct journal_event *event) {
    return event->json.len > EVENT_BYTES && memory_bound() &&
           memory_used() > (uint64_t)memory_bound() / 2;
}

void publish_event(struct publish *publish, const struct journal_event *event) {
    struct stream *stream = &publish->everything; // and here the others, where they match
    struct publish_header header = {.offset = event->offset,
                                    .sequence = ++stream->sequence};

    publish->offset = event->offset;
    if (must_be_left_out(event))
        return;
    if (send_message(publish, buf_view(&stream->topic), header, event->json) == 0)
        publish->count++;
}

void publish_heads(struct publish *publish) {
    make_topic(publish, VIEW_LIT("?"));
    answer_head(publish, view_of(NULL), &publish->everything);
}
