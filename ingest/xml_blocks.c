#include "ingest/xml_blocks.h"

/* Closes `at` and those it is the last child of, up to one that has a brother: the next
 * to open; NULL: all of root is done. */
static const struct xml_node *leave(const struct xml_node *root,
                                    const struct xml_node *at, struct blocks *blocks) {
    while (at != root) {
        blocks_close(blocks, at->name);
        blocks_text(blocks, at->tail);
        if (at->next)
            return at->next;
        at = at->parent;
    }
    return NULL;
}

void xml_blocks(const struct xml_node *root, struct blocks *blocks) {
    const struct xml_node *at = root;

    while (at) {
        if (at != root)
            blocks_open(blocks, at->name);
        blocks_text(blocks, at->text);
        at = at->first ? at->first : leave(root, at, blocks);
    }
}

void xml_put_text(const struct xml_node *node, struct buf *out) {
    struct blocks blocks;

    blocks_begin(&blocks, out);
    xml_blocks(node, &blocks);
    blocks_end(&blocks);
}
