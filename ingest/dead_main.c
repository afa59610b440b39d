/* wiretag dead: what ingest gave up, and what to do with it.
 *
 * list and show read the journal's file, in short looks, whether ingest runs or not.
 * retry and drop are done by the running ingest, asked at its control socket; when none
 * runs, right here, under its lock. */
#include "ingest/dead_show.h"
#include "ingest/letters.h"
#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/control.h"
#include "proto/run/place.h"
#include "proto/run/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define EXIT_LEFT      3
#define PAGE_LETTERS   256 /* read in one look at the journal */
#define PAGE_BYTES     (1u << 20)
#define BATCH_LETTERS  100 /* in one question; ingest does nothing else meanwhile */
#define BATCH_BYTES    (4u << 20)
#define ANSWER_MS      30000
#define WIDTH_STANDARD 100
#define ROOM_BESIDE    (INT64_C(1) << 30) /* what is taken in again lies there twice */
#define WINDOW_ENOUGH  100000000          /* what ingest may remember at most */
#define CENTURY_MS     (INT64_C(3155760000) * 1000)

static const char *data;
static struct setting_list feed_texts;
static struct feeds *feeds;
static bool as_json, as_raw, yes;

static struct setting settings[] = {
    {.name = "data",
     .letter = 'd',
     .type = SETTING_TEXT,
     .value = &data,
     .argument = "DIR",
     .help = "The data directory of the ingest; standard is $XDG_STATE_HOME/wiretag"},
    {.name = "feed",
     .type = SETTING_TEXTS,
     .value = &feed_texts,
     .argument = "name=NAME,KEY=VALUE,...",
     .help = "retry without a running ingest: what is known of a feed, as for ingest"},
    {.name = "json",
     .type = SETTING_FLAG,
     .value = &as_json,
     .help = "One JSON object a line; show: a report as a feed record"},
    {.name = "raw",
     .type = SETTING_FLAG,
     .value = &as_raw,
     .help = "show: the bytes as they came, of a report its text; so also into a pipe"},
    {.name = "yes",
     .type = SETTING_FLAG,
     .value = &yes,
     .help = "drop all: yes, all of them, for good"},
    {0},
};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "there is no journal, or it cannot be read, or ingest does not answer"},
    {EXIT_LEFT, "one of the letters is not there, or is still dead"},
    {0, NULL},
};

static const struct program program = {
    .verb = "dead",
    .summary = "see what was given up, try it again, drop it",
    .operands = "list|show|retry|drop [N...|all]",
    .description =
        "What ingest gives up is kept as a dead letter, with a reason, until somebody "
        "decides: reports that no enricher could do in five attempts (or within "
        "--max-age), and documents that could not be read at all.\n\n"
        "list shows them, a table on a terminal, a JSON object a line into a pipe. show "
        "N shows one whole. retry N... or all puts reports back into the queue and takes "
        "documents in once more; what cannot be read now either stays as it is, and what "
        "has only its beginning here has to be mended by hand. drop N... or all --yes "
        "forgets them.\n\n"
        "It does not matter whether ingest runs; but the running one knows its feeds "
        "(--feed), and without it they have to be told here too, for documents that are "
        "read again. Before any section of the configuration file, feed = ... is for "
        "both.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples =
        "  wiretag dead list                                 # what is there\n"
        "  wiretag dead show 17                              # one of them\n"
        "  wiretag dead retry all                            # after the cause is mended\n"
        "  wiretag dead show 17 --raw > mended.txt           # to mend it by hand\n"
        "  wiretag dead list | jq 'select(.kind==\"document\")'\n",
};

static int fail(const char *text) {
    fprintf(stderr, "wiretag dead: %s\n", text);
    return EXIT_FAILED;
}

static int no_such(uint64_t number) {
    fprintf(stderr,
            "wiretag dead: there is no dead letter %" PRIu64 "; wiretag dead list shows "
            "them\n",
            number);
    return EXIT_LEFT;
}

