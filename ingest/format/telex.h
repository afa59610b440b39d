/* telex.h: what the telex formats (IPTC 7901, ANPA 1312, ZCZC) share: messages in their
 * parts, lines with controls in them, and text that was broken into lines of some seventy
 * characters.
 *
 *     fill SOH header STX text ETX tail EOT
 *
 * Any of the marks may be missing. Characters are decoded first, which leaves the
 * controls where they are. */
#ifndef WIRETAG_INGEST_FORMAT_TELEX_H
#define WIRETAG_INGEST_FORMAT_TELEX_H

#include "ingest/format/format.h"

struct telex {
    struct view head, text, tail; /* UTF-8, controls still in */
    bool soh, stx, etx;
};

/* Decodes the document (charset of the input, else of the feed, else by its looks) and
 * finds the parts; charset and warning of the report are set. Without STX `head` holds
 * all, text nothing. */
void telex_open(struct telex *telex, const struct format_input *in,
                struct report *report);

/* Does it begin, behind fill, with SOH or STX? *rest: what follows that. */
bool telex_begins(struct view bytes, struct view *rest);

/* Takes a line off the front, without its end: CR, LF or CR LF. False at the end. */
bool telex_line(struct view *from, struct view *line);
/* The same, the next line that is not empty but for blanks and controls. */
bool telex_full_line(struct view *from, struct view *line);

/* Without controls and blanks at the ends, runs of blanks as one; in the arena, or where
 * it was if it is so already. */
struct view telex_plain(struct view line, struct arena *arena);
/* Puts two lines together with a blank, in the arena. */
struct view telex_joined(struct view a, struct view b, struct arena *arena);
/* Takes a word of visible characters off the front, controls and blanks before it too;
 * empty at the end. */
struct view telex_word(struct view *from);

/* BEL: five ring for what is urgent, ten for a flash. */
size_t telex_bells(struct view text);

/* Text as paragraphs: lines that were broken because the next word did not fit are put
 * together again, since a name is not two because a line ended in it. Between paragraphs
 * (an empty line, an indented one) stands an empty line; what is neither, items of lists
 * and rows of tables (marked by BS or set out in columns), keeps its lines. Blanks at
 * their ends go, so do controls; SBF is a blank, RS and US are tabs, TAB in front of a
 * line and FF make a paragraph. With `marks`, those that the seven-bit code has for
 * others become them: `` and '' quotation marks, a single _ between blanks a dash.
 *
 * headline (may be empty) is put in front with an empty line behind it. In the arena. */
struct view telex_text(struct view headline, struct view body, bool marks,
                       struct arena *arena);

/* The marks alone, of a line. */
struct view telex_marks(struct view text, struct arena *arena);

/* True for "By A. Writer", "Von ...", "Par ...": *name: what follows, without "=" and the
 * agency (", dpa") behind it. */
bool telex_byline(struct view line, struct view agency, struct view *name);

/* ASCII only. */
static inline bool telex_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool telex_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static inline bool telex_upper(char c) { return c >= 'A' && c <= 'Z'; }

#endif
