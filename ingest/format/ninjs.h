/* ninjs.h: news items in JSON: ninjs of all versions (iptc.org/std/ninjs) and its
 * relatives (AP's Media API, dpa's digitalwires, what Superdesk writes), as reports.
 *
 * What a property is called has changed from version to version, what it means has not:
 * one table (ninjs_names.c) says which names mean what, whatever version the item says it
 * is of; capitals do not count (versioncreated, versionCreated). Names that mean nothing
 * to us ride along in `extra`, so do the entities the sender gives (people, places,
 * subjects ...). Of what is associated (pictures, other stories) `extra` keeps what it is
 * and where, not the item itself: it is no report of this sender's. Renditions, which are
 * files, are left out.
 *
 * What breaks the schema but can be read is read, and a warning names it. */
#ifndef WIRETAG_INGEST_FORMAT_NINJS_H
#define WIRETAG_INGEST_FORMAT_NINJS_H

#include "ingest/format/format.h"
#include "proto/json_tree.h"

/* Is it a news item, and no feed record? */
bool ninjs_is(const struct json_node *object);

/* One report of it, or a note if it has no words and does nothing to a story. ERR_FORMAT
 * with a diag that names the property. */
int ninjs_read(const struct format_input *in, const struct json_node *item,
               struct format_output *out, struct diag *diag);

/* ---- ninjs_names.c ---- */

enum ninjs_meaning {
    NINJS_UNKNOWN, /* no name of anybody's */
    NINJS_EXTRA,   /* to extra, as it is */
    NINJS_NOTHING, /* left out */
    NINJS_GUID,
    NINJS_VERSION,
    NINJS_FIRST,
    NINJS_VERSIONED,
    NINJS_CONTENT,
    NINJS_EMBARGO,
    NINJS_EXPIRES,
    NINJS_STATUS,
    NINJS_SIGNAL,
    NINJS_URGENCY,
    NINJS_PRIORITY,
    NINJS_LANG,
    NINJS_EDNOTE,
    NINJS_NOTEPAD,
    NINJS_BYLINE,
    NINJS_DATELINE,
    NINJS_SLUG,
    NINJS_KEYWORDS,
    NINJS_SUBJECTS,
    NINJS_CATEGORIES,
    NINJS_SERVICES,
    NINJS_SOURCE,
    NINJS_HOLDER,
    NINJS_URL,
    NINJS_REPLACES,
    NINJS_SUBHEAD,
    NINJS_TITLE,
    NINJS_HEADLINES,
    NINJS_BODIES,
    NINJS_BOX,
    NINJS_DESCRIPTIONS,
    NINJS_ASSOCIATIONS,
    NINJS_MEANINGS
};

/* What the property means. *rank: of several that mean the same the lowest counts.
 * *role: what stands behind "headline_" and its kind. */
enum ninjs_meaning ninjs_meaning(struct view name, unsigned *rank, struct view *role);

/* Is it that word, in small letters, capitals or not? */
bool ninjs_same(struct view text, const char *word);
/* The member of that name, which is in small letters; NULL: there is none, or it is no
 * object. */
const struct json_node *ninjs_member(const struct json_node *object, const char *name);

/* ---- ninjs_check.c ---- */

/* Does it keep to ninjs? Warns of the first properties that do not. */
void ninjs_check(const struct json_node *item, struct report *report,
                 struct arena *arena);

#endif
