#include "ingest/intake.h"

#include "proto/mem.h"
#include "proto/utf8.h"

#include <stdio.h>
#include <stdlib.h>

struct pending {
    struct asker asker;
    int code;
    uint64_t seq;
    size_t ref, text; /* offsets into words */
};

struct intake {
    struct journal *journal;
    refused_fn *refused;
    void *context;
    struct arena arena;
    struct buf encoded, scratch;
    struct pending pending[INTAKE_GROUP];
    size_t pending_count;
    struct buf words; /* refs and texts of the pending answers, NUL-terminated */
    bool failed, kept_waiting;
    struct intake_counts counts;
};

const char *verdict_name(enum verdict verdict) {
    static const char *const names[VERDICTS] = {"new", "update", "dup", "old"};
    return names[verdict];
}

struct intake *intake_new(struct journal *journal, refused_fn *refused, void *context) {
    struct intake *intake = mem_zalloc(sizeof *intake);
    intake->journal = journal;
    intake->refused = refused;
    intake->context = context;
    return intake;
}

void intake_free(struct intake *intake) {
    if (!intake)
        return;
    arena_release(&intake->arena);
    buf_release(&intake->encoded);
    buf_release(&intake->scratch);
    buf_release(&intake->words);
    free(intake);
}

struct intake_counts intake_counts(const struct intake *intake) {
    return intake->counts;
}

bool intake_has_room(struct intake *intake) {
    bool room = journal_room(intake->journal) == JOURNAL_FREE;
    intake->kept_waiting = intake->kept_waiting || !room;
    return room;
}

bool intake_kept_waiting(struct intake *intake) {
    bool waiting = intake->kept_waiting;
    intake->kept_waiting = false;
    return waiting;
}

/* ---- answers ---- */

static size_t keep_word(struct intake *intake, struct view word) {
    size_t at = intake->words.len;
    buf_put_view(&intake->words, word);
    buf_put_u8(&intake->words, 0);
    return at;
}

/* A ref stands between blanks on a line, so it may hold none itself. */
static size_t keep_ref(struct intake *intake, struct view ref) {
    size_t at = intake->words.len;
    for (size_t i = 0; i < ref.len && intake->words.len - at < INTAKE_REF; i++) {
        unsigned char c = (unsigned char)ref.at[i];
        if (c <= ' ' || c == 0x7f)
            buf_printf(&intake->words, "%%%02X", c);
        else
            buf_put_u8(&intake->words, c);
    }
    buf_put_u8(&intake->words, 0);
    return at;
}

/* The words are one line of an answer: nothing in them may end it. */
static void flatten(char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
}

static void queue(struct intake *intake, const struct pending *answer) {
    intake->pending[intake->pending_count++] = *answer;
    if (intake->pending_count == INTAKE_GROUP)
        intake_flush(intake);
}

int intake_flush(struct intake *intake) {
    if (intake->pending_count == 0 && !intake->failed)
        return 0;
    if (intake->failed || journal_sync(intake->journal, NULL) < 0) {
        intake->failed = true;
        intake->pending_count = 0;
        return ERR_SYSTEM;
    }
    for (size_t i = 0; i < intake->pending_count; i++) {
        const struct pending *p = &intake->pending[i];
        struct answer answer = {p->code, p->seq, intake->words.at + p->ref,
                                intake->words.at + p->text};
        if (p->asker.fn)
            p->asker.fn(p->asker.source, p->asker.who, &answer);
    }
    intake->pending_count = 0;
    buf_clear(&intake->words);
    return 0;
}

void intake_refuse(struct intake *intake, struct view peer, struct asker asker, int code,
                   struct view ref, const char *text) {
    struct pending p = {.asker = asker, .code = code};
    p.ref = keep_ref(intake, ref);
    p.text = keep_word(intake, view_of(text));
    flatten(intake->words.at + p.text);
    struct answer answer = {code, 0, intake->words.at + p.ref, intake->words.at + p.text};
    intake->counts.refused++;
    if (intake->refused)
        intake->refused(intake->context, peer, &answer);
    queue(intake, &p);
}

/* ---- documents ---- */

/* What makes two sendings one: of a version that was given, its words and what is to
 * become of them; otherwise everything but what differs from one sending to the next. */
static struct digest content_of(struct intake *intake, const struct report *report) {
    struct report said = *report;
    said.received_ms = 0;
    said.peer = said.feed = said.format = said.ref = said.warning = VIEW_LIT("");
    if (report->version > 0)
        said = (struct report){
            .guid = report->guid,
            .version = report->version,
            .action = report->action,
            .status = report->status,
            .headline = report->headline,
            .byline = report->byline,
            .dateline = report->dateline,
            .text = report->text,
        };
    buf_clear(&intake->scratch);
    report_encode(&said, &intake->scratch);
    return digest_of(buf_view(&intake->scratch));
}

static struct identity identity_of(struct intake *intake, const struct report *report) {
    return (struct identity){
        .story = digest_of(report->guid),
        .content = content_of(intake, report),
        .version = report->version,
    };
}

