#include "proto/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/utf8.h"

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

/* What vsnprintf cut may end inside a character: takes that one off. */
static void end_on_border(char *text) {
    size_t len = strlen(text);

    while (len && ((unsigned char)text[len - 1] & 0xC0) == 0x80)
        len--;
    if (len && (unsigned char)text[len - 1] >= 0xC0)
        len--;
    text[len] = 0;
}

static void make_one_line(char *text) {
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = ' ';
    for (char *p = text + utf8_valid_prefix(view_of(text)); *p;
         p += utf8_valid_prefix(view_of(p)))
        *p = '?';
}

void diag_set(struct diag *diag, size_t offset, const char *format, ...) {
    va_list args;
    int len;

    if (!diag || diag->text[0])
        return;
    diag->offset = offset;
    va_start(args, format);
    len = vsnprintf(diag->text, sizeof diag->text, format, args);
    va_end(args);
    if (len >= (int)sizeof diag->text)
        end_on_border(diag->text);
    make_one_line(diag->text);
}
