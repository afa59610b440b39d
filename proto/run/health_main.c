/* wiretag health: what a container's or a service manager's check calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/run/place.h"
#include "proto/run/settings.h"
#include "proto/run/status.h"

static const char *data;

static struct setting settings[] = {
    {"data", 'd', SETTING_TEXT, &data, NULL, "DIR",
     "The data directory of the processes [$WIRETAG_DATA, else ~/.local/state/wiretag]",
     0, 0, NULL},
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "one of them is not healthy, does not answer or is not there"},
    {0, NULL}};

static const struct program program = {
    .verb = "health",
    .summary = "tell whether the processes of this machine are well",
    .operands = "[PROCESS]...",
    .description =
        "Asks the running processes of a data directory how they are: all of them, "
        "or those named (ingest, sink, enrich). Prints a line for each.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples =
        "  wiretag health --data /var/lib/wiretag ingest  # for a container's check\n"};

/* "enrich" means every enrich-PID. */
static bool is_named(const char *name, const char *wanted) {
    size_t n = strlen(wanted);
    return strncmp(name, wanted, n) == 0 && (name[n] == 0 || name[n] == '-');
}

static int report(const struct process_status *all, int count, const char *wanted) {
    int found = 0, ill = 0;

    for (int i = 0; i < count; i++) {
        if (wanted && !is_named(all[i].name, wanted))
            continue;
        found++;
        ill += !all[i].healthy;
        printf("%s: %s%s%s\n", all[i].name, all[i].healthy ? "healthy" : "not healthy",
               all[i].why[0] ? ": " : "", all[i].why);
    }
    if (!found)
        printf("%s: not running in %s\n", wanted ? wanted : "wiretag", data);
    return !found || ill;
}

int main(int argc, char **argv) {
    char **wanted;
    struct process_status *all;
    int ill = 0;
    int operands = settings_read(&program, argc, argv, &wanted);
    int count;

    if (!data)
        data = place_standard();
    count = status_ask_all(data, &all);
    for (int i = 0; i < (operands ? operands : 1); i++)
        ill |= report(all, count, operands ? wanted[i] : NULL);
    status_free(all, count);
    return ill ? EXIT_FAILED : 0;
}
