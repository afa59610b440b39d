#include "proto/run/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/mem.h"
#include "proto/run/log.h"
#include "proto/run/manual.h"

#define LINE_BYTES 4096
#define WORDS_MAX  64

/* Where a value came from, for the message when it is wrong. */
struct origin {
    const char *verb;
    const char *value; /* NULL: the mistake is not in one */
    char text[300]; /* "--max-report", "WIRETAG_MAX_REPORT", "wiretag.conf:12: max-report"
                     */
};

/* Words of values: never freed, so that any of them may be kept. */
static struct arena words_kept;

static const char *log_level = "info";
static const char *log_standard; /* as it was before anybody chose */
static const char *config_file;
static const char *config_read; /* the one that was */

static struct setting common[] = {
    {"log", 0, SETTING_CHOICE, &log_level, "info", "LEVEL", "How much to log", 0, 0,
     "error|warn|info|debug"},
    {"config", 0, SETTING_TEXT, &config_file, NULL, "FILE",
     "Read settings from FILE: the same names as the options, key = value, in sections "
     "[ingest], [enrich], [sink] and so on",
     0, 0, NULL},
    {0}};

static char *keep_word(const char *text) {
    return arena_copy(&words_kept, text, strlen(text));
}

static _Noreturn void wrong(const struct origin *origin, const char *why,
                            const char *hint) {
    fprintf(stderr, "wiretag %s: %s", origin->verb, origin->text);
    if (origin->value)
        fprintf(stderr, " = \"%s\"", origin->value);
    fprintf(stderr, ": %s", why);
    if (hint)
        fprintf(stderr, "; did you mean %s?", hint);
    fputc('\n', stderr);
    if (!hint)
        fprintf(stderr, "wiretag %s --help lists what there is.\n", origin->verb);
    exit(EXIT_USAGE);
}

/* ---- nearest word ---- */

static size_t min3(size_t a, size_t b, size_t c) {
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Damerau-Levenshtein, optimal string alignment: three rows are enough. */
static size_t distance(const char *a, const char *b) {
    size_t rows[3][64], n = strlen(b);

    if (n > 63 || strlen(a) > 63)
        return 64;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= strlen(a); i++) {
        size_t *row = rows[i % 3], *up = rows[(i - 1) % 3], *up2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            row[j] = min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                up2[j - 2] + 1 < row[j])
                row[j] = up2[j - 2] + 1;
        }
    }
    return rows[strlen(a) % 3][n];
}

const char *settings_nearest(const char *wrong_word, const char *const *words) {
    const char *best = NULL;
    size_t best_distance = 64;

    for (; *words; words++) {
        size_t d = distance(wrong_word, *words);
        bool longer = strlen(wrong_word) >= 3 &&
                      strncmp(*words, wrong_word, strlen(wrong_word)) == 0;
        if (longer && d > 1)
            d = 1; /* the beginning of a word means that word */
        if (d < best_distance && d * 3 <= strlen(*words) + 1) {
            best = *words;
            best_distance = d;
        }
    }
    return best;
}

/* ---- values ---- */

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit byte_units[] = {{"", 1},          {"B", 1},
                                         {"KiB", 1 << 10}, {"MiB", 1 << 20},
                                         {"GiB", 1 << 30}, {"TiB", (int64_t)1 << 40},
                                         {"K", 1 << 10},   {"M", 1 << 20},
                                         {"G", 1 << 30},   {NULL, 0}};
