/* IPTC 7901, the telex format of the European agencies:
 *
 *     SOH tst0142 3 i 38 ccccb   wfd 0142
 *     Libya/talks/Russia/
 *     STX 1ST LEAD                                   tags,
 *     Commander leaves Moscow talks without signing  headline,
 *     By A. Writer, wfd =                            byline, up to the "="
 *        Moscow (wfd) - The commander ...
 *     ETX 141015 GMT Jan 20 EOT
 *
 * Service and its number, priority, category, words, routing, and the agency's own
 * reference, which is what its notices cite. All of it may be missing or stripped of its
 * controls; what cannot be read is said in the warning, the text is taken in any case. */
#include "ingest/format/stamp.h"
#include "ingest/format/story.h"
#include "ingest/format/telex.h"
#include "proto/json.h"

#include <stdlib.h>

#define HEAD_LINES 14   /* between STX and "=" */
#define HEAD_MOST  2000 /* bytes of them */
#define TAGS_MOST  8

struct header {
    struct view service, number, priority, category, words, routing;
    struct view agency, reference; /* "wfd", "0142" */
    uint64_t version;
};

struct message {
    const struct format_input *in;
    struct report *report;
    struct telex telex;
    struct header header;
    struct view tags[TAGS_MOST];
    size_t tag_count;
    struct life life;
    size_t bells;
    struct view unread; /* the first line, where it was not understood */
};

/* ---- the first line ---- */

static bool all(struct view word, bool (*is)(char), size_t least, size_t most) {
    for (size_t i = 0; i < word.len; i++)
        if (!is(word.at[i]))
            return false;
    return word.len >= least && word.len <= most;
}

static size_t letters_of(struct view word) {
    size_t n = 0;
    while (n < word.len && (telex_letter(word.at[n]) || (n > 0 && word.at[n] == '-')))
        n++;
    return n;
}

/* "tst0142", or "tst" and "0142" apart. */
static bool take_service(struct view *rest, struct header *out) {
    struct view word = telex_word(rest);
    size_t n = letters_of(word);
    out->service = view_n(word.at, n);
    out->number = view_n(word.at + n, word.len - n);
    if (n > 0 && n == word.len)
        out->number = telex_word(rest);
    return n >= 1 && n <= 12 && all(out->number, telex_digit, 2, 6);
}

/* "0142", "061", "170123-89-00065#2": *version what stands behind the #. */
static bool is_number(struct view word, struct view *number, uint64_t *version) {
    size_t n = 0, digits = 0;
    for (; n < word.len &&
           (telex_digit(word.at[n]) || (n > 0 && strchr("-/.", word.at[n])));
         n++)
        digits += telex_digit(word.at[n]);
    *number = view_n(word.at, n);
    *version = 0;
    if (n < word.len && word.at[n] == '#')
        return digits >= 2 &&
               view_number(view_n(word.at + n + 1, word.len - n - 1), version);
    return n == word.len && digits >= 2;
}

static bool is_agency(struct view word) {
    if (word.len == 0 || word.len > 24 || !telex_letter(word.at[0]))
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (!telex_letter(word.at[i]) && !telex_digit(word.at[i]) &&
            !strchr("-/&.", word.at[i]))
            return false;
    return true;
}

/* What stands behind the words: the first name with a number behind it is the reference,
 * what comes before it routing, what comes after a reference of something earlier. */
static void read_options(struct view rest, struct header *out) {
    const char *begin = view_trim(rest).at, *end = begin;
    struct view word = telex_word(&rest), next;
    for (; word.len > 0; word = next) {
        struct view number;
        uint64_t version;
        next = telex_word(&rest);
        if (is_agency(word) && is_number(next, &number, &version)) {
            out->agency = word;
            out->reference = number;
            out->version = version;
            break;
        }
        end = word.at + word.len;
    }
    out->routing = view_n(begin, (size_t)(end - begin));
}

