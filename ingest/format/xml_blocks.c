#include "ingest/format/xml_blocks.h"

struct walk {
    const struct xml_node *root;
    bool (*skip)(const struct xml_node *node, void *context);
    void *context;
    struct blocks *blocks;
};

/* Opens `at` or one of the brothers behind it; NULL: all of them are to be skipped. */
static const struct xml_node *enter(const struct walk *w, const struct xml_node *at) {
    while (at && w->skip && w->skip(at, w->context)) {
        blocks_text(w->blocks, at->tail);
        at = at->next;
    }
    if (at) {
        blocks_open(w->blocks, at->name);
        blocks_text(w->blocks, at->text);
    }
    return at;
}

/* Closes `at` and those it is the last child of, up to one that has a brother to open;
 * NULL: all of root is done. */
static const struct xml_node *leave(const struct walk *w, const struct xml_node *at) {
    const struct xml_node *next = NULL;

    while (at != w->root && !next) {
        blocks_close(w->blocks, at->name);
        blocks_text(w->blocks, at->tail);
        next = enter(w, at->next);
        at = at->parent;
    }
    return next;
}

void xml_blocks_but(const struct xml_node *root,
                    bool (*skip)(const struct xml_node *node, void *context),
                    void *context, struct blocks *blocks) {
    const struct walk w = {root, skip, context, blocks};
    const struct xml_node *at = root;

    if (root)
        blocks_text(blocks, root->text);
    while (at) {
        const struct xml_node *child = enter(&w, at->first);
        at = child ? child : leave(&w, at);
    }
}

void xml_blocks(const struct xml_node *root, struct blocks *blocks) {
    xml_blocks_but(root, NULL, NULL, blocks);
}

void xml_put_text(const struct xml_node *node, struct buf *out) {
    struct blocks blocks;

    blocks_begin(&blocks, out);
    xml_blocks(node, &blocks);
    blocks_end(&blocks);
}
