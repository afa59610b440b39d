
#include "enrich/chars.h"
#include "enrich/furniture_parts.h"

/* Longer lines are looked at for their beginning and end only, still longer ones not. */
#define SHORT_LINE  130
#define LONGEST_END 700

#define PHRASE_WORDS_MOST 9 /* the longest phrase that is looked up word by word */

static const struct furniture_verdict nothing = {.kind = NOT_FURNITURE};

static struct furniture_verdict sure(enum furniture_kind kind) {
    return (struct furniture_verdict){.kind = kind};
}

bool furniture_one_of(struct view word, const char *const *words, size_t count) {
    for (size_t i = 0; word.len && i < count; i++)
        if (words[i][0] == word.at[0] && view_is(word, words[i]))
            return true;
    return false;
}

bool furniture_starts(struct view text, const char *const *starts, size_t count) {
    for (size_t i = 0; text.len && i < count; i++)
        if (starts[i][0] == text.at[0] && view_starts(text, starts[i]))
            return true;
    return false;
}

unsigned furniture_words(struct view line) {
    unsigned words;

    if (line.len < 40) {
        furniture_line_hash(line, 0, &words);
        return words;
    }
    words = 1;
    for (size_t i = 1; i < line.len; i++)
        words += line.at[i] == ' ' && line.at[i - 1] != ' ';
    return words;
}

bool furniture_contains(struct view text, const char *what) {
    size_t n = strlen(what);
    const char *at = text.at, *end = text.at + text.len;

    while ((size_t)(end - at) >= n &&
           (at = memchr(at, *what, (size_t)(end - at) - n + 1))) {
        if (!memcmp(at, what, n))
            return true;
        at++;
    }
    return false;
}

/* Words that prose seldom has and notes of sites and desks do. */
enum {
    HAS_RESERVED = 1,    /* "All rights reserved" */
    HAS_CONTRIBUTED = 2, /* "contributed to this report" */
    HAS_PLEA = 4         /* "newsletter", "subscribe", "journalism", "inbox", "alerts" */
};

static bool at_word(struct view line, size_t at, size_t back, const char *word) {
    size_t n = strlen(word);

    return at >= back && at - back + n <= line.len &&
           !memcmp(line.at + at - back, word, n);
}

static unsigned rare_at(struct view line, size_t i) {
    switch (line.at[i]) {
        case 'v':
            return at_word(line, i, 4, "served") || at_word(line, i, 3, "served")
                       ? HAS_RESERVED
                       : 0;
        case 'b':
            if (at_word(line, i, 7, " contributed "))
                return HAS_CONTRIBUTED;
            return at_word(line, i, 1, "ubscri") || at_word(line, i, 1, "nbox") ? HAS_PLEA
                                                                                : 0;
        case 'j':
            return at_word(line, i, 0, "journalism") ? HAS_PLEA : 0;
        default:
            return at_word(line, i, 0, "wsletter") || at_word(line, i, 0, "ws alerts")
                       ? HAS_PLEA
                       : 0;
    }
}

/* One pass over the line: each word is looked for at a letter of it that is rare. */
static unsigned rare_words(struct view line) {
    static const uint8_t rare[256] = {['v'] = 1, ['b'] = 1, ['j'] = 1, ['w'] = 1};
    const unsigned char *at = (const unsigned char *)line.at;
    unsigned found = 0;
    size_t i = 0;

    for (; i + 8 <= line.len; i += 8)
        if (rare[at[i]] | rare[at[i + 1]] | rare[at[i + 2]] | rare[at[i + 3]] |
            rare[at[i + 4]] | rare[at[i + 5]] | rare[at[i + 6]] | rare[at[i + 7]])
            for (size_t k = i; k < i + 8; k++)
                if (rare[at[k]])
                    found |= rare_at(line, k);
    for (; i < line.len; i++)
        if (rare[at[i]])
            found |= rare_at(line, i);
    return found;
}

/* Does somebody speak or act here? Then it is prose, whatever it begins with. */
static bool tells(struct view line) {
    static const char *const verbs[] = {" said",  " says", " told ", " was ",
                                        " were ", " had ", "\"",     "“"};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (furniture_contains(line, verbs[i]))
            return true;
    return false;
}

