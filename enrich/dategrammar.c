/* The grammar of time expressions: words that can begin or carry one, and one pattern for
 * each form. Patterns begin at a token whose word class is in `first`; of all that match
 * there the longest wins, the earlier in the list when two are equal. */
#include <assert.h>
#include <stdlib.h>

#include "enrich/dates.h"
#include "proto/mem.h"

#define S       "(?:[ \\n\\t]|\\xC2\\xA0)+"
#define H       "(?:-|\\xE2\\x80\\x90|\\xE2\\x80\\x91)"
#define END     "(?![A-Za-z0-9])"
#define CAPITAL "(?=(?-i:[A-Z]))"
#define MONTH                                                                            \
    "(?:" CAPITAL "(?<m>(?:january|february|march|april|may|june|july|august|september|" \
    "october|november|december|sept)" END "|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|"   \
    "nov|dec)(?:\\.|" END ")))"
#define FULL_MONTH                                                                       \
    "(?:" CAPITAL "(?<m>january|february|march|april|may|june|july|august|september|"    \
    "october|november|december)" END ")"
#define WEEKDAY                                                                          \
    "(?:" CAPITAL "(?<w>monday|tuesday|wednesday|thursday|friday|saturday|sunday)" END ")"
#define ANY_WEEKDAY                                                                      \
    "(?:" CAPITAL "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?" END  \
    "\\.?)"
#define DAY  "(?<d>\\d{1,2})(?:st|nd|rd|th)?" END
#define YEAR "(?<y>(?:1[5-9]|20)\\d\\d)" END
#define UNITS                                                                            \
    "(?<u>seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|decades?|"      \
    "centur(?:y|ies))" END
#define PERIOD                                                                           \
    "(?<u>day|week|month|quarter|year|decade|century|weekend|spring|summer|autumn|fall|" \
    "winter)" END
#define NUMBER                                                                           \
    "(?<n>\\d{1,3}(?:,\\d{3})*(?:\\.\\d+)?|an?|one|two|three|four|five|six|seven|eight|" \
    "nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"       \
    "nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|"  \
    "three|four|five|six|seven|eight|nine))?|half" S "an?|several|(?:a" S ")?few|"       \
    "(?:a" S ")?couple" S "of|many)"
#define ABOUT                                                                            \
    "(?:(?<q>about|around|approximately|roughly|some|nearly|almost|more" S "than|less" S \
    "than|fewer" S "than|at" S "least|at" S "most|up" S "to|just" S "over|just" S        \
    "under|well" S "over|(?<=for |in |after )over)" S ")?"
#define PART    "(?:(?<o>early|mid|late|earlier|later)(?:" S "in" S "|" S "|" H "))"
#define PART_OF "(?:(?:the" S ")?(?<o>end|start|beginning|middle|turn)" S "of" S ")"
#define DAYTIME                                                                          \
    "(?<p>morning|afternoon|evening|night|dawn|dusk|noon|midnight|lunchtime|midday)" END
#define CLOCK                                                                            \
    "(?:(?<t>\\d{1,2}(?:[:.]\\d\\d)?)(?:" S ")?(?<h>[ap](?:\\.m\\.|m" END "))|"          \
    "(?<t>\\d{1,2}:\\d\\d(?::\\d\\d)?)" END "|(?<t>[0-2]\\d[0-5]\\d)(?=" S               \
    "(?:GMT|UTC)))"
#define ZONE   "(?:" S "\\(?(?:(?<z>GMT|UTC)|(?-i:[A-Z]{1,4}T)|local" S "time)" END ")?"
#define SEASON "(?<u>spring|summer|autumn|fall|winter)" END
/* A day of the calendar, inside a longer expression: group x. */
#define CALENDAR_DAY                                                                     \
    "(?<x>(?:" ANY_WEEKDAY ",?" S ")?(?:" MONTH S                                        \
    "\\d{1,2}|\\d{1,2}(?:st|nd|rd|th)?" S MONTH ")" END "(?:,?" S                        \
    "(?:1[5-9]|20)\\d\\d" END ")?)"

#define WORD_CLOCKWISE (WORD_NUMBER | WORD_CLOCK | WORD_YEAR)

