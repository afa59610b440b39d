/* Bytes to tree: expat says what opens, stands there and closes, `struct reading` hangs
 * it in. Documents are in memory as a whole, so expat gets them in one piece. */
#include <expat.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/format/xml_inside.h"
#include "proto/buf.h"

#define NAMES        64  /* slots for names seen; a power of two */
#define BINDINGS     128 /* prefixes declared at the same time */
#define DECLARATIONS 256 /* of attributes and elements in a DOCTYPE */
#define XML_SPACE    "http://www.w3.org/XML/1998/namespace"

struct name {
    struct view whole, local; /* "dc:creator", "creator" */
    const char *space;
    unsigned of_bindings; /* for which state of the bindings `space` is right */
};

struct binding {
    struct view prefix; /* empty: of names without one */
    const char *space;
    unsigned depth; /* of the element that declares it */
};

struct open_element {
    struct xml_node *node, *last; /* last: the youngest child; NULL: none yet */
};

struct reading {
    XML_Parser expat;
    struct arena *arena;
    struct diag *diag;
    struct view document;
    size_t base; /* of expat's first byte in it */
    int err;
    bool whole; /* the root has ended */
    struct xml_node *root;
    unsigned depth;
    size_t budget; /* bytes left for nodes and attributes */
    unsigned declarations;
    struct buf text; /* since the last tag */
    unsigned binding_count, bindings_state;
    struct name names[NAMES];
    /* Not zeroed, as most documents use little of them: */
    struct open_element open[XML_DEPTH];
    struct binding bindings[BINDINGS];
};

static size_t here(const struct reading *r) {
    XML_Index at = XML_GetCurrentByteIndex(r->expat);
    return r->base + (at > 0 ? (size_t)at : 0);
}

static unsigned long line_of(const struct reading *r) {
    return xml_line_at(r->document, here(r));
}

static void stop(struct reading *r, int err, const char *why) {
    if (r->err)
        return;
    r->err = err;
    if (r->depth)
        diag_set(r->diag, here(r), "XML, line %lu, in <%.*s>: %s", line_of(r),
                 (int)r->open[r->depth - 1].node->name.len,
                 r->open[r->depth - 1].node->name.at, why);
    else
        diag_set(r->diag, here(r), "XML, line %lu: %s", line_of(r), why);
    XML_StopParser(r->expat, XML_FALSE);
}

static bool spend(struct reading *r, size_t bytes) {
    if (r->budget < bytes) {
        stop(r, ERR_TOO_BIG, "too many elements for so few bytes");
        return false;
    }
    r->budget -= bytes;
    return true;
}

/* Namespaces. An undeclared prefix stands for itself. */

static struct view prefix_of(struct view whole) {
    const char *colon = memchr(whole.at, ':', whole.len);
    return view_n(whole.at, colon ? (size_t)(colon - whole.at) : 0);
}

static const char *space_of(struct reading *r, struct view prefix) {
    for (unsigned i = r->binding_count; i > 0; i--)
        if (view_eq(r->bindings[i - 1].prefix, prefix))
            return r->bindings[i - 1].space;
    if (view_is(prefix, "xml"))
        return XML_SPACE;
    return prefix.len ? arena_copy(r->arena, prefix.at, prefix.len) : "";
}

/* Few names fill a document: each is kept once as long as its slot is not taken. */
static struct name *name_of(struct reading *r, const char *text) {
    struct view whole = view_of(text), prefix;
    size_t last = whole.len ? whole.len - 1 : 0;
    size_t hash = whole.len + 5 * (size_t)text[0] + 3 * (size_t)text[last / 2] +
                  7 * (size_t)text[last];
    struct name *name = &r->names[hash & (NAMES - 1)];

    if (!view_eq(name->whole, whole)) {
        name->whole = view_n(arena_copy(r->arena, whole.at, whole.len), whole.len);
        prefix = prefix_of(name->whole);
        name->local = prefix.len ? view_n(name->whole.at + prefix.len + 1,
                                          name->whole.len - prefix.len - 1)
                                 : name->whole;
        name->space = NULL;
    }
    if (!name->space || name->of_bindings != r->bindings_state) {
        name->space = space_of(r, prefix_of(name->whole));
        name->of_bindings = r->bindings_state;
    }
    return name;
}

/* The prefix that an attribute declares: "" of xmlns; false: it declares none. */
static bool declares_prefix(const char *attribute, const char **prefix) {
    if (attribute[0] != 'x' || strncmp(attribute, "xmlns", 5) != 0 ||
        (attribute[5] && attribute[5] != ':'))
        return false;
    *prefix = attribute[5] ? attribute + 6 : "";
    return true;
}

