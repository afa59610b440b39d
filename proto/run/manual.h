/* manual.h: --help and the man page of a program, both from its settings table. */
#ifndef WIRETAG_PROTO_RUN_MANUAL_H
#define WIRETAG_PROTO_RUN_MANUAL_H

#include <stdio.h>

#include "proto/run/settings.h"

/* common: the settings all programs have. */
void manual_help(const struct program *program, const struct setting *common, FILE *out);
/* mdoc(7). */
void manual_page(const struct program *program, const struct setting *common, FILE *out);

#endif
