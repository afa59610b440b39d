#include "ingest/zone.h"

#include "proto/buf.h"
#include "proto/calendar.h"
#include "proto/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define DATABASE     "/usr/share/zoneinfo/"
#define FILE_MAX     (256 * 1024)
#define CHANGES_MAX  8192
#define HEADER_BYTES 44
#define DAY          86400

/* A day of the year in the three ways POSIX has: M3.5.0, J60, 59. */
struct rule_day {
    char kind; /* M, J or 0 */
    int month, week, weekday, day;
    int32_t seconds; /* of that day, local time before the change */
};

struct zone {
    int32_t first;  /* offset before all changes, seconds east */
    int32_t behind; /* after all of them; with `summer` of the winter */
    bool summer;
    int32_t summer_offset;
    struct rule_day begin, end; /* of the summer */
    size_t count;
    struct change {
        int64_t at; /* UTC, seconds */
        int32_t offset;
    } changes[];
};

/* ---- the rule for the years to come ---- */

static bool take_char(struct view *from, char c) {
    if (from->len == 0 || from->at[0] != c)
        return false;
    *from = view_n(from->at + 1, from->len - 1);
    return true;
}

static bool take_int(struct view *from, int most, int *out) {
    int n = 0;
    size_t digits = 0;
    for (; digits < from->len && from->at[digits] >= '0' && from->at[digits] <= '9';
         digits++)
        if ((n = n * 10 + (from->at[digits] - '0')) > most)
            return false;
    *from = view_n(from->at + digits, from->len - digits);
    *out = n;
    return digits > 0;
}

/* [+-]hh[:mm[:ss]] as seconds */
static bool take_clock(struct view *from, int32_t *out) {
    bool minus = take_char(from, '-');
    int hour, minute = 0, second = 0;
    if (!minus)
        take_char(from, '+');
    if (!take_int(from, 167, &hour) ||
        (take_char(from, ':') && !take_int(from, 59, &minute)) ||
        (take_char(from, ':') && !take_int(from, 59, &second)))
        return false;
    *out = (hour * 3600 + minute * 60 + second) * (minus ? -1 : 1);
    return true;
}

static bool take_name(struct view *from) {
    size_t n = 0;
    if (take_char(from, '<')) {
        struct view inside;
        return view_split(from, '>', &inside);
    }
    while (n < from->len && ((from->at[n] | 32) >= 'a' && (from->at[n] | 32) <= 'z'))
        n++;
    *from = view_n(from->at + n, from->len - n);
    return n >= 3;
}

static bool take_rule_day(struct view *from, struct rule_day *out) {
    struct rule_day day = {.kind = '0', .seconds = 2 * 3600};
    bool good;
    if (take_char(from, 'M')) {
        day.kind = 'M';
        good = take_int(from, 12, &day.month) && take_char(from, '.') &&
               take_int(from, 5, &day.week) && take_char(from, '.') &&
               take_int(from, 6, &day.weekday) && day.month >= 1 && day.week >= 1;
    } else {
        day.kind = take_char(from, 'J') ? 'J' : '0';
        good = take_int(from, 365, &day.day);
    }
    if (good && take_char(from, '/'))
        good = take_clock(from, &day.seconds);
    *out = day;
    return good;
}

static bool offset_good(int32_t seconds) { return abs(seconds) < 26 * 3600; }

/* CET-1CEST,M3.5.0,M10.5.0/3; empty: what was last goes on */
static bool read_rule(struct view rule, struct zone *zone) {
    int32_t west;
    if (rule.len == 0)
        return true;
    if (!take_name(&rule) || !take_clock(&rule, &west) || !offset_good(west))
        return false;
    zone->behind = -west;
    if (rule.len == 0)
        return true;
    if (!take_name(&rule))
        return false;
    zone->summer_offset = zone->behind + 3600;
    if (rule.len > 0 && rule.at[0] != ',') {
        if (!take_clock(&rule, &west) || !offset_good(west))
            return false;
        zone->summer_offset = -west;
    }
    zone->summer = true;
    return take_char(&rule, ',') && take_rule_day(&rule, &zone->begin) &&
           take_char(&rule, ',') && take_rule_day(&rule, &zone->end) && rule.len == 0;
}

