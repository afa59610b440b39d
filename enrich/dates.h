/* dates.h: the parts of the dates stage among themselves. dates.c finds time expressions,
 * dategrammar.c has their patterns, dateresolve.c and dateperiod.c say which days they
 * mean, datecue.c whether the words around look back or ahead. */
#ifndef WIRETAG_ENRICH_DATES_H
#define WIRETAG_ENRICH_DATES_H

#include "enrich/doc.h"
#include "enrich/pattern.h"

/* What a word can be in a time expression. */
enum date_word {
    WORD_MONTH = 1,      /* "April", with a capital */
    WORD_WEEKDAY = 2,    /* "Tuesday", "Tuesdays" */
    WORD_UNIT = 4,       /* "day", "weeks", "weekend" */
    WORD_NUMBER = 8,     /* "16", "26th", "two", "several", "half" */
    WORD_ARTICLE = 16,   /* "a", "an" */
    WORD_THE = 32,       /* "the", "that" */
    WORD_RELATIVE = 64,  /* "this", "last", "next", "past" */
    WORD_PART = 128,     /* "early", "mid", "late", "end" */
    WORD_ABOUT = 256,    /* "about", "more", "at", "up" */
    WORD_EVERY = 512,    /* "every", "each", "daily" */
    WORD_TODAY = 1024,   /* "today", "yesterday", "overnight", "now" */
    WORD_DAYTIME = 2048, /* "morning", "noon" */
    WORD_SEASON = 4096,
    WORD_YEAR = 8192,   /* "2011", "1990s" */
    WORD_CLOCK = 16384, /* "9:30", "6pm", "p.m.", "GMT" */
    /* words around it, for date_cue */
    WORD_AHEAD = 1 << 16, /* "will", "due" */
    WORD_BACK = 1 << 17,  /* "was", "said" */
    WORD_BE = 1 << 18,    /* "be", "been" */
    WORD_TO = 1 << 19,
    WORD_LEADS = 1 << 20, /* before "to": "is to", "plans to" */
    WORD_LIMIT = 1 << 21, /* "by", "until" */
    /* words that go on after "the" or "that" and are none of the above */
    WORD_AFTER_THE = 1 << 22 /* "same", "previous", "turn" */
};
/* What an expression can begin with. */
#define WORD_BEGINS 0xffffu
/* One of these is in every expression. */
#define WORD_CORE                                                                        \
    (WORD_MONTH | WORD_WEEKDAY | WORD_UNIT | WORD_TODAY | WORD_DAYTIME | WORD_SEASON |   \
     WORD_YEAR | WORD_CLOCK)

/* What the words around an expression say about its direction. */
enum date_cue { CUE_NONE, CUE_PAST, CUE_FUTURE };

/* An expression and what is known for reading it. */
struct date_find {
    struct doc *doc;
    const uint32_t *bits; /* WORD_ bits of the doc's tokens */
    const struct pattern_match *match;
    size_t first, last; /* tokens */
    int32_t previous;   /* first day of the last date before, or CALENDAR_NONE */
    int32_t day;        /* the last single day before it, or CALENDAR_NONE */
};

/* Looks at the sentence around the expression. */
enum date_cue date_cue(const struct date_find *find);

#define DATE_VALUE 40

struct date_meaning {
    enum date_type type;
    char value[DATE_VALUE]; /* TIMEX3; empty: none */
    const char *mod;        /* NULL: none */
    int32_t from, to;       /* days, or CALENDAR_NONE */
    const char *anchor;     /* NULL: needs none */
    const char *why;        /* the rule, when it is more than the pattern's name */
};

/* Reads a match; false: it is no date after all. *out comes with from and to as
 * CALENDAR_NONE and all else zero. */
typedef bool date_read_fn(const struct date_find *find, struct date_meaning *out);

#define DATE_REACH 6

struct date_rule {
    const char *name;
    unsigned first; /* WORD_ bits of words it can begin with */
    unsigned needs; /* one of these is among its first DATE_REACH words */
    const char *pattern;
    date_read_fn *read;
    unsigned after_the; /* if it begins with "the" or "that": one of these is next */
};
extern const struct date_rule date_rules[];
extern const size_t date_rule_count;

/* The WORD_ bits of a token. */
struct date_words;
struct date_words *date_words_new(void);
void date_words_free(struct date_words *words);
unsigned date_word(const struct date_words *words, struct view token);

/* --- dateresolve.c --- */
date_read_fn date_read_full, date_read_month_year, date_read_month, date_read_year,
    date_read_decade, date_read_weekday, date_read_weekdays, date_read_relative_month,
    date_read_today, date_read_same_day, date_read_clock, date_read_clock_alone,
    date_read_daytime;
/* --- dateperiod.c --- */
date_read_fn date_read_period, date_read_ago, date_read_duration, date_read_range,
    date_read_every, date_read_vague, date_read_plural_duration, date_read_half,
    date_read_season, date_read_per_unit;

/* --- shared by the readers --- */
struct view date_group(const struct date_find *find, char letter);
bool date_group_is(const struct date_find *find, char letter, const char *lower_case);
/* In any case of ASCII. Most comparisons end at the first letter, where setting 0x20
 * makes small letters of capitals and of nothing else. */
bool view_is_all_of_word(struct view word, const char *lower_case);
static inline bool view_is_word(struct view word, const char *lower_case) {
    return word.len && (word.at[0] | 0x20) == (lower_case[0] | 0x20) &&
           view_is_all_of_word(word, lower_case);
}
/* Sets value and both ends to one day. */
void date_set_day(struct date_meaning *out, int32_t day);
/* The word before the expression, in the same sentence; empty if there is none. */
struct view date_before(const struct date_find *find);
struct view date_after(const struct date_find *find);

enum date_unit {
    UNIT_SECOND,
    UNIT_MINUTE,
    UNIT_HOUR,
    UNIT_DAY,
    UNIT_WEEK,
    UNIT_MONTH,
    UNIT_QUARTER,
    UNIT_YEAR,
    UNIT_DECADE,
    UNIT_CENTURY,
    UNIT_WEEKEND,
    UNIT_SPRING,
    UNIT_SUMMER,
    UNIT_AUTUMN,
    UNIT_WINTER,
    UNIT_NONE
};
enum date_unit date_unit(struct view word);
/* The period of that unit `shift` units after the one with `day` in it. */
void date_set_period(struct date_meaning *out, enum date_unit unit, int32_t day,
                     int shift);
/* "early", "the end of", ...: sets mod, and from and to to a third of the period. */
void date_set_part(struct date_meaning *out, enum date_unit unit, struct view part);

#endif
