/* ids.h: which reports are stored: for each run of an ingest the indices, as intervals.
 *
 *     seen      = durable and what the open group has
 *     durable   = what table ranges says: changed in the group's own transaction
 *
 * A run is looked up when somebody speaks of it, and the quietest are forgotten again, so
 * what is in memory does not grow with the years. */
#ifndef WIRETAG_SINK_IDS_H
#define WIRETAG_SINK_IDS_H

#include "proto/intervals.h"
#include "sink/store.h"

#define IDS_LOADED 64 /* runs in memory; more only while one group has more */

struct ids;

struct id_set {
    struct uuid of;
    int64_t number; /* journals.number */
    bool is_new;    /* not in the table yet */
    uint64_t used;  /* when last */
    size_t pending; /* of the open group */
    struct intervals seen, durable, group;
};

int ids_new(struct store *store, struct ids **out, struct diag *diag);
void ids_free(struct ids *ids);

/* The set of a run; valid until the next call for another. > 0: nothing is stored of it
 * (find), it is made (take). */
int ids_find(struct ids *ids, struct uuid of, struct id_set **out, struct diag *diag);
int ids_take(struct ids *ids, struct uuid of, struct id_set **out, struct diag *diag);
/* Adds an index that is not seen to the open group: 0, or ERR_FULL: too many holes. */
int ids_add(struct id_set *set, uint64_t index);

/* In the group's transaction: writes what the group adds. May be repeated. */
int ids_save(struct ids *ids, struct diag *diag);
/* The transaction is durable. */
void ids_saved(struct ids *ids);
/* How many are durable, of all runs there ever were. */
uint64_t ids_count(const struct ids *ids);

#endif