/* Of that year, in local seconds since 1970. */
static int64_t rule_moment(const struct rule_day *rule, int year) {
    int32_t day = calendar_day(year, 1, 1);
    if (rule->kind == '0') {
        day += rule->day;
    } else if (rule->kind == 'J') {
        day += rule->day - 1 + (calendar_leap(year) && rule->day >= 60);
    } else {
        day = calendar_day(year, rule->month, 1);
        day += (rule->weekday - calendar_weekday(day) % 7 + 7) % 7;
        day += (rule->week - 1) * 7;
        if (calendar_date(day).month != rule->month)
            day -= 7;
    }
    return (int64_t)day * DAY + rule->seconds;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int32_t offset_by_rule(const struct zone *zone, int64_t utc) {
    if (!zone->summer)
        return zone->behind;
    int year = calendar_date((int32_t)floor_div(utc + zone->behind, DAY)).year;
    int64_t begin = rule_moment(&zone->begin, year) - zone->behind;
    int64_t end = rule_moment(&zone->end, year) - zone->summer_offset;
    bool summer = begin < end ? begin <= utc && utc < end : !(end <= utc && utc < begin);
    return summer ? zone->summer_offset : zone->behind;
}

/* ---- the file ---- */

static uint64_t big_endian(const char *at, size_t len) {
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++)
        n = n << 8 | (unsigned char)at[i];
    return n;
}

struct header {
    uint32_t ut, standard, leaps, changes, types, chars;
    char version;
};

static bool take_header(struct view *from, struct header *out) {
    struct view bytes;
    if (view_take(from, HEADER_BYTES, &bytes) != 0 || !view_starts(bytes, "TZif"))
        return false;
    uint32_t counts[6];
    for (size_t i = 0; i < 6; i++)
        counts[i] = (uint32_t)big_endian(bytes.at + 20 + 4 * i, 4);
    *out = (struct header){counts[0], counts[1], counts[2],  counts[3],
                           counts[4], counts[5], bytes.at[4]};
    return counts[3] <= CHANGES_MAX && counts[4] >= 1 && counts[4] <= 256 &&
           counts[5] <= 4096 && counts[2] <= 4096 && counts[0] <= 256 && counts[1] <= 256;
}

static size_t block_bytes(const struct header *header, size_t wide) {
    return header->changes * (wide + 1) + header->types * 6 + header->chars +
           header->leaps * (wide + 4) + header->standard + header->ut;
}

static bool offset_of_type(struct view types, size_t type, int32_t *out) {
    if (type * 6 + 6 > types.len)
        return false;
    *out = (int32_t)(uint32_t)big_endian(types.at + type * 6, 4);
    return offset_good(*out);
}

static bool read_changes(struct view block, const struct header *header, size_t wide,
                         struct zone *zone) {
    struct view times = view_n(block.at, header->changes * wide);
    struct view kinds = view_n(times.at + times.len, header->changes);
    struct view types = view_n(kinds.at + kinds.len, header->types * 6);
    if (!offset_of_type(types, 0, &zone->first))
        return false;
    zone->behind = zone->first;
    for (size_t i = 0; i < header->changes; i++) {
        struct change *change = &zone->changes[i];
        uint64_t at = big_endian(times.at + i * wide, wide);
        change->at = wide == 8 ? (int64_t)at : (int32_t)(uint32_t)at;
        if (!offset_of_type(types, (unsigned char)kinds.at[i], &change->offset) ||
            (i > 0 && change->at <= change[-1].at))
            return false;
        zone->behind = change->offset;
    }
    zone->count = header->changes;
    return true;
}

/* Newer files repeat everything with 64-bit times behind the old block. */
static struct zone *read_file(struct view bytes) {
    struct header header;
    struct view block, rule = {"", 0};
    size_t wide = 4;
    bool good = take_header(&bytes, &header);
    if (good && header.version >= '2') {
        good = view_take(&bytes, block_bytes(&header, wide), &block) == 0 &&
               take_header(&bytes, &header);
        wide = 8;
    }
    if (!good || view_take(&bytes, block_bytes(&header, wide), &block) != 0)
        return NULL;
    struct zone *zone =
        mem_zalloc(sizeof *zone + header.changes * sizeof zone->changes[0]);
    good = read_changes(block, &header, wide, zone);
    if (wide == 8 && take_char(&bytes, '\n'))
        view_split(&bytes, '\n', &rule);
    if (good && read_rule(rule, zone))
        return zone;
    free(zone);
    return NULL;
}

int zone_of_tzif(struct view bytes, struct zone **out, struct diag *diag) {
    struct zone *zone = read_file(bytes);
    if (!zone) {
        diag_set(diag, 0, "not a file of the zone database (TZif)");
        return ERR_FORMAT;
    }
    *out = zone;
    return 0;
}

/* ---- names ---- */