const struct date_rule date_rules[] = {
    {"iso", WORD_CLOCKWISE, WORD_YEAR,
     "(?<y>\\d{4})-\\d\\d-\\d\\d(?:T(?<t>\\d\\d:\\d\\d)(?::\\d\\d)?(?:\\.\\d+)?(?<z>Z)?)"
     "?" END,
     date_read_full, 0},
    {"numeric", WORD_CLOCKWISE | WORD_WEEKDAY, WORD_YEAR,
     "(?i)(?:" ANY_WEEKDAY ",?" S ")?\\d{1,2}([/.])\\d{1,2}[/.](?<y>\\d{4}|\\d\\d)" END
     "(?:,?" S "(?:at" S ")?" CLOCK ZONE ")?",
     date_read_full, 0},
    {"day-month", WORD_CLOCKWISE | WORD_WEEKDAY | WORD_THE, WORD_MONTH,
     "(?i)(?:" ANY_WEEKDAY ",?" S ")?(?:the" S ")?" DAY S "(?:of" S ")?" MONTH
     "(?:,?" S YEAR ")?",
     date_read_full, WORD_NUMBER},
    {"month-day", WORD_MONTH | WORD_WEEKDAY, WORD_MONTH,
     "(?i)(?:" ANY_WEEKDAY ",?" S ")?" MONTH S "(?:the" S ")?" DAY "(?![.,:]\\d|" S
     "(?:million|billion|percent|per" S "cent|people))"
     "(?:,?" S YEAR ")?",
     date_read_full, 0},
    {"month-year", WORD_MONTH | WORD_PART | WORD_THE, WORD_MONTH,
     "(?i)(?:" PART "|" PART_OF ")?" MONTH "(?:,|" S "of)?" S "(?:" YEAR
     "|(?<r>this|last|next|that)" S "year" END ")",
     date_read_month_year, WORD_PART | WORD_AFTER_THE},
    {"month", WORD_MONTH | WORD_PART | WORD_THE | WORD_RELATIVE, WORD_MONTH,
     "(?i)(?:" PART "|" PART_OF ")?" FULL_MONTH "(?!" S "\\d)", date_read_month,
     WORD_PART | WORD_AFTER_THE},
    {"month-relative", WORD_RELATIVE | WORD_PART | WORD_THE, WORD_MONTH,
     "(?i)(?:" PART "|" PART_OF ")?(?<r>this|last|next|coming|past)" S FULL_MONTH,
     date_read_relative_month, WORD_PART | WORD_AFTER_THE},
    {"year", WORD_YEAR | WORD_PART | WORD_THE, WORD_YEAR,
     "(?i)(?:" PART "|" PART_OF ")?" YEAR "(?![-/.,]\\d)", date_read_year,
     WORD_PART | WORD_AFTER_THE},
    {"decade", WORD_YEAR | WORD_PART | WORD_THE, WORD_YEAR,
     "(?i)(?:the" S ")?" PART "?(?<y>(?:1[5-9]|20)\\d)0s" END, date_read_decade,
     WORD_PART | WORD_NUMBER},
    {"weekday", WORD_WEEKDAY | WORD_RELATIVE | WORD_PART | WORD_DAYTIME | WORD_THE,
     WORD_WEEKDAY,
     "(?i)(?:(?:the" S ")?(?:(?<o>early|late)(?:" S "(?:on" S ")?|" H ")|(?<o>early)" S
     "(?<e>hours)" S "(?:of|on)" S "|(?<p>dawn|noon|midday|midnight|dusk)" S "(?:on" S
     ")?))?(?:(?<r>this|last|next|coming|past|previous|following)" S ")?" WEEKDAY
     "(?:" S DAYTIME "|" S "of" S "(?<v>last|this|next)" S "week" END ")?",
     date_read_weekday, WORD_PART | WORD_DAYTIME},
    {"weekdays", WORD_WEEKDAY, WORD_WEEKDAY,
     "(?i)" CAPITAL "(?<w>mon|tues|wednes|thurs|fri|satur|sun)days" END,
     date_read_weekdays, 0},
    {"today", WORD_TODAY | WORD_RELATIVE | WORD_THE, WORD_TODAY | WORD_DAYTIME,
     "(?i)(?:(?<a>today|yesterday|tomorrow)(?:" S DAYTIME ")?|(?<a>tonight|overnight)|"
     "(?<a>the" S "day" S "before" S "yesterday|the" S "day" S "after" S "tomorrow)|"
     "(?<r>this|last)" S "(?<p>morning|afternoon|evening|night))" END,
     date_read_today, WORD_UNIT},
    {"same-day", WORD_THE | WORD_RELATIVE, WORD_UNIT | WORD_DAYTIME,
     "(?i)(?<a>(?:the|that)" S "same" S "day|that" S "day|the" S "day" S "before|the" S
     "previous" S "day|the" S "(?:next|following)" S "day|the" S "day" S "after|the" S
     "(?:previous" S "(?:evening|night)|(?:evening|night)" S "before))" END "(?!" S
     "(?:yesterday|tomorrow))",
     date_read_same_day, WORD_UNIT | WORD_DAYTIME | WORD_RELATIVE | WORD_AFTER_THE},
    {"clock-day", WORD_CLOCKWISE | WORD_DAYTIME,
     WORD_WEEKDAY | WORD_MONTH | WORD_TODAY | WORD_DAYTIME,
     "(?i)(?:" CLOCK "|(?<p>noon|midday|midnight))" ZONE ",?" S "(?:on" S
     ")?(?:" CALENDAR_DAY "|" WEEKDAY "|(?<a>today|yesterday|tomorrow|last" S
     "night|tonight|this" S "(?:morning|afternoon|evening))" END ")",
     date_read_clock, 0},
    {"daytime-of", WORD_THE | WORD_DAYTIME, WORD_WEEKDAY | WORD_MONTH,
     "(?i)(?:the" S ")?(?:early" S ")?" DAYTIME S "(?:of|on)" S "(?:" CALENDAR_DAY
     "|" WEEKDAY ")",
     date_read_clock, WORD_PART | WORD_DAYTIME},
    {"clock", WORD_CLOCKWISE | WORD_ABOUT | WORD_DAYTIME, WORD_CLOCK | WORD_DAYTIME,
     "(?i)(?:(?<q>about|around)" S ")?(?:" CLOCK "|(?<p>noon|midnight)" END ")" ZONE,
     date_read_clock_alone, 0},
    {"daytime", WORD_THE, WORD_DAYTIME,
     "(?i)(?:the|that)" S "(?:early" S ")?" DAYTIME "(?!" S "of" END ")",
     date_read_daytime, WORD_PART | WORD_DAYTIME},
    {"period", WORD_RELATIVE | WORD_PART | WORD_THE, WORD_UNIT | WORD_SEASON,
     "(?i)(?:" PART "|" PART_OF ")?(?:the" S ")?(?<r>this|last|next|coming|past|previous|"
     "following|that)" S PERIOD,
     date_read_period,
     WORD_RELATIVE | WORD_PART | WORD_UNIT | WORD_SEASON | WORD_THE | WORD_AFTER_THE},
    {"period-part", WORD_THE | WORD_PART, WORD_UNIT | WORD_SEASON,
     "(?i)" PART_OF "(?<r>the)" S PERIOD, date_read_period, WORD_PART | WORD_AFTER_THE},
    {"half-quarter", WORD_THE | WORD_PART, WORD_UNIT | WORD_YEAR,
     "(?i)the" S "(?<n>first|second|third|fourth|last)" S "(?<u>half|quarter)(?:" S "of" S
     "(?:" YEAR "|(?<r>this|last|next|the)" S "year" END "))?" END,
     date_read_half, WORD_UNIT | WORD_RELATIVE | WORD_AFTER_THE},
    {"season-year", WORD_THE | WORD_SEASON | WORD_PART, WORD_SEASON,
     "(?i)(?:the" S ")?" PART "?" SEASON S "(?:of" S ")?" YEAR, date_read_season,
     WORD_PART | WORD_SEASON},
    {"season", WORD_THE | WORD_SEASON | WORD_PART, WORD_SEASON,
     "(?i)(?:the" S ")?" PART "?" SEASON, date_read_season, WORD_PART | WORD_SEASON},
    {"weekend", WORD_THE, WORD_UNIT, "(?i)(?<r>the)" S "(?<u>weekend)" END,
     date_read_period, WORD_UNIT},
    {"ago", WORD_NUMBER | WORD_ARTICLE | WORD_ABOUT, WORD_UNIT,
     "(?i)" ABOUT NUMBER S UNITS S "(?<r>ago|earlier|later|from" S "now)" END,
     date_read_ago, 0},
    {"duration", WORD_NUMBER | WORD_ARTICLE | WORD_ABOUT, WORD_UNIT,
     "(?i)" ABOUT NUMBER "(?:" S "|" H ")" UNITS "(?<l>" H "(?:old|long)" END ")?",
     date_read_duration, 0},
    {"duration-plural", WORD_UNIT, WORD_UNIT,
     "(?i)(?<u>minutes|hours|days|weeks|months|years|decades)(?<l>" H "long)?" END,
     date_read_plural_duration, 0},
    {"per-unit", WORD_ARTICLE, WORD_UNIT,
     "(?i)an?" S "(?<u>hour|day|week|month|year)" END, date_read_per_unit, 0},
    {"times-per-unit", WORD_NUMBER, WORD_UNIT,
     "(?i)(?:once|twice)" S "an?" S "(?<u>hour|day|week|month|year)" END, date_read_every,
     0},
    {"range", WORD_THE | WORD_RELATIVE, WORD_UNIT,
     "(?i)(?:the" S ")?(?<r>last|past|next|coming)" S "(?!an?" END ")" NUMBER S UNITS,
     date_read_range, WORD_RELATIVE},
    {"every", WORD_EVERY, WORD_CORE,
     "(?i)(?:(?:every|each)" S "(?:" NUMBER S ")?(?:" UNITS "|" WEEKDAY "|" FULL_MONTH "|"
     "(?<u>spring|summer|autumn|fall|winter)" END "|" DAYTIME
     ")|(?-i:(?<a>daily|nightly|weekly|monthly|yearly|annually)))" END,
     date_read_every, 0},
    {"vague", WORD_TODAY | WORD_RELATIVE | WORD_THE, WORD_TODAY | WORD_UNIT,
     "(?i)(?<a>now|currently|recently|soon)" END "|(?i)(?:the" S ")?(?<r>recent|coming)" S
     "(?:days|weeks|months|years)" END,
     date_read_vague, WORD_RELATIVE},
};
const size_t date_rule_count = sizeof date_rules / sizeof *date_rules;

