/* Is what was read a dateline? By how much of one was there, and by whether the gazetteer
 * knows the place. */
#include "enrich/dateline_inside.h"

#include "enrich/gazetteer.h"

bool dateline_one_of(struct view word, const char *const words[]) {
    for (; word.len && *words; words++)
        if (**words == word.at[0] && view_is(word, *words))
            return true;
    return false;
}

static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }

bool dateline_spells(struct view word, const char *const words[]) {
    for (; *words; words++) {
        size_t n = 0;
        while (n < word.len && (*words)[n] && (*words)[n] == upper(word.at[n]))
            n++;
        if (n == word.len && !(*words)[n])
            return true;
    }
    return false;
}

bool dateline_has_small(struct view text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] >= 'a' && text.at[i] <= 'z')
            return true;
    return false;
}

static bool no_place(struct view place) {
    static const char *const words[] = {
        "A",         "ADVISORY",  "ALERT",     "ALSO",      "AN",         "ANALYSIS",
        "AND",       "ANSWER",    "AUDIO",     "BREAKING",  "BULLETIN",   "BUT",
        "BY",        "CAPTION",   "CLICK",     "CORRECTED", "CORRECTION", "EDITOR",
        "EDITOR'S",  "EDITOR’S",  "EDITORIAL", "EDITORS",   "EDS",        "EMBARGOED",
        "ENDS",      "EXCLUSIVE", "EXPLAINED", "EXPLAINER", "EXTRA",      "FACTBOX",
        "FEATURE",   "FILE",      "FLASH",     "FOR",       "FROM",       "GRAPHIC",
        "HE",        "HER",       "HIS",       "HOLD",      "HOW",        "I",
        "IF",        "IN",        "INTERVIEW", "IT",        "ITS",        "KILL",
        "LEAD",      "LIVE",      "MORE",      "NEW",       "NEWS",       "NO",
        "NOT",       "NOTE",      "NOW",       "OPINION",   "OR",         "OUR",
        "PHOTO",     "PHOTOS",    "PICTURES",  "POSTED",    "PREVIEW",    "PROFILE",
        "PUBLISHED", "Q",         "QUESTION",  "READ",      "REFILE",     "RELATED",
        "REVIEW",    "RPT",       "SEE",       "SHE",       "SO",         "SPECIAL",
        "THAT",      "THE",       "THEIR",     "THERE",     "THEY",       "THIS",
        "TIMELINE",  "TO",        "UPDATE",    "UPDATED",   "URGENT",     "VIDEO",
        "WATCH",     "WE",        "WHAT",      "WHEN",      "WHERE",      "WHO",
        "WHY",       "WINNERS",   "WITH",      "WRAPUP",    "YES",        "YOU",
        "YOUR",      NULL};
    static const char *const anywhere[] = {"EDITOR'S", "NOTE", "UPDATE", "ALERT",
                                           "NEWS",     "LEAD", NULL};
    struct view rest = place, word;
    bool first = true;

    if (dateword_month(place) || dateword_weekday(place) || place.len < 2)
        return true;
    while (view_split(&rest, ' ', &word)) {
        if (dateline_spells(word, first ? words : anywhere))
            return !view_starts(place, "NEW ") && !view_starts(place, "New ");
        first = false;
    }
    return false;
}

/* What datelines have in a place's stead. */
static bool no_town(struct view place) {
    static const char *const words[] = {
        "UNDATED",        "UNITED NATIONS",       "AT SEA",
        "VARIOUS CITIES", "INTERNATIONAL WATERS", NULL};

    return dateline_spells(place, words) || view_starts(place, "ABOARD ") ||
           view_starts(place, "ON BOARD ") || view_starts(place, "EN ROUTE ");
}

/* "EAST OF MOSUL", "NEAR KIRKUK": the town. */
static struct view town_of(struct view place) {
    static const char *const before[] = {"NEAR ",     "OUTSIDE ",  "EAST OF ", "WEST OF ",
                                         "NORTH OF ", "SOUTH OF ", "OFF ",     "CENTRAL ",
                                         "NORTHERN ", "SOUTHERN ", "EASTERN ", "WESTERN ",
                                         "DOWNTOWN "};
    const char *slash = memchr(place.at, '/', place.len);

    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (view_starts(place, before[i])) {
            size_t n = strlen(before[i]);
            return view_n(place.at + n, place.len - n);
        }
    if (slash)
        place.len = (size_t)(slash - place.at);
    for (size_t i = 0; i + 5 < place.len; i++)
        if (!memcmp(place.at + i, " and ", 5))
            place.len = i;
    return view_trim(place);
}

enum known { UNKNOWN, COUNTRY, TOWN };

static uint32_t find(const struct gazetteer *gazetteer, struct view place) {
    struct buf key = {0};
    uint32_t name =
        gazetteer ? gazetteer_find(gazetteer, town_of(place), &key) : GAZETTEER_NONE;

    buf_release(&key);
    return name;
}

static enum known known(const struct gazetteer *gazetteer, struct view place) {
    uint32_t name = find(gazetteer, place), classes;

