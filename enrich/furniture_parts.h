/* furniture_parts.h: what the files of furniture share. furniture.c knows phrases and
 * notes of desks, furniture_short.c the short lines of menus, counters and codes,
 * furniture_names.c bylines and credits. */
#ifndef WIRETAG_ENRICH_FURNITURE_PARTS_H
#define WIRETAG_ENRICH_FURNITURE_PARTS_H

#include "enrich/furniture.h"

unsigned furniture_words(struct view line);
bool furniture_contains(struct view text, const char *what);
bool furniture_one_of(struct view word, const char *const *words, size_t count);
bool furniture_starts(struct view text, const char *const *starts, size_t count);
#define STARTS(text, list) furniture_starts(text, list, sizeof(list) / sizeof *(list))
#define ONE_OF(word, list) furniture_one_of(word, list, sizeof(list) / sizeof *(list))

/* Counters, buttons, menus, links, and the lines that stood over telex copy. */
bool furniture_of_page(struct view line, const struct folded *words);
/* "dpa wsz jln npr", "bur-dar-gl/fz", "wfd aw ed 141105 GMT Jan 20". */
bool furniture_code(struct view line);
/* "Dana Whitcombe, 757-555-0188, dana@courier.example" */
bool furniture_contact(struct view line);
/* "Hussein Malla/AP" */
bool furniture_photographer(struct view name);
/* "AFP", "KYODO NEWS", "AFP/Getty Images", "Reuters photo" */
bool furniture_agency_line(struct view line);

#endif
