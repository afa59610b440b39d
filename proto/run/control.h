/* control.h: a Unix socket in the data directory by which people and `wiretag up` ask a
 * running process how it is, or to do something. One line in ("status", "retry 17"), one
 * line of JSON out, close.
 *
 * `status` must be answered by all with at least
 *     {"process":"ingest","pid":1,"version":"0.1.0","memory_bytes":9000000,
 *      "memory_max_bytes":512000000,"healthy":true,"why":null,"endpoints":{...}, ...}
 *
 * A question that is not understood is answered {"error":"..."}. */
#ifndef WIRETAG_PROTO_RUN_CONTROL_H
#define WIRETAG_PROTO_RUN_CONTROL_H

#include "proto/buf.h"
#include "proto/err.h"
#include "proto/json.h"
#include "proto/run/loop.h"

struct control;

/* Writes the rest of the status object: what stands before "healthy" is written already.
 */
typedef void control_status_fn(void *context, struct json *json);

/* Listens on DIR/NAME.control (mode 0600). ERR_IN_USE when a live process does. */
int control_new(struct loop *loop, const char *dir, const char *name,
                control_status_fn *status, void *context, struct control **out,
                struct diag *diag);
void control_free(struct control *control);

/* Writes the members of the answer; `rest` is what stood behind the word. The loop waits
 * for it. */
typedef void control_answer_fn(void *context, struct view rest, struct json *json);
struct control_question {
    const char *word; /* the question's first; NULL: the list's end */
    control_answer_fn *answer;
};
/* What can be asked besides status. The list is borrowed, the context is control_new's.
 */
void control_questions(struct control *control, const struct control_question *list);

#define CONTROL_QUESTION 4096 /* a question is shorter */

/* Asks; blocks at most timeout_ms. answer gets the line. ERR_NOT_FOUND (nobody listens),
 * ERR_AGAIN (no answer in time), ERR_GONE (it hung up). */
int control_ask(const char *dir, const char *name, const char *question, int timeout_ms,
                struct buf *answer);

#endif