static void bind(struct reading *r, const char *prefix, const char *space) {
    struct binding *b = &r->bindings[r->binding_count];

    if (r->binding_count == BINDINGS) {
        stop(r, ERR_TOO_BIG, "too many namespaces");
        return;
    }
    b->prefix = view_of(arena_copy(r->arena, prefix, strlen(prefix)));
    b->space = arena_copy(r->arena, space, strlen(space));
    b->depth = r->depth;
    r->binding_count++;
    r->bindings_state++;
}

static void unbind(struct reading *r) {
    while (r->binding_count && r->bindings[r->binding_count - 1].depth == r->depth) {
        r->binding_count--;
        r->bindings_state++;
    }
}

/* The tree. */

static void add_text(struct reading *r) {
    struct open_element *open = &r->open[r->depth - 1];
    struct view text = buf_view(&r->text);

    if (!text.len)
        return;
    text.at = arena_copy(r->arena, text.at, text.len);
    if (open->last)
        open->last->tail = text;
    else
        open->node->text = text;
    buf_clear(&r->text);
}

static void add_attribute(struct reading *r, const char *name, const char *value,
                          const struct xml_attribute ***link) {
    struct xml_attribute *attribute;
    const struct name *known;

    if (!spend(r, sizeof *attribute))
        return;
    attribute = arena_alloc(r->arena, sizeof *attribute);
    known = name_of(r, name);
    attribute->name = known->local;
    attribute->space = known->local.len < known->whole.len ? known->space : "";
    attribute->value = view_of(value);
    attribute->value.at = arena_copy(r->arena, value, attribute->value.len);
    attribute->next = NULL;
    **link = attribute;
    *link = &attribute->next;
}

/* Without those a DOCTYPE gives for absent ones: there could be any number of them. */
static void add_attributes(struct reading *r, struct xml_node *node,
                           const char **attributes) {
    const struct xml_attribute **link = &node->attributes;
    int given = XML_GetSpecifiedAttributeCount(r->expat);
    const char *prefix;

    for (int i = 0; i < given && !r->err; i += 2)
        if (!declares_prefix(attributes[i], &prefix))
            add_attribute(r, attributes[i], attributes[i + 1], &link);
}

static void add_node(struct reading *r, struct xml_node *node) {
    struct open_element *open;

    if (r->depth) {
        open = &r->open[r->depth - 1];
        node->parent = open->node;
        if (open->last)
            open->last->next = node;
        else
            open->node->first = node;
        open->last = node;
    } else {
        r->root = node;
    }
    r->open[r->depth] = (struct open_element){.node = node};
}

static void on_start(void *context, const char *name, const char **attributes) {
    struct reading *r = context;
    struct xml_node *node;
    const struct name *known;
    const char *prefix;
    int given = XML_GetSpecifiedAttributeCount(r->expat);

    if (r->depth == XML_DEPTH)
        stop(r, ERR_TOO_BIG, "elements inside each other too deep");
    if (r->err || !spend(r, sizeof *node))
        return;
    if (r->depth)
        add_text(r);
    for (int i = 0; i < given && !r->err; i += 2)
        if (declares_prefix(attributes[i], &prefix))
            bind(r, prefix, attributes[i + 1]);
    node = arena_zalloc(r->arena, sizeof *node);
    known = name_of(r, name);
    node->name = known->local;
    node->space = known->space;
    node->offset = here(r);
    add_node(r, node);
    add_attributes(r, node, attributes);
    r->depth++;
}

static void on_end(void *context, const char *name) {
    struct reading *r = context;
    (void)name;

    if (r->err)
        return;
    add_text(r);
    r->depth--;
    unbind(r);
    r->whole = !r->depth;
}

static void on_text(void *context, const char *text, int len) {
    struct reading *r = context;

    if (!r->err)
        buf_put(&r->text, text, (size_t)len);
}

/* What a DOCTYPE may say. */

// NOLINTNEXTLINE(readability-function-size): expat's parameters
static void on_entity(void *context, const char *name, int parameter, const char *value,
                      int len, const char *base, const char *system, const char *public,
                      const char *notation) {
    struct reading *r = context;
    char why[120];
    (void)len, (void)base, (void)public, (void)notation;

    snprintf(why, sizeof why, "declares the %s%s entity \"%.40s\": refused",
             value || !system ? "" : "external ", parameter ? "parameter" : "general",
             name);
    stop(r, ERR_UNSUPPORTED, why);
}

