#include "ingest/format/stamp.h"

#include "ingest/zone.h"
#include "proto/calendar.h"
#include "proto/moment.h"
#include "proto/utf8.h"

#include <stdlib.h>

#define DAY_MS 86400000
#define FAR    1000000 /* days: only if there is nothing else */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return ((c | 32) >= 'a' && (c | 32) <= 'z') || c & 0x80; }

/* ---- words ---- */

static const struct {
    const char *name; /* folded; cut to three letters at least */
    int number;
} months[] = {
    {"january", 1},   {"januar", 1},    {"janvier", 1},   {"jaenner", 1},
    {"janner", 1},    {"enero", 1},     {"february", 2},  {"februar", 2},
    {"fevrier", 2},   {"febrero", 2},   {"march", 3},     {"marz", 3},
    {"maerz", 3},     {"mrz", 3},       {"mars", 3},      {"marzo", 3},
    {"april", 4},     {"avril", 4},     {"abril", 4},     {"may", 5},
    {"mai", 5},       {"mayo", 5},      {"june", 6},      {"juni", 6},
    {"juin", 6},      {"junio", 6},     {"july", 7},      {"juli", 7},
    {"juillet", 7},   {"julio", 7},     {"august", 8},    {"aout", 8},
    {"agosto", 8},    {"september", 9}, {"septembre", 9}, {"septiembre", 9},
    {"sept", 9},      {"october", 10},  {"oktober", 10},  {"octobre", 10},
    {"octubre", 10},  {"november", 11}, {"novembre", 11}, {"noviembre", 11},
    {"december", 12}, {"dezember", 12}, {"decembre", 12}, {"diciembre", 12},
};
static const struct {
    const char *name;
    int number;
} weekdays[] = {
    {"monday", 1},   {"montag", 1},    {"lundi", 1},      {"tuesday", 2},
    {"dienstag", 2}, {"mardi", 2},     {"wednesday", 3},  {"mittwoch", 3},
    {"mercredi", 3}, {"thursday", 4},  {"donnerstag", 4}, {"jeudi", 4},
    {"friday", 5},   {"freitag", 5},   {"vendredi", 5},   {"saturday", 6},
    {"samstag", 6},  {"sonnabend", 6}, {"samedi", 6},     {"sunday", 7},
    {"sonntag", 7},  {"dimanche", 7},
};

#define WORD 16

/* Lower case without diacritics; empty when it is no word that could be meant. */
static struct view folded(struct view word, char room[WORD]) {
    size_t n = 0;
    while (word.len > 0) {
        unsigned char c = (unsigned char)word.at[0];
        uint32_t cp = utf8_take(&word);
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c | 32);
        else if (cp == 0xE4 || cp == 0xC4)
            c = 'a';
        else if (cp == 0xFB || cp == 0xDB)
            c = 'u';
        else if (cp == 0xE9 || cp == 0xC9)
            c = 'e';
        if (c >= 0x80 || n == WORD)
            return view_n(room, 0);
        room[n++] = (char)c;
    }
    return view_n(room, n);
}

static struct view without_stop(struct view word) {
    if (word.len > 0 && word.at[word.len - 1] == '.')
        word.len--;
    return word;
}

int stamp_month(struct view word) {
    char room[WORD];
    word = folded(without_stop(word), room);
    for (size_t i = 0; word.len >= 3 && i < sizeof months / sizeof months[0]; i++)
        if (strlen(months[i].name) >= word.len &&
            memcmp(months[i].name, word.at, word.len) == 0)
            return months[i].number;
    return 0;
}

static int weekday(struct view word) {
    char room[WORD];
    word = folded(without_stop(word), room);
    for (size_t i = 0; i < sizeof weekdays / sizeof weekdays[0]; i++)
        if (view_is(word, weekdays[i].name) ||
            (word.len == 3 && memcmp(weekdays[i].name, word.at, 3) == 0))
            return weekdays[i].number;
    return 0;
}

int stamp_year(int two_digits) { return two_digits + (two_digits < 70 ? 2000 : 1900); }

/* ---- what stands behind ETX ---- */

