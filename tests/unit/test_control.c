/* The control socket: asked by a child process, answered by the loop. */
#include "tests/unit/check.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/run/control.h"

static char dir[64], path[100];
static struct loop *loop;

static int set_up(void **state) {
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/test_control.XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/ingest.control", dir);
    loop = loop_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    loop_free(loop);
    unlink(path);
    return rmdir(dir);
}

static void status(void *context, struct json *json) {
    json_key(json, "healthy");
    json_bool(json, true);
    json_key(json, "why");
    json_text(json, context);
}

#define LARGE (4u << 20) /* more than a socket's buffer takes */

static void echo(void *context, struct view rest, struct json *json) {
    (void)context;
    json_key(json, "heard");
    json_view(json, rest);
}

static void recite(void *context, struct view rest, struct json *json) {
    struct buf text = {0};

    (void)context;
    (void)rest;
    memset(buf_reserve(&text, LARGE), 'x', LARGE);
    text.len = LARGE;
    json_key(json, "text");
    json_view(json, buf_view(&text));
    buf_release(&text);
}

static const struct control_question questions[] = {
    {"echo", echo}, {"recite", recite}, {0}};

static struct control *listening(void) {
    struct control *control = NULL;
    struct diag diag = {0};

    if (control_new(loop, dir, "ingest", status, NULL, &control, &diag))
        fail_msg("%s", diag.text);
    control_questions(control, questions);
    return control;
}

static void stop_when_asked(void *context, int number) {
    (void)context;
    if (number == SIGCHLD)
        loop_stop(loop, 0);
}

/* Asks from a child while the loop runs here; exit code and answer come back. By a file,
 * since a pipe would be full before the answer is whole. */
static int ask(const char *question, struct buf *answer) {
    FILE *got = tmpfile();
    int code;
    ssize_t n;
    pid_t pid;

    assert_non_null(got);
    fflush(NULL);
    loop_on_signal(loop, stop_when_asked, NULL);
    pid = fork();
    if (!pid) {
        struct buf heard = {0};
        int err = control_ask(dir, "ingest", question, 5000, &heard);
        n = write(fileno(got), buf_view(&heard).at, heard.len);
        _exit(n < 0 ? 100 : -err);
    }
    loop_run(loop);
    rewind(got);
    while ((n = read(fileno(got), buf_reserve(answer, 4096), 4096)) > 0)
        answer->len += (size_t)n;
    fclose(got);
    assert_int_equal(waitpid(pid, &code, 0), pid);
    assert_true(WIFEXITED(code));
    return -WEXITSTATUS(code);
}

static void control__answers_status_with_a_line_of_json(void **state) {
    (void)state;
    struct control *control = listening();
    struct buf answer = {0};
    json_t *root;

    assert_int_equal(ask("status", &answer), 0);
    root = json_loadb(answer.at, answer.len, 0, NULL);

    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "process")), "ingest");
    assert_int_equal(json_integer_value(json_object_get(root, "pid")), getpid());
    assert_true(json_is_string(json_object_get(root, "version")));
    assert_true(json_is_true(json_object_get(root, "healthy")));
    assert_true(json_is_null(json_object_get(root, "why")));
    json_decref(root);
    buf_release(&answer);
    control_free(control);
    assert_int_equal(access(path, F_OK), -1);
}

static void control__answers_nonsense_with_an_error(void **state) {
    (void)state;
    struct control *control = listening();
    struct buf answer = {0};

    assert_int_equal(ask("do something", &answer), 0);

    assert_string_equal(buf_text(&answer),
                        "{\"error\":\"ask for: status, echo, recite\"}");
    buf_release(&answer);
    control_free(control);
}

static void control_questions__go_to_their_owner(void **state) {
    (void)state;
    struct control *control = listening();
    struct buf answer = {0};

    assert_int_equal(ask("echo  17 \"18\" ", &answer), 0);
    assert_string_equal(buf_text(&answer), "{\"heard\":\"17 \\\"18\\\"\"}");
    buf_clear(&answer);
    assert_int_equal(ask("echo", &answer), 0);
    assert_string_equal(buf_text(&answer), "{\"heard\":\"\"}");

    buf_release(&answer);
    control_free(control);
}

