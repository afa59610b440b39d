/* The headline, chosen among the lines over the first prose: names of sites and sections,
 * tag lines and menus stand there as well. */
#include "enrich/chars.h"
#include "enrich/date_line.h"
#include "enrich/head.h"
#include "enrich/segment.h"

#define HEAD_LINES 60 /* where the headline is sought */
#define COPY_WORDS 40 /* of a line, compared with another's */
#define LEAD_BYTES 700

static bool all_words_capital(struct view line) {
    struct view word;

    while (view_split(&line, ' ', &word)) {
        unsigned len, class;
        if (!word.len || view_is(word, "of") || view_is(word, "and") ||
            view_is(word, "the") || view_is(word, "in") || view_is(word, "for"))
            continue;
        class = char_next(word.at, word.at + word.len, &len);
        if (class == CHAR_LOWER || class == CHAR_DIGIT)
            return false;
    }
    return true;
}

static bool common_word(const char *end, unsigned letters) {
    static const char words[] = "from with that this have will over after into their "
                                "they than more what when were been says said about ";
    char key[8] = {0};

    if (letters > 5)
        return false;
    memcpy(key, end - letters, letters);
    key[letters] = ' ';
    return strstr(words, key) != NULL;
}

/* Hashes of the words of four letters and more, of their first six letters only. */
static unsigned word_hashes(struct view text, uint32_t *out, unsigned most) {
    uint32_t hash = 0;
    unsigned letters = 0, count = 0;

    for (size_t i = 0; i <= text.len && count < most; i++) {
        unsigned char c = i < text.len ? (unsigned char)text.at[i] : ' ';
        unsigned class = c < 128 ? char_ascii[c] : CHAR_LOWER;
        if (char_is_letter(class) || class == CHAR_DIGIT) {
            if (letters++ < 6)
                hash = (hash ^ (class == CHAR_UPPER ? c + 32u : c)) * 0x01000193u;
            continue;
        }
        if (letters >= 4 && !common_word(text.at + i, letters))
            out[count++] = hash;
        letters = 0;
        hash = 0x811c9dc5u;
    }
    return count;
}

static unsigned common(const uint32_t *a, unsigned n, const uint32_t *b, unsigned m) {
    unsigned both = 0;

    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < m; k++)
            if (a[i] == b[k]) {
                both++;
                break;
            }
    return both;
}

bool segment_near_copy(struct view a, struct view b) {
    uint32_t one[COPY_WORDS], two[COPY_WORDS];
    unsigned n, m;

    if (a.len > 2 * b.len || b.len > 2 * a.len)
        return false;
    n = word_hashes(a, one, COPY_WORDS);
    m = word_hashes(b, two, COPY_WORDS);
    if (n > m)
        return m >= 4 && m * 3 >= n * 2 && common(two, m, one, n) * 10 >= m * 9;
    return n >= 4 && n * 3 >= m * 2 && common(one, n, two, m) * 10 >= n * 9;
}

/* How many words of the line stand in the first prose. */
static unsigned shared_with_lead(const struct segmenter *s, struct view line) {
    uint32_t words[COPY_WORDS], lead[160];
    struct view text;

    if (s->lead >= s->count)
        return 0;
    text = view_n(s->lines[s->lead].text.at, s->doc->text.len - s->lines[s->lead].start);
    if (text.len > LEAD_BYTES)
        text.len = LEAD_BYTES;
    return common(words, word_hashes(line, words, COPY_WORDS), lead,
                  word_hashes(text, lead, 160));
}

static bool bullet(struct view line) {
    return view_starts(line, "• ") || view_starts(line, "- ") ||
           view_starts(line, "* ") || view_starts(line, "· ") || view_starts(line, "– ");
}

