#include "proto/run/manual.h"

#include <string.h>

#define WIDTH       80
#define WRONG_USAGE "wrong option, key or value: nothing was done"
#define COLUMN      26

/* Prints text wrapped at WIDTH, lines after the first indented; returns nothing left
 * over. */
static void wrap(FILE *out, const char *text, int column, int indent) {
    while (*text) {
        const char *blank = text + strspn(text, " \n");
        int len = (int)strcspn(blank, " \n");
        if (!len)
            break;
        if (column + 1 + len > WIDTH && column > indent) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fwrite(blank, 1, (size_t)len, out);
        column += len;
        text = blank + len;
    }
    fputc('\n', out);
}

static void help_setting(FILE *out, const struct setting *s) {
    char text[700];
    int n = fprintf(out, "  ");

    if (s->letter)
        n += fprintf(out, "-%c, ", s->letter);
    n += fprintf(out, "--%s", s->name);
    if (s->type != SETTING_FLAG)
        n += fprintf(out, " %s", s->argument ? s->argument : "VALUE");
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s", s->help, s->choices ? ": " : "",
             s->choices ? s->choices : "", s->standard && *s->standard ? " [" : "",
             s->standard ? s->standard : "", s->standard && *s->standard ? "]" : "",
             s->type == SETTING_LIST || s->type == SETTING_TEXTS ? " (may be repeated)"
                                                                 : "");
    if (n > COLUMN - 2) {
        fputc('\n', out);
        n = 0;
    }
    fprintf(out, "%*s", COLUMN - n, "");
    wrap(out, text, COLUMN, COLUMN);
}

static void help_paragraphs(FILE *out, const char *text) {
    while (text && *text) {
        const char *end = strstr(text, "\n\n");
        char paragraph[2000];
        snprintf(paragraph, sizeof paragraph, "%.*s",
                 (int)(end ? end - text : (long)strlen(text)), text);
        wrap(out, paragraph, 0, 0);
        fputc('\n', out);
        text = end ? end + 2 : NULL;
    }
}

static void help_line(FILE *out, const char *option, const char *what) {
    fprintf(out, "  %-*s%s\n", COLUMN - 2, option, what);
}

/* The three names of a setting, shown by the program's first one. */
static void help_names(FILE *out, const char *name) {
    fprintf(out,
            "\nEach option is also a variable and a key of the configuration file:\n"
            "--%s, WIRETAG_",
            name);
    for (const char *c = name; *c; c++)
        fputc(*c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? *c - 32 : *c, out);
    fprintf(out, ", %s = ... . The option wins, then the variable.\n", name);
}

static void help_code(FILE *out, int code, const char *meaning) {
    fprintf(out, "  %2d  ", code);
    wrap(out, meaning, 6, 6);
}

static void help_codes(FILE *out, const struct exit_code *codes) {
    bool usage = false;

    fprintf(out, "\nExit codes:\n");
    help_code(out, 0, "done");
    for (const struct exit_code *e = codes; e && e->meaning; e++) {
        if (!usage && e->code > EXIT_USAGE)
            help_code(out, EXIT_USAGE, WRONG_USAGE);
        usage |= e->code > EXIT_USAGE;
        help_code(out, e->code, e->meaning);
    }
    if (!usage)
        help_code(out, EXIT_USAGE, WRONG_USAGE);
}

static void help_examples(FILE *out, const char *lines) {
    fprintf(out, "\nExamples:\n");
    for (lines += strspn(lines, " \n"); *lines; lines += strspn(lines, " \n")) {
        int len = (int)strcspn(lines, "\n");
        fprintf(out, "  %.*s\n", len, lines);
        lines += len;
    }
}

void manual_help(const struct program *p, const struct setting *common, FILE *out) {
    fprintf(out, "wiretag %s: %s\n\nUsage: wiretag %s [options]%s%s\n\n", p->verb,
            p->summary, p->verb, p->operands ? " " : "", p->operands ? p->operands : "");
    help_paragraphs(out, p->description);
    fprintf(out, "Options:\n");
    for (const struct setting *s = p->settings; s->name; s++)
        help_setting(out, s);
    for (const struct setting *s = common; s->name; s++)
        help_setting(out, s);
    help_line(out, "--check-config", "Check options, environment and file, then stop");
    help_line(out, "--version", "Show the version");
    help_line(out, "-h, --help", "Show this");
    help_names(out, p->settings->name ? p->settings->name : "log");
    help_codes(out, p->exit_codes);
    if (p->examples)
        help_examples(out, p->examples);
}

/* ---- mdoc ---- */

/* A word with roff's own characters disarmed: backslashes, and dots or quotes at a line's
 * start. */
static void roff_word(FILE *out, const char *word, int len, bool first) {
    if (first && (*word == '.' || *word == '\''))
        fputs("\\&", out);
    for (int i = 0; i < len; i++) {
        if (word[i] == '\\')
            fputs("\\e", out);
        else
            fputc(word[i], out);
    }
}

