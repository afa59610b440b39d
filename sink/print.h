/* print.h: events to standard output or into a folder, for people or for programs: what
 * `wiretag tail` and `wiretag query` have in common.
 *
 *     a terminal   a paragraph for each event (show.h)
 *     a pipe       lines, as the format has them (as.h)
 *     --out DIR    a file for each event, named by its id; it is there whole or not at
 * all
 *
 * A format of several files for each event (brat) goes into a pipe as a tar archive of
 * the same files: `... --as brat | tar -xf - -C DIR`. */
#ifndef WIRETAG_SINK_PRINT_H
#define WIRETAG_SINK_PRINT_H

#include "sink/as.h"

struct print_conf {
    const char *verb; /* "tail": who says what is wrong */
    const char *as, *format, *colour, *out;
};

/* For the table of settings. */
#define PRINT_SETTINGS(conf)                                                             \
    {"as",                                                                               \
     'a',                                                                                \
     SETTING_CHOICE,                                                                     \
     &(conf).as,                                                                         \
     "native",                                                                           \
     "FORMAT",                                                                           \
     "The event itself (native), or what others read: ninjs 3.1, geojson (a Feature a "  \
     "line), cloudevents 1.0, brat (FILE.txt and FILE.ann; into a pipe as a tar "        \
     "archive), gkg (GDELT's 27 columns)",                                               \
     0,                                                                                  \
     0,                                                                                  \
     AS_NAMES},                                                                          \
        {"format",                                                                       \
         'f',                                                                            \
         SETTING_CHOICE,                                                                 \
         &(conf).format,                                                                 \
         "auto",                                                                         \
         "FORMAT",                                                                       \
         "Of the native event: a paragraph (text) or its JSON on one line (ndjson); "    \
         "auto: text on a terminal",                                                     \
         0,                                                                              \
         0,                                                                              \
         "auto|text|ndjson"},                                                            \
        {"out",                                                                          \
         0,                                                                              \
         SETTING_TEXT,                                                                   \
         &(conf).out,                                                                    \
         NULL,                                                                           \
         "DIR",                                                                          \
         "Write a file (brat: two) for each event into DIR, named by its id, instead "   \
         "of to standard output",                                                        \
         0,                                                                              \
         0,                                                                              \
         NULL},                                                                          \
    {                                                                                    \
        "color", 0, SETTING_CHOICE, &(conf).colour, "auto", "WHEN",                      \
            "Colours in paragraphs; auto: on a terminal, unless NO_COLOR is set", 0, 0,  \
            "auto|always|never"                                                          \
    }

struct print;

/* Makes the folder where there is none. ERR_FORMAT: settings that do not go together;
 * ERR_SYSTEM; each with a diag. The texts of conf must stay. */
int print_new(const struct print_conf *conf, struct print **out, struct diag *diag);
/* Writes one. An event that cannot be read is said on standard error and passed over.
 * ERR_GONE: whoever read has left; ERR_SYSTEM: cannot be written, said on standard error.
 */
int print_event(struct print *print, struct view json, uint64_t offset);
/* Out with what is buffered: after each event where they come one by one. The errors of
 * print_event. */
int print_flush(struct print *print);
/* The end of it: an archive has one. The errors of print_event. */
int print_end(struct print *print);
void print_free(struct print *print);

#endif
