/* blocks.h: from markup to canonical text (utf8.h): the elements that are open say where
 * paragraphs, lines and cells begin; all others vanish.
 *
 *     blocks_begin(&b, &out);
 *     blocks_open(&b, VIEW_LIT("p"));
 *     blocks_text(&b, VIEW_LIT("It rained \n in"));
 *     blocks_text(&b, VIEW_LIT(" Oslo."));
 *     blocks_close(&b, VIEW_LIT("p"));
 *     blocks_end(&b);
 *
 * Who reads the markup (html.c; the readers of NITF and XHTML) tells what opens, what
 * stands there and what closes, by the local names of HTML, XHTML and NITF, in any case.
 *
 *     p, div, h1, hl2, blockquote ...   a paragraph: an empty line between
 *     br, and each li, dt, dd           a line; br br: an empty one
 *     tr                                a line, its cells parted by a tab each
 *     a cell with paragraphs in it      ends that: the table lays out a page
 *     pre                               kept line by line
 *     q                                 in quotation marks
 *     script, style, svg, iframe ...    left out
 *
 * Items of a list are bare lines: a mark before them would hide what they begin with from
 * whoever looks at lines. Blanks, the no-break space among them, collapse to one as in
 * HTML; soft hyphens and zero-width spaces go; the joiners stay, which Persian and emoji
 * are spelt with. One pass, no memory but the buffer's. */
#ifndef WIRETAG_INGEST_FORMAT_BLOCKS_H
#define WIRETAG_INGEST_FORMAT_BLOCKS_H

#include "proto/buf.h"

enum blocks_gap { GAP_NONE, GAP_BLANK, GAP_LINE, GAP_PARAGRAPH };

struct blocks {
    struct buf *out;
    size_t begin;          /* of this text in out */
    size_t item;           /* where the open cell or list item begins in out */
    size_t cell_begin;     /* where the open cell does */
    size_t pre_gap;        /* where the gap before the open pre begins in out */
    size_t pre_begin;      /* and where its text does */
    enum blocks_gap due;   /* what stands before the next character */
    unsigned tabs;         /* as well */
    unsigned cells;        /* of the open row */
    unsigned quotes;       /* open */
    unsigned left_out;     /* open elements from the one on that is left out */
    bool pre, cell, quote; /* inside of them; quote: its mark is due */
    bool broken;           /* a cell of the open row has lines of its own */
    bool lines;            /* see blocks_begin_lines */
};

/* Text will be appended to *out, which the caller keeps and owns. */
void blocks_begin(struct blocks *blocks, struct buf *out);
/* The same for text whose writer left the paragraphs to empty lines. */
void blocks_begin_lines(struct blocks *blocks, struct buf *out);

/* An element begins or ends. They need not pair, except where blocks_leaves_out. */
void blocks_open(struct blocks *blocks, struct view name);
void blocks_close(struct blocks *blocks, struct view name);
/* Character data, in as many pieces as its reader has it in, but no code point in two.
 * Any bytes: what is not UTF-8 becomes U+FFFD. */
void blocks_text(struct blocks *blocks, struct view text);
/* The text is complete; it ends with its last character that is no blank. */
void blocks_end(struct blocks *blocks);

/* Is all that the element holds left out? */
bool blocks_leaves_out(struct view name);
/* Does the element begin a paragraph or a line? */
bool blocks_breaks(struct view name);

#endif
