/* segment.h: the parts of the segment stage among themselves. segment.c divides the text
 * into lines and finds those that show as furniture, segment_headline.c chooses the
 * headline, segment_head.c reads what stands between it and the prose, segment_around.c
 * tells lines by their neighbours, segment_out.c writes stretches, furniture and the
 * dateline. */
#ifndef WIRETAG_ENRICH_SEGMENT_H
#define WIRETAG_ENRICH_SEGMENT_H

#include "enrich/dateline.h"
#include "enrich/doc.h"
#include "enrich/furniture.h"

struct gazetteer;

enum line_role { LINE_BODY, LINE_HEADLINE, LINE_FURNITURE, LINE_CAPTION, LINE_DATE };

#define LINE_BEGINS 28 /* letters: lines with the same ones may be copies */

struct line {
    struct view text; /* without blanks around it */
    uint64_t hash;    /* of its first LINE_BEGINS letters */
    uint32_t start;
    unsigned words;     /* at most FURNITURE_WORDS */
    uint32_t from, to;  /* of a headline: where it stands in the line */
    uint8_t role, kind; /* kind: of furniture */
    uint8_t claim;      /* enum furniture_claim, while role is LINE_BODY */
    bool button;        /* furniture_verdict's */
    bool gap;           /* an empty line before it */
    bool alike;         /* another line has the same hash */
};

struct segmenter {
    struct doc *doc;
    const struct gazetteer *gazetteer;
    const struct phrases *phrases;
    struct line *lines;
    size_t count, cap;
    size_t lead;      /* the first line of prose, or count */
    size_t headline;  /* line, or count */
    size_t headlines; /* how many lines it has */
    size_t dated;     /* the line with the dateline, or count */
    size_t end_mark;  /* line with "(Xinhua)" behind its prose, or count */
    struct dateline dateline;
    struct written_date date_line; /* the first there is; month 0: none */
    size_t stretch_cap, furniture_cap;
};

/* Chooses the headline and marks what stands over it. */
void segment_find_headline(struct segmenter *s);
/* Finds byline, date line, captions and dateline under the headline. */
void segment_read_head(struct segmenter *s);
/* Marks links under "More:" and what stands among furniture. */
void segment_mark_links(struct segmenter *s);
void segment_mark_around(struct segmenter *s);
/* Fills the doc's stretches and the event's furniture, dateline and day of issue. */
void segment_put(struct segmenter *s);

/* Without blanks of any kind at the ends. */
struct view segment_trim(struct view line);
void segment_mark(struct line *line, enum furniture_kind kind);
/* Does it end with a full stop or the like, quotation marks behind it or not? */
bool segment_ends_like_prose(struct view line);
/* Does it end in three dots? */
bool segment_cut_short(struct view line);
/* A line of prose: long and a sentence. */
bool segment_is_prose(const struct line *line);
/* Could the line be a link to another story: short, no sentence? */
bool segment_is_link(const struct line *line);
bool segment_is_caption(const struct line *line, bool in_head);
/* Has it what datelines have, a dash, a bracket, a colon near its beginning? */
bool segment_may_date(struct view line);
/* The next line from here on that is nothing yet, or count. */
size_t segment_next(const struct segmenter *s, size_t from);
/* Do the words of the shorter stand in the longer, most of them? Lines of 5 words on. */
bool segment_near_copy(struct view a, struct view b);
/* Makes it a date line if it is one; in the head also "Daily Sentinel, 23/11/2018". */
bool segment_read_date_line(struct segmenter *s, size_t i, bool in_head);
/* Is the name a place? Context: the segmenter. */
bool segment_known_place(const void *context, struct view name);

#endif