/* The line, without controls. True when all up to the words is as it should be. */
static bool read_header(struct view line, struct header *out) {
    *out = (struct header){.version = 0};
    struct view rest = line, before;
    if (!take_service(&rest, out))
        return false;
    out->priority = telex_word(&rest);
    if (!all(out->priority, telex_digit, 1, 1)) {
        out->priority = view_n(line.at, 0);
        return false;
    }
    before = rest;
    out->category = telex_word(&rest);
    if (!all(out->category, telex_letter, 1, 4)) {
        out->category = view_n(line.at, 0);
        rest = before;
    }
    before = rest;
    out->words = telex_word(&rest);
    bool counted = all(out->words, telex_digit, 1, 6);
    if (!counted) {
        out->words = view_n(line.at, 0);
        rest = before;
    }
    read_options(rest, out);
    return out->category.len > 0 && counted;
}

/* ---- looks ---- */

static bool is_keyword_line(struct view line) {
    line = view_trim(line);
    const char *slash = line.len > 0 ? memchr(line.at, '/', line.len) : NULL;
    return slash && line.len <= 160 && !memchr(line.at, '.', line.len) &&
           (line.at[line.len - 1] == '/' || slash == line.at + line.len - 1 ||
            slash[1] != ' ');
}

/* A header without controls must be what no prose is: service and number in one word, and
 * behind it a keyword line or a reference. */
static bool looks_stripped(struct view bytes) {
    struct header header;
    struct view line, next;
    if (bytes.len > 4096)
        bytes.len = 4096;
    if (!telex_full_line(&bytes, &line) || line.len > 160)
        return false;
    line = view_trim(line);
    if (!read_header(line, &header) || header.number.len < 3 || header.service.len > 8 ||
        header.service.at + header.service.len != header.number.at)
        return false;
    return header.reference.len > 0 ||
           (header.routing.len == 0 && telex_full_line(&bytes, &next) &&
            is_keyword_line(next));
}

static bool looks(struct view bytes) {
    struct view rest;
    if (bytes.len > 0 && (unsigned char)bytes.at[0] > ' ' && !telex_letter(bytes.at[0]))
        return false;
    return telex_begins(bytes, &rest) || looks_stripped(bytes);
}

/* ---- header ---- */

static void set_category(struct message *m) {
    struct view code = m->header.category;
    const char *scheme = code.len == 1 ? "anpa:" : "iptc7901:";
    size_t n = strlen(scheme);
    if (code.len == 0)
        return;
    char *text = arena_alloc(m->in->arena, n + code.len);
    memcpy(text, scheme, n);
    memcpy(text + n, code.at, code.len);
    report_add_category(m->report, view_n(text, n + code.len));
}

static bool is_zero(struct view number) {
    for (size_t i = 0; i < number.len; i++)
        if (number.at[i] != '0')
            return false;
    return true;
}

static void set_header(struct message *m) {
    struct report *report = m->report;
    const struct header *header = &m->header;
    report->service = header->service;
    if (!is_zero(header->number))
        report->number = header->number;
    report->priority = header->priority;
    if (header->priority.len == 1)
        report->urgency = header->priority.at[0] - '0';
    report->source = header->agency;
    if (!is_zero(header->reference))
        report->reference = telex_joined(header->agency, header->reference, m->in->arena);
    report->version = header->version;
    set_category(m);
}

static void set_keywords(struct report *report, struct view line) {
    while (line.len > 0 && (line.at[line.len - 1] == '/' || line.at[line.len - 1] == ' '))
        line.len--;
    while (line.len > 0 && line.at[0] == '/')
        line = view_n(line.at + 1, line.len - 1);
    line = view_trim(line);
    report->slug = line;
    for (struct view rest = line, word; view_split(&rest, '/', &word);)
        report_add_keyword(report, view_trim(word));
}

/* All lines between the header line and STX. */
static void read_keywords(struct message *m, struct view rest) {
    struct view line, all_of_it = {"", 0};
    for (int i = 0; i < 4 && telex_full_line(&rest, &line); i++) {
        line = telex_plain(line, m->in->arena);
        if (line.len <= 400)
            all_of_it = telex_joined(all_of_it, line, m->in->arena);
    }
    set_keywords(m->report, all_of_it);
}

