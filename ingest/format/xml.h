/* xml.h: an XML document as a small tree. The only user of expat.
 *
 *     <p>Wheat <em>rose</em> to 5.</p>
 *
 *     p    text "Wheat "
 *     em   text "rose", tail " to 5."
 *
 * A node is an element; what stands in front of its first child is its text, what follows
 * its end tag, up to the next tag, is its tail. Comments and processing instructions are
 * left out. All text is valid UTF-8; references are resolved, line ends are LF.
 *
 * What senders get wrong is mended: HTML's entities (&nbsp;); and, with a warning,
 * declared encodings that are not the real one, a bare &, control characters, something
 * behind the root's end. Nothing is ever fetched: a DOCTYPE's address is passed over.
 * Declarations of entities are refused, with them everything that could make a document
 * grow.
 *
 * Limits: XML_DEPTH; nodes and attributes take XML_NODE_SPARE bytes of memory and
 * XML_NODE_SHARE for each byte of the document. */
#ifndef WIRETAG_INGEST_FORMAT_XML_H
#define WIRETAG_INGEST_FORMAT_XML_H

#include "proto/err.h"
#include "proto/mem.h"
#include "proto/view.h"

#define XML_DEPTH      256
#define XML_NODE_SHARE 16
#define XML_NODE_SPARE 65536
#define XML_SHORT      400

struct xml_attribute {
    struct view name;  /* local: without its prefix */
    const char *space; /* as of nodes */
    struct view value;
    const struct xml_attribute *next; /* in the order of the document */
};

struct xml_node {
    struct view name;  /* local: without its prefix */
    const char *space; /* the namespace; "" where it has none; where nobody declared the
                          prefix, that prefix */
    struct view text, tail;
    const struct xml_attribute *attributes; /* without xmlns */
    struct xml_node *parent, *first, *next; /* first: the first child */
    size_t offset;                          /* of its tag, for xml_line */
};

struct xml_document {
    struct xml_node *root;
    struct view charset; /* what it was decoded from: "utf-8", ... */
    struct view warning; /* what was mended; empty: nothing */
    struct view bytes;   /* what offsets count in */
};

/* Reads a whole document. charset: NULL, or an encoding that is known better than the
 * document says it. Everything lives in the arena, or in bytes. ERR_FORMAT, ERR_TOO_BIG,
 * ERR_UNSUPPORTED (entity declarations); diag names line and element. */
int xml_read(struct view bytes, const char *charset, struct arena *arena,
             struct xml_document *out, struct diag *diag);

/* For `looks`: does a document begin whose root has this local name? Looks at the first
 * few thousand bytes only, whatever the encoding. */
bool xml_root_is(struct view bytes, const char *name);

/* The line (from 1) a node begins in. Counts lines: for messages. */
unsigned long xml_line(const struct xml_document *document, const struct xml_node *node);

/* In the tree. Names are local ones; node may be NULL, then so is what they find. */
bool xml_is(const struct xml_node *node, const char *name);
/* The first child of that name; the next brother of that name. NULL: none. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
const struct xml_node *xml_next(const struct xml_node *node, const char *name);
/* The first in the order of the document at the end of such a path: "itemMeta/pubStatus".
 */
const struct xml_node *xml_find(const struct xml_node *node, const char *path);
/* The next of all nodes under `root`, in the order of the document; NULL behind the last.
 * Begins with root. */
const struct xml_node *xml_walk(const struct xml_node *root, const struct xml_node *node);
/* An attribute's value, of one without prefix first; empty: not there. */
struct view xml_attribute(const struct xml_node *node, const char *name);

/* All text of a node and what is in it, as one line: runs of blanks are one, controls are
 * out, paragraphs and line breaks count as blanks. Empty for NULL. */
struct view xml_words(const struct xml_node *node, struct arena *arena);
/* The same of what can only be a name, a code or a time: empty where the node holds more
 * than XML_SHORT bytes of text or as many nodes, which is looked at no further. */
struct view xml_short(const struct xml_node *node, struct arena *arena);
/* The same of a piece of text. */
struct view xml_one_line(struct view text, struct arena *arena);

#endif
