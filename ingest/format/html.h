/* html.h: HTML as it is really sent, to canonical text, through blocks.h. Any bytes are
 * taken: tags that never close, close or nest wrongly, quotation marks that are missing,
 * a text cut off in the middle of a tag; time and memory grow with the length alone.
 *
 * What shows in a browser is kept, with these differences, all for what senders do:
 *   - Where nothing begins a paragraph or line, empty lines do: plain text sent as HTML.
 *   - Text without a tag that becomes markup when its references are resolved was escaped
 *     twice, and is read so; so is &amp;#8217; anywhere.
 *   - <john@example.org>, <AAPL.O> and <http://...> are text; CDATA is its content.
 *   - Elements that show no running text (script, svg, iframe ...) go with their content,
 *     but only if they close. */
#ifndef WIRETAG_INGEST_FORMAT_HTML_H
#define WIRETAG_INGEST_FORMAT_HTML_H

#include "proto/buf.h"
#include "proto/mem.h"

/* Appends the text of the markup; nothing where it has none. */
void html_put(struct view html, struct buf *out);
/* The same in an arena. */
void html_text(struct view html, struct arena *arena, struct view *out);
/* As one line: titles, names. The view itself where there is nothing to do. */
struct view html_line(struct view html, struct arena *arena);

#endif
