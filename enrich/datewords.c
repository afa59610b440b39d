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

/* Of other languages: small letters, the name and how it is cut short. */
struct foreign {
    const char *word;
    int number;
};

static const struct foreign foreign_months[] = {
    {"januar", 1},     {"jänner", 1},    {"janvier", 1},    {"janv", 1},
    {"enero", 1},      {"ene", 1},       {"gennaio", 1},    {"gen", 1},
    {"janeiro", 1},    {"januari", 1},   {"februar", 2},    {"février", 2},
    {"févr", 2},       {"fév", 2},       {"fevrier", 2},    {"febrero", 2},
    {"febbraio", 2},   {"fevereiro", 2}, {"fev", 2},        {"februari", 2},
    {"märz", 3},       {"mär", 3},       {"mrz", 3},        {"mars", 3},
    {"marzo", 3},      {"março", 3},     {"maart", 3},      {"mrt", 3},
    {"avril", 4},      {"avr", 4},       {"abril", 4},      {"abr", 4},
    {"aprile", 4},     {"mai", 5},       {"mayo", 5},       {"maggio", 5},
    {"mag", 5},        {"maio", 5},      {"mei", 5},        {"juni", 6},
    {"juin", 6},       {"junio", 6},     {"giugno", 6},     {"giu", 6},
    {"junho", 6},      {"juli", 7},      {"juillet", 7},    {"juil", 7},
    {"julio", 7},      {"luglio", 7},    {"lug", 7},        {"julho", 7},
    {"août", 8},       {"aout", 8},      {"agosto", 8},     {"ago", 8},
    {"augustus", 8},   {"septembre", 9}, {"septiembre", 9}, {"setiembre", 9},
    {"settembre", 9},  {"set", 9},       {"setembro", 9},   {"oktober", 10},
    {"okt", 10},       {"octobre", 10},  {"octubre", 10},   {"ottobre", 10},
    {"ott", 10},       {"outubro", 10},  {"out", 10},       {"novembre", 11},
    {"noviembre", 11}, {"novembro", 11}, {"dezember", 12},  {"dez", 12},
    {"décembre", 12},  {"déc", 12},      {"decembre", 12},  {"diciembre", 12},
    {"dic", 12},       {"dicembre", 12}, {"dezembro", 12},
};

static const struct foreign foreign_weekdays[] = {
    {"montag", 1},    {"lundi", 1},     {"lunes", 1},     {"lunedì", 1},
    {"maandag", 1},   {"dienstag", 2},  {"mardi", 2},     {"martes", 2},
    {"martedì", 2},   {"dinsdag", 2},   {"mittwoch", 3},  {"mercredi", 3},
    {"miércoles", 3}, {"mercoledì", 3}, {"woensdag", 3},  {"donnerstag", 4},
    {"jeudi", 4},     {"jueves", 4},    {"giovedì", 4},   {"donderdag", 4},
    {"freitag", 5},   {"vendredi", 5},  {"viernes", 5},   {"venerdì", 5},
    {"vrijdag", 5},   {"samstag", 6},   {"sonnabend", 6}, {"samedi", 6},
    {"sábado", 6},    {"sabato", 6},    {"zaterdag", 6},  {"sonntag", 7},
    {"dimanche", 7},  {"domingo", 7},   {"domenica", 7},  {"zondag", 7},
};

static int foreign_number(struct view word, const struct foreign *list, size_t count) {
    if (word.len && word.at[word.len - 1] == '.')
        word.len--;
    for (size_t i = 0; i < count; i++) {
        size_t n = 0;
        const char *other = list[i].word;
        if (!word.len || lower(word.at[0]) != other[0] || word.len != strlen(other))
            continue;
        while (n < word.len && lower(word.at[n]) == other[n])
            n++;
        if (n == word.len)
            return list[i].number;
    }
    return 0;
}

static int any_month(struct view word) {
    int month = dateword_month(word);

    return month ? month
                 : foreign_number(word, foreign_months,
                                  sizeof foreign_months / sizeof *foreign_months);
}

static int foreign_weekday(struct view word) {
    return foreign_number(word, foreign_weekdays,
                          sizeof foreign_weekdays / sizeof *foreign_weekdays);
}

