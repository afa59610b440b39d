/* ingests.h: the links to the ingests, which keep each report until they hear that its
 * result is stored.
 *
 * After each (re)connect an ingest is told by RESUME all that is stored of its journal's
 * present run and of the earlier ones it named in WELCOME, and by COMMIT what each group
 * adds. With each heartbeat the state is said again, of the present run and of one
 * earlier, of very many ranges a part each time: nothing depends on one message. */
#ifndef WIRETAG_SINK_INGESTS_H
#define WIRETAG_SINK_INGESTS_H

#include "proto/json.h"
#include "proto/run/loop.h"
#include "sink/journal.h"

struct ingests;

struct ingests *ingests_new(struct loop *loop, struct journal *journal);
void ingests_free(struct ingests *ingests); /* says BYE to all */
/* Connects, now and again for ever. */
int ingests_connect(struct ingests *ingests, const char *endpoint, struct diag *diag);
/* Sends frames to those ingests whose run it is. */
void ingests_send(struct ingests *ingests, struct uuid run, struct view frames);
void ingests_repeat(struct ingests *ingests);
/* One object for each, into an open array. */
void ingests_status(const struct ingests *ingests, struct json *json);

#endif
