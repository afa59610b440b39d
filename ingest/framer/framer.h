/* framer.h: where one document ends and the next begins in a stream of bytes.
 *
 * One framer per connection or file. Pure: bytes go in as they come, documents come out;
 * however the bytes are cut into pieces, the same documents come out, in linear time.
 *
 *     framer_feed(f, bytes);
 *     while (framer_next(f, &got) == 0) ...
 *     framer_end(f);                             // no more input: the last one may be
 * open while (framer_next(f, &got) == 0) ...
 *
 * With FRAMING_AUTO the beginning of each document decides:
 *
 *     SOH                  a message up to EOT; so also if it comes inside of a text
 *     ZCZC at a line       a message up to a line NNNN, or the next ZCZC; also in a text
 *     <?xml, a known root  an XML document up to the end of its root element
 *     {                    NDJSON: a report a line; alone on its line: up to its }
 *     HELLO wire/          the dialogue (PROTOCOL.md), only at the beginning of all
 *     all else             plain text up to a line NNNN, ETX, EOT, FF or the end
 *
 * What is between messages is passed over: fill (controls, line ends, DEL) without a
 * word, everything else is counted (FRAMED_PASSED): a line's noise, or the rest of a
 * message when we were connected in the midst of it. No message is lost for the want of
 * its end mark: it comes with a warning. Octet counting (LENGTH SP BYTES, RFC 6587) must
 * be asked for, because "5 killed in Tripoli" would be a frame of five bytes.
 *
 * A document's bytes: of SOH from the SOH up to what is before the EOT (the time behind
 * the ETX is in it); of ZCZC from the ZCZC up to what is before the line NNNN; of XML
 * from its byte order mark or first < to the last >; of a text all of it. */
#ifndef WIRETAG_INGEST_FRAMER_FRAMER_H
#define WIRETAG_INGEST_FRAMER_FRAMER_H

#include "proto/buf.h"
#include "proto/err.h"

enum framing {
    FRAMING_AUTO,
    FRAMING_NDJSON, /* a report a line; blank lines are passed over */
    FRAMING_TEXT,
    FRAMING_OCTET,
    FRAMING_WHOLE, /* all of it is one document */
    FRAMING_SOH,
    FRAMING_ZCZC,
    FRAMING_XML /* of any root */
};

struct framer_conf {
    enum framing framing; /* any but AUTO: nothing else is looked for */
    bool hello;           /* a HELLO line may come first (it decides then) */
    bool whole; /* for files: a text goes on to the end, whatever marks are in it */
    size_t max_document; /* bytes; a longer one is refused and passed over */
    size_t max_line; /* bytes of the HELLO line, and of blanks before the first byte */
};

enum framed_kind {
    FRAMED_DOCUMENT, /* bytes */
    FRAMED_HELLO,    /* hello */
    FRAMED_REFUSED,  /* code, why; after a fatal one nothing more comes */
    FRAMED_PASSED    /* passed */
};

struct framed_hello {
    bool ack;             /* wants OK and ERR lines */
    struct view source;   /* names the feed; empty: not given */
    struct view format;   /* the name of one, for every document; empty: by looks */
    enum framing framing; /* what follows */
};

struct framed {
    enum framed_kind kind;
    struct view bytes;
    const char *format; /* "ndjson": a line that cannot be anything else; or NULL: look */
    const char *warning; /* for its reports: "no-eot: ..."; NULL: none; static */
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
    uint64_t passed; /* bytes that belong to no message, fill not counted */
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
/* Right after a FRAMED_HELLO that left the framing open (AUTO): what follows all the
 * same. */
void framer_expect(struct framer *framer, enum framing framing);
/* Gives back the memory that a long document took, when little is left to be kept.
 * Everything framer_next gave before becomes invalid. */
void framer_trim(struct framer *framer);
/* The bytes waiting for the rest of their document, and how many. */
struct view framer_rest(const struct framer *framer);
size_t framer_pending(const struct framer *framer);

/* How a file of that format is to be framed, with conf.whole; NULL or "auto": by its
 * name, .ndjson and .jsonl NDJSON, .json WHOLE, .xml and its kind XML, others AUTO. */
enum framing framing_of_file(const char *name, const char *format);
/* How documents of a format of that name stand in a stream; AUTO: of NULL, "auto". */
enum framing framing_of_format(const char *name);

#endif
