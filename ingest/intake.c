#include "ingest/intake.h"

#include "proto/mem.h"
#include "proto/report_field.h"
#include "proto/utf8.h"

#include <stdio.h>
#include <stdlib.h>

struct pending {
    struct asker asker;
    int code;     /* 0: OK, with a verdict */
    uint64_t seq; /* the report's, or the dead letter's; 0: none */
    enum verdict verdict;
    size_t ref, text; /* offsets into words; text: of an ERR */
    size_t recorded;  /* as many of the next records are its */
};

/* A report of somebody deaf, as long as it is not safe: record_head and its encoding. */
struct record_head {
    struct identity identity;
    int64_t wall_ms;
    enum verdict verdict;
    size_t len;
};

struct intake {
    struct journal *journal;
    const struct feeds *feeds;
    refused_fn *refused;
    noted_fn *noted;
    void *context;
    struct arena arena;
    struct buf encoded, scratch;
    struct pending pending[INTAKE_GROUP];
    size_t pending_count;
    struct buf words;   /* refs and texts of the pending answers, NUL-terminated */
    struct buf records; /* of the pending ones that are recorded, in their order */
    struct buf held;    /* records that the disk had no room for */
    bool kept_waiting;
    bool was_full;   /* a group of this turn found the disk full; not told yet */
    int failed;      /* what ends the process; 0: nothing */
    struct diag why; /* it failed */
    struct intake_counts counts;
};

struct intake *intake_new(struct journal *journal, const struct feeds *feeds,
                          refused_fn *refused, noted_fn *noted, void *context) {
    struct intake *intake = mem_zalloc(sizeof *intake);
    intake->journal = journal;
    intake->feeds = feeds;
    intake->refused = refused;
    intake->noted = noted;
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
    buf_release(&intake->records);
    buf_release(&intake->held);
    free(intake);
}

struct intake_counts intake_counts(const struct intake *intake) {
    return intake->counts;
}

