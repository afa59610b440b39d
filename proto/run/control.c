#include "proto/run/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/memory.h"
#include "proto/run/place.h"
#include "proto/run/settings.h"

#define GUESTS 16

/* One who asks, and then is told. */
struct guest {
    struct control *control;
    int fd; /* -1: free */
    char question[CONTROL_QUESTION];
    size_t len;
    struct buf answer; /* what is left to be said; empty: still listening */
};

struct control {
    struct loop *loop;
    int fd;
    char name[32];
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    control_status_fn *status;
    void *context;
    const struct control_question *questions; /* NULL: none but status */
    struct guest guests[GUESTS];
};

static int address_of(const char *dir, const char *name, struct sockaddr_un *out,
                      struct diag *diag) {
    int n;

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    n = snprintf(out->sun_path, sizeof out->sun_path, "%s/%s.control", dir, name);
    if (n < 0 || (size_t)n >= sizeof out->sun_path) {
        diag_set(diag, 0,
                 "the path of the data directory %s is too long for a Unix socket", dir);
        return ERR_TOO_BIG;
    }
    return 0;
}

static void show_out(struct guest *guest) {
    loop_remove_fd(guest->control->loop, guest->fd);
    close(guest->fd);
    guest->fd = -1;
    buf_release(&guest->answer);
}

/* ---- answers ---- */

static void answer_status(const struct control *control, struct json *json) {
    json_key(json, "process");
    json_text(json, control->name);
    json_key(json, "pid");
    json_int(json, getpid());
    json_key(json, "version");
    json_text(json, WIRETAG_VERSION);
    json_member_uint(json, JSON_KEY("memory_bytes"), memory_used());
    json_member_uint(json, JSON_KEY("memory_max_bytes"), (uint64_t)memory_bound());
    control->status(control->context, json);
}

static const struct control_question *find_question(const struct control *control,
                                                    struct view word) {
    const struct control_question *q = control->questions;

    while (q && q->word && !view_is(word, q->word))
        q++;
    return q && q->word ? q : NULL;
}

static void answer_nonsense(const struct control *control, struct json *json) {
    struct buf words = {0};

    buf_put_text(&words, "ask for: status");
    for (const struct control_question *q = control->questions; q && q->word; q++)
        buf_printf(&words, ", %s", q->word);
    json_key(json, "error");
    json_view(json, buf_view(&words));
    buf_release(&words);
}

static void answer(struct guest *guest) {
    const struct control *control = guest->control;
    struct view rest = view_trim(view_of(guest->question)), word = {0};
    const struct control_question *question;
    struct json json = json_to(&guest->answer);

    view_split(&rest, ' ', &word);
    question = find_question(control, word);
    json_begin_object(&json);
    if (view_is(word, "status") && !rest.len)
        answer_status(control, &json);
    else if (question)
        question->answer(control->context, view_trim(rest), &json);
    else
        answer_nonsense(control, &json);
    json_end(&json);
    buf_put_u8(&guest->answer, '\n');
}

/* ---- guests ---- */

/* Says what the socket takes; the rest when it takes more. */
static void speak(struct guest *guest) {
    ssize_t n = send(guest->fd, guest->answer.at, guest->answer.len, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        show_out(guest);
        return;
    }
    buf_drop(&guest->answer, n > 0 ? (size_t)n : 0);
    if (guest->answer.len)
        loop_change_fd(guest->control->loop, guest->fd, LOOP_WRITE);
    else
        show_out(guest);
}

static void listen_to(struct guest *guest) {
    ssize_t n = read(guest->fd, guest->question + guest->len,
                     sizeof guest->question - 1 - guest->len);
    char *end;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        guest->len += (size_t)n;
    guest->question[guest->len] = 0;
    end = strpbrk(guest->question, "\r\n");
    if (end) {
        *end = 0;
        answer(guest);
        speak(guest);
    } else if (n <= 0 || guest->len == sizeof guest->question - 1) {
        show_out(guest);
    }
}

static void on_guest(void *context, unsigned ready) {
    struct guest *guest = context;

    (void)ready;
    if (guest->answer.len)
        speak(guest);
    else
        listen_to(guest);
}

