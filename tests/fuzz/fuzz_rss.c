/* Any bytes as an RSS feed. */
#include "ingest/format/format.h"
#include "tests/fuzz/check_reports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_reports(&format_rss, data, size);
    return 0;
}
