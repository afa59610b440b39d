#include "proto/run/status.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/mem.h"
#include "proto/run/control.h"
#include "proto/run/place.h"

#define TIMEOUT_MS 2000
#define SUFFIX     ".control"

static uint64_t number(const json_t *root, const char *key, bool *found) {
    const json_t *value = json_object_get(root, key);

    if (!json_is_integer(value))
        return 0;
    *found = true;
    return (uint64_t)json_integer_value(value);
}

static void read_books(const json_t *root, struct process_status *out) {
    bool accepted = false, rest = false;

    out->books.accepted = number(root, "accepted", &accepted);
    out->books.committed = number(root, "committed", &rest);
    out->books.dead = number(root, "dead", &rest);
    out->books.leased = number(root, "leased", &rest);
    out->books.queued = number(root, "queued", &rest);
    out->books.duplicates = number(root, "duplicates", &rest);
    out->books.reports_per_second =
        json_number_value(json_object_get(root, "reports_per_second"));
    out->has_books = accepted;
}

static int read_answer(struct process_status *out) {
    json_t *root = json_loadb(out->json.at, out->json.len, 0, NULL);
    const char *why;

    if (!json_is_object(root)) {
        json_decref(root);
        return ERR_FORMAT;
    }
    why = json_string_value(json_object_get(root, "why"));
    out->pid = (long)json_integer_value(json_object_get(root, "pid"));
    out->healthy = json_is_true(json_object_get(root, "healthy"));
    snprintf(out->why, sizeof out->why, "%s", why ? why : "");
    read_books(root, out);
    out->root = root;
    return 0;
}

/* ---- by path ---- */

static const json_t *step(const json_t *from, const char *name) {
    if (json_is_array(from))
        return json_array_get(from, (size_t)strtoul(name, NULL, 10));
    return json_object_get(from, name);
}

static const json_t *at_path(const struct process_status *one, const char *path) {
    const json_t *at = one->root;
    char name[48];

    while (at && *path) {
        size_t len = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)len, path);
        at = step(at, name);
        path += len + (path[len] == '.');
    }
    return at;
}

double status_number(const struct process_status *one, const char *path) {
    return json_number_value(at_path(one, path));
}

const char *status_text(const struct process_status *one, const char *path) {
    return json_string_value(at_path(one, path));
}

bool status_is(const struct process_status *one, const char *path) {
    return json_is_true(at_path(one, path));
}

bool status_has(const struct process_status *one, const char *path) {
    const json_t *at = at_path(one, path);
    return at && !json_is_null(at);
}

size_t status_count(const struct process_status *one, const char *path) {
    return json_array_size(at_path(one, path));
}

/* ---- asking ---- */

int status_ask(const char *dir, const char *name, struct process_status *out) {
    int err;

    *out = (struct process_status){0};
    snprintf(out->name, sizeof out->name, "%s", name);
    err = control_ask(dir, name, "status", TIMEOUT_MS, &out->json);
    if (!err)
        err = read_answer(out);
    out->answered = !err;
    out->absent = err == ERR_NOT_FOUND;
    if (err)
        snprintf(out->why, sizeof out->why, "does not answer: %s", err_text(err));
    return err;
}

/* "enrich-4711", left behind by a process that was killed and will not come back under
 * that name. */
static bool is_ghost(const char *name) {
    const char *dash = strrchr(name, '-');
    long pid = dash ? strtol(dash + 1, NULL, 10) : 0;

    return pid > 0 && kill((pid_t)pid, 0) && errno == ESRCH;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct process_status *)a)->name,
                  ((const struct process_status *)b)->name);
}

int status_ask_all(const char *dir, struct process_status **out) {
    struct process_status *all = NULL;
    int count = 0;
    DIR *files = opendir(dir);
    struct dirent *file;

    while (files && (file = readdir(files))) {
        char name[48];
        size_t len = strlen(file->d_name), tail = strlen(SUFFIX);
        if (len <= tail || len - tail >= sizeof name ||
            strcmp(file->d_name + len - tail, SUFFIX) != 0)
            continue;
        memcpy(name, file->d_name, len - tail);
        name[len - tail] = 0;
        if (is_ghost(name)) {
            unlink(place_path(dir, file->d_name));
            continue;
        }
        all = mem_resize(all, (size_t)count + 1, sizeof *all);
        status_ask(dir, name, &all[count++]);
    }
    if (files)
        closedir(files);
    if (count)
        qsort(all, (size_t)count, sizeof *all, by_name);
    *out = all;
    return count;
}

void status_clear(const char *dir) {
    struct process_status *all;
    int count = status_ask_all(dir, &all);

    for (int i = 0; i < count; i++) {
        char file[64];
        snprintf(file, sizeof file, "%s" SUFFIX, all[i].name);
        if (all[i].absent)
            unlink(place_path(dir, file));
    }
    status_free(all, count);
}

void status_release(struct process_status *one) {
    json_decref(one->root);
    one->root = NULL;
    buf_release(&one->json);
}

void status_free(struct process_status *all, int count) {
    for (int i = 0; i < count; i++)
        status_release(&all[i]);
    free(all);
}
