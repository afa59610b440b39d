/* furniture.h: lines that are not prose: menus, buttons, bylines, credits, sign-offs.
 * What is told from a line alone is here; what takes its neighbours is segment.c's. */
#ifndef WIRETAG_ENRICH_FURNITURE_H
#define WIRETAG_ENRICH_FURNITURE_H

#include "proto/event.h"

#define NOT_FURNITURE FURNITURE_KINDS

/* The kind of a line that shows by itself, anywhere in a story; NOT_FURNITURE if none. */
enum furniture_kind furniture_of_line(struct view line);

/* "By ROMY D. ASUNCION, Staff Reporter": for lines near the headline. *name: what stands
 * after "By". */
bool furniture_byline(struct view line, struct view *name);

/* "More:", "Related stories": the lines after it are links. */
bool furniture_related_head(struct view line);

/* Where the credit begins that ends the line: "(AFP)", "— AFP", "(AP Photo/Jo Doe)"; the
 * line's length if it has none. */
size_t furniture_credit(struct view line);

/* "(R)", "(2nd L)", "[File: ...]": words only captions have. */
bool furniture_caption_marks(struct view line);

/* Letters and digits of the line, folded to lower case in ASCII, as a hash: the same for
 * lines that differ in blanks, case and punctuation only. Of the first `most` bytes of
 * them. *words: how many there are, at most FURNITURE_WORDS. */
uint64_t furniture_line_hash(struct view line, size_t most, unsigned *words);
#define FURNITURE_WORDS 10 /* what has as many is long, for every rule */

#endif
