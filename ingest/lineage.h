/* lineage.h: which story a report is a version of, and whether it comes too late.
 *
 *     the very same content within the window        dup   not taken again
 *     its story is new                                new
 *     it takes its story back                         update, whatever its version
 *     the story was taken back                        old, unless it says that it is
 *                                                     usable and is newer than what did
 *     before the story's latest version               old   not handed out
 *     otherwise                                       update
 *
 * Versions are the sender's numbers, else the moments the versions were made; a number is
 * never compared with a moment. Where there is nothing to compare, what arrives later is
 * later.
 *
 * The same content is everything the sender said; of a version that was given, or of a
 * guid made of an agency's own reference or keyword line, only guid, version, words,
 * action and status, since agencies send one again with other marks.
 *
 * A guid of that kind holds the day, which rolls over between a story and what is sent of
 * it after midnight. So a report that says it goes on with a story (a lead, a correction,
 * a kill ...) belongs to one of the day before if there is none of its own day; a kill
 * also to one of two days before. An agency's own number, which comes again every day,
 * names another story only where the report cites it. */
#ifndef WIRETAG_INGEST_LINEAGE_H
#define WIRETAG_INGEST_LINEAGE_H

#include "ingest/journal.h"
#include "proto/report.h"

/* In the order of what they say: of a document with several reports the answer gives the
 * first there is. */
enum verdict {
    VERDICT_NEW,
    VERDICT_UPDATE,
    VERDICT_OLD,
    VERDICT_DUP,
    VERDICT_NONE, /* nothing in it to tag: a package */
    VERDICTS
};

const char *verdict_name(enum verdict verdict); /* "new" */

/* Gives a report with a guid of that kind the guid of the story it goes on with, and
 * names that story in the relation that kills it. False: it is a kill and no such story
 * is known. */
bool lineage_find(struct report *report, const struct journal *journal, int64_t now_ms,
                  struct arena *arena);

/* What the report is known by; `scratch` is working space. */
struct identity lineage_identity(const struct report *report, struct buf *scratch);

/* Fills in *seen for all but a new one, and in *id what is to be remembered of the story:
 * its highest version stays known. */
enum verdict lineage_judge(const struct report *report, struct identity *id,
                           const struct journal *journal, int64_t now_ms,
                           struct journal_seen *seen);

#endif
