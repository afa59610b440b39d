/* url.h: relative references to URLs (RFC 3986, 5.2), as feeds give them. */
#ifndef WIRETAG_INGEST_FORMAT_URL_H
#define WIRETAG_INGEST_FORMAT_URL_H

#include "proto/mem.h"
#include "proto/view.h"

/* Does it begin with a scheme ("https:", "tag:")? */
bool url_is_absolute(struct view url);
/* The reference as seen from base; itself where it is absolute, base is not, or there is
 * nothing to resolve. Blanks around both do not count. */
struct view url_resolve(struct view base, struct view reference, struct arena *arena);

#endif