/* ---- reading ---- */

typedef void put_fn(const struct dead_letter *letter, struct buf *out);

static size_t terminal_width(void) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    return WIDTH_STANDARD;
}

static void put_row(const struct dead_letter *letter, struct buf *out) {
    dead_put_row(letter, terminal_width(), out);
}

/* One look: letters behind *after as far as a page goes. > 0: those were the last. */
static int put_page(struct journal *journal, uint64_t *after, put_fn *put,
                    struct buf *out) {
    struct dead_letter letter;
    int more = 0;
    buf_clear(out);
    for (int i = 0; i < PAGE_LETTERS && out->len < PAGE_BYTES; i++) {
        more = journal_dead_next(journal, *after, &letter);
        if (more != 0)
            break;
        put(&letter, out);
        *after = letter.index;
    }
    return more;
}

static int say(const struct buf *out) {
    if (fwrite(buf_view(out).at, 1, out->len, stdout) == out->len && fflush(stdout) == 0)
        return 0;
    return errno == EPIPE ? EXIT_FAILED : fail(strerror(errno));
}

/* Nobody is waited for with a look still open: out comes after looking away. */
static int list(struct journal *journal) {
    bool table = isatty(STDOUT_FILENO) && !as_json;
    struct diag diag = {0};
    struct buf out = {0};
    uint64_t after = 0;
    int more = 0, code = 0;
    if (table && journal_counts(journal).letters == 0) {
        puts("There are no dead letters.");
        return 0;
    }
    if (table) {
        dead_put_heading(&out);
        code = say(&out);
    }
    while (more == 0 && code == 0) {
        more = put_page(journal, &after, table ? put_row : dead_put_line, &out);
        if (more < 0 || journal_look_again(journal, &diag) < 0)
            code = fail(diag.text[0] ? diag.text : "the journal cannot be read");
        if (code == 0)
            code = say(&out);
    }
    buf_release(&out);
    return code;
}

static int find(struct journal *journal, uint64_t number, struct dead_letter *letter) {
    if (number > 0 && journal_dead_next(journal, number - 1, letter) == 0 &&
        letter->index == number)
        return 0;
    return ERR_NOT_FOUND;
}

static int show_one(struct journal *journal, uint64_t number) {
    struct dead_letter letter;
    struct diag diag = {0};
    struct buf out = {0};
    if (find(journal, number, &letter) < 0)
        return no_such(number);
    if (as_json)
        dead_put_record(&letter, &out);
    else if (as_raw || !isatty(STDOUT_FILENO))
        dead_put_raw(&letter, &out);
    else
        dead_put_page(&letter, &out);
    int code = journal_look_again(journal, &diag) < 0 ? fail(diag.text) : say(&out);
    buf_release(&out);
    return code;
}

/* ---- which ---- */

struct chosen {
    uint64_t *numbers;
    size_t *sizes;
    size_t count, cap;
    int code; /* EXIT_LEFT when one of them is not there */
};

static void choose(struct chosen *chosen, uint64_t number, size_t size) {
    if (chosen->count == chosen->cap) {
        chosen->cap = chosen->cap ? 2 * chosen->cap : 64;
        chosen->numbers =
            mem_resize(chosen->numbers, chosen->cap, sizeof *chosen->numbers);
        chosen->sizes = mem_resize(chosen->sizes, chosen->cap, sizeof *chosen->sizes);
    }
    chosen->numbers[chosen->count] = number;
    chosen->sizes[chosen->count++] = size;
}

static int choose_all(struct journal *journal, struct chosen *chosen) {
    struct dead_letter letter = {0};
    struct diag diag = {0};
    uint64_t after = 0;
    int more;
    while ((more = journal_dead_next(journal, after, &letter)) == 0) {
        choose(chosen, letter.index, letter.bytes.len);
        after = letter.index;
        if (chosen->count % PAGE_LETTERS == 0 && journal_look_again(journal, &diag) < 0)
            return fail(diag.text);
    }
    return more < 0 ? fail("the journal cannot be read") : 0;
}

