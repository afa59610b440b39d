/* phrases.h: the words that furniture is known by, and how much of a line they speak for.
 *
 * phrases_list.c has them, grouped, as text; a table of them is made once and then never
 * changes. A line is asked for by its folded words. */
#ifndef WIRETAG_ENRICH_PHRASES_H
#define WIRETAG_ENRICH_PHRASES_H

#include "proto/event.h"

enum phrase_use {
    PHRASE_WHOLE,   /* nothing else on the line: "Leave a reply" */
    PHRASE_WEAK,    /* the same, but only among other furniture: "Politics" */
    PHRASE_LINKS,   /* nothing else; links to other stories follow: "Most read" */
    PHRASE_LABEL,   /* a colon behind it: "Read also: ..." */
    PHRASE_CREDITS, /* names behind it: "Editing by Jo Doe" */
    PHRASE_INVITES, /* begins what asks the reader to subscribe, follow, pay */
    PHRASE_BEGINS,  /* begins the line, whatever comes */
    PHRASE_USES     /* how many */
};

struct phrase_group {
    enum phrase_use use;
    enum furniture_kind kind;
    unsigned most;    /* words of the longest line that it is believed of; 0: any */
    const char *text; /* phrases, "|" between them */
};
extern const struct phrase_group phrase_groups[];
extern const size_t phrase_group_count;

/* The words of a line in small letters (ASCII), one blank between them, apostrophes left
 * out: as many as fit. */
#define FOLDED_WORDS 16
struct folded {
    char text[160];
    unsigned count;              /* words in text */
    uint16_t ends[FOLDED_WORDS]; /* of each word, in text */
    uint32_t raw[FOLDED_WORDS];  /* of each word, in the line */
    unsigned letters, digits;    /* in the words folded */
    bool whole;                  /* all of the line is in text */
};

/* Folds at most `most` words. */
void folded_words(struct view line, unsigned most, struct folded *out);
static inline struct view folded_first(const struct folded *folded, unsigned words) {
    return view_n(folded->text, words ? folded->ends[words - 1] : 0);
}

struct phrases;

struct phrase {
    struct view words;
    enum furniture_kind kind;
    unsigned most;
};

struct phrases *phrases_new(void);
void phrases_free(struct phrases *phrases); /* NULL allowed */

/* The phrases of exactly these words, by use; false if there is none. */
bool phrases_find(const struct phrases *phrases, struct view words,
                  const struct phrase *found[PHRASE_USES]);

/* May a phrase begin with these words, one or two of them (folded)? One word: may a
 * phrase consist of it or begin with it. A quick no, for prose. */
bool phrases_begin(const struct phrases *phrases, struct view words);

#endif
