#include "enrich/furniture.h"

#include <stdlib.h>

#include "enrich/chars.h"
#include "enrich/dateline.h"

/* Whole lines, as words in small letters; sorted. */
static const struct phrase {
    const char *words;
    enum furniture_kind kind;
} phrases[] = {
    {"30", FURNITURE_SIGNOFF},
    {"accept all cookies", FURNITURE_NAVIGATION},
    {"advertisement", FURNITURE_NAVIGATION},
    {"advertising", FURNITURE_NAVIGATION},
    {"all rights reserved", FURNITURE_NAVIGATION},
    {"article continues below", FURNITURE_NAVIGATION},
    {"back to top", FURNITURE_NAVIGATION},
    {"breaking news", FURNITURE_NAVIGATION},
    {"click to comment", FURNITURE_NAVIGATION},
    {"comment", FURNITURE_NAVIGATION},
    {"comments", FURNITURE_NAVIGATION},
    {"connect with us", FURNITURE_NAVIGATION},
    {"continue reading", FURNITURE_NAVIGATION},
    {"copy link", FURNITURE_NAVIGATION},
    {"editors picks", FURNITURE_NAVIGATION},
    {"email", FURNITURE_NAVIGATION},
    {"end", FURNITURE_SIGNOFF},
    {"ends", FURNITURE_SIGNOFF},
    {"facebook", FURNITURE_NAVIGATION},
    {"follow us", FURNITURE_NAVIGATION},
    {"home", FURNITURE_NAVIGATION},
    {"latest news", FURNITURE_NAVIGATION},
    {"leave a comment", FURNITURE_NAVIGATION},
    {"leave a reply", FURNITURE_NAVIGATION},
    {"listen to this article", FURNITURE_NAVIGATION},
    {"load more", FURNITURE_NAVIGATION},
    {"log in", FURNITURE_NAVIGATION},
    {"login", FURNITURE_NAVIGATION},
    {"menu", FURNITURE_NAVIGATION},
    {"more", FURNITURE_SIGNOFF},
    {"more to come", FURNITURE_SIGNOFF},
    {"more to follow", FURNITURE_SIGNOFF},
    {"most popular", FURNITURE_NAVIGATION},
    {"most read", FURNITURE_NAVIGATION},
    {"must read", FURNITURE_NAVIGATION},
    {"newsletter", FURNITURE_NAVIGATION},
    {"next", FURNITURE_NAVIGATION},
    {"next article", FURNITURE_NAVIGATION},
    {"next post", FURNITURE_NAVIGATION},
    {"next story", FURNITURE_NAVIGATION},
    {"no comments", FURNITURE_NAVIGATION},
    {"post a comment", FURNITURE_NAVIGATION},
    {"post comment", FURNITURE_NAVIGATION},
    {"previous article", FURNITURE_NAVIGATION},
    {"previous post", FURNITURE_NAVIGATION},
    {"previous story", FURNITURE_NAVIGATION},
    {"print", FURNITURE_NAVIGATION},
    {"print this article", FURNITURE_NAVIGATION},
    {"privacy policy", FURNITURE_NAVIGATION},
    {"read full story", FURNITURE_NAVIGATION},
    {"read more", FURNITURE_NAVIGATION},
    {"recommended for you", FURNITURE_NAVIGATION},
    {"register", FURNITURE_NAVIGATION},
    {"reutersends", FURNITURE_SIGNOFF},
    {"save", FURNITURE_NAVIGATION},
    {"search", FURNITURE_NAVIGATION},
    {"share", FURNITURE_NAVIGATION},
    {"share it", FURNITURE_NAVIGATION},
    {"share on facebook", FURNITURE_NAVIGATION},
    {"share on twitter", FURNITURE_NAVIGATION},
    {"share this", FURNITURE_NAVIGATION},
    {"share this article", FURNITURE_NAVIGATION},
    {"share this post", FURNITURE_NAVIGATION},
    {"share this story", FURNITURE_NAVIGATION},
    {"show more", FURNITURE_NAVIGATION},
    {"sign in", FURNITURE_NAVIGATION},
    {"sign up", FURNITURE_NAVIGATION},
    {"skip to content", FURNITURE_NAVIGATION},
    {"skip to main content", FURNITURE_NAVIGATION},
    {"sponsored", FURNITURE_NAVIGATION},
    {"subscribe", FURNITURE_NAVIGATION},
    {"subscribe now", FURNITURE_NAVIGATION},
    {"terms of use", FURNITURE_NAVIGATION},
    {"top stories", FURNITURE_NAVIGATION},
    {"trending", FURNITURE_NAVIGATION},
    {"trending now", FURNITURE_NAVIGATION},
    {"tweet", FURNITURE_NAVIGATION},
    {"twitter", FURNITURE_NAVIGATION},
    {"view comments", FURNITURE_NAVIGATION},
    {"whatsapp", FURNITURE_NAVIGATION},
};

