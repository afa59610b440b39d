/* json_tree.h: one JSON document (RFC 8259, nothing beside it) as a tree of values.
 *
 *     {"uri": "x", "bodies": [{"value": "..."}]}
 *
 *     object, 2 members
 *       first -> key "uri", text "x"
 *         next -> key "bodies", list, 1 value
 *                   first -> object -> ...
 *
 * Values live in an arena. A text without escapes and a number are views into the input,
 * so that most of a document is looked at once, eight bytes at a time, and never copied;
 * jansson, which reads what other programs answer us, allocates and copies each value:
 * feed records of 3.5 KB went through it at 60 MB/s and go through here at 430 to 1040
 * (one core of a small machine; Cyrillic the slowest, ASCII the fastest).
 *
 * Bounded: JSON_TREE_DEPTH levels; at most JSON_TREE_VALUES values, or one for every 8
 * bytes where that is more, so the tree takes 8 times the document at worst (and 4 MiB).
 * Time grows with n log n, for objects of a thousand equal keys as well.
 *
 * What senders do wrong within texts is mended and counted: bytes that are no UTF-8 and
 * escapes that are half a character (\ud83d alone) become U+FFFD. UTF-16 is taken where a
 * byte order mark says so. Of a key given twice in an object the last stays. */
#ifndef WIRETAG_PROTO_JSON_TREE_H
#define WIRETAG_PROTO_JSON_TREE_H

#include "proto/buf.h"
#include "proto/err.h"
#include "proto/mem.h"

#define JSON_TREE_DEPTH  64
#define JSON_TREE_VALUES 65536u

enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_FALSE,
    JSON_KIND_TRUE,
    JSON_KIND_NUMBER,
    JSON_KIND_TEXT,
    JSON_KIND_LIST,
    JSON_KIND_OBJECT
};

struct json_node {
    struct view key;  /* of an object's member, decoded; else empty */
    struct view text; /* of a text: decoded, UTF-8; of a number: as it is written */
    struct json_node *first; /* of a list or object; NULL: it is empty */
    struct json_node *next;  /* in the same list or object; NULL: the last */
    uint32_t count;          /* of a list or object */
    enum json_kind kind;
};

struct json_tree {
    const struct json_node *root;
    size_t values;
    size_t invalid; /* sequences of bytes that were no UTF-8 */
    size_t halves;  /* escapes that were half a character */
    bool utf16;
};

/* Reads the whole of `json`, which must stay as long as the tree. ERR_FORMAT with a diag
 * that says at which byte what was expected and what is there ("byte 12: ',' or '}'
 * expected, not \"text\""; in UTF-16, the byte of its UTF-8 form). Refused beside what is
 * no JSON: a NUL in a key and numbers beyond what a double holds (1e999), which nobody
 * could read back. */
int json_tree_read(struct view json, struct json_tree *out, struct arena *arena,
                   struct diag *diag);

/* NULL where the object has no such member, or where it is no object (or NULL). */
const struct json_node *json_tree_get(const struct json_node *object, const char *key);
/* The text of such a member; empty where there is none, or where it is no text. */
struct view json_tree_text(const struct json_node *object, const char *key);

/* The number as a whole one, in whatever way it is written (3, 3.0, 30e-1); false for
 * other numbers, for what does not fit, and for what is no number (NULL allowed). */
bool json_tree_whole(const struct json_node *node, int64_t *out);
/* The nearest double; false for what is no number. The locale plays no part. */
bool json_tree_double(const struct json_node *node, double *out);

/* Is nothing in it deeper than `levels` lists and objects within each other? */
bool json_tree_shallow(const struct json_node *node, unsigned levels);
/* Appends it as JSON without blanks: texts in UTF-8 as json_view writes them, numbers as
 * they were written, but for whole ones beyond 64 bits, which get an exponent ("e0"):
 * readers who refuse big integers take it then. */
void json_tree_write(const struct json_node *node, struct buf *out);
/* "a list", "a text": for messages. */
const char *json_tree_kind(const struct json_node *node);

#endif