bool intake_has_room(struct intake *intake) {
    bool room = journal_room(intake->journal) == JOURNAL_FREE && !intake->counts.held;
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

/* ---- reports of the deaf ---- */

static void put_record(struct buf *out, const struct record_head *head,
                       struct view record) {
    buf_put(out, head, sizeof *head);
    buf_put_view(out, record);
}

/* Takes the first record off *records. */
static struct view take_record(struct view *records, struct record_head *head) {
    struct view bytes, record;
    view_take(records, sizeof *head, &bytes);
    memcpy(head, bytes.at, sizeof *head);
    view_take(records, head->len, &record);
    return record;
}

/* Holds the first of *records for later. */
static void hold(struct intake *intake, struct view *records) {
    struct record_head head;
    struct view record = take_record(records, &head);
    put_record(&intake->held, &head, record);
    intake->counts.held++;
}

/* Appends what is held to the group once more. */
static void give_again(struct intake *intake) {
    struct buf held = intake->held;
    struct view rest = buf_view(&held);
    struct record_head head;
    intake->held = (struct buf){0};
    intake->counts.held = 0;
    while (rest.len > 0) {
        struct view from = rest;
        struct view record = take_record(&rest, &head);
        struct pending p = {.recorded = 1};
        p.verdict = head.verdict;
        p.ref = keep_word(intake, VIEW_LIT("-"));
        if (intake->pending_count == INTAKE_GROUP ||
            journal_append(intake->journal, record, &head.identity, head.wall_ms,
                           &p.seq) < 0) {
            hold(intake, &from);
            continue;
        }
        put_record(&intake->records, &head, record);
        intake->pending[intake->pending_count++] = p;
    }
    buf_release(&held);
}

/* ---- the end of a group ---- */

/* Turns what the disk had no room for into refusals. */
static void take_back(struct intake *intake, struct pending *p, struct view *records) {
    for (; p->recorded > 0; p->recorded--)
        hold(intake, records);
    if (p->code == 0) {
        intake->counts.refused += !p->asker.deaf;
        *p = (struct pending){.asker = p->asker, .code = REFUSED_BUSY, .ref = p->ref};
        p->text = keep_word(intake, VIEW_LIT("the disk is full; send it again later"));
    } else if (p->seq > 0) {
        p->seq = 0;
        intake->counts.kept--;
        intake->counts.not_kept++;
    }
}

static void answer_one(struct intake *intake, const struct pending *p) {
    struct answer answer = {p->code, p->seq, intake->words.at + p->ref,
                            p->code ? intake->words.at + p->text
                                    : verdict_name(p->verdict)};
    if (p->code == 0)
        intake->counts.verdicts[p->verdict]++;
    if (p->asker.fn)
        p->asker.fn(p->asker.source, p->asker.who, &answer);
}

static void end_group(struct intake *intake) {
    struct view records = buf_view(&intake->records);
    int err = journal_sync(intake->journal, &intake->why);
    if (err < 0 && err != ERR_FULL) {
        intake->failed = err;
        intake->pending_count = 0;
        return;
    }
    for (size_t i = 0; i < intake->pending_count && err == ERR_FULL; i++)
        take_back(intake, &intake->pending[i], &records);
    for (size_t i = 0; i < intake->pending_count; i++)
        answer_one(intake, &intake->pending[i]);
    intake->was_full = intake->was_full || err == ERR_FULL;
    intake->pending_count = 0;
    buf_clear(&intake->words);
    buf_clear(&intake->records);
}

static bool has_disk(const struct intake *intake) {
    enum journal_room room = journal_room(intake->journal);
    return room == JOURNAL_FREE || room == JOURNAL_SOFT;
}

static int flush(struct intake *intake, bool due, struct diag *diag) {
    if (!intake->failed && (due || intake->pending_count > 0))
        end_group(intake);
    if (!intake->failed && intake->counts.held && has_disk(intake)) {
        give_again(intake);
        end_group(intake);
    }
    int err = intake->failed ? intake->failed : intake->was_full ? ERR_FULL : 0;
    if (err < 0)
        diag_set(diag, 0, "%s", intake->why.text);
    intake->was_full = false;
    if (!intake->failed)
        intake->why.text[0] = 0;
    return err;
}

int intake_flush(struct intake *intake, struct diag *diag) {
    return flush(intake, journal_due(intake->journal), diag);
}

int intake_sync(struct intake *intake, struct diag *diag) {
    return flush(intake, journal_pending(intake->journal), diag);
}

static void queue(struct intake *intake, const struct pending *answer) {
    if (intake->failed)
        return; // nobody is answered any more
    intake->pending[intake->pending_count++] = *answer;
    if (intake->pending_count == INTAKE_GROUP || journal_group_full(intake->journal))
        end_group(intake);
}

/* ---- refusals ---- */

/* The index of the dead letter; 0: there is none. */
static uint64_t keep_document(struct intake *intake, const struct document *document,
                              const struct refused *refusal, int64_t wall_ms) {
    uint64_t index = 0;
    struct dead_letter letter = {
        .when_ms = wall_ms,
        .reason = view_of(refusal->text),
        .peer = document->peer,
        .format = document->format,
        .feed = document->feed,
        .bytes = document->bytes,
        .bytes_in_all = refusal->bytes_in_all,
    };
    if (document->is_letter || view_trim(document->bytes).len == 0)
        return 0;
    if (journal_keep(intake->journal, &letter, &index) == 0)
        intake->counts.kept++;
    else
        intake->counts.not_kept++;
    return index;
}

/* recorded: reports of the same document that were taken before it failed. */
static void refuse(struct intake *intake, const struct document *document,
                   struct asker asker, const struct refused *refusal, uint64_t letter,
                   size_t recorded) {
    struct pending p = {
        .asker = asker, .code = refusal->code, .seq = letter, .recorded = recorded};
    p.ref = keep_ref(intake, refusal->ref);
    p.text = keep_word(intake, view_of(refusal->text));
    flatten(intake->words.at + p.text);
    struct answer answer = {p.code, letter, intake->words.at + p.ref,
                            intake->words.at + p.text};
    intake->counts.refused++;
    if (intake->refused)
        intake->refused(intake->context, document->peer, &answer);
    queue(intake, &p);
}

void intake_refuse(struct intake *intake, const struct document *document,
                   struct asker asker, const struct refused *refusal, int64_t wall_ms) {
    struct document beginning = *document;
    struct refused known = *refusal;
    if (known.bytes_in_all == 0)
        known.bytes_in_all = document->bytes.len;
    if (beginning.bytes.len > INTAKE_BEGINNING)
        beginning.bytes.len = INTAKE_BEGINNING;
    refuse(intake, &beginning, asker, &known,
           keep_document(intake, &beginning, &known, wall_ms), 0);
}

/* ---- documents ---- */

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
        report_warn(report, &intake->arena, document->warning);
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

static const struct format *format_for(const struct document *document,
                                       const struct feed *feed) {
    if (document->format.len > 0)
        return format_named(document->format);
    return feed->format ? format_named(view_of(feed->format))
                        : format_of(document->bytes);
}

static int read_document(struct intake *intake, const struct document *document,
                         int64_t wall_ms, struct format_output *out, struct diag *diag) {
    struct format_input in = {.bytes = document->bytes,
                              .feed = feeds_find(intake->feeds, document->feed),
                              .received_ms = wall_ms,
                              .arena = &intake->arena};
    const struct format *format = format_for(document, in.feed);
    if (!format) {
        diag_set(diag, 0, "no such format");
        return ERR_FORMAT;
    }
    return format->read(&in, out, diag);
}

/* A report that could be read: to the journal, if it is wanted there. Fills in the head,
 * all but its length. */
static int judge_and_append(struct intake *intake, struct report *report,
                            struct record_head *head, uint64_t *index) {
    struct journal_seen seen = {0};
    if (!lineage_find(report, intake->journal, head->wall_ms, &intake->arena))
        report_warn(report, &intake->arena, "takes back a story that is not known");
    struct identity identity = lineage_identity(report, &intake->scratch);
    head->verdict =
        lineage_judge(report, &identity, intake->journal, head->wall_ms, &seen);
    *index = seen.index;
    if (head->verdict == VERDICT_DUP || head->verdict == VERDICT_OLD)
        return 0;
    if (head->verdict == VERDICT_UPDATE && report->version > 0 && !seen.timed &&
        report->version == seen.version)
        report_warn(report, &intake->arena,
                    "other content under a version that was there before");
    head->identity = identity;
    return append(intake, report, &identity, head->wall_ms, index);
}

static void refuse_unread(struct intake *intake, const struct document *document,
                          struct asker asker, const char *why, int64_t wall_ms) {
    char number[24];
    struct refused refusal = {.code = REFUSED_MALFORMED,
                              .ref = ref_of_unread(document, number),
                              .text = why,
                              .bytes_in_all = document->bytes.len};
    refuse(intake, document, asker, &refusal,
           keep_document(intake, document, &refusal, wall_ms), 0);
}

/* The record just appended, for somebody deaf. */
static bool record_last(struct intake *intake, struct record_head *head) {
    head->len = intake->encoded.len;
    if (head->verdict != VERDICT_NEW && head->verdict != VERDICT_UPDATE)
        return false;
    put_record(&intake->records, head, buf_view(&intake->encoded));
    return true;
}

/* Takes one report of a document; *p is the answer to all of them: it has the index of
 * the last and the verdict that says most. */
static int take_report(struct intake *intake, const struct document *document,
                       struct report *report, struct pending *p, int64_t wall_ms) {
    struct record_head head = {.wall_ms = wall_ms};
    uint64_t index = 0;
    complete(intake, document, report, wall_ms);
    int err = judge_and_append(intake, report, &head, &index);
    if (err < 0)
        return err;
    p->seq = index;
    if (head.verdict < p->verdict)
        p->verdict = head.verdict;
    p->recorded += p->asker.deaf && record_last(intake, &head);
    return 0;
}

static struct view ref_of(const struct format_output *read,
                          const struct document *document, char room[24]) {
    const struct report *first = read->reports;
    if (read->count == 0)
        return ref_of_unread(document, room);
    return first->ref.len > 0 ? first->ref : first->guid;
}

void intake_take(struct intake *intake, const struct document *document,
                 struct asker asker, int64_t wall_ms) {
    static const char full[] = "the journal is full; send it again later";
    struct pending p = {.asker = asker, .verdict = VERDICT_NONE};
    struct format_output read = {0};
    struct diag diag = {0};
    char number[24];
    int err = 0;
    arena_clear(&intake->arena);
    if (read_document(intake, document, wall_ms, &read, &diag) < 0) {
        refuse_unread(intake, document, asker, diag.text, wall_ms);
        return;
    }
    if (read.note.len > 0 && intake->noted)
        intake->noted(intake->context, document->peer, read.note);
    for (size_t i = 0; i < read.count && err == 0; i++)
        err = take_report(intake, document, &read.reports[i], &p, wall_ms);
    struct view ref = ref_of(&read, document, number);
    if (err < 0) { // those before it are taken: sent again, they are known
        struct refused busy = {.code = REFUSED_BUSY, .ref = ref, .text = full};
        refuse(intake, document, asker, &busy, 0, p.recorded);
        return;
    }
    p.ref = keep_ref(intake, ref);
    queue(intake, &p);
}
