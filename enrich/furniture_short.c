/* Short lines of pages and of telex copy, told by what they are made of. */
#include "enrich/chars.h"
#include "enrich/dateline.h"
#include "enrich/furniture_parts.h"

/* "14.01.2020", "10:15", "9455**1424", "1999" are no counters. */
static bool dated_or_coded(struct view line) {
    if (memchr(line.at, ':', line.len) && !memchr(line.at, '-', line.len))
        return false; /* "00:00 / 03:21" */
    for (size_t i = 0; i < line.len; i++)
        if (strchr("-/*", line.at[i]))
            return true;
    return line.len == 4 && (view_starts(line, "19") || view_starts(line, "20"));
}

/* "122", "1.2K shares", "3 hours ago", "5 min read", "***" */
static bool counter(struct view line, const struct folded *words) {
    static const char *const things[] = {
        "share",     "shares",   "view",  "views",  "comment",   "comments", "like",
        "likes",     "retweets", "reads", "read",   "listen",    "watch",    "ago",
        "reactions", "replies",  "votes", "visits", "followers", "hits",     "shared",
        "items",     "photos",   "k",     "m"};
    static const char *const units[] = {
        "min",  "mins",     "minute", "minutes", "hour",      "hours",  "day",
        "days", "week",     "weeks",  "month",   "months",    "year",   "years",
        "hrs",  "sec",      "secs",   "updated", "published", "posted", "total",
        "time", "reading",  "about",  "a",       "an",        "one",    "h",
        "last", "modified", "k"};
    unsigned other = 0, numbers = 0;
    bool thing = false;

    if (!words->whole || words->count > 7)
        return !words->letters && !words->digits;
    if (!words->letters)
        return !words->digits || (words->digits <= 7 && !dated_or_coded(line));
    for (unsigned n = 0, from = 0; n < words->count; from = words->ends[n++] + 1u) {
        struct view word = view_n(words->text + from, words->ends[n] - from);
        bool number = word.at[0] >= '0' && word.at[0] <= '9';
        thing |= ONE_OF(word, things);
        numbers +=
            number || view_is(word, "an") || view_is(word, "a") || view_is(word, "one");
        other += !number && !ONE_OF(word, things) && !ONE_OF(word, units);
    }
    return (thing || (words->count == 2 && words->digits)) && numbers && !other &&
           words->count <= 6;
}

/* "Facebook Twitter WhatsApp", "Share this story: Facebook WhatsApp" */
static bool buttons(struct view line, const struct folded *words) {
    static const char *const strong[] = {
        "facebook",  "twitter",   "whatsapp", "telegram", "linkedin", "pinterest",
        "tweet",     "share",     "reddit",   "tumblr",   "viber",    "messenger",
        "flipboard", "instagram", "youtube",  "tiktok"};
    static const char *const other[] = {
        "email",    "e",     "mail",   "print",    "copy",    "link",   "save",
        "pin",      "it",    "on",     "via",      "to",      "google", "plus",
        "follow",   "us",    "this",   "story",    "article", "post",   "news",
        "kindly",   "like",  "sms",    "vk",       "x",       "more",   "comment",
        "comments", "count", "pocket", "bookmark", "by",      "with",   "page",
        "icon",     "logo",  "shares", "click",    "opens",   "in",     "new",
        "window",   "rss"};
    unsigned known = 0, sites = 0;

    if (line.at[line.len - 1] == '.')
        return false;
    if (!words->whole || words->count < 2)
        return false;
    for (unsigned n = 0, from = 0; n < words->count; from = words->ends[n++] + 1u) {
        struct view word = view_n(words->text + from, words->ends[n] - from);
        bool site = ONE_OF(word, strong);
        sites += site;
        known += site || ONE_OF(word, other) || (word.at[0] >= '0' && word.at[0] <= '9');
    }
    return sites && known == words->count;
}

/* What menus put between names: its length, or 0. *strong: prose does not have it. */
static size_t menu_mark(struct view rest, bool before, bool *strong) {
    static const char *const marks[] = {"|", ">", "»", "›", "·", "•", "/", "→", "⟩"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);
        if (!view_starts(rest, marks[i]))
            continue;
        *strong = i != 6;
        return (before && rest.len > n && rest.at[n] == ' ') || *marks[i] == '|' ? n : 0;
    }
    return 0;
}

/* "Athletics | Football | Tennis", "NEWS > NORTH-EAST", "Home / World / Rain stops":
 * short names with bars between, or a path that begins at home. */