static struct view take_word(struct view *from) {
    struct view word;
    *from = view_trim(*from);
    word = *from;
    for (word.len = 0; word.len < from->len && (unsigned char)from->at[word.len] > ' ';)
        word.len++;
    *from = view_n(from->at + word.len, from->len - word.len);
    return word;
}

static struct view take_digits(struct view *from) {
    struct view digits = {from->at, 0};
    while (digits.len < from->len && is_digit(from->at[digits.len]))
        digits.len++;
    *from = view_n(from->at + digits.len, from->len - digits.len);
    return digits;
}

static struct view take_letters(struct view *from) {
    struct view letters = {from->at, 0};
    while (letters.len < from->len && is_letter(from->at[letters.len]))
        letters.len++;
    *from = view_n(from->at + letters.len, from->len - letters.len);
    return letters;
}

static int number(struct view digits) {
    uint64_t n = 0;
    return digits.len < 9 && view_number(digits, &n) ? (int)n : -1;
}

static bool set_year(struct view digits, struct stamp *out) {
    if (out->year || (digits.len != 2 && digits.len != 4))
        return false;
    out->year = digits.len == 2 ? stamp_year(number(digits)) : number(digits);
    return true;
}

/* A zone or a month. */
static bool set_word(struct view letters, struct stamp *out) {
    if (!out->has_zone && zone_abbreviation(letters, &out->zone_minutes))
        return out->has_zone = true;
    if (!out->month && (out->month = stamp_month(letters)) != 0)
        return true;
    return false;
}

static bool set_day_and_time(struct view digits, struct stamp *out) {
    int n = number(digits);
    out->day = n / 10000;
    out->hour = n / 100 % 100;
    out->minute = n % 100;
    return digits.len == 6 && out->day >= 1 && out->day <= 31 && out->hour <= 24 &&
           out->minute <= 59;
}

bool stamp_read(struct view text, struct stamp *out) {
    struct stamp stamp = {.hour = -1};
    struct view word = take_word(&text);
    bool good = set_day_and_time(take_digits(&word), &stamp);
    for (int i = 0; good && i < 8; i++) {
        if (word.len == 0)
            word = take_word(&text);
        struct view digits = take_digits(&word), letters = take_letters(&word);
        if (digits.len + letters.len == 0 ||
            (digits.len > 0 && !set_year(digits, &stamp)) ||
            (letters.len > 0 && !set_word(letters, &stamp)))
            break;
        if (word.len > 0 && word.at[0] == '.')
            word = view_n(word.at + 1, word.len - 1);
    }
    if (stamp.month == 0)
        stamp.year = 0;
    if (good)
        *out = stamp;
    return good;
}

/* ---- among other words ---- */

static bool separates(char c) {
    return (unsigned char)c <= ' ' || c == ',' || c == ';' || c == '(' || c == ')' ||
           c == '[' || c == ']' || c == '"';
}

static struct view next_piece(struct view *rest) {
    struct view piece;
    while (rest->len > 0 && separates(rest->at[0]))
        *rest = view_n(rest->at + 1, rest->len - 1);
    piece = view_n(rest->at, 0);
    while (piece.len < rest->len && !separates(rest->at[piece.len]))
        piece.len++;
    *rest = view_n(rest->at + piece.len, rest->len - piece.len);
    return piece;
}

static bool word_is(struct view word, const char *const *list) {
    char room[WORD];
    word = folded(word, room);
    for (; *list; list++)
        if (view_is(word, *list))
            return true;
    return false;
}

static bool means_hour(struct view word) {
    static const char *const words[] = {"uhr",  "h",  "hrs", "hours", "hr",  "a.m.",
                                        "p.m.", "am", "pm",  "a.m",   "p.m", NULL};
    int minutes;
    return word_is(word, words) || zone_abbreviation(without_stop(word), &minutes);
}

static void set_half(struct view word, struct stamp *out) {
    char room[WORD];
    word = folded(word, room);
    if (out->hour >= 1 && out->hour <= 12 &&
        (view_is(word, "pm") || view_starts(word, "p.m")))
        out->hour = out->hour % 12 + 12;
    else if (out->hour == 12 && (view_is(word, "am") || view_starts(word, "a.m")))
        out->hour = 0;
}

