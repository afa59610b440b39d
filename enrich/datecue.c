/* Does a sentence look back or ahead? The nearest telling word before the expression
 * decides; if there is none, the first after it. Participles are passed over when a form
 * of "be" stands before them: in "will be discussed on Thursday" the word that tells is
 * "will". */
#include "enrich/dates.h"

#define LOOK_BACK  24 /* tokens */
#define LOOK_AHEAD 12

static bool among(struct view word, const char *const *list) {
    for (; *list; list++)
        if (view_is_word(word, *list))
            return true;
    return false;
}

static const char *const future[] = {
    "will",     "would",    "shall",    "should",    "could",   "may",    "might",
    "must",     "due",      "expected", "scheduled", "planned", "slated", "plans",
    "planning", "upcoming", "ahead",    "before",    "until",   "till",   "by",
    "next",     "wants",    "hopes",    "intends",   "expects", "going",  NULL};
static const char *const past[] = {
    "was",  "were",  "had",   "has",    "have",  "did",   "said",   "told",  "since",
    "took", "left",  "came",  "went",   "began", "met",   "held",   "won",   "lost",
    "fell", "rose",  "made",  "gave",   "found", "fled",  "led",    "broke", "struck",
    "hit",  "died",  "shot",  "saw",    "sent",  "spoke", "became", "ago",   "after",
    "flew", "drove", "wrote", "signed", "got",   "put",   "swept",  "ran",   NULL};
static const char *const be[] = {"be", "been", "being", NULL};
static const char *const leading_to[] = {"is",   "are",   "was",   "were",      "due",
                                         "plan", "plans", "set",   "agreed",    "has",
                                         "have", "vowed", "hope",  "hopes",     "wants",
                                         "want", "going", "ready", "scheduled", NULL};

static bool participle(struct view word) {
    return word.len > 4 && word.at[0] >= 'a' && word.at[0] <= 'z' &&
           !memcmp(word.at + word.len - 2, "ed", 2);
}

/* Is it the "will be" kind of participle: a "be" among the two words before? */
static bool passive(const struct doc *doc, size_t first, size_t i) {
    for (size_t k = i; k > first && k + 2 > i;)
        if (among(doc_token(doc, --k), be))
            return true;
    return false;
}

static enum date_cue cue_of(const struct doc *doc, size_t first, size_t i) {
    struct view word = doc_token(doc, i);

    if (doc->tokens[i].kind != TOKEN_WORD)
        return CUE_NONE;
    if (word.len > 3 && memchr("’'", word.at[word.len - 3], 2) &&
        !memcmp(word.at + word.len - 2, "ll", 2))
        return CUE_FUTURE;
    if (view_is_word(word, "to"))
        return i > first && among(doc_token(doc, i - 1), leading_to) ? CUE_FUTURE
                                                                     : CUE_NONE;
    if (among(word, future))
        return CUE_FUTURE;
    if (passive(doc, first, i))
        return CUE_NONE;
    return among(word, past) || participle(word) ? CUE_PAST : CUE_NONE;
}

static const char *const right_before[] = {"by", "until", "till", NULL};

enum date_cue date_cue(const struct doc *doc, size_t first, size_t last) {
    const struct sentence *s = &doc->sentences[doc->tokens[first].sentence];
    size_t from = first > s->first + LOOK_BACK ? first - LOOK_BACK : s->first;
    size_t to = last + LOOK_AHEAD < s->last ? last + LOOK_AHEAD : s->last;
    enum date_cue cue;

    for (size_t i = first; i > from;)
        if ((cue = cue_of(doc, s->first, --i)) != CUE_NONE)
            return cue;
    for (size_t i = last; i < to; i++)
        if ((cue = cue_of(doc, s->first, i)) != CUE_NONE)
            return cue;
    return first > s->first && among(doc_token(doc, first - 1), right_before) ? CUE_FUTURE
                                                                              : CUE_NONE;
}
