/* Sentences: where one ends. A full stop, question or exclamation mark ends one when what
 * follows can begin one; abbreviations have kept their full stop (token.c) and end one
 * only before a word that hardly ever stands inside. Zones and empty lines always end
 * one. */
#include "enrich/chars.h"
#include "enrich/stage.h"
#include "enrich/token.h"

struct writer {
    struct doc *doc;
    struct token_list tokens;
    size_t cap;
    size_t first; /* token of the sentence being built */
    uint8_t zone;
};

static void close_sentence(struct writer *w, size_t end) {
    struct doc *doc = w->doc;

    if (end == w->first)
        return;
    doc->sentences = arena_grow(doc->arena, doc->sentences, doc->sentence_count,
                                doc->sentence_count + 1, sizeof *doc->sentences, &w->cap);
    for (size_t i = w->first; i < end; i++)
        w->tokens.at[i].sentence = (uint32_t)doc->sentence_count;
    doc->sentences[doc->sentence_count++] =
        (struct sentence){(uint32_t)w->first, (uint32_t)end, w->zone};
    w->first = end;
}

static struct view token_text(const struct writer *w, size_t i) {
    const struct token *t = &w->tokens.at[i];
    return view_n(w->doc->text.at + t->start, t->end - t->start);
}

/* Words that begin sentences and hardly ever follow an abbreviation as a part of a name.
 */
static bool begins_sentences(struct view word) {
    static const char *const words[] = {
        "The",  "He",    "She",   "It",    "They",    "We",        "I",
        "In",   "On",    "At",    "But",   "And",     "A",         "An",
        "This", "That",  "These", "Those", "His",     "Her",       "Their",
        "Its",  "There", "When",  "While", "After",   "Before",    "As",
        "If",   "For",   "From",  "With",  "However", "Meanwhile", "Also",
        "More", "Some",  "Many",  "Most",  "No",      "Not",       "To"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (view_is(word, words[i]))
            return true;
    return false;
}

enum ending { ENDS_NOT, ENDS_SURELY, ENDS_BEFORE_CAPITAL, ENDS_RARELY };

static enum ending ending(struct view t, const struct token *token) {
    char last = t.at[t.len - 1];

    if (token->kind == TOKEN_WORD)
        return last == '.' ? ENDS_RARELY : ENDS_NOT;
    if (token->kind != TOKEN_PUNCT)
        return ENDS_NOT;
    if (t.len == 1 && (last == '.' || last == '!' || last == '?'))
        return ENDS_SURELY;
    if (last == '.' || view_is(t, "…"))
        return ENDS_BEFORE_CAPITAL;
    if (view_is(t, "。") || view_is(t, "！") || view_is(t, "？") || view_is(t, "؟") ||
        view_is(t, "۔") || view_is(t, "।"))
        return ENDS_SURELY;
    return ENDS_NOT;
}

static bool closes(struct view t) {
    static const char *const marks[] = {"\"", "”", "’", "'", ")", "]", "»", "''", "」"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (view_is(t, marks[i]))
            return true;
    return false;
}

/* May a sentence begin with token i, after one that ends like this? */
static bool may_begin(const struct writer *w, size_t i, enum ending how) {
    const struct token *token = &w->tokens.at[i];
    struct view t = token_text(w, i);

    if (how == ENDS_RARELY)
        return token->space_before && begins_sentences(t);
    if (token->shape & SHAPE_CAPITAL)
        return true;
    if (!token->space_before)
        return false;
    if (token->kind == TOKEN_WORD && (token->shape & SHAPE_LOWER))
        /* scripts without capitals, iPhone and al-Sarraj: only ASCII says "not a start"
         */
        return how == ENDS_SURELY &&
               ((unsigned char)t.at[0] >= 128 || view_is(t, "al") || view_is(t, "el"));
    return how == ENDS_SURELY;
}

/* "1." at the start of a list entry. */
static bool only_a_number(const struct writer *w, size_t stop) {
    return stop == w->first + 1 && w->tokens.at[w->first].kind == TOKEN_NUMBER;
}

static void find_ends(struct writer *w, size_t from) {
    for (size_t i = from; i < w->tokens.count; i++) {
        enum ending how = ending(token_text(w, i), &w->tokens.at[i]);
        size_t next = i + 1;

        if (how == ENDS_NOT || only_a_number(w, i))
            continue;
        while (next < w->tokens.count && !w->tokens.at[next].space_before &&
               (closes(token_text(w, next)) ||
                ending(token_text(w, next), &w->tokens.at[next]) == ENDS_SURELY))
            next++;
        if (next < w->tokens.count && may_begin(w, next, how)) {
            close_sentence(w, next);
            i = next - 1;
        }
    }
}

/* Does the last token end a sentence whatever comes? */
static bool ended(const struct writer *w) {
    size_t last = w->tokens.count;

    while (last > w->first && closes(token_text(w, last - 1)))
        last--;
    return last > w->first &&
           ending(token_text(w, last - 1), &w->tokens.at[last - 1]) == ENDS_SURELY;
}

static void run(void *state, struct doc *doc) {
    struct writer w = {.doc = doc};
    size_t guess = doc->text.len / 4 + 16;

    (void)state;
    w.tokens.at = arena_alloc(doc->arena, guess * sizeof *w.tokens.at);
    w.tokens.cap = guess;
    for (size_t i = 0; i < doc->stretch_count; i++) {
        const struct stretch *s = &doc->stretches[i];
        size_t from = w.tokens.count;

        if (w.first == from)
            w.zone = s->zone;
        token_divide(doc->text, s->start, s->end, doc->arena, &w.tokens);
        find_ends(&w, from > w.first ? from - 1 : from);
        if (!s->joins || ended(&w))
            close_sentence(&w, w.tokens.count);
    }
    close_sentence(&w, w.tokens.count);
    doc->tokens = w.tokens.at;
    doc->token_count = w.tokens.count;
}

const struct stage stage_token = {.name = "token", .run = run};
