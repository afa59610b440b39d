#include "proto/moment.h"

#include "proto/calendar.h"

#define DAY_MS  86400000
#define HOUR_MS 3600000
#define LAST_MS 253402300799999 /* of the year 9999 */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool skip(struct view *from, char c) {
    if (!from->len || from->at[0] != c)
        return false;
    *from = view_n(from->at + 1, from->len - 1);
    return true;
}

/* Exactly `count` digits, or as many as there are up to -count. */
static bool digits(struct view *from, int count, int *out) {
    size_t most = (size_t)(count < 0 ? -count : count), n = 0;
    int value = 0;

    while (n < from->len && n < most && is_digit(from->at[n]))
        value = value * 10 + (from->at[n++] - '0');
    if (!n || (count > 0 && n < most))
        return false;
    *out = value;
    *from = view_n(from->at + n, from->len - n);
    return true;
}

static bool real(struct moment_parts *p) {
    if (p->second == 60)
        p->second = 59;
    if (p->year < 1970 || !calendar_valid(p->year, p->month, p->day))
        return false;
    if (p->hour == 24 && (p->minute || p->second || p->millisecond))
        return false;
    return p->hour <= 24 && p->minute <= 59 && p->second <= 59;
}

/* ---- ISO 8601 ---- */

static void take_fraction(struct view *from, int *millisecond) {
    int scale = 100;

    *millisecond = 0;
    for (; from->len && is_digit(from->at[0]); skip(from, from->at[0])) {
        *millisecond += (from->at[0] - '0') * scale;
        scale /= 10;
    }
}

static bool take_offset(struct view *from, struct moment_parts *p) {
    int sign = from->at[0] == '-' ? -1 : 1, hours, minutes = 0;

    *from = view_n(from->at + 1, from->len - 1);
    if (!digits(from, 2, &hours))
        return false;
    if ((skip(from, ':') || from->len) && !digits(from, 2, &minutes))
        return false;
    p->has_zone = true;
    p->zone_minutes = sign * (hours * 60 + minutes);
    return hours <= 18 && minutes <= 59;
}

static bool take_iso_time(struct view *from, struct moment_parts *p) {
    bool extended;

    p->has_time = true;
    if (!digits(from, 2, &p->hour))
        return false;
    extended = skip(from, ':');
    if (!digits(from, 2, &p->minute))
        return false;
    if (extended ? skip(from, ':') : from->len && is_digit(from->at[0])) {
        if (!digits(from, 2, &p->second))
            return false;
        if (skip(from, '.') || skip(from, ','))
            take_fraction(from, &p->millisecond);
    }
    skip(from, ' ');
    if (skip(from, 'Z') || skip(from, 'z')) {
        p->has_zone = true;
        return true;
    }
    return !from->len ||
           ((from->at[0] == '+' || from->at[0] == '-') && take_offset(from, p));
}

bool moment_of_iso(struct view text, struct moment_parts *out) {
    struct view rest = view_trim(text);
    bool extended;

    *out = (struct moment_parts){0};
    if (!digits(&rest, 4, &out->year))
        return false;
    extended = skip(&rest, '-');
    if (!digits(&rest, 2, &out->month) || (extended && !skip(&rest, '-')) ||
        !digits(&rest, 2, &out->day))
        return false;
    if ((skip(&rest, 'T') || skip(&rest, 't') || skip(&rest, ' ')) &&
        !take_iso_time(&rest, out))
        return false;
    return !rest.len && real(out);
}

/* ---- RFC 822 ---- */

static bool is_letter(char c) {
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80);
}

/* In a date a hyphen between a digit and a letter parts words: 14-Jan-2020. */
static bool parts_words(struct view text, size_t i, bool date) {
    char c = text.at[i];

    if (c == ' ' || c == ',' || c == '\t' || c == '\r' || c == '\n')
        return true;
    if (c == '.')
        return i + 1 == text.len || !is_digit(text.at[i + 1]);
    return date && c == '-' && i > 0 && i + 1 < text.len &&
           is_letter(text.at[i - 1]) != is_letter(text.at[i + 1]);
}

static bool take_word(struct view *from, bool date, struct view *word) {
    size_t begin = 0, end;

    while (begin < from->len && parts_words(*from, begin, date))
        begin++;
    for (end = begin; end < from->len && !parts_words(*from, end, date);)
        end++;
    *word = view_n(from->at + begin, end - begin);
    end += end < from->len;
    *from = view_n(from->at + end, from->len - end);
    return word->len > 0;
}

static bool same_letters(struct view word, const char *letters) {
    for (size_t i = 0; letters[i]; i++)
        if (i == word.len || (word.at[i] | 0x20) != (letters[i] | 0x20))
            return false;
    return true;
}