static bool menu(struct view line) {
    unsigned bars = 0, slashes = 0, digits = 0, words;
    bool home = view_starts(line, "Home ") || view_starts(line, "HOME ") ||
                view_starts(line, "Home|") || view_starts(line, "Home»");

    if (line.at[line.len - 1] == '.')
        return false;
    for (size_t i = 1; i + 1 < line.len; i++) {
        bool strong;
        unsigned char c = (unsigned char)line.at[i];
        digits += c >= '0' && c <= '9';
        if (c != '|' && c != '>' && c != '/' && c < 0x80)
            continue;
        if (!menu_mark(view_n(line.at + i, line.len - i), line.at[i - 1] == ' ', &strong))
            continue;
        bars += strong;
        slashes += !strong;
    }
    if (home && (bars || slashes) && line.len <= 220)
        return true;
    if (slashes >= 2)
        bars += slashes;
    words = bars ? furniture_words(line) : 0;
    return bars && line.len <= 160 && digits <= 2 &&
           words <= 4 * bars + 2 + bars + slashes;
}

static bool letters_between(struct view word, size_t least, size_t most) {
    bool small = true, capital = true;

    if (word.len < least || word.len > most)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        small &= word.at[i] >= 'a' && word.at[i] <= 'z';
        capital &= word.at[i] >= 'A' && word.at[i] <= 'Z';
    }
    return small || capital;
}

/* "dpa wsz jln npr", "bur-dar-gl/fz", "ab/cd", "AAP RTV": desk codes. */
static bool desk_code(struct view line) {
    struct view rest = line, word;
    unsigned codes = 0, digits = 0;
    char mark;

    if (line.len > 40)
        return false;
    mark = memchr(line.at, ' ', line.len) ? ' ' : '/';
    while (view_split(&rest, mark, &word)) {
        if (mark == '/')
            for (struct view part; view_split(&word, '-', &part); codes++)
                if (!letters_between(part, 2, 4) || part.at[0] < 'a')
                    return false;
        if (mark == ' ' && codes && word.len == 2 && word.at[1] >= '0' &&
            word.at[1] <= '9' && !digits++)
            continue;
        if (mark == ' ' &&
            !(codes++ ? letters_between(word, 2, 4) ||
                            (memchr(word.at, '/', word.len) && word.len <= 7)
                      : dateline_agency(word)))
            return false;
    }
    if (mark == ' ')
        return codes >= 2;
    return memchr(line.at, '/', line.len) &&
           (codes >= 3 || (codes == 2 && line.len <= 5));
}

/* "wfd aw ed 141105 GMT Jan 20", "CP-10-12-22 2315GMT": when it was sent, at its end. */
static bool time_sent(struct view line) {
    const char *at = line.at, *end = line.at + line.len;

    if (line.len > 60 || line.len < 7 || furniture_words(line) > 9)
        return false;
    for (; (at = memchr(at, 'T', (size_t)(end - at))); at++) {
        const char *before = at - 2;
        unsigned digits = 0;
        if (at - line.at < 6 || memcmp(before, "GM", 2) != 0)
            continue;
        if (before[-1] == ' ')
            before--;
        while (before > line.at && before[-1] >= '0' && before[-1] <= '9') {
            before--;
            digits++;
        }
        return (digits == 4 || digits == 6) && end - at <= 12;
    }
    return false;
}

static bool address(struct view line) {
    const char *at = memchr(line.at, '@', line.len);

    return furniture_contains(line, "[email protected]") ||
           furniture_contains(line, "[email\xC2\xA0protected]") ||
           (at && at > line.at && at[-1] != ' ' && at[-1] != '(' &&
            memchr(at, '.', (size_t)(line.at + line.len - at)));
}

/* "Dana Whitcombe, 757-555-0188, dana@courier.example" */
bool furniture_contact(struct view line) {
    unsigned digits = 0, words;

    if (!memchr(line.at, '@', line.len) &&
        !(view_starts(line, "Follow ") && furniture_contains(line, "http")))
        return false;
    words = furniture_words(line);
    for (size_t i = 0; i < line.len; i++)
        digits += line.at[i] >= '0' && line.at[i] <= '9';
    if (view_starts(line, "((") && line.len > 4 && line.at[line.len - 1] == ')')
        return true;
    if (view_starts(line, "Follow ") && words <= 14 && line.len > 8 &&
        line.at[7] >= 'A' && line.at[7] <= 'Z')
        return true;
    if (furniture_contains(line, " reached at ") ||
        furniture_contains(line, "ontact the writer") ||
        furniture_contains(line, "ollow her on") ||
        furniture_contains(line, "ollow him on") ||
        furniture_contains(line, "ontact him at") ||
        furniture_contains(line, "ontact her at") || view_starts(line, "Contact ") ||
        view_starts(line, "Email ") || view_starts(line, "E-mail "))
        return words <= 30;
    if ((line.at[line.len - 1] == '.' && words > 3) || !memchr(line.at, '@', line.len))
        return false;
    return words <= 14 && (digits >= 5 || (address(line) && words <= 6));
}

