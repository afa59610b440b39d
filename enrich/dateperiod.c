/* Weeks, months, years and how long things last: which span of days is meant. */
#include <assert.h>
#include <stdio.h>

#include "enrich/dates.h"
#include "enrich/datewords.h"

enum date_unit date_unit(struct view word) {
    static const char *const names[] = {
        "second", "minute",  "hour",    "day",    "week",   "month",  "quarter", "year",
        "decade", "century", "weekend", "spring", "summer", "autumn", "winter"};

    for (int i = 0; i < UNIT_NONE; i++) {
        size_t n = strlen(names[i]);
        if (word.len >= n && word.len <= n + 1 &&
            view_is_word(view_n(word.at, n), names[i]))
            return (enum date_unit)i;
    }
    if (view_is_word(word, "fall"))
        return UNIT_AUTUMN;
    return view_is_word(word, "centuries") ? UNIT_CENTURY : UNIT_NONE;
}

static void set_months(struct date_meaning *out, int year, int month, int count) {
    if (year < 1) { /* ISO 8601 has no such days */
        out->from = out->to = CALENDAR_NONE;
        return;
    }
    out->from = calendar_day(year, month, 1);
    out->to = calendar_day(year, month + count, 1) - 1;
}

static void set_weekend(struct date_meaning *out, int32_t day, int shift) {
    int32_t saturday = day - calendar_weekday(day) + 6 + 7 * shift;
    struct calendar_week w = calendar_week(saturday);

    snprintf(out->value, DATE_VALUE, "%04d-W%02d-WE", w.year, w.week);
    out->from = saturday;
    out->to = saturday + 1;
}

/* The season of that name in the year of `day`, shifted by years. Winter begins in
 * December of its year. */
static void set_season(struct date_meaning *out, enum date_unit unit, int32_t day,
                       int shift) {
    static const char *const codes[] = {"SP", "SU", "FA", "WI"};
    struct calendar_date d = calendar_date(day);
    int season = (int)unit - UNIT_SPRING, year = d.year + shift;

    assert(season >= 0 && season < 4);
    if (unit == UNIT_WINTER && d.month <= 2)
        year--;
    snprintf(out->value, DATE_VALUE, "%04d-%s", year, codes[season]);
    set_months(out, year, 3 + 3 * season, 3);
}

void date_set_period(struct date_meaning *out, enum date_unit unit, int32_t day,
                     int shift) {
    struct calendar_date d = calendar_date(day);
    struct calendar_week w;
    int quarter;

    switch (unit) {
        case UNIT_DAY:
            date_set_day(out, day + shift);
            break;
        case UNIT_WEEK:
            out->from = day - calendar_weekday(day) + 1 + 7 * shift;
            out->to = out->from + 6;
            w = calendar_week(out->from);
            snprintf(out->value, DATE_VALUE, "%04d-W%02d", w.year, w.week);
            break;
        case UNIT_MONTH:
            set_months(out, d.year, d.month + shift, 1);
            d = calendar_date(out->from);
            snprintf(out->value, DATE_VALUE, "%04d-%02d", d.year, d.month);
            break;
        case UNIT_QUARTER:
            quarter = d.year * 4 + (d.month - 1) / 3 + shift;
            set_months(out, quarter / 4, quarter % 4 * 3 + 1, 3);
            snprintf(out->value, DATE_VALUE, "%04d-Q%d", quarter / 4, quarter % 4 + 1);
            break;
        case UNIT_YEAR:
            set_months(out, d.year + shift, 1, 12);
            d.year += shift;
            snprintf(out->value, DATE_VALUE, d.year < 1 ? "BC%04d" : "%04d",
                     d.year < 1 ? 1 - d.year : d.year);
            break;
        case UNIT_DECADE:
            d.year = (d.year / 10 + shift) * 10;
            set_months(out, d.year, 1, 120);
            snprintf(out->value, DATE_VALUE, d.year < 1 ? "PAST_REF" : "%03d",
                     d.year / 10);
            break;
        case UNIT_CENTURY:
            d.year = (d.year / 100 + shift) * 100;
            set_months(out, d.year, 1, 1200);
            snprintf(out->value, DATE_VALUE, d.year < 1 ? "PAST_REF" : "%02d",
                     d.year / 100);
            break;
        case UNIT_WEEKEND:
            set_weekend(out, day, shift);
            break;
        case UNIT_SPRING:
        case UNIT_SUMMER:
        case UNIT_AUTUMN:
        case UNIT_WINTER:
            set_season(out, unit, day, shift);
            break;
        default: /* shorter than a day, or no unit: no period */
            break;
    }
}

