/* Files of the zone database, and times asked of them. */
#include "ingest/zone.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view bytes = view_n((const char *)data, size);
    struct zone *zone = NULL;
    struct diag diag = {0};
    int minutes;
    zone_offset(bytes, &minutes);
    zone_abbreviation(bytes, &minutes);
    if (zone_of_tzif(bytes, &zone, &diag) != 0) {
        assert(diag.text[0]);
        return 0;
    }
    for (int64_t ms = -2000000000000; ms < 9000000000000;
         ms += 86400000LL * 97 + 3600500) {
        int64_t utc = zone_utc_ms(zone, ms);
        assert(utc > ms - 4 * 86400000LL && utc < ms + 4 * 86400000LL);
        zone_minutes_at(zone, utc);
    }
    zone_free(zone);
    return 0;
}