/* English, and what software writes that was set to another language. */
static int month_of(struct view word) {
    static const struct {
        const char *begins;
        int month;
    } names[] = {{"jan", 1},  {"feb", 2},  {"mar", 3},  {"apr", 4},  {"may", 5},
                 {"jun", 6},  {"jul", 7},  {"aug", 8},  {"sep", 9},  {"oct", 10},
                 {"nov", 11}, {"dec", 12}, {"mär", 3},  {"mrz", 3},  {"mai", 5},
                 {"okt", 10}, {"dez", 12}, {"fév", 2},  {"avr", 4},  {"juin", 6},
                 {"juil", 7}, {"aoû", 8},  {"déc", 12}, {"ene", 1},  {"abr", 4},
                 {"ago", 8},  {"dic", 12}, {"gen", 1},  {"giu", 6},  {"lug", 7},
                 {"set", 9},  {"ott", 10}, {"mag", 5},  {"fev", 2},  {"out", 10},
                 {"mei", 5},  {"mrt", 3},  {"maa", 3},  {"des", 12}, {"agu", 8}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (same_letters(word, names[i].begins))
            return names[i].month;
    return 0;
}

static bool zone_of(struct view word, struct moment_parts *p) {
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"est", -5}, {"edt", -4}, {"cst", -6}, {"cdt", -5},
                 {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};
    struct view name = word;
    int hours;

    while (word.len && is_letter(word.at[0]))
        word = view_n(word.at + 1, word.len - 1);
    name.len -= word.len;
    p->has_zone = true;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (name.len == 3 && same_letters(name, zones[i].name))
            p->zone_minutes = zones[i].hours * 60;
    if (!word.len)
        return true;
    if (word.at[0] != '+' && word.at[0] != '-')
        return false;
    if (word.len == 2 && is_digit(word.at[1])) { // UTC+1
        hours = word.at[1] - '0';
        p->zone_minutes = (word.at[0] == '-' ? -hours : hours) * 60;
        return true;
    }
    return take_offset(&word, p) && !word.len;
}

static bool clock_of(struct view word, struct moment_parts *p) {
    p->has_time = true;
    if (!digits(&word, -2, &p->hour) || !skip(&word, ':') ||
        !digits(&word, -2, &p->minute))
        return false;
    if (skip(&word, ':') && !digits(&word, -2, &p->second))
        return false;
    if (skip(&word, '.'))
        take_fraction(&word, &p->millisecond);
    return !word.len || zone_of(word, p);
}

/* AM or PM behind the clock. */
static bool half_of_day(struct view word, struct moment_parts *p) {
    bool after_noon = same_letters(word, "pm");

    if (word.len != 2 || (!after_noon && !same_letters(word, "am")))
        return false;
    if (p->hour <= 12)
        p->hour = p->hour % 12 + (after_noon ? 12 : 0);
    return true;
}

static bool number_of(struct view word, struct moment_parts *p) {
    size_t len = word.len;
    int number;

    if (!digits(&word, -4, &number) || word.len || len == 3)
        return false;
    if (len < 3 && !p->day)
        p->day = number;
    else if (len > 1 && !p->year)
        p->year = len == 4 ? number : number + (number >= 50 ? 1900 : 2000);
    else
        return false;
    return true;
}

/* A word by what it looks like: the order differs between senders. */
static bool part_of(struct view word, struct moment_parts *p) {
    if (is_digit(word.at[0]))
        return memchr(word.at, ':', word.len) ? !p->has_time && clock_of(word, p)
                                              : number_of(word, p);
    if (word.at[0] == '(') // a comment: the zone's name
        return true;
    if (p->has_time)
        return half_of_day(word, p) || (!p->has_zone && zone_of(word, p));
    if (!p->month || p->day) // "mar., 14 janv.": the first is a weekday
        p->month = month_of(word) ? month_of(word) : p->month;
    return is_letter(word.at[0]) && !p->year;
}

bool moment_of_rfc822(struct view text, struct moment_parts *out) {
    struct view word;

    *out = (struct moment_parts){0};
    while (take_word(&text, !out->has_time, &word))
        if (!part_of(word, out))
            return false;
    return out->month && out->day && real(out);
}

/* ---- the way back ---- */

int64_t moment_ms(const struct moment_parts *p) {
    int64_t day = calendar_day(p->year, p->month, p->day);

    return day * DAY_MS + (int64_t)p->hour * HOUR_MS +
           ((int64_t)p->minute - p->zone_minutes) * 60000 + (int64_t)p->second * 1000 +
           p->millisecond;
}

static char *put_digits(char *to, int number, int count) {
    for (int i = count; i--; number /= 10)
        to[i] = (char)('0' + number % 10);
    return to + count;
}

/* snprintf would take longer than all the rest of reading a time. */
static struct view print(int64_t ms, bool zone, char out[MOMENT_TEXT]) {
    struct calendar_date date;
    int of_day;
    char *to = out;

    if (ms < 0 || ms > LAST_MS)
        return view_of("");
    date = calendar_date((int32_t)(ms / DAY_MS));
    of_day = (int)(ms % DAY_MS);
    to = put_digits(to, date.year, 4);
    *to++ = '-';
    to = put_digits(to, date.month, 2);
    *to++ = '-';
    to = put_digits(to, date.day, 2);
    *to++ = 'T';
    to = put_digits(to, of_day / HOUR_MS, 2);
    *to++ = ':';
    to = put_digits(to, of_day / 60000 % 60, 2);
    *to++ = ':';
    to = put_digits(to, of_day / 1000 % 60, 2);
    if (of_day % 1000) {
        *to++ = '.';
        to = put_digits(to, of_day % 1000, 3);
    }
    if (zone)
        *to++ = 'Z';
    *to = 0;
    return view_n(out, (size_t)(to - out));
}

struct view moment_print(int64_t ms, char out[MOMENT_TEXT]) {
    return print(ms, true, out);
}

struct view moment_print_parts(const struct moment_parts *p, char out[MOMENT_TEXT]) {
    struct view text = print(moment_ms(p), p->has_zone, out);

    if (!p->has_time && text.len)
        text.len = sizeof "2020-01-14" - 1;
    return text;
}
