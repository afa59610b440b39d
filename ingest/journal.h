/* journal.h: what ingest has promised and not yet got rid of.
 *
 *     journal_append(...) x n      a group; nobody may hear of it yet
 *     journal_sync()               now it is safe: answer the feeders, hand it out
 *     journal_read(), _next()      by index
 *     journal_delete(), _bury()    committed at the sink, or given up
 *
 * Indices count up from 1 over all openings and are never used again once somebody has
 * heard of them. Each opening of the journal is a *run* and draws a new uuid for the
 * reports it takes: (uuid of the run that took it, index) is a report's transport id. So
 * a journal put back from an old copy never gives an id a second time.
 *
 * It never drops: when it is full it takes nothing more. What a group holds is known to
 * journal_counts, _next, _read and _dead_next only after its sync; what was deleted,
 * buried, revived or dropped is gone from where it was at once, and saved with the next
 * sync. The books balance at every moment:
 *
 *     accepted = committed + dead + live */
#ifndef WIRETAG_INGEST_JOURNAL_H
#define WIRETAG_INGEST_JOURNAL_H

#include "proto/err.h"
#include "proto/id.h"

#define JOURNAL_GROUP_BYTES (8u << 20) /* of a group; see journal_group_full */
#define JOURNAL_REASON      1000 /* bytes of a dead letter's reason; the rest is cut */

struct journal;

struct journal_conf {
    int64_t max_bytes;     /* reports and dead letters, as they lie on the disk */
    int64_t largest;       /* the longest record to be expected */
    int64_t max_documents; /* bytes of dead documents, as they lie on the disk */
    size_t remember;       /* keys in the window; each report takes two */
    int64_t remember_ms;   /* and how long they stay */
};

/* What a report is known by. */
struct identity {
    struct digest story;   /* of its guid */
    struct digest content; /* of everything the sender said, guid and version too */
    uint64_t version;      /* 0: not given */
    bool timed;            /* the version is a moment: UTC, milliseconds since 1970 */
    bool canceled;         /* the story is taken back */
};

/* Of a story: as its latest report left it. */
struct journal_seen {
    uint64_t index;
    uint64_t version;
    bool timed, canceled;
};

enum journal_room {
    JOURNAL_FREE,
    JOURNAL_SOFT, /* over the soft mark: read no more from feeders */
    JOURNAL_HARD, /* journal_append says ERR_FULL */
    JOURNAL_DISK  /* the disk was full at the last sync: read no more, sync again later */
};

struct journal_counts {
    uint64_t accepted;  /* indices taken, ever */
    uint64_t committed; /* deleted, ever */
    uint64_t dead;      /* given up: the dead letters and those dropped by hand */
    uint64_t live;      /* the rest */
    uint64_t letters;   /* dead letters there are now */
    int64_t bytes;      /* as max_bytes counts, the open group too */
};

/* Opens DIR/reports.mdb or makes it. Who calls it holds DIR's lock (place_take). The
 * diag says what is wrong with the file and what to do; it is never replaced. */
int journal_open(const char *dir, const struct journal_conf *conf, struct journal **out,
                 struct diag *diag);
/* Saves what is pending and not in an open group. NULL allowed. */
void journal_close(struct journal *journal);

/* ---- runs ---- */

struct journal_run {
    struct uuid uuid;
    uint64_t first, last; /* inclusive; the present one ends with UINT64_MAX */
};
/* The runs that have anything left, oldest first; the last is the present one. Valid as
 * long as the journal. */
const struct journal_run *journal_runs(const struct journal *journal, size_t *count);
struct uuid journal_uuid(const struct journal *journal); /* of the present run */
struct uuid journal_uuid_of(const struct journal *journal, uint64_t index);

/* ---- in ---- */

/* Adds a record to the open group. wall_ms: UTC. ERR_FULL: at the hard mark, nothing was
 * done. */
int journal_append(struct journal *journal, struct view record,
                   const struct identity *identity, int64_t wall_ms, uint64_t *index);

enum dead_kind {
    DEAD_REPORT = 1,  /* an accepted report that was given up */
    DEAD_DOCUMENT = 2 /* bytes that nobody could read: never a report */
};