static bool headline_like(const struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];
    bool only = segment_next(s, i + 1) >= s->count;
    bool prose = segment_ends_like_prose(line->text);
    struct dateline unused;

    if (line->text.len > 250 || (prose && line->text.len > 100) || bullet(line->text))
        return false;
    if (only && (line->text.len > 120 || prose))
        return false;
    return !segment_may_date(line->text) ||
           !dateline_read(line->text, false, s->gazetteer, &unused);
}

/* The next line that could be the headline if this one is none, or count. */
static size_t next_candidate(const struct segmenter *s, size_t i) {
    struct written_date date;
    struct view name;

    for (int tries = 0; tries < HEAD_LINES; tries++) {
        i = segment_next(s, i + 1);
        if (i >= s->count || (i >= s->lead && s->lead < s->count))
            return s->count;
        if (s->lines[i].words >= 4 && s->lines[i].text.len <= 200 &&
            !segment_ends_like_prose(s->lines[i].text) && !bullet(s->lines[i].text) &&
            !furniture_byline(s->lines[i].text, &name) &&
            (s->lines[i].words > 9 ||
             date_line_field(s->lines[i].text, &date) == DATE_FIELD_NONE))
            return i;
    }
    return s->count;
}

static bool furniture_between(const struct segmenter *s, size_t from, size_t to) {
    for (size_t i = from + 1; i < to; i++)
        if (s->lines[i].role != LINE_BODY)
            return true;
    return false;
}

/* "The Standard - Breaking News, Kenya News, World News and Videos" */
static bool news_of_all_kinds(struct view line) {
    unsigned news = 0;

    for (size_t i = 0; i + 4 <= line.len; i++)
        news += !memcmp(line.at + i, "News", 4) || !memcmp(line.at + i, "NEWS", 4);
    return news >= 2;
}

/* Is the line over a headline only the name of the site or the section? */
static bool is_label(const struct segmenter *s, size_t i) {
    const struct line *line = &s->lines[i];
    bool under = i && s->lines[i - 1].role == LINE_FURNITURE && !line->gap;
    bool capitals = all_words_capital(line->text);
    size_t next = next_candidate(s, i);

    if (s->doc->event.part.of > 1 && s->doc->event.part.n == 1 &&
        furniture_heads_briefs(line->text) && segment_next(s, i + 2) < s->count &&
        !segment_is_prose(&s->lines[segment_next(s, i + 1)]))
        return true;
    if (next >= s->count || segment_ends_like_prose(line->text) || line->alike ||
        segment_next(s, next + 1) >= s->count)
        return line->claim == CLAIM_WEAK && segment_next(s, i + 1) < s->count;
    if (line->claim != CLAIM_SURE) /* a section, or "Latest news" */
        return true;
    if (line->words <= 3 && (capitals || under))
        return s->lines[next].words >= 5 || line->words <= 2;
    if (line->words <= 2 || (line->words <= 4 && under))
        return s->lines[next].words >= 5 && shared_with_lead(s, line->text) <=
                                                shared_with_lead(s, s->lines[next].text);
    if (news_of_all_kinds(line->text) && s->lines[next].words >= 5)
        return true;
    if (line->words <= 7 && capitals && furniture_medium(line->text) &&
        s->lines[next].words >= 5)
        return shared_with_lead(s, line->text) <= 1 ||
               shared_with_lead(s, line->text) < shared_with_lead(s, s->lines[next].text);
    return line->words <= 8 && furniture_between(s, i, next) &&
           !shared_with_lead(s, line->text) &&
           shared_with_lead(s, s->lines[next].text) >= 1;
}

static bool same_as_given(const struct segmenter *s, const struct line *line) {
    struct view given = s->doc->report->headline;
    unsigned words;

    if (furniture_line_hash(given, LINE_BEGINS, &words) == line->hash &&
        furniture_line_hash(given, SIZE_MAX, &words) ==
            furniture_line_hash(line->text, SIZE_MAX, &words))
        return true;
    return line->text.len <= 250 && !segment_is_prose(line) &&
           segment_near_copy(given, line->text);
}

