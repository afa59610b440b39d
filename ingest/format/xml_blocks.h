/* xml_blocks.h: from XHTML and NITF in a tree (xml.h) to text (blocks.h). */
#ifndef WIRETAG_INGEST_FORMAT_XML_BLOCKS_H
#define WIRETAG_INGEST_FORMAT_XML_BLOCKS_H

#include "ingest/format/blocks.h"
#include "ingest/format/xml.h"

/* Tells what is in the node: its text, its children and what stands between them; not
 * the node itself. Nothing for NULL. */
void xml_blocks(const struct xml_node *node, struct blocks *blocks);
/* The same without the elements that skip says yes to; what stands behind them stays. */
void xml_blocks_but(const struct xml_node *root,
                    bool (*skip)(const struct xml_node *node, void *context),
                    void *context, struct blocks *blocks);
/* Appends its whole text: begin, xml_blocks, end. */
void xml_put_text(const struct xml_node *node, struct buf *out);

#endif
