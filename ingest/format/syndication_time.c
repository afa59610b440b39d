/* Times as feeds have them: what RFC 822 says, ISO 8601, and what software writes that
 * was set up for a country. */
#include "ingest/format/syndication.h"

#include <stdio.h>

#include "ingest/zone.h"
#include "proto/moment.h"
#include "proto/report_field.h"

/* "CET" behind a time, which RFC 822 does not know. */
static bool take_zone(struct view *words, int *minutes) {
    size_t begin = words->len;

    while (begin && words->at[begin - 1] != ' ')
        begin--;
    if (!begin ||
        !zone_abbreviation(view_n(words->at + begin, words->len - begin), minutes))
        return false;
    words->len = begin - 1;
    return true;
}

/* Takes a number of up to `most` digits off the front; -1: there is none. */
static int take_number(struct view *from, size_t most) {
    int number = -1;

    for (; from->len && most && from->at[0] >= '0' && from->at[0] <= '9'; most--) {
        number = (number < 0 ? 0 : number * 10) + (from->at[0] - '0');
        *from = view_n(from->at + 1, from->len - 1);
    }
    return number;
}

static bool take_either(struct view *from, const char *marks, char *mark) {
    if (!from->len || !from->at[0] || !strchr(marks, from->at[0]))
        return false;
    *mark = from->at[0];
    *from = view_n(from->at + 1, from->len - 1);
    return true;
}

/* Which of two numbers is the month: "12/15/2024 10:15 AM" is how America writes, else
 * the feed's date-order says it, or that one is over 12. */
static bool month_first(struct view rest, int first, int second, const char *order,
                        bool *out) {
    bool half = rest.len > 2 && (rest.at[rest.len - 1] | 0x20) == 'm';

    *out = second > 12 || half || (order && !strcmp(order, "mdy"));
    return half || order || first > 12 || second > 12;
}

/* "14.1.2020 10:15", "2020/01/14", "1/14/2020 10:15 AM": in the words RFC 822 has. */
static bool read_numbers(struct view words, const char *order,
                         struct moment_parts *parts) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[64], mark, same;
    int a = take_number(&words, 4), b, c, len;
    bool swap = false;

    if (a < 0 || !take_either(&words, "/.-", &mark))
        return false;
    b = take_number(&words, 2);
    if (b < 0 || !take_either(&words, "/.-", &same) || same != mark)
        return false;
    c = take_number(&words, 4);
    if (c < 0 || (a < 1000 && mark != '.' && !month_first(words, a, b, order, &swap)))
        return false;
    int year = a >= 1000 ? a : c, day = a >= 1000 ? c : swap ? b : a;
    int month = a >= 1000 || !swap ? b : a;
    if (month < 1 || month > 12 || words.len > 32)
        return false;
    len = snprintf(text, sizeof text, "%d %.3s %02d%.*s", day,
                   months + (ptrdiff_t)(month - 1) * 3, year, (int)words.len, words.at);
    return moment_of_rfc822(view_n(text, (size_t)len), parts);
}

static bool read_plain(struct view words, const char *order, struct moment_parts *parts) {
    return moment_of_rfc822(words, parts) || moment_of_iso(words, parts) ||
           read_numbers(words, order, parts);
}

static bool read_time(struct view words, const char *order, struct moment_parts *parts) {
    struct view before = words;
    int minutes;

    if (!take_zone(&before, &minutes) || !read_plain(before, order, parts) ||
        !parts->has_time)
        return read_plain(words, order, parts);
    if (!parts->has_zone)
        parts->zone_minutes = minutes;
    parts->has_zone = true;
    return true;
}

struct view syndication_time(struct syndication *s, const struct xml_node *node) {
    struct moment_parts parts;
    struct view words = xml_words(node, s->in->arena);
    const struct zone *zone = s->in->feed->zone;
    struct diag warning = {0};
    char text[MOMENT_TEXT];

    if (!words.len)
        return words;
    if (!read_time(words, s->in->feed->date_order, &parts)) {
        diag_set(&warning, 0, "%.*s is no time, passed over: %.*s",
                 (int)(node->name.len < 40 ? node->name.len : 40), node->name.at,
                 (int)(words.len < 40 ? words.len : 40), words.at);
        report_warn(s->report, s->in->arena, warning.text);
        return view_of(NULL);
    }
    if (parts.has_zone)
        return syndication_keep(s, moment_print(moment_ms(&parts), text));
    if (parts.has_time && zone)
        return syndication_keep(s,
                                moment_print(zone_utc_ms(zone, moment_ms(&parts)), text));
    return syndication_keep(s, moment_print_parts(&parts, text));
}