/* Beginnings, as written; the longest line (in words) that they are believed of. */
static const struct beginning {
    const char *text;
    unsigned words;
    enum furniture_kind kind;
} beginnings[] = {
    {"Your email address will not be published", 20, FURNITURE_NAVIGATION},
    {"Required fields are marked", 8, FURNITURE_NAVIGATION},
    {"Subscribe to ", 10, FURNITURE_NAVIGATION},
    {"Sign up for ", 12, FURNITURE_NAVIGATION},
    {"Sign up to ", 12, FURNITURE_NAVIGATION},
    {"Click here to ", 12, FURNITURE_NAVIGATION},
    {"By providing an email address", 30, FURNITURE_NAVIGATION},
    {"By subscribing", 30, FURNITURE_NAVIGATION},
    {"This site uses cookies", 60, FURNITURE_NAVIGATION},
    {"We use cookies", 60, FURNITURE_NAVIGATION},
    {"Copyright ", 40, FURNITURE_NAVIGATION},
    {"© ", 40, FURNITURE_NAVIGATION},
    {"(c) ", 12, FURNITURE_NAVIGATION},
    {"Kindly share this", 10, FURNITURE_NAVIGATION},
    {"Share this story", 10, FURNITURE_NAVIGATION},
    {"Share this article", 10, FURNITURE_NAVIGATION},
    {"Filed under", 12, FURNITURE_NAVIGATION},
    {"Posted in ", 8, FURNITURE_NAVIGATION},
    {"Tags: ", 30, FURNITURE_NAVIGATION},
    {"Follow us on ", 12, FURNITURE_NAVIGATION},
    {"Continue Reading", 4, FURNITURE_NAVIGATION},
    {"READ ALSO:", 30, FURNITURE_RELATED},
    {"Read also:", 30, FURNITURE_RELATED},
    {"ALSO READ:", 30, FURNITURE_RELATED},
    {"Also read:", 30, FURNITURE_RELATED},
    {"Also on the site:", 30, FURNITURE_RELATED},
    {"READ MORE:", 30, FURNITURE_RELATED},
    {"Read more:", 30, FURNITURE_RELATED},
    {"Read More:", 30, FURNITURE_RELATED},
    {"SEE ALSO:", 30, FURNITURE_RELATED},
    {"See also:", 30, FURNITURE_RELATED},
    {"RELATED:", 30, FURNITURE_RELATED},
    {"Related:", 30, FURNITURE_RELATED},
    {"(Reporting by ", 80, FURNITURE_SIGNOFF},
    {"(Additional reporting", 80, FURNITURE_SIGNOFF},
    {"(Writing by ", 80, FURNITURE_SIGNOFF},
    {"(Editing by ", 80, FURNITURE_SIGNOFF},
    {"(Compiled by ", 80, FURNITURE_SIGNOFF},
    {"(With inputs from ", 30, FURNITURE_SIGNOFF},
    {"(With reporting by ", 80, FURNITURE_SIGNOFF},
    {"Reporting by ", 60, FURNITURE_SIGNOFF},
    {"Reporting by: ", 60, FURNITURE_SIGNOFF},
    {"Additional reporting by ", 60, FURNITURE_SIGNOFF},
    {"Writing by ", 40, FURNITURE_SIGNOFF},
    {"Editing by ", 40, FURNITURE_SIGNOFF},
    {"==", 3, FURNITURE_SIGNOFF},
};

#define PHRASE_WORDS 4 /* the longest phrase has, and the longest counter */

#define ALL_WORDS UINT32_MAX

struct words {
    char text[128]; /* "continue reading" */
    size_t len;
    unsigned count, letters, digits;
    bool whole; /* all of the line is in text */
};

static void put_letter(struct words *out, struct view letter, unsigned class,
                       bool *between) {
    out->count += *between;
    out->letters += char_is_letter(class);
    out->digits += class == CHAR_DIGIT;
    if (*between && out->len && out->len < sizeof out->text)
        out->text[out->len++] = ' ';
    *between = false;
    out->whole &= out->len + letter.len <= sizeof out->text;
    if (!out->whole)
        return;
    memcpy(out->text + out->len, letter.at, letter.len);
    if (letter.len == 1 && class == CHAR_UPPER)
        out->text[out->len] = (char)(letter.at[0] + 32);
    out->len += letter.len;
}

/* The words of a line in small letters, one blank between them. When there are more than
 * `most`, and letters among them, the rest is left out. */
