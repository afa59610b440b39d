/* json_documents.h: what a JSON document may hold: a feed record (EVENT.md) or a news
 * item (ninjs.h); a list of them; and what web interfaces wrap them in: {"data": ...}, as
 * CloudEvents has it too, {"items": [...]} and the like. */
#ifndef WIRETAG_INGEST_FORMAT_JSON_DOCUMENTS_H
#define WIRETAG_INGEST_FORMAT_JSON_DOCUMENTS_H

#include "ingest/format/format.h"

/* All the reports of a document, or none: as struct format's read. Each is of the format
 * it turns out to be. items: what has no text of its own is a news item, whatever it
 * looks like. */
int json_documents_read(const struct format_input *in, struct format_output *out,
                        struct diag *diag, bool items);

#endif
