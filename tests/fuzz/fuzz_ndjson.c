/* Any bytes as a JSON document: records, news items, what they are wrapped in. */
#include "ingest/format/format.h"
#include "tests/fuzz/check_reports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_reports(&format_ndjson, data, size);
    check_reports(&format_ninjs, data, size);
    return 0;
}