static void words_of(struct view line, unsigned most, struct words *out) {
    bool between = true;

    out->len = 0;
    out->count = out->letters = out->digits = 0;
    out->whole = true;
    for (const char *at = line.at, *end = at + line.len; at < end;) {
        unsigned len, class = char_next(at, end, &len);
        if (out->count > most && out->letters) {
            out->whole = false;
            return;
        }
        bool letter = char_is_letter(class) || class == CHAR_MARK;
        if (!letter && class != CHAR_DIGIT && class != CHAR_APOSTROPHE)
            between = true;
        if (letter || class == CHAR_DIGIT)
            put_letter(out, view_n(at, len), class, &between);
        at += len;
    }
}

static int compare_phrases(const void *key, const void *row) {
    return view_cmp(*(const struct view *)key,
                    view_of(((const struct phrase *)row)->words));
}

static enum furniture_kind whole_line(const struct words *words) {
    struct view key = {words->text, words->len};
    const struct phrase *found;

    if (!words->whole || !words->len)
        return NOT_FURNITURE;
    found = bsearch(&key, phrases, sizeof phrases / sizeof *phrases, sizeof *phrases,
                    compare_phrases);
    return found ? found->kind : NOT_FURNITURE;
}

/* "122", "1.2K shares", "***" */
static bool counter(const struct words *words) {
    static const char *const things[] = {"share",   "shares",   "view",  "views",
                                         "comment", "comments", "likes", "retweets"};

    if (!words->letters)
        return true;
    if (!words->digits || words->count > 3)
        return false;
    for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
        size_t n = strlen(things[i]);
        if (words->len > n && !memcmp(words->text + words->len - n, things[i], n) &&
            words->text[words->len - n - 1] == ' ')
            return true;
    }
    return false;
}

/* "Athletics | Football | Tennis", "NEWS > NORTH-EAST": short names between bars. */
static bool menu(struct view line) {
    struct words words;
    unsigned bars = 0;

    if (line.len > 120 || !line.len || line.at[line.len - 1] == '.')
        return false;
    for (size_t i = 1; i + 1 < line.len; i++)
        bars += (line.at[i] == '|' || line.at[i] == '>') && line.at[i - 1] == ' ' &&
                line.at[i + 1] == ' ';
    if (!bars)
        return false;
    words_of(line, ALL_WORDS, &words);
    return words.digits <= 2 && words.count <= 4 * bars + 2;
}

static bool small_letters(struct view word, size_t least, size_t most) {
    if (word.len < least || word.len > most)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (word.at[i] < 'a' || word.at[i] > 'z')
            return false;
    return true;
}

/* "dpa wsz jln npr", "bur-dar-gl/fz", "ab/cd": desk codes. */
static bool desk_code(struct view line) {
    struct view rest = line, word;
    unsigned codes = 0;
    char mark;

    if (line.len > 30)
        return false;
    mark = memchr(line.at, ' ', line.len) ? ' ' : '/';
    while (view_split(&rest, mark, &word)) {
        if (mark == '/')
            for (struct view part; view_split(&word, '-', &part); codes++)
                if (!small_letters(part, 2, 4))
                    return false;
        if (mark == ' ' && !(codes++ ? small_letters(word, 2, 4) : dateline_agency(word)))
            return false;
    }
    if (mark == ' ')
        return codes >= 2;
    return memchr(line.at, '/', line.len) &&
           (codes >= 3 || (codes == 2 && line.len <= 5));
}

/* "Dana Whitcombe, 757-555-0188, dana@courier.example" */
static bool contact(struct view line) {
    struct words words;

    if (!memchr(line.at, '@', line.len) || line.at[line.len - 1] == '.')
        return false;
    words_of(line, ALL_WORDS, &words);
    return words.count <= 14 && words.digits >= 5;
}

static bool ends_with(struct view line, const char *end) {
    size_t n = strlen(end);
    return line.len >= n && !memcmp(line.at + line.len - n, end, n);
}

/* Longer lines are looked at for their beginning and end only. */
#define SHORT_LINE  130
#define LONGEST_END 700

static enum furniture_kind by_beginning(struct view line) {
    struct words words;

    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (line.at[0] != beginnings[i].text[0] || !view_starts(line, beginnings[i].text))
            continue;
        words_of(line, beginnings[i].words, &words);
        if (words.count <= beginnings[i].words)
            return beginnings[i].kind;
    }
    return NOT_FURNITURE;
}

enum furniture_kind furniture_of_line(struct view line) {
    struct words words;
    enum furniture_kind kind;

    if (line.len > LONGEST_END)
        return NOT_FURNITURE;
    kind = by_beginning(line);
    if (kind != NOT_FURNITURE)
        return kind;
    if (ends_with(line, " Read…") || ends_with(line, " Read more…") ||
        ends_with(line, "[…]") || ends_with(line, "[...]"))
        return FURNITURE_TEASER;
    if (line.len > SHORT_LINE)
        return NOT_FURNITURE;
    words_of(line, PHRASE_WORDS, &words);
    kind = whole_line(&words);
    if (kind != NOT_FURNITURE)
        return kind;
    if (counter(&words) || menu(line))
        return FURNITURE_NAVIGATION;
    if (desk_code(line) || contact(line))
        return FURNITURE_SIGNOFF;
    return NOT_FURNITURE;
}

