#include "enrich/datewords.h"

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Is word the full name, or its beginning of at least `least` letters? */
static bool abbreviates(struct view word, const char *full, size_t least) {
    if (word.len && word.at[word.len - 1] == '.')
        word.len--;
    if (word.len < least || word.len > strlen(full))
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (lower(word.at[i]) != full[i])
            return false;
    return word.len <= 4 || word.len == strlen(full);
}

int dateword_month(struct view word) {
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};

    if (word.len >= 3)
        for (int i = 0; i < 12; i++)
            if (lower(word.at[0]) == names[i][0] && abbreviates(word, names[i], 3))
                return i + 1;
    return 0;
}

int dateword_weekday(struct view word) {
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};

    if (word.len >= 3)
        for (int i = 0; i < 7; i++)
            if (lower(word.at[0]) == names[i][0] &&
                (abbreviates(word, names[i], 3) ||
                 (i == 3 && word.len <= 6 && abbreviates(word, "thurs", 5))))
                return i + 1;
    return 0;
}

static bool letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
static bool digit(char c) { return c >= '0' && c <= '9'; }

static void skip(struct view *from, const char *chars) {
    while (from->len && strchr(chars, from->at[0]) && from->at[0]) {
        from->at++;
        from->len--;
    }
}

static struct view take_word(struct view *from) {
    struct view word = {from->at, 0};

    while (word.len < from->len &&
           (letter(word.at[word.len]) || word.at[word.len] == '.'))
        word.len++;
    from->at += word.len;
    from->len -= word.len;
    return word;
}

/* A number of at most `most` digits; its digits are counted in *digits (0: none). */
static int take_number(struct view *from, unsigned most, unsigned *digits) {
    int n = 0;

    for (*digits = 0; *digits < from->len && digit(from->at[*digits]); ++*digits)
        if (*digits < most)
            n = n * 10 + from->at[*digits] - '0';
    if (*digits > most)
        *digits = 0;
    from->at += *digits;
    from->len -= *digits;
    return n;
}

static void skip_ordinal(struct view *from) {
    static const char *const ends[] = {"st", "nd", "rd", "th"};

    for (size_t i = 0; i < 4; i++)
        if (view_starts(*from, ends[i]) && (from->len == 2 || !letter(from->at[2]))) {
            from->at += 2;
            from->len -= 2;
            return;
        }
}

static void take_year(struct view *from, struct written_date *out) {
    struct view rest = *from;
    unsigned digits;
    int year;

    skip(&rest, ", ");
    year = take_number(&rest, 4, &digits);
    if (digits != 4 || year < 1000 || (rest.len && letter(rest.at[0])))
        return;
    out->year = year;
    *from = rest;
}

/* "Dec. 9th, 2020" */
static bool month_first(struct view *from, struct written_date *out) {
    struct view rest = *from;
    unsigned digits;

    out->month = dateword_month(take_word(&rest));
    if (!out->month)
        return false;
    skip(&rest, " ");
    out->day = take_number(&rest, 2, &digits);
    if (!digits)
        return false;
    skip_ordinal(&rest);
    take_year(&rest, out);
    *from = rest;
    return true;
}

/* "9 December 2020", "9th of December" */
static bool day_first(struct view *from, struct written_date *out) {
    struct view rest = *from;
    unsigned digits;

    out->day = take_number(&rest, 2, &digits);
    if (!digits)
        return false;
    skip_ordinal(&rest);
    skip(&rest, " ");
    if (view_starts(rest, "of ")) {
        rest.at += 3;
        rest.len -= 3;
    }
    out->month = dateword_month(take_word(&rest));
    if (!out->month)
        return false;
    take_year(&rest, out);
    *from = rest;
    return true;
}

static bool alone(const struct view *rest) {
    return !rest->len || (!letter(rest->at[0]) && !digit(rest->at[0]));
}

/* Three numbers with the same one of / . - between them, and nothing sticking to the
 * last. */
