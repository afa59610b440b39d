#include "ingest/dead_show.h"

#include "proto/json.h"
#include "proto/report.h"
#include "proto/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define HEADING      "number  when (UTC)        kind      tries     bytes  "
#define PEER_COLUMNS 20
#define LEAST_REASON 20 /* columns, however narrow the terminal */

/* What is known of a letter's report; of a document what came with it. */
struct origin {
    struct view peer, feed, format, guid, text;
    uint64_t version;
};

static struct origin origin_of(const struct dead_letter *letter) {
    struct report report = {0};
    if (letter->kind != DEAD_REPORT || report_decode(letter->bytes, &report, NULL) != 0)
        return (struct origin){.peer = letter->peer,
                               .feed = letter->feed,
                               .format = letter->format,
                               .text = letter->bytes};
    return (struct origin){report.peer, report.feed, report.format,
                           report.guid, report.text, report.version};
}

static const char *kind_name(const struct dead_letter *letter) {
    return letter->kind == DEAD_REPORT ? "report" : "document";
}

static void put_time(int64_t ms, const char *format, char *out, size_t size) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm) || strftime(out, size, format, &tm) == 0)
        snprintf(out, size, "?");
}

/* ---- for programs ---- */

static void put_view(struct json *json, const char *key, struct view value) {
    json_key(json, key);
    json_view_or_null(json, value);
}

static void put_when(struct json *json, int64_t ms) {
    char text[64], whole[80];
    put_time(ms, "%Y-%m-%dT%H:%M:%S", text, sizeof text);
    snprintf(whole, sizeof whole, "%s.%03dZ", text, (int)(ms % 1000));
    json_key(json, "when");
    json_text(json, whole);
}

static void put_members(const struct dead_letter *letter, struct json *json) {
    struct origin origin = origin_of(letter);
    json_member_uint(json, JSON_KEY("number"), letter->index);
    put_when(json, letter->when_ms);
    json_key(json, "kind");
    json_text(json, kind_name(letter));
    json_member_uint(json, JSON_KEY("attempts"), letter->attempts);
    json_member_uint(json, JSON_KEY("bytes"), letter->bytes.len);
    json_key(json, "bytes_in_all");
    if (letter->bytes_in_all == UINT64_MAX)
        json_nothing(json);
    else
        json_uint(json, letter->bytes_in_all);
    put_view(json, "peer", origin.peer);
    put_view(json, "feed", origin.feed);
    put_view(json, "format", origin.format);
    if (letter->kind == DEAD_REPORT) {
        put_view(json, "guid", origin.guid);
        json_member_uint(json, JSON_KEY("version"), origin.version);
    }
    put_view(json, "reason", letter->reason);
}

void dead_put_line(const struct dead_letter *letter, struct buf *out) {
    struct json json = json_to(out);
    json_begin_object(&json);
    put_members(letter, &json);
    json_end(&json);
    buf_put_u8(out, '\n');
}

void dead_put_record(const struct dead_letter *letter, struct buf *out) {
    struct report report;
    struct json json;
    if (letter->kind == DEAD_REPORT && report_decode(letter->bytes, &report, NULL) == 0) {
        report_write_json(&report, out);
    } else {
        json = json_to(out);
        json_begin_object(&json);
        put_members(letter, &json);
        json_key(&json, "document");
        json_view(&json, letter->bytes);
        json_end(&json);
    }
    buf_put_u8(out, '\n');
}

void dead_put_raw(const struct dead_letter *letter, struct buf *out) {
    buf_put_view(out, origin_of(letter).text);
}

/* ---- for eyes ---- */