static bool mostly_capitals(struct view line) {
    unsigned capital = 0, words = 0, len;
    struct view word;

    while (view_split(&line, ' ', &word))
        if (word.len >= 4) {
            capital += char_next(word.at, word.at + word.len, &len) == CHAR_UPPER;
            words++;
        }
    return words >= 3 && capital * 10 >= words * 8;
}

static bool in_capitals(struct view line) {
    unsigned capitals = 0;

    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] >= 'a' && line.at[i] <= 'z')
            return false;
        capitals += line.at[i] >= 'A' && line.at[i] <= 'Z';
    }
    return capitals >= 4;
}

/* Does the headline go on in this line? */
static bool goes_on(const struct segmenter *s, const struct line *last,
                    const struct line *next) {
    static const char *const open[] = {
        " of", " to", " the",  " for", " in",   " and",  " a",     " as",
        " on", " at", " with", " by",  " from", " over", " after", ","};
    unsigned len;
    bool opens = false, own = next + 1 == s->lines + s->count || next[1].gap ||
                              next[1].role != LINE_BODY;

    if (next->gap || next->role != LINE_BODY || !own || next->text.len > 90 ||
        next->text.len > last->text.len + 20 || segment_ends_like_prose(last->text) ||
        bullet(next->text))
        return false;
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        size_t n = strlen(open[i]);
        opens |=
            last->text.len > n && !memcmp(last->text.at + last->text.len - n, open[i], n);
    }
    return opens || (in_capitals(last->text) && in_capitals(next->text)) ||
           char_next(next->text.at, next->text.at + next->text.len, &len) == CHAR_LOWER;
}

struct site_mark {
    const char *text;
    bool dash, wide; /* dash: may stand in a headline, too; wide: is no sign of a name */
};

/* Does what follows the mark name the site, or does the headline come again without it?
 */
static bool names_site(const struct segmenter *s, size_t i, size_t at,
                       const struct site_mark *mark) {
    struct view text = s->lines[i].text;
    size_t behind = at + strlen(mark->text);
    struct view site = view_n(text.at + behind, text.len - behind);
    bool medium = all_words_capital(site) && furniture_medium(site);
    unsigned words, copy;
    uint64_t hash;

    furniture_line_hash(site, 0, &words);
    if (words > 5 || !site.len)
        return false;
    if (medium && !mark->dash)
        return true;
    hash = furniture_line_hash(view_n(text.at, at), LINE_BEGINS, &copy);
    for (size_t k = i + 1; k < s->count && k < i + 30; k++)
        if (s->lines[k].hash == hash)
            return true;
    return medium && (mark->wide || words <= 4);
}

/* The site's name behind the headline: "... | Levant Post", "... - BBC News". Where the
 * headline ends. */
static size_t without_site(const struct segmenter *s, size_t i) {
    static const struct site_mark marks[] = {
        {" | ", false, false}, {" - ", true, false},   {" – ", true, true},
        {" — ", true, true},   {" :: ", false, false}, {" » ", false, false}};
    struct view text = s->lines[i].text;

    for (size_t at = text.len; at-- > 20;)
        for (size_t m = 0; text.at[at] == ' ' && m < sizeof marks / sizeof *marks; m++)
            if (view_starts(view_n(text.at + at, text.len - at), marks[m].text))
                return names_site(s, i, at, &marks[m]) ? at : text.len;
    return text.len;
}

static void copy_headline(struct segmenter *s) {
    const struct line *first = &s->lines[s->headline];
    struct view text = view_n(first->text.at + first->from, first->to - first->from);
    char *joined;

    if (s->headlines > 1) {
        const struct line *last = first + s->headlines - 1;
        text.len = (size_t)(last->text.at + last->text.len - text.at);
        joined = arena_copy(s->doc->arena, text.at, text.len);
        for (size_t i = 0; i < text.len; i++)
            if (joined[i] == '\n' || joined[i] == '\r')
                joined[i] = ' ';
        text.at = joined;
    }
    s->doc->headline_capitals = mostly_capitals(text);
    if (!s->doc->report->headline.len)
        s->doc->event.headline = text;
}