static const struct unit time_units[] = {
    {"ms", 1},       {"s", 1000},      {"m", 60000}, {"h", 3600000},
    {"d", 86400000}, {"w", 604800000}, {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

static const struct unit *units_of(enum setting_type type) {
    return type == SETTING_BYTES  ? byte_units
           : type == SETTING_TIME ? time_units
                                  : no_units;
}

static const char *form_of(enum setting_type type) {
    switch (type) {
        case SETTING_BYTES:
            return "must be a number of bytes, such as 4096, 64KiB or 4MiB";
        case SETTING_TIME:
            return "must be a time, such as 500ms, 10s, 5m, 24h or 7d";
        default:
            return "must be a whole number";
    }
}

static void set_number(const struct setting *s, const char *text,
                       const struct origin *origin) {
    const struct unit *unit = units_of(s->type);
    char *end;
    long long n;

    errno = 0;
    n = strtoll(text, &end, 10);
    if (end == text || errno || n < 0)
        wrong(origin, form_of(s->type), NULL);
    while (*end == ' ')
        end++;
    while (unit->name && strcmp(unit->name, end) != 0)
        unit++;
    if (!unit->name && s->type == SETTING_TIME && n == 0 && !*end)
        unit = time_units;
    if (!unit->name || n > INT64_MAX / unit->factor)
        wrong(origin, form_of(s->type), NULL);
    n *= unit->factor;
    if (s->max && (n < s->min || n > s->max)) {
        char why[120];
        snprintf(why, sizeof why, "must be between %lld and %lld%s", (long long)s->min,
                 (long long)s->max, s->type == SETTING_TIME ? " ms" : "");
        wrong(origin, why, NULL);
    }
    *(int64_t *)s->value = n;
}

static void set_choice(const struct setting *s, const char *text,
                       const struct origin *origin) {
    char *copy = keep_word(s->choices), why[200];
    const char *words[WORDS_MAX + 1] = {NULL};
    size_t n = 0;

    for (char *word = strtok(copy, "|"); word && n < WORDS_MAX; word = strtok(NULL, "|"))
        words[n++] = word;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], text) == 0) {
            *(const char **)s->value = words[i]; /* copy lives as long as the setting */
            return;
        }
    }
    snprintf(why, sizeof why, "must be one of %s", s->choices);
    wrong(origin, why, settings_nearest(text, words));
}

static void set_flag(const struct setting *s, const char *text,
                     const struct origin *origin) {
    static const char *const yes[] = {"yes", "true", "on", "1", NULL};
    static const char *const no[] = {"no", "false", "off", "0", NULL};

    for (int i = 0; yes[i]; i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *(bool *)s->value = strcmp(text, yes[i]) == 0;
            return;
        }
    }
    wrong(origin, "must be yes or no", NULL);
}

static char *trim(char *text) {
    char *end;

    while (isspace((unsigned char)*text))
        text++;
    end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        *--end = 0;
    return text;
}

static void add_items(const struct setting *s, const char *text, const char *between) {
    struct setting_list *list = s->value;
    char *copy = keep_word(text);

    for (char *item = strtok(copy, between); item; item = strtok(NULL, between)) {
        list->items = mem_resize(list->items, list->count + 1, sizeof *list->items);
        list->items[list->count++] = trim(item);
    }
}

static void set_value(const struct setting *s, const char *text,
                      const struct origin *from) {
    struct origin origin = *from;

    origin.value = text;
    switch (s->type) {
        case SETTING_FLAG:
            set_flag(s, text, &origin);
            break;
        case SETTING_TEXT:
            *(const char **)s->value = keep_word(text);
            break;
        case SETTING_LIST:
            add_items(s, text, ",");
            break;
        case SETTING_TEXTS:
            add_items(s, text, "\n");
            break;
        case SETTING_CHOICE:
            set_choice(s, text, &origin);
            break;
        default:
            set_number(s, text, &origin);
    }
}

/* ---- the three sources ---- */

static struct setting *find(struct setting *table, const char *name) {
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static struct setting *find_any(const struct program *program, const char *name) {
    struct setting *s = find(program->settings, name);
    return s ? s : find(common, name);
}

static const char *nearest_name(const struct program *program, const char *name) {
    const char *words[2 * WORDS_MAX + 8] = {"help", "version", "check-config"};
    size_t n = 3;

    for (const struct setting *s = program->settings; s->name && n < WORDS_MAX; s++)
        words[n++] = s->name;
    for (const struct setting *s = common; s->name; s++)
        words[n++] = s->name;
    words[n] = NULL;
    return settings_nearest(name, words);
}

/* A list given by a later source replaces the earlier one's. */
static void forget_list(const struct setting *s) {
    if (s->type == SETTING_LIST || s->type == SETTING_TEXTS)
        ((struct setting_list *)s->value)->count = 0;
}

static void set_defaults(const struct program *program, struct setting *table) {
    for (struct setting *s = table; s->name; s++) {
        struct origin origin = {program->verb, NULL, "default"};
        forget_list(s);
        if (s->standard)
            set_value(s, s->standard, &origin);
    }
}

static void variable_name(const char *name, char *out, size_t size) {
    size_t n = (size_t)snprintf(out, size, "WIRETAG_");

    for (; *name && n + 1 < size; name++)
        out[n++] = *name == '-' ? '_' : (char)toupper((unsigned char)*name);
    out[n] = 0;
}

static void read_environment(const struct program *program, struct setting *table) {
    for (struct setting *s = table; s->name; s++) {
        struct origin origin = {program->verb, NULL, ""};
        const char *value;
        variable_name(s->name, origin.text, sizeof origin.text);
        value = getenv(origin.text);
        if (!value)
            continue;
        forget_list(s);
        set_value(s, value, &origin);
    }
}

static void config_key(const struct program *program, char *line, bool own_section,
                       struct origin *origin) {
    char *value = strchr(line, '=');
    struct setting *s;
    const char *key;

