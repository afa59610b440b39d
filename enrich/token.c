/* Tokens in one pass over the bytes, sentences in a second one over the tokens: both
 * without going back, without a look-up per character beyond one table. */
#include "enrich/token.h"

#include <stdlib.h>

#include "enrich/chars.h"
#include "enrich/stage.h"

/* Where the divider stands. */
struct divider {
    const char *text, *at, *end;
    struct arena *arena;
    struct token_list *list;
    bool space;  /* before the next token */
    bool quoted; /* a single quotation mark was opened and not yet closed */
};

/* Letters met in a word so far. */
struct letters {
    unsigned upper, lower, digits;
    bool capital; /* the first letter is one */
};

static inline void add(struct divider *d, const char *start, const char *end, int kind,
                       unsigned shape) {
    struct token_list *list = d->list;

    if (list->count == list->cap)
        list->at = arena_grow(d->arena, list->at, list->count, list->count + 1,
                              sizeof *list->at, &list->cap);
    list->at[list->count++] = (struct token){.start = (uint32_t)(start - d->text),
                                             .end = (uint32_t)(end - d->text),
                                             .kind = (uint8_t)kind,
                                             .shape = (uint8_t)shape,
                                             .space_before = d->space};
    d->space = false;
    d->at = end;
}

static unsigned shape_of(const struct letters *l) {
    unsigned shape = 0;

    if (l->capital)
        shape |= SHAPE_CAPITAL;
    if (l->upper >= 2 && !l->lower)
        shape |= SHAPE_ALL_CAPS;
    if (l->upper == 1 && !l->lower && !l->digits)
        shape |= SHAPE_INITIAL;
    if (!l->upper)
        shape |= SHAPE_LOWER;
    if (l->digits)
        shape |= SHAPE_DIGITS;
    return shape;
}

/* The class of what stands at `at`, CHAR_LINE at the end. */
static unsigned class_at(const struct divider *d, const char *at, unsigned *len) {
    *len = 0;
    return at < d->end ? char_next(at, d->end, len) : CHAR_LINE;
}

static bool letter_at(const struct divider *d, const char *at) {
    unsigned len;
    return char_is_letter(class_at(d, at, &len));
}

static bool word_goes_on(const struct divider *d, const char *at) {
    unsigned len, class = class_at(d, at, &len);
    return char_is_letter(class) || class == CHAR_DIGIT || class == CHAR_MARK;
}

/* Most letters are small ones of ASCII. */
static const char *small_letters(const char *at, const char *end) {
    while (at < end && (unsigned char)(*at - 'a') < 26)
        at++;
    return at;
}

/* Counts a run of letters, digits and marks into l; returns its end. */
static inline const char *run_of_letters(const struct divider *d, const char *at,
                                         struct letters *l) {
    bool first = !l->upper && !l->lower;

    for (;;) {
        const char *small = small_letters(at, d->end);
        unsigned len, class;
        l->lower += (unsigned)(small - at);
        first &= small == at;
        at = small;
        if (at == d->end)
            break;
        class = char_next(at, d->end, &len);
        if (class == CHAR_UPPER)
            l->upper++;
        else if (class == CHAR_LOWER)
            l->lower++;
        else if (class == CHAR_DIGIT)
            l->digits++;
        else if (class != CHAR_MARK)
            break;
        if (first && char_is_letter(class)) {
            l->capital = class == CHAR_UPPER && !l->digits;
            first = false;
        }
        at += len;
    }
    return at;
}

/* The length of the possessive ending at an apostrophe: 's before no letter; 0: none. */
static unsigned possessive(const struct divider *d, const char *at) {
    unsigned len;

    if (class_at(d, at, &len) != CHAR_APOSTROPHE || at + len >= d->end)
        return 0;
    if ((at[len] != 's' && at[len] != 'S') || word_goes_on(d, at + len + 1))
        return 0;
    return len + 1;
}

static int compare_words(const void *key, const void *row) {
    return view_cmp(*(const struct view *)key, view_of(*(const char *const *)row));
}

static bool word_in(struct view word, const char *const *sorted, size_t count) {
    return bsearch(&word, sorted, count, sizeof *sorted, compare_words) != NULL;
}

