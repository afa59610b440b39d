/* Looking around in a tree. */
#include "ingest/format/blocks.h"
#include "ingest/format/xml_inside.h"

#define PEEK 16384 /* bytes within which a root is looked for */

bool xml_is(const struct xml_node *node, const char *name) {
    return node && view_is(node->name, name);
}

static const struct xml_node *named(const struct xml_node *node, struct view name) {
    while (node && !view_eq(node->name, name))
        node = node->next;
    return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name) {
    return node ? named(node->first, view_of(name)) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *node, const char *name) {
    return node ? named(node->next, view_of(name)) : NULL;
}

static const struct xml_node *find(const struct xml_node *node, struct view path) {
    struct view step;

    if (!view_split(&path, '/', &step))
        return node;
    for (node = named(node->first, step); node; node = named(node->next, step)) {
        const struct xml_node *found = find(node, path);
        if (found)
            return found;
    }
    return NULL;
}

const struct xml_node *xml_find(const struct xml_node *node, const char *path) {
    return node ? find(node, view_of(path)) : NULL;
}

const struct xml_node *xml_walk(const struct xml_node *root,
                                const struct xml_node *node) {
    if (!node)
        return root;
    if (node->first)
        return node->first;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

struct view xml_attribute(const struct xml_node *node, const char *name) {
    struct view prefixed = view_of(NULL);

    for (const struct xml_attribute *a = node ? node->attributes : NULL; a; a = a->next) {
        if (!view_is(a->name, name))
            continue;
        if (!*a->space)
            return a->value;
        if (!prefixed.len)
            prefixed = a->value;
    }
    return prefixed;
}

unsigned long xml_line_at(struct view text, size_t offset) {
    size_t len = offset < text.len ? offset : text.len;
    const char *at = text.at, *end = text.at + len;
    unsigned long line = 1;

    while (at && at < end) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (at) {
            line++;
            at++;
        }
    }
    return line;
}

unsigned long xml_line(const struct xml_document *document, const struct xml_node *node) {
    return xml_line_at(document->bytes, node ? node->offset : 0);
}

/* One line being made in memory that is big enough for all of it. */
struct line {
    char *at;
    size_t len;
    bool gap; /* a blank stands before what comes next */
};

static void line_put(struct line *line, struct view text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c <= 0x20) {
            line->gap = line->len > 0;
            continue;
        }
        if (c == 0x7F)
            continue;
        if (c == 0xC2 && i + 1 < text.len && (unsigned char)text.at[i + 1] < 0xA0) {
            i++; // C1 controls
            continue;
        }
        if (line->gap)
            line->at[line->len++] = ' ';
        line->gap = false;
        line->at[line->len++] = (char)c;
    }
}

static void line_put_node(struct line *line, const struct xml_node *node) {
    bool parts = blocks_breaks(node->name);

    line->gap = line->gap || (parts && line->len);
    line_put(line, node->text);
    for (const struct xml_node *n = node->first; n; n = n->next) {
        line_put_node(line, n);
        line_put(line, n->tail);
    }
    line->gap = line->gap || (parts && line->len);
}

struct view xml_words(const struct xml_node *node, struct arena *arena) {
    struct line line = {0};
    size_t most = 1;

    if (!node)
        return view_of(NULL);
    if (!node->first)
        return xml_one_line(node->text, arena);
    for (const struct xml_node *n = xml_walk(node, NULL); n; n = xml_walk(node, n))
        most += n->text.len + n->tail.len + 2;
    line.at = arena_alloc(arena, most);
    line_put_node(&line, node);
    return view_n(line.at, line.len);
}

struct view xml_short(const struct xml_node *node, struct arena *arena) {
    size_t held = 0;

    for (const struct xml_node *n = xml_walk(node, NULL); n; n = xml_walk(node, n)) {
        held += 1 + n->text.len + (n == node ? 0 : n->tail.len);
        if (held > XML_SHORT)
            return view_of(NULL);
    }
    return xml_words(node, arena);
}

struct view xml_one_line(struct view text, struct arena *arena) {
    struct line line = {.at = arena_alloc(arena, text.len + 1)};

    line_put(&line, text);
    return view_n(line.at, line.len);
}

/* The first bytes of a document, without its mark; of UTF-16 one for each character. */
static struct view peek(struct view bytes, char narrow[PEEK]) {
    bool little = view_starts(bytes, "\xFF\xFE"), big = view_starts(bytes, "\xFE\xFF");
    size_t at = little || big ? 2 : 0, len = 0;

    little = little || (bytes.len > 1 && bytes.at[0] == '<' && !bytes.at[1]);
    big = big || (bytes.len > 1 && !bytes.at[0] && bytes.at[1] == '<');
    if (view_starts(bytes, "\xEF\xBB\xBF"))
        bytes = view_n(bytes.at + 3, bytes.len - 3);
    if (!little && !big)
        return view_n(bytes.at, bytes.len < PEEK ? bytes.len : PEEK);
    for (; at + 1 < bytes.len && len < PEEK; at += 2)
        narrow[len++] = bytes.at[at + (little ? 0 : 1)];
    return view_n(narrow, len);
}

static struct view drop(struct view text, size_t len) {
    len = len < text.len ? len : text.len;
    return view_n(text.at + len, text.len - len);
}

static struct view drop_behind(struct view text, const char *mark) {
    size_t len = strlen(mark);

    while (text.len >= len && memcmp(text.at, mark, len) != 0)
        text = drop(text, 1);
    return drop(text, len);
}

static struct view drop_doctype(struct view text) {
    while (text.len && *text.at != '>' && *text.at != '[')
        text = drop(text, 1);
    return text.len && *text.at == '[' ? drop_behind(drop_behind(text, "]"), ">")
                                       : drop(text, 1);
}

static struct view drop_blanks(struct view text) {
    while (text.len && (unsigned char)*text.at <= 0x20)
        text = drop(text, 1);
    return text;
}

/* The local name that text begins with. */
static struct view name_at(struct view text) {
    size_t begin = 0, len = 0;

    while (len < text.len && (unsigned char)text.at[len] > 0x20 &&
           !strchr("/>[", text.at[len])) {
        len++;
        if (text.at[len - 1] == ':')
            begin = len;
    }
    return view_n(text.at + begin, len - begin);
}

bool xml_root_is(struct view bytes, const char *name) {
    char narrow[PEEK];
    struct view text = drop_blanks(peek(bytes, narrow));

    while (view_starts(text, "<?") || view_starts(text, "<!")) {
        if (view_starts(text, "<?"))
            text = drop_behind(text, "?>");
        else if (view_starts(text, "<!--"))
            text = drop_behind(drop(text, 4), "-->");
        else if (view_starts(text, "<!DOCTYPE") &&
                 view_is(name_at(drop_blanks(drop(text, 9))), name))
            return true; // what it declares may be long
        else
            text = drop_doctype(text);
        text = drop_blanks(text);
    }
    return view_starts(text, "<") && view_is(name_at(drop(text, 1)), name);
}
