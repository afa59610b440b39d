/* doc.h: a story on its way through the tagger. Stages read what earlier ones left here
 * and add their own; nothing is ever taken out of `text`. Everything lives in the arena.
 *
 *     text      "TUNIS - Libyan National Army commander ..."
 *     stretches  lines and parts of lines, each with its zone
 *     tokens     [TUNIS][-][Libyan][National][Army][commander]
 *     sentences  [first token, last token)  with the zone they stand in
 *     hits       gazetteer entries over token ranges, overlapping
 *     mentions   names over token ranges, in order, not overlapping
 *     entities   mentions that are one thing, with places beside them
 *
 * Spans are bytes into text; token ranges are [first, last). */
#ifndef WIRETAG_ENRICH_DOC_H
#define WIRETAG_ENRICH_DOC_H

#include "proto/calendar.h"
#include "proto/event.h"

/* What is one token (token.c decides):
 *     words        Sirte  Mir’ash  N'Djamena; also 6pm 26th 1990s
 *     abbreviations with their full stop   U.N.  Gen.  J.  a.m.
 *     numbers      1,800  12.5  4:50
 *     possessives  ’s is a token of its own, as is a lone ’ after a plural
 *     hyphens      divide: UN-backed is [UN][-][backed], al-Sarraj [al][-][Sarraj]
 *     links        URLs, e-mail addresses, @handles
 *     punctuation  one mark each; ... and -- are one */
enum token_kind { TOKEN_WORD, TOKEN_NUMBER, TOKEN_PUNCT, TOKEN_LINK };

/* What the letters of a word look like. */
enum token_shape {
    SHAPE_CAPITAL = 1,    /* begins with a capital: "Sirte" */
    SHAPE_ALL_CAPS = 2,   /* two letters or more, all capitals: "GNA" */
    SHAPE_LOWER = 4,      /* no capital in it */
    SHAPE_DIGITS = 8,     /* has a digit */
    SHAPE_INITIAL = 16,   /* one capital, with or without full stop: "J." */
    SHAPE_POSSESSIVE = 32 /* the token is 's or ' after a name */
};

struct token {
    uint32_t start, end; /* bytes into text */
    uint32_t sentence;
    uint8_t kind;
    uint8_t shape;
    uint8_t space_before; /* blank, line end or start of text before it */
};

/* Stages that tag pass over ZONE_FURNITURE; captions are furniture with tags in them. */
enum zone { ZONE_HEADLINE, ZONE_DATELINE, ZONE_BODY, ZONE_CAPTION, ZONE_FURNITURE };

/* A line without the blanks around it, or a part of one where the zone changes. Stretches
 * stand in order, do not overlap and leave out nothing but blanks. */
struct stretch {
    uint32_t start, end;
    uint8_t zone;
    uint8_t joins; /* the sentence may run on into the next stretch: a wrapped line */
    uint8_t gap;   /* an empty line before it */
};

struct sentence {
    uint32_t first, last; /* tokens */
    uint8_t zone;
};

/* A name of the gazetteer stands here; gazetteer_candidates says what it may mean.
 * Several hits may cover the same token. In order of first, the longest first. */
struct hit {
    uint32_t first, last; /* tokens */
    uint32_t name;        /* the gazetteer's number for it */
    uint32_t classes;     /* CLASS_BITs of its candidates */
};

struct mention {
    uint32_t first, last; /* tokens */
    struct span at;       /* bytes: without titles, quotes, possessive 's */
    enum entity_type type;
    float score;
    struct view role; /* title before it: "General" */
    const char *why;
    uint32_t name;   /* the gazetteer's, or GAZETTEER_NONE */
    uint32_t entity; /* set by alias */
};

struct doc {
    const struct report *report;
    struct arena *arena;
    struct view text;
    struct event event; /* what goes out; filled as it becomes known */

    bool headline_capitals;  /* the headline is in capitals or Title Case */
    int32_t published;       /* event.published in days since 1970, or CALENDAR_NONE */
    uint8_t date_order;      /* enum date_order: how 03/04/2020 is meant */
    const struct doc *first; /* the document's first story; NULL: this is it */

    struct stretch *stretches;
    size_t stretch_count;

    struct token *tokens;
    size_t token_count;
    struct sentence *sentences;
    size_t sentence_count;
    struct hit *hits;
    size_t hit_count;
    struct mention *mentions;
    size_t mention_count;

    /* The same arrays the event points to, while they are being filled. */
    struct event_furniture *furniture;
    struct event_entity *entities;
    struct event_place *places;
    struct event_date *dates;
    struct event_quote *quotes;
};

static inline struct view doc_span(const struct doc *doc, struct span at) {
    return view_n(doc->text.at + at.start, at.end - at.start);
}
static inline struct view doc_token(const struct doc *doc, size_t i) {
    return doc_span(doc, (struct span){doc->tokens[i].start, doc->tokens[i].end});
}

#endif
