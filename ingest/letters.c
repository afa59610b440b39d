#include "ingest/letters.h"

#include "proto/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum fate {
    FATE_QUEUED,
    FATE_TAKEN,
    FATE_DROPPED,
    FATE_UNKNOWN,
    FATE_REFUSED,
    FATE_PARTIAL,
    FATE_FULL
};

/* One of the letters asked for, and what became of it. */
struct outcome {
    uint64_t number;
    enum fate fate;
    uint64_t index; /* taken */
    char verdict[16];
    char text[240];
};

struct work {
    const struct letters *letters;
    int64_t wall_ms;
    struct outcome *outcomes;
    size_t count;
    struct buf copy;
};

static const char full[] = "the disk or the journal is full: make room, then try again";

static void settle(struct outcome *outcome, enum fate fate, const char *text) {
    outcome->fate = fate;
    snprintf(outcome->text, sizeof outcome->text, "%s", text);
}

static void settle_err(struct outcome *outcome, int err) {
    if (err == ERR_FULL)
        settle(outcome, FATE_FULL, full);
    else
        settle(outcome, FATE_UNKNOWN, "there is no dead letter of that number");
}

/* ---- retry ---- */

/* who: which of the outcomes. */
static void on_answer(void *source, uint64_t who, const struct answer *answer) {
    struct outcome *outcome = &((struct work *)source)->outcomes[who];
    outcome->index = answer->seq;
    if (answer->code == REFUSED_BUSY) {
        settle(outcome, FATE_FULL, full);
    } else if (answer->code != 0) {
        settle(outcome, FATE_REFUSED, answer->text);
    } else {
        settle(outcome, FATE_TAKEN, "");
        snprintf(outcome->verdict, sizeof outcome->verdict, "%s", answer->text);
        snprintf(outcome->text, sizeof outcome->text, "taken in as %" PRIu64 ": %s",
                 answer->seq, answer->text);
    }
}

static struct view copied(struct buf *copy, struct view view) {
    size_t at = copy->len;
    buf_put_view(copy, view);
    return view_n(copy->at + at, view.len);
}

/* The letter's views end with a sync, and taking it in may cause one. */
static struct document document_of(struct work *work, const struct dead_letter *letter) {
    struct buf *copy = &work->copy;
    buf_clear(copy);
    buf_reserve(copy, letter->bytes.len + letter->format.len + letter->feed.len +
                          letter->peer.len + 1);
    return (struct document){
        .bytes = copied(copy, letter->bytes),
        .format = copied(copy, letter->format),
        .feed = copied(copy, letter->feed),
        .peer = copied(copy, letter->peer),
        .ref = VIEW_LIT(""),
        .number = letter->index,
        .is_letter = true,
    };
}

static void take_again(struct work *work, struct outcome *outcome,
                       const struct dead_letter *letter) {
    if (letter->bytes_in_all > letter->bytes.len) {
        settle(outcome, FATE_PARTIAL,
               "only its beginning is here; wiretag dead show has it");
        return;
    }
    struct document document = document_of(work, letter);
    struct asker asker = {on_answer, work, (uint64_t)(outcome - work->outcomes), false};
    intake_take(work->letters->intake, &document, asker, work->wall_ms);
}

static void revive(struct work *work, struct outcome *outcome) {
    const struct letters *l = work->letters;
    int err = journal_revive(l->journal, outcome->number, work->wall_ms);
    if (err < 0) {
        settle_err(outcome, err);
        return;
    }
    settle(outcome, FATE_QUEUED, "back in the queue");
    if (l->revived)
        l->revived(l->context, outcome->number);
}

static int find(const struct journal *journal, uint64_t number, struct dead_letter *out) {
    if (number == 0 || journal_dead_next(journal, number - 1, out) != 0 ||
        out->index != number)
        return ERR_NOT_FOUND;
    return 0;
}

