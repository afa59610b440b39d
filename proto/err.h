/* err.h: what can go wrong, as numbers for programs and sentences for people.
 *
 * Every function that can fail returns int: 0 done, < 0 an enum err, > 0 "no more".
 * Results leave through the last parameter and are written on success only. */
#ifndef WIRETAG_PROTO_ERR_H
#define WIRETAG_PROTO_ERR_H

#include <stddef.h>

enum err {
    ERR_NONE = 0,
    ERR_SYSTEM = -1,      /* a system call failed: errno says which way */
    ERR_SHORT = -2,       /* the input ends before the value does */
    ERR_FORMAT = -3,      /* the input breaks its own grammar */
    ERR_VERSION = -4,     /* the input is of a version this program does not speak */
    ERR_CHECKSUM = -5,    /* the bytes are not those that were written */
    ERR_TOO_BIG = -6,     /* over a limit */
    ERR_FULL = -7,        /* no room now; later perhaps */
    ERR_NOT_FOUND = -8,   /* no such thing */
    ERR_IN_USE = -9,      /* somebody else holds it */
    ERR_AGAIN = -10,      /* would have to wait */
    ERR_GONE = -11,       /* the other side has left */
    ERR_UNSUPPORTED = -12 /* known, but not done here */
};

/* The sentence for an enum err (never NULL, static; ERR_SYSTEM gives errno's text). */
const char *err_text(int err);

/* Where and why foreign input was refused. `offset` counts bytes from the input's start.
 */
struct diag {
    size_t offset;
    char text[240];
};

/* Notes the first error only; later calls change nothing, so the cause is not overwritten
 * by its consequences. The text becomes one line of valid UTF-8 whatever goes into it:
 * controls turn into spaces, broken bytes into question marks. diag may be NULL. Clear
 * with diag->text[0] = 0. */
void diag_set(struct diag *diag, size_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
