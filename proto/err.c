#include "proto/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *err_text(int err) {
    switch (err) {
        case ERR_NONE:
            return "done";
        case ERR_SYSTEM:
            return strerror(errno);
        case ERR_SHORT:
            return "the input ends too early";
        case ERR_FORMAT:
            return "the input is malformed";
        case ERR_VERSION:
            return "unknown version";
        case ERR_CHECKSUM:
            return "checksum does not match";
        case ERR_TOO_BIG:
            return "too big";
        case ERR_FULL:
            return "no room left";
        case ERR_NOT_FOUND:
            return "not found";
        case ERR_IN_USE:
            return "in use";
        case ERR_AGAIN:
            return "not ready yet";
        case ERR_GONE:
            return "the other side is gone";
        case ERR_UNSUPPORTED:
            return "not supported";
        default:
            return "unknown error";
    }
}

void diag_set(struct diag *diag, size_t offset, const char *format, ...) {
    va_list args;

    if (!diag || diag->text[0])
        return;
    diag->offset = offset;
    va_start(args, format);
    vsnprintf(diag->text, sizeof diag->text, format, args);
    va_end(args);
}
