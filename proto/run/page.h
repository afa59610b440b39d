/* page.h: what the processes say of themselves, laid out for eyes: the books, each
 * process in a few lines, and in words what to do where something is wrong. */
#ifndef WIRETAG_PROTO_RUN_PAGE_H
#define WIRETAG_PROTO_RUN_PAGE_H

#include "proto/run/status.h"

/* Appends the page. dir: the data directory they were asked in. */
void page_put(struct buf *out, const char *dir, const struct process_status *all,
              int count);

/* The laws that hold at every moment, whatever is killed: 0, or a sentence that says
 * which is broken. NULL: all hold, as far as ingest and sink answered.
 *
 *     accepted = committed + dead + leased + queued       ingest's books
 *     committed <= stored                                 ingest's and the sink's */
const char *page_broken_law(const struct process_status *all, int count);

#endif
