/* letter.h: how a dead letter lies in the journal.
 *
 *     kind u8, attempts u32, when u64, bytes in all u64,
 *     sized reason, peer, format, feed, and its bytes to the end
 */
#ifndef WIRETAG_INGEST_LETTER_H
#define WIRETAG_INGEST_LETTER_H

#include "ingest/journal.h"
#include "proto/buf.h"

/* Appends all but the letter's bytes, which come behind it. Of the reason at most
 * JOURNAL_REASON bytes. */
void letter_put_head(struct buf *out, const struct dead_letter *letter);
/* All of *out but its index. Never fails: of what cannot be read any more, so much is
 * told. */
void letter_read(struct view value, struct dead_letter *out);

#endif
