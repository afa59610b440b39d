/* Time expressions. Most words begin none: a look-up per token gives what a word can be,
 * and only where an expression could begin, with a word that carries one close behind,
 * are the patterns of that kind of beginning tried, at that place. The longest match
 * wins. */
#include "enrich/dates.h"

#include <stdlib.h>

#include "enrich/stage.h"
#include "proto/mem.h"

#define EXPRESSION_BYTES 160 /* longer than any time expression */

struct dates {
    struct pattern_set *patterns;
    struct date_words *words;
};

struct finder {
    struct dates *dates;
    struct doc *doc;
    uint32_t *bits; /* of each token */
    size_t cap;
    int32_t previous; /* first day of the last date, or CALENDAR_NONE */
    int32_t day;      /* the last single day spoken of, or CALENDAR_NONE */
};

static int open_stage(const struct gazetteer *gazetteer, void **state,
                      struct diag *diag) {
    struct dates *dates = mem_zalloc(sizeof *dates);
    const char **patterns = mem_alloc(date_rule_count * sizeof *patterns);
    int err;

    (void)gazetteer;
    for (size_t i = 0; i < date_rule_count; i++)
        patterns[i] = date_rules[i].pattern;
    err = pattern_set_new(patterns, date_rule_count, &dates->patterns, diag);
    free(patterns);
    if (err) {
        free(dates);
        return err;
    }
    dates->words = date_words_new();
    *state = dates;
    return 0;
}

static void close_stage(void *state) {
    struct dates *dates = state;

    if (!dates)
        return;
    pattern_set_free(dates->patterns);
    date_words_free(dates->words);
    free(dates);
}

/* The token that ends at byte `end`, plus one; 0 if no token does. */
static size_t token_ending(const struct doc *doc, size_t first, size_t last,
                           uint32_t end) {
    for (size_t i = first; i < last && doc->tokens[i].start < end; i++)
        if (doc->tokens[i].end == end)
            return i + 1;
    return 0;
}

/* What is among the words from i on. */
static unsigned bits_ahead(const struct finder *f, size_t i, size_t last) {
    unsigned bits = 0;

    for (size_t k = i; k < last && k < i + DATE_REACH; k++)
        bits |= f->bits[k];
    return bits;
}

static struct view own(const struct finder *f, const char *text) {
    return text && *text
               ? view_n(arena_copy(f->doc->arena, text, strlen(text)), strlen(text))
               : view_n("", 0);
}

static struct view own_day(const struct finder *f, int32_t day) {
    char text[CALENDAR_TEXT] = "";

    if (day != CALENDAR_NONE)
        calendar_print(day, text);
    return own(f, text);
}

static void emit(struct finder *f, struct span at, const struct date_meaning *m,
                 const char *rule) {
    struct doc *doc = f->doc;
    size_t count = doc->event.date_count;

    doc->dates =
        arena_grow(doc->arena, doc->dates, count, count + 1, sizeof *doc->dates, &f->cap);
    doc->dates[count] = (struct event_date){.at = at,
                                            .type = m->type,
                                            .value = own(f, m->value),
                                            .mod = view_of(m->mod),
                                            .from = own_day(f, m->from),
                                            .to = own_day(f, m->to),
                                            .anchor = view_of(m->anchor),
                                            .why = view_of(m->why ? m->why : rule)};
    doc->event.date_count = count + 1;
}

/* What "the day before" or "two years later" will count from. */
static void remember(struct finder *f, const struct date_meaning *m) {
    if (m->from == CALENDAR_NONE || m->type > DATE_TIME)
        return;
    f->previous = m->from;
    if (m->from == m->to || m->type == DATE_TIME)
        f->day = m->from;
}

/* Could the rule match at token i, by its words? */
static inline bool may_match(const struct finder *f, const struct date_rule *rule,
                             size_t i, unsigned ahead) {
    return rule->first & f->bits[i] && rule->needs & ahead &&
           (!(f->bits[i] & WORD_THE) || rule->after_the & f->bits[i + 1]);
}

/* Tries the rules at token i; returns the token after the expression, or i. */
static size_t find_at(struct finder *f, size_t i, size_t last, unsigned ahead) {
    struct doc *doc = f->doc;
    uint32_t from = doc->tokens[i].start, to = doc->tokens[last - 1].end;
    uint32_t window = to - from > EXPRESSION_BYTES ? from + EXPRESSION_BYTES : to;
    struct date_meaning best = {0};
    struct span best_at = {0};
    size_t best_rule = 0, end = i;

    for (size_t r = 0; r < date_rule_count; r++) {
        struct pattern_match match;
        struct date_meaning m;
        struct date_find find;
        if (!may_match(f, &date_rules[r], i, ahead) ||
            !pattern_at(f->dates->patterns, r, doc->text, from, window, &match) ||
            (end > i && match.at.end <= best_at.end))
            continue;
        m = (struct date_meaning){.from = CALENDAR_NONE, .to = CALENDAR_NONE};
        find = (struct date_find){.doc = doc,
                                  .bits = f->bits,
                                  .match = &match,
                                  .first = i,
                                  .previous = f->previous,
                                  .day = f->day};
        find.last = token_ending(doc, i, last, match.at.end);
        if (!find.last || !date_rules[r].read(&find, &m))
            continue;
        best = m;
        best_at = match.at;
        best_rule = r;
        end = find.last;
    }
    if (end > i) {
        emit(f, best_at, &best, date_rules[best_rule].name);
        remember(f, &best);
    }
    return end;
}

/* "2/11/93": a number with a slash and a digit right behind it. */
static bool numeric_date(const struct doc *doc, size_t i) {
    size_t end = doc->tokens[i].end;

    return end + 1 < doc->text.len && doc->text.at[end] == '/' &&
           doc->text.at[end + 1] >= '0' && doc->text.at[end + 1] <= '9';
}

/* Could an expression begin with token i? "The" begins many, but few words go on. */
static bool may_begin(const struct finder *f, size_t i) {
    if (!(f->bits[i] & WORD_BEGINS))
        return false;
    return !(f->bits[i] & WORD_THE) || f->bits[i + 1] & (WORD_BEGINS | WORD_AFTER_THE);
}

static void find_in(struct finder *f, const struct sentence *s) {
    bool any = false;

    for (size_t i = s->first; i < s->last; i++) {
        f->bits[i] = date_word(f->dates->words, doc_token(f->doc, i));
        if (f->bits[i] & WORD_NUMBER && numeric_date(f->doc, i))
            f->bits[i] |= WORD_YEAR;
        any |= (f->bits[i] & WORD_CORE) != 0;
    }
    if (!any)
        return;
    for (size_t i = s->first; i < s->last;) {
        size_t next = i;
        unsigned ahead = may_begin(f, i) ? bits_ahead(f, i, s->last) : 0;
        if (ahead & WORD_CORE)
            next = find_at(f, i, s->last, ahead);
        i = next > i ? next : i + 1;
    }
}

static void run(void *state, struct doc *doc) {
    struct finder f = {
        .dates = state, .doc = doc, .previous = CALENDAR_NONE, .day = CALENDAR_NONE};

    f.bits = arena_zalloc(doc->arena, (doc->token_count + 1) * sizeof *f.bits);
    for (size_t i = 0; i < doc->sentence_count; i++)
        if (doc->sentences[i].zone != ZONE_FURNITURE)
            find_in(&f, &doc->sentences[i]);
    doc->event.dates = doc->dates;
}

const struct stage stage_dates = {
    .name = "dates", .open = open_stage, .run = run, .close = close_stage};
