/* letters.h: what people do about dead letters. A report goes back into the queue under
 * its id; a document is taken in once more, as a report of its own if it can be read now;
 * either may be dropped. The running ingest does it when asked at its control socket,
 * `wiretag dead` itself when none runs.
 *
 *     question   retry 17 18          drop 17
 *     answer     "letters":[{"number":17,"done":true,"fate":"queued","text":"..."}, ...]
 *
 * fate: queued, taken (with "index" and "verdict"), dropped; or, not done: unknown,
 * refused (again), partial (only its beginning was kept), full. What is said to be done
 * is safe in the journal. */
#ifndef WIRETAG_INGEST_LETTERS_H
#define WIRETAG_INGEST_LETTERS_H

#include "ingest/intake.h"
#include "proto/json.h"

struct letters {
    struct journal *journal;
    struct intake *intake;
    /* A report is back in the queue; NULL: nobody hands out. */
    void (*revived)(void *context, uint64_t index);
    void *context;
};

/* Does what the question asks and writes the members of the answer: "letters", or "error"
 * when it was not understood or the journal failed (as intake_flush will say again).
 * wall_ms: UTC. */
void letters_answer(const struct letters *letters, struct view question, int64_t wall_ms,
                    struct json *json);

#endif
