/* frame.h: the pipeline's frames. PROTOCOL.md is the reference.
 *
 * One ZeroMQ message carries one or more frames back to back, so a batch is nothing
 * special.
 *
 *      0      2    3    4        8         12        16             32       40
 *      +------+----+----+--------+---------+---------+--------------+--------+------....
 *      | "WT" | v  | k  | length | crc32c  | number  | journal uuid | index  | body
 *      +------+----+----+--------+---------+---------+--------------+--------+------....
 *
 * v version, k kind, length of the body, CRC-32C of the frame with this field as zero;
 * number depends on the kind (the attempt of WORK, the class of NACK, ...). uuid and
 * index are the report's transport id where the frame is about one report, otherwise
 * zero. */
#ifndef WIRETAG_PROTO_FRAME_H
#define WIRETAG_PROTO_FRAME_H

#include "proto/buf.h"
#include "proto/err.h"
#include "proto/id.h"

#define FRAME_VERSION    2
#define FRAME_HEAD_BYTES 40
#define FRAME_MAX_BYTES  (64u * 1024 * 1024) /* of a body */

enum frame_kind {
    FRAME_HELLO = 1,
    FRAME_WELCOME,
    FRAME_REFUSE,
    FRAME_CREDIT,
    FRAME_WORK,
    FRAME_RESULT,
    FRAME_COMMIT,
    FRAME_RESUME,
    FRAME_NACK,
    FRAME_HEARTBEAT,
    FRAME_BYE,
    FRAME_KINDS
};

const char *frame_kind_name(int kind); /* "HELLO"; "?" for an unknown one */

struct frame {
    enum frame_kind kind;
    uint32_t number;
    struct report_id id;
    struct view body;
    struct view whole; /* set by frame_take: header and body */
};

/* Appends a frame. */
void frame_put(struct buf *out, const struct frame *frame);
/* Appends the header of a frame whose body the caller writes straight into out; the value
 * returned goes to frame_end, which fills in length and checksum. */
size_t frame_begin(struct buf *out, enum frame_kind kind, uint32_t number,
                   struct report_id id);
void frame_end(struct buf *out, size_t begun);
/* Takes one frame off the front of a message. ERR_SHORT, ERR_FORMAT (magic, kind),
 * ERR_VERSION, ERR_CHECKSUM, ERR_TOO_BIG; after an error the rest cannot be read.
 * Of a frame with another version the kind and number are still given, so that a HELLO
 * can be refused by name. */
int frame_take(struct view *message, struct frame *out);

/* ---- bodies ---- each _put appends the whole frame; each _read reads frame.body */

enum role { ROLE_ENRICH = 1, ROLE_SINK = 2 };

struct hello { /* connecting side -> binding side, first on every connection */
    uint8_t role;
    struct uuid self;     /* drawn at start of the process */
    struct view name;     /* for people: host, pid */
    struct view software; /* "wiretag 0.1.0" */
    struct view tagger;   /* model and gazetteer, empty for a sink */
};
void hello_put(struct buf *out, const struct hello *hello);
int hello_read(const struct frame *frame, struct hello *out);

struct welcome {
    struct uuid self;      /* ingest: its journal's present run; sink: its epoch */
    uint32_t heartbeat_ms; /* send one at least so often; silent for 5 of them: dead */
    uint32_t lease_ms;     /* how long a report may stay out; 0 from a sink */
    struct view software;
    struct view older; /* of ingest: uuids of the earlier runs that have reports left, one
                          behind the other; read them with welcome_older */
};
void welcome_put(struct buf *out, const struct welcome *welcome);
int welcome_read(const struct frame *frame, struct welcome *out);
/* Takes the first uuid off welcome.older: 0, or > 0 behind the last. */
int welcome_older(struct view *older, struct uuid *out);

enum refusal {
    REFUSE_VERSION = 1,   /* protocol version: upgrade the older side */
    REFUSE_STRANGER = 2,  /* said something before HELLO: say HELLO */
    REFUSE_ROLE = 3,      /* this socket does not serve that role */
    REFUSE_MALFORMED = 4, /* frame cannot be read */
    REFUSE_BUSY = 5       /* too many peers */
};
void refuse_put(struct buf *out, enum refusal code, struct view text);
/* frame.number is the code, the body a sentence. */

struct credit {
    uint32_t messages;
    uint64_t bytes;
};
void credit_put(struct buf *out, struct credit credit);
int credit_read(const struct frame *frame, struct credit *out);

/* Credit as it stands, kept by both sides: what is given is added, what is sent is taken
 * off. Something may be sent while both are above zero, and may take the bytes below.
 * They are never rounded up to zero: with credit on its way the two sides would round at
 * different moments, and their accounts would part for good. */
struct account {
    int64_t messages, bytes;
};
static inline bool account_is_open(struct account account) {
    return account.messages > 0 && account.bytes > 0;
}
static inline void account_take(struct account *account, size_t bytes) {
    account->messages--;
    account->bytes -= (int64_t)bytes;
}
/* Absurdly large credit counts as ACCOUNT_MOST. */
#define ACCOUNT_MOST (INT64_C(1) << 60)
void account_give(struct account *account, struct credit credit);

/* WORK: number = attempt (from 1), body = an encoded report. */
void work_put(struct buf *out, struct report_id id, uint32_t attempt, struct view report);

/* RESULT: number = CRC-32C of the report's encoding; body = the stories, none or many,
 * each a head and its JSON: the sink learns from the head what it has to know, and parses
 * no JSON. */
struct result_story {
    struct view guid;
    uint64_t version;
    uint32_t part, parts; /* the part-th of the report's stories, from 1 */
    bool canceled;        /* ends all versions of its guid stored before it */
    struct view json;     /* one line without its line end */
    int64_t embargo_ms;   /* nobody is to get it before: UTC, since 1970; 0: none */
};
/* Between frame_begin and frame_end; result_begin and result_end write a story whose JSON
 * the caller appends between them, as frame_begin and frame_end do. */
void result_put(struct buf *out, const struct result_story *story);
size_t result_begin(struct buf *out, const struct result_story *story);
void result_end(struct buf *out, size_t begun);
/* Takes one story off the front of the body: 0, > 0 at the end, ERR_SHORT. */
int result_next(struct view *body, struct result_story *out);

/* COMMIT and RESUME: what is durable at the sink, as state: all indices <= upto and those
 * in the ranges (ascending, apart, lo > upto). True for ever once said; may be said
 * again. */
struct range {
    uint64_t lo, hi; /* inclusive */
};
#define COMMIT_RANGES 512 /* at most in one frame */
struct commit {
    struct uuid journal;
    uint64_t upto;
    const struct range *ranges; /* written by the caller of commit_put */
    size_t range_count;
};
void commit_put(struct buf *out, enum frame_kind kind, const struct commit *commit);
/* ranges: room for COMMIT_RANGES. ERR_FORMAT when not ascending or overlapping. */
int commit_read(const struct frame *frame, struct commit *out, struct range *ranges);

enum nack { NACK_RETRY = 1, NACK_POISON = 2, NACK_UNSUPPORTED = 3 };
void nack_put(struct buf *out, struct report_id id, enum nack class_, struct view text);

struct heartbeat {
    uint64_t sequence;
    uint64_t started; /* index of the report in work; 0: none */
    uint64_t done;    /* reports finished since the start */
    uint64_t memory_bytes;
};
void heartbeat_put(struct buf *out, const struct heartbeat *heartbeat);
int heartbeat_read(const struct frame *frame, struct heartbeat *out);

void bye_put(struct buf *out);

#endif