    if (!value)
        wrong(origin, "want: key = value", NULL);
    *value++ = 0;
    key = trim(line);
    s = find_any(program, key);
    if (!s && !own_section)
        return; /* for some other program */
    snprintf(origin->text + strlen(origin->text),
             sizeof origin->text - strlen(origin->text), ": %s", key);
    if (!s)
        wrong(origin, "no such key", nearest_name(program, key));
    if (s->type == SETTING_LIST)
        forget_list(s);
    set_value(s, trim(value), origin);
}

/* "[ingest]": a section for this program, for another one, or a mistake. */
static void read_section(const char *text, char *section, size_t size,
                         struct origin *origin) {
    static const char *const sections[] = {
        "ingest", "enrich", "sink",   "up",   "feed", "tail", "tag",
        "health", "status", "doctor", "dead", "read", NULL};

    snprintf(section, size, "%.*s", (int)strcspn(text + 1, "]"), text + 1);
    for (int i = 0; sections[i]; i++)
        if (strcmp(sections[i], section) == 0)
            return;
    snprintf(origin->text + strlen(origin->text),
             sizeof origin->text - strlen(origin->text), ": [%s]", section);
    wrong(origin, "no program has that section", settings_nearest(section, sections));
}

static void read_config(const struct program *program, const char *path) {
    char line[LINE_BYTES], section[64] = "";
    FILE *file = fopen(path, "r");
    struct origin origin = {program->verb, NULL, ""};

    snprintf(origin.text, sizeof origin.text, "%s", path);
    if (!file)
        wrong(&origin, strerror(errno), NULL);
    for (int n = 1; fgets(line, sizeof line, file); n++) {
        char *text = trim(line);
        snprintf(origin.text, sizeof origin.text, "%.200s:%d", path, n);
        if (strlen(line) == sizeof line - 1)
            wrong(&origin, "the line is longer than 4094 bytes", NULL);
        if (!*text || *text == '#' || *text == ';')
            continue;
        if (*text == '[')
            read_section(text, section, sizeof section, &origin);
        else if (!*section || strcmp(section, program->verb) == 0)
            config_key(program, text, *section != 0, &origin);
    }
    fclose(file);
}

/* ---- the command line ---- */

struct arguments {
    const struct program *program;
    char **at; /* next word */
    char **operands;
    int operand_count;
    bool check;
};

static void forget_once(struct setting *s, bool *seen) {
    if (!*seen)
        forget_list(s);
    *seen = true;
}

static void set_option(struct arguments *a, struct setting *s, const char *value,
                       const struct origin *origin) {
    static bool seen[2][WORDS_MAX];
    bool is_common = s >= common && s < common + sizeof common / sizeof *common;
    ptrdiff_t i = is_common ? s - common : s - a->program->settings;

    if (!value && s->type == SETTING_FLAG) {
        *(bool *)s->value = true;
        return;
    }
    if (!value)
        value = *a->at ? *a->at++ : NULL;
    if (!value)
        wrong(origin, "needs a value", NULL);
    forget_once(s, &seen[is_common][i]);
    set_value(s, value, origin);
}

static void show_and_leave(const struct program *program, const char *name) {
    if (strcmp(name, "help") == 0)
        manual_help(program, common, stdout);
    else if (strcmp(name, "man") == 0)
        manual_page(program, common, stdout);
    else if (strcmp(name, "version") == 0)
        printf("wiretag %s\n", WIRETAG_VERSION);
    else
        return;
    exit(fflush(stdout) ? EXIT_FAILED : 0);
}

static void long_option(struct arguments *a, const char *word) {
    struct origin origin = {a->program->verb, NULL, ""};
    char name[128];
    const char *value = strchr(word, '=');
    struct setting *s;

    snprintf(name, sizeof name, "%.*s", (int)(value ? value - word : (long)strlen(word)),
             word);
    snprintf(origin.text, sizeof origin.text, "--%s", name);
    show_and_leave(a->program, name);
    if (strcmp(name, "check-config") == 0) {
        a->check = true;
        return;
    }
    s = find_any(a->program, name);
    if (!s && strncmp(name, "no-", 3) == 0) {
        s = find_any(a->program, name + 3);
        if (s && s->type == SETTING_FLAG && !value) {
            *(bool *)s->value = false;
            return;
        }
        s = NULL;
    }
    if (!s) {
        char hint[140];
        const char *near = nearest_name(a->program, name);
        snprintf(hint, sizeof hint, "--%s", near ? near : "");
        wrong(&origin, "no such option", near ? hint : NULL);
    }
    set_option(a, s, value ? value + 1 : NULL, &origin);
}

static void short_options(struct arguments *a, const char *letters) {
    for (; *letters; letters++) {
        struct origin origin = {a->program->verb, NULL, ""};
        struct setting *s = a->program->settings;
        bool last;
        snprintf(origin.text, sizeof origin.text, "-%c", *letters);
        if (*letters == 'h')
            show_and_leave(a->program, "help");
        while (s->name && s->letter != *letters)
            s++;
        if (!s->name)
            wrong(&origin, "no such option", NULL);
        last = !letters[1] || s->type == SETTING_FLAG;
        set_option(a, s, last ? NULL : letters + 1, &origin);
        if (!last)
            return;
    }
}

static void read_arguments(struct arguments *a) {
    bool options = true;

    while (*a->at) {
        char *word = *a->at++;
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && word[0] == '-' && word[1] == '-')
            long_option(a, word + 2);
        else if (options && word[0] == '-' && word[1])
            short_options(a, word + 1);
        else
            a->operands[a->operand_count++] = word;
    }
    if (a->operand_count && !a->program->operands) {
        struct origin origin = {a->program->verb, NULL, ""};
        snprintf(origin.text, sizeof origin.text, "%.200s", a->operands[0]);
        wrong(&origin, "this program takes options only", NULL);
    }
}

