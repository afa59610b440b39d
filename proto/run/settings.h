/* settings.h: one table per program gives its options, its WIRETAG_ environment
 * variables, its configuration keys, its --help and its man page.
 *
 * A setting called "max-report" is the option --max-report, the variable
 * WIRETAG_MAX_REPORT and the key max-report; the configuration file is overridden by the
 * environment, that by the command line. The file:
 *
 *     # keys before any section are for every program that has them
 *     log = debug
 *     [ingest]
 *     listen = 127.0.0.1:7001
 *
 * Every program also has --help, --version, --config FILE, --check-config and --log
 * LEVEL. A wrong option, key or value ends the program with EXIT_USAGE and names the
 * right one. */
#ifndef WIRETAG_PROTO_RUN_SETTINGS_H
#define WIRETAG_PROTO_RUN_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
    SETTING_FLAG,   /* bool *: --name, --no-name; name = yes|no */
    SETTING_TEXT,   /* const char ** */
    SETTING_LIST,   /* struct setting_list *: repeated or comma-separated */
    SETTING_TEXTS,  /* the same, of texts with commas in them: repeated, also as lines of
                     * the file; in a variable each on a line; has no standard */
    SETTING_NUMBER, /* int64_t *: min..max */
    SETTING_BYTES,  /* int64_t *: 4096, 64KiB, 4MiB, 1GiB */
    SETTING_TIME,   /* int64_t * in milliseconds: 500ms, 5s, 10m, 24h, 7d */
    SETTING_CHOICE  /* const char **: one of `choices` */
};

struct setting_list {
    const char **items;
    size_t count;
};

struct setting {
    const char *name; /* "max-report" */
    char letter;      /* 'n' for -n; 0: none */
    enum setting_type type;
    void *value;
    const char *standard; /* the default as one would type it; NULL: none */
    const char *argument; /* what it is called in --help: "BYTES" */
    const char *help;     /* a sentence without its full stop */
    int64_t min, max;     /* of NUMBER, BYTES, TIME; both 0: any that is not negative */
    const char *choices;  /* "auto|ndjson|text" */
};

struct exit_code {
    int code;
    const char *meaning;
};

struct program {
    const char *verb;         /* "ingest" */
    const char *summary;      /* half a sentence for the list of verbs */
    const char *operands;     /* "[FILE|DIR|-]..."; NULL: takes none */
    const char *description;  /* paragraphs apart by an empty line */
    struct setting *settings; /* ends with an all-zero row */
    const struct exit_code
        *exit_codes;      /* besides 0 and EXIT_USAGE; ends with meaning NULL */
    const char *examples; /* lines: a command, then two blanks and a comment */
};

#define EXIT_FAILED 1 /* EXIT_FAILURE, under the name the manual uses */
#define EXIT_USAGE  2 /* wrong option, key or value; nothing was done */

/* Reads file, environment and command line into the table's values, starts the log, and
 * leaves the operands in *operands (count returned). Ends the process for --help,
 * --version, --check-config, --man and for mistakes. */
int settings_read(const struct program *program, int argc, char **argv, char ***operands);

/* The --log level somebody chose, for handing down to children; NULL when nobody did. */
const char *settings_log_chosen(void);
/* The configuration file that was read, for the same; NULL when there was none. */
const char *settings_config(void);

/* The word nearest to `wrong` (Damerau-Levenshtein, at most 1/3 of it differing) of a
 * NULL-terminated list; NULL when none is near. */
const char *settings_nearest(const char *wrong, const char *const *words);

#define WIRETAG_VERSION "0.1.0"
#define WIRETAG_DATE    "November 20, 2026" /* of the manual */

#endif
