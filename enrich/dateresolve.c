/* Dates of the calendar, weekdays and times of day: which day is meant. Where the day of
 * publication is not known the TIMEX3 value keeps X for what is open, and no days are
 * given. */
#include <stdio.h>

#include "enrich/dates.h"
#include "enrich/datewords.h"

bool view_is_all_of_word(struct view word, const char *lower_case) {
    size_t n = strlen(lower_case);

    if (word.len != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((word.at[i] >= 'A' && word.at[i] <= 'Z' ? word.at[i] + 32 : word.at[i]) !=
            lower_case[i])
            return false;
    return true;
}

struct view date_group(const struct date_find *find, char letter) {
    return pattern_group(find->match, find->doc->text, letter);
}

bool date_group_is(const struct date_find *find, char letter, const char *lower_case) {
    return view_is_word(date_group(find, letter), lower_case);
}

struct view date_before(const struct date_find *find) {
    const struct doc *doc = find->doc;
    size_t first = doc->sentences[doc->tokens[find->first].sentence].first;
    return find->first > first ? doc_token(doc, find->first - 1) : view_n("", 0);
}

struct view date_after(const struct date_find *find) {
    const struct doc *doc = find->doc;
    size_t last = doc->sentences[doc->tokens[find->first].sentence].last;
    return find->last < last ? doc_token(doc, find->last) : view_n("", 0);
}

static int group_number(const struct date_find *find, char letter) {
    uint64_t n;
    struct view digits = date_group(find, letter);

    return digits.len <= 6 && view_number(digits, &n) ? (int)n : -1;
}

void date_set_day(struct date_meaning *out, int32_t day) {
    out->from = out->to = day;
    calendar_print(day, out->value);
}

static void set_month(struct date_meaning *out, int year, int month) {
    snprintf(out->value, DATE_VALUE, "%04d-%02d", year, month);
    out->from = calendar_day(year, month, 1);
    out->to = calendar_day(year, month, calendar_month_days(year, month));
}

/* --- times of day, added behind the day in value --- */

static const char *daytime_code(struct view word) {
    static const struct {
        const char *word, *code;
    } codes[] = {{"morning", "TMO"},  {"dawn", "TMO"},      {"afternoon", "TAF"},
                 {"evening", "TEV"},  {"dusk", "TEV"},      {"night", "TNI"},
                 {"noon", "T12:00"},  {"midday", "T12:00"}, {"midnight", "T00:00"},
                 {"lunchtime", "TAF"}};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (view_is_word(word, codes[i].word))
            return codes[i].code;
    return NULL;
}

static void append(struct date_meaning *out, const char *text) {
    size_t len = strlen(out->value);

    snprintf(out->value + len, DATE_VALUE - len, "%s", text);
    out->type = DATE_TIME;
}

/* "9", "9:30", "12.19", "1119", with "p" of p.m. where it is given. */
static bool clock(const struct date_find *find, char out[8]) {
    struct view t = date_group(find, 't'), half = date_group(find, 'h');
    int digits[6] = {0}, count = 0, hour, minute;
    size_t colon = 0;

    for (size_t i = 0; i < t.len && count < 6; i++) {
        if (t.at[i] >= '0' && t.at[i] <= '9')
            digits[count++] = t.at[i] - '0';
        else if (!colon)
            colon = i;
    }
    if (!colon && count <= 2)
        hour = count == 2 ? digits[0] * 10 + digits[1] : digits[0], minute = 0;
    else if (colon == 1)
        hour = digits[0], minute = digits[1] * 10 + digits[2];
    else
        hour = digits[0] * 10 + digits[1], minute = digits[2] * 10 + digits[3];
    if (half.len) {
        if (hour < 1 || hour > 12)
            return false;
        hour = hour % 12 + (half.at[0] == 'p' || half.at[0] == 'P' ? 12 : 0);
    }
    if (hour > 24 || minute > 59)
        return false;
    snprintf(out, 8, "T%02u:%02u", (unsigned)hour % 100, (unsigned)minute % 100);
    return true;
}

/* The clock or the time of day in the match, if there is one. False: an impossible one.
 */
static bool append_time(const struct date_find *find, struct date_meaning *out) {
    char text[8];
    const char *code = daytime_code(date_group(find, 'p'));

    if (date_group(find, 't').len) {
        if (!clock(find, text))
            return false;
        append(out, text);
        if (date_group(find, 'z').len)
            append(out, "Z");
    } else if (code) {
        append(out, code);
    }
    return true;
}

/* --- dates of the calendar --- */

#define NEAR_DAYS 45
#define FAR_DAYS  270

/* A day without a year is within some months: a cue does not make it a year away when the
 * other reading is at hand. */
static enum date_cue nearer(int32_t back, int32_t ahead, enum date_cue cue) {
    if (cue == CUE_PAST && back < FAR_DAYS)
        return CUE_PAST;
    if (cue == CUE_FUTURE && ahead < FAR_DAYS)
        return CUE_FUTURE;
    return back <= ahead ? CUE_PAST : CUE_FUTURE;
}

/* Which year a month and day without one is in. */
static int32_t choose_year(const struct date_find *find, int month, int day,
                           struct date_meaning *out) {
    int32_t anchor = find->doc->published, last = CALENDAR_NONE, next = CALENDAR_NONE;
    enum date_cue cue = date_cue(find);
    int year = calendar_date(anchor).year;

    for (int y = year - 4; y <= year + 4; y++) { /* 29 February is rare */
        int32_t d =
            calendar_valid(y, month, day) ? calendar_day(y, month, day) : anchor + 1;
        if (!calendar_valid(y, month, day))
            continue;
        if (d <= anchor)
            last = d;
        else if (next == CALENDAR_NONE)
            next = d;
    }
    if (last == anchor)
        cue = CUE_PAST;
    if (last != CALENDAR_NONE && next != CALENDAR_NONE &&
        (cue == CUE_NONE || anchor - last < NEAR_DAYS || next - anchor < NEAR_DAYS))
        cue = nearer(anchor - last, next - anchor, cue);
    out->why = cue == CUE_FUTURE ? "month-day-future" : "month-day-past";
    return cue == CUE_FUTURE ? next : last;
}

/* A day as written in `text`; false: no such day. */
static bool read_day(const struct date_find *find, struct view text,
                     struct date_meaning *out) {
    struct written_date date;
    int32_t day;

    if (view_starts(text, "the ")) {
        text.at += 4;
        text.len -= 4;
    }
    if (!written_date_take(&text, &date) || !date.month)
        return false;
    if (date.year && !calendar_valid(date.year, date.month, date.day) &&
        !date.either_order)
        return false;
    if (date.year) {
        day = written_date_day(&date, find->doc->published,
                               (enum date_order)find->doc->date_order);
    } else if (find->doc->published == CALENDAR_NONE) {
        snprintf(out->value, DATE_VALUE, "XXXX-%02d-%02d", date.month, date.day);
        return true;
    } else {
        day = choose_year(find, date.month, date.day, out);
        out->anchor = "published";
    }
    if (day == CALENDAR_NONE)
        return false;
    date_set_day(out, day);
    return true;
}

bool date_read_full(const struct date_find *find, struct date_meaning *out) {
    return read_day(find, doc_span(find->doc, find->match->at), out) &&
           append_time(find, out);
}

bool date_read_month_year(const struct date_find *find, struct date_meaning *out) {
    int month = dateword_month(date_group(find, 'm')), year = group_number(find, 'y');

    if (year < 0) { /* "June of that year" */
        int32_t anchor = find->doc->published;
        if (date_group_is(find, 'r', "that") && find->previous != CALENDAR_NONE)
            anchor = find->previous;
        if (anchor == CALENDAR_NONE)
            return false;
        year = calendar_date(anchor).year;
        year += date_group_is(find, 'r', "next") - date_group_is(find, 'r', "last");
        out->anchor = anchor == find->doc->published ? "published" : "previous";
    }
    set_month(out, year, month);
    date_set_part(out, UNIT_MONTH, date_group(find, 'o'));
    return true;
}

static bool any_of(struct view word, const char *const *list) {
    for (; *list; list++)
        if (view_is_word(word, *list))
            return true;
    return false;
}

/* Words after which May, March, August, April and June are months and 2011 is a year. */
static const char *const before_dates[] = {
    "in",   "since",  "by",     "until", "till",    "from",     "to",         "through",
    "of",   "during", "before", "after", "between", "and",      "or",         "for",
    "last", "next",   "this",   "early", "late",    "mid",      "throughout", "around",
    "over", "beyond", "per",    "every", "about",   "previous", "past",       "coming",
    "end",  "year",   "again",  "(",     NULL};

static bool month_is_meant(const struct date_find *find, int month) {
    static const char names[] = {3, 4, 5, 6, 8, 0}; /* also verbs and people */
    struct view before = date_before(find), after = date_after(find);
    bool name = strchr(names, month) != NULL;

    if (any_of(before, before_dates))
        return !(name && after.len && after.at[0] >= 'A' && after.at[0] <= 'Z');
    if (name || !before.len)
        return false;
    return !(after.len && after.at[0] >= 'A' && after.at[0] <= 'Z');
}

/* The last such month, or the coming one where the sentence looks ahead. */
static void set_near_month(const struct date_find *find, int month, bool ahead,
                           struct date_meaning *out) {
    struct calendar_date now = calendar_date(find->doc->published);
    int year = now.year;

    if (ahead && month < now.month)
        year++;
    else if (!ahead && month > now.month)
        year--;
    set_month(out, year, month);
    out->anchor = "published";
    out->why = ahead ? "month-future" : "month-past";
}

bool date_read_month(const struct date_find *find, struct date_meaning *out) {
    int month = dateword_month(date_group(find, 'm'));
    struct view part = date_group(find, 'o');
    bool ahead;

    if (!part.len && !month_is_meant(find, month))
        return false;
    if (find->doc->published == CALENDAR_NONE) {
        snprintf(out->value, DATE_VALUE, "XXXX-%02d", month);
        return true;
    }
    ahead = !view_is_word(date_before(find), "since") && date_cue(find) == CUE_FUTURE;
    set_near_month(find, month, ahead, out);
    date_set_part(out, UNIT_MONTH, part);
    return true;
}

bool date_read_relative_month(const struct date_find *find, struct date_meaning *out) {
    int month = dateword_month(date_group(find, 'm'));
    struct calendar_date now;

    if (find->doc->published == CALENDAR_NONE) {
        snprintf(out->value, DATE_VALUE, "XXXX-%02d", month);
        return true;
    }
    now = calendar_date(find->doc->published);
    if (date_group_is(find, 'r', "this"))
        set_month(out, now.year, month);
    else if (date_group_is(find, 'r', "last") || date_group_is(find, 'r', "past"))
        set_month(out, month < now.month ? now.year : now.year - 1, month);
    else
        set_month(out, month > now.month ? now.year : now.year + 1, month);
    out->anchor = "published";
    date_set_part(out, UNIT_MONTH, date_group(find, 'o'));
    return true;
}

/* "2009 refugees", "of 2000 people": numbers, not years. */
static bool counts_something(struct view after) {
    static const char *const things[] = {
        "people",   "troops",   "soldiers", "fighters",  "men",       "women",
        "children", "hours",    "km",       "metres",    "meters",    "feet",
        "dollars",  "euros",    "tonnes",   "tons",      "miles",     "pounds",
        "police",   "workers",  "members",  "civilians", "refugees",  "migrants",
        "votes",    "homes",    "houses",   "jobs",      "residents", "gmt",
        "utc",      "%",        "percent",  "points",    "yards",     "kg",
        "mw",       "hectares", "acres",    "students",  "cases",     "deaths",
        NULL};
    return any_of(after, things);
}

bool date_read_year(const struct date_find *find, struct date_meaning *out) {
    static const char *const determiners[] = {"the",   "a",   "an", "its", "his", "her",
                                              "their", "our", "'s", "’s",  NULL};
    int year = group_number(find, 'y');
    struct view before = date_before(find), after = date_after(find);

    if (!date_group(find, 'o').len && !any_of(before, before_dates) &&
        !(any_of(before, determiners) && after.len &&
          find->doc->tokens[find->last].kind == TOKEN_WORD))
        return false;
    if (counts_something(after) || year > 2100)
        return false;
    snprintf(out->value, DATE_VALUE, "%04d", year);
    out->from = calendar_day(year, 1, 1);
    out->to = calendar_day(year, 12, 31);
    date_set_part(out, UNIT_YEAR, date_group(find, 'o'));
    return true;
}

bool date_read_decade(const struct date_find *find, struct date_meaning *out) {
    int decade = group_number(find, 'y');

    snprintf(out->value, DATE_VALUE, "%d", decade);
    out->from = calendar_day(decade * 10, 1, 1);
    out->to = calendar_day(decade * 10 + 9, 12, 31);
    date_set_part(out, UNIT_DECADE, date_group(find, 'o'));
    return true;
}

/* --- weekdays and days near the day of publication --- */

/* "last Sunday" is before the day, "next Sunday" after it; bare, the last such day up to
 * and including it, or the first from it on where the sentence looks ahead. */
static int32_t weekday_day(const struct date_find *find, int weekday,
                           struct date_meaning *out) {
    int32_t now = find->doc->published;
    int back = (calendar_weekday(now) - weekday + 7) % 7;
    bool ahead;

    out->anchor = "published";
    if (date_group_is(find, 'r', "last") || date_group_is(find, 'r', "past") ||
        date_group_is(find, 'r', "previous")) {
        out->why = "weekday-last";
        return now - (back ? back : 7);
    }
    if (date_group_is(find, 'r', "next") || date_group_is(find, 'r', "coming") ||
        date_group_is(find, 'r', "following")) {
        out->why = "weekday-next";
        return now - back + 7;
    }
    if (date_group_is(find, 'r', "this"))
        ahead = true;
    else
        ahead = date_cue(find) == CUE_FUTURE;
    out->why = ahead ? "weekday-future" : "weekday-past";
    return back && ahead ? now - back + 7 : now - back;
}

/* "Tuesday of last week" */
static int32_t weekday_of_week(const struct date_find *find, int weekday) {
    int32_t now = find->doc->published;
    int shift = date_group_is(find, 'v', "next") - date_group_is(find, 'v', "last");

    return now - calendar_weekday(now) + weekday + 7 * shift;
}

/* "the Sunday Times", "Mr. Friday" */
static bool part_of_name(const struct date_find *find) {
    struct view before = date_before(find), after = date_after(find);
    bool title = before.len > 1 && before.at[before.len - 1] == '.';

    return title || (view_is_word(before, "the") && after.len && after.at[0] >= 'A' &&
                     after.at[0] <= 'Z');
}

bool date_read_weekday(const struct date_find *find, struct date_meaning *out) {
    int weekday = dateword_weekday(date_group(find, 'w'));
    struct view part = date_group(find, 'o');

    if (find->last == find->first + 1 && part_of_name(find))
        return false;
    if (find->doc->published == CALENDAR_NONE) {
        snprintf(out->value, DATE_VALUE, "XXXX-WXX-%d", weekday);
    } else if (date_group(find, 'v').len) {
        date_set_day(out, weekday_of_week(find, weekday));
        out->anchor = "published";
    } else {
        date_set_day(out, weekday_day(find, weekday, out));
    }
    if (date_group(find, 'e').len && !date_group(find, 'p').len &&
        !date_group(find, 't').len)
        append(out, "TMO"); /* "the early hours of Friday"; but not "of Friday morning" */
    else if (part.len)
        out->mod = view_is_word(part, "early") ? "START" : "END";
    return append_time(find, out);
}

bool date_read_weekdays(const struct date_find *find, struct date_meaning *out) {
    int weekday = dateword_weekday(view_n(date_group(find, 'w').at, 3));

    out->type = DATE_SET;
    snprintf(out->value, DATE_VALUE, "XXXX-WXX-%d", weekday);
    return true;
}

/* The number of days from the day of publication that the words say. */
static int shift_of(struct view words) {
    if (view_is_word(words, "yesterday") || view_is_word(words, "last night"))
        return -1;
    if (view_is_word(words, "tomorrow"))
        return 1;
    if (words.len > 9 && view_is_word(view_n(words.at + words.len - 9, 9), "yesterday"))
        return -2;
    if (words.len > 8 && view_is_word(view_n(words.at + words.len - 8, 8), "tomorrow"))
        return 2;
    return 0;
}

static bool set_shifted(const struct date_find *find, int shift,
                        struct date_meaning *out) {
    if (find->doc->published == CALENDAR_NONE) {
        snprintf(out->value, DATE_VALUE, "%s",
                 shift < 0   ? "PAST_REF"
                 : shift > 0 ? "FUTURE_REF"
                             : "PRESENT_REF");
        return false;
    }
    date_set_day(out, find->doc->published + shift);
    out->anchor = "published";
    return true;
}

bool date_read_today(const struct date_find *find, struct date_meaning *out) {
    struct view words = date_group(find, 'a');
    bool overnight = view_is_word(words, "overnight");
    int shift = overnight ? -1 : shift_of(words);

    if (date_group_is(find, 'r', "last"))
        shift = -1;
    if (!set_shifted(find, shift, out)) {
        if (overnight || view_is_word(words, "tonight") || date_group(find, 'p').len)
            out->type = DATE_TIME;
        return true;
    }
    if (overnight)
        out->to = out->from + 1;
    if (overnight || view_is_word(words, "tonight"))
        append(out, "TNI");
    return append_time(find, out);
}

/* "the same day", "the day before": from the day the text spoke of last. */
bool date_read_same_day(const struct date_find *find, struct date_meaning *out) {
    struct view words = date_group(find, 'a');
    bool before = false, after = false, night = false, evening = false;
    int32_t anchor = find->day;

    for (struct view rest = words, word; view_split(&rest, ' ', &word);) {
        before |= view_is_word(word, "before") || view_is_word(word, "previous");
        after |= view_is_word(word, "next") || view_is_word(word, "following") ||
                 view_is_word(word, "after");
        night |= view_is_word(word, "night");
        evening |= view_is_word(word, "evening");
    }
    out->anchor = "previous";
    if (anchor == CALENDAR_NONE) {
        anchor = find->doc->published;
        out->anchor = "published";
    }
    if (anchor == CALENDAR_NONE)
        return false;
    date_set_day(out, anchor + after - before);
    if (night || evening)
        append(out, night ? "TNI" : "TEV");
    return true;
}

/* --- times --- */

/* "9 p.m. on Tuesday", "2 a.m. today", "the night of 9 November" */
bool date_read_clock(const struct date_find *find, struct date_meaning *out) {
    int weekday = dateword_weekday(date_group(find, 'w'));
    struct view day = date_group(find, 'x');

    out->type = DATE_TIME;
    if (day.len)
        return read_day(find, day, out) && append_time(find, out);
    if (!weekday)
        (void)set_shifted(find, shift_of(date_group(find, 'a')), out);
    else if (find->doc->published == CALENDAR_NONE)
        snprintf(out->value, DATE_VALUE, "XXXX-WXX-%d", weekday);
    else
        date_set_day(out, weekday_day(find, weekday, out));
    if (strstr(out->value, "REF"))
        return true;
    return append_time(find, out);
}

/* The day a time without one falls on: the day spoken of last in this paragraph. */
static bool set_day_in_hand(const struct date_find *find, struct date_meaning *out) {
    int32_t day = find->day;

    out->anchor = "previous";
    if (day == CALENDAR_NONE) {
        day = find->doc->published;
        out->anchor = "published";
    }
    if (day == CALENDAR_NONE) {
        snprintf(out->value, DATE_VALUE, "XXXX-XX-XX");
        out->anchor = NULL;
        return true;
    }
    date_set_day(out, day);
    return true;
}

bool date_read_clock_alone(const struct date_find *find, struct date_meaning *out) {
    static const char *const before_times[] = {
        "at",    "around", "by",    "until", "till", "from", "since",
        "about", "before", "after", "to",    "and",  "(",    NULL};

    if (!date_group(find, 'h').len && !date_group(find, 'z').len &&
        !any_of(date_before(find), before_times))
        return false; /* 4:50 may be a result */
    if (!set_day_in_hand(find, out) || !append_time(find, out))
        return false;
    if (date_group(find, 'q').len)
        out->mod = "APPROX";
    return out->type == DATE_TIME;
}

bool date_read_daytime(const struct date_find *find, struct date_meaning *out) {
    static const char *const before_times[] = {"in",   "during", "throughout",
                                               "into", "by",     NULL};

    bool that =
        find->doc->text.at[find->match->at.start + 2] == 'a'; /* "that", not "the" */

    if (!that && !any_of(date_before(find), before_times))
        return false;
    return set_day_in_hand(find, out) && append_time(find, out);
}
