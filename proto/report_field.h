/* report_field.h: what readers of reports do with the words they find in a field, the
 * same for all: clean them, know them, say what was mended. */
#ifndef WIRETAG_PROTO_REPORT_FIELD_H
#define WIRETAG_PROTO_REPORT_FIELD_H

#include "proto/report.h"

/* raw: UTF-8. Canonical text (utf8_clean); raw itself where it is that already, else a
 * copy in the arena. */
struct view field_text(struct view raw, struct arena *arena);
/* The same as one line: line ends and tabs become spaces, blanks at the ends go. */
struct view field_line(struct view raw, struct arena *arena);

/* One of the actions of EVENT.md, relations of a report, words of status. */
bool field_is_action(struct view word);
bool field_is_relation(struct view word);
bool field_is_status(struct view word);
/* en, pt-BR, zh_Hant_TW: letters, then parts of letters and digits; 1 to 8 in each, 2 at
 * least in the first. */
bool field_is_language(struct view tag);

/* Adds `text` to the report's warnings, joined by "; "; once, however often it is said.
 * It may cite the document: it becomes one line of valid UTF-8, as a diag's does. */
void report_warn(struct report *report, struct arena *arena, const char *text);
/* False when there is no room for it; an empty word, or one that is there already, is
 * passed over. */
bool report_add_category(struct report *report, struct view category);
bool report_add_keyword(struct report *report, struct view keyword);

#endif
