/* Lines that name who wrote, took or sent something: bylines, credits, captions. */
#include "enrich/chars.h"
#include "enrich/dateline.h"
#include "enrich/furniture_parts.h"

#define BYLINE_MAX 90 /* bytes */

static bool small_letter(char c) { return c >= 'a' && c <= 'z'; }

static bool ends_sentence(struct view line) {
    char last = line.at[line.len - 1];

    return strchr("?!:", last) ||
           (last == '.' && line.len > 3 && line.at[line.len - 2] != ' ' &&
            small_letter(line.at[line.len - 2]) && small_letter(line.at[line.len - 3]));
}

/* A post, a desk or a paper at the end of a byline: "Staff Writer". */
static bool post(struct view text) {
    static const char *const posts[] = {
        "orrespondent", "ORRESPONDENT", "eporter",     "EPORTER", "Staff",
        "STAFF",        "Writer",       "WRITER",      "Editor",  "EDITOR",
        "Bureau",       "BUREAU",       "Desk",        "DESK",    "Agenc",
        "AGENC",        "Columnist",    "Photographer"};

    for (size_t i = 0; i < sizeof posts / sizeof *posts; i++)
        if (furniture_contains(text, posts[i]))
            return true;
    return false;
}

/* Small letters that bylines have: "al-Saqqaf", "de", "and", an address. */
static bool in_names(struct view word) {
    static const char *const words[] = {"and", "in",  "de",  "del", "da",  "dos", "du",
                                        "la",  "van", "von", "der", "den", "bin", "ibn",
                                        "al",  "el",  "le",  "wa",  "y",   "et",  "und"};
    const char *hyphen = memchr(word.at, '-', word.len);

    if (ONE_OF(word, words))
        return true;
    return memchr(word.at, '@', word.len) ||
           (hyphen && hyphen + 1 < word.at + word.len && !small_letter(hyphen[1]));
}

/* Counts words, and those in small letters that stand in no byline. */
static unsigned words_of_byline(struct view rest, unsigned *small, unsigned *digits) {
    struct view word;
    unsigned words = 0;

    *small = *digits = 0;
    while (view_split(&rest, ' ', &word)) {
        words += word.len != 0;
        *small += word.len && small_letter(word.at[0]) && !in_names(word);
        for (size_t i = 0; i < word.len; i++)
            *digits += word.at[i] >= '0' && word.at[i] <= '9';
    }
    return words;
}

bool furniture_byline(struct view line, struct view *name) {
    static const char *const starts[] = {"By ",        "BY ",           "by ",
                                         "By: ",       "BY: ",          "From ",
                                         "Von ",       "VON ",          "von ",
                                         "Par ",       "PAR ",          "par ",
                                         "Por ",       "POR ",          "Door ",
                                         "Text: ",     "Text by ",      "Words by ",
                                         "Story by ",  "Written by ",   "Reported by ",
                                         "Posted by ", "Interview by ", "Report by ",
                                         "Di ",        "Oleh "};
    unsigned words, small, digits;

    if (line.len > BYLINE_MAX || line.len < 6 || ends_sentence(line))
        return false;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (!view_starts(line, starts[i]))
            continue;
        *name = view_n(line.at + strlen(starts[i]), line.len - strlen(starts[i]));
        words = words_of_byline(*name, &small, &digits);
        return words && (words >= 2 || i < 5) && !digits && small * 3 <= words &&
               !(words == 1 && small_letter(name->at[0]));
    }
    return false;
}

bool furniture_bare_byline(struct view line) {
    unsigned words, small, digits;
    struct view rest = line, word;
    bool in = false;

    if (line.len > BYLINE_MAX || line.len < 5 || ends_sentence(line) ||
        line.at[line.len - 1] == '.')
        return false;
    words = words_of_byline(line, &small, &digits);
    if (words > 10 || digits || !furniture_names_only(line))
        return false;
    if (words <= 8 && post(line) && small <= 1)
        return true;
    if (furniture_contains(line, " WITH AGENCIES") ||
        furniture_contains(line, " with agencies") ||
        furniture_contains(line, " with Agencies"))
        return true;
    for (unsigned n = 0; view_split(&rest, ' ', &word); n++)
        in |= n >= 2 && n <= 5 && view_is(word, "in") && rest.len;
    return in && small == 0;
}