static void on_skipped(void *context, const char *name, int parameter) {
    (void)name;
    stop(context, ERR_UNSUPPORTED,
         parameter ? "refers to a parameter entity: refused"
                   : "refers to an entity nobody declared");
}

static int on_external(XML_Parser expat, const char *context, const char *base,
                       const char *system, const char *public) {
    (void)context, (void)base, (void)system, (void)public;
    stop(XML_GetUserData(expat), ERR_UNSUPPORTED,
         "refers to an external entity: refused");
    return XML_STATUS_ERROR;
}

static void count_declaration(struct reading *r) {
    if (++r->declarations > DECLARATIONS)
        stop(r, ERR_TOO_BIG, "too many declarations in the DOCTYPE");
}

static void on_attlist(void *context, const char *element, const char *attribute,
                       const char *type, const char *value, int required) {
    (void)element, (void)attribute, (void)type, (void)value, (void)required;
    count_declaration(context);
}

static void on_notation(void *context, const char *name, const char *base,
                        const char *system, const char *public) {
    (void)name, (void)base, (void)system, (void)public;
    count_declaration(context);
}

static void on_element(void *context, const char *name, XML_Content *model) {
    struct reading *r = context;
    (void)name;
    XML_FreeContentModel(r->expat, model);
    count_declaration(r);
}

static void *resize(void *old, size_t size) { return mem_resize(old, size, 1); }

static XML_Parser parser_new(struct reading *r) {
    static const XML_Memory_Handling_Suite memory = {mem_alloc, resize, free};
    XML_Parser expat = XML_ParserCreate_MM("UTF-8", &memory, NULL);

    XML_SetUserData(expat, r);
    XML_SetElementHandler(expat, on_start, on_end);
    XML_SetCharacterDataHandler(expat, on_text);
    XML_SetEntityDeclHandler(expat, on_entity);
    XML_SetSkippedEntityHandler(expat, on_skipped);
    XML_SetExternalEntityRefHandler(expat, on_external);
    XML_SetAttlistDeclHandler(expat, on_attlist);
    XML_SetNotationDeclHandler(expat, on_notation);
    XML_SetElementDeclHandler(expat, on_element);
    return expat;
}

/* Expat's error, when it was not one of ours. */
static void fail(struct reading *r) {
    enum XML_Error error = XML_GetErrorCode(r->expat);

    if (error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN)
        stop(r, ERR_FORMAT, r->depth ? "the document ends here" : "no element found");
    else
        stop(r, ERR_FORMAT, XML_ErrorString(error));
}

/* 1: parsed, but something follows the root's end. */
static int parse(struct view text, struct arena *arena, struct xml_node **root,
                 struct diag *diag) {
    struct reading *r = mem_alloc(sizeof *r);
    enum XML_Status status;
    int err = 0;

    memset(r, 0, offsetof(struct reading, open));
    r->arena = arena;
    r->diag = diag;
    r->document = text;
    r->base = xml_behind_declaration(text);
    r->budget = XML_NODE_SPARE + XML_NODE_SHARE * text.len;
    r->expat = parser_new(r);
    status = XML_Parse(r->expat, text.at + r->base, (int)(text.len - r->base), 1);
    if (status != XML_STATUS_OK && r->whole && !r->err)
        err = 1;
    else if (status != XML_STATUS_OK)
        fail(r);
    *root = r->root;
    err = r->err ? r->err : err;
    XML_ParserFree(r->expat);
    buf_release(&r->text);
    free(r);
    return err;
}

int xml_read(struct view bytes, const char *charset, struct arena *arena,
             struct xml_document *out, struct diag *diag) {
    struct xml_document document = {0};
    struct diag first = {0}, second = {0};
    struct view hard;
    int err;

    xml_decode(bytes, charset, arena, &document);
    document.bytes = xml_mend(document.bytes, false, arena, &document.warning);
    if (document.bytes.len > INT_MAX) {
        diag_set(diag, 0, "XML of more than 2 GiB");
        return ERR_TOO_BIG;
    }
    err = parse(document.bytes, arena, &document.root, &first);
    if (err == ERR_FORMAT) {
        hard = xml_mend(document.bytes, true, arena, &document.warning);
        if (hard.at != document.bytes.at) {
            document.bytes = hard;
            err = parse(hard, arena, &document.root, &second);
        }
    }
    if (err < 0) {
        diag_set(diag, first.offset, "%s", first.text);
        return err;
    }
    if (err > 0)
        xml_warn(&document.warning, arena, "what follows the end of <%.*s> left out",
                 (int)document.root->name.len, document.root->name.at);
    *out = document;
    return 0;
}