/* Direction marks could show text other than it is. */
static bool is_hidden(uint32_t c) {
    return c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/* Text without anything a terminal would act on. */
static void put_safe(struct view text, struct buf *out) {
    struct buf clean = {0};
    utf8_clean(text, &clean, NULL);
    struct view rest = buf_view(&clean);
    while (rest.len) {
        uint32_t c = utf8_take(&rest);
        if (!is_hidden(c))
            utf8_put(out, c);
    }
    buf_release(&clean);
}

/* The same in one line, of at most `columns` characters. */
static void put_cell(struct view text, size_t columns, struct buf *out) {
    struct buf safe = {0};
    size_t done = 0;
    put_safe(text, &safe);
    struct view rest = buf_view(&safe);
    bool cut = utf8_count(rest) > columns;
    while (rest.len && done + cut < columns) {
        uint32_t c = utf8_take(&rest);
        utf8_put(out, c == '\n' || c == '\t' ? ' ' : c);
        done++;
    }
    if (cut)
        utf8_put(out, 0x2026); // an ellipsis
    buf_release(&safe);
}

void dead_put_heading(struct buf *out) {
    buf_printf(out, HEADING "%-*s  reason\n", PEER_COLUMNS, "peer");
}

void dead_put_row(const struct dead_letter *letter, size_t width, struct buf *out) {
    struct origin origin = origin_of(letter);
    size_t before = sizeof HEADING - 1 + PEER_COLUMNS + 2, begun;
    char when[64];
    put_time(letter->when_ms, "%Y-%m-%d %H:%M", when, sizeof when);
    buf_printf(out, "%6" PRIu64 "  %-16s  %-8s  %5u  %8zu  ", letter->index, when,
               kind_name(letter), letter->attempts, letter->bytes.len);
    begun = out->len;
    put_cell(origin.peer, PEER_COLUMNS, out);
    for (size_t n = utf8_count(view_n(out->at + begun, out->len - begun));
         n < PEER_COLUMNS + 2; n++)
        buf_put_u8(out, ' ');
    put_cell(letter->reason,
             width > before + LEAST_REASON ? width - before : LEAST_REASON, out);
    buf_put_u8(out, '\n');
}

static void put_field(struct buf *out, const char *label, struct view value) {
    if (value.len == 0)
        return;
    buf_printf(out, "%-9s ", label);
    put_cell(value, SIZE_MAX, out);
    buf_put_u8(out, '\n');
}

static void put_size(const struct dead_letter *letter, struct buf *out) {
    buf_printf(out, "%-9s %zu bytes", "size", letter->bytes.len);
    if (letter->bytes_in_all == UINT64_MAX)
        buf_put_text(out, ", the beginning of it");
    else if (letter->bytes_in_all > letter->bytes.len)
        buf_printf(out, ", the beginning of %" PRIu64, letter->bytes_in_all);
    buf_put_u8(out, '\n');
}

static void put_version(uint64_t version, struct buf *out) {
    if (version)
        buf_printf(out, "%-9s %" PRIu64 "\n", "version", version);
}

void dead_put_page(const struct dead_letter *letter, struct buf *out) {
    struct origin origin = origin_of(letter);
    char when[64];
    put_time(letter->when_ms, "%Y-%m-%d %H:%M:%S UTC", when, sizeof when);
    buf_printf(out, "%-9s %" PRIu64 "\n", "number", letter->index);
    put_field(out, "kind",
              letter->kind == DEAD_REPORT ? VIEW_LIT("report, accepted and given up")
                                          : VIEW_LIT("document, never a report"));
    put_field(out, "reason", letter->reason);
    put_field(out, "when", view_of(when));
    if (letter->kind == DEAD_REPORT)
        buf_printf(out, "%-9s %u\n", "attempts", letter->attempts);
    put_field(out, "peer", origin.peer);
    put_field(out, "feed", origin.feed);
    put_field(out, "format", origin.format);
    put_field(out, "guid", origin.guid);
    put_version(origin.version, out);
    put_size(letter, out);
    buf_put_u8(out, '\n');
    put_safe(origin.text, out);
    if (out->at[out->len - 1] != '\n')
        buf_put_u8(out, '\n');
}
