/* feed_input.h: files, directories and standard input as a row of documents. Reads as it
 * goes: memory holds one document, whatever the size of the file. */
#ifndef WIRETAG_INGEST_FEED_INPUT_H
#define WIRETAG_INGEST_FEED_INPUT_H

#include "ingest/framer/framer.h"

struct feed_input;

struct feed_document {
    struct view bytes; /* valid until the next call */
    const char *file;  /* "-" for standard input */
    uint64_t line;     /* NDJSON: where it stands; otherwise 0 */
    uint64_t number;   /* of its file, good or refused, from 1; 0: about none of them */
    const char *format, *warning; /* as struct framed has them */
    uint64_t passed; /* not 0: it is none, but so many bytes that belong to no message */
    const char *reason; /* not NULL: it cannot be sent, and why */
};

/* names: files, directories (all regular files in them, sorted; names that begin with a
 * dot are passed over), "-" for standard input. format: by name; NULL or "auto": by the
 * file's name and looks. */
struct feed_input *feed_input_new(char *const *names, size_t count, const char *format,
                                  size_t max_document);
void feed_input_free(struct feed_input *input);

/* 0 and *out; > 0: that was all; ERR_AGAIN: standard input has nothing yet (wait for
 * feed_input_fd to be readable). A file that cannot be read is a document with a reason.
 */
int feed_input_next(struct feed_input *input, struct feed_document *out);
int feed_input_fd(const struct feed_input *input); /* -1: no need to wait */

/* Bytes read, and all there are in the files known (0: not known, as with a pipe). */
uint64_t feed_input_done(const struct feed_input *input);
uint64_t feed_input_total(const struct feed_input *input);

#endif