/* ---- tags, headline, byline ---- */

struct lines {
    struct view at[HEAD_LINES];
    size_t count;
    struct view rest; /* what follows them */
};

/* "... =" or "=" alone. */
static bool ends_head(struct view *line) {
    if (line->len == 0 || line->at[line->len - 1] != '=')
        return false;
    if (line->len > 1 && line->at[line->len - 2] == '=')
        return false; // a rule
    line->len--;
    *line = view_trim(*line);
    return true;
}

/* The lines up to the mark; false where there is none. An empty line may stand among the
 * first of them only. */
static bool find_head(struct message *m, struct lines *out) {
    struct view rest = m->telex.text, line;
    size_t seen = 0;
    *out = (struct lines){.count = 0};
    while (out->count < HEAD_LINES && telex_line(&rest, &line)) {
        if ((seen += line.len + 1) > HEAD_MOST)
            return false;
        line = telex_plain(line, m->in->arena);
        if (line.len == 0 && out->count > 6)
            return false;
        bool ends = ends_head(&line);
        if (line.len > 0)
            out->at[out->count++] = line;
        out->rest = rest;
        if (ends)
            return true;
    }
    return false;
}

/* Without STX the keyword line shows by its slashes, or by the empty line behind it with
 * the head of the text to come, and the text follows. */
static void read_stripped_head(struct message *m, struct view rest) {
    struct view line, after = rest, next = {"", 0};
    m->telex.text = rest;
    if (!telex_full_line(&after, &line))
        return;
    line = telex_plain(line, m->in->arena);
    struct view ahead = after;
    bool alone = telex_line(&ahead, &next) && telex_plain(next, m->in->arena).len == 0;
    m->telex.text = after;
    struct lines lines;
    if (is_keyword_line(line) || (alone && line.len <= 60 && find_head(m, &lines)))
        set_keywords(m->report, line);
    else
        m->telex.text = rest;
}

static void read_head(struct message *m) {
    struct view rest = m->telex.head, line = {"", 0};
    telex_full_line(&rest, &line);
    line = telex_plain(line, m->in->arena);
    bool good = line.len <= 400 && read_header(line, &m->header);
    if (good || m->header.priority.len == 1)
        set_header(m);
    if (!good) {
        m->unread = line;
        report_warn(m->report, m->in->arena, "7901 header not understood in full");
    }
    if (!m->telex.stx && m->header.priority.len != 1)
        m->telex.text = m->telex.head; // nothing of it is a header
    else if (m->telex.stx)
        read_keywords(m, rest);
    else
        read_stripped_head(m, rest);
}

static bool has(struct view text, const char *word) {
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.len; i++)
        if (memcmp(text.at + i, word, n) == 0)
            return true;
    return false;
}

/* "Berlin (dpa) - ...": a text that begins at once. */
static bool begins_text(struct view line) {
    return has(line, ") - ") || has(line, ") -- ") || has(line, ") \xE2\x80\x93 ") ||
           has(line, ") \xE2\x80\x94 ");
}

/* Without the mark the first line is the headline, with the tags in front of it and a
 * byline behind; not when the text goes on in the next line or begins at once. */
static void guess_head(struct message *m, struct lines *out) {
    struct view rest = m->telex.text, line, name;
    *out = (struct lines){.rest = rest};
    while (out->count < HEAD_LINES && telex_full_line(&rest, &line)) {
        struct life life;
        line = telex_plain(line, m->in->arena);
        bool tag = life_read_headline(line, &life) && life.words.len == 0;
        bool byline = out->count > 0 && telex_byline(line, m->header.agency, &name);
        struct view next = rest, after = {"", 0};
        telex_line(&next, &after);
        after = telex_plain(after, m->in->arena);
        bool goes_on =
            line.len >= 50 && after.len > 0 && after.at[0] >= 'a' && after.at[0] <= 'z';
        if (line.len > 200 || begins_text(line) || goes_on)
            return;
        out->at[out->count++] = line;
        out->rest = rest;
        if (byline || (!tag && !telex_byline(after, m->header.agency, &name)))
            return;
    }
}

