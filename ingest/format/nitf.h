/* nitf.h: the parts of a NITF document, on their own and inside NewsML. NITF 2.5 to 3.6;
 * namespaces and prefixes do not matter. */
#ifndef WIRETAG_INGEST_FORMAT_NITF_H
#define WIRETAG_INGEST_FORMAT_NITF_H

#include "ingest/format/news.h"

/* What head says: identity, times, status, keywords ... nitf may be NULL. */
void nitf_read_head(struct news *news, const struct xml_node *nitf);
/* What body says: headline, byline, dateline, the text. */
void nitf_read_body(struct news *news, const struct xml_node *nitf);
/* What NewsML has in its containers of content: NITF, XHTML, or text whose type
 * ("text/html"; may be empty) or looks say what it is. False: XML of another kind. */
bool nitf_put_content(struct news *news, const struct xml_node *container,
                      struct view type);

#endif
