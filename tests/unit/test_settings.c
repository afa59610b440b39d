/* Settings, each case in a process of its own: reading them may end it. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/run/settings.h"

static bool flag;
static const char *text, *choice;
static struct setting_list list, texts;
static int64_t number, bytes, pause_ms;

static struct setting table[] = {
    {"flag", 'f', SETTING_FLAG, &flag, "no", NULL, "A flag", 0, 0, NULL},
    {"text", 't', SETTING_TEXT, &text, NULL, "TEXT", "A text", 0, 0, NULL},
    {"some-list", 'l', SETTING_LIST, &list, "x,y", "WORD", "A list", 0, 0, NULL},
    {"door", 0, SETTING_TEXTS, &texts, NULL, "TEXT", "A text", 0, 0, NULL},
    {"number", 'n', SETTING_NUMBER, &number, "3", "N", "A number", 1, 10, NULL},
    {"max-report", 0, SETTING_BYTES, &bytes, "4MiB", "BYTES", "A size", 0, 0, NULL},
    {"pause", 0, SETTING_TIME, &pause_ms, "5s", "TIME", "A time", 0, 0, NULL},
    {"format", 0, SETTING_CHOICE, &choice, "auto", "FORMAT", "A choice", 0, 0,
     "auto|ndjson|text"},
    {0}};

static const struct program program = {
    .verb = "ingest",
    .summary = "takes reports in",
    .operands = "[FILE]...",
    .description = "Takes reports in.",
    .settings = table,
};

static const struct program no_operands = {
    .verb = "ingest", .summary = "s", .description = "d", .settings = table};

static void show(int count, char **operands) {
    printf("flag=%d text=%s list=", flag, text ? text : "-");
    for (size_t i = 0; i < list.count; i++)
        printf("%s%s", i ? "|" : "", list.items[i]);
    printf(" number=%lld bytes=%lld pause=%lld format=%s", (long long)number,
           (long long)bytes, (long long)pause_ms, choice);
    for (size_t i = 0; i < texts.count; i++)
        printf(" door{%s}", texts.items[i]);
    for (int i = 0; i < count; i++)
        printf(" <%s>", operands[i]);
}

struct outcome {
    int code;
    char said[8000]; /* both streams */
};

static _Noreturn void child(const struct program *which, const char *line, int out) {
    char words[400], *argv[40] = {(char *)which->verb}, **operands;
    int argc = 1, count;

    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    count = settings_read(which, argc, argv, &operands);
    show(count, operands);
    exit(0);
}

static struct outcome run_program(const struct program *which, const char *line) {
    struct outcome outcome = {0};
    size_t len = 0;
    ssize_t n;
    int ends[2], status;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (!pid)
        child(which, line, ends[1]);
    close(ends[1]);
    while ((n = read(ends[0], outcome.said + len, sizeof outcome.said - 1 - len)) > 0)
        len += (size_t)n;
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    outcome.code = WEXITSTATUS(status);
    return outcome;
}

/* `said` must be part of what `ingest LINE` prints. */
static void gives(const char *line, const char *said) {
    struct outcome outcome = run_program(&program, line);

    if (outcome.code || !strstr(outcome.said, said))
        fail_msg("ingest %s: exit %d, %s", line, outcome.code, outcome.said);
}

static void wrong(const char *line, const char *said) {
    struct outcome outcome = run_program(&program, line);

    if (outcome.code != EXIT_USAGE || !strstr(outcome.said, said))
        fail_msg("ingest %s: exit %d, %s", line, outcome.code, outcome.said);
}

static char config_path[64];