/* Does it speak of what sites offer and ask for? */
static bool offers(struct view line) {
    static const char *const things[] = {
        "ewsletter",     "otification",   "nbox",
        "ubscri",        "email",         "e-mail",
        "updates",       "alerts",        " app",
        "App",           "channel",       "podcast",
        "acebook",       "witter",        "nstagram",
        "hatsApp",       "elegram",       "ouTube",
        "outube",        "cookies",       " account",
        "membership",    "ournalism",     "coverage",
        "free articles", "breaking news", "Breaking News",
        "latest news",   "top stories",   "headlines",
        "our stories",   "our site",      "website",
        "Google News",   "premium",       "Premium",
        "Terms",         "Privacy",       "privacy",
        "ecessarily",    "unlimited",     "digital",
        "LinkedIn",      "comments",      "in whole or in part",
        "mailing list"};

    for (size_t i = 0; i < sizeof things / sizeof *things; i++)
        if (furniture_contains(line, things[i]))
            return true;
    return false;
}

static bool small_word(struct view word) {
    static const char *const words[] = {
        "and", "in",  "of",  "the",      "from",   "for",   "with", "at",  "to",  "by",
        "de",  "del", "la",  "el",       "al",     "van",   "von",  "der", "den", "bin",
        "ibn", "da",  "dos", "du",       "et",     "y",     "e",    "und", "aus", "wa",
        "a",   "an",  "our", "agencies", "agency", "staff", "on",   "le",  "ter", "dela"};

    return ONE_OF(word, words);
}

bool furniture_names_only(struct view text) {
    struct view word;

    while (view_split(&text, ' ', &word)) {
        unsigned len, class;
        if (word.len && strchr("(\"'*&[|/@-", word.at[0])) {
            word.at++;
            word.len--;
        }
        while (word.len && strchr(",;:.)]", word.at[word.len - 1]))
            word.len--;
        if (!word.len)
            continue;
        class = char_next(word.at, word.at + word.len, &len);
        if (class == CHAR_LOWER && !small_word(word) && !memchr(word.at, '-', word.len) &&
            !memchr(word.at, '.', word.len) && !memchr(word.at, '@', word.len))
            return false;
    }
    return true;
}

/* "; Writing by", "; editing by": one credit after the other. */
static bool more_credits(struct view rest) {
    return furniture_contains(rest, "diting by") ||
           furniture_contains(rest, "riting by") ||
           furniture_contains(rest, "eporting by") ||
           furniture_contains(rest, "dited by") || furniture_contains(rest, "ompiled by");
}

static bool credits_people(struct view line, struct view rest) {
    unsigned len;

    while (rest.len && strchr(" :", rest.at[0])) {
        rest.at++;
        rest.len--;
    }
    if (!rest.len)
        return true;
    if (line.at[0] == '(' && line.at[line.len - 1] == ')')
        return true;
    if (more_credits(rest))
        return true;
    if (char_next(rest.at, rest.at + rest.len, &len) == CHAR_LOWER && !small_word(rest) &&
        rest.at[0] != '@' && !view_starts(rest, "agenc") && !view_starts(rest, "our "))
        return false;
    return furniture_names_only(rest);
}

/* The rest of a line behind its first words, and whether a colon stands between. */
static struct view behind(struct view line, const struct folded *words, unsigned count,
                          bool *colon) {
    struct view rest =
        view_n(line.at + words->raw[count - 1], line.len - words->raw[count - 1]);

    *colon = false;
    while (rest.len && (strchr(" :)]|", rest.at[0]) || view_starts(rest, "»"))) {
        size_t n = rest.at[0] == (char)0xC2 ? 2 : 1;
        *colon |= strchr(":|", rest.at[0]) || n == 2;
        rest.at += n;
        rest.len -= n;
    }
    return rest;
}

static bool few_enough(const struct phrase *phrase, struct view line) {
    return phrase && (!phrase->most || furniture_words(line) <= phrase->most);
}

static struct furniture_verdict whole(const struct phrase *found[PHRASE_USES],
                                      struct view line) {
    bool colon = line.at[line.len - 1] == ':';
    struct furniture_verdict v = nothing;

    if (found[PHRASE_LINKS]) {
        v.kind = FURNITURE_RELATED;
        v.claim = CLAIM_LINKS;
        v.button = found[PHRASE_WHOLE] || found[PHRASE_WEAK];
        if (view_is(found[PHRASE_LINKS]->words, "more") && !colon)
            return sure(line.at[0] == '(' || line.at[0] == 'M' ? FURNITURE_SIGNOFF
                                                               : FURNITURE_NAVIGATION);
    } else if (found[PHRASE_WHOLE]) {
        v = sure(found[PHRASE_WHOLE]->kind);
        v.claim = v.kind == FURNITURE_SIGNOFF && memchr(line.at, 'o', line.len) &&
                          (furniture_contains(line, "ontact") ||
                           furniture_contains(line, "nquir"))
                      ? CLAIM_BLOCK
                      : CLAIM_SURE;
    } else if (colon && found[PHRASE_LABEL]) {
        v = sure(found[PHRASE_LABEL]->kind);
        v.claim = v.kind == FURNITURE_RELATED ? CLAIM_LINKS : CLAIM_BLOCK;
    } else if (found[PHRASE_WEAK]) {
        v.kind = found[PHRASE_WEAK]->kind;
        v.claim = CLAIM_WEAK;
    }
    return v;
}

