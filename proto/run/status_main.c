/* wiretag status: the books and the state of the processes, for people and programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json.h"
#include "proto/mem.h"
#include "proto/run/page.h"
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
     "One JSON object: the books at the top, then each process's whole answer, the names "
     "of those that do not answer (silent), and which law is broken, or null",
     0, 0, NULL},
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "no process runs there, or the books do not balance"}, {0, NULL}};

static const struct program program = {
    .verb = "status",
    .summary = "show what the running processes are doing",
    .description =
        "Asks the running processes of a data directory for their figures, and says in "
        "words what to do where something is wrong. The books are ingest's: every "
        "report it has accepted is either committed (the sink has it for good), dead "
        "(given up: wiretag dead list), leased (an enricher is at work on it) or "
        "queued. That they balance, and that the sink has stored at least what is "
        "committed, is checked each time.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples =
        "  wiretag status --json | jq .queued  # how far behind the enrichers are\n"};

static void put_books(struct json *j, const struct books *b) {
    json_member_uint(j, JSON_KEY("accepted"), b->accepted);
    json_member_uint(j, JSON_KEY("committed"), b->committed);
    json_member_uint(j, JSON_KEY("dead"), b->dead);
    json_member_uint(j, JSON_KEY("leased"), b->leased);
    json_member_uint(j, JSON_KEY("queued"), b->queued);
    json_member_uint(j, JSON_KEY("duplicates"), b->duplicates);
}

static void print_json(const struct process_status *all, int count,
                       const struct books *books) {
    struct buf out = {0};
    struct json j = json_to(&out);

    json_begin_object(&j);
    if (books)
        put_books(&j, books);
    json_member_array(&j, JSON_KEY("processes"));
    for (int i = 0; i < count; i++)
        if (all[i].answered)
            json_raw(&j, buf_view(&all[i].json));
    json_end(&j);
    json_member_array(&j, JSON_KEY("silent"));
    for (int i = 0; i < count; i++)
        if (!all[i].answered && !all[i].absent)
            json_text(&j, all[i].name);
    json_end(&j);
    json_key(&j, "broken");
    json_text(&j, page_broken_law(all, count));
    json_end(&j);
    printf("%s\n", buf_text(&out));
    buf_release(&out);
}

static void print_text(const struct process_status *all, int count) {
    struct buf out = {0};

    page_put(&out, data, all, count);
    fwrite(out.at, 1, out.len, stdout);
    buf_release(&out);
}

/* The sink must have been asked after the ingest: what is committed is stored before. */
static void ask_sink_again(struct process_status *all, int count) {
    for (int i = 0; i < count; i++) {
        if (!all[i].answered || strcmp(all[i].name, "sink") != 0)
            continue;
        status_release(&all[i]);
        status_ask(data, "sink", &all[i]);
    }
}

int main(int argc, char **argv) {
    struct process_status *all;
    const struct books *books = NULL;
    const char *broken;
    int count;

    settings_read(&program, argc, argv, NULL);
    data = mem_dup(data ? data : place_standard());
    count = status_ask_all(data, &all);
    if (page_broken_law(all, count))
        ask_sink_again(all, count);
    broken = page_broken_law(all, count);
    for (int i = 0; i < count; i++)
        if (all[i].has_books)
            books = &all[i].books;
    if (as_json)
        print_json(all, count, books);
    else if (count)
        print_text(all, count);
    if (!count)
        fprintf(stderr, "wiretag status: nothing runs in %s; `wiretag up` starts it\n",
                data);
    if (broken)
        fprintf(stderr, "wiretag status: %s\n", broken);
    status_free(all, count);
    return !count || broken ? EXIT_FAILED : 0;
}