    if (name == GAZETTEER_NONE)
        return UNKNOWN;
    classes = gazetteer_classes(gazetteer, name);
    if (classes & CLASS_BIT(CLASS_CITY))
        return TOWN;
    return (classes & CLASS_PLACES) ? COUNTRY : UNKNOWN;
}

/* Prose, not the rest of a headline. */
static bool sentence_like(struct view text) {
    return text.len >= 130 ||
           (text.len >= 20 && strchr(".?!\"", text.at[text.len - 1])) ||
           (text.len >= 20 && !memcmp(text.at + text.len - 3, "”", 3));
}

struct judged {
    const struct dateline_reader *r;
    const struct dateline *d;
    bool first;
    enum known known;
};

static unsigned words_in(struct view place) {
    unsigned words = 1;

    for (size_t i = 0; i < place.len; i++)
        words += place.at[i] == ' ';
    return words;
}

void dateline_exchange(struct dateline_reader *r, struct dateline *out,
                       const struct gazetteer *gazetteer) {
    if (out->agency.len && !dateline_agency(out->agency) &&
        known(gazetteer, out->agency)) {
        out->agency.len = 0;
        r->regions++;
    } else if (!out->agency.len && r->regions == 1 && !r->capitals &&
               r->region.len >= 3 && r->region.len <= 6 &&
               !dateline_has_small(r->region) && !known(gazetteer, r->region)) {
        out->agency = r->region;
        r->regions = 0;
    }
}

static bool alone(const struct judged *j) {
    bool listed = dateline_agency(j->d->agency);

    if (!j->d->agency.len)
        return j->first && j->known == TOWN && dateline_dated(j->d);
    if (j->r->agency_first)
        return listed && (j->r->capitals || j->known);
    if (listed)
        return j->known || j->r->regions || dateline_dated(j->d) || j->r->dash ||
               (j->r->capitals && words_in(j->d->place) <= 2);
    return j->d->agency.len && dateline_dated(j->d) && j->r->dash && j->known;
}

static bool with_agency(const struct judged *j) {
    bool listed = dateline_agency(j->d->agency), day = dateline_dated(j->d);

    if (!j->r->dash)
        return j->r->set_off &&
               (j->known ? listed || day
                         : j->r->capitals && (day || (listed && j->r->regions)));
    if (listed)
        return j->r->capitals || j->known || day || words_in(j->d->place) <= 3;
    if (j->r->capitals)
        return j->known || day || j->r->regions || j->first;
    return j->known && (j->first || day);
}

static bool without_agency(const struct judged *j) {
    const struct dateline_reader *r = j->r;

    if (dateline_dated(j->d) && (r->dash || r->stop))
        return j->first && (j->known || (r->dash && (r->capitals || j->d->date.month)));
    if (r->dash && r->capitals)
        return j->known || (j->first && j->d->place.len >= 4);
    if (r->dash)
        return j->first && j->known &&
               (r->regions || (j->known == TOWN && sentence_like(r->rest)));
    return r->colon && j->first && j->known == TOWN && (!r->regions || r->capitals) &&
           sentence_like(r->rest);
}

static bool convincing(const struct judged *j) {
    const struct dateline *d = j->d;

    if (!d->place.len)
        return dateline_agency(d->agency) &&
               (j->r->dash || (j->first && sentence_like(j->r->rest)));
    if (no_place(d->place) && (j->known != TOWN || words_in(d->place) == 1))
        return false;
    if (!j->r->rest.len)
        return alone(j);
    if (!dateline_has_small(j->r->rest)) /* a headline in capitals, or telex */
        return j->r->dash && (dateline_agency(d->agency) || dateline_dated(d)) &&
               (j->known || dateline_dated(d));
    return d->agency.len ? with_agency(j) : without_agency(j);
}

bool dateline_believed(const struct dateline_judged *judged,
                       const struct gazetteer *gazetteer) {
    struct view place = judged->d->place;
    struct judged j = {judged->r, judged->d, judged->first, UNKNOWN};

    if (place.len && words_in(place) == 1 && no_place(place))
        return false;
    j.known = no_town(place) ? TOWN : known(gazetteer, place);
    return (!judged->bracketed || j.known == TOWN) && convincing(&j);
}

enum date_order dateline_country_order(struct view country) {
    static const char *const month_first[] = {"US", "FM", "MH", "PW", "GU",
                                              "PR", "VI", "AS", "MP", NULL};

    return dateline_one_of(country, month_first) ? ORDER_MONTH_FIRST_THERE
                                                 : ORDER_UNKNOWN;
}

enum date_order dateline_order(struct view place, const struct gazetteer *gazetteer) {
    uint32_t name = find(gazetteer, place);
    struct candidates meant;

    if (name == GAZETTEER_NONE || !(gazetteer_classes(gazetteer, name) & CLASS_PLACES))
        return ORDER_UNKNOWN;
    meant = gazetteer_candidates(gazetteer, name);
    for (size_t i = 0; i < meant.count; i++) {
        struct view country = gazetteer_entry(gazetteer, candidates_at(meant, i)).country;
        if (country.len)
            return dateline_country_order(country);
    }
    return ORDER_UNKNOWN;
}