/* Words wrapped, each sentence on a line of its own, as mdoc wants it. */
static void roff(FILE *out, const char *text) {
    int column = 0;
    bool ended = false;

    for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
        int len = (int)strcspn(text, " \n");
        bool wrapped = column && (ended || column + 1 + len > WIDTH - 2);
        if (column)
            fputc(wrapped ? '\n' : ' ', out);
        roff_word(out, text, len, !column || wrapped);
        column = (wrapped ? 0 : column + 1) + len;
        ended = text[len - 1] == '.';
        text += len;
    }
}

/* Lines as they are. */
static void roff_literal(FILE *out, const char *text) {
    while (*text) {
        int len = (int)strcspn(text, "\n");
        roff_word(out, text, len, true);
        fputc('\n', out);
        text += len + (text[len] == '\n');
    }
}

static void roff_paragraphs(FILE *out, const char *text) {
    while (text && *text) {
        const char *end = strstr(text, "\n\n");
        char paragraph[2000];
        snprintf(paragraph, sizeof paragraph, "%.*s",
                 (int)(end ? end - text : (long)strlen(text)), text);
        roff(out, paragraph);
        fputs(end && end[2] ? "\n.Pp\n" : "\n", out);
        text = end ? end + 2 : NULL;
    }
}

static void page_setting(FILE *out, const struct setting *s) {
    char text[700];

    fprintf(out, ".It ");
    if (s->letter)
        fprintf(out, "Fl %c , ", s->letter);
    fprintf(out, "Fl -%s", s->name);
    if (s->type != SETTING_FLAG)
        fprintf(out, " Ar %s", s->argument ? s->argument : "VALUE");
    fputc('\n', out);
    snprintf(text, sizeof text, "%s%s%s.", s->help, s->choices ? ": " : "",
             s->choices ? s->choices : "");
    roff(out, text);
    fputc('\n', out);
    if (s->type == SETTING_LIST)
        fputs("May be repeated, or several given with commas.\n", out);
    if (s->type == SETTING_TEXTS)
        fputs("May be repeated; in the variable, each stands on a line.\n", out);
    if (s->standard && *s->standard) {
        fputs("The default is\n.Li ", out);
        roff(out, s->standard);
        fputs(" .\n", out);
    }
}

static void page_examples(FILE *out, const char *examples) {
    if (!examples)
        return;
    fputs(".Sh EXAMPLES\n.Bd -literal\n", out);
    roff_literal(out, examples);
    fputs(".Ed\n", out);
}

static void page_head(const struct program *p, FILE *out) {
    char upper[64] = "WIRETAG-";
    size_t n = strlen(upper);

    for (const char *c = p->verb; *c && n + 1 < sizeof upper; c++)
        upper[n++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    upper[n] = 0;
    fprintf(out,
            ".Dd " WIRETAG_DATE "\n.Dt %s 1\n.Os\n.Sh NAME\n.Nm wiretag-%s\n.Nd %s\n",
            upper, p->verb, p->summary);
    fprintf(out, ".Sh SYNOPSIS\n.Nm wiretag %s\n.Op Ar options\n", p->verb);
    if (p->operands)
        fprintf(out, ".Ar %s\n", p->operands);
    fputs(".Sh DESCRIPTION\n", out);
    roff_paragraphs(out, p->description);
}

void manual_page(const struct program *p, const struct setting *common, FILE *out) {
    page_head(p, out);
    fputs(".Pp\nThe options:\n.Bl -tag -width Ds\n", out);
    for (const struct setting *s = p->settings; s->name; s++)
        page_setting(out, s);
    for (const struct setting *s = common; s->name; s++)
        page_setting(out, s);
    fputs(
        ".It Fl -check-config\nCheck options, environment and file, then stop.\n"
        ".It Fl -version\nShow the version.\n.It Fl h , Fl -help\nShow a summary.\n.El\n",
        out);
    fputs(".Sh ENVIRONMENT\nEvery option is also a variable:\n.Fl -max-report\nis\n"
          ".Ev WIRETAG_MAX_REPORT .\nAn option wins over a variable, a variable over the "
          "configuration file.\n",
          out);
    fputs(".Sh EXIT STATUS\n.Bl -tag -width Ds\n.It 0\nDone.\n", out);
    for (const struct exit_code *e = p->exit_codes; e && e->meaning; e++) {
        fprintf(out, ".It %d\n", e->code);
        roff(out, e->meaning);
        fputs(".\n", out);
    }
    fprintf(out, ".It %d\nWrong option, key or value; nothing was done.\n.El\n",
            EXIT_USAGE);
    page_examples(out, p->examples);
    fputs(".Sh SEE ALSO\n.Xr wiretag 1\n", out);
}