static void warn(struct intake *intake, struct report *report, const char *what) {
    struct buf *out = &intake->scratch;
    buf_clear(out);
    if (report->warning.len > 0) {
        buf_put_view(out, report->warning);
        buf_put_text(out, "; ");
    }
    buf_put_text(out, what);
    report->warning = view_n(arena_copy(&intake->arena, out->at, out->len), out->len);
}

/* Fills in seen for all but a new one. */
static enum verdict judge(struct intake *intake, const struct report *report,
                          const struct identity *id, int64_t now_ms,
                          struct journal_seen *seen) {
    if (journal_seen_content(intake->journal, id->content, now_ms, seen) == 0)
        return VERDICT_DUP;
    if (journal_seen_story(intake->journal, id->story, now_ms, seen) != 0)
        return VERDICT_NEW;
    // A version that was not given has no order but that of arrival, and what takes the
    // story back is never too late.
    if (id->version > 0 && id->version < seen->version && !report_cancels(report))
        return VERDICT_OLD;
    return VERDICT_UPDATE;
}

static int append(struct intake *intake, struct report *report,
                  const struct identity *identity, int64_t now_ms, uint64_t *index) {
    buf_clear(&intake->encoded);
    report_encode(report, &intake->encoded);
    return journal_append(intake->journal, buf_view(&intake->encoded), identity, now_ms,
                          index);
}

/* Names from outside a record: whatever bytes they are, they become text. */
static struct view clean(struct intake *intake, struct view name) {
    buf_clear(&intake->scratch);
    utf8_clean(name, &intake->scratch, NULL);
    struct view made = buf_view(&intake->scratch);
    return view_n(arena_copy(&intake->arena, made.at, made.len), made.len);
}

static void complete(struct intake *intake, const struct document *document,
                     struct report *report, int64_t wall_ms) {
    report->peer = clean(intake, document->peer);
    report->received_ms = wall_ms;
    if (document->ref.len > 0)
        report->ref = clean(intake, document->ref);
    if (document->feed.len > 0)
        report->feed = clean(intake, document->feed);
    if (document->warning)
        warn(intake, report, document->warning);
    if (report->guid.len == 0) {
        report->guid = report_guid_or_digest(report, &intake->arena);
        report->guid_from = VIEW_LIT("digest");
    }
}

/* The ref for the answer to a document that could not be read. */
static struct view ref_of_unread(const struct document *document, char room[24]) {
    if (document->ref.len > 0)
        return document->ref;
    snprintf(room, 24, "#%llu", (unsigned long long)document->number);
    return view_of(room);
}

static int read_document(struct intake *intake, const struct document *document,
                         struct report *report, struct diag *diag) {
    const struct format *format = document->format.len > 0
                                      ? format_named(document->format)
                                      : format_of(document->bytes);
    memset(report, 0, sizeof *report);
    if (!format) {
        diag_set(diag, 0, "no such format");
        return ERR_FORMAT;
    }
    return format->read(document->bytes, report, &intake->arena, diag);
}

/* A report that could be read: to the journal, if it is wanted there. */
static int judge_and_append(struct intake *intake, struct report *report, int64_t wall_ms,
                            enum verdict *verdict, uint64_t *index) {
    struct journal_seen seen = {0};
    struct identity identity = identity_of(intake, report);
    *verdict = judge(intake, report, &identity, wall_ms, &seen);
    *index = seen.index;
    if (*verdict == VERDICT_DUP || *verdict == VERDICT_OLD)
        return 0;
    if (*verdict == VERDICT_UPDATE && report->version > 0 &&
        report->version == seen.version)
        warn(intake, report, "other content under a version that was there before");
    if (identity.version < seen.version)
        identity.version = seen.version; // the story's highest stays known
    return append(intake, report, &identity, wall_ms, index);
}

void intake_take(struct intake *intake, const struct document *document,
                 struct asker asker, int64_t wall_ms) {
    struct report report;
    struct diag diag = {0};
    char number[24];
    uint64_t index = 0;
    enum verdict verdict = VERDICT_NEW;
    arena_clear(&intake->arena);
    if (read_document(intake, document, &report, &diag) < 0) {
        intake_refuse(intake, document->peer, asker, REFUSED_MALFORMED,
                      ref_of_unread(document, number), diag.text);
        return;
    }
    complete(intake, document, &report, wall_ms);
    struct view ref = report.ref.len > 0 ? report.ref : report.guid;
    if (judge_and_append(intake, &report, wall_ms, &verdict, &index) < 0) {
        intake_refuse(intake, document->peer, asker, REFUSED_BUSY, ref,
                      "the journal is full; send it again later");
        return;
    }
    intake->counts.verdicts[verdict]++;
    struct pending p = {.asker = asker, .seq = index};
    p.ref = keep_ref(intake, ref);
    p.text = keep_word(intake, view_of(verdict_name(verdict)));
    queue(intake, &p);
}