static bool cycled(struct view word) {
    return view_starts(word, "BC-") || view_starts(word, "AM-") ||
           view_starts(word, "PM-");
}

struct keyword_words {
    unsigned words, numbers, plain;
    bool tied; /* the first has hyphens, and a cycle's letters or no capital in front */
};

static void add_keyword(struct keyword_words *k, struct view word) {
    unsigned digits = 0;
    bool hyphens = memchr(word.at, '-', word.len) != NULL;

    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        digits += c >= '0' && c <= '9';
        if (k->words || !hyphens)
            k->plain +=
                word.len > 8 || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
    }
    if (!k->words++)
        k->tied = hyphens && ((word.at[0] >= 'a' && word.at[0] <= 'z') || cycled(word));
    k->numbers += digits == word.len || (digits >= 2 && word.len <= 8);
}

/* "bc-kosovo-plates 01-14 0173", "dpa0141 4 pl 345 dpa 0061": lines that stood over
 * telex copy, words tied by hyphens or codes and numbers. */
static bool keyword_line(struct view line) {
    struct keyword_words k = {0};
    struct view rest = line, word;

    if (line.len > 70 || strchr(".!?\"'", line.at[line.len - 1]))
        return false;
    if ((cycled(line) || view_starts(line, "bc-")) && furniture_words(line) <= 10)
        return true;
    while (view_split(&rest, ' ', &word))
        if (word.len)
            add_keyword(&k, word);
    return k.words >= 2 && k.words <= 9 && !k.plain &&
           ((k.tied && k.numbers >= 1) || (k.numbers >= 3 && k.words >= 4));
}

/* "https://...", "www.paper.example/world", "@paper", "pic.twitter.com/abc" */
static bool link(struct view line) {
    return !memchr(line.at, ' ', line.len) && line.len > 2 &&
           (line.at[0] == '#' || view_starts(line, "http://") ||
            view_starts(line, "https://") || view_starts(line, "www.") ||
            view_starts(line, "pic.twitter.com/") || line.at[0] == '@');
}

/* "AFP", "KYODO NEWS", "AFP/Getty Images", "Reuters photo" */
bool furniture_agency_line(struct view line) {
    static const char *const also[] = {"News",  "NEWS",   "Agency", "agency", "Photo",
                                       "photo", "Photos", "Images", "Getty",  "via",
                                       "Press", "and",    "Staff",  "with"};
    struct view rest = line, word;
    unsigned agencies = 0;

    if (line.len > 40 || !line.len)
        return false;
    if (memchr(line.at, '/', line.len) && furniture_photographer(line))
        return true;
    if (view_is(line, "Associated Press") || view_is(line, "Agence France-Presse") ||
        view_is(line, "The Associated Press") || view_is(line, "ASSOCIATED PRESS"))
        return true;
    while (view_split(&rest, ' ', &word)) {
        while (word.len && strchr("(),;/|-", word.at[0])) {
            word.at++;
            word.len--;
        }
        while (word.len && strchr("(),;/|", word.at[word.len - 1]))
            word.len--;
        if (!word.len)
            continue;
        if (furniture_agency(word))
            agencies++;
        else if (!ONE_OF(word, also))
            return false;
    }
    return agencies > 0;
}

bool furniture_of_page(struct view line, const struct folded *words) {
    size_t n = line.len;

    return counter(line, words) || buttons(line, words) || menu(line) || link(line) ||
           keyword_line(line) || view_starts(line, "← ") ||
           (n > 4 && !memcmp(line.at + n - 4, " →", 4));
}

/* "(ST)": a desk or a paper in brackets, alone on its line. */
static bool bracketed_code(struct view line) {
    return line.len >= 4 && line.len <= 7 && line.at[0] == '(' &&
           line.at[line.len - 1] == ')' &&
           letters_between(view_n(line.at + 1, line.len - 2), 2, 5);
}

bool furniture_code(struct view line) {
    return desk_code(line) || time_sent(line) || bracketed_code(line);
}
