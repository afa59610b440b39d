/* refusal.h: the codes of ERR lines, "ERR <code> <ref> <text>". <ref> is "-" where the
 * connection is refused and not one report of it.
 *
 *     400  the report cannot be read: mend it; sending it again as it is will not help
 *     408  nothing came for --idle; the connection closes
 *     413  over --max-report (the report is passed over) or the HELLO line is too long
 *     429  over --max-connections; said at once, the connection closes: try again later
 *     503  the journal is full: nothing was taken, send it again later
 *     505  HELLO asks for a version of the dialogue that is not spoken here
 *
 * Behind 400 and 413 about one report the next one is read as if nothing had been; where
 * the framing itself is lost (octet counts, HELLO) <ref> is "-" and the connection
 * closes. */
#ifndef WIRETAG_INGEST_REFUSAL_H
#define WIRETAG_INGEST_REFUSAL_H

enum refusal_code {
    REFUSED_MALFORMED = 400,
    REFUSED_IDLE = 408,
    REFUSED_TOO_BIG = 413,
    REFUSED_CROWDED = 429,
    REFUSED_BUSY = 503,
    REFUSED_VERSION = 505
};

#endif