static void choose_one(struct journal *journal, uint64_t number, struct chosen *chosen) {
    struct dead_letter letter;
    if (find(journal, number, &letter) == 0)
        choose(chosen, number, letter.bytes.len);
    else
        chosen->code = no_such(number);
}

static bool is_all(char **words, int count) {
    return count == 1 && strcmp(words[0], "all") == 0;
}

static bool all_numbers(char **words, int count) {
    uint64_t number;
    for (int i = 0; i < count; i++)
        if (!view_number(view_of(words[i]), &number))
            return false;
    return count > 0;
}

static uint64_t number_of(const char *word) {
    uint64_t number = 0;
    view_number(view_of(word), &number);
    return number;
}

/* ---- acting ---- */

/* Who does it: the running ingest, or this program in its place. */
struct actor {
    int64_t room;            /* bytes the journal may take */
    struct journal *journal; /* NULL: not here */
    struct intake *intake;
};

static int step_in(struct actor *actor, struct diag *diag) {
    const struct journal_conf conf = {
        // Wider than any ingest's: nothing is to be refused or forgotten here.
        .max_bytes = actor->room,     .largest = 1,
        .max_documents = actor->room, .remember = WINDOW_ENOUGH,
        .remember_ms = CENTURY_MS,
    };
    int err = place_take(data, "ingest", diag);
    if (err == 0)
        err = journal_open(data, &conf, &actor->journal, diag);
    if (err == 0)
        actor->intake = intake_new(actor->journal, feeds, NULL, NULL, NULL);
    return err;
}

static void step_out(struct actor *actor) {
    intake_free(actor->intake);
    journal_close(actor->journal);
}

static void answer_here(const struct actor *actor, const char *question,
                        struct buf *answer) {
    struct letters letters = {.journal = actor->journal, .intake = actor->intake};
    struct json json = json_to(answer);
    buf_clear(answer);
    json_begin_object(&json);
    letters_answer(&letters, view_of(question), clock_wall(), &json);
    json_end(&json);
}

static int ask(struct actor *actor, const char *question, struct buf *answer) {
    struct diag diag = {0};
    char line[CONTROL_QUESTION];
    int err = ERR_NOT_FOUND;
    snprintf(line, sizeof line, "dead %s", question);
    if (!actor->journal)
        err = control_ask(data, "ingest", line, ANSWER_MS, answer);
    if (err == 0)
        return 0;
    if (err != ERR_NOT_FOUND) {
        diag_set(&diag, 0, "ingest does not answer (%s): try again", err_text(err));
        return fail(diag.text);
    }
    if (!actor->journal && step_in(actor, &diag) < 0)
        return fail(diag.text);
    answer_here(actor, question, answer);
    return 0;
}

static int tell_one(const json_t *outcome) {
    bool done = json_is_true(json_object_get(outcome, "done"));
    const char *text = json_string_value(json_object_get(outcome, "text"));
    char *whole = as_json ? json_dumps(outcome, JSON_COMPACT) : NULL;
    if (whole)
        puts(whole);
    else
        printf("%" JSON_INTEGER_FORMAT ": %s%s\n",
               json_integer_value(json_object_get(outcome, "number")),
               done ? "" : "still dead: ", text ? text : "");
    free(whole);
    return done ? 0 : EXIT_LEFT;
}

static int tell(const struct buf *answer) {
    json_t *root = json_loadb(answer->at, answer->len, 0, NULL);
    const json_t *letters = json_object_get(root, "letters");
    const char *error = json_string_value(json_object_get(root, "error"));
    const json_t *outcome;
    size_t i;
    int code = 0;
    if (!json_is_array(letters))
        code = fail(error ? error : "ingest's answer cannot be read");
    json_array_foreach(letters, i, outcome) {
        int left = tell_one(outcome);
        code = code ? code : left;
    }
    json_decref(root);
    return code;
}

