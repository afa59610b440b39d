#include "proto/report_field.h"

#include "proto/utf8.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* ---- text ---- */

#define EACH(n) (UINT64_C(0x0101010101010101) * (n))

/* Might one of eight bytes be a control (0x00-0x1F, 0x7F) or the first of a C1 control?
 */
static bool eight_suspect(const char *p) {
    uint64_t word, del, c1;

    memcpy(&word, p, 8);
    del = word ^ EACH(0x7F);
    c1 = word ^ EACH(0xC2);
    return (((word - EACH(0x20)) & ~word) | ((del - EACH(1)) & ~del) |
            ((c1 - EACH(1)) & ~c1)) &
           EACH(0x80);
}

/* Would utf8_clean take it out or change it? A line end or a tab is for the caller to
 * judge. */
static bool unclean(const char *p, const char *end, bool one_line) {
    unsigned char c = (unsigned char)*p;

    if (c < 0x20)
        return one_line || (c != '\n' && c != '\t');
    if (c == 0xC2)
        return end - p > 1 && (unsigned char)p[1] < 0xA0;
    return c == 0x7F;
}

static bool is_clean(struct view text, bool one_line) {
    const char *p, *end;

    if (!text.len || view_starts(text, BYTE_ORDER_MARK))
        return !text.len;
    p = text.at;
    end = p + text.len;
    while (p < end) {
        const char *stop = end - p > 8 ? p + 8 : end;
        if (end - p >= 8 && !eight_suspect(p)) {
            p += 8;
            continue;
        }
        for (; p < stop; p++)
            if (unclean(p, end, one_line))
                return false;
    }
    return true;
}

static struct view clean_copy(struct view raw, struct arena *arena, bool one_line) {
    struct buf clean = {0};
    struct view text;

    utf8_clean(raw, &clean, NULL);
    for (size_t i = 0; one_line && i < clean.len; i++)
        if (clean.at[i] == '\n' || clean.at[i] == '\t')
            clean.at[i] = ' ';
    text = one_line ? view_trim(buf_view(&clean)) : buf_view(&clean);
    while (one_line && view_starts(text, BYTE_ORDER_MARK))
        text = view_trim(view_n(text.at + 3, text.len - 3));
    text = view_n(arena_copy(arena, text.at, text.len), text.len);
    buf_release(&clean);
    return text;
}

struct view field_text(struct view raw, struct arena *arena) {
    return is_clean(raw, false) ? raw : clean_copy(raw, arena, false);
}

struct view field_line(struct view raw, struct arena *arena) {
    raw = view_trim(raw);
    return is_clean(raw, true) ? raw : clean_copy(raw, arena, true);
}

/* ---- words ---- */

static bool one_of(struct view word, const char *const *words) {
    while (*words && !view_is(word, *words))
        words++;
    return *words != NULL;
}

bool field_is_action(struct view word) {
    static const char *const words[] = {
        "new",    "update", "lead", "add",   "sub",      "correction", "refile",
        "repeat", "hold",   "kill", "alert", "advisory", NULL};

    return one_of(word, words);
}

bool field_is_relation(struct view word) {
    static const char *const words[] = {"replaces", "corrects", "kills",
                                        "adds-to",  "part-of",  NULL};

    return one_of(word, words);
}

bool field_is_status(struct view word) {
    static const char *const words[] = {"usable", "withheld", "canceled", NULL};

    return one_of(word, words);
}

bool field_is_language(struct view tag) {
    size_t run = 0, parts = 0;

    for (size_t i = 0; i < tag.len; i++) {
        char c = tag.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '-' || c == '_') {
            if (run < (parts ? 1 : 2))
                return false;
            parts++;
            run = 0;
        } else if ((!letter && !(parts && c >= '0' && c <= '9')) || ++run > 8) {
            return false;
        }
    }
    return run >= (parts ? 1 : 2);
}

/* ---- lists ---- */

static bool says_already(struct view warning, struct view text) {
    struct view part;

    while (warning.len >= text.len) {
        if (memcmp(warning.at, text.at, text.len) == 0 &&
            (warning.len == text.len || warning.at[text.len] == ';'))
            return true;
        if (!view_split(&warning, ';', &part))
            break;
        warning = view_trim(warning);
    }
    return false;
}

void report_warn(struct report *report, struct arena *arena, const char *text) {
    struct diag clean = {0}; // what senders wrote may be in it: one line, whole UTF-8
    struct view old = report->warning, more;
    size_t glue = old.len ? 2 : 0;
    char *both;

    diag_set(&clean, 0, "%s", text);
    more = view_of(clean.text);
    if (!more.len || says_already(old, more))
        return;
    both = arena_alloc(arena, old.len + glue + more.len);
    if (old.len)
        memcpy(both, old.at, old.len);
    memcpy(both + old.len, "; ", glue);
    memcpy(both + old.len + glue, more.at, more.len);
    report->warning = view_n(both, old.len + glue + more.len);
}

static bool add(struct view *list, size_t *count, size_t most, struct view word) {
    for (size_t i = 0; i < *count; i++)
        if (view_eq(list[i], word))
            return true;
    if (!word.len)
        return true;
    if (*count == most)
        return false;
    list[(*count)++] = word;
    return true;
}

bool report_add_category(struct report *report, struct view category) {
    return add(report->categories, &report->category_count, REPORT_CATEGORIES, category);
}

bool report_add_keyword(struct report *report, struct view keyword) {
    return add(report->keywords, &report->keyword_count, REPORT_KEYWORDS, keyword);
}