static const struct {
    const char *name;
    int minutes;
} abbreviations[] = {
    {"GMT", 0},    {"UTC", 0},     {"UT", 0},      {"Z", 0},      {"WET", 0},
    {"WEZ", 0},    {"WEST", 60},   {"BST", 60},    {"CET", 60},   {"MEZ", 60},
    {"CEST", 120}, {"MESZ", 120},  {"EET", 120},   {"EEST", 180}, {"MSK", 180},
    {"SAST", 120}, {"EAT", 180},   {"PKT", 300},   {"ICT", 420},  {"SGT", 480},
    {"HKT", 480},  {"AWST", 480},  {"JST", 540},   {"KST", 540},  {"ACST", 570},
    {"ACDT", 630}, {"AEST", 600},  {"AEDT", 660},  {"NZST", 720}, {"NZDT", 780},
    {"NST", -210}, {"NDT", -150},  {"ADT", -180},  {"EST", -300}, {"EDT", -240},
    {"CST", -360}, {"CDT", -300},  {"MST", -420},  {"MDT", -360}, {"PST", -480},
    {"PDT", -420}, {"AKST", -540}, {"AKDT", -480}, {"HST", -600},
};

bool zone_abbreviation(struct view name, int *minutes) {
    char upper[8];
    if (name.len == 0 || name.len >= sizeof upper)
        return false;
    for (size_t i = 0; i < name.len; i++)
        upper[i] =
            (char)(name.at[i] >= 'a' && name.at[i] <= 'z' ? name.at[i] - 32 : name.at[i]);
    for (size_t i = 0; i < sizeof abbreviations / sizeof abbreviations[0]; i++)
        if (view_is(view_n(upper, name.len), abbreviations[i].name)) {
            *minutes = abbreviations[i].minutes;
            return true;
        }
    return false;
}

bool zone_offset(struct view text, int *minutes) {
    bool minus = take_char(&text, '-');
    int hours, more = 0;
    if (!minus && !take_char(&text, '+'))
        return false;
    struct view head = view_n(text.at, text.len < 2 ? text.len : 2);
    struct view rest = view_n(text.at + head.len, text.len - head.len);
    if (!take_int(&head, 18, &hours) || head.len > 0)
        return false;
    if (rest.len > 0) {
        take_char(&rest, ':');
        if (rest.len != 2 || !take_int(&rest, 59, &more) || rest.len > 0)
            return false;
    }
    *minutes = (hours * 60 + more) * (minus ? -1 : 1);
    return true;
}

static struct zone *fixed(int minutes) {
    struct zone *zone = mem_zalloc(sizeof *zone);
    zone->first = zone->behind = minutes * 60;
    return zone;
}

/* No way out of the database's folder. */
static bool name_good(const char *name) {
    return name[0] != 0 && name[0] != '/' && name[0] != '.' && strlen(name) < 64 &&
           !strstr(name, "..") &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789_+-/") == strlen(name);
}

static int load(const char *name, struct buf *out) {
    char path[sizeof DATABASE + 64];
    snprintf(path, sizeof path, "%s%s", DATABASE, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return ERR_NOT_FOUND;
    size_t got = fread(buf_reserve(out, FILE_MAX), 1, FILE_MAX, file);
    out->len = got;
    int err = ferror(file) ? ERR_NOT_FOUND : 0; // a folder opens, but does not read
    fclose(file);
    return err;
}

int zone_open(const char *name, struct zone **out, struct diag *diag) {
    int minutes;
    if (zone_offset(view_of(name), &minutes)) {
        *out = fixed(minutes);
        return 0;
    }
    struct buf bytes = {0};
    int err = name_good(name) ? load(name, &bytes) : ERR_NOT_FOUND;
    if (err == 0)
        err = zone_of_tzif(buf_view(&bytes), out, diag);
    else if (zone_abbreviation(view_of(name), &minutes)) {
        *out = fixed(minutes);
        err = 0;
    } else {
        diag_set(diag, 0,
                 "\"%s\" is no time zone: a name like Europe/Berlin (the zone database "
                 "is read from %s), an offset like +01:00, or an abbreviation like CET",
                 name, DATABASE);
    }
    buf_release(&bytes);
    return err;
}

void zone_free(struct zone *zone) { free(zone); }

/* ---- asking ---- */

static int32_t offset_at(const struct zone *zone, int64_t utc) {
    size_t low = 0, high = zone->count; // changes before `low` are not after utc
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at <= utc)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->count)
        return offset_by_rule(zone, utc);
    return low == 0 ? zone->first : zone->changes[low - 1].offset;
}

int64_t zone_utc_ms(const struct zone *zone, int64_t local_ms) {
    int64_t local = floor_div(local_ms, 1000);
    int32_t before = offset_at(zone, local - DAY), after = offset_at(zone, local + DAY);
    int64_t early = local - (before > after ? before : after);
    int64_t late = local - (before > after ? after : before);
    int64_t utc = local - before;
    if (offset_at(zone, early) == local - early)
        utc = early;
    else if (offset_at(zone, late) == local - late)
        utc = late;
    return utc * 1000 + (local_ms - local * 1000);
}

int zone_minutes_at(const struct zone *zone, int64_t utc_ms) {
    return offset_at(zone, floor_div(utc_ms, 1000)) / 60;
}
