/* Datelines: whatever is read must lie in the line, in order, and its day must be one. */
#include <assert.h>

#include "enrich/dateline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct view line, const struct dateline *d, struct view part) {
    assert(!part.len ||
           (part.at >= line.at + d->start && part.at + part.len <= line.at + d->end));
}

static void check(struct view line, bool first) {
    struct dateline d;
    int32_t day;

    if (!dateline_read(line, first, NULL, &d))
        return;
    assert(d.start < d.end && d.end <= d.after && d.after <= line.len);
    check_inside(line, &d, d.place);
    check_inside(line, &d, d.agency);
    assert(d.place.len || d.agency.len);
    if (!d.date.month && !d.date.weekday)
        return;
    day = written_date_day(&d.date, calendar_day(2020, 1, 14), ORDER_UNKNOWN);
    assert(day == CALENDAR_NONE || calendar_date(day).month <= 12);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view line = {(const char *)data, size};

    check(line, true);
    check(line, false);
    return 0;
}
