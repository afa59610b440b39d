/* schema.h: the tables of the sink's journal, DIR/events.db.
 *
 * For everybody's eyes: open it with `sqlite3 -readonly DIR/events.db` while the sink
 * runs. Reading disturbs nobody for as long as no transaction is kept open for minutes
 * (the log cannot be made shorter meanwhile).
 *
 *     events      one row for each event, in the order in which they became durable
 *       offset      1, 2, 3, ...: with the epoch the event's name for ever
 *       journal, idx, part   which ingest's run (journals), report and story it is of;
 *                   together unique: nothing is stored twice
 *       parts       how many stories the report has
 *       crc         CRC-32C of the report, by which an id's re-use shows
 *       guid, version, canceled   which story it is: canceled = 1 ends all versions of
 *                   its guid that came before it
 *       stored_ms   when, UTC, milliseconds since 1970
 *       json        the event (EVENT.md)
 *     versions    events, and what has become of each (a view):
 *       canceled_by   offset of the event that canceled it; NULL: none
 *       replaced_by   offset of an event with a newer version of it; NULL: none
 *     stories     the newest version of each story that is not canceled (a view)
 *
 *     journals    number <-> uuid of the ingest's run
 *     ranges      the report indices stored of each journal, lo to hi: stays when rows of
 *                 events are deleted (--keep)
 *     blanks      reports in which there was no story; for them there is no event
 *     cursors     how far each output has come: up to `offset` all is in its file, which
 *                 is inode ino on device dev and `length` bytes long; tail is the CRC-32C
 *                 of the last bytes, day the one on which it was begun
 *     meta        epoch (uuid of this journal), head (last offset, when it was written
 *                 down), the format is in PRAGMA user_version
 *
 * For example, what is known of Tripoli today:
 *     SELECT json ->> 'headline' FROM stories WHERE json LIKE '%Tripoli%'
 *       AND stored_ms > 1000 * unixepoch('now', '-1 day'); */
#ifndef WIRETAG_SINK_SCHEMA_H
#define WIRETAG_SINK_SCHEMA_H

#include "proto/id.h"
#include "sink/store.h"

#define SCHEMA_VERSION 1

/* Makes the tables in a new file, with this epoch; looks whether those of another are
 * ours. ERR_FORMAT: not a journal of the sink; ERR_VERSION: one of a newer version. */
int schema_ensure(struct store *store, struct uuid epoch, struct diag *diag);

#endif