static void config(const char *lines) {
    FILE *file = fopen(config_path, "w");

    assert_non_null(file);
    fputs(lines, file);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state) {
    int fd;

    (void)state;
    snprintf(config_path, sizeof config_path, "/tmp/test_settings.XXXXXX");
    fd = mkstemp(config_path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
    (void)state;
    unsetenv("WIRETAG_CONFIG");
    unsetenv("WIRETAG_NUMBER");
    unsetenv("WIRETAG_MAX_REPORT");
    unsetenv("WIRETAG_SOME_LIST");
    unsetenv("WIRETAG_DOOR");
    unsetenv("WIRETAG_FLAG");
    return unlink(config_path);
}

static void settings_read__has_defaults(void **state) {
    (void)state;

    gives("", "flag=0 text=- list=x|y number=3 bytes=4194304 pause=5000 format=auto");
}

static void settings_read__takes_options_in_every_form(void **state) {
    (void)state;

    gives("--number=7 --text a", "text=a list=x|y number=7");
    gives("--number 7", "number=7");
    gives("-n7 -ft b", "flag=1 text=b list=x|y number=7");
    gives("-n 7 -f", "flag=1");
    gives("--flag", "flag=1");
    gives("--flag --no-flag", "flag=0");
    gives("--some-list a,b --some-list c", "list=a|b|c number");
    gives("-la -l b", "list=a|b number");
    gives("--number 4 --number 5", "number=5");
    gives("--text=", "text= list");
    gives("--text=a=b", "text=a=b list");
}

static void settings_read__keeps_texts_with_commas_whole(void **state) {
    (void)state;

    gives("--door a=1,b=2 --door c=3", "door{a=1,b=2} door{c=3}");
    gives("--door a=1,b=;c=3", "door{a=1,b=;c=3}");
    config("door = a=1,b=2\ndoor = c=3\n");
    setenv("WIRETAG_CONFIG", config_path, 1);
    gives("", "door{a=1,b=2} door{c=3}");
    gives("--door d", "format=auto door{d}");
    setenv("WIRETAG_DOOR", "e\nf,g", 1);
    gives("", "format=auto door{e} door{f,g}");
}

static void settings_read__understands_units(void **state) {
    (void)state;

    gives("--max-report 4096", "bytes=4096 ");
    gives("--max-report 64KiB", "bytes=65536 ");
    gives("--max-report 2GiB", "bytes=2147483648 ");
    gives("--max-report 1B", "bytes=1 ");
    gives("--pause 500ms", "pause=500 ");
    gives("--pause 10m", "pause=600000 ");
    gives("--pause 24h", "pause=86400000 ");
    gives("--pause 7d", "pause=604800000 ");
    gives("--pause 0", "pause=0 ");
    wrong("--pause 5", "must be a time");
    wrong("--pause 5x", "must be a time");
    wrong("--max-report 4mib", "must be a number of bytes");
    wrong("--max-report 99999999999GiB", "must be a number of bytes");
    wrong("--max-report 99999999999999999999", "must be a number of bytes");
    wrong("--max-report -1", "must be a number of bytes");
}

static void settings_read__knows_yes_from_no(void **state) {
    (void)state;
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};
    char line[40];

    for (size_t i = 0; i < COUNT(yes); i++) {
        snprintf(line, sizeof line, "--flag=%s", yes[i]);
        gives(line, "flag=1");
        snprintf(line, sizeof line, "--flag --flag=%s", no[i]);
        gives(line, "flag=0");
    }
    wrong("--flag=maybe", "must be yes or no");
}

static void settings_read__refuses_wrong_values(void **state) {
    (void)state;

    wrong("--number 0", "must be between 1 and 10");
    wrong("--number 11", "must be between 1 and 10");
    wrong("--number", "--number: needs a value");
    wrong("--number x", "must be a whole number");
    wrong("--number 5x", "must be a whole number");
    wrong("--number=", "must be a whole number");
    wrong("--format json", "did you mean ndjson?");
    wrong("--format nonsense", "must be one of auto|ndjson|text");
}

static void settings_read__suggests_the_nearest_name(void **state) {
    (void)state;

    wrong("--numbr 5", "--numbr: no such option; did you mean --number?");
    wrong("--max-reprot 5", "did you mean --max-report?");
    wrong("--hlep", "did you mean --help?");
    wrong("--check", "did you mean --check-config?");
    wrong("--zzzzzz", "no such option\nwiretag ingest --help lists");
    wrong("-z", "-z: no such option");
    wrong("--no-number", "no such option");
    wrong("--no-flag=yes", "no such option");
}

static void settings_read__leaves_operands(void **state) {
    (void)state;

    gives("a --number 7 b - -- --flag -x", "number=7");
    gives("a --number 7 b - -- --flag -x", "<a> <b> <-> <--flag> <-x>");
    struct outcome outcome = run_program(&no_operands, "-f stray");
    assert_int_equal(outcome.code, EXIT_USAGE);
    assert_non_null(strstr(outcome.said, "stray: this program takes options only"));
}