static bool take_three(struct view *rest, int n[3], unsigned digits[3]) {
    char between = 0;

    for (int i = 0; i < 3; i++) {
        if (i) {
            if (!rest->len || !strchr("/.-", rest->at[0]) ||
                (between && rest->at[0] != between))
                return false;
            between = rest->at[0];
            rest->at++;
            rest->len--;
        }
        n[i] = take_number(rest, 4, &digits[i]);
        if (!digits[i])
            return false;
    }
    return alone(rest);
}

/* "16/04/2019", "16.4.2019", "04-16-19", "2019-04-16" */
static bool numeric(struct view *from, struct written_date *out) {
    struct view rest = *from;
    unsigned digits[3];
    int n[3];

    if (!take_three(&rest, n, digits) || digits[1] > 2)
        return false;
    if (digits[0] == 4 && digits[2] <= 2) {
        out->year = n[0], out->month = n[1], out->day = n[2];
    } else if (digits[0] <= 2 && (digits[2] == 4 || digits[2] == 2)) {
        out->year = digits[2] == 4 ? n[2] : n[2] + (n[2] < 70 ? 2000 : 1900);
        out->day = n[0], out->month = n[1];
        out->either_order = n[0] <= 12 && n[1] <= 12 && n[0] != n[1];
        if (n[1] > 12)
            out->day = n[1], out->month = n[0];
    } else {
        return false;
    }
    *from = rest;
    return true;
}

static bool plausible(const struct written_date *d) {
    return d->month >= 1 && d->month <= 12 && d->day >= 1 && d->day <= 31 &&
           calendar_valid(d->year ? d->year : 2000, d->month, d->day);
}

bool written_date_take(struct view *from, struct written_date *out) {
    static bool (*const forms[])(struct view *, struct written_date *) = {
        numeric, month_first, day_first};
    struct view rest = *from;
    int weekday = dateword_weekday(take_word(&rest));

    if (weekday)
        skip(&rest, ", ");
    else
        rest = *from;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct view after = rest;
        *out = (struct written_date){.weekday = weekday};
        if (forms[i](&after, out) && plausible(out)) {
            *from = after;
            return true;
        }
    }
    *out = (struct written_date){.weekday = weekday};
    if (weekday) {
        rest = *from;
        take_word(&rest);
        *from = rest;
    }
    return weekday != 0;
}

/* The year that puts the date within 200 days before and 2 days after `near`. */
static int32_t with_near_year(const struct written_date *date, int32_t near) {
    int year = calendar_date(near).year;

    for (int y = year - 1; y <= year + 1; y++)
        if (calendar_valid(y, date->month, date->day)) {
            int32_t day = calendar_day(y, date->month, date->day);
            if (day >= near - 200 && day <= near + 2)
                return day;
        }
    return CALENDAR_NONE;
}

static int32_t distance(int32_t a, int32_t b) { return a < b ? b - a : a - b; }

static int32_t either_day(const struct written_date *date, int32_t near) {
    int32_t day_first_day = calendar_day(date->year, date->month, date->day);
    int32_t month_first_day = calendar_day(date->year, date->day, date->month);

    if (date->weekday)
        return calendar_weekday(day_first_day) != date->weekday &&
                       calendar_weekday(month_first_day) == date->weekday
                   ? month_first_day
                   : day_first_day;
    if (near != CALENDAR_NONE && distance(month_first_day, near) < 15 &&
        distance(day_first_day, near) > 15)
        return month_first_day;
    return day_first_day;
}

int32_t written_date_day(const struct written_date *date, int32_t near) {
    if (!date->month) /* a weekday: the last one up to near */
        return near == CALENDAR_NONE
                   ? near
                   : near - (calendar_weekday(near) - date->weekday + 7) % 7;
    if (!date->year)
        return near == CALENDAR_NONE ? near : with_near_year(date, near);
    if (date->either_order)
        return either_day(date, near);
    return calendar_valid(date->year, date->month, date->day)
               ? calendar_day(date->year, date->month, date->day)
               : CALENDAR_NONE;
}