static void retry(struct work *work, struct outcome *outcome) {
    struct dead_letter letter;
    int err = find(work->letters->journal, outcome->number, &letter);
    if (err < 0)
        settle_err(outcome, err);
    else if (letter.kind == DEAD_REPORT)
        revive(work, outcome);
    else
        take_again(work, outcome, &letter);
}

/* ---- drop ---- */

static void drop(struct work *work, struct outcome *outcome) {
    int err = journal_drop(work->letters->journal, outcome->number);
    if (err < 0)
        settle_err(outcome, err);
    else
        settle(outcome, FATE_DROPPED, "dropped");
}

/* Documents that have become reports are letters no more: only now, since before the sync
 * they were nothing else. */
static void drop_taken(struct work *work) {
    for (size_t i = 0; i < work->count; i++)
        if (work->outcomes[i].fate == FATE_TAKEN)
            journal_drop(work->letters->journal, work->outcomes[i].number);
}

/* ---- the question ---- */

typedef void act_fn(struct work *work, struct outcome *outcome);

static act_fn *act_named(struct view word) {
    return view_is(word, "retry") ? retry : view_is(word, "drop") ? drop : NULL;
}

static bool read_numbers(struct work *work, struct view rest) {
    struct view word;
    while (view_split(&rest, ' ', &word)) {
        struct outcome outcome = {0};
        if (word.len == 0)
            continue;
        if (!view_number(word, &outcome.number))
            return false;
        work->outcomes =
            mem_resize(work->outcomes, work->count + 1, sizeof *work->outcomes);
        work->outcomes[work->count++] = outcome;
    }
    return work->count > 0;
}

static void warn_of_disk(struct work *work) {
    for (size_t i = 0; i < work->count; i++)
        if (work->outcomes[i].fate <= FATE_DROPPED)
            settle(&work->outcomes[i], work->outcomes[i].fate,
                   "done, but the disk is full: not safe until there is room on it");
}

static int act_on_all(struct work *work, act_fn *act, struct diag *diag) {
    struct intake *intake = work->letters->intake;
    for (size_t i = 0; i < work->count; i++)
        act(work, &work->outcomes[i]);
    int err = intake_sync(intake, diag);
    if (err < 0 && err != ERR_FULL)
        return err;
    drop_taken(work);
    err = intake_sync(intake, diag);
    if (err == ERR_FULL)
        warn_of_disk(work);
    return err == ERR_FULL ? 0 : err;
}

static void put_outcome(const struct outcome *outcome, struct json *json) {
    static const char *const names[] = {"queued",  "taken",   "dropped", "unknown",
                                        "refused", "partial", "full"};
    json_begin_object(json);
    json_member_uint(json, JSON_KEY("number"), outcome->number);
    json_key(json, "done");
    json_bool(json, outcome->fate <= FATE_DROPPED);
    json_key(json, "fate");
    json_text(json, names[outcome->fate]);
    json_key(json, "text");
    json_text(json, outcome->text);
    if (outcome->fate == FATE_TAKEN) {
        json_member_uint(json, JSON_KEY("index"), outcome->index);
        json_key(json, "verdict");
        json_text(json, outcome->verdict);
    }
    json_end(json);
}

static void put_error(struct json *json, const char *text) {
    json_key(json, "error");
    json_text(json, text);
}

void letters_answer(const struct letters *letters, struct view question, int64_t wall_ms,
                    struct json *json) {
    struct work work = {.letters = letters, .wall_ms = wall_ms};
    struct diag diag = {0};
    struct view word = {0};
    view_split(&question, ' ', &word);
    act_fn *act = act_named(word);
    if (!act || !read_numbers(&work, question)) {
        put_error(json, "ask for: retry NUMBER..., drop NUMBER...");
    } else if (act_on_all(&work, act, &diag) < 0) {
        put_error(json, diag.text);
    } else {
        json_member_array(json, JSON_KEY("letters"));
        for (size_t i = 0; i < work.count; i++)
            put_outcome(&work.outcomes[i], json);
        json_end(json);
    }
    free(work.outcomes);
    buf_release(&work.copy);
}