static void settings_read__lets_the_most_specific_win(void **state) {
    (void)state;

    config("# comment\n\nnumber = 4\n[sink]\nnumber = 9\nwhatever = 1\n[ingest]\n"
           "text = from the file\n  some-list = a, b ,c  \n");
    setenv("WIRETAG_CONFIG", config_path, 1);
    gives("", "text=from the file list=a|b|c number=4");

    setenv("WIRETAG_NUMBER", "5", 1);
    setenv("WIRETAG_SOME_LIST", "d", 1);
    setenv("WIRETAG_MAX_REPORT", "1KiB", 1);
    setenv("WIRETAG_FLAG", "off", 1);
    gives("", "flag=0 text=from the file list=d number=5 bytes=1024");
    gives("--number 6 -f", "flag=1 text=from the file list=d number=6");
}

static void settings_read__takes_the_file_from_the_command_line(void **state) {
    (void)state;
    char line[100];

    config("number = 4\nflag = yes\n");
    snprintf(line, sizeof line, "--config %s", config_path);
    gives(line, "flag=1");
    snprintf(line, sizeof line, "--number 5 --config=%s", config_path);
    gives(line, "number=5");
    wrong("--config /nowhere/at/all", "/nowhere/at/all: No such file");
}

static void settings_read__says_where_the_file_is_wrong(void **state) {
    (void)state;
    char longest[5000];

    setenv("WIRETAG_CONFIG", config_path, 1);
    config("[ingest]\n\nnumbr = 4\n");
    wrong("", ":3: numbr: no such key; did you mean number?");
    config("[ingest]\nnumber = 99\n");
    wrong("", ":2: number = \"99\": must be between");
    config("[ingest]\nnumber\n");
    wrong("", ":2: want: key = value");
    config("[ingets]\n");
    wrong("", ":1: [ingets]: no program has that section; did you mean ingest?");
    config("of-another-program = 4\n");
    gives("", "number=3");
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "text = ", 7);
    longest[sizeof longest - 1] = 0;
    config(longest);
    wrong("", ":1: the line is longer than");
}

static void settings_read__checks_without_starting(void **state) {
    (void)state;

    gives("--check-config --number 5", "the settings are good");
    wrong("--check-config --number 50", "must be between");
}

static void settings_read__shows_help_whatever_else_is_wrong(void **state) {
    (void)state;

    gives("--help", "--max-report");
    gives("-h", "--max-report");
    gives("--version", "wiretag " WIRETAG_VERSION);
    gives("--man", ".Dt WIRETAG-INGEST 1");
    config("nonsense\n");
    setenv("WIRETAG_CONFIG", config_path, 1);
    gives("--help", "A number");
    gives("--number 99 --version", WIRETAG_VERSION);
    gives("--number 5 --text --help --config /dev/null", "text=--help");
}

static void settings_nearest__finds_slips_and_beginnings(void **state) {
    (void)state;
    static const char *const words[] = {"listen", "limit", "data", "max-report", NULL};

    assert_string_equal(settings_nearest("listen", words), "listen");
    assert_string_equal(settings_nearest("listne", words), "listen");
    assert_string_equal(settings_nearest("dat", words), "data");
    assert_string_equal(settings_nearest("max", words), "max-report");
    assert_null(settings_nearest("zebra", words));
    assert_null(settings_nearest("", words));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(settings_read__has_defaults),
        test(settings_read__takes_options_in_every_form),
        test(settings_read__keeps_texts_with_commas_whole),
        test(settings_read__understands_units),
        test(settings_read__knows_yes_from_no),
        test(settings_read__refuses_wrong_values),
        test(settings_read__suggests_the_nearest_name),
        test(settings_read__leaves_operands),
        test(settings_read__lets_the_most_specific_win),
        test(settings_read__takes_the_file_from_the_command_line),
        test(settings_read__says_where_the_file_is_wrong),
        test(settings_read__checks_without_starting),
        test(settings_read__shows_help_whatever_else_is_wrong),
        test(settings_nearest__finds_slips_and_beginnings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