static bool letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
static bool digit(char c) { return c >= '0' && c <= '9'; }

static void skip(struct view *from, const char *chars) {
    while (from->len && strchr(chars, from->at[0]) && from->at[0]) {
        from->at++;
        from->len--;
    }
}

/* Letters, those of Latin-1 among them, and full stops. */
static struct view take_word(struct view *from) {
    struct view word = {from->at, 0};

    while (word.len < from->len) {
        char c = word.at[word.len];
        if (letter(c) || c == '.')
            word.len++;
        else if (c == '\xC3' && word.len + 1 < from->len)
            word.len += 2;
        else
            break;
    }
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
    static const char *const ends[] = {"st", "nd", "rd", "th", "er"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (view_starts(*from, ends[i]) && (from->len == 2 || !letter(from->at[2]))) {
            from->at += 2;
            from->len -= 2;
            return;
        }
}

/* "9th of December", "9 de diciembre" */
static void skip_of(struct view *from) {
    if (view_starts(*from, "of ") || view_starts(*from, "de ")) {
        from->at += 3;
        from->len -= 3;
    }
}

static void take_year(struct view *from, struct written_date *out) {
    struct view rest = *from;
    unsigned digits;
    int year;

    skip(&rest, ", ");
    skip_of(&rest);
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

    out->month = any_month(take_word(&rest));
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
    if (view_starts(rest, "."))
        skip(&rest, ".");
    skip(&rest, " ");
    skip_of(&rest);
    out->month = any_month(take_word(&rest));
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
    struct view rest = *from, word = take_word(&rest);
    int english = dateword_weekday(word);
    int weekday = english ? english : foreign_weekday(word);

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
    *out = (struct written_date){.weekday = english};
    if (english)
        take_word(from);
    return english != 0;
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

enum date_order date_order_named(struct view name) {
    return view_is(name, "dmy")   ? ORDER_DAY_FIRST
           : view_is(name, "mdy") ? ORDER_MONTH_FIRST
                                  : ORDER_UNKNOWN;
}

/* Only one of the two days is about when it was written. */
static enum date_order order_near(int32_t day_first, int32_t month_first, int32_t near) {
    if (near == CALENDAR_NONE)
        return ORDER_UNKNOWN;
    if (distance(month_first, near) < 15 && distance(day_first, near) > 15)
        return ORDER_MONTH_FIRST;
    return distance(day_first, near) < 15 ? ORDER_DAY_FIRST : ORDER_UNKNOWN;
}

static int32_t either_day(const struct written_date *date, int32_t near,
                          enum date_order order) {
    int32_t days[] = {
        [ORDER_DAY_FIRST] = calendar_day(date->year, date->month, date->day),
        [ORDER_MONTH_FIRST] = calendar_day(date->year, date->day, date->month)};
    enum date_order nearest;

    for (int i = ORDER_DAY_FIRST; i <= ORDER_MONTH_FIRST && date->weekday; i++)
        if (calendar_weekday(days[i]) == date->weekday)
            return days[i];
    if (order == ORDER_DAY_FIRST || order == ORDER_MONTH_FIRST)
        return days[order];
    nearest = order_near(days[ORDER_DAY_FIRST], days[ORDER_MONTH_FIRST], near);
    if (nearest != ORDER_UNKNOWN)
        return days[nearest];
    return days[order == ORDER_MONTH_FIRST_THERE ? ORDER_MONTH_FIRST : ORDER_DAY_FIRST];
}

int32_t written_date_day(const struct written_date *date, int32_t near,
                         enum date_order order) {
    if (!date->month) /* a weekday: the last one up to near */
        return near == CALENDAR_NONE
                   ? near
                   : near - (calendar_weekday(near) - date->weekday + 7) % 7;
    if (!date->year)
        return near == CALENDAR_NONE ? near : with_near_year(date, near);
    if (date->either_order)
        return either_day(date, near, order);
    return calendar_valid(date->year, date->month, date->day)
               ? calendar_day(date->year, date->month, date->day)
               : CALENDAR_NONE;
}