static struct furniture_verdict begun(const struct phrase *found[PHRASE_USES],
                                      struct view line, struct view rest, bool colon) {
    const struct phrase *invites = found[PHRASE_INVITES];

    if (colon && few_enough(found[PHRASE_LABEL], line) &&
        !(found[PHRASE_LABEL]->kind != FURNITURE_RELATED && tells(rest)))
        return sure(found[PHRASE_LABEL]->kind);
    if (few_enough(found[PHRASE_CREDITS], line) && credits_people(line, rest))
        return sure(found[PHRASE_CREDITS]->kind);
    if (few_enough(found[PHRASE_BEGINS], line))
        return sure(found[PHRASE_BEGINS]->kind);
    if (few_enough(invites, line) && !tells(line) && offers(line))
        return sure(invites->kind);
    return nothing;
}

static struct furniture_verdict by_phrase(const struct phrases *phrases,
                                          struct view line) {
    const struct phrase *found[PHRASE_USES];
    struct furniture_verdict verdict = nothing;
    struct folded words;
    bool colon;

    folded_words(line, 1, &words);
    if (!words.count || !phrases_begin(phrases, folded_first(&words, 1)))
        return nothing;
    folded_words(line, 2, &words);
    if (line.len > SHORT_LINE &&
        !phrases_begin(phrases, folded_first(&words, words.count)))
        return nothing;
    folded_words(line, line.len > SHORT_LINE ? 7 : FOLDED_WORDS, &words);
    for (unsigned n = 1; n <= words.count; n++) {
        struct furniture_verdict v;
        struct view rest;
        if (n > PHRASE_WORDS_MOST && n != words.count)
            continue;
        if (!phrases_find(phrases, folded_first(&words, n), found))
            continue;
        if (n == words.count && words.whole) {
            v = whole(found, line);
            if (v.kind != NOT_FURNITURE)
                return v;
        }
        rest = behind(line, &words, n, &colon);
        v = begun(found, line, rest, colon);
        if (v.kind != NOT_FURNITURE)
            verdict = v;
    }
    return verdict;
}

/* "12 Comments", "Share (5)": a phrase with a number beside it. */
static struct furniture_verdict with_number(const struct phrases *phrases,
                                            const struct folded *words) {
    const struct phrase *found[PHRASE_USES];
    struct view text;

    if (!words->whole || words->count < 2 || words->count > 5 || !words->digits)
        return nothing;
    text = folded_first(words, words->count - 1);
    if (words->text[words->ends[words->count - 1] - 1] >= '0' &&
        words->text[words->ends[words->count - 1] - 1] <= '9' &&
        phrases_find(phrases, text, found) && found[PHRASE_WHOLE])
        return sure(found[PHRASE_WHOLE]->kind);
    if (words->text[0] < '0' || words->text[0] > '9')
        return nothing;
    text = view_n(words->text + words->ends[0] + 1,
                  (size_t)(words->ends[words->count - 1] - words->ends[0] - 1));
    if (phrases_find(phrases, text, found) && found[PHRASE_WHOLE])
        return sure(found[PHRASE_WHOLE]->kind);
    return nothing;
}

/* "9455**1424": a desk's numbers. */
static bool coded(struct view line) {
    unsigned stars = 0;

    if (line.len > 14 || line.len < 6)
        return false;
    for (size_t i = 0; i < line.len; i++) {
        stars += line.at[i] == '*';
        if (line.at[i] != '*' && (line.at[i] < '0' || line.at[i] > '9'))
            return false;
    }
    return stars && stars + 4 <= line.len;
}