/* The same headline again between itself and the prose. */
static void mark_second(struct segmenter *s) {
    const struct line *first = &s->lines[s->headline];
    struct view text = view_n(first->text.at + first->from, first->to - first->from);
    size_t end = s->lead < s->count ? s->lead : s->count;

    if (end > s->headline + HEAD_LINES)
        end = s->headline + HEAD_LINES;
    for (size_t i = s->headline + s->headlines; i < end; i++)
        if (s->lines[i].role == LINE_BODY && s->lines[i].words >= 4 &&
            segment_near_copy(text, s->lines[i].text))
            segment_mark(&s->lines[i], FURNITURE_REPEAT);
}

static void take_headline(struct segmenter *s, size_t i) {
    struct line *line = &s->lines[i];

    s->headline = i;
    s->headlines = 1;
    line->role = LINE_HEADLINE;
    if (!line->from)
        line->to = (uint32_t)without_site(s, i);
    while (s->headlines < 4 && i + s->headlines < s->count &&
           i + s->headlines < s->lead && line->to == line->text.len &&
           goes_on(s, line + s->headlines - 1, line + s->headlines)) {
        line[s->headlines].role = LINE_HEADLINE;
        s->headlines++;
    }
    copy_headline(s);
    mark_second(s);
}

/* Broadcasters that datelines name as agencies: over a headline they are the site. */
static bool is_station(struct view line) {
    static const char *const names[] = {"BBC", "CNN", "NPR", "DW", "VOA"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (view_starts(line, names[i]) && (line.len == n || line.at[n] == ' '))
            return true;
    }
    return false;
}

/* Lines passed over on the way to the headline. */
static void mark_above(struct segmenter *s, size_t headline) {
    struct view name;

    for (size_t i = 0; i < headline; i++) {
        struct line *line = &s->lines[i];
        if (line->role == LINE_FURNITURE && line->kind == FURNITURE_CREDIT &&
            is_station(line->text))
            segment_mark(line, FURNITURE_NAVIGATION);
        if (line->role != LINE_BODY || segment_is_prose(line))
            continue;
        if (furniture_byline(line->text, &name)) {
            segment_mark(line, FURNITURE_BYLINE);
            if (!s->doc->event.byline.len)
                s->doc->event.byline = name;
        } else {
            segment_mark(line, FURNITURE_NAVIGATION);
        }
    }
}

static size_t find_given(struct segmenter *s) {
    size_t i = segment_next(s, 0);

    for (int tries = 0; i < s->count && tries < HEAD_LINES; tries++) {
        if (same_as_given(s, &s->lines[i]))
            return i;
        i = segment_next(s, i + 1);
    }
    return s->count;
}

/* "General News of Tuesday, 14 January 2020" over a headline. */
static bool dated_label(struct segmenter *s, size_t i) {
    struct line *line = &s->lines[i];
    struct written_date date;
    size_t at;

    if (line->words > 9 || line->text.len > 80 || next_candidate(s, i) >= s->count ||
        s->lines[next_candidate(s, i)].words < 5)
        return false;
    at = date_line_tail(line->text, &date);
    if (at >= line->text.len || !all_words_capital(view_n(line->text.at, at)))
        return false;
    line->role = LINE_DATE;
    if (!s->date_line.month)
        s->date_line = date;
    return true;
}

