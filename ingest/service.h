/* service.h: a running ingest: sources, journal and handout on one loop.
 *
 * The end of each turn:
 *     sync the group and gather its answers   nobody hears of a report before this
 *     hand out work
 *     write the answers
 *     is there room? else stop reading
 *     stopping? are we done?
 *
 * A group is synced as soon as a look at all sources brings nothing more, or with 1,024
 * reports, or after 5 ms: it never waits idly, so that one feeder with one report at a
 * time hears as soon as the disk allows. Looking once more before the disk is asked makes
 * of 64 reports under way one group of 60, not three of 20, and of eight times that
 * groups of 300 instead of 150 (measured). What comes while the disk works is the next
 * group. */
#ifndef WIRETAG_INGEST_SERVICE_H
#define WIRETAG_INGEST_SERVICE_H

#include "ingest/feeds.h"
#include "proto/run/settings.h"

#include <stdbool.h>
#include <stdint.h>

struct service_conf {
    const char *data;
    struct setting_list listen, watch, work;
    const char *socket, *zmq;  /* "none": not */
    bool zmq_may_fail;         /* zmq is the default: if it is taken, do without */
    const struct feeds *feeds; /* NULL: none are described; must outlive the service */
    int64_t max_report, max_header, max_connections, idle_ms;
    int64_t max_journal, max_dead, remember, remember_ms;
    int64_t lease_ms, max_age_ms, drain_ms;
    int64_t memory; /* memory.h; 0: no bound */
};

struct service;

/* Opens and binds everything; the diag says what failed and which option changes it. */
int service_new(const struct service_conf *conf, struct service **out, struct diag *diag);
/* Until a signal; returns the exit code. The first signal takes nothing more in and waits
 * up to drain_ms for what is out, the second ends it. */
int service_run(struct service *service);
void service_free(struct service *service);

#endif
