/* framer.h: where one report ends and the next begins in a stream of bytes.
 *
 * One framer per connection or file. Pure: bytes go in as they come, documents come out;
 * however the bytes are cut into pieces, the same documents come out.
 *
 *     framer_feed(f, bytes);
 *     while (framer_next(f, &got) == 0) ...
 *     framer_end(f);                             // no more input: the last one may be
 * open while (framer_next(f, &got) == 0) ...
 *
 * With FRAMING_AUTO the first byte that is no blank decides: `{` means NDJSON, one report
 * a line; "HELLO wire/" opens the dialogue (PROTOCOL.md); all else is plain text up to
 * the end or a line NNNN. Octet counting (LENGTH SP BYTES, RFC 6587) must be asked for,
 * because "5 killed in Tripoli" would be a frame of five bytes. */
#ifndef WIRETAG_INGEST_FRAMER_H
#define WIRETAG_INGEST_FRAMER_H

#include "proto/buf.h"
#include "proto/err.h"

enum framing {
    FRAMING_AUTO,
    FRAMING_NDJSON, /* a report a line; blank lines are passed over */
    FRAMING_TEXT,   /* up to a line NNNN or the end */
    FRAMING_OCTET,
    FRAMING_WHOLE /* all of it is one document */
};

struct framer_conf {
    enum framing framing;
    bool hello;          /* a HELLO line may come first (AUTO only) */
    bool whole;          /* AUTO: what is not NDJSON is WHOLE, not TEXT: for files */
    size_t max_document; /* bytes; a longer one is refused and passed over */
    size_t max_line; /* bytes of the HELLO line, and of blanks before the first byte */
};

enum framed_kind {
    FRAMED_DOCUMENT, /* bytes */
    FRAMED_HELLO,    /* hello */
    FRAMED_REFUSED   /* code, why; after a fatal one nothing more comes */
};

struct framed_hello {
    bool ack;           /* wants OK and ERR lines */
    struct view source; /* names the feed; empty: not given */
    struct view format; /* ndjson or text for every document; empty: by its first byte */
    enum framing framing; /* what follows */
};

struct framed {
    enum framed_kind kind;
    struct view bytes;
    const char *format; /* "ndjson", "text", or NULL: look at the bytes */
    struct framed_hello hello;
    int code;              /* enum refusal_code of refusal.h */
    const char *why;       /* a sentence for the sender */
    struct view beginning; /* of what was refused, as far as it was there; how far depends
                            * on how it came, but if long it is FRAMER_BEGINNING at least
                            */
    bool whole;            /* that is all of it */
    bool fatal;
    uint64_t
        number;    /* of this document, good or refused, from 1; 0: about none of them */
    uint64_t line; /* NDJSON: the line it stands on, from 1; otherwise 0 */
};

#define FRAMER_BEGINNING (32 * 1024)

struct framer;

struct framer *framer_new(const struct framer_conf *conf);
void framer_free(struct framer *framer);

/* Adds input. Everything framer_next gave before becomes invalid. */
void framer_feed(struct framer *framer, struct view bytes);
/* There will be no more. */
void framer_end(struct framer *framer);
/* 0 and *out, or > 0: more input is needed (after framer_end: that was all). Views and
 * texts in *out are valid until the framer is used again. */
int framer_next(struct framer *framer, struct framed *out);
/* Gives back the memory that a long document took, when little is left to be kept.
 * Everything framer_next gave before becomes invalid. */
void framer_trim(struct framer *framer);
/* The bytes waiting for the rest of their document, and how many. */
struct view framer_rest(const struct framer *framer);
size_t framer_pending(const struct framer *framer);

/* What a file's name says: .ndjson and .jsonl NDJSON, .json WHOLE, others AUTO. */
enum framing framing_of_file(const char *name);

#endif