static void add_ednote(struct message *m, struct view note) {
    struct report *report = m->report;
    if (report->ednote.len == 0) {
        report->ednote = note;
        return;
    }
    struct view old = report->ednote;
    char *text = arena_alloc(m->in->arena, old.len + 1 + note.len);
    memcpy(text, old.at, old.len);
    text[old.len] = '\n';
    memcpy(text + old.len + 1, note.at, note.len);
    report->ednote = view_n(text, old.len + 1 + note.len);
}

static int64_t near_ms(const struct message *m) { return m->in->received_ms; }

/* "(Eil )", where bells were. */
static struct view without_blank(struct message *m, struct view tag) {
    if (tag.len < 3 || tag.at[tag.len - 2] != ' ')
        return tag;
    char *text = arena_copy(m->in->arena, tag.at, tag.len - 1);
    text[tag.len - 2] = tag.at[tag.len - 1];
    return view_n(text, tag.len - 1);
}

static void add_tag(struct message *m, struct view tag) {
    struct life life;
    tag = without_blank(m, tag);
    if (life_read_headline(tag, &life) || life_read_note(tag, &life))
        life_join(&m->life, &life);
    struct view embargo = tag;
    for (size_t i = 0; i < tag.len; i++) // "(Vorschau Sperrfrist 09. Oktober ...)"
        if (view_starts(view_n(tag.at + i, tag.len - i), "Sperrfrist"))
            embargo = view_n(tag.at + i, tag.len - i);
    bool embargoed = story_embargo(m->report, m->in, embargo, near_ms(m));
    if (m->tag_count < TAGS_MOST)
        m->tags[m->tag_count++] = tag;
    bool says_more = tag.at[0] == '(' && memchr(tag.at, ' ', tag.len);
    if (embargoed || says_more)
        add_ednote(m, tag);
}

/* Takes one tag of the lines off the front: what stands in brackets, over several lines,
 * or a line that is nothing but a newsroom's words. */
static bool take_tag(struct message *m, struct lines *lines, size_t *i) {
    struct view tag = lines->at[*i];
    struct life life;
    char open = tag.at[0], close = open == '(' ? ')' : ']';
    if (open != '(' && open != '[') {
        bool known =
            (life_read_headline(tag, &life) && life.words.len == 0) ||
            story_embargo(&(struct report){.warning = {"", 0}}, m->in, tag, near_ms(m));
        if (!known)
            return false;
        add_tag(m, tag);
        (*i)++;
        return true;
    }
    size_t last = *i;
    while (lines->at[last].at[lines->at[last].len - 1] != close) {
        if (memchr(lines->at[last].at, close, lines->at[last].len) ||
            ++last == lines->count)
            return false; // "(Eil) Title" is a headline
        tag = telex_joined(tag, lines->at[last], m->in->arena);
    }
    add_tag(m, tag);
    *i = last + 1;
    return true;
}

static void read_headline(struct message *m, struct view headline) {
    struct life life;
    if (life_read_headline(headline, &life))
        life_join(&m->life, &life);
    m->report->headline = life.words.len > 0 ? life.words : headline;
}

/* What a line at the foot of the head is. */
static bool read_foot(struct message *m, struct view line) {
    struct view name;
    if (telex_byline(line, m->header.agency, &name)) {
        if (m->report->byline.len == 0)
            m->report->byline = name;
        return true;
    }
    if (line.at[0] == '(' && line.at[line.len - 1] == ')') {
        add_tag(m, line);
        return true;
    }
    return false;
}

/* Headline as it stands, tags and all, for the text. */
static struct view read_lines(struct message *m, struct lines *lines) {
    struct view headline = {"", 0};
    size_t i = 0, end = lines->count;
    while (i < end && take_tag(m, lines, &i))
        ;
    while (end > i + 1 && read_foot(m, lines->at[end - 1]))
        end--;
    for (; i < end; i++)
        headline = telex_joined(headline, lines->at[i], m->in->arena);
    if (headline.len > 0)
        read_headline(m, headline);
    return headline;
}

