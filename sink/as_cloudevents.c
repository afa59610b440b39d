/* CloudEvents 1.0, JSON event format: the envelope that event buses route by.
 *
 *     type     wiretag.report.tagged; .withheld and .canceled by the event's status
 *     source   /wiretag/FEED, or the agency where no feed is configured
 *     id       the event's: with the source unique, so that a second delivery shows
 *     subject  the story (guid), which is the partitionkey, too
 *     data     the event as it is
 *
 * sequence (an extension) orders the events of one journal: digits of equal number, so
 * that they compare as texts, as the extension has it. Those between must forward 64 KiB
 * and may refuse more: where the event is longer, its data comes without "text", and
 * textomitted says so; the whole event is in events.db under its id. */
#include <inttypes.h>
#include <stdio.h>

#include "sink/as.h"

#define FORWARDED (64u * 1024)

static const char *type_of(const struct tagged *event) {
    if (view_is(event->status, "canceled"))
        return "wiretag.report.canceled";
    if (view_is(event->status, "withheld"))
        return "wiretag.report.withheld";
    return "wiretag.report.tagged";
}

static void put_source(const struct tagged *event, struct json *json) {
    struct view from = event->feed.len ? event->feed : event->agency;
    struct buf source = {0};

    buf_put_text(&source, "/wiretag");
    if (from.len) {
        buf_put_u8(&source, '/');
        as_put_encoded(&source, from);
    }
    as_member(json, "source", buf_view(&source));
    buf_release(&source);
}

static void put_envelope(const struct tagged *event, struct json *json) {
    char sequence[24];

    json_member_plain(json, JSON_KEY("specversion"), VIEW_LIT("1.0"));
    json_key(json, "id");
    json_view(json, event->id.len ? event->id : VIEW_LIT("-"));
    put_source(event, json);
    json_member_plain(json, JSON_KEY("type"), view_of(type_of(event)));
    as_moment(json, "time", event->received);
    as_member(json, "subject", event->guid);
    as_member(json, "partitionkey", event->guid);
    if (event->offset) {
        snprintf(sequence, sizeof sequence, "%020" PRIu64, event->offset);
        as_member(json, "sequence", view_of(sequence));
    }
    json_member_plain(json, JSON_KEY("datacontenttype"), VIEW_LIT("application/json"));
}

static void put_data_without_text(const struct tagged *event, struct json *json) {
    struct buf data = {0};

    for (const struct json_node *node = event->root->first; node; node = node->next) {
        struct json key = json_to(&data);
        if (view_is(node->key, "text"))
            continue;
        buf_put_u8(&data, data.len ? ',' : '{');
        json_view(&key, node->key);
        buf_put_u8(&data, ':');
        json_tree_write(node, &data);
    }
    buf_put_u8(&data, '}');
    json_key(json, "textomitted");
    json_bool(json, true);
    json_key(json, "data");
    json_raw(json, buf_view(&data));
    buf_release(&data);
}

static void write_cloudevent(const struct tagged *event, struct buf *out) {
    struct json json = json_to(out);
    size_t begun = out->len;

    json_begin_object(&json);
    put_envelope(event, &json);
    if (out->len - begun + event->json.len + sizeof ",\"data\":}" <= FORWARDED) {
        json_key(&json, "data");
        json_raw(&json, event->json);
    } else {
        put_data_without_text(event, &json);
    }
    json_end(&json);
    buf_put_u8(out, '\n');
}

const struct as as_cloudevents = {
    .name = "cloudevents", .suffix = ".json", .write = write_cloudevent};