static void control_questions__are_answered_whole_however_long(void **state) {
    (void)state;
    struct control *control = listening();
    struct buf answer = {0};

    assert_int_equal(ask("recite", &answer), 0);

    assert_int_equal(answer.len, LARGE + strlen("{\"text\":\"\"}"));
    assert_int_equal(answer.at[answer.len - 1], '}');
    buf_release(&answer);
    control_free(control);
}

/* The one who asked leaves while it is told: nothing is left of it, and others are heard.
 */
static void control_questions__survive_who_does_not_listen(void **state) {
    (void)state;
    struct control *control = listening();
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct buf answer = {0};

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    for (int i = 0; i < 20; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(write(fd, "recite\n", 7), 7);
        if (i % 2)
            close(fd);
        buf_clear(&answer);
        assert_int_equal(ask("echo x", &answer), 0);
    }

    buf_release(&answer);
    control_free(control);
}

static void control__hangs_up_on_who_talks_too_much(void **state) {
    (void)state;
    struct control *control = listening();
    struct buf answer = {0};
    char question[CONTROL_QUESTION + 2];

    memset(question, 'x', sizeof question);
    question[sizeof question - 1] = 0;

    assert_int_equal(ask(question, &answer), ERR_GONE);
    assert_int_equal(answer.len, 0);
    buf_release(&answer);
    control_free(control);
}

static void control_new__refuses_a_second_one(void **state) {
    (void)state;
    struct control *first = listening(), *second = NULL;
    struct diag diag = {0};

    assert_int_equal(control_new(loop, dir, "ingest", status, NULL, &second, &diag),
                     ERR_IN_USE);

    assert_string_not_equal(diag.text, "");
    assert_null(second);
    control_free(first);
}

static int stale_socket(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void control_new__replaces_what_a_dead_one_left(void **state) {
    (void)state;
    struct stat mode;

    close(stale_socket());
    struct control *control = listening();

    assert_int_equal(stat(path, &mode), 0);
    assert_int_equal(mode.st_mode & 0777, 0600);
    control_free(control);
}

static void control_new__refuses_too_long_a_path(void **state) {
    (void)state;
    struct control *control = NULL;
    struct diag diag = {0};
    char longest[200];

    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;

    assert_int_equal(control_new(loop, longest, "ingest", status, NULL, &control, &diag),
                     ERR_TOO_BIG);
    assert_non_null(strstr(diag.text, "data directory"));
}

static void control_ask__finds_nobody(void **state) {
    (void)state;
    struct buf answer = {0};

    assert_int_equal(control_ask(dir, "ingest", "status", 100, &answer), ERR_NOT_FOUND);
    close(stale_socket());
    assert_int_equal(control_ask(dir, "ingest", "status", 100, &answer), ERR_NOT_FOUND);

    buf_release(&answer);
}

static void control_ask__does_not_wait_for_a_hung_process(void **state) {
    (void)state;
    struct buf answer = {0};
    int fd = stale_socket();

    assert_int_equal(listen(fd, 2), 0); // and never accepts
    for (int i = 0; i < 10; i++)
        assert_int_equal(control_ask(dir, "ingest", "status", 20, &answer), ERR_AGAIN);

    close(fd);
    buf_release(&answer);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        test(control__answers_status_with_a_line_of_json),
        test(control__answers_nonsense_with_an_error),
        test(control_questions__go_to_their_owner),
        test(control_questions__are_answered_whole_however_long),
        test(control_questions__survive_who_does_not_listen),
        test(control__hangs_up_on_who_talks_too_much),
        test(control_new__refuses_a_second_one),
        test(control_new__replaces_what_a_dead_one_left),
        test(control_new__refuses_too_long_a_path),
        test(control_ask__finds_nobody),
        test(control_ask__does_not_wait_for_a_hung_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