/* ---- text ---- */

static bool line_is(struct view line, const char *const *words) {
    for (; *words; words++)
        if (view_is(line, *words))
            return true;
    return false;
}

/* What is for editors only begins here. */
static bool begins_notes(struct view line, struct view next) {
    static const char *const heads[] = {"# Notebook", "# Notizblock", "# NOTEBOOK",
                                        "# Notepad",  "# Carnet",     "# Notas",
                                        NULL};
    static const char *const rules[] = {"* * * *", "* * *", "****", NULL};
    if (line_is(line, heads))
        return true;
    return line_is(line, rules) &&
           (has(next, "not for publication") ||
            has(next, "not intended for publication") ||
            (has(next, "nicht zur Ver") && has(next, "ffentlichung")));
}

/* "dpa wsz jln npr", "dpa kre/su yysw a3": an agency and the initials of who worked on
 * it.
 */
static bool is_sign_off(struct view line) {
    size_t words = 0;
    struct view word;
    if (line.len > 60)
        return false;
    for (; (word = telex_word(&line)).len > 0; words++)
        for (size_t i = 0; i < word.len; i++)
            if (word.len > 9 ||
                (!(word.at[i] >= 'a' && word.at[i] <= 'z') && !telex_digit(word.at[i]) &&
                 !strchr("/-", word.at[i]) && !(word.at[i] & 0x80)))
                return false;
    return words >= 2;
}

/* Divides the body at the notebook. The sign-off that ends it goes with the text. */
static void divide(struct message *m, struct view body, struct view *story,
                   struct view *notes, struct view *sign_off) {
    struct view rest = body, line, before;
    *story = body;
    *notes = *sign_off = view_n("", 0);
    if (body.len == 0 ||
        (!memchr(body.at, '#', body.len) && !memchr(body.at, '*', body.len)))
        return;
    for (before = rest; telex_line(&rest, &line); before = rest) {
        struct view ahead = rest, next = {"", 0};
        if (line.len == 0 || (line.at[0] != '#' && line.at[0] != '*'))
            continue;
        telex_full_line(&ahead, &next);
        if (!begins_notes(view_trim(line), next))
            continue;
        *story = view_n(body.at, (size_t)(before.at - body.at));
        *notes = before;
        break;
    }
    for (rest = *notes; telex_full_line(&rest, &line);) {
        struct view after = rest, more;
        struct view plain = telex_plain(line, m->in->arena);
        if (!telex_full_line(&after, &more) && is_sign_off(plain)) {
            *sign_off = plain;
            notes->len = (size_t)(line.at - notes->at);
        }
    }
}

static struct view with_sign_off(struct message *m, struct view text,
                                 struct view sign_off) {
    if (sign_off.len == 0)
        return text;
    char *made = arena_alloc(m->in->arena, text.len + 2 + sign_off.len);
    memcpy(made, text.at, text.len);
    memcpy(made + text.len, "\n\n", 2);
    memcpy(made + text.len + 2, sign_off.at, sign_off.len);
    return view_n(made, text.len + 2 + sign_off.len);
}

static void read_text(struct message *m) {
    struct lines lines;
    struct view story, notes, sign_off, headline;
    if (!find_head(m, &lines))
        guess_head(m, &lines);
    headline = read_lines(m, &lines);
    divide(m, lines.rest, &story, &notes, &sign_off);
    struct view text = telex_text(headline, story, false, m->in->arena);
    m->report->text = with_sign_off(m, text, sign_off);
    if (view_trim(notes).len > 0)
        add_ednote(m, telex_text(view_n("", 0), notes, false, m->in->arena));
    story_read_notices(m->report->text, &m->life);
}

/* ---- what follows from it ---- */

static void read_tail(struct message *m) {
    struct stamp stamp;
    struct view tail = telex_plain(
        view_n(m->telex.tail.at, m->telex.tail.len > 200 ? 200 : m->telex.tail.len),
        m->in->arena);
    if (stamp_read(tail, &stamp) &&
        stamp_complete(&stamp, STAMP_PAST, m->in->received_ms))
        m->report->sent = stamp_print(&stamp, m->in->feed, m->in->arena);
    else if (tail.len > 0)
        report_warn(m->report, m->in->arena, "time behind ETX not understood");
}