bool token_is_abbreviation(struct view word) {
    static const char *const known[] = {
        "Adm.",  "Amb.",  "Apr.",  "Aug.",  "Ave.",    "Bhd.",    "Blvd.",  "Brig.",
        "Bros.", "Capt.", "Cdr.",  "Cmdr.", "Co.",     "Col.",    "Corp.",  "Cpl.",
        "Ct.",   "Dec.",  "Dr.",   "Eds.",  "Feb.",    "Fr.",     "Fri.",   "Ft.",
        "Gen.",  "Gov.",  "Hon.",  "Inc.",  "Insp.",   "Jan.",    "Jr.",    "Jul.",
        "Jun.",  "Lt.",   "Ltd.",  "Maj.",  "Mar.",    "Messrs.", "Mlle.",  "Mme.",
        "Mon.",  "Mr.",   "Mrs.",  "Ms.",   "Msgr.",   "Mt.",     "Nov.",   "Oct.",
        "Pfc.",  "Ph.D.", "Pres.", "Prof.", "Pte.",    "Pvt.",    "Rep.",   "Reps.",
        "Rev.",  "Rt.",   "Sat.",  "Sen.",  "Sens.",   "Sep.",    "Sept.",  "Sgt.",
        "Sr.",   "St.",   "Ste.",  "Sun.",  "Supt.",   "Thu.",    "Thurs.", "Tue.",
        "Tues.", "Va.",   "Wed.",  "al.",   "approx.", "ca.",     "cf.",    "dept.",
        "ed.",   "est.",  "etc.",  "ft.",   "gen.",    "incl.",   "lb.",    "mr.",
        "mrs.",  "vs.",
    };
    return word_in(word, known, sizeof known / sizeof *known);
}

/* The end of an acronym with full stops (U.N., a.m.) that begins with the letter before
 * `stop`; NULL if it is none. A single small letter is none. */
static const char *dotted(const struct divider *d, const char *stop, struct letters *l) {
    const char *at = stop;
    unsigned len, letters = 1;

    while (at < d->end && *at == '.' && letter_at(d, at + 1)) {
        struct letters more = *l;
        unsigned class = class_at(d, at + 1, &len);
        if (at + 1 + len >= d->end || at[1 + len] != '.')
            break;
        more.upper += class == CHAR_UPPER;
        more.lower += class == CHAR_LOWER;
        *l = more;
        at += 1 + len;
        letters++;
    }
    if (letters == 1)
        return l->upper ? stop + 1 : NULL;
    return at + 1;
}

static bool digit_follows(const struct divider *d, const char *at) {
    while (at < d->end && (*at == ' ' || *at == '\n'))
        at++;
    return at < d->end && *at >= '0' && *at <= '9';
}

/* The end of the word including its full stop where that belongs to it. */
static const char *with_full_stop(const struct divider *d, const char *start,
                                  const char *stop, struct letters *l) {
    size_t len = (size_t)(stop + 1 - start);
    const char *end;

    if (l->upper + l->lower == 1 && !l->digits) {
        end = dotted(d, stop, l);
        return end ? end : stop;
    }
    if (len <= 8 && token_is_abbreviation(view_n(start, len)))
        return stop + 1;
    if (len == 3 && (!memcmp(start, "No.", 3) || !memcmp(start, "no.", 3)) &&
        digit_follows(d, stop + 1))
        return stop + 1;
    return stop;
}

static bool link_char(unsigned char c) {
    return c > ' ' && c < 127 && !strchr("\"<>{}|\\^`", c);
}

/* The end of the link that goes on at `at`, without closing punctuation. */
static const char *link_end(const struct divider *d, const char *at) {
    const char *end = at;

    while (end < d->end && link_char((unsigned char)*end))
        end++;
    while (end > at && strchr(".,;:!?)]'", end[-1]))
        end--;
    return end;
}

/* Is at[0..len) (after a full stop) the last part of a host name? */
static bool top_domain(const char *at, size_t len) {
    static const char *const known[] = {"com", "edu", "eu",  "gov", "info",
                                        "int", "mil", "net", "org", "uk"};
    return word_in(view_n(at, len), known, sizeof known / sizeof *known);
}

/* "www.example.org/a" with the first full stop at `stop`: its end, or NULL. */
static const char *host_end(const struct divider *d, const char *stop) {
    const char *at = stop, *label = stop;

    while (at < d->end && (*at == '.' || *at == '-' || (unsigned char)(*at - 'a') < 26 ||
                           (unsigned char)(*at - '0') < 10)) {
        if (*at == '.')
            label = at + 1;
        at++;
        if (at - stop > 253)
            return NULL;
    }
    if (label == at) /* the full stop of the sentence */
        for (at--, label = at; label > stop && label[-1] != '.'; label--)
            continue;
    if (label <= stop || !top_domain(label, (size_t)(at - label)))
        return NULL;
    return at < d->end && *at == '/' ? link_end(d, at) : at;
}

static bool link_scheme(const struct divider *d, const char *start, const char *end) {
    struct view word = {start, (size_t)(end - start)};
    return (view_is(word, "http") || view_is(word, "https") || view_is(word, "ftp")) &&
           d->end - end > 3 && !memcmp(end, "://", 3);
}

