/* The reader goes from left to right through places, regions, a date, an agency and a
 * dash, notes what it met, and accepts at the end by how much of that was there. */
#include "enrich/dateline.h"

#include "enrich/chars.h"

#define PLACE_WORDS  6
#define DATELINE_MAX 120 /* bytes */

struct reader {
    struct view rest;
    bool capitals;  /* every letter of the place is one */
    bool bracketed; /* the agency stood in brackets */
    bool dash, colon;
    unsigned regions;
};

static const char *const agencies[] = {"AA",
                                       "AAP",
                                       "AFP",
                                       "AGI",
                                       "ANA",
                                       "ANI",
                                       "ANP",
                                       "ANSA",
                                       "AP",
                                       "APA",
                                       "APP",
                                       "APS",
                                       "ATS",
                                       "Agerpres",
                                       "Anadolu",
                                       "Antara",
                                       "BBC",
                                       "BCN",
                                       "BNA",
                                       "BSS",
                                       "BTA",
                                       "Belga",
                                       "Bernama",
                                       "Bloomberg",
                                       "CNA",
                                       "CNN",
                                       "CP",
                                       "CTK",
                                       "DPA",
                                       "EFE",
                                       "Fars",
                                       "GLOBE NEWSWIRE",
                                       "HINA",
                                       "IANS",
                                       "INA",
                                       "IRNA",
                                       "ISNA",
                                       "ITAR-TASS",
                                       "Interfax",
                                       "Jiji",
                                       "KCNA",
                                       "KUNA",
                                       "Kyodo",
                                       "LANA",
                                       "LUSA",
                                       "Lusa",
                                       "MAP",
                                       "MENA",
                                       "MTI",
                                       "NAN",
                                       "NINA",
                                       "NTB",
                                       "PA",
                                       "PAP",
                                       "PNA",
                                       "PRNewswire",
                                       "PTI",
                                       "Petra",
                                       "QNA",
                                       "REUTERS",
                                       "RIA",
                                       "Reuters",
                                       "Ritzau",
                                       "SANA",
                                       "SDA",
                                       "SID",
                                       "SPA",
                                       "STT",
                                       "SUNA",
                                       "TAP",
                                       "TASS",
                                       "TT",
                                       "Tanjug",
                                       "Tasnim",
                                       "UNB",
                                       "UNI",
                                       "UPI",
                                       "VNA",
                                       "WAM",
                                       "Xinhua",
                                       "XINHUA",
                                       "Yonhap",
                                       "afp",
                                       "ats",
                                       "dpa",
                                       "sda",
                                       "KYODO",
                                       "BUSINESS WIRE",
                                       "Thomson Reuters Foundation"};

bool dateline_agency(struct view name) {
    struct view part;

    for (size_t i = 0; name.len && i < sizeof agencies / sizeof *agencies; i++)
        if (agencies[i][0] == name.at[0] && view_is(name, agencies[i]))
            return true;
    if (name.len > 40 ||
        (!memchr(name.at, '/', name.len) && !memchr(name.at, ' ', name.len)))
        return false;
    for (char mark = '/'; mark; mark = mark == '/' ? ' ' : 0) /* "tca/dpa", "ats afp" */
        for (struct view rest = name; view_split(&rest, mark, &part);)
            if (part.len < name.len && dateline_agency(part))
                return true;
    return false;
}

static void skip_blanks(struct reader *r) {
    while (r->rest.len && r->rest.at[0] == ' ') {
        r->rest.at++;
        r->rest.len--;
    }
}

static bool take(struct reader *r, const char *text) {
    if (!view_starts(r->rest, text))
        return false;
    r->rest.at += strlen(text);
    r->rest.len -= strlen(text);
    return true;
}