/* Stripped of ETX the time is the last line; it needs a month or a zone to be told from
 * other figures. */
static void find_tail(struct message *m) {
    struct view text = m->telex.text, last = {"", 0}, line, rest = text;
    struct stamp stamp;
    size_t begin = text.len > 300 ? text.len - 300 : 0;
    rest = view_n(text.at + begin, text.len - begin);
    while (telex_full_line(&rest, &line))
        last = line;
    if (last.len == 0 || last.len > 40 || (size_t)(last.at - text.at) < begin ||
        !stamp_read(last, &stamp) || (!stamp.month && !stamp.has_zone))
        return;
    m->telex.tail = last;
    m->telex.text.len = (size_t)(last.at - text.at);
}

static void set_guid(struct message *m) {
    struct report *report = m->report;
    if (report->reference.len > 0)
        report->guid =
            story_of_reference(m->in, report, m->header.agency, m->header.reference);
    else if (report->number.len > 0)
        report->guid = story_of_reference(m->in, report, report->service, report->number);
    if (report->guid.len > 0)
        report->guid_from = VIEW_LIT("agency-ref");
}

/* All reports of a story share its keyword line. */
static void relate(struct report *report) {
    static const struct {
        const char *action, *rel;
    } rels[] = {{"lead", "replaces"},   {"update", "replaces"},
                {"refile", "replaces"}, {"repeat", "replaces"},
                {"add", "adds-to"},     {"correction", "corrects"},
                {"sub", "corrects"},    {"kill", "kills"}};
    for (size_t i = 0; report->relation_count == 0 && i < sizeof rels / sizeof rels[0];
         i++)
        if (view_is(report->action, rels[i].action))
            story_relate(report, rels[i].rel, report->slug, view_n("", 0));
}

static void put_text(struct json *json, const char *key, struct view text) {
    if (text.len == 0)
        return;
    json_key(json, key);
    json_view(json, text);
}

static void set_extra(struct message *m) {
    struct buf buf = {0};
    struct json json = json_to(&buf);
    uint64_t words;
    json_begin_object(&json);
    if (view_number(m->header.words, &words)) {
        json_key(&json, "words");
        json_uint(&json, words);
    }
    put_text(&json, "routing", m->header.routing);
    if (m->telex.stx)
        put_text(&json, "header", m->unread);
    if (m->bells > 0) {
        json_key(&json, "bells");
        json_uint(&json, m->bells);
    }
    if (m->tag_count > 0) {
        json_key(&json, "tags");
        json_begin_array(&json);
        for (size_t i = 0; i < m->tag_count; i++)
            json_view(&json, m->tags[i]);
        json_end(&json);
    }
    json_end(&json);
    story_set_extra(m->report, &buf, m->in->arena);
}

static int read_message(const struct format_input *in, struct format_output *out,
                        struct diag *diag) {
    struct message m = {.in = in};
    m.report = format_report(&format_iptc7901, in, out);
    telex_open(&m.telex, in, m.report);
    m.bells = telex_bells(m.telex.stx ? m.telex.text : m.telex.head);
    read_head(&m);
    if (!m.telex.etx)
        find_tail(&m);
    read_tail(&m);
    read_text(&m);
    story_apply(m.report, &m.life);
    if (m.bells >= 5 && (m.report->urgency == 0 || m.report->urgency > 2))
        m.report->urgency = m.bells >= 10 ? 1 : 2;
    story_take_feed(m.report, in->feed);
    if (m.telex.soh && !m.telex.etx)
        report_warn(m.report, in->arena, "it ends without ETX");
    set_guid(&m);
    relate(m.report);
    set_extra(&m);
    return story_finish(&format_iptc7901, in, out, diag);
}

const struct format format_iptc7901 = {
    .name = "iptc7901",
    .looks = looks,
    .read = read_message,
};