/* A paragraph of desk matter, told by how it begins, goes on or ends. */
static bool desk_note(struct view line, unsigned rare) {
    static const char *const notes[] = {
        "(Adds ",      "(Updates ",  "(Recasts",  "(Corrects ",  "(Removes ",
        "(Refiles",    "(Rewrites ", "(Repeats",  "(Clarifies ", "(Fixes ",
        "(Writes thr", "(Changes ",  "(Releads",  "(Rewords ",   "(Deletes ",
        "(Inserts ",   "(Drops ",    "(Restores "};
    static const char *const starts[] = {"EDITOR'S NOTE", "EDITORS' NOTE",
                                         "EDITOR’S NOTE", "(MORE)", "(more)"};

    if (line.at[0] == '(' && line.at[line.len - 1] == ')' &&
        (STARTS(line, notes) || (view_starts(line, "(By ") && more_credits(line))))
        return true;
    if (line.at[0] == '*' && line.len < 200 && more_credits(line))
        return true;
    if (STARTS(line, starts) || coded(line))
        return true;
    return line.len < 400 && (rare & HAS_CONTRIBUTED) &&
           (furniture_contains(line, "contributed to this ") ||
            furniture_contains(line, "contributed to the report") ||
            furniture_contains(line, "contributed reporting"));
}

static bool has_year(struct view line) {
    for (size_t i = 0; i + 3 < line.len; i++)
        if ((view_starts(view_n(line.at + i, 2), "19") ||
             view_starts(view_n(line.at + i, 2), "20")) &&
            line.at[i + 2] >= '0' && line.at[i + 2] <= '9' && line.at[i + 3] >= '0' &&
            line.at[i + 3] <= '9')
            return true;
    return false;
}

static bool reserved(struct view line) {
    return furniture_contains(line, "ights reserved") ||
           furniture_contains(line, "ights Reserved") ||
           furniture_contains(line, "RIGHTS RESERVED");
}

/* "Copyright 2020 Harbour Courier. All rights reserved." */
static bool rights(struct view line, unsigned rare) {
    static const char *const starts[] = {
        "Copyright ", "(c) ", "(C) ", "COPYRIGHT ", "(©", "(Copyright ", "Copyright©"};
    bool sign = view_starts(line, "©");

    if (line.len >= 330)
        return false;
    if (!sign && !STARTS(line, starts))
        return (rare & HAS_RESERVED) && reserved(line) && has_year(line);
    if (has_year(line) || reserved(line))
        return true;
    return line.len < 50 && furniture_names_only(line) &&
           (!sign || furniture_contains(line, "LTD") || furniture_contains(line, "Ltd") ||
            furniture_contains(line, "Inc"));
}

/* Asks for a subscription, support or attention somewhere in the paragraph. */
static bool pleads(struct view line, unsigned rare) {
    static const char *const pleas[] = {"ubscribe to our",
                                        "ign up for our",
                                        "ign up to our",
                                        "your inbox",
                                        "our newsletter",
                                        "our journalism",
                                        "breaking news alerts",
                                        "email us breaking news",
                                        "ndependent journalism is",
                                        "quality journalism is",
                                        "uality journalism and",
                                        "become a subscriber",
                                        "ubscribe now"};

    if (line.len > 420 || !(rare & HAS_PLEA))
        return false;
    if (tells(line))
        return false;
    for (size_t i = 0; i < sizeof pleas / sizeof *pleas; i++)
        if (furniture_contains(line, pleas[i]))
            return true;
    return false;
}

static bool syndicated(struct view line) {
    if (line.len > 300 ||
        !(line.at[0] == '(' || view_starts(line, "The post ") || line.len <= SHORT_LINE))
        return false;
    return furniture_contains(line, " appeared first on ") ||
           furniture_contains(line, " first appeared on ") ||
           (furniture_contains(line, "auto-generated") &&
            furniture_contains(line, "feed")) ||
           (line.at[0] == '(' && furniture_contains(line, "has not been edited by"));
}

/* Does the line break off into a link: "... Read more", "[…]"? */
static bool breaks_off(struct view line) {
    static const char *const ends[] = {" Read…",
                                       " Read more…",
                                       "[…]",
                                       "[...]",
                                       "… Read more",
                                       "... Read more",
                                       "…Read more",
                                       "...Read more",
                                       "... Read More",
                                       "… Read More",
                                       "...Read More",
                                       "…Read More",
                                       "Read more »",
                                       "Read More »",
                                       "Read more →",
                                       "Continue reading →",
                                       "… Continue reading",
                                       "... Continue reading",
                                       "Read full story",
                                       "[&hellip;]",
                                       "... more",
                                       "… more",
                                       "(more…)",
                                       ". Read more",
                                       ". Read More"};

    if (!strchr("\xA6\xBB\x92]egy)", line.at[line.len - 1]))
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (line.len >= n && !memcmp(line.at + line.len - n, ends[i], n))
            return true;
    }
    return false;
}

