/* publish.h: events to whoever listens. Plain ZeroMQ SUB sockets are the subscribers;
 * what they subscribe to is a query, and each gets the events its queries ask for:
 *
 *     subscribes to    is granted the topic    gets
 *     ""               NUL                     every event
 *     QUERY            QUERY NUL               what matches it, or one error
 *     "?" QUERY        "?" QUERY NUL           how far QUERY's stream has come: now, and
 *                                              each second
 *
 * A message has three parts: topic; header, 32 bytes: epoch uuid, journal offset u64,
 * sequence u64, little-endian; JSON. A subscriber's own filter passes them, because its
 * subscription is a prefix of the topic. The sequence counts the events of one query in
 * one epoch from 1 on, so a number left out is an event lost on the way: a subscriber who
 * does not keep up loses events and can tell. An answer that is no event has offset and
 * sequence 0 (error) or those of the last event (stream head).
 *
 * What waits for a slow subscriber is bounded in messages by the owner (queue), fewer if
 * at 16 KiB each they would take more than an eighth of the memory this process may take
 * (memory.h). Once half of that is taken, events longer than 16 KiB go to nobody: a gap,
 * too. Those who wait for the same events share their bytes.
 *
 * Each query is compiled once and matched once per event for all who asked it. As yet
 * only the empty query is understood. */
#ifndef WIRETAG_SINK_PUBLISH_H
#define WIRETAG_SINK_PUBLISH_H

#include "sink/journal.h"

#define PUBLISH_HEADER_BYTES 32
#define PUBLISH_QUERY_MAX    4096 /* longer ones are passed over in silence */

struct publish;
struct port;

struct publish_header {
    struct uuid epoch;
    uint64_t offset, sequence;
};
void publish_header_put(struct buf *out, const struct publish_header *header);
int publish_header_read(struct view bytes, struct publish_header *out); /* ERR_FORMAT */

/* epoch: the journal's; offset: of its last durable event; queue: messages kept for one
 * slow subscriber before it loses some. */
struct publish *publish_new(struct uuid epoch, uint64_t offset, int queue);
void publish_free(struct publish *publish);
/* May be called for several endpoints. */
int publish_bind(struct publish *publish, const char *endpoint, struct diag *diag);
const char *publish_endpoint(const struct publish *publish); /* the one bound last */

/* For the loop: when the port is readable, publish_receive takes one (un)subscription. */
struct port *publish_port(struct publish *publish);
void publish_receive(struct publish *publish);
/* Sends an event to all whose query it matches; in the order of offsets. */
void publish_event(struct publish *publish, const struct journal_event *event);
/* Tells those who asked by "?" how far the streams have come; to be called each second.
 */
void publish_heads(struct publish *publish);

uint64_t publish_count(const struct publish *publish);     /* messages with events */
size_t publish_subscribers(const struct publish *publish); /* subscriptions to events */

#endif
