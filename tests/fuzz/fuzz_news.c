/* The news formats in XML: whatever is read is canonical text, survives its encoding, and
 * refusals say why. */
#include <assert.h>
#include <stdio.h>

#include "ingest/format/format.h"
#include "proto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct format *const formats[] = {&format_nitf, &format_newsml_g2,
                                               &format_newsml12};

static void check_text(struct view text) {
    struct buf clean = {0};
    struct utf8_changes changes;

    assert(utf8_valid_prefix(text) == text.len);
    utf8_clean(text, &clean, &changes);
    assert(!changes.invalid && !changes.controls && !changes.returns);
    buf_release(&clean);
}

static void check_report(const struct report *report) {
    struct buf bytes = {0};
    struct report again;

    check_text(report->text);
    check_text(report->headline);
    check_text(report->dateline);
    check_text(report->ednote);
    assert(!memchr(report->headline.at ? report->headline.at : "", '\n',
                   report->headline.len));
    assert(!report->extra.len || report_extra_valid(report->extra));
    assert(report->text.len || report->guid.len);
    assert(!report->published.len || report_date_valid(report->published));
    report_encode(report, &bytes);
    struct diag diag = {0};
    if (report_decode(buf_view(&bytes), &again, &diag))
        fprintf(stderr, "%s\n", diag.text);
    assert(!diag.text[0]);
    assert(view_eq(again.text, report->text) && view_eq(again.extra, report->extra));
    buf_release(&bytes);
}

/* As a feed record it says the same again. */
static void check_written(const struct report *report, struct arena *arena) {
    struct buf once = {0}, twice = {0};
    struct report again;
    struct diag diag = {0};

    report_write_json(report, &once);
    assert(report_from_json(buf_view(&once), &again, arena, &diag) == 0);
    report_write_json(&again, &twice);
    assert(view_eq(buf_view(&once), buf_view(&twice)));
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct feed feed;
    static struct arena arena;
    struct format_input in = {.bytes = view_n((const char *)data, size),
                              .feed = &feed,
                              .received_ms = 1579000000000,
                              .arena = &arena};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct format_output out = {0};
        struct diag diag = {0};
        arena_clear(&arena);
        if (!formats[i]->looks(in.bytes))
            continue;
        if (formats[i]->read(&in, &out, &diag)) {
            assert(diag.text[0]);
            continue;
        }
        assert(out.count || out.note.len);
        for (size_t r = 0; r < out.count; r++) {
            check_report(&out.reports[r]);
            check_written(&out.reports[r], &arena);
        }
    }
    return 0;
}
