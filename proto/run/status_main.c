/* wiretag status: the books and the state of the processes, for people and programs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/json.h"
#include "proto/run/place.h"
#include "proto/run/settings.h"
#include "proto/run/status.h"

static const char *data;
static bool as_json;

static struct setting settings[] = {
    {"data", 'd', SETTING_TEXT, &data, NULL, "DIR",
     "The data directory of the processes [$WIRETAG_DATA, else ~/.local/state/wiretag]",
     0, 0, NULL},
    {"json", 0, SETTING_FLAG, &as_json, NULL, NULL,
     "One JSON object: the books at the top, then each process's whole answer", 0, 0,
     NULL},
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "no process runs there, or the books do not balance"}, {0, NULL}};

static const struct program program = {
    .verb = "status",
    .summary = "show what the running processes are doing",
    .description =
        "Asks the running processes of a data directory for their figures. The "
        "books are ingest's: every report it has accepted is either committed (the "
        "sink has it for good), dead (in the dead-letter list), leased (an enricher "
        "is at work on it) or queued.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples =
        "  wiretag status --json | jq .queued  # how far behind the enrichers are\n"};

static void number(struct json *j, const char *key, uint64_t n) {
    json_key(j, key);
    json_uint(j, n);
}

static void put_books(struct json *j, const struct books *b) {
    number(j, "accepted", b->accepted);
    number(j, "committed", b->committed);
    number(j, "dead", b->dead);
    number(j, "leased", b->leased);
    number(j, "queued", b->queued);
    number(j, "duplicates", b->duplicates);
}

static void print_json(const struct process_status *all, int count,
                       const struct books *books) {
    struct buf out = {0};
    struct json j = json_to(&out);

    json_begin_object(&j);
    if (books)
        put_books(&j, books);
    json_key(&j, "processes");
    json_begin_array(&j);
    for (int i = 0; i < count; i++)
        if (all[i].answered)
            json_raw(&j, buf_view(&all[i].json));
    json_end(&j);
    json_end(&j);
    printf("%s\n", buf_text(&out));
    buf_release(&out);
}

static void print_text(const struct process_status *all, int count,
                       const struct books *b) {
    for (int i = 0; i < count; i++)
        printf("%-16s pid %-8ld %s%s%s\n", all[i].name, all[i].pid,
               all[i].healthy ? "healthy" : "not healthy", all[i].why[0] ? ": " : "",
               all[i].why);
    if (b)
        printf("\naccepted   %12" PRIu64 "\ncommitted  %12" PRIu64
               "\nleased     %12" PRIu64 "\nqueued     %12" PRIu64
               "\ndead       %12" PRIu64 "\nduplicates %12" PRIu64
               "  (recognised, not taken again)\nreports/s  %12.1f\n",
               b->accepted, b->committed, b->leased, b->queued, b->dead, b->duplicates,
               b->reports_per_second);
}

static bool balanced(const struct books *b) {
    return b->accepted == b->committed + b->dead + b->leased + b->queued;
}

int main(int argc, char **argv) {
    struct process_status *all;
    const struct books *books = NULL;
    int count, code = 0;

    settings_read(&program, argc, argv, NULL);
    if (!data)
        data = place_standard();
    count = status_ask_all(data, &all);
    for (int i = 0; i < count; i++)
        if (all[i].has_books)
            books = &all[i].books;
    if (as_json)
        print_json(all, count, books);
    else
        print_text(all, count, books);
    if (!count)
        fprintf(stderr, "wiretag status: nothing runs in %s; `wiretag up` starts it\n",
                data);
    if (books && !balanced(books))
        fprintf(stderr, "wiretag status: the books do not balance: please report this\n");
    if (!count || (books && !balanced(books)))
        code = EXIT_FAILED;
    status_free(all, count);
    return code;
}
