#include "sink/output.h"

#include <stdlib.h>

#include "proto/mem.h"

#define BATCH 512

struct output {
    const struct output_kind *kind;
    void *state;
    struct journal *journal;
    struct journal_cursor *cursor;
    int err; /* of the last run */
    int64_t retry_ms;
    struct diag diag;
};

int output_new(const struct output_kind *kind, const struct output_conf *conf,
               struct journal *journal, struct output **out, struct diag *diag) {
    struct output *output;
    void *state;
    int err = kind->open(conf, &state, diag);

    if (err)
        return err;
    output = mem_zalloc(sizeof *output);
    output->kind = kind;
    output->state = state;
    output->journal = journal;
    output->cursor = journal_cursor(journal, kind->name);
    *out = output;
    return 0;
}

void output_free(struct output *output) {
    if (!output)
        return;
    output->kind->close(output->state);
    free(output);
}

static int write_all(struct output *output, uint64_t upto, int64_t wall_ms) {
    struct journal_event events[BATCH];
    uint64_t from = output_offset(output) + 1;
    size_t count = 0;

    while (from <= upto) {
        struct output_batch batch = {events, 0, wall_ms};
        int err = journal_read(output->journal, from, upto, events, BATCH, &count);
        if (err)
            diag_set(&output->diag, 0, "the journal has no event %llu any more",
                     (unsigned long long)from);
        if (err || !count)
            return err;
        batch.count = count;
        err = output->kind->write(output->state, &batch, &output->diag);
        if (err)
            return err;
        from += count;
    }
    return 0;
}

int output_run(struct output *output, uint64_t upto, struct output_time now,
               struct diag *diag) {
    bool waiting =
        output->err && output->err != ERR_AGAIN && now.now_ms < output->retry_ms;

    if (!waiting && output_offset(output) < upto) {
        output->diag.text[0] = 0;
        output->err = write_all(output, upto, now.wall_ms);
        if (!output->err)
            output->err = output->kind->flush(output->state, &output->diag);
        if (!output->err)
            journal_cursor_move(output->cursor, upto);
        output->retry_ms = now.now_ms + OUTPUT_RETRY_MS;
    }
    if (output->err)
        diag_set(diag, 0, "%s; trying again each second", output->diag.text);
    return output_offset(output) < upto ? output->err : 0;
}

void output_reopen(struct output *output) { output->kind->reopen(output->state); }
const char *output_name(const struct output *output) { return output->kind->name; }

uint64_t output_offset(const struct output *output) {
    return journal_cursor_at(output->cursor);
}

const char *output_error(const struct output *output) {
    return output->err && output->err != ERR_AGAIN ? output->diag.text : NULL;
}