/* --config must be known before the options that override the file are read. */
static const char *config_path(char **argv) {
    const char *path = getenv("WIRETAG_CONFIG");

    for (; *argv && strcmp(*argv, "--") != 0; argv++) {
        if (strncmp(*argv, "--config=", 9) == 0)
            path = *argv + 9;
        else if (strcmp(*argv, "--config") == 0 && argv[1])
            path = argv[1];
    }
    return path && *path ? path : NULL;
}

static enum log_level level_of(const char *word) {
    return word[0] == 'e'   ? LOG_ERROR
           : word[0] == 'w' ? LOG_WARN
           : word[0] == 'd' ? LOG_DEBUG
                            : LOG_INFO;
}

/* Every value is a copy of its own, so the pointer tells whether it was set again. */
const char *settings_log_chosen(void) {
    return log_level == log_standard ? NULL : log_level;
}

const char *settings_config(void) { return config_read; }

/* Whoever asks for help gets it, whatever the file or the other options say. A word that
 * is the value of the option before it asks for nothing. */
static void help_first(const struct program *program, char **argv) {
    for (; *argv && strcmp(*argv, "--") != 0; argv++) {
        const char *word = *argv;
        const struct setting *s;
        if (strcmp(word, "-h") == 0)
            show_and_leave(program, "help");
        if (strncmp(word, "--", 2) != 0)
            continue;
        show_and_leave(program, word + 2);
        s = find_any(program, word + 2);
        if (s && s->type != SETTING_FLAG && argv[1])
            argv++;
    }
}

int settings_read(const struct program *program, int argc, char **argv,
                  char ***operands) {
    struct arguments a = {.program = program, .at = argv + 1};
    const char *path;

    (void)argc;
    a.operands = argv + 1; /* operands are moved to the front as they are found */
    set_defaults(program, program->settings);
    set_defaults(program, common);
    log_standard = log_level;
    help_first(program, argv + 1);
    path = config_path(argv + 1);
    config_read = path;
    if (path)
        read_config(program, path);
    read_environment(program, program->settings);
    read_environment(program, common);
    read_arguments(&a);
    if (a.check) {
        printf("wiretag %s: the settings are good\n", program->verb);
        exit(0);
    }
    log_start(program->verb, level_of(log_level));
    if (operands)
        *operands = a.operands;
    return a.operand_count;
}
