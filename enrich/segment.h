/* segment.h: the parts of the segment stage among themselves. segment.c divides the text
 * into lines and finds those that show as furniture, segment_head.c reads the head of the
 * story, segment_out.c writes stretches, furniture and the dateline. */
#ifndef WIRETAG_ENRICH_SEGMENT_H
#define WIRETAG_ENRICH_SEGMENT_H

#include "enrich/dateline.h"
#include "enrich/doc.h"
#include "enrich/furniture.h"

struct gazetteer;

enum line_role { LINE_BODY, LINE_HEADLINE, LINE_FURNITURE, LINE_CAPTION, LINE_DATE };

#define LINE_BEGINS 48 /* letters: lines with the same ones may be copies */

struct line {
    struct view text; /* without blanks around it */
    uint64_t hash;    /* of its first LINE_BEGINS letters */
    uint32_t start;
    unsigned words;     /* at most FURNITURE_WORDS */
    uint8_t role, kind; /* kind: of furniture */
    bool gap;           /* an empty line before it */
    bool alike;         /* another line has the same hash */
};

struct segmenter {
    struct doc *doc;
    const struct gazetteer *gazetteer;
    struct line *lines;
    size_t count, cap;
    size_t headline; /* line, or count */
    size_t dated;    /* the line with the dateline, or count */
    struct dateline dateline;
    struct written_date date_line; /* the first there is; month 0: none */
    size_t stretch_cap, furniture_cap;
};

/* Finds headline, byline, date line, captions and dateline among the lines. */
void segment_read_head(struct segmenter *s);
/* Fills the doc's stretches and the event's furniture, dateline and day of issue. */
void segment_put(struct segmenter *s);

/* Without blanks of any kind at the ends. */
struct view segment_trim(struct view line);
void segment_mark(struct line *line, enum furniture_kind kind);
/* Does it end with a full stop or the like, quotation marks behind it or not? */
bool segment_ends_like_prose(struct view line);
/* Takes "Posted:", "Updated on" and the like off the front. */
void segment_skip_label(struct view *rest);

#endif
