/* xml_inside.h: what the parts of xml.c share: xml_text.c makes sound UTF-8 of what came
 * in, xml.c parses it, xml_tree.c looks around in the tree. */
#ifndef WIRETAG_INGEST_FORMAT_XML_INSIDE_H
#define WIRETAG_INGEST_FORMAT_XML_INSIDE_H

#include "ingest/format/xml.h"

/* The document in UTF-8: sets bytes, charset and, where they were not what the document
 * says of itself, warning. */
void xml_decode(struct view raw, const char *charset, struct arena *arena,
                struct xml_document *document);
/* Where the document begins behind its XML declaration, which would contradict what
 * xml_decode made of it. */
size_t xml_behind_declaration(struct view text);
/* The text with references that XML does not know replaced by what they mean, and & that
 * are none made into text; with `hard` also without control characters, and with < that
 * begins no tag made into text. The same text where there was nothing to do. */
struct view xml_mend(struct view text, bool hard, struct arena *arena,
                     struct view *warning);
/* The line, from 1, in which the byte at `offset` stands. */
unsigned long xml_line_at(struct view text, size_t offset);
/* Adds a sentence to a warning. */
void xml_warn(struct view *warning, struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
