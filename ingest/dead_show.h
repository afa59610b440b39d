/* dead_show.h: a dead letter as programs and people read it. */
#ifndef WIRETAG_INGEST_DEAD_SHOW_H
#define WIRETAG_INGEST_DEAD_SHOW_H

#include "ingest/journal.h"
#include "proto/buf.h"

/* A line of JSON about it, without its bytes:
 *     {"number":17,"when":"2026-11-20T16:02:11.500Z","kind":"document","attempts":0,
 *      "bytes":120,"bytes_in_all":120,"peer":..,"feed":..,"format":..,"guid":..,
 *      "version":..,"reason":".."}
 * bytes_in_all is null when nobody knows; guid and version are a report's. */
void dead_put_line(const struct dead_letter *letter, struct buf *out);

/* A row of a table `width` columns wide, and its heading. */
void dead_put_heading(struct buf *out);
void dead_put_row(const struct dead_letter *letter, size_t width, struct buf *out);

/* A page for eyes: what is known of it, then its text, safe for a terminal. */
void dead_put_page(const struct dead_letter *letter, struct buf *out);

/* The document's bytes as they came; of a report its text. */
void dead_put_raw(const struct dead_letter *letter, struct buf *out);

/* A line of JSON: a report as a feed record; of a document, what dead_put_line says and
 * its bytes as "document" (what is no UTF-8 replaced). */
void dead_put_record(const struct dead_letter *letter, struct buf *out);

#endif