bool furniture_agency(struct view name) {
    char small[24];
    bool all = true, any = false;

    if (!name.len || name.len >= sizeof small)
        return false;
    if (dateline_agency(name))
        return true;
    for (size_t i = 0; i < name.len; i++) {
        if (strchr("/-", name.at[i])) {
            struct view front = view_n(name.at, i),
                        rest = view_n(name.at + i + 1, name.len - i - 1);
            bool one = dateline_agency(front), other = furniture_agency(rest);
            return (one && other) || ((one || other) && furniture_names_only(front) &&
                                      rest.len && !small_letter(rest.at[0]));
        }
        all &= name.at[i] >= 'A' && name.at[i] <= 'Z';
        any = true;
        small[i] = i && name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] + 32)
                                                               : name.at[i];
    }
    return all && any && dateline_agency(view_n(small, name.len));
}

bool furniture_photographer(struct view name) {
    const char *slash = name.at + name.len;
    unsigned words;

    while (slash > name.at && *--slash != '/')
        continue;
    if (slash == name.at || slash[-1] == ' ' || !furniture_names_only(name))
        return false;
    furniture_line_hash(name, 0, &words);
    return words >= 2 && words <= 5 &&
           furniture_agency(view_n(slash + 1, (size_t)(name.at + name.len - slash - 1)));
}

/* One agency or several, and nothing else: "AFP", "AFP/AP", "Xinhua News Agency". */
static bool agencies_only(struct view name) {
    static const char *const also[] = {"News", "Agency", "News Agency", "news agency",
                                       "and",  "with",   "staff",       "Staff"};
    struct view part;
    unsigned agencies = 0;

    if (!name.len || name.len > 40)
        return false;
    while (view_split(&name, ' ', &part)) {
        while (part.len && strchr(",;/", part.at[part.len - 1]))
            part.len--;
        if (!part.len)
            continue;
        for (struct view one; view_split(&part, '/', &one);) {
            bool known = false;
            for (size_t i = 0; i < sizeof also / sizeof *also; i++)
                known |= view_is(one, also[i]);
            if (!known && !furniture_agency(one))
                return false;
            agencies += !known;
        }
    }
    return agencies > 0;
}

static bool credit_words(struct view text, bool *photo) {
    static const char *const signs[] = {
        "Photo",    "photo",   "PHOTO",  "Image", "Getty",        "REUTERS/",
        "Reuters/", "AFP/",    "iStock", "AP/",   "EPA",          "Handout",
        "ourtesy",  "Picture", "Foto",   "[File", "File:",        "File/",
        "©",        "Xinhua/", "via AP", "AA/",   "Shutterstock", "Source:"};

    const char *slash = memchr(text.at, '/', text.len);

    if (agencies_only(text))
        return true;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (furniture_contains(text, signs[i]))
            return *photo = true;
    if (slash && slash > text.at && slash + 1 < text.at + text.len && text.len < 50 &&
        slash[1] >= 'A' && slash[1] <= 'Z' && slash[-1] != ' ' &&
        furniture_names_only(text))
        return *photo = memchr(text.at, ' ', text.len) != NULL; /* "(Jo Doe/Flash90)" */
    return false;
}

size_t furniture_bracketed_name(struct view line) {
    char last = line.len ? line.at[line.len - 1] : 0;
    size_t i = line.len;
    struct view name;
    unsigned words, len;

    if (last != ')' && last != ']')
        return line.len;
    for (size_t from = line.len > 50 ? line.len - 50 : 0; i > from; i--)
        if (line.at[i - 1] == '(' || line.at[i - 1] == '[')
            break;
    if (i < 9 || !strchr("([", line.at[i - 1]))
        return line.len;
    i--;
    if (line.at[i - 1] != ' ' || !strchr(".!?\"'", line.at[i - 2]))
        return line.len;
    name = view_n(line.at + i + 1, line.len - i - 2);
    furniture_line_hash(name, 0, &words);
    return words && words <= 6 && furniture_names_only(name) &&
                   (char_next(name.at, name.at + name.len, &len) == CHAR_UPPER ||
                    view_starts(name, "iStock"))
               ? i
               : line.len;
}

/* "(AFP)" at the end of the line: where it begins, or the line's length. */
static size_t bracketed_credit(struct view line, size_t from, bool *photo) {
    char open = line.at[line.len - 1] == ')' ? '(' : '[';

    for (size_t i = line.len - 1; i > from; i--)
        if (line.at[i - 1] == open)
            return i > 1 && credit_words(view_n(line.at + i, line.len - 1 - i), photo)
                       ? i - 1
                       : line.len;
    return line.len;
}