static void word(struct divider *d) {
    const char *start = d->at, *at = start, *link = NULL;
    struct letters l = {0};

    for (;;) {
        unsigned len;
        at = run_of_letters(d, at, &l);
        if (class_at(d, at, &len) != CHAR_APOSTROPHE || possessive(d, at) ||
            !letter_at(d, at + len))
            break;
        at += len;
    }
    if (at + 1 < d->end && *at == '.' && (unsigned char)(at[1] - 'a') < 26)
        link = host_end(d, at);
    else if (at < d->end && *at == ':' && link_scheme(d, start, at))
        link = link_end(d, at + 3);
    if (!link && at < d->end && *at == '.')
        at = with_full_stop(d, start, at, &l);
    if (link)
        add(d, start, link, TOKEN_LINK, 0);
    else
        add(d, start, at, TOKEN_WORD, shape_of(&l));
}

/* 1,800 12.5 4:50; with letters behind it a word: 6pm, 26th, 1990s. */
static void number(struct divider *d) {
    const char *start = d->at, *at = start;
    struct letters l = {0};

    for (;;) {
        unsigned len, class = class_at(d, at, &len);
        if (class == CHAR_DIGIT)
            at += len;
        else if (at < d->end && (*at == ',' || *at == '.' || *at == ':') &&
                 class_at(d, at + 1, &len) == CHAR_DIGIT)
            at++;
        else
            break;
    }
    l.digits = 1;
    if (word_goes_on(d, at)) {
        at = run_of_letters(d, at, &l);
        add(d, start, at, TOKEN_WORD, shape_of(&l));
    } else {
        add(d, start, at, TOKEN_NUMBER, SHAPE_DIGITS);
    }
}

static bool touches_word(const struct divider *d) {
    return !d->space && d->list->count &&
           d->list->at[d->list->count - 1].kind <= TOKEN_NUMBER;
}

static void apostrophe(struct divider *d, unsigned len) {
    unsigned own = possessive(d, d->at), shape = 0;

    if (own && touches_word(d)) {
        add(d, d->at, d->at + own, TOKEN_PUNCT, SHAPE_POSSESSIVE);
        return;
    }
    if (!touches_word(d))
        d->quoted = d->at + len < d->end && word_goes_on(d, d->at + len);
    else if (d->quoted)
        d->quoted = false;
    else if (d->at[-1] == 's' || d->at[-1] == 'S')
        shape = SHAPE_POSSESSIVE;
    add(d, d->at, d->at + len, TOKEN_PUNCT, shape);
}

/* mail@example.org takes the tokens before the @ into the link; @handle is one as well.
 */
static bool at_sign(struct divider *d) {
    struct token_list *list = d->list;
    const char *start = d->at;

    if (!word_goes_on(d, d->at + 1))
        return false;
    while (!d->space && list->count) {
        struct token *last = &list->at[list->count - 1];
        char c = d->text[last->start];
        if (last->kind == TOKEN_PUNCT && !strchr(".-_+", c))
            break;
        start = d->text + last->start;
        d->space = last->space_before;
        list->count--;
    }
    add(d, start, link_end(d, d->at + 1), TOKEN_LINK, 0);
    return true;
}

static const char *run_of(const struct divider *d, const char *at, char c) {
    while (at < d->end && *at == c)
        at++;
    return at;
}

static void symbol(struct divider *d, unsigned len) {
    const char *end = d->at + len;

    while (class_at(d, end, &len) == CHAR_MARK)
        end += len;
    add(d, d->at, end, TOKEN_PUNCT, 0);
}

static void punctuation(struct divider *d, unsigned len) {
    char c = *d->at;

    if (c == '@' && at_sign(d))
        return;
    if (c == '.' || c == '-' || c == '*' || c == '=' || c == '_')
        add(d, d->at, run_of(d, d->at, c), TOKEN_PUNCT, 0);
    else
        add(d, d->at, d->at + len, TOKEN_PUNCT, 0);
}

void token_divide(struct view text, size_t from, size_t to, struct arena *arena,
                  struct token_list *list) {
    struct divider d = {.text = text.at,
                        .at = text.at + from,
                        .end = text.at + to,
                        .arena = arena,
                        .list = list,
                        .space = true};

    while (d.at < d.end) {
        unsigned len, class = char_next(d.at, d.end, &len);
        switch (class) {
            case CHAR_BLANK:
            case CHAR_LINE:
                d.space = true;
                d.at += len;
                break;
            case CHAR_LOWER:
            case CHAR_UPPER:
            case CHAR_MARK:
                word(&d);
                break;
            case CHAR_DIGIT:
                number(&d);
                break;
            case CHAR_APOSTROPHE:
                apostrophe(&d, len);
                break;
            case CHAR_SYMBOL:
                symbol(&d, len);
                break;
            default:
                punctuation(&d, len);
        }
    }
}
