/* life.h: the words newsrooms say what a report does with: "UPDATE 2-", "1st
 * Ld-Writethru", "CORRECTED-", "KILL KILL KILL", "(MORE)". They stand in headlines, in
 * keyword lines and on lines of their own; the formats and the tagger both ask here, so
 * that a word means the same wherever it stands.
 *
 * English, with the German, French and Spanish the agencies use. It is meant to be
 * precise: "Update 2 of the app" and "Kill Bill" say nothing. "Recasts", "fixes" and
 * "clarifies" are updates: a correction is what is called one. Of several words the
 * gravest counts, in this order: kill hold correction sub add refile repeat lead update
 * alert advisory.
 *
 * Pure and without memory of its own: every view points into what was given, or to a
 * constant. */
#ifndef WIRETAG_PROTO_LIFE_H
#define WIRETAG_PROTO_LIFE_H

#include "proto/report.h"

struct life {
    struct view action;  /* as report.action; empty: says nothing of it */
    struct view status;  /* canceled with kill, withheld with hold; else empty */
    unsigned number;     /* UPDATE 2, 3rd Ld, 2nd Add: which one; 0: not said */
    struct take take;    /* "=2", "(Take 2 of 3)", "2Takes", "(MORE)" */
    int urgency;         /* FLASH 1, URGENT 2; 0: not said */
    bool official;       /* CORRECTED-(OFFICIAL): the mistake was the source's */
    bool advisory;       /* meant for editors, not for readers */
    bool ends;           /* ENDS, -30-: nothing comes after it */
    unsigned release[2]; /* Adv30-01: day and month it is for (month 0: not said); 0, 0 */
    unsigned words_count; /* of a keyword line: how many words the story has; 0 */
    struct view tag;      /* what was understood, as it stands: "UPDATE 2-" */
    struct view words; /* the rest: the headline without its tags, the keyword section */
    struct relation relations[REPORT_RELATIONS]; /* what a notice cites; no guids */
    size_t relation_count;
};

/* Tags at the front and the end of a headline, or a line that is nothing else: "UPDATE
 * 2-CORRECTED-Title", "(2nd LD) Title", "Berichtigung: Titel", "Title =2", "Title (Take 2
 * of 3)", "1ST LEAD". False and *out zero but for `words` where there are none. FACTBOX-
 * and its kind are taken off and have no action. */
bool life_read_headline(struct view headline, struct life *out);

/* An ANPA keyword line or what it is made of: "BC-US--Ethanol-Losing Grassland, 1st
 * Ld-Writethru,1140", "BC-Foo 3rdLd-Writethru", "PM-Air Fares, 1st Ld-1st Add, a0584",
 * also the version alone ("2Takes", "Adv30-01"). `words` is the keyword section, which
 * all reports of a story share, `tag` what follows it. False where it is a keyword
 * section only (then `words` is all of it). */
bool life_read_slug(struct view slug, struct life *out);

/* A line or paragraph of text that is a notice: "Kill item wfd 0141, headlined ...", "The
 * story slugged X is withdrawn", "(MORE)", "ENDS", "Eds: Corrects ...", "(Adds quotes)".
 * `tag` is all of it. A kill that cites several items has a relation for each; an item is
 * cited by its number, else by its slug, else by its headline. False for prose. */
bool life_read_note(struct view line, struct life *out);

/* A note that came in a field of its own: what its lines say was changed ("CORRECTS:
 * ...", "RECASTS with ..."), with or without brackets. It takes nothing back: a report
 * that does so says it of itself. */
bool life_read_ednote(struct view note, struct life *out);

/* Puts together what two places say: the graver action, what else either has. `tag` and
 * `words` stay *into's. */
void life_join(struct life *into, const struct life *other);

/* The version the words mean, where nothing else gives one: the original is 1, UPDATE 1
 * and 1st Lead are 2. 0: they mean none. */
uint64_t life_version(const struct life *life);

/* Takes "wfd 0141", "dpa-tns 0908", "a0584", "EFE1234" off the front of *from. *agency:
 * its letters, *number: its digits. */
bool life_take_reference(struct view *from, struct view *agency, struct view *number);

#endif