/* "SOURCE Halden Robotics Inc.", "Source: ...", "*Photo: ...": what phrases do not say.
 */
static bool source(struct view line) {
    return (view_starts(line, "SOURCE ") && line.len < 90) ||
           (view_starts(line, "Published in ") && line.len < 90 &&
            furniture_names_only(line)) ||
           (view_starts(line, "— ") && furniture_contains(line, " (@") && line.len < 110);
}

static struct furniture_verdict of_short(const struct phrases *phrases,
                                         struct view line) {
    struct furniture_verdict v;
    struct folded words;

    folded_words(line, FOLDED_WORDS, &words);
    if (furniture_of_page(line, &words))
        return sure(FURNITURE_NAVIGATION);
    if (view_starts(line, "==") && furniture_words(line) <= 3)
        return sure(FURNITURE_SIGNOFF);
    v = with_number(phrases, &words);
    if (v.kind != NOT_FURNITURE)
        return v;
    if (furniture_agency_line(line))
        return sure(FURNITURE_CREDIT);
    return furniture_code(line) ? sure(FURNITURE_SIGNOFF) : nothing;
}

struct furniture_verdict furniture_of_line(const struct phrases *phrases,
                                           struct view line) {
    struct furniture_verdict v;
    unsigned rare;

    if (!line.len || line.len > LONGEST_END)
        return nothing;
    if (view_is(line, "###") || view_is(line, "-30-") || view_is(line, "# # #"))
        return sure(FURNITURE_SIGNOFF);
    if (line.len <= SHORT_LINE && furniture_contact(line))
        return sure(FURNITURE_SIGNOFF);
    v = by_phrase(phrases, line);
    if (v.kind != NOT_FURNITURE)
        return v;
    rare = rare_words(line);
    if (breaks_off(line))
        return sure(FURNITURE_TEASER);
    if (line.at[0] != '(' && desk_note(line, rare))
        return sure(FURNITURE_SIGNOFF);
    if (rights(line, rare) || syndicated(line) || pleads(line, rare))
        return sure(FURNITURE_NAVIGATION);
    if (line.at[0] == '(' && desk_note(line, rare))
        return sure(FURNITURE_SIGNOFF);
    if (source(line))
        return sure(FURNITURE_CREDIT);
    if (line.len > SHORT_LINE || (line.len > 40 && line.at[line.len - 1] == '.'))
        return nothing;
    return of_short(phrases, line);
}

bool furniture_invites(const struct phrases *phrases, struct view line) {
    const struct phrase *found[PHRASE_USES];
    struct folded words;

    folded_words(line, 3, &words);
    for (unsigned n = 1; n <= words.count; n++)
        if (phrases_find(phrases, folded_first(&words, n), found) &&
            found[PHRASE_INVITES])
            return true;
    return false;
}

bool furniture_heads_briefs(struct view line) {
    static const char *const words[] = {"brief",    "briefs",  "roundup",
                                        "briefing", "briefly", "nutshell"};
    struct folded folded;

    folded_words(line, 8, &folded);
    if (!folded.whole || folded.count > 7)
        return false;
    for (unsigned n = 0, from = 0; n < folded.count; from = folded.ends[n++] + 1u) {
        struct view word = view_n(folded.text + from, folded.ends[n] - from);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (view_is(word, words[i]))
                return true;
        if (view_is(word, "round") && n + 1 < folded.count)
            return true; /* "Round-up" */
    }
    return false;
}

/* What a byte counts as: 0 stands between words. */
static inline unsigned char folded_byte(unsigned char c) {
    unsigned char lower = c | 0x20;

    if ((unsigned char)(lower - 'a') < 26)
        return lower;
    return (unsigned char)(c - '0') < 10 || c >= 128 ? c : 0;
}

uint64_t furniture_line_hash(struct view line, size_t most, unsigned *words) {
    const unsigned char *at = (const unsigned char *)line.at, *end = at + line.len;
    uint64_t hash = 0xcbf29ce484222325u;
    unsigned count = 0;
    bool between = true;

    for (; at < end && most; at++) {
        unsigned char c = folded_byte(*at);
        count += c && between;
        between = !c;
        if (!c)
            continue;
        hash = (hash ^ c) * 0x100000001b3u;
        most--;
    }
    for (; at < end && count < FURNITURE_WORDS; at++) {
        unsigned char c = folded_byte(*at);
        count += c && between;
        between = !c;
    }
    *words = count < FURNITURE_WORDS ? count : FURNITURE_WORDS;
    return hash;
}