/* Writes the question for the letters from *at on, as many as one may ask for. */
static void put_question(const char *verb, const struct chosen *chosen, size_t *at,
                         struct buf *question) {
    size_t bytes = 0, begun = *at;
    buf_clear(question);
    buf_put_text(question, verb);
    while (*at < chosen->count && *at - begun < BATCH_LETTERS &&
           (*at == begun || bytes + chosen->sizes[*at] <= BATCH_BYTES)) {
        bytes += chosen->sizes[*at];
        buf_printf(question, " %" PRIu64, chosen->numbers[(*at)++]);
    }
}

static int act(const char *verb, const struct chosen *chosen, int64_t room) {
    struct actor actor = {.room = room};
    struct buf question = {0}, answer = {0};
    int code = chosen->code;
    for (size_t at = 0; at < chosen->count && code != EXIT_FAILED;) {
        put_question(verb, chosen, &at, &question);
        int err = ask(&actor, buf_text(&question), &answer);
        if (err == 0)
            err = tell(&answer);
        code = err ? err : code;
    }
    step_out(&actor);
    buf_release(&question);
    buf_release(&answer);
    return code;
}

/* ---- verbs ---- */

static int usage(const char *text) {
    fprintf(stderr, "wiretag dead: %s; see wiretag dead --help\n", text);
    return EXIT_USAGE;
}

static int check_words(const char *verb, char **words, int count) {
    bool all = is_all(words, count);
    if (strcmp(verb, "list") == 0)
        return count ? usage("list takes no numbers") : 0;
    if (strcmp(verb, "show") == 0)
        return all_numbers(words, count) ? 0 : usage("show which? say show NUMBER");
    if (strcmp(verb, "retry") != 0 && strcmp(verb, "drop") != 0)
        return usage("say list, show, retry or drop");
    if (!all && !all_numbers(words, count))
        return usage("which? say NUMBER... or all");
    if (all && strcmp(verb, "drop") == 0 && !yes)
        return usage("drop all forgets every dead letter for good: say drop all --yes");
    return 0;
}

static int show(struct journal *journal, char **words, int count) {
    int code = 0;
    for (int i = 0; i < count; i++) {
        int one = show_one(journal, number_of(words[i]));
        code = one ? one : code;
    }
    return code;
}

static int retry_or_drop(struct journal *journal, const char *verb, char **words,
                         int count) {
    int64_t room = 2 * journal_counts(journal).bytes + ROOM_BESIDE;
    struct chosen chosen = {0};
    int code = 0;
    if (is_all(words, count))
        code = choose_all(journal, &chosen);
    else
        for (int i = 0; i < count; i++)
            choose_one(journal, number_of(words[i]), &chosen);
    journal_close(journal);
    if (code == 0)
        code = act(verb, &chosen, room);
    free(chosen.numbers);
    free(chosen.sizes);
    return code;
}

int main(int argc, char **argv) {
    struct journal *journal = NULL;
    struct diag diag = {0};
    char **words;
    int count = settings_read(&program, argc, argv, &words);
    const char *verb = count ? words[0] : "";
    int code = check_words(verb, words + 1, count - 1);
    if (code)
        return code;
    if (feeds_new(feed_texts.items, feed_texts.count, &feeds, &diag) < 0)
        return usage(diag.text);
    if (!data)
        data = place_standard();
    if (journal_open_to_read(data, &journal, &diag) < 0)
        return fail(diag.text);
    if (strcmp(verb, "retry") == 0 || strcmp(verb, "drop") == 0)
        return retry_or_drop(journal, verb, words + 1, count - 1);
    code =
        strcmp(verb, "list") == 0 ? list(journal) : show(journal, words + 1, count - 1);
    journal_close(journal);
    return code;
}