/* --- word classes --- */

/* What only a capital makes one: "may" is none. */
#define WORD_CAPITAL (WORD_MONTH | WORD_WEEKDAY)

static const struct {
    unsigned bits;
    const char *words;
} classes[] = {
    {WORD_MONTH,
     "january february march april may june july august september october "
     "november december jan feb mar apr jun jul aug sep sept oct nov dec jan. "
     "feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec."},
    {WORD_WEEKDAY, "monday tuesday wednesday thursday friday saturday sunday mondays "
                   "tuesdays wednesdays thursdays fridays saturdays sundays mon tue tues "
                   "wed thu thurs fri sat sun mon. tue. tues. wed. thu. thurs. fri. sat. "
                   "sun."},
    {WORD_UNIT, "second seconds minute minutes hour hours day days week weeks month "
                "months quarter quarters year years decade decades century centuries "
                "weekend"},
    {WORD_NUMBER,
     "one two three four five six seven eight nine ten eleven twelve thirteen "
     "once twice fourteen fifteen sixteen seventeen eighteen nineteen twenty "
     "thirty forty fifty sixty seventy eighty ninety several few couple half "
     "many"},
    {WORD_ARTICLE, "a an"},
    {WORD_THE, "the that"},
    {WORD_RELATIVE, "this last past coming recent"},
    {WORD_PART, "early mid late earlier later end start beginning middle"},
    {WORD_ABOUT, "about around approximately roughly some nearly almost more less fewer "
                 "at up just well"},
    {WORD_EVERY, "every each"},
    {WORD_EVERY | WORD_UNIT, "daily nightly weekly monthly yearly annually"},
    {WORD_TODAY,
     "today yesterday tomorrow tonight overnight now currently recently soon"},
    {WORD_DAYTIME, "morning afternoon evening night dawn dusk noon midnight lunchtime "
                   "midday"},
    {WORD_SEASON, "spring summer autumn fall winter"},
    {WORD_CLOCK, "a.m. p.m. am pm a.m p.m gmt utc"},
    {WORD_AHEAD,
     "will would shall should could might must due expected scheduled planned "
     "slated planning upcoming ahead before intends expects"},
    {WORD_AHEAD | WORD_LEADS, "plans wants hopes going"},
    {WORD_AHEAD | WORD_RELATIVE, "next"},
    {WORD_BACK, "had did said told since took left came went began met held won lost "
                "fell rose made gave found fled led broke struck hit died shot saw sent "
                "spoke became ago after flew drove wrote signed got put swept ran"},
    {WORD_BACK | WORD_LEADS, "was were has have"},
    {WORD_BE, "be been being"},
    {WORD_TO, "to"},
    {WORD_LEADS, "is are plan set agreed vowed hope want ready"},
    {WORD_LIMIT, "by until till"},
    {WORD_AFTER_THE, "turn same previous following first third fourth"},
};

