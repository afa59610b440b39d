#include "ingest/feed_input.h"

#include "proto/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES (256 * 1024)

struct feed_input {
    char **files;
    size_t count, next;
    const char *format;
    size_t max_document;
    int fd;
    bool waits; /* fd is a pipe or terminal: asked before it is read */
    struct framer *framer;
    const char *file;
    uint64_t done, total;
    bool total_known;
    char why[160];
    char chunk[CHUNK_BYTES];
};

static void add_file(struct feed_input *input, char *name) {
    struct stat file;
    input->files = mem_resize(input->files, input->count + 1, sizeof *input->files);
    input->files[input->count++] = name;
    if (strcmp(name, "-") == 0 || stat(name, &file) != 0 || !S_ISREG(file.st_mode))
        input->total_known = false;
    else
        input->total += (uint64_t)file.st_size;
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static char *joined(const char *folder, const char *name) {
    struct buf path = {0};
    buf_printf(&path, "%s/%s", folder, name);
    buf_text(&path);
    return path.at;
}

static void add_folder(struct feed_input *input, const char *folder) {
    struct dirent **found = NULL;
    struct stat file;
    int n = scandir(folder, &found, is_visible, alphasort);
    if (n < 0)
        add_file(input, mem_dup(folder)); // opening it will say why
    for (int i = 0; i < n; i++) {
        char *path = joined(folder, found[i]->d_name);
        if (stat(path, &file) == 0 && S_ISREG(file.st_mode))
            add_file(input, path);
        else
            free(path);
        free(found[i]);
    }
    free(found);
}

struct feed_input *feed_input_new(char *const *names, size_t count, const char *format,
                                  size_t max_document) {
    struct feed_input *input = mem_zalloc(sizeof *input);
    struct stat file;
    input->format = format;
    input->max_document = max_document;
    input->fd = -1;
    input->total_known = true;
    for (size_t i = 0; i < count; i++) {
        if (stat(names[i], &file) == 0 && S_ISDIR(file.st_mode))
            add_folder(input, names[i]);
        else
            add_file(input, mem_dup(names[i]));
    }
    return input;
}

static void close_file(struct feed_input *input) {
    if (input->fd > STDIN_FILENO)
        close(input->fd);
    input->fd = -1;
    framer_free(input->framer);
    input->framer = NULL;
}

void feed_input_free(struct feed_input *input) {
    if (!input)
        return;
    close_file(input);
    for (size_t i = 0; i < input->count; i++)
        free(input->files[i]);
    free(input->files);
    free(input);
}

/* ---- reading ---- */

static int open_next(struct feed_input *input) {
    struct stat file;
    input->file = input->files[input->next++];
    struct framer_conf conf = {
        .framing = framing_of_file(input->file, input->format),
        .whole = true,
        .max_document = input->max_document,
        .max_line = 4096,
    };
    input->fd = strcmp(input->file, "-") == 0 ? STDIN_FILENO
                                              : open(input->file, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0 || fstat(input->fd, &file) != 0)
        return ERR_SYSTEM;
    if (S_ISDIR(file.st_mode)) {
        errno = EISDIR;
        return ERR_SYSTEM;
    }
    input->waits = !S_ISREG(file.st_mode);
    input->framer = framer_new(&conf);
    return 0;
}

static int cannot_read(struct feed_input *input, struct feed_document *out) {
    snprintf(input->why, sizeof input->why, "%s", strerror(errno));
    *out = (struct feed_document){.file = input->file, .reason = input->why};
    close_file(input);
    return 0;
}

/* 0: there is more to frame, > 0: the file is read, < 0: ERR_AGAIN, ERR_SYSTEM. */
static int read_chunk(struct feed_input *input) {
    struct pollfd ready = {.fd = input->fd, .events = POLLIN};
    ssize_t n;
    // Not O_NONBLOCK: a terminal would keep it when we are gone.
    if (input->waits && poll(&ready, 1, 0) == 0)
        return ERR_AGAIN;
    do
        n = read(input->fd, input->chunk, sizeof input->chunk);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return ERR_SYSTEM;
    if (n == 0)
        return 1;
    input->done += (uint64_t)n;
    framer_feed(input->framer, view_n(input->chunk, (size_t)n));
    return 0;
}

static void describe(const struct feed_input *input, const struct framed *framed,
                     struct feed_document *out) {
    *out = (struct feed_document){
        .bytes = framed->bytes,
        .file = input->file,
        .line = framed->line,
        .number = framed->number,
        .format = framed->format,
        .warning = framed->warning,
        .passed = framed->passed,
        .reason = framed->kind == FRAMED_REFUSED ? framed->why : NULL,
    };
}

/* The next document of the file that is open; > 0: it has no more. */
static int next_of_file(struct feed_input *input, bool *ended,
                        struct feed_document *out) {
    struct framed framed;
    for (;;) {
        if (framer_next(input->framer, &framed) == 0) {
            describe(input, &framed, out);
            return 0;
        }
        if (*ended)
            return 1;
        int err = read_chunk(input);
        if (err < 0)
            return err;
        if (err > 0) {
            framer_end(input->framer);
            *ended = true;
        }
    }
}

int feed_input_next(struct feed_input *input, struct feed_document *out) {
    for (;;) {
        bool ended = false;
        if (input->fd < 0 && input->next == input->count)
            return 1;
        if (input->fd < 0 && open_next(input) < 0)
            return cannot_read(input, out);
        int err = next_of_file(input, &ended, out);
        if (err == ERR_SYSTEM)
            return cannot_read(input, out);
        if (err <= 0)
            return err;
        close_file(input);
    }
}

int feed_input_fd(const struct feed_input *input) {
    return input->fd >= 0 && input->waits ? input->fd : -1;
}

uint64_t feed_input_done(const struct feed_input *input) { return input->done; }

uint64_t feed_input_total(const struct feed_input *input) {
    return input->total_known ? input->total : 0;
}