static bool particle(struct view word) {
    static const char *const words[] = {"de", "del", "la", "el", "al", "of", "the",
                                        "du", "do",  "da", "di", "am", "an", "der"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (view_is(word, words[i]))
            return true;
    return false;
}

/* One word of a place: a capital and letters, hyphens, apostrophes; "ST.". Its length, or
 * 0. *small: it has small letters. */
static size_t place_word(struct view text, bool *small) {
    const char *at = text.at, *end = text.at + text.len;
    unsigned len, class, letters = 0;
    bool capital = false;

    *small = false;
    while (at < end) {
        class = char_next(at, end, &len);
        if (char_is_letter(class)) {
            capital |= letters++ == 0 && class == CHAR_UPPER;
            *small |= class == CHAR_LOWER;
        } else if (class == CHAR_HYPHEN || class == CHAR_APOSTROPHE) {
            if (!letters || at + len >= end ||
                !char_is_letter(char_next(at + len, end, &class)))
                break;
        } else if (class != CHAR_MARK) {
            break;
        }
        at += len;
    }
    if (at < end && *at == '.' && letters <= 5)
        at++;
    if (!capital && !particle(view_n(text.at, (size_t)(at - text.at))))
        return 0;
    return (size_t)(at - text.at);
}

/* "SAN JOSE", "Rio de Janeiro": words apart by one blank. Empty if there is none. */
static struct view take_place(struct reader *r) {
    struct view rest = r->rest, place = {rest.at, 0};
    bool small, capitals = true;

    for (int words = 0; words < PLACE_WORDS; words++) {
        size_t len = place_word(rest, &small);
        if (!len || (!words && particle(view_n(rest.at, len))))
            break;
        if (words && dateword_month(view_n(rest.at, len)))
            break;
        capitals &= !small || particle(view_n(rest.at, len));
        rest.at += len;
        rest.len -= len;
        place.len = (size_t)(rest.at - place.at);
        if (!rest.len || rest.at[0] != ' ')
            break;
        rest.at++;
        rest.len--;
    }
    r->rest.at += place.len;
    r->rest.len -= place.len;
    r->capitals &= capitals;
    return place;
}

static struct view take_places(struct reader *r) {
    struct view all = {r->rest.at, 0};

    for (;;) {
        struct view place = take_place(r);
        if (!place.len)
            return view_n(all.at, 0);
        all.len = (size_t)(r->rest.at - all.at);
        if (!take(r, "/"))
            return all;
    }
}

static bool take_bracketed_agency(struct reader *r, struct dateline *out) {
    struct reader after = *r;
    const char *close;

    skip_blanks(&after);
    if (!take(&after, "("))
        return false;
    close = memchr(after.rest.at, ')', after.rest.len < 40 ? after.rest.len : 40);
    if (!close || close == after.rest.at)
        return false;
    out->agency = view_n(after.rest.at, (size_t)(close - after.rest.at));
    after.rest.len -= out->agency.len + 1;
    after.rest.at = close + 1;
    after.bracketed = true;
    *r = after;
    return true;
}

/* After a date: "Kyodo", "/PRNewswire/". */
static bool take_bare_agency(struct reader *r, struct dateline *out) {
    struct reader after = *r;
    struct view word;
    bool slash, small;

    skip_blanks(&after);
    slash = take(&after, "/");
    word = view_n(after.rest.at, place_word(after.rest, &small));
    if (!word.len || (!slash && !dateline_agency(word)))
        return false;
    after.rest.at += word.len;
    after.rest.len -= word.len;
    if (slash && !take(&after, "/"))
        return false;
    out->agency = word;
    *r = after;
    return true;
}

static void take_regions_and_date(struct reader *r, struct dateline *out) {
    while (view_starts(r->rest, ", ") || view_starts(r->rest, " ")) {
        struct reader after = *r;
        bool comma = take(&after, ","), capitals = r->capitals;
        skip_blanks(&after);
        if (written_date_take(&after.rest, &out->date)) {
            struct reader past = after;
            *r = after;
            (void)(take(&past, ",") && take_bare_agency(&past, out) && (*r = past, true));
            return;
        }
        if (!comma || r->regions == 2 || !take_place(&after).len)
            return;
        after.capitals = capitals; /* "TRIPOLI, Libya" */
        after.regions = r->regions + 1;
        *r = after;
    }
}

/* The dash and the blanks after it. */
static void take_dash(struct reader *r) {
    static const char *const dashes[] = {"—", "–", "--", "-", "_", "\xE2\x88\x92"};
    struct reader after = *r;

    if (take(&after, ".")) /* "(EFE).-" */
        skip_blanks(&after);
    skip_blanks(&after);
    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++)
        if (take(&after, dashes[i])) {
            if (after.rest.len && after.rest.at[0] != ' ' && i >= 3 && !r->bracketed)
                return;
            r->rest = after.rest;
            r->dash = true;
            break;
        }
    if (!r->dash && take(r, ":"))
        r->colon = true;
    skip_blanks(r);
}

