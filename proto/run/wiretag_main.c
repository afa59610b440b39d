/* wiretag VERB: runs the program wiretag-VERB beside this one, as git does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/run/settings.h"

static const struct {
    const char *verb, *what;
} verbs[] = {
    {"up", "start ingest, enrichers and sink on this machine"},
    {"feed", "send reports and wait until they are safe"},
    {"tail", "watch tagged events as they come"},
    {"query", "show what is stored, also as ninjs, GeoJSON and others"},
    {"tag", "tag files or standard input right here, without processes"},
    {"read", "turn files of any format into feed records"},
    {"status", "show what the running processes are doing"},
    {"dead", "see what was given up, try it again, drop it"},
    {"health", "tell whether they are well (for checks)"},
    {"doctor", "tell whether this machine can keep the promises"},
    {"ingest", "take reports in and hand them out"},
    {"enrich", "tag what an ingest hands out"},
    {"sink", "store, write out and publish the tagged events"},
    {"gazetteer", "compile the names and places the tagger knows"},
};
#define VERBS (sizeof verbs / sizeof *verbs)

static void print_usage(FILE *out) {
    fprintf(out,
            "wiretag %s: tags wire reports as they come in: who, where, when.\n\n"
            "Usage: wiretag VERB [options]\n\n",
            WIRETAG_VERSION);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(out, "  %-10s %s\n", verbs[i].verb, verbs[i].what);
    fprintf(out, "\nwiretag VERB --help tells more. To begin: wiretag up\n");
}

static void print_page(void) {
    printf(
        ".Dd " WIRETAG_DATE "\n.Dt WIRETAG 1\n.Os\n.Sh NAME\n.Nm wiretag\n"
        ".Nd tag wire reports as they come in\n.Sh SYNOPSIS\n.Nm\n.Ar verb\n"
        ".Op Ar options\n.Sh DESCRIPTION\nRuns the program\n.Nm wiretag- Ns Ar verb .\n"
        ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < VERBS; i++)
        printf(".It Xr wiretag-%s 1\n%s.\n", verbs[i].verb, verbs[i].what);
    printf(".El\n.Sh EXIT STATUS\nThat of the program it runs; 2 when there is no such "
           "verb.\n");
}

static int unknown_verb(const char *verb) {
    const char *words[VERBS + 1] = {NULL};
    const char *near;

    for (size_t i = 0; i < VERBS; i++)
        words[i] = verbs[i].verb;
    near = settings_nearest(verb, words);
    fprintf(stderr, "wiretag: there is no verb %s%s%s%s\n", verb,
            near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    if (!near)
        print_usage(stderr);
    return EXIT_USAGE;
}

static bool is_known(const char *verb) {
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].verb, verb) == 0)
            return true;
    return false;
}

static int not_installed(const char *path) {
    fprintf(stderr, "wiretag: %s is missing: install wiretag whole\n", path);
    return EXIT_FAILED;
}

int main(int argc, char **argv) {
    char self[4096], path[4200];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    const char *verb = argc > 1 ? argv[1] : "--help";
    char *slash;

    if (strcmp(verb, "--version") == 0) {
        printf("wiretag %s\n", WIRETAG_VERSION);
        return 0;
    }
    if (strcmp(verb, "--man") == 0) {
        print_page();
        return 0;
    }
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0 ||
        strcmp(verb, "help") == 0) {
        print_usage(argc > 1 ? stdout : stderr);
        return argc > 1 ? 0 : EXIT_USAGE;
    }
    self[n > 0 ? n : 0] = 0;
    slash = strrchr(self, '/');
    if (!slash || strchr(verb, '/') || verb[0] == '-')
        return unknown_verb(verb);
    snprintf(path, sizeof path, "%.*s/wiretag-%.64s", (int)(slash - self), self, verb);
    if (access(path, X_OK) != 0)
        return is_known(verb) ? not_installed(path) : unknown_verb(verb);
    argv[1] = path;
    execv(path, argv + 1);
    fprintf(stderr, "wiretag: cannot run %s: %s\n", path, strerror(errno));
    return EXIT_FAILED;
}
