/* What a feeder sends, read as a feed record and as plain text. Whatever is accepted must
 * be canonical text and survive its encoding, and being written as a feed record. */
#include <assert.h>
#include <jansson.h>

#include "proto/report.h"
#include "proto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct view text) {
    struct buf clean = {0};
    struct utf8_changes changes;

    assert(utf8_valid_prefix(text) == text.len);
    utf8_clean(text, &clean, &changes);
    assert(!changes.invalid && !changes.controls && !changes.returns);
    buf_release(&clean);
}

static void check_report(const struct report *report, struct arena *arena) {
    struct buf bytes = {0};
    struct report again;

    check_text(report->text);
    check_text(report->headline);
    for (size_t i = 0; i < report->keyword_count; i++)
        check_text(report->keywords[i]);
    if (report->extra.len) {
        json_t *extra =
            json_loadb(report->extra.at, report->extra.len, JSON_ALLOW_NUL, NULL);
        assert(json_is_object(extra));
        json_decref(extra);
    }
    assert(report_guid_or_digest(report, arena).len > 0);
    report_encode(report, &bytes);
    assert(report_decode(buf_view(&bytes), &again, NULL) == 0);
    assert(view_eq(again.text, report->text) && view_eq(again.extra, report->extra));
    buf_release(&bytes);
}

static void check_written(const struct report *report, struct arena *arena) {
    struct buf once = {0}, twice = {0};
    struct report again;

    report_write_json(report, &once);
    assert(report_from_json(buf_view(&once), &again, arena, NULL) == 0);
    report_write_json(&again, &twice);
    assert(view_eq(buf_view(&once), buf_view(&twice)));
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view raw = {(const char *)data, size};
    struct arena arena = {0};
    struct report report;
    struct diag json = {0}, text = {0};

    if (report_from_json(raw, &report, &arena, &json) == 0) {
        check_report(&report, &arena);
        check_written(&report, &arena);
    } else {
        assert(json.text[0]);
    }
    if (report_from_text(raw, NULL, &report, &arena, &text) == 0) {
        check_report(&report, &arena);
        check_written(&report, &arena);
    } else {
        assert(text.text[0]);
    }
    arena_release(&arena);
    return 0;
}
