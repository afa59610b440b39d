/* Telex messages and plain text: the first byte chooses the format, the second what is
 * known of the feed. */
#include "ingest/zone.h"
#include "tests/fuzz/check_reports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct format *const formats[] = {&format_iptc7901, &format_anpa,
                                                   &format_zczc, &format_text};
    static const char *const orders[] = {NULL, "dmy", "mdy", NULL};
    static const char *const marks[] = {NULL, "bob", "medianet", "$:headline;=:slug"};
    static struct arena arena;
    if (size < 2)
        return 0;
    struct zone *zone = NULL;
    if (data[1] & 16)
        zone_open("+05:30", &zone, NULL);
    struct feed feed = {.name = view_of(data[1] & 32 ? "wire" : ""),
                        .zone = zone,
                        .date_order = orders[data[1] & 3],
                        .marks = marks[data[1] >> 2 & 3]};
    struct format_input in = {.bytes = {(const char *)data + 2, size - 2},
                              .feed = &feed,
                              .received_ms = 1579003200000,
                              .arena = &arena};
    struct format_output out = {0};
    struct diag diag = {0};
    format_of(in.bytes);
    int err = formats[data[0] & 3]->read(&in, &out, &diag);
    assert(err == 0 || (err == ERR_FORMAT && diag.text[0] && out.count == 0));
    for (size_t i = 0; i < out.count; i++) {
        struct report *report = &out.reports[i];
        assert(report->sent.len == 0 || report_date_valid(report->sent));
        check_line(report->slug);
        check_canonical(report->ednote);
        if (report->guid.len == 0) { // intake does that one
            report->guid = VIEW_LIT("digest:0");
            report->guid_from = VIEW_LIT("digest");
        }
        check_one_report(report);
    }
    arena_clear(&arena);
    zone_free(zone);
    return 0;
}
