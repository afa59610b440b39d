/* schema.h: the tables of the sink's journal, DIR/events.db.
 *
 * For everybody's eyes: open it with `sqlite3 -readonly DIR/events.db` while the sink
 * runs. Reading disturbs nobody for as long as no transaction is kept open for minutes
 * (the log cannot be made shorter meanwhile).
 *
 *     events      one row for each event, all versions of all stories
 *     versions    the same, and what has become of each (a view): canceled_by and
 *                 replaced_by are offsets, or NULL
 *     stories     the newest version of each story that is not canceled (a view)
 *
 *     held        events under embargo: not among the others until that ends
 *     journals, ranges, blanks   the ingests' runs, and the reports stored of each
 *     cursors     how far each output has come
 *     meta        epoch, head
 *
 * Its .schema has a comment for each column. A copy is made by .backup of that shell, at
 * any time; a copied file alone lacks what is in the log.
 *
 * For example, what is known of Tripoli today:
 *     SELECT json ->> 'headline' FROM stories WHERE json LIKE '%Tripoli%'
 *       AND stored_ms > 1000 * unixepoch('now', '-1 day'); */
#ifndef WIRETAG_SINK_SCHEMA_H
#define WIRETAG_SINK_SCHEMA_H

#include "proto/id.h"
#include "sink/store.h"

#define SCHEMA_VERSION 2

/* Makes the tables in a new file, with this epoch; looks whether those of another are
 * ours, and adds what an older version did not have. ERR_FORMAT: not a journal of the
 * sink; ERR_VERSION: one of a newer version. */
int schema_ensure(struct store *store, struct uuid epoch, struct diag *diag);
/* The same for who only reads: an older version is good enough. ERR_NOT_FOUND: there is
 * nothing in it yet. */
int schema_look(struct store *store, struct diag *diag);

#endif
