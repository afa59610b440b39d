/* journal.h: what ingest has promised and not yet got rid of.
 *
 *     journal_append(...) x n      a group; nobody may hear of it yet
 *     journal_sync()               now it is safe: answer the feeders, hand it out
 *     journal_read(), _next()      by index
 *     journal_delete(), _bury()    committed at the sink, or given up
 *
 * Indices count up from 1 and are never used again; (uuid, index) is a report's transport
 * id. Beside the reports it keeps the dead letters with their reasons and remembers, for
 * a window of time and number, which reports and stories it has seen.
 *
 * This one lives in memory and ends with its process (journal_lasts says so). It never
 * drops: when it is full it takes nothing more. */
#ifndef WIRETAG_INGEST_JOURNAL_H
#define WIRETAG_INGEST_JOURNAL_H

#include "proto/err.h"
#include "proto/id.h"

struct journal;

struct journal_conf {
    int64_t max_bytes;   /* reports, dead letters and what it costs to keep them */
    int64_t largest;     /* the longest record to be expected */
    size_t remember;     /* keys in the window; each report takes two */
    int64_t remember_ms; /* and how long they stay */
};

/* What a report is known by. */
struct identity {
    struct digest story;   /* of its guid */
    struct digest content; /* of everything the sender said, guid and version too */
    uint64_t version;      /* 0: not given */
};

struct journal_seen {
    uint64_t index;
    uint64_t version;
};

enum journal_room {
    JOURNAL_FREE,
    JOURNAL_SOFT, /* over the soft mark: read no more from feeders */
    JOURNAL_HARD  /* journal_append says ERR_FULL */
};

struct journal_counts {
    uint64_t accepted;  /* appended, ever */
    uint64_t committed; /* deleted, ever */
    uint64_t dead;      /* in the dead letters now */
    uint64_t live;      /* the rest */
    int64_t bytes;      /* as max_bytes counts */
};

/* dir: where it is kept (not used by the one in memory). */
int journal_open(const char *dir, const struct journal_conf *conf, struct journal **out,
                 struct diag *diag);
void journal_close(struct journal *journal); /* NULL allowed */

struct uuid journal_uuid(const struct journal *journal);
bool journal_lasts(const struct journal *journal); /* beyond this process */

/* Adds a record to the open group. ERR_FULL: at the hard mark, nothing was done. */
int journal_append(struct journal *journal, struct view record,
                   const struct identity *identity, int64_t now_ms, uint64_t *index);
/* Makes the open group safe. After an error nothing of it is known to be: the process
 * must answer nobody and end. */
int journal_sync(struct journal *journal);
/* The last index that is safe; 0: none. */
uint64_t journal_synced(const struct journal *journal);

/* Was this very report (content) seen, or another of its story, within the window? The
 * story's answer is its highest version. 0 or ERR_NOT_FOUND. */
int journal_seen_content(const struct journal *journal, struct digest content,
                         int64_t now_ms, struct journal_seen *out);
int journal_seen_story(const struct journal *journal, struct digest story, int64_t now_ms,
                       struct journal_seen *out);

/* The record is valid until the journal is changed. ERR_NOT_FOUND: deleted, buried, never
 * there. */
int journal_read(struct journal *journal, uint64_t index, struct view *record);
/* The first live and safe index > after: 0, or > 0 when there is none. */
int journal_next(struct journal *journal, uint64_t after, uint64_t *index);

/* Deletes lo..hi (inclusive); those that are not there, or not safe yet, are passed over.
 * *count: how many were there. */
int journal_delete(struct journal *journal, uint64_t lo, uint64_t hi, uint64_t *count);
/* Moves one to the dead letters. ERR_NOT_FOUND. */
int journal_bury(struct journal *journal, uint64_t index, unsigned attempts,
                 const char *reason);

/* The soft mark is at nine tenths, or lower: so that behind it two of the largest records
 * still fit, as far as half of all room goes. */
int64_t journal_soft_bytes(const struct journal *journal);
enum journal_room journal_room(const struct journal *journal);
struct journal_counts journal_counts(const struct journal *journal);

struct dead_letter {
    uint64_t index;
    unsigned attempts;
    const char *reason;
    struct view record;
};
/* The i-th dead letter, oldest first: 0, or > 0 behind the last. Valid until the journal
 * is changed. */
int journal_dead(const struct journal *journal, size_t i, struct dead_letter *out);

#endif
