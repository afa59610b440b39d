/* g2_item.h: one newsItem of NewsML-G2 as a report. */
#ifndef WIRETAG_INGEST_FORMAT_G2_ITEM_H
#define WIRETAG_INGEST_FORMAT_G2_ITEM_H

#include "ingest/format/news.h"

/* Fills the report news was begun with; header: of the message it came in, or NULL. */
void g2_read_item(struct news *news, const struct xml_node *item,
                  const struct xml_node *header);

#endif