static bool set_time(int hour, int minute, struct stamp *out) {
    if (out->hour >= 0 || hour < 0 || hour > 24 || minute < 0 || minute > 59)
        return false;
    out->hour = hour;
    out->minute = minute;
    return true;
}

/* 14.20 and 14:20, the latter also with seconds; 3pm; 14h20 */
static bool read_time(struct view piece, bool hour_next, struct stamp *out) {
    struct view rest = piece, hour = take_digits(&rest);
    if (hour.len == 0 || hour.len > 2 || rest.len == 0)
        return false;
    if (means_hour(rest))
        return set_time(number(hour), 0, out) ? (set_half(rest, out), true) : false;
    char mark = rest.at[0];
    rest = view_n(rest.at + 1, rest.len - 1);
    struct view minute = take_digits(&rest);
    if (minute.len != 2 || (mark != ':' && mark != 'h' && (mark != '.' || !hour_next)))
        return false;
    if (!set_time(number(hour), number(minute), out))
        return false;
    set_half(rest, out);
    return true;
}

/* 14.1.2020, 14.1., 14/1/2020 */
static bool read_date(struct view piece, const char *order, struct stamp *out) {
    struct view rest = piece, a = take_digits(&rest), b, c;
    char mark = rest.len > 0 ? rest.at[0] : 0;
    if (out->day || a.len == 0 || a.len > 2 || (mark != '.' && mark != '/'))
        return false;
    rest = view_n(rest.at + 1, rest.len - 1);
    b = take_digits(&rest);
    if (b.len == 0 || b.len > 2 || rest.len == 0 || rest.at[0] != mark)
        return false;
    rest = view_n(rest.at + 1, rest.len - 1);
    c = take_digits(&rest);
    bool day_first = mark == '.' || (order && strcmp(order, "dmy") == 0);
    int day = number(day_first ? a : b), month = number(day_first ? b : a);
    if (month > 12 && mark == '/') {
        int swap = day;
        day = month;
        month = swap;
    }
    if (day < 1 || day > 31 || month < 1 || month > 12)
        return false;
    out->day = day;
    out->month = month;
    set_year(c, out);
    return true;
}

struct stamp stamp_of_moment(const struct moment_parts *parts) {
    return (struct stamp){.year = parts->year,
                          .month = parts->month,
                          .day = parts->day,
                          .hour = parts->has_time ? parts->hour : -1,
                          .minute = parts->minute,
                          .has_zone = parts->has_zone,
                          .zone_minutes = parts->zone_minutes};
}

static bool read_iso(struct view piece, struct stamp *out) {
    struct moment_parts parts;
    if (piece.len < 10 || !moment_of_iso(piece, &parts))
        return false;
    *out = stamp_of_moment(&parts);
    return true;
}

/* 9, 09., 9th, 2020, 0900, 141015: by what stands beside it. */
static bool read_number(struct view piece, struct view next, struct stamp *out) {
    struct view rest = piece, digits = take_digits(&rest);
    int n = number(digits);
    if (digits.len == 6 && rest.len == 0 && out->day == 0 && out->hour < 0)
        return set_day_and_time(digits, out);
    if (digits.len == 4 && (rest.len == 0 || rest.at[0] == '.')) {
        if (out->month && out->day && !out->year && n >= 1970 && n < 2100 &&
            !means_hour(next)) {
            out->year = n;
            return true;
        }
        return set_time(n / 100, n % 100, out);
    }
    if (digits.len == 0 || digits.len > 2)
        return false;
    if (means_hour(next) && rest.len == 0)
        return set_time(n, 0, out);
    if (out->day == 0 && n >= 1 && n <= 31 && (out->month || stamp_month(next))) {
        out->day = n;
        return true;
    }
    return false;
}

static void read_piece(struct view piece, struct view next, const char *order,
                       struct stamp *out) {
    static const char *const noon[] = {"noon", "mittag", NULL};
    static const char *const midnight[] = {"midnight", "mitternacht", NULL};
    if (is_digit(piece.at[0])) {
        if (!read_iso(piece, out) && !read_date(piece, order, out) &&
            !read_time(piece, means_hour(next) || out->hour < 0, out))
            read_number(piece, next, out);
        return;
    }
    if (word_is(piece, noon))
        set_time(12, 0, out);
    else if (word_is(piece, midnight))
        set_time(0, 0, out);
    else if (out->month == 0 && stamp_month(piece))
        out->month = stamp_month(piece);
    else if (out->weekday == 0 && weekday(piece))
        out->weekday = weekday(piece);
    else if (!out->has_zone && out->hour >= 0)
        out->has_zone = zone_abbreviation(without_stop(piece), &out->zone_minutes);
    set_half(piece, out);
}

