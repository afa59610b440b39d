/* Quotations between double quotation marks, straight or curly, and who speaks. A
 * quotation begins at an opening mark and ends at the next closing one of its paragraph;
 * a paragraph that begins with a mark it never closes is quoted to its end. The speaker
 * is the person or organization beside a verb of saying, after the quotation or before it
 * in its sentence; without one, a second quotation of a paragraph has the speaker of the
 * first. */
#include "enrich/dates.h" /* view_is_word */
#include "enrich/stage.h"

#define NAME_BEHIND    8  /* tokens from the verb on: "said villager Florence Abad" */
#define VERB_BEFORE    80 /* tokens from the opening mark back to the verb and its name */
#define SENTENCES_BACK 6  /* how far "he" is looked for */
#define SUBJECT_WITHIN 5  /* tokens from the start of the sentence */

struct quoter {
    struct doc *doc;
    size_t cap;
    size_t last_speaker;
};

struct quotation {
    size_t open, close; /* tokens of the marks; close: one past */
    size_t first, last; /* tokens of the paragraph */
};

static inline bool mark_is(const struct doc *doc, size_t i, const char *curly) {
    struct view t = doc_token(doc, i);
    return t.len == 1 ? t.at[0] == '"' : view_is(t, curly);
}

static bool opens(const struct doc *doc, size_t i, size_t first) {
    struct view before;

    if (doc->tokens[i].kind != TOKEN_PUNCT || !mark_is(doc, i, "“"))
        return false;
    if (doc->tokens[i].space_before || i == first || view_is(doc_token(doc, i), "“"))
        return true;
    before = doc_token(doc, i - 1);
    return view_is(before, "(") || view_is(before, "[") || view_is(before, "—") ||
           view_is(before, "–") || view_is(before, "-");
}

static bool closes(const struct doc *doc, size_t i) {
    return doc->tokens[i].kind == TOKEN_PUNCT && mark_is(doc, i, "”") &&
           (!doc->tokens[i].space_before || view_is(doc_token(doc, i), "”"));
}

static bool says(struct view word) {
    static const char *const verbs[] = {
        "said",       "says",      "told",      "added",     "saying",   "warned",
        "announced",  "wrote",     "tweeted",   "stated",    "asked",    "replied",
        "declared",   "insisted",  "claimed",   "denied",    "noted",    "explained",
        "argued",     "urged",     "vowed",     "confirmed", "joked",    "grumbled",
        "recalled",   "according", "accused",   "described", "called",   "responded",
        "responding", "posted",    "spoke",     "shouted",   "demanded", "promised",
        "pledged",    "commented", "testified", "complained"};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (view_is_word(word, verbs[i]))
            return true;
    return false;
}

/* Whose words are given: a person or an organization, but not the owner of something:
 * in "Haftar's army said" it is the army. */
static bool can_speak(const struct doc *doc, const struct mention *m) {
    bool owner =
        m->last < doc->token_count && doc->tokens[m->last].shape & SHAPE_POSSESSIVE;
    return (m->type == ENTITY_PERSON || m->type == ENTITY_ORGANIZATION) && !owner;
}