static size_t choose(struct segmenter *s) {
    size_t i = segment_next(s, 0);
    struct view name;
    bool photo;

    for (int tries = 0; i < s->count && tries < HEAD_LINES; tries++) {
        const struct line *line = &s->lines[i];
        bool passed =
            segment_read_date_line(s, i, true) || dated_label(s, i) || is_label(s, i) ||
            (furniture_byline(line->text, &name) && next_candidate(s, i) < s->count) ||
            (furniture_credit(line->text, &photo) < line->text.len && photo &&
             next_candidate(s, i) < s->count);
        if (!passed)
            return headline_like(s, i) ? i : s->count;
        i = segment_next(s, i + 1);
    }
    return s->count;
}

/* "Headline: ...", "Subject: ...": where the headline begins; 0: no such label. */
static uint32_t headline_label(struct view line) {
    static const char *const labels[] = {
        "Headline:", "HEADLINE:", "Title:", "TITLE:", "Subject:", "SUBJECT:"};

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (view_starts(line, labels[i])) {
            size_t n = strlen(labels[i]);
            while (n < line.len && line.at[n] == ' ')
                n++;
            return n < line.len ? (uint32_t)n : 0;
        }
    return 0;
}

/* "Date: ...", "Source: ...": a word or two, a colon, something behind it. */
static bool header_line(struct view line) {
    static const char *const keys[] = {
        "headline",   "title",    "date",     "source",   "url",        "dateline",
        "byline",     "slug",     "from",     "to",       "subject",    "author",
        "published",  "keywords", "category", "link",     "language",   "id",
        "guid",       "priority", "section",  "service",  "agency",     "location",
        "updated",    "version",  "cc",       "reply-to", "message-id", "subhead",
        "word count", "words",    "embargo",  "urgency",  "desk"};
    const char *colon = memchr(line.at, ':', line.len < 24 ? line.len : 24);
    size_t n = colon ? (size_t)(colon - line.at) : 0;

    for (size_t i = 0; n && i < sizeof keys / sizeof *keys; i++) {
        size_t k = 0;
        if (strlen(keys[i]) != n)
            continue;
        while (k < n && (line.at[k] | 32) == (keys[i][k] | 32))
            k++;
        if (k == n)
            return true;
    }
    return false;
}

/* A block of header lines at the top. Gives the headline's line, or count. */
static size_t read_header(struct segmenter *s) {
    size_t lines = 0, headline = s->count;

    while (lines < s->count && (!lines || !s->lines[lines].gap) &&
           header_line(s->lines[lines].text))
        lines++;
    if (lines < 2 || (lines < s->count && !s->lines[lines].gap))
        return s->count;
    for (size_t i = 0; i < lines; i++) {
        struct line *line = &s->lines[i];
        uint32_t from = headline_label(line->text);
        if (from && headline == s->count) {
            line->from = from;
            line->role = LINE_BODY;
            headline = i;
        } else if (!segment_read_date_line(s, i, true) && line->role == LINE_BODY) {
            bool by =
                view_starts(line->text, "Byline:") || view_starts(line->text, "Author:");
            segment_mark(line, by ? FURNITURE_BYLINE : FURNITURE_NAVIGATION);
        }
    }
    return headline;
}

/* The first line of prose: where the head ends. */
static size_t find_lead(const struct segmenter *s) {
    struct dateline unused;

    for (size_t i = 0; i < s->count; i++) {
        const struct line *line = &s->lines[i];
        bool photo;
        if (line->role != LINE_BODY)
            continue;
        if (segment_is_prose(line) &&
            furniture_credit(line->text, &photo) == line->text.len)
            return i;
        if (line->words >= 6 && line->text.len >= 40 && i &&
            segment_may_date(line->text) &&
            dateline_read(line->text, false, s->gazetteer, &unused))
            return i;
    }
    return s->count;
}

void segment_find_headline(struct segmenter *s) {
    bool given = s->doc->report->headline.len != 0;
    size_t found;

    s->headline = s->count;
    found = read_header(s);
    s->lead = find_lead(s);
    if (found == s->count)
        found = given ? find_given(s) : choose(s);
    if (found >= s->count)
        return;
    mark_above(s, found);
    take_headline(s, found);
}
