/* A report's encoding as a hostile peer would send it. What is accepted must come out the
 * same when it is written and read again. */
#include <assert.h>

#include "proto/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct report report, again;
    struct buf first = {0}, second = {0};
    struct diag diag = {0};

    if (report_decode(view_n((const char *)data, size), &report, &diag)) {
        assert(diag.offset <= size);
        return 0;
    }
    assert(report.text.len > 0 && report.keyword_count <= REPORT_KEYWORDS);
    assert(report.urgency >= 0 && report.urgency <= 9);
    report_encode(&report, &first);
    assert(report_decode(buf_view(&first), &again, NULL) == 0);
    report_encode(&again, &second);
    assert(view_eq(buf_view(&first), buf_view(&second)));
    buf_release(&first);
    buf_release(&second);
    return 0;
}