/* The first mention that begins at or after a token. */
static size_t mention_from(const struct doc *doc, size_t token) {
    size_t low = 0, high = doc->mention_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (doc->mentions[middle].first < token)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum pick { PICK_FIRST, PICK_LAST, PICK_FIRST_PERSON, PICK_LAST_PERSON };

/* A mention in the tokens [from, to) that can speak; NULL: none. The picks of persons
 * take an organization where there is no person. */
static const struct mention *speaker_in(const struct quoter *q, size_t from, size_t to,
                                        enum pick pick) {
    bool last = pick == PICK_LAST || pick == PICK_LAST_PERSON;
    bool person = pick == PICK_FIRST_PERSON || pick == PICK_LAST_PERSON;
    const struct mention *found = NULL;

    for (size_t i = mention_from(q->doc, from); i < q->doc->mention_count; i++) {
        const struct mention *m = &q->doc->mentions[i];
        bool better;
        if (m->first >= to)
            break;
        if (m->last > to || !can_speak(q->doc, m))
            continue;
        better =
            person && found && m->type == ENTITY_PERSON && found->type != ENTITY_PERSON;
        if (!found || better || (last && !(person && m->type > found->type)))
            found = m;
    }
    return found;
}

static bool is_pronoun(struct view word) {
    return view_is_word(word, "he") || view_is_word(word, "she") ||
           view_is_word(word, "they") || view_is_word(word, "it");
}

static const struct sentence *sentence_of(const struct doc *doc, size_t token) {
    return &doc->sentences[doc->tokens[token].sentence];
}

/* Who "he" is: the first person of the nearest sentence before in this paragraph that has
 * one, else who spoke last. */
static size_t pronoun_means(const struct quoter *q, const struct quotation *at) {
    size_t to = at->open;

    for (int sentences = 0; to > at->first && sentences < SENTENCES_BACK; sentences++) {
        size_t from = sentence_of(q->doc, to - 1)->first;
        const struct mention *m =
            speaker_in(q, from > at->first ? from : at->first, to, PICK_FIRST_PERSON);
        if (m && m->type == ENTITY_PERSON)
            return m->entity;
        to = from > at->first ? from : at->first;
    }
    return q->last_speaker;
}

/* "..." NAME said / said NAME / he said: what is left of the sentence. */
static bool speaker_after(const struct quoter *q, const struct quotation *at,
                          size_t *out) {
    const struct doc *doc = q->doc;
    size_t end = sentence_of(doc, at->close - 1)->last, from = at->close;
    const struct mention *m;

    for (size_t v = from; v < end && v < at->last && !opens(doc, v, at->first); v++) {
        if (!says(doc_token(doc, v)))
            continue;
        /* "Merkel was quoted by the Weekly as saying" */
        m = speaker_in(q, from, v,
                       view_is_word(doc_token(doc, v), "saying") ? PICK_FIRST
                                                                 : PICK_LAST);
        if (!m && v > from && is_pronoun(doc_token(doc, v - 1))) {
            *out = pronoun_means(q, at);
            return true;
        }
        if (!m)
            m = speaker_in(q, v + 1,
                           v + 1 + NAME_BEHIND < end ? v + 1 + NAME_BEHIND : end,
                           PICK_FIRST_PERSON);
        if (m)
            *out = m->entity;
        return m != NULL;
    }
    return false;
}

/* NAME said "...": the subject of the sentence before the mark, which is its first name
 * if that stands at the beginning, else the nearest before the verb. */
static bool speaker_before(const struct quoter *q, const struct quotation *at,
                           size_t *out) {
    const struct doc *doc = q->doc;
    size_t first = sentence_of(doc, at->open)->first;
    const struct mention *m;

    if (at->open > first + VERB_BEFORE)
        first = at->open - VERB_BEFORE;
    for (size_t v = at->open; v > first && v > at->first;) {
        if (!says(doc_token(doc, --v)))
            continue;
        m = speaker_in(q, first, v, PICK_FIRST);
        if (m && m->first > first + SUBJECT_WITHIN)
            m = speaker_in(q, first, v, PICK_LAST_PERSON);
        if (!m && v > first && is_pronoun(doc_token(doc, v - 1))) {
            *out = pronoun_means(q, at);
            return true;
        }
        if (m)
            *out = m->entity;
        return m != NULL;
    }
    return false;
}

static void emit(struct quoter *q, const struct quotation *at, bool goes_on) {
    struct doc *doc = q->doc;
    size_t count = doc->event.quote_count, speaker = EVENT_NOBODY;

    if (!speaker_after(q, at, &speaker) && !speaker_before(q, at, &speaker) && goes_on)
        speaker = q->last_speaker;
    if (speaker >= doc->event.entity_count)
        speaker = EVENT_NOBODY;
    q->last_speaker = speaker;
    doc->quotes = arena_grow(doc->arena, doc->quotes, count, count + 1,
                             sizeof *doc->quotes, &q->cap);
    doc->quotes[count] = (struct event_quote){
        {doc->tokens[at->open].start, doc->tokens[at->close - 1].end}, speaker};
    doc->event.quote_count = count + 1;
}

static bool has_word(const struct doc *doc, size_t first, size_t last) {
    for (size_t i = first; i < last; i++)
        if (doc->tokens[i].kind != TOKEN_PUNCT)
            return true;
    return false;
}

static void read_paragraph(struct quoter *q, size_t first, size_t last) {
    const struct doc *doc = q->doc;
    bool again = false;

    for (size_t i = first; i < last; i++) {
        struct quotation at;
        if (doc->tokens[i].kind != TOKEN_PUNCT || !opens(doc, i, first))
            continue;
        at = (struct quotation){.open = i, .first = first, .last = last};
        for (at.close = i + 1; at.close < last && !closes(doc, at.close); at.close++)
            continue;
        if (at.close == last && i != first)
            return;
        at.close += at.close < last;
        if (has_word(doc, i, at.close)) {
            emit(q, &at, again || (i == first && at.close == last));
            again = true;
        }
        i = at.close - 1;
    }
}

static void run(void *state, struct doc *doc) {
    struct quoter q = {.doc = doc, .last_speaker = EVENT_NOBODY};
    size_t token = 0;

    (void)state;
    for (size_t i = 0; i < doc->stretch_count; i++) {
        size_t first = token;
        while (i + 1 < doc->stretch_count && doc->stretches[i].joins)
            i++;
        while (token < doc->token_count &&
               doc->tokens[token].start < doc->stretches[i].end)
            token++;
        if (doc->stretches[i].zone != ZONE_FURNITURE)
            read_paragraph(&q, first, token);
    }
    doc->event.quotes = doc->quotes;
}

const struct stage stage_quotes = {.name = "quotes", .run = run};
