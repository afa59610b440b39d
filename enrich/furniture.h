/* furniture.h: lines that are not prose: menus, buttons, bylines, credits, sign-offs.
 * What is told from a line alone is here; what takes its neighbours is segment's. */
#ifndef WIRETAG_ENRICH_FURNITURE_H
#define WIRETAG_ENRICH_FURNITURE_H

#include "enrich/phrases.h"

#define NOT_FURNITURE FURNITURE_KINDS

/* How far a line may be believed. */
enum furniture_claim {
    CLAIM_SURE,  /* furniture wherever it stands */
    CLAIM_WEAK,  /* only among other furniture */
    CLAIM_LINKS, /* sure where links follow, which belong to it; else navigation */
    CLAIM_BLOCK  /* sure, and the short lines under it are of its kind */
};

struct furniture_verdict {
    enum furniture_kind kind; /* NOT_FURNITURE: none */
    enum furniture_claim claim;
    bool button; /* with CLAIM_LINKS: alone it is navigation, else a head without links */
};

/* What a line shows to be by itself, anywhere in a story. */
struct furniture_verdict furniture_of_line(const struct phrases *phrases,
                                           struct view line);

/* "By ROMY D. ASUNCION, Staff Reporter", "Von Jo Doe": for lines near the headline.
 * *name: what stands after "By". */
bool furniture_byline(struct view line, struct view *name);

/* "Jo Doe in Lisbon", "HT Correspondent", "DAILY NEWS WITH AGENCIES", "Jo Doe, Staff
 * Writer": names and posts without "By", only for lines right under a headline. */
bool furniture_bare_byline(struct view line);

/* Do all words begin with capitals or digits, but for "in", "of", "and" and the like? */
bool furniture_names_only(struct view text);

/* Where the credit begins that ends the line: "(AFP)", "— AFP", "(AP Photo/Jo Doe)",
 * "Photo: AP"; the line's length if it has none. *photo: it is one of a picture. */
size_t furniture_credit(struct view line, bool *photo);

/* "(R)", "(2nd L)", "[File: ...]", "FILE PHOTO:": words only captions have. */
bool furniture_caption_marks(struct view line);

/* Where "(Xinhua)", "-AFP", "Enditem" begin at the end of a story's last paragraph,
 * behind its full stop; the line's length if nothing is there. *kind: what it is. */
size_t furniture_end_mark(struct view line, enum furniture_kind *kind);

/* Does it begin as what asks the reader to subscribe or follow? Prose may, too. */
bool furniture_invites(const struct phrases *phrases, struct view line);

/* "News in brief", "Sylhet Round-up": a heading over several stories? */
bool furniture_heads_briefs(struct view line);

/* dateline_agency, also of names in capitals and of those tied together: "BERNAMA",
 * "Keystone-SDA", "AFP/AP". */
bool furniture_agency(struct view name);

/* Where the name in brackets begins that ends a caption: "(FOX 9)", "[Jo Doe, Standard]";
 * the line's length if there is none. Only for lines between headline and prose. */
size_t furniture_bracketed_name(struct view line);

/* Words that papers, stations and sites are called by: "Times", "Online", ".com". */
bool furniture_medium(struct view line);

/* Letters and digits of the line, folded to lower case in ASCII, as a hash: the same for
 * lines that differ in blanks, case and punctuation only. Of the first `most` bytes of
 * them. *words: how many there are, at most FURNITURE_WORDS. */
uint64_t furniture_line_hash(struct view line, size_t most, unsigned *words);
#define FURNITURE_WORDS 10 /* what has as many is long, for every rule */

#endif
