/* charset.h: from bytes in whatever encoding to UTF-8. What is not known is decided by
 * looking: a byte order mark says UTF-16 or UTF-8; text that is UTF-8 throughout, or in
 * most of its sequences of several bytes, is UTF-8 (damaged on the way); all else is
 * Windows-1252.
 *
 * Names are matched as senders write them ("Latin1", "ISO_8859-1", "CP1252", "utf8").
 * Bytes that say ISO 8859-1 are read as Windows-1252, as browsers do: the 32 characters
 * where they differ are controls that nobody sends. UTF-8, these two and UTF-16 are read
 * here, everything else the C library's iconv knows by that. */
#ifndef WIRETAG_PROTO_CHARSET_H
#define WIRETAG_PROTO_CHARSET_H

#include "proto/buf.h"
#include "proto/mem.h"

#define CHARSET_NAME 40 /* bytes of a name; longer ones are not known */

enum charset_way { CHARSET_UTF8, CHARSET_1252, CHARSET_UTF16, CHARSET_ICONV };

struct charset {
    enum charset_way way;
    bool big_endian;         /* of UTF-16 without a mark */
    char name[CHARSET_NAME]; /* "utf-8", "windows-1252", "utf-16"; of iconv's: as asked */
};

/* False when nobody here knows it; "auto" and the empty name are nobody's either. */
bool charset_named(struct view name, struct charset *out);
/* What the bytes look like. */
struct charset charset_guess(struct view raw);

/* Appends raw as UTF-8, a byte order mark at its start left out. Returns how many
 * sequences were invalid and became U+FFFD. */
size_t charset_decode(const struct charset *charset, struct view raw, struct buf *out);

/* The same in an arena; without a copy if it is sound UTF-8 already. */
struct view charset_text(const struct charset *charset, struct view raw,
                         struct arena *arena, size_t *invalid);

#endif