/* Is `rest` a credit to its end: "— AFP", "REUTERS/Jo Doe", "Photo: Jo Doe"? */
static bool bare_credit(struct view rest, bool *photo) {
    static const char *const words[] = {
        "REUTERS/",       "Reuters/",       "Photo: ",      "Credit: ",  "PHOTO: ",
        "Image: ",        "Photo by ",      "Photograph: ", "Picture: ", "Photo credit: ",
        "Photo Credit: ", "Foto: ",         "Source: ",     "© ",        "Photo courtesy",
        "Courtesy of ",   "Photo/",         "AFP/",         "AP Photo/", "AFP PHOTO",
        "Getty Images",   "Image credit: ", "Bild: ",       "Pic: ",     "Photograph by ",
        "Picture by "};

    if (!STARTS(rest, words) || !furniture_names_only(rest))
        return false;
    return *photo = true;
}

/* "— AFP", ".—Online": a dash, then an agency or a credit; behind a full stop without
 * blanks any name will do. */
static bool dashed_credit(struct view rest, bool stop, bool *photo) {
    static const char *const dashes[] = {"— ", "– ", "-- ", "—", "–", "--", "- ", "-"};

    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
        struct view name;
        unsigned words;
        if (!view_starts(rest, dashes[i]))
            continue;
        name = view_n(rest.at + strlen(dashes[i]), rest.len - strlen(dashes[i]));
        if (agencies_only(name) || bare_credit(name, photo))
            return true;
        furniture_line_hash(name, 0, &words);
        return stop && i >= 3 && i <= 5 && words <= 3 && words &&
               furniture_names_only(name) && !memchr(name.at, '.', name.len);
    }
    return false;
}

/* "... in Hpakant, Kachin state. AFP": an agency behind the full stop. */
static size_t photographer_behind(struct view line) {
    for (size_t n = 6; n <= 40 && n + 3 < line.len; n++) {
        size_t at = line.len - n;
        struct view name = view_n(line.at + at, n);
        if (line.at[at - 1] == ' ' && strchr(".)\"", line.at[at - 2]) &&
            furniture_photographer(name))
            return at;
    }
    return line.len;
}

static size_t agency_behind(struct view line) {
    for (size_t n = 2; n <= 24 && n + 3 < line.len; n++) {
        size_t at = line.len - n;
        if (line.at[at - 1] == ' ' && strchr(".)’\"'", line.at[at - 2]) &&
            agencies_only(view_n(line.at + at, n)))
            return at;
    }
    return line.len;
}

size_t furniture_credit(struct view line, bool *photo) {
    size_t from = line.len > 70 ? line.len - 70 : 0;
    char last = line.len ? line.at[line.len - 1] : 0;

    *photo = false;
    if (last == ')' || last == ']')
        return bracketed_credit(line, from, photo);
    if (last == '.' && !memchr(line.at + from, ':', line.len - from) &&
        !memchr(line.at + from, '/', line.len - from))
        return line.len;
    for (size_t i = from ? from : 1; i < line.len; i++) {
        unsigned char c = (unsigned char)line.at[i];
        if (c != '-' && c < 0x80 && (c < 'A' || c > 'Z' || line.at[i - 1] != ' '))
            continue;
        if (strchr("RrPCIFSAGB", (char)c) || c >= 0x80)
            if (bare_credit(view_n(line.at + i, line.len - i), photo))
                return i;
        if ((c == '-' || c == 0xE2) &&
            dashed_credit(view_n(line.at + i, line.len - i),
                          strchr(".”\"", line.at[i - 1]) != NULL, photo))
            return i;
    }
    from = agency_behind(line);
    if (from == line.len && memchr(line.at, '/', line.len)) {
        from = photographer_behind(line);
        *photo = from < line.len;
    }
    return from;
}

bool furniture_caption_marks(struct view line) {
    static const char *const marks[] = {
        "(L)",     "(R)",     "(C)",      "(2nd L)",    "(2nd R)",    "(left)",
        "(right)", "[File",   "(File",    "FILE PHOTO", "File photo", "FILE - ",
        "(C-L)",   "(3rd L)", "(centre)", "(center)",   ", left,",    ", right,",
        "FILE – ", "FILE — ", "FILE: ",   "FILE PIC",   "file photo", "File Photo"};

    if (!memchr(line.at, '(', line.len) && !memchr(line.at, '[', line.len) &&
        !memchr(line.at, 'F', line.len) && !memchr(line.at, ',', line.len) &&
        !furniture_contains(line, "file photo"))
        return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (furniture_contains(line, marks[i]))
            return true;
    return false;
}

