#include "proto/calendar.h"

bool calendar_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int calendar_month_days(int year, int month) {
    static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && calendar_leap(year));
}

bool calendar_valid(int year, int month, int day) {
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           day <= calendar_month_days(year, month);
}

static int floor_div(int a, int b) { return a / b - (a % b < 0); }

/* Years are counted from March, so that the leap day is the last of its year; 400 such
 * years are one cycle of 146,097 days. */
int32_t calendar_day(int year, int month, int day) {
    int months = year * 12 + month - 1 - 2;
    int y = floor_div(months, 12), m = months - y * 12;
    int cycle = floor_div(y, 400), in_cycle = y - cycle * 400;
    int day_of_year = (153 * m + 2) / 5 + day - 1;

    return cycle * 146097 + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + day_of_year -
           719468;
}

struct calendar_date calendar_date(int32_t day) {
    int days = day + 719468;
    int cycle = floor_div(days, 146097), in_cycle = days - cycle * 146097;
    int y = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    int day_of_year = in_cycle - (365 * y + y / 4 - y / 100);
    int m = (5 * day_of_year + 2) / 153;

    return (struct calendar_date){.year = cycle * 400 + y + (m >= 10),
                                  .month = m < 10 ? m + 3 : m - 9,
                                  .day = day_of_year - (153 * m + 2) / 5 + 1};
}

int calendar_weekday(int32_t day) {
    int since_monday = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

int32_t calendar_week_start(int year, int week) {
    int32_t fourth = calendar_day(year, 1, 4); /* January 4 is always in week 1 */
    return fourth - (calendar_weekday(fourth) - 1) + (week - 1) * 7;
}

struct calendar_week calendar_week(int32_t day) {
    int32_t thursday =
        day - calendar_weekday(day) + 4; /* a week is its Thursday's year's */
    int year = calendar_date(thursday).year;

    return (struct calendar_week){year, (thursday - calendar_day(year, 1, 1)) / 7 + 1};
}

int calendar_weeks(int year) { return calendar_week(calendar_day(year, 12, 28)).week; }

int32_t calendar_add_months(int32_t day, int months) {
    struct calendar_date date = calendar_date(day);
    struct calendar_date first =
        calendar_date(calendar_day(date.year, date.month + months, 1));
    int length = calendar_month_days(first.year, first.month);

    return calendar_day(first.year, first.month, date.day < length ? date.day : length);
}

int32_t calendar_parse(struct view text) {
    static const char form[] = "dddd-dd-dd";
    int n[3] = {0}, part = 0;

    if (text.len < sizeof form - 1)
        return CALENDAR_NONE;
    for (size_t i = 0; i < sizeof form - 1; i++) {
        char c = text.at[i];
        if (form[i] == '-' ? c != '-' : c < '0' || c > '9')
            return CALENDAR_NONE;
        if (form[i] == '-')
            part++;
        else
            n[part] = n[part] * 10 + c - '0';
    }
    if (text.len > sizeof form - 1 && text.at[10] >= '0' && text.at[10] <= '9')
        return CALENDAR_NONE;
    return calendar_valid(n[0], n[1], n[2]) ? calendar_day(n[0], n[1], n[2])
                                            : CALENDAR_NONE;
}

static void put_two(char *to, int n) {
    to[0] = (char)('0' + n / 10);
    to[1] = (char)('0' + n % 10);
}

void calendar_print(int32_t day, char out[CALENDAR_TEXT]) {
    struct calendar_date date = calendar_date(day);
    int year = date.year > 0 ? date.year % 10000 : 0;

    memcpy(out, "0000-00-00", 11);
    put_two(out, year / 100);
    put_two(out + 2, year % 100);
    put_two(out + 5, date.month);
    put_two(out + 8, date.day);
}
