/* check_reports.h: what holds for every format, whatever it is given: it says why it
 * refuses, its reports are canonical text, survive their encoding and can be written. */
#ifndef WIRETAG_TESTS_FUZZ_CHECK_REPORTS_H
#define WIRETAG_TESTS_FUZZ_CHECK_REPORTS_H

#include <assert.h>

#include "ingest/format/format.h"
#include "proto/utf8.h"

static inline void check_canonical(struct view text) {
    struct buf again = {0};
    struct utf8_changes changes;

    assert(utf8_valid_prefix(text) == text.len);
    utf8_clean(text, &again, &changes);
    assert(!changes.invalid && !changes.controls && !changes.returns);
    buf_release(&again);
}

static inline void check_line(struct view line) {
    check_canonical(line);
    assert(!line.len || !memchr(line.at, '\n', line.len));
}

static inline bool has_mark(struct view text) {
    bool has = false;

    for (size_t i = 0; i + 3 <= text.len && !has; i++)
        has = memcmp(text.at + i, "\xEF\xBB\xBF", 3) == 0;
    return has;
}

/* What was written as a feed record is one, and says the same; but for a byte order mark
 * that came to stand where a field begins. */
static inline void check_read_again(struct view record) {
    struct arena arena = {0};
    struct report again;
    struct buf twice = {0};
    struct diag diag = {0};

    if (!has_mark(record)) {
        assert(report_from_json(record, &again, &arena, &diag) == 0);
        report_write_json(&again, &twice);
        assert(view_eq(buf_view(&twice), record));
    }
    buf_release(&twice);
    arena_release(&arena);
}

static inline void check_one_report(const struct report *report) {
    struct buf bytes = {0};
    struct report again;

    check_canonical(report->text);
    check_line(report->headline);
    check_line(report->byline);
    check_line(report->guid);
    check_line(report->url);
    check_line(report->source);
    for (size_t i = 0; i < report->keyword_count; i++)
        check_line(report->keywords[i]);
    for (size_t i = 0; i < report->category_count; i++)
        check_line(report->categories[i]);
    assert(!report->extra.len || report_extra_valid(report->extra));
    assert(!report->published.len || report_date_valid(report->published));
    assert((report->guid.len > 0) == (report->guid_from.len > 0));
    assert(report->text.len > 0 || report->guid.len > 0);
    report_encode(report, &bytes);
    assert(report_decode(buf_view(&bytes), &again, NULL) == 0);
    assert(view_eq(again.text, report->text));
    buf_clear(&bytes);
    report_write_json(report, &bytes);
    assert(utf8_valid_prefix(buf_view(&bytes)) == bytes.len);
    if (report->text.len || report_cancels(report) || view_is(report->status, "withheld"))
        check_read_again(buf_view(&bytes));
    buf_release(&bytes);
}

static inline void check_reports(const struct format *format, const uint8_t *data,
                                 size_t size) {
    static const struct feed feed;
    struct arena arena = {0};
    struct format_input in = {.bytes = {(const char *)data, size},
                              .feed = &feed,
                              .received_ms = 1579003200000,
                              .arena = &arena};
    struct format_output out = {0};
    struct diag diag = {0};

    format->looks(in.bytes);
    if (format->read(&in, &out, &diag) == 0) {
        assert(out.count > 0 || out.note.len > 0);
        for (size_t i = 0; i < out.count; i++)
            check_one_report(&out.reports[i]);
    } else {
        assert(diag.text[0]);
    }
    arena_release(&arena);
}

#endif