#define SLOTS    1024
#define WORD_MAX 16 /* what pack() can take, and one */

struct date_words {
    uint32_t lengths[26]; /* by first letter: bit n: there is a word of n letters */
    struct slot {
        uint64_t head, tail;
        uint32_t len, bits; /* len 0: free */
    } slots[SLOTS];
};

/* The bytes of a word of less than 16 in two numbers, in small letters: setting 0x20
 * turns no byte into a letter or full stop that was not one. Words of 8 and more overlap.
 */
static inline void pack(struct view word, uint64_t *head, uint64_t *tail) {
    const uint64_t small = UINT64_C(0x2020202020202020);
    uint32_t low = 0, high = 0;

    if (word.len >= 8) {
        memcpy(head, word.at, 8);
        memcpy(tail, word.at + word.len - 8, 8);
        *head |= small;
        *tail |= small;
        return;
    }
    if (word.len >= 4) {
        memcpy(&low, word.at, 4);
        memcpy(&high, word.at + word.len - 4, 4);
    } else if (word.len) {
        low = (unsigned char)word.at[0];
        high = (uint32_t)(unsigned char)word.at[word.len / 2] << 8 |
               (unsigned char)word.at[word.len - 1];
    }
    *head = ((uint64_t)high << 32 | low) | small;
    *tail = 0;
}