/* The first, second or last third: months are cut at the 10th and 20th, weeks after
 * Tuesday and Thursday, longer units by months or years. */
static void cut(struct date_meaning *out, enum date_unit unit, int third) {
    int32_t from = out->from, to = out->to;
    int32_t ends[4] = {from, from, from, to + 1};

    switch (unit) {
        case UNIT_WEEK:
            ends[1] = from + 2, ends[2] = from + 4;
            break;
        case UNIT_MONTH:
            ends[1] = from + 10, ends[2] = from + 20;
            break;
        case UNIT_YEAR:
            ends[1] = calendar_add_months(from, 4),
            ends[2] = calendar_add_months(from, 8);
            break;
        case UNIT_DECADE:
            ends[1] = calendar_add_months(from, 48),
            ends[2] = calendar_add_months(from, 84);
            break;
        case UNIT_DAY:
        case UNIT_WEEKEND:
            return;
        default: /* quarters and seasons: one month each */
            ends[1] = calendar_add_months(from, 1),
            ends[2] = calendar_add_months(from, 2);
    }
    out->from = ends[third];
    out->to = ends[third + 1] - 1;
}

void date_set_part(struct date_meaning *out, enum date_unit unit, struct view part) {
    static const struct {
        const char *word, *mod;
        int third;
    } parts[] = {{"early", "START", 0}, {"start", "START", 0}, {"beginning", "START", 0},
                 {"turn", "START", 0},  {"mid", "MID", 1},     {"middle", "MID", 1},
                 {"late", "END", 2},    {"end", "END", 2}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (view_is_word(part, parts[i].word)) {
            out->mod = parts[i].mod;
            if (out->from != CALENDAR_NONE)
                cut(out, unit, parts[i].third);
        }
}

/* Without a day of publication: what is open is X. */
static void set_open_period(struct date_meaning *out, enum date_unit unit) {
    static const char *const forms[] = {
        [UNIT_DAY] = "XXXX-XX-XX", [UNIT_WEEK] = "XXXX-WXX",
        [UNIT_MONTH] = "XXXX-XX",  [UNIT_QUARTER] = "XXXX-QX",
        [UNIT_YEAR] = "XXXX",      [UNIT_DECADE] = "XXX",
        [UNIT_CENTURY] = "XX",     [UNIT_WEEKEND] = "XXXX-WXX-WE",
        [UNIT_SPRING] = "XXXX-SP", [UNIT_SUMMER] = "XXXX-SU",
        [UNIT_AUTUMN] = "XXXX-FA", [UNIT_WINTER] = "XXXX-WI"};

    snprintf(out->value, DATE_VALUE, "%s", forms[unit]);
}

/* How many units away: "last" -1, "this" 0, "next" 1. */
static int shift_of(struct view relation) {
    static const char *const back[] = {"last", "past", "previous"};
    static const char *const ahead[] = {"next", "coming", "following"};

    for (size_t i = 0; i < 3; i++) {
        if (view_is_word(relation, back[i]))
            return -1;
        if (view_is_word(relation, ahead[i]))
            return 1;
    }
    return 0;
}

/* "the weekend" on a Monday is the one just over, unless the sentence looks ahead; "last
 * summer" in May is that of the year before, in December this year's. */
static int corrected_shift(const struct date_find *find, enum date_unit unit,
                           int32_t anchor, int shift) {
    bool the = date_group_is(find, 'r', "the");

    if (unit == UNIT_WEEKEND && the && calendar_weekday(anchor) < 6 &&
        date_cue(find) != CUE_FUTURE)
        return -1;
    if (unit >= UNIT_SPRING && shift != 0) {
        struct date_meaning now = {0};
        date_set_period(&now, unit, anchor, 0);
        if (shift < 0 && now.to < anchor)
            return 0;
        if (shift > 0 && now.from > anchor)
            return 0;
    }
    return shift;
}

/* "earlier this month" ends today, "later this month" begins today. */
static void set_side(struct date_meaning *out, int32_t day, struct view part) {
    if (view_is_word(part, "earlier") && out->to > day)
        out->to = day;
    if (view_is_word(part, "later") && out->from < day)
        out->from = day;
}

bool date_read_period(const struct date_find *find, struct date_meaning *out) {
    enum date_unit unit = date_unit(date_group(find, 'u'));
    struct view part = date_group(find, 'o');
    int shift = shift_of(date_group(find, 'r'));
    int32_t anchor = find->doc->published;

    out->anchor = "published";
    if ((date_group_is(find, 'r', "that") || date_group_is(find, 'r', "previous") ||
         date_group_is(find, 'r', "following")) &&
        find->previous != CALENDAR_NONE) {
        anchor = find->previous;
        out->anchor = "previous";
    }
    if (anchor == CALENDAR_NONE) {
        set_open_period(out, unit);
        out->anchor = NULL;
        date_set_part(out, unit, part);
        return true;
    }
    date_set_period(out, unit, anchor, corrected_shift(find, unit, anchor, shift));
    date_set_part(out, unit, part);
    set_side(out, anchor, part);
    return true;
}

/* --- numbers of units --- */

struct amount {
    int n;     /* -1: not told ("several") */
    bool half; /* half a unit; n is 0 then */
};

static int small_number(struct view word) {
    static const char *const names[] = {
        "zero",     "one",     "two",     "three",     "four",     "five",    "six",
        "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
    static const char *const tens[] = {"twenty", "thirty",  "forty",  "fifty",
                                       "sixty",  "seventy", "eighty", "ninety"};
    int n;

    for (int i = 0; i < 20; i++)
        if (view_is_word(word, names[i]))
            return i;
    for (int i = 0; i < 8; i++) {
        size_t len = strlen(tens[i]);
        if (view_is_word(word, tens[i]))
            return 20 + 10 * i;
        if (word.len > len + 1 && view_is_word(view_n(word.at, len), tens[i])) {
            n = small_number(view_n(word.at + len + 1, word.len - len - 1));
            return n > 0 ? 20 + 10 * i + n : -1;
        }
    }
    return -1;
}

static struct amount amount(struct view words) {
    int n = 0;

    if (view_is_word(words, "a") || view_is_word(words, "an"))
        return (struct amount){1, false};
    if (words.len > 4 && view_is_word(view_n(words.at, 4), "half"))
        return (struct amount){0, true};
    if (words.at[0] < '0' || words.at[0] > '9')
        return (struct amount){small_number(words), false};
    for (size_t i = 0; i < words.len && n < 100000; i++) {
        if (words.at[i] >= '0' && words.at[i] <= '9')
            n = n * 10 + words.at[i] - '0';
        else if (words.at[i] == '.')
            return (struct amount){-1, false};
    }
    return (struct amount){n, false};
}

static const struct {
    const char *before, *after; /* round the number */
    int times;                  /* in that unit */
    int half;                   /* half of it, in the unit below */
    const char *half_before, *half_after;
} durations[] = {
    [UNIT_SECOND] = {"PT", "S", 1, 0, "", ""},
    [UNIT_MINUTE] = {"PT", "M", 1, 30, "PT", "S"},
    [UNIT_HOUR] = {"PT", "H", 1, 30, "PT", "M"},
    [UNIT_DAY] = {"P", "D", 1, 12, "PT", "H"},
    [UNIT_WEEK] = {"P", "W", 1, 0, "", ""},
    [UNIT_MONTH] = {"P", "M", 1, 0, "", ""},
    [UNIT_QUARTER] = {"P", "M", 3, 0, "", ""},
    [UNIT_YEAR] = {"P", "Y", 1, 6, "P", "M"},
    [UNIT_DECADE] = {"P", "Y", 10, 5, "P", "Y"},
    [UNIT_CENTURY] = {"P", "Y", 100, 50, "P", "Y"},
};

static bool print_duration(struct date_meaning *out, struct amount a,
                           enum date_unit unit) {
    if (unit > UNIT_CENTURY)
        return false;
    if (a.half && !durations[unit].half)
        return false;
    if (a.half)
        snprintf(out->value, DATE_VALUE, "%s%d%s", durations[unit].half_before,
                 durations[unit].half, durations[unit].half_after);
    else if (a.n < 0)
        snprintf(out->value, DATE_VALUE, "%sX%s", durations[unit].before,
                 durations[unit].after);
    else
        snprintf(out->value, DATE_VALUE, "%s%d%s", durations[unit].before,
                 a.n * durations[unit].times, durations[unit].after);
    return true;
}

static const char *mod_of(struct view about) {
    static const struct {
        const char *word, *mod;
    } mods[] = {{"about", "APPROX"},          {"around", "APPROX"},
                {"approximately", "APPROX"},  {"roughly", "APPROX"},
                {"some", "APPROX"},           {"nearly", "LESS_THAN"},
                {"almost", "LESS_THAN"},      {"more than", "MORE_THAN"},
                {"just over", "MORE_THAN"},   {"well over", "MORE_THAN"},
                {"less than", "LESS_THAN"},   {"fewer than", "LESS_THAN"},
                {"just under", "LESS_THAN"},  {"at least", "EQUAL_OR_MORE"},
                {"at most", "EQUAL_OR_LESS"}, {"up to", "EQUAL_OR_LESS"}};

    for (size_t i = 0; i < sizeof mods / sizeof *mods; i++)
        if (view_is_word(about, mods[i].word))
            return mods[i].mod;
    return NULL;
}

/* "two weeks ago": the week two before. Hours and the like count within the day. */
bool date_read_ago(const struct date_find *find, struct date_meaning *out) {
    struct amount a = amount(date_group(find, 'n'));
    enum date_unit unit = date_unit(date_group(find, 'u'));
    bool from_previous =
        date_group_is(find, 'r', "earlier") || date_group_is(find, 'r', "later");
    int sign =
        date_group_is(find, 'r', "ago") || date_group_is(find, 'r', "earlier") ? -1 : 1;
    int32_t anchor = find->doc->published;

    out->mod = mod_of(date_group(find, 'q'));
    out->anchor = "published";
    if (from_previous && find->previous != CALENDAR_NONE) {
        anchor = find->previous;
        out->anchor = "previous";
    }
    if (a.n < 0 || anchor == CALENDAR_NONE) {
        snprintf(out->value, DATE_VALUE, "%s", sign < 0 ? "PAST_REF" : "FUTURE_REF");
        out->anchor = NULL;
        return true;
    }
    if (a.half || unit < UNIT_DAY || a.n > 5000) {
        out->type = DATE_DURATION;
        out->anchor = NULL;
        return print_duration(out, a, unit);
    }
    date_set_period(out, unit, anchor, sign * a.n);
    return true;
}

/* "a day" is one only where its neighbours say so: "a day after", "for a month". */
static bool lasts(const struct date_find *find) {
    static const char *const before[] = {"for",  "in",    "within", "than",
                                         "over", "after", "about",  "lasted",
                                         "took", "take",  "takes",  NULL};
    static const char *const after[] = {"after",   "before", "later",
                                        "earlier", "of",     NULL};
    struct view left = date_before(find), right = date_after(find);

    for (size_t i = 0; before[i]; i++)
        if (view_is_word(left, before[i]))
            return true;
    for (size_t i = 0; after[i]; i++)
        if (view_is_word(right, after[i]))
            return true;
    return date_group(find, 'q').len != 0 || date_group(find, 'l').len != 0;
}

bool date_read_duration(const struct date_find *find, struct date_meaning *out) {
    struct view number = date_group(find, 'n');
    bool one = view_is_word(number, "a") || view_is_word(number, "an");

    if (one && (!lasts(find) || date_group_is(find, 'u', "second") ||
                date_group_is(find, 'u', "quarter")))
        return false;
    out->type = DATE_DURATION;
    out->mod = mod_of(date_group(find, 'q'));
    return print_duration(out, amount(number), date_unit(date_group(find, 'u')));
}

static bool word_in(struct view word, const char *const *list) {
    for (; *list; list++)
        if (view_is_word(word, *list))
            return true;
    return false;
}

/* "hours after", "for weeks", "months-long"; not "the hardest days of". */
bool date_read_plural_duration(const struct date_find *find, struct date_meaning *out) {
    static const char *const before[] = {"for",    "within", "after",   "in",
                                         "lasted", "last",   "lasting", "took",
                                         "take",   "takes",  "over",    NULL};
    static const char *const after[] = {"after", "before", "later", "earlier", NULL};

    if (!date_group(find, 'l').len && !word_in(date_before(find), before) &&
        !word_in(date_after(find), after))
        return false;
    out->type = DATE_DURATION;
    return print_duration(out, (struct amount){-1, false},
                          date_unit(date_group(find, 'u')));
}

/* "400 a day", "200 kilometres a week": so often. */
bool date_read_per_unit(const struct date_find *find, struct date_meaning *out) {
    const struct doc *doc = find->doc;
    size_t first = doc->sentences[doc->tokens[find->first].sentence].first;
    bool number = false;

    for (size_t i = find->first; i > first && i + 2 > find->first; i--)
        number |= doc->tokens[i - 1].kind == TOKEN_NUMBER;
    out->type = DATE_SET;
    return number && print_duration(out, (struct amount){1, false},
                                    date_unit(date_group(find, 'u')));
}

static bool add_units(int32_t *day, enum date_unit unit, int n) {
    static const int months[] = {[UNIT_MONTH] = 1,
                                 [UNIT_QUARTER] = 3,
                                 [UNIT_YEAR] = 12,
                                 [UNIT_DECADE] = 120,
                                 [UNIT_CENTURY] = 1200};

    if (unit < UNIT_DAY)
        *day += n * (unit == UNIT_HOUR) / 24;
    else if (unit == UNIT_DAY || unit == UNIT_WEEK)
        *day += n * (unit == UNIT_DAY ? 1 : 7);
    else if (unit <= UNIT_CENTURY && n > -1000 && n < 1000)
        *day = calendar_add_months(*day, n * months[unit]);
    else
        return false;
    return true;
}

/* "the last 48 hours", "the next three weeks": how long, and from when to when. */
bool date_read_range(const struct date_find *find, struct date_meaning *out) {
    struct amount a = amount(date_group(find, 'n'));
    enum date_unit unit = date_unit(date_group(find, 'u'));
    bool back = shift_of(date_group(find, 'r')) < 0;
    int32_t now = find->doc->published, other = now;

    out->type = DATE_DURATION;
    if (!print_duration(out, a, unit))
        return false;
    if (now == CALENDAR_NONE || a.n < 0 || a.n > 5000 ||
        !add_units(&other, unit, back ? -a.n : a.n))
        return true;
    out->anchor = "published";
    out->from = back ? other : now;
    out->to = back ? now : other;
    return true;
}

/* --- sets and vague words --- */

static bool every_part(const struct date_find *find, struct date_meaning *out) {
    int weekday = dateword_weekday(date_group(find, 'w'));
    int month = dateword_month(date_group(find, 'm'));
    struct view daytime = date_group(find, 'p');
    static const struct {
        const char *word, *value;
    } codes[] = {{"morning", "XXXX-XX-XXTMO"},
                 {"afternoon", "XXXX-XX-XXTAF"},
                 {"evening", "XXXX-XX-XXTEV"},
                 {"night", "XXXX-XX-XXTNI"}};

    if (weekday)
        snprintf(out->value, DATE_VALUE, "XXXX-WXX-%d", weekday);
    else if (month)
        snprintf(out->value, DATE_VALUE, "XXXX-%02d", month);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (view_is_word(daytime, codes[i].word))
            snprintf(out->value, DATE_VALUE, "%s", codes[i].value);
    return out->value[0] != 0;
}

bool date_read_every(const struct date_find *find, struct date_meaning *out) {
    static const struct {
        const char *word, *value;
    } adverbs[] = {{"daily", "P1D"},   {"nightly", "P1D"}, {"weekly", "P1W"},
                   {"monthly", "P1M"}, {"yearly", "P1Y"},  {"annually", "P1Y"}};
    struct view number = date_group(find, 'n');
    enum date_unit unit = date_unit(date_group(find, 'u'));
    struct amount once = {1, false};

    out->type = DATE_SET;
    for (size_t i = 0; i < sizeof adverbs / sizeof *adverbs; i++)
        if (date_group_is(find, 'a', adverbs[i].word)) {
            snprintf(out->value, DATE_VALUE, "%s", adverbs[i].value);
            return true;
        }
    if (unit >= UNIT_SPRING && unit < UNIT_NONE)
        set_open_period(out, unit);
    else if (unit != UNIT_NONE)
        return print_duration(out, number.len ? amount(number) : once, unit);
    else
        return every_part(find, out);
    return true;
}

bool date_read_vague(const struct date_find *find, struct date_meaning *out) {
    bool now = date_group_is(find, 'a', "now") || date_group_is(find, 'a', "currently");
    bool ahead = date_group_is(find, 'a', "soon") || date_group_is(find, 'r', "coming");

    snprintf(out->value, DATE_VALUE, "%s",
             now     ? "PRESENT_REF"
             : ahead ? "FUTURE_REF"
                     : "PAST_REF");
    return true;
}

/* --- halves, quarters, seasons --- */

bool date_read_half(const struct date_find *find, struct date_meaning *out) {
    static const char *const order[] = {"first", "second", "third", "fourth"};
    bool half = date_group_is(find, 'u', "half");
    struct view year_text = date_group(find, 'y');
    int n = half ? 2 : 4, year, months = half ? 6 : 3;
    uint64_t written;

    for (int i = 0; i < 4; i++)
        if (date_group_is(find, 'n', order[i]))
            n = i + 1;
    if (n > 12 / months || (!year_text.len && !date_group(find, 'r').len))
        return false;
    if (view_number(year_text, &written)) {
        year = (int)written;
    } else if (find->doc->published == CALENDAR_NONE) {
        return false;
    } else {
        year = calendar_date(find->doc->published).year + shift_of(date_group(find, 'r'));
        out->anchor = "published";
    }
    snprintf(out->value, DATE_VALUE, "%04d-%c%d", year, half ? 'H' : 'Q', n);
    set_months(out, year, (n - 1) * months + 1, months);
    return true;
}

/* "the summer of 2020"; without a year the last one, or the coming one. */
bool date_read_season(const struct date_find *find, struct date_meaning *out) {
    static const char *const before[] = {"in",   "since",  "until", "by",
                                         "till", "before", "after", "during",
                                         "from", "for",    NULL};
    enum date_unit unit = date_unit(date_group(find, 'u'));
    int32_t now = find->doc->published;
    uint64_t year;

    if (view_number(date_group(find, 'y'), &year)) {
        date_set_period(out, unit, calendar_day((int)year, 6, 1), 0);
    } else if (!word_in(date_before(find), before)) {
        return false;
    } else if (now == CALENDAR_NONE) {
        set_open_period(out, unit);
    } else {
        bool ahead = date_cue(find) == CUE_FUTURE;
        date_set_period(out, unit, now, 0);
        if (ahead && out->to < now)
            date_set_period(out, unit, now, 1);
        else if (!ahead && out->from > now)
            date_set_period(out, unit, now, -1);
        out->anchor = "published";
    }
    date_set_part(out, unit, date_group(find, 'o'));
    return true;
}