static void let_in(void *context, unsigned ready) {
    struct control *control = context;
    int fd = accept(control->fd, NULL, NULL);
    struct guest *guest = control->guests;

    (void)ready;
    if (fd < 0)
        return;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (guest < control->guests + GUESTS && guest->fd >= 0)
        guest++;
    if (guest ==
        control->guests + GUESTS) { /* full: somebody must go, and the newest is alive */
        guest = control->guests;
        show_out(guest);
    }
    *guest = (struct guest){.control = control, .fd = fd};
    if (loop_add_fd(control->loop, fd, LOOP_READ, on_guest, guest)) {
        close(fd);
        guest->fd = -1;
    }
}

/* Never waits: a process that hangs does not take its callers in, and its queue fills up.
 * Returns a connection, or -1 with errno; EAGAIN: somebody is there, but busy. */
static int call(const struct sockaddr_un *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int cause;

    if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return fd;
    cause = errno;
    close(fd);
    errno = cause;
    return -1;
}

static int listen_at(const struct sockaddr_un *address, struct diag *diag) {
    int fd;

    if (place_socket_taken(address->sun_path)) {
        diag_set(diag, 0, "%s: another process answers there, or it is no socket",
                 address->sun_path);
        return ERR_IN_USE;
    }
    unlink(address->sun_path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 &&
        chmod(address->sun_path, 0600) == 0 && listen(fd, GUESTS) == 0)
        return fd;
    diag_set(diag, 0, "cannot listen on %s: %s", address->sun_path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ERR_SYSTEM;
}

int control_new(struct loop *loop, const char *dir, const char *name,
                control_status_fn *status, void *context, struct control **out,
                struct diag *diag) {
    struct control *control;
    struct sockaddr_un address;
    int err = address_of(dir, name, &address, diag);
    int fd = err ? -1 : listen_at(&address, diag);

    if (err || fd < 0)
        return err ? err : fd;
    control = mem_zalloc(sizeof *control);
    control->loop = loop;
    control->fd = fd;
    control->status = status;
    control->context = context;
    snprintf(control->name, sizeof control->name, "%s", name);
    memcpy(control->path, address.sun_path, sizeof control->path);
    for (int i = 0; i < GUESTS; i++)
        control->guests[i].fd = -1;
    err = loop_add_fd(loop, fd, LOOP_READ, let_in, control);
    if (err) {
        control_free(control);
        return err;
    }
    *out = control;
    return 0;
}

void control_free(struct control *control) {
    if (!control)
        return;
    for (int i = 0; i < GUESTS; i++)
        if (control->guests[i].fd >= 0)
            show_out(&control->guests[i]);
    loop_remove_fd(control->loop, control->fd);
    close(control->fd);
    unlink(control->path);
    free(control);
}

void control_questions(struct control *control, const struct control_question *list) {
    control->questions = list;
}

/* ---- asking ---- */

static int read_line(int fd, int64_t deadline, struct buf *out) {
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - clock_now();
        ssize_t n;
        if (left <= 0 || poll(&ready, 1, (int)left) == 0)
            return ERR_AGAIN;
        n = read(fd, buf_reserve(out, 4096), 4096);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return ERR_GONE;
        out->len += (size_t)n;
        if (out->at[out->len - 1] == '\n') {
            out->len--;
            return 0;
        }
    }
}

int control_ask(const char *dir, const char *name, const char *question, int timeout_ms,
                struct buf *answer_) {
    struct sockaddr_un address;
    int err = address_of(dir, name, &address, NULL);
    int fd = err ? -1 : call(&address);

    if (fd < 0)
        return err ? err : errno == EAGAIN ? ERR_AGAIN : ERR_NOT_FOUND;
    buf_clear(answer_);
    buf_printf(answer_, "%s\n", question);
    if (send(fd, answer_->at, answer_->len, MSG_NOSIGNAL) != (ssize_t)answer_->len)
        err = ERR_GONE;
    buf_clear(answer_);
    if (!err)
        err = read_line(fd, clock_now() + timeout_ms, answer_);
    close(fd);
    return err;
}