/* Where the word is, or the free slot where it would be. */
static size_t slot_of(const struct date_words *words, struct view word, uint64_t *head,
                      uint64_t *tail) {
    size_t slot;

    pack(word, head, tail);
    slot = ((*head ^ *tail * 31) * UINT64_C(0x9e3779b97f4a7c15) >> 40) % SLOTS;
    for (;; slot = (slot + 1) % SLOTS) {
        const struct slot *s = &words->slots[slot];
        if (!s->len || (s->head == *head && s->tail == *tail && s->len == word.len))
            return slot;
    }
}

static void add_word(struct date_words *words, struct view word, unsigned bits) {
    uint64_t head, tail;
    size_t slot = slot_of(words, word, &head, &tail);

    assert(word.len < WORD_MAX);
    if (words->slots[slot].len)
        return; /* the first class it is in counts */
    words->slots[slot] = (struct slot){head, tail, (uint32_t)word.len, bits};
    words->lengths[word.at[0] - 'a'] |= 1u << word.len;
}

struct date_words *date_words_new(void) {
    struct date_words *words = mem_zalloc(sizeof *words);

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        struct view rest = view_of(classes[i].words), word;
        while (view_split(&rest, ' ', &word))
            add_word(words, word, classes[i].bits);
    }
    return words;
}

void date_words_free(struct date_words *words) { free(words); }

static unsigned number_bits(struct view token) {
    bool colon = memchr(token.at, ':', token.len) != NULL;
    char last = token.at[token.len - 1];
    unsigned bits = WORD_NUMBER;

    if (colon || last == 'm' || last == 'M')
        bits |= WORD_CLOCK;
    if ((token.len == 4 || (token.len == 5 && last == 's')) &&
        (!memcmp(token.at, "20", 2) || (token.at[0] == '1' && token.at[1] >= '5')))
        bits |= WORD_YEAR;
    if (token.len >= 6 && memchr(token.at, '.', token.len))
        bits |= WORD_YEAR; /* 14.01.2020 */
    return bits;
}

unsigned date_word(const struct date_words *words, struct view token) {
    uint64_t head, tail;
    bool capital = token.len && token.at[0] >= 'A' && token.at[0] <= 'Z';
    unsigned first, bits;

    if (!token.len || token.len >= WORD_MAX)
        return 0;
    if (token.at[0] >= '0' && token.at[0] <= '9')
        return number_bits(token);
    first = (unsigned)(unsigned char)token.at[0] - (capital ? 'A' : 'a');
    if (first >= 26 || !(words->lengths[first] >> token.len & 1))
        return 0;
    bits = words->slots[slot_of(words, token, &head, &tail)].bits;
    return bits & (capital ? ~0u : ~(unsigned)WORD_CAPITAL);
}