/* "(aly)", "(bbs/awa)", "/atm", "[ab]": who handled the copy. */
static bool initials(struct view word) {
    struct view code = word;

    if (word.len > 3 && ((word.at[0] == '(' && word.at[word.len - 1] == ')') ||
                         (word.at[0] == '[' && word.at[word.len - 1] == ']')))
        code = view_n(word.at + 1, word.len - 2);
    else if (word.at[0] == '/')
        code = view_n(word.at + 1, word.len - 1);
    else
        return false;
    for (struct view part; view_split(&code, '/', &part);) {
        if (part.len < 2 || part.len > 4)
            return false;
        for (size_t i = 0; i < part.len; i++)
            if (!small_letter(part.at[i]))
                return false;
    }
    return true;
}

/* "— Rappler.com", "– KG, GMA News": a dash and where it was printed first. */
static bool printed_by(struct view word) {
    bool dash = view_starts(word, "— ") || view_starts(word, "– ") ||
                view_starts(word, "-- ") || view_starts(word, "—") ||
                view_starts(word, "–");
    size_t n = view_starts(word, "-- ") ? 3 : word.len > 3 && word.at[3] == ' ' ? 4 : 3;
    struct view name =
        dash && word.len > n ? view_n(word.at + n, word.len - n) : view_n(word.at, 0);

    return name.len && furniture_names_only(name) && furniture_medium(name) &&
           !strchr(".?!\"", name.at[name.len - 1]);
}

/* What may stand behind the last full stop: its kind, or NOT_FURNITURE. */
static enum furniture_kind end_word(struct view word) {
    static const char *const ends[] = {"Enditem", "ENDS",   "Ends",  "Endit",  "ENDITEM",
                                       "/ends",   "-ends-", "(END)", "(Ends)", "End",
                                       "(ENDS)",  "-ENDS-", "/END"};
    struct view name = word;

    if (initials(word))
        return FURNITURE_SIGNOFF;
    if (printed_by(word))
        return FURNITURE_CREDIT;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (view_is(word, ends[i]))
            return FURNITURE_SIGNOFF;
    if (view_starts(name, "—") || view_starts(name, "–"))
        name = view_n(name.at + 3, name.len - 3);
    while (name.len && strchr("-(/= ", name.at[0])) {
        name.at++;
        name.len--;
    }
    while (name.len && strchr("). ", name.at[name.len - 1]))
        name.len--;
    return agencies_only(name) ? FURNITURE_CREDIT : NOT_FURNITURE;
}

size_t furniture_end_mark(struct view line, enum furniture_kind *kind) {
    size_t most = line.len > 34 ? 30 : line.len > 4 ? line.len - 4 : 0;

    for (size_t n = most; n >= 2; n--) {
        size_t at = line.len - n;
        struct view word = view_n(line.at + at, n);
        bool free = line.at[at - 1] == ' ' || strchr("-/", line.at[at]) ||
                    (unsigned char)line.at[at] == 0xE2;
        size_t before = at;
        if (!free || ((unsigned char)line.at[at] & 0xC0) == 0x80)
            continue;
        while (before && line.at[before - 1] == ' ')
            before--;
        if (!before || (!strchr(".\"!?)'", line.at[before - 1]) &&
                        ((unsigned char)line.at[before - 1] < 0x80)))
            continue;
        *kind = end_word(word);
        if (*kind != NOT_FURNITURE)
            return at;
    }
    return line.len;
}

bool furniture_medium(struct view line) {
    static const char *const words[] = {
        "news",      "times",     "post",     "daily",        "herald",    "tribune",
        "gazette",   "observer",  "guardian", "standard",     "star",      "nation",
        "monitor",   "mail",      "press",    "agency",       "online",    "radio",
        "tv",        "com",       "org",      "net",          "journal",   "chronicle",
        "telegraph", "courier",   "sun",      "globe",        "mirror",    "express",
        "voice",     "today",     "weekly",   "newspapers",   "newspaper", "sentinel",
        "dispatch",  "reporter",  "review",   "magazine",     "media",     "digest",
        "bulletin",  "inquirer",  "hub",      "wire",         "network",   "channel",
        "blog",      "zeitung",   "presse",   "nachrichten",  "monde",     "figaro",
        "diario",    "el",        "sabah",    "bbc",          "cnn",       "dw",
        "afp",       "reuters",   "newswire", "broadcasting", "africa",    "world",
        "fm",        "allafrica", "sahara"};
    struct folded folded;

    folded_words(line, 8, &folded);
    for (unsigned n = 0, from = 0; n < folded.count; from = folded.ends[n++] + 1u)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (view_is(view_n(folded.text + from, folded.ends[n] - from), words[i]))
                return true;
    return false;
}
