#include "ingest/format/anpa_inside.h"

bool anpa_digits(struct view text, size_t count, int *out) {
    int n = 0;
    if (text.len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!telex_digit(text.at[i]))
            return false;
        n = n * 10 + (text.at[i] - '0');
    }
    *out = n;
    return true;
}

/* ---- the first two lines ---- */

/* "a0584", vendor, US, selector. The US may have been lost. */
static bool read_number(struct anpa *m, struct view line) {
    int number;
    while (line.len > 0 && !telex_letter(line.at[0]) && (unsigned char)line.at[0] <= ' ')
        line = view_from(line, 1);
    if (line.len < 5 || !telex_letter(line.at[0]) ||
        !anpa_digits(view_from(line, 1), 4, &number) ||
        (line.len > 5 && telex_digit(line.at[5])))
        return false;
    struct report *report = m->report;
    report->service = view_n(line.at, 1);
    report->number = view_n(line.at + 1, 4);
    report->reference = view_n(line.at, 5);
    struct view rest = view_from(line, 5);
    const char *mark = rest.len > 0 ? memchr(rest.at, 0x1f, rest.len) : NULL;
    size_t n = 0;
    if (mark)
        n = (size_t)(mark - rest.at);
    else // "a0105KYODOkoko-": capitals are the vendor's
        while (n < rest.len && (telex_upper(rest.at[n]) || telex_digit(rest.at[n])))
            n++;
    if (!mark && n == rest.len)
        n = 0;
    m->vendor = telex_plain(view_n(rest.at, n), m->in->arena);
    m->selector = telex_plain(view_from(rest, n), m->in->arena);
    if (m->selector.len > 16)
        m->selector.len = 0;
    return true;
}

bool anpa_is_date(struct view word, struct anpa_date *out) {
    return word.len == 5 && word.at[2] == '-' && anpa_digits(word, 2, &out->a) &&
           anpa_digits(view_from(word, 3), 2, &out->b) && out->a >= 1 && out->a <= 31 &&
           out->b >= 1 && out->b <= 31;
}

/* "u i DC3 DC1 ": priority, category, form. */
static bool take_codes(struct view *rest, char *priority, char *category, bool *tabular) {
    struct view word = telex_word(rest);
    if (word.len != 1 || !telex_letter(word.at[0]))
        return false;
    *priority = word.at[0];
    word = telex_word(rest);
    if (word.len != 1 || !telex_letter(word.at[0]))
        return false;
    *category = word.at[0];
    for (const char *at = word.at + 1; at < rest->at + rest->len && *at != ' '; at++)
        *tabular |= *at == 0x12;
    return true;
}

static struct view category(struct anpa *m, char code) {
    char *text = arena_copy(m->in->arena, "anpa:?", 6);
    text[5] = (char)(telex_upper(code) ? code | 32 : code);
    return view_n(text, 6);
}

static int urgency(char priority) {
    switch (priority | 32) {
        case 'f':
            return 1;
        case 'b':
            return 2;
        case 'u':
            return 3;
        case 'r':
            return 4;
        case 'd':
            return 6;
        case 'a':
        case 's':
            return 7;
        default:
            return 0;
    }
}

static bool read_keyword_line(struct anpa *m, struct view line) {
    char priority, code;
    struct view rest = line, word, begin, end;
    if (!take_codes(&rest, &priority, &code, &m->tabular))
        return false;
    struct report *report = m->report;
    char *letter = arena_copy(m->in->arena, &priority, 1);
    report->priority = view_n(letter, 1);
    report->urgency = urgency(priority);
    report->categories[report->category_count++] = category(m, code);
    m->keyword = telex_word(&rest);
    begin = end = view_trim(rest);
    while ((word = telex_word(&rest)).len > 0) {
        if (anpa_is_date(word, &m->date)) {
            m->words = telex_word(&rest);
            break;
        }
        end = view_n(word.at + word.len, 0);
    }
    m->version = view_n(begin.at, end.at > begin.at ? (size_t)(end.at - begin.at) : 0);
    return m->keyword.len > 0 && m->date.a > 0;
}

bool anpa_read_header(struct anpa *m) {
    struct view rest = m->telex.head, line = {"", 0};
    struct life life;
    bool good = telex_full_line(&rest, &line) && read_number(m, line);
    good = telex_full_line(&rest, &line) && read_keyword_line(m, line) && good;
    m->keyword = telex_plain(m->keyword, m->in->arena);
    if (life_read_slug(telex_plain(m->version, m->in->arena), &life))
        life_join(&m->life, &life);
    if (!m->telex.stx)
        m->telex.text = good ? rest : m->telex.head;
    return good;
}

/* ---- looks ---- */

/* "a0105KYODOkoko-" and "u s BC-Foo 09-12 0344": what is left without any controls. */
static bool looks_stripped(struct view line, struct view after) {
    struct view word = telex_word(&line), last = {"", 0}, before = last;
    struct anpa_date date;
    char priority, code;
    bool tabular = false;
    int number;
    if (word.len < 5 || word.len > 24 || telex_word(&line).len > 0 ||
        !telex_letter(word.at[0]) || !anpa_digits(view_from(word, 1), 4, &number) ||
        !take_codes(&after, &priority, &code, &tabular) || telex_word(&after).len < 3)
        return false;
    while ((word = telex_word(&after)).len > 0) {
        before = last;
        last = word;
    }
    return anpa_is_date(last, &date) || anpa_is_date(before, &date);
}

bool anpa_looks(struct view bytes) {
    struct view rest = bytes, line, after;
    char priority, code;
    bool tabular = false;
    bool begins = telex_begins(bytes, &rest);
    if (bytes.len == 0 ||
        (!begins && !telex_letter(bytes.at[0]) && (unsigned char)bytes.at[0] > ' '))
        return false;
    if (rest.len > 400)
        rest.len = 400;
    if (!telex_full_line(&rest, &line) || line.len > 80 ||
        !telex_full_line(&rest, &after))
        return false;
    if (!begins)
        return looks_stripped(line, after);
    const char *mark = memchr(line.at, 0x1f, line.len);
    if (mark && mark - line.at >= 5)
        return true;
    return take_codes(&after, &priority, &code, &tabular) && after.len > 0 &&
           !memchr(line.at, '^', line.len) && (unsigned char)after.at[0] <= ' ';
}
