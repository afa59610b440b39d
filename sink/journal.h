/* journal.h: what the sink has stored: reports by transport id, their events by offset.
 *
 * One file, DIR/events.db (schema.h says what is in it). A report's events are rows, and
 * the rows are its mark against duplicates: neither can be ahead of the other. What is
 * appended gathers in memory as a group, and journal_sync makes the group durable in one
 * transaction, which the disk has when it returns.
 *
 *     append append append | sync        offset   1  2  3  4  5  6  7
 *     \------ a group ----/                       \- durable -/  \ head
 *
 * Events get the offsets 1, 2, 3, ... of their epoch, a uuid drawn when the journal was
 * made: offset and epoch together name an event for ever.
 *
 * A story under embargo is stored, too, but is no event until that ends (held.h): the
 * journal is asked to release what is due, which makes a group of its own.
 *
 * In memory is one group; outputs read the file (reader.h), each in its own thread.
 * Errors are those of store.h: after one that cannot be retried (store_may_retry) the
 * journal answers everything with it, and the process is to end. */
#ifndef WIRETAG_SINK_JOURNAL_H
#define WIRETAG_SINK_JOURNAL_H

#include "proto/intervals.h"
#include "sink/held.h"

#define JOURNAL_GROUP_MOST (64u << 20) /* bytes of a group that cannot be stored */

struct journal;

struct journal_event {
    uint64_t offset;
    struct report_id id;
    struct view json; /* one line without its line end */
};

struct journal_conf {
    const char *path;         /* must stay */
    struct uuid epoch;        /* for a journal that is made now */
    bool sync;                /* journal_sync waits for the disk */
    int64_t (*wall_ms)(void); /* by which embargoes end; NULL: clock_wall */
};

/* Opens it, or makes it when there is nothing by that name. Before it returns, what is in
 * the log is in the file and on the disk. Besides the errors of store.h: ERR_VERSION. */
int journal_open(const struct journal_conf *conf, struct journal **out,
                 struct diag *diag);
void journal_close(struct journal *journal);
bool journal_was_made(const struct journal *journal); /* by journal_open */
struct uuid journal_epoch(const struct journal *journal);

struct journal_entry {
    struct report_id id;
    uint32_t crc; /* of the report's encoding, by which an id's re-use shows */
    const struct result_story *stories;
    size_t story_count; /* 0: a report without a story; its id is stored */
};

/* Appends a copy to the current group. 0; > 0: the report is there already, or in the
 * group, and nothing was done; ERR_CHECKSUM: its id is there with another crc;
 * ERR_FORMAT: index 0 or over INT64_MAX, or parts that do not ascend from 1 on; ERR_FULL:
 * the group has JOURNAL_GROUP_MOST, or the run too many holes. */
int journal_append(struct journal *journal, const struct journal_entry *entry,
                   struct diag *diag);
/* Ends the group: makes it durable. After an error that may be retried the group is as it
 * was. */
int journal_sync(struct journal *journal, struct diag *diag);
size_t journal_pending(const struct journal *journal); /* reports in the current group */
size_t journal_pending_bytes(const struct journal *journal);
/* Makes events, durable ones, of what was held until now: some of them, in the order in
 * which they fell due. Only while no group is pending. > 0: nothing is due. */
int journal_release(struct journal *journal, struct diag *diag);
/* UTC; INT64_MAX: nothing is held. */
int64_t journal_next_due(const struct journal *journal);
struct held_counts journal_held(const struct journal *journal);
/* The events of the group stored or released last; valid until the next append. */
const struct journal_event *journal_group(const struct journal *journal, size_t *count);

/* 0, or the error that has ended it. */
int journal_failed(const struct journal *journal, struct diag *diag);

/* The last offset appended, and the last one that is durable; 0: none. */
uint64_t journal_head(const struct journal *journal);
uint64_t journal_durable(const struct journal *journal);
/* How many reports are durable, of all runs there ever were. */
uint64_t journal_reports(const struct journal *journal);
/* The durable indices of one run of an ingest, for COMMIT and RESUME; never NULL. Valid
 * until the next call. */
const struct intervals *journal_stored(struct journal *journal, struct uuid of);
/* On the disk: the file and its log; the log alone, as the last group has left it. */
uint64_t journal_bytes(const struct journal *journal);
uint64_t journal_log_bytes(const struct journal *journal);

#endif
