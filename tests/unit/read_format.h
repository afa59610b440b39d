/* read_format.h: what the tests of formats share: a document read, as of a moment and
 * from a feed. */
#ifndef WIRETAG_TESTS_UNIT_READ_FORMAT_H
#define WIRETAG_TESTS_UNIT_READ_FORMAT_H

#include "tests/unit/check.h"

#include "ingest/format/format.h"
#include "proto/moment.h"
#include "proto/utf8.h"

struct reading {
    struct arena arena;
    struct format_output out;
    struct diag diag;
    int err;
};

static inline int64_t at_ms(const char *iso) {
    struct moment_parts parts;
    assert_true(moment_of_iso(view_of(iso), &parts));
    return moment_ms(&parts);
}

/* Whatever comes out must be canonical. */
static inline void check_canonical(struct view text) {
    struct buf clean = {0};
    struct utf8_changes changes;
    utf8_clean(text, &clean, &changes);
    assert_int_equal(changes.invalid + changes.controls + changes.returns, 0);
    buf_release(&clean);
}

/* format NULL: by its looks. */
static inline struct reading read_bytes(const struct format *format, struct view bytes,
                                        const struct feed *feed, const char *received) {
    static const struct feed standard;
    struct reading r = {.err = 0};
    struct format_input in = {
        .bytes = bytes, .feed = feed ? feed : &standard, .received_ms = at_ms(received)};
    // the arena moves into the caller's struct, its blocks stay where they are
    in.arena = &r.arena;
    if (!format)
        format = format_of(bytes);
    r.err = format->read(&in, &r.out, &r.diag);
    for (size_t i = 0; r.err == 0 && i < r.out.count; i++) {
        check_canonical(r.out.reports[i].text);
        check_canonical(r.out.reports[i].headline);
        check_canonical(r.out.reports[i].ednote);
        if (r.out.reports[i].extra.len > 0)
            assert_true(report_extra_valid(r.out.reports[i].extra));
    }
    return r;
}

static inline const struct report *only(const struct reading *r) {
    if (r->err != 0)
        fail_msg("%s", r->diag.text);
    assert_int_equal(r->out.count, 1);
    return &r->out.reports[0];
}

static inline void release(struct reading *r) { arena_release(&r->arena); }

static inline bool contains(struct view text, const char *part) {
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= text.len; i++)
        if (memcmp(text.at + i, part, n) == 0)
            return true;
    return false;
}

#endif