bool furniture_byline(struct view line, struct view *name) {
    static const char *const starts[] = {"By ", "BY ", "by ", "From "};
    struct words words;
    struct view rest, word;
    unsigned small = 0;

    if (line.len > 90 || line.len < 6 || strchr(".?!:", line.at[line.len - 1]))
        return false;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (!view_starts(line, starts[i]))
            continue;
        rest = view_n(line.at + strlen(starts[i]), line.len - strlen(starts[i]));
        words_of(rest, ALL_WORDS, &words);
        *name = rest;
        while (view_split(&rest, ' ', &word))
            small += word.len && word.at[0] >= 'a' && word.at[0] <= 'z' &&
                     !view_is(word, "and") && !view_is(word, "in");
        return words.count >= 2 && !words.digits && small * 3 <= words.count;
    }
    return false;
}

bool furniture_related_head(struct view line) {
    static const char *const heads[] = {
        "more",         "related",           "related articles",
        "related news", "related stories",   "more on this story",
        "more stories", "you may also like", "see also",
        "also read",    "read also",         "recommended"};
    struct words words;

    if (line.len > 40)
        return false;
    words_of(line, PHRASE_WORDS, &words);
    if (words.count == 1 && line.at[line.len - 1] != ':')
        return false; /* "More" is a button, "(MORE)" a continuation */
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (view_eq(view_n(words.text, words.len), view_of(heads[i])))
            return true;
    return false;
}

static bool credit_words(struct view text) {
    static const char *const signs[] = {"Photo", "photo",    "Image",    "EPA",
                                        "Getty", "REUTERS/", "Reuters/", "AFP/",
                                        "AP/",   "Handout",  "courtesy", "Courtesy"};

    if (dateline_agency(text))
        return true;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i]);
        for (size_t k = 0; k + n <= text.len; k++)
            if (!memcmp(text.at + k, signs[i], n))
                return true;
    }
    return false;
}

/* "(AFP)" at the end of the line: where it begins, or the line's length. */
static size_t bracketed_credit(struct view line, size_t from) {
    char open = line.at[line.len - 1] == ')' ? '(' : '[';

    for (size_t i = line.len - 1; i > from; i--)
        if (line.at[i - 1] == open)
            return i > 1 && credit_words(view_n(line.at + i, line.len - 1 - i))
                       ? i - 1
                       : line.len;
    return line.len;
}

/* Is `rest` a credit to its end: "— AFP", "REUTERS/Jo Doe"? */
static bool bare_credit(struct view rest) {
    static const char *const dashes[] = {"— ", "– ", "-- "};
    static const char *const words[] = {"REUTERS/", "Photo: ", "Credit: "};

    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(dashes[i]);
        if (view_starts(rest, words[i]) ||
            (view_starts(rest, dashes[i]) &&
             credit_words(view_n(rest.at + n, rest.len - n))))
            return true;
    }
    return false;
}

size_t furniture_credit(struct view line) {
    size_t from = line.len > 60 ? line.len - 60 : 0;
    char last = line.len ? line.at[line.len - 1] : 0;

    if (last == ')' || last == ']')
        return bracketed_credit(line, from);
    for (size_t i = from ? from : 1; i < line.len; i++)
        if (bare_credit(view_n(line.at + i, line.len - i)))
            return i;
    return line.len;
}

bool furniture_caption_marks(struct view line) {
    static const char *const marks[] = {"(L)",     "(R)",        "(C)",        "(2nd L)",
                                        "(2nd R)", "(left)",     "(right)",    "[File",
                                        "(File",   "FILE PHOTO", "File photo", "FILE - "};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);
        for (size_t k = 0; k + n <= line.len; k++)
            if (line.at[k] == marks[i][0] && !memcmp(line.at + k, marks[i], n))
                return true;
    }
    return false;
}

uint64_t furniture_line_hash(struct view line, size_t most, unsigned *words) {
    uint64_t hash = 0xcbf29ce484222325u;
    bool between = true;

    *words = 0;
    for (size_t i = 0; i < line.len && (most || *words < FURNITURE_WORDS); i++) {
        unsigned char c = (unsigned char)line.at[i];
        unsigned class = c < 128 ? char_ascii[c] : CHAR_LOWER;
        if (!char_is_letter(class) && class != CHAR_DIGIT) {
            between = true;
            continue;
        }
        *words += between && *words < FURNITURE_WORDS;
        between = false;
        if (!most)
            continue;
        if (class == CHAR_UPPER)
            c = (unsigned char)(c + 32);
        hash = (hash ^ c) * 0x100000001b3u;
        most--;
    }
    return hash;
}
