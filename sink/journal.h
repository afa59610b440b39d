/* journal.h: what the sink has stored: reports by transport id, their events by offset.
 *
 * One append carries a report's events and its mark against duplicates, and both become
 * durable in the same journal_sync: neither can be ahead of the other.
 *
 *     append append append | sync        offset   1  2  3  4  5  6  7
 *     \------ a group ----/                       \- durable -/  \ head
 *                                        cursors:    ^ndjson  ^publish
 *
 * Events get the offsets 1, 2, 3, ... of their epoch, a uuid drawn when the journal was
 * made: offset and epoch together name an event for ever.
 *
 * This one lives in memory. What makes it durable all the same is conf.disk: journal_sync
 * hands it the group, and only what it has made durable counts (the NDJSON output is such
 * a disk). A journal on a disk of its own puts its transaction there and needs no
 * conf.disk; nothing else of this interface changes. What is in memory: the events that
 * some cursor has not passed yet, at most max_bytes; the ranges of stored ids
 * (intervals.h) of the JOURNAL_SETS journals heard of last; the checksums of the
 * JOURNAL_CRCS latest reports. */
#ifndef WIRETAG_SINK_JOURNAL_H
#define WIRETAG_SINK_JOURNAL_H

#include "proto/intervals.h"

#define JOURNAL_SETS 4096
#define JOURNAL_CRCS 65536

struct journal;
struct journal_cursor;

struct journal_event {
    uint64_t offset;
    struct report_id id;
    struct view json; /* one line without its line end */
};

struct journal_disk {
    /* Makes every event up to offset `upto` durable. 0, or an error with a diag: the
     * group stays open and journal_sync tries again. NULL: memory is durable enough. */
    int (*store)(void *context, uint64_t upto, struct diag *diag);
    void *context;
};

struct journal_conf {
    struct uuid epoch; /* of a journal that has none yet */
    size_t max_bytes;
    struct journal_disk disk; /* may be set later: journal_set_disk */
};

int journal_open(const struct journal_conf *conf, struct journal **out,
                 struct diag *diag);
void journal_close(struct journal *journal);
void journal_set_disk(struct journal *journal, struct journal_disk disk);
struct uuid journal_epoch(const struct journal *journal);

struct journal_entry {
    struct report_id id;
    uint32_t crc; /* of the report's encoding, by which an id's re-use shows */
    const struct view *events;
    size_t event_count; /* 0: a report without a story; its id is stored */
};

/* Appends to the current group. 0; > 0: the report is there already, or in the group, and
 * nothing was done; ERR_CHECKSUM: its id is there with another crc; ERR_FORMAT: index 0;
 * ERR_FULL: cursors are so far behind that there is no room. */
int journal_append(struct journal *journal, const struct journal_entry *entry);
/* Ends the group: makes it durable. An error leaves the group as it is, to be tried
 * again. */
int journal_sync(struct journal *journal, struct diag *diag);
size_t journal_pending(const struct journal *journal); /* reports in the current group */

/* The last offset appended, and the last one that is durable; 0: none. */
uint64_t journal_head(const struct journal *journal);
uint64_t journal_durable(const struct journal *journal);
/* The durable indices of one ingest's journal, for COMMIT and RESUME; never NULL. Valid
 * until the next append. */
const struct intervals *journal_stored(const struct journal *journal, struct uuid of);
size_t journal_bytes(const struct journal *journal); /* kept for the slowest cursor */

/* Reads at most `max` events with from <= offset <= upto, in order. They are valid until
 * the next append or move of a cursor. ERR_NOT_FOUND: `from` is forgotten. Readers other
 * than the disk ask for journal_durable at most. */
int journal_read(struct journal *journal, uint64_t from, uint64_t upto,
                 struct journal_event *out, size_t max, size_t *count);

/* The cursor of that name, new ones at the last durable event. The journal's; at most
 * JOURNAL_CURSORS (a programmer's list, not the outside's). */
#define JOURNAL_CURSORS 16
struct journal_cursor *journal_cursor(struct journal *journal, const char *name);
uint64_t journal_cursor_at(const struct journal_cursor *cursor);
/* Its reader is done with everything up to `offset` (<= head). Never backwards. */
void journal_cursor_move(struct journal_cursor *cursor, uint64_t offset);

#endif
