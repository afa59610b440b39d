#include "ingest/format/anpa_inside.h"
#include "ingest/zone.h"
#include "proto/moment.h"

#include <stdlib.h>

/* "AP-WF-11-13-13 1509GMT<", "KWS-21:37-09-12-18". */
static bool read_trailer(struct anpa *m, struct anpa_date *date, bool *time_first) {
    struct view text = telex_plain(
        view_n(m->telex.tail.at, m->telex.tail.len > 120 ? 120 : m->telex.tail.len),
        m->in->arena);
    struct stamp stamp = {.hour = -1};
    for (; text.len >= 8; text = view_from(text, 1)) {
        struct view rest = text;
        *time_first = rest.len >= 14 && rest.at[2] == ':' && rest.at[5] == '-' &&
                      anpa_digits(rest, 2, &stamp.hour) &&
                      anpa_digits(view_from(rest, 3), 2, &stamp.minute);
        if (*time_first)
            rest = view_from(rest, 6);
        if (!anpa_is_date(view_n(rest.at, rest.len < 5 ? 0 : 5), date) || rest.len < 8 ||
            rest.at[5] != '-' || !anpa_digits(view_from(rest, 6), 2, &date->year))
            continue;
        date->year = stamp_year(date->year);
        rest = view_trim(view_from(rest, 8));
        int clock;
        if (!*time_first && anpa_digits(rest, 4, &clock)) {
            stamp.hour = clock / 100;
            stamp.minute = clock % 100;
            rest = view_trim(view_from(rest, 4));
            size_t n = 0;
            while (n < rest.len && telex_letter(rest.at[n]))
                n++;
            stamp.has_zone = zone_abbreviation(view_n(rest.at, n), &stamp.zone_minutes);
        }
        if (stamp.hour > 24 || stamp.minute > 59)
            stamp.hour = -1;
        m->sent = stamp;
        return true;
    }
    return false;
}

/* "W.Ochoa222p4/21/95": how Bay City's writers sign; among the last lines. */
static bool find_signature(struct anpa *m) {
    struct view text = m->report->text;
    if (text.len > 400)
        text = view_from(text, text.len - 400);
    for (size_t i = 1; i + 7 < text.len; i++) {
        char half = text.at[i];
        struct view before = view_n(text.at, i);
        if ((half != 'p' && half != 'a') || !telex_digit(text.at[i - 1]) ||
            !telex_digit(text.at[i + 1]))
            continue;
        size_t n = 0;
        while (n < 4 && n < before.len && telex_digit(before.at[before.len - 1 - n]))
            n++;
        struct stamp stamp;
        struct view date = view_from(text, i + 1), word = telex_word(&date);
        uint64_t clock;
        if (n < 3 || i == n || !telex_letter(text.at[i - n - 1]) ||
            !view_number(view_n(text.at + i - n, n), &clock) ||
            !stamp_find(word, "mdy", &stamp) || !stamp.day || !stamp.year)
            continue;
        stamp.hour = (int)(clock / 100) % 12 + (half == 'p' ? 12 : 0);
        stamp.minute = (int)(clock % 100);
        if (stamp.minute > 59 || clock >= 1300)
            continue;
        m->sent = stamp;
        return true;
    }
    return false;
}

void anpa_read_signature(struct anpa *m) {
    if (m->report->text.len > 0 && m->sent.hour < 0 && find_signature(m))
        m->report->sent = stamp_print(&m->sent, m->in->feed, m->in->arena);
}

static struct stamp in_order(const struct stamp *stamp, const struct anpa_date *date,
                             bool day_first) {
    struct stamp made = *stamp;
    made.day = day_first ? date->a : date->b;
    made.month = day_first ? date->b : date->a;
    made.year = date->year;
    return made;
}

/* How far from its arrival, in days; many if it is no date. */
static int64_t days_off(const struct anpa *m, struct stamp stamp) {
    if (stamp.month > 12 || !stamp_complete(&stamp, STAMP_PAST, m->in->received_ms))
        return INT64_MAX;
    return llabs((long long)(stamp_ms(&stamp, m->in->feed) - m->in->received_ms)) /
           ANPA_DAY_MS;
}

/* The feed says which of 09-12 is the day; else it is as the agency's kind of trailer has
 * it, unless that is no date, or the message came on the day the other way round means.
 */
static bool choose_date(struct anpa *m, const struct anpa_date *date, bool day_first) {
    const char *order = m->in->feed->date_order;
    if (order && (strcmp(order, "dmy") == 0 || strcmp(order, "mdy") == 0))
        day_first = strcmp(order, "dmy") == 0;
    struct stamp one = in_order(&m->sent, date, day_first);
    struct stamp other = in_order(&m->sent, date, !day_first);
    int64_t off = days_off(m, one), other_off = days_off(m, other);
    if (off == INT64_MAX || (!order && off > 2 && other_off <= 2)) {
        one = other;
        off = other_off;
    }
    m->sent = one;
    return off != INT64_MAX && stamp_complete(&m->sent, STAMP_PAST, m->in->received_ms);
}

/* Without ETX it is the last line of the text. */
static void find_trailer(struct anpa *m) {
    struct view text = m->telex.text, line, last = {"", 0};
    size_t begin = text.len > 200 ? text.len - 200 : 0;
    struct view rest = view_from(text, begin);
    struct anpa_date date;
    bool time_first;
    while (telex_full_line(&rest, &line))
        last = line;
    if (last.len == 0 || last.len > 60 || (size_t)(last.at - text.at) <= begin)
        return;
    m->telex.tail = last;
    if (read_trailer(m, &date, &time_first))
        m->telex.text.len = (size_t)(last.at - text.at);
    else
        m->telex.tail.len = 0;
}

void anpa_read_times(struct anpa *m) {
    if (!m->telex.etx)
        find_trailer(m);
    struct anpa_date trailer = {0};
    bool time_first = false, good = true;
    m->sent = (struct stamp){.hour = -1};
    if (read_trailer(m, &trailer, &time_first)) {
        good = choose_date(m, &trailer, time_first);
        bool same = m->date.a == 0 ||
                    (m->date.a == trailer.a && m->date.b == trailer.b) ||
                    (m->date.a == trailer.b && m->date.b == trailer.a);
        if (good && !same && abs(m->date.a - trailer.a) + abs(m->date.b - trailer.b) > 1)
            report_warn(m->report, m->in->arena,
                        "header and trailer have different dates");
    } else if (m->telex.tail.len > 0 &&
               telex_plain(m->telex.tail, m->in->arena).len > 8) {
        report_warn(m->report, m->in->arena, "trailer not understood");
    }
    if (trailer.a == 0)
        good = m->date.a > 0 && choose_date(m, &m->date, false);
    if (good)
        m->report->sent = stamp_print(&m->sent, m->in->feed, m->in->arena);
}

void anpa_set_embargo(struct anpa *m) {
    struct stamp stamp = {.hour = -1,
                          .day = (int)(m->advance ? m->advance : m->life.release[0]),
                          .has_zone = m->sent.has_zone,
                          .zone_minutes = m->sent.zone_minutes};
    struct moment_parts parts;
    int64_t near = m->in->received_ms;
    if (moment_of_iso(m->report->sent, &parts))
        near = moment_ms(&parts) / ANPA_DAY_MS * ANPA_DAY_MS;
    if (m->report->embargo_ms == 0 && stamp.day > 0 &&
        stamp_complete(&stamp, STAMP_AFTER, near))
        m->report->embargo_ms = stamp_ms(&stamp, m->in->feed);
}