bool stamp_find(struct view text, const char *order, struct stamp *out) {
    struct stamp stamp = {.hour = -1};
    struct view piece = next_piece(&text);
    while (piece.len > 0) {
        struct view next = next_piece(&text);
        read_piece(piece, next, order, &stamp);
        piece = next;
    }
    if (!stamp.day) // a month alone is a word like "may"
        stamp.month = stamp.year = 0;
    if (!stamp.day && !stamp.weekday && stamp.hour < 0)
        return false;
    *out = stamp;
    return true;
}

/* ---- resolving ---- */

static int64_t floor_day(int64_t ms) { return ms / DAY_MS - (ms % DAY_MS < 0); }

static int64_t distance(int32_t day, enum stamp_near near, int32_t to) {
    if (near == STAMP_AFTER && day < to)
        return INT64_MAX;
    return llabs((long long)day - to) + (near == STAMP_PAST && day > to + 2 ? FAR : 0);
}

static void try_day(struct stamp *stamp, int year, int month, enum stamp_near near,
                    int32_t to, int64_t *best) {
    if (!calendar_valid(year, month, stamp->day))
        return;
    int64_t away = distance(calendar_day(year, month, stamp->day), near, to);
    if (away >= *best)
        return;
    *best = away;
    stamp->year = year;
    stamp->month = month;
}

bool stamp_complete(struct stamp *stamp, enum stamp_near near, int64_t ms) {
    int32_t to = (int32_t)floor_day(ms);
    struct calendar_date today = calendar_date(to);
    int64_t best = INT64_MAX;
    if (stamp->day == 0 && stamp->weekday)
        to += (stamp->weekday - calendar_weekday(to) + 7) % 7;
    if (stamp->day == 0) {
        today = calendar_date(to);
        stamp->year = today.year;
        stamp->month = today.month;
        stamp->day = today.day;
    } else if (stamp->month == 0) {
        for (int i = -1; i <= 2; i++) {
            int month = (today.month - 1 + i + 12) % 12 + 1;
            int year =
                today.year + (today.month - 1 + i < 0 ? -1 : today.month - 1 + i > 11);
            try_day(stamp, year, month, near, to, &best);
        }
    } else if (stamp->year == 0) {
        int month = stamp->month;
        for (int i = -1; i <= 8 && (i <= 1 || best == INT64_MAX); i++)
            try_day(stamp, today.year + i, month, near, to, &best);
    }
    return calendar_valid(stamp->year, stamp->month, stamp->day);
}

static struct moment_parts parts_of(const struct stamp *stamp) {
    return (struct moment_parts){.year = stamp->year,
                                 .month = stamp->month,
                                 .day = stamp->day,
                                 .hour = stamp->hour < 0 ? 0 : stamp->hour,
                                 .minute = stamp->minute,
                                 .has_time = stamp->hour >= 0,
                                 .has_zone = stamp->has_zone,
                                 .zone_minutes = stamp->zone_minutes};
}

int64_t stamp_ms(const struct stamp *stamp, const struct feed *feed) {
    struct moment_parts parts = parts_of(stamp);
    int64_t ms = moment_ms(&parts);
    return !stamp->has_zone && feed->zone ? zone_utc_ms(feed->zone, ms) : ms;
}

struct view stamp_print(const struct stamp *stamp, const struct feed *feed,
                        struct arena *arena) {
    char text[MOMENT_TEXT];
    struct moment_parts parts = parts_of(stamp);
    struct view made;
    if (parts.has_time && (parts.has_zone || feed->zone))
        made = moment_print(stamp_ms(stamp, feed), text);
    else
        made = moment_print_parts(&parts, text);
    return view_n(arena_copy(arena, made.at, made.len), made.len);
}