struct dead_letter {
    uint64_t index;
    enum dead_kind kind;
    unsigned attempts; /* charged ones */
    int64_t when_ms;   /* UTC */
    struct view reason;
    struct view peer, format, feed; /* of a document */
    struct view bytes;              /* a report's encoding, or the document as it came */
    uint64_t bytes_in_all; /* how long the document was; bytes may be its beginning */
};
/* Adds a document to the open group, as a dead letter with an index of its own;
 * letter->index and kind do not count. ERR_FULL: at the hard mark, or as many dead
 * documents as may be: nothing was done. */
int journal_keep(struct journal *journal, const struct dead_letter *letter,
                 uint64_t *index);
size_t journal_group(const struct journal *journal); /* how many the open group holds */
/* Is it large enough to be synced before it grows? */
bool journal_group_full(const struct journal *journal);

/* Makes the open group safe, and all else that is pending. ERR_FULL: the disk is full;
 * the group is gone as if it had never been (its indices will be given again), the rest
 * stays pending. After any other error nothing of the group is known to be safe: the
 * process must answer nobody and end; the diag says why. */
int journal_sync(struct journal *journal, struct diag *diag);
/* Is there anything to sync? And anything that should not wait for the next group? */
bool journal_pending(const struct journal *journal);
bool journal_due(const struct journal *journal);
/* The last index that is safe; 0: none. */
uint64_t journal_synced(const struct journal *journal);

/* Was this very report (content) seen, or another of its story, within the window or in
 * the open group? 0 or ERR_NOT_FOUND. */
int journal_seen_content(const struct journal *journal, struct digest content,
                         int64_t now_ms, struct journal_seen *out);
int journal_seen_story(const struct journal *journal, struct digest story, int64_t now_ms,
                       struct journal_seen *out);

/* ---- out ---- */

/* The record is valid until the next sync. ERR_NOT_FOUND: deleted, buried, never there;
 * ERR_CHECKSUM: the disk has changed it. */
int journal_read(struct journal *journal, uint64_t index, struct view *record);
/* When it was appended or revived: UTC. ERR_NOT_FOUND. */
int journal_since(struct journal *journal, uint64_t index, int64_t *wall_ms);
/* The first live and safe index > after: 0, or > 0 when there is none (or the file cannot
 * be read any more: the next journal_sync says so). */
int journal_next(struct journal *journal, uint64_t after, uint64_t *index);

/* Deletes lo..hi (inclusive), from the dead letters too what of it is a report; those
 * that are not there, or not safe yet, are passed over. ERR_FULL: too much is pending;
 * what was done is done, the rest may be asked for again. *count: how many were there,
 * the dead ones with them. */
int journal_delete(struct journal *journal, uint64_t lo, uint64_t hi, uint64_t *count);
/* Moves one to the dead letters. ERR_NOT_FOUND; ERR_FULL: too much is pending. */
int journal_bury(struct journal *journal, uint64_t index, unsigned attempts,
                 const char *reason, int64_t wall_ms);

/* ---- dead letters ---- */

/* The first one with an index > after: 0, or > 0 behind the last; < 0: the file cannot be
 * read. Valid until the next sync. */
int journal_dead_next(const struct journal *journal, uint64_t after,
                      struct dead_letter *out);
/* Puts a report back into the queue under its id; after the next sync it can be read (and
 * dispatch has to be told). ERR_NOT_FOUND: not there, or a document; ERR_FULL: too much
 * is pending. */
int journal_revive(struct journal *journal, uint64_t index, int64_t wall_ms);
/* Removes a dead letter for good. ERR_NOT_FOUND, ERR_FULL. */
int journal_drop(struct journal *journal, uint64_t index);

/* For other processes, whether ingest runs or not. ERR_NOT_FOUND: there is no journal.
 * Only journal_dead_next, _counts, _look_again and _close may then be called. A reader
 * that stands still makes the file grow: look again between any two pages. */
int journal_open_to_read(const char *dir, struct journal **out, struct diag *diag);
int journal_look_again(struct journal *journal, struct diag *diag);

/* ---- how it stands ---- */

/* The soft mark is at nine tenths, or lower: so that behind it two of the largest records
 * still fit, as far as half of all room goes. */
int64_t journal_soft_bytes(const struct journal *journal);
enum journal_room journal_room(const struct journal *journal);
struct journal_counts journal_counts(const struct journal *journal);
int64_t journal_file_bytes(const struct journal *journal); /* as long as the file is */

#endif
