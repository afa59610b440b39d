/* The XML reader: whatever comes in, the tree is whole, its text is UTF-8, and it takes
 * no more memory than promised. */
#include "ingest/format/xml.h"
#include "proto/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds) {
    if (!holds)
        abort();
}

static void check_node(const struct xml_node *root, const struct xml_node *node,
                       struct arena *arena) {
    expect(utf8_valid_prefix(node->text) == node->text.len);
    expect(utf8_valid_prefix(node->tail) == node->tail.len);
    expect(node->name.len > 0 && node->space);
    expect(node == root || node->parent);
    for (const struct xml_attribute *a = node->attributes; a; a = a->next)
        expect(utf8_valid_prefix(a->value) == a->value.len);
    xml_words(node->first ? NULL : node, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    struct view bytes = view_n((const char *)data, size);
    struct xml_document doc;
    struct diag diag = {0};
    size_t used = 0;

    arena_clear(&arena);
    xml_root_is(bytes, "nitf");
    if (xml_read(bytes, NULL, &arena, &doc, &diag)) {
        expect(diag.text[0]);
        return 0;
    }
    for (const struct xml_node *n = xml_walk(doc.root, NULL); n;
         n = xml_walk(doc.root, n)) {
        check_node(doc.root, n, &arena);
        used += sizeof *n;
    }
    expect(used <= XML_NODE_SPARE + XML_NODE_SHARE * doc.bytes.len);
    expect(utf8_valid_prefix(xml_words(doc.root, &arena)) ==
           xml_words(doc.root, &arena).len);
    expect(xml_line(&doc, doc.root) > 0);
    return 0;
}