static bool no_place(struct view place) {
    static const char *const words[] = {
        "ADVISORY",   "ALERT",     "ANALYSIS", "BREAKING", "BULLETIN",  "CORRECTED",
        "CORRECTION", "EDITOR",    "EDITORS",  "EDS",      "EMBARGOED", "EXCLUSIVE",
        "EXPLAINER",  "EXTRA",     "FACTBOX",  "FEATURE",  "FILE",      "FLASH",
        "HOLD",       "INTERVIEW", "KILL",     "LEAD",     "LIVE",      "NOTE",
        "OPINION",    "PHOTOS",    "PROFILE",  "REFILE",   "RPT",       "TIMELINE",
        "UPDATE",     "URGENT",    "VIDEO",    "WATCH",    "WRAPUP"};
    struct view rest = place, word;

    while (view_split(&rest, ' ', &word)) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (word.len && word.at[0] == words[i][0] && view_starts(word, words[i]) &&
                word.len <= strlen(words[i]) + 2)
                return true;
    }
    return false;
}

static bool has_small_letter(struct view text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] >= 'a' && text.at[i] <= 'z')
            return true;
    return false;
}

/* Was enough of a dateline there? */
static bool convincing(const struct reader *r, const struct dateline *d, bool first,
                       dateline_place_fn *known, const void *context) {
    bool dated = d->date.month || d->date.weekday;
    bool listed = d->agency.len && dateline_agency(d->agency);

    if (r->rest.len && !has_small_letter(r->rest))
        return false; /* a headline in capitals */
    if (!d->place.len)
        return listed && r->dash;
    if (no_place(d->place))
        return false;
    if (!r->rest.len) /* alone on its line */
        return listed && (r->capitals || r->dash || dated);
    if (r->dash)
        return r->capitals || listed || (dated && (d->agency.len || first)) ||
               (first && d->agency.len) || (first && known && known(context, d->place));
    if (r->colon)
        return first && !dated && !r->regions && known && known(context, d->place);
    return listed && r->bracketed;
}

bool dateline_read(struct view line, bool first, dateline_place_fn *known,
                   const void *context, struct dateline *out) {
    struct reader r = {.capitals = true};

    r.rest = line.len > DATELINE_MAX * 4 ? view_n(line.at, DATELINE_MAX * 4) : line;
    *out = (struct dateline){0};
    skip_blanks(&r);
    out->start = (size_t)(r.rest.at - line.at);
    if (!take_bracketed_agency(&r, out)) {
        out->place = take_places(&r);
        if (!out->place.len)
            return false;
        take_regions_and_date(&r, out);
        if (!out->agency.len && !take_bracketed_agency(&r, out) &&
            (out->date.month || out->date.weekday))
            take_bare_agency(&r, out);
    }
    out->end = (size_t)(r.rest.at - line.at);
    take_dash(&r);
    out->after = (size_t)(r.rest.at - line.at);
    return out->end <= DATELINE_MAX && convincing(&r, out, first, known, context);
}
