/* head.h: what an event says about its report before any word of it is tagged: which
 * story it is, who sent it, and the day that relative dates are counted from. */
#ifndef WIRETAG_ENRICH_HEAD_H
#define WIRETAG_ENRICH_HEAD_H

#include "enrich/datewords.h"
#include "enrich/doc.h"

/* Fills guid, guid_from, headline, byline and agency from what the report gives, and
 * `published` if it gives that. */
void head_begin(struct doc *doc);

/* About when it was written: published if given, else the day it was sent or received. */
int32_t head_near(const struct doc *doc);

/* The day of a date written in the head, read in the order its feed or the country of its
 * dateline (dateline_order, put into doc->date_order) writes it. */
int32_t head_day(const struct doc *doc, const struct written_date *date);
/* The same where nothing but another day in the head may say about when it was. */
int32_t head_day_near(const struct doc *doc, const struct written_date *date,
                      int32_t other);

/* Settles `published`: given > dateline > date line > sent > received. Days may be
 * CALENDAR_NONE. */
void head_settle(struct doc *doc, int32_t dateline, int32_t date_line);

/* Appends to event.warnings; the text must live as long as the doc. */
void head_warn(struct doc *doc, const char *text);

/* A day as text in the doc's arena. */
struct view head_day_text(struct doc *doc, int32_t day);

#endif
