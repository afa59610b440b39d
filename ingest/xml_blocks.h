/* xml_blocks.h: from XHTML and NITF in a tree (xml.h) to text (blocks.h). */
#ifndef WIRETAG_INGEST_XML_BLOCKS_H
#define WIRETAG_INGEST_XML_BLOCKS_H

#include "ingest/blocks.h"
#include "ingest/xml.h"

/* Tells what is in the node: its text, its children and what stands between them; not
 * the node itself. Nothing for NULL. */
void xml_blocks(const struct xml_node *node, struct blocks *blocks);
/* Appends its whole text: begin, xml_blocks, end. */
void xml_put_text(const struct xml_node *node, struct buf *out);

#endif
