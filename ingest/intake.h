/* intake.h: the way of a document from a source into the journal, and of its answer back.
 *
 *     source -> framer -> intake_take -> format -> identity -> journal_append
 *                    \-> intake_refuse   \-> what cannot be read -> journal_keep
 *     source <- answer <----- intake_flush <----- journal_sync
 *
 * No answer leaves before the report is safe, also not the "dup" of one that came a
 * moment ago: answers are gathered, in order, until the group is synced (end of the
 * loop's turn, INTAKE_GROUP of them, or a group of many bytes).
 *
 * What is refused because it cannot be read becomes a dead letter, with its reason and
 * its bytes, in the same group: the ERR, too, leaves only when it is safe. What holds
 * nothing but blanks is no report and is not kept; nor is what the journal has no room
 * for.
 *
 * When the disk is full the group was never taken: its OKs become ERR 503. Reports of the
 * deaf are held in memory and appended again when there is room; until then there is none
 * for others.
 *
 * A guid not given is the digest of the text. Which story a report belongs to, and what
 * is known already or comes too late: lineage.h. */
#ifndef WIRETAG_INGEST_INTAKE_H
#define WIRETAG_INGEST_INTAKE_H

#include "ingest/format/format.h"
#include "ingest/journal.h"
#include "ingest/lineage.h"
#include "ingest/refusal.h"

#define INTAKE_GROUP     1024
#define INTAKE_REF       200         /* bytes of a ref in an answer; the rest is cut */
#define INTAKE_BEGINNING (64 * 1024) /* kept of what intake_refuse is given */

struct answer {
    int code;         /* 0: OK; otherwise an enum refusal_code */
    uint64_t seq;     /* the (last) report's index in the journal, or 0 with VERDICT_NONE;
                       * ERR: the dead letter's, or 0 */
    const char *ref;  /* the sender's ref, else guid, else #number; without blanks */
    const char *text; /* "new", ... or why it was refused */
};

/* Whoever waits for the answer. The function must not take more documents in. */
typedef void answer_fn(void *source, uint64_t who, const struct answer *answer);
struct asker {
    answer_fn *fn; /* NULL: nobody */
    void *source;
    uint64_t who; /* the source's own number for it */
    bool deaf; /* does not pass answers on: ERR 503 would be lost, and the report too */
};

struct document {
    struct view bytes;
    struct view format; /* by name; empty: by its looks */
    struct view feed;   /* empty: not given */
    struct view peer;
    struct view ref;     /* empty: the record's own, else guid */
    const char *warning; /* what the source noticed; NULL: nothing */
    uint64_t number;     /* of those from this peer */
    bool is_letter;      /* it is a dead letter already: if refused, not kept again */
};

#define INTAKE_UNKNOWN UINT64_MAX

struct refused {
    int code;        /* enum refusal_code */
    struct view ref; /* "-": about the connection */
    const char *text;
    uint64_t bytes_in_all; /* 0: the document's bytes are all; or INTAKE_UNKNOWN */
};

struct intake_counts {
    uint64_t verdicts[VERDICTS];
    uint64_t refused;
    uint64_t kept, not_kept; /* of what was refused: as dead letters */
    uint64_t held;           /* reports of the deaf, now */
};

struct intake;

/* Told of every refusal, for the log. */
typedef void refused_fn(void *context, struct view peer, const struct answer *answer);
/* Told of what was passed over in a document (a package, a picture), for the log. */
typedef void noted_fn(void *context, struct view peer, struct view note);

/* feeds may be NULL; it must outlive the intake. */
struct intake *intake_new(struct journal *journal, const struct feeds *feeds,
                          refused_fn *refused, noted_fn *noted, void *context);
void intake_free(struct intake *intake);

/* May a source take the next document? When not it keeps it, and everything behind it,
 * until it is told to go on (source_ops.pause). A document taken all the same is refused
 * only if there is no room at all. */
bool intake_has_room(struct intake *intake);
/* Was somebody told to wait since the last call? */
bool intake_kept_waiting(struct intake *intake);

/* Takes one document in, or refuses it: either way an answer follows. wall_ms: UTC. */
void intake_take(struct intake *intake, const struct document *document,
                 struct asker asker, int64_t wall_ms);
/* An ERR in its place among the answers, about a document that is none, or not all there:
 * its bytes are what there is, and may be empty. */
void intake_refuse(struct intake *intake, const struct document *document,
                   struct asker asker, const struct refused *refusal, int64_t wall_ms);
/* Syncs, if there is anything to answer or the journal has waited long enough, and
 * answers. ERR_FULL: the disk is full; what was taken was not, its OKs became ERR 503. In
 * all other cases of < 0 nobody was answered: end the process. */
int intake_flush(struct intake *intake, struct diag *diag);
/* The same, and syncs whatever is pending. */
int intake_sync(struct intake *intake, struct diag *diag);

struct intake_counts intake_counts(const struct intake *intake);

#endif
