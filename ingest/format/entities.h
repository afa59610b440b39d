/* entities.h: the character references of HTML: named (&eacute;), decimal (&#233;) and
 * hexadecimal (&#xE9;). The names are all of HTML 4's, and of HTML 5's those of Latin,
 * Greek and Cyrillic letters, punctuation, currencies and signs. */
#ifndef WIRETAG_INGEST_FORMAT_ENTITIES_H
#define WIRETAG_INGEST_FORMAT_ENTITIES_H

#include "proto/view.h"

/* The character of that name ("nbsp"; case counts); 0: there is none. */
uint32_t entity_named(struct view name);

/* Reads the reference that text begins with: 0 where its "&" begins none, else its length
 * in bytes and the character. As browsers do: the names that are older than HTML 4 and
 * numbers may lack the semicolon; numbers 128 to 159 are meant as Windows-1252; what is
 * no character becomes U+FFFD. */
size_t entity_read(struct view text, uint32_t *character);

#endif
