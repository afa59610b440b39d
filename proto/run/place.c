#include "proto/run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PATHS        8
#define PATH_BYTES   4096
#define SOCKET_BYTES 107

static char *next_path(void) {
    static char paths[PATHS][PATH_BYTES];
    static unsigned turn;

    return paths[turn++ % PATHS];
}

const char *place_standard(void) {
    static char path[PATH_BYTES];
    const char *data = getenv("WIRETAG_DATA");
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (data && *data)
        snprintf(path, sizeof path, "%s", data);
    else if (state && *state)
        snprintf(path, sizeof path, "%s/wiretag", state);
    else
        snprintf(path, sizeof path, "%s/.local/state/wiretag", home ? home : "");
    return path;
}

const char *place_path(const char *dir, const char *file) {
    char *path = next_path();

    snprintf(path, PATH_BYTES, "%s/%s", dir, file);
    return path;
}

const char *place_ipc(const char *dir, const char *file, struct diag *diag) {
    char *path = next_path();

    snprintf(path, PATH_BYTES, "ipc://%s/%s", dir, file);
    if (strlen(path) - strlen("ipc://") <= SOCKET_BYTES)
        return path;
    diag_set(diag, 0,
             "the path %s is longer than the %d bytes a Unix socket may have: choose a "
             "shorter "
             "--data directory",
             path + strlen("ipc://"), SOCKET_BYTES);
    return NULL;
}

static int make_with_parents(const char *dir) {
    char path[PATH_BYTES];

    snprintf(path, sizeof path, "%s", dir);
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        if (mkdir(path, 0755) && errno != EEXIST)
            return ERR_SYSTEM;
        *p = '/';
    }
    return mkdir(path, 0700) && errno != EEXIST ? ERR_SYSTEM : 0;
}

int place_make(const char *dir, struct diag *diag) {
    if (make_with_parents(dir) == 0)
        return 0;
    diag_set(diag, 0, "cannot make the directory %s: %s", dir, strerror(errno));
    return ERR_SYSTEM;
}

static int told_owner(int fd, const char *dir, const char *name, struct diag *diag) {
    char pid[24] = "";
    ssize_t n = pread(fd, pid, sizeof pid - 1, 0);

    pid[n > 0 ? strcspn(pid, "\n") : 0] = 0;
    diag_set(diag, 0,
             "another wiretag %s (pid %s) works in %s: stop it first, or choose another "
             "directory with --data",
             name, pid[0] ? pid : "unknown", dir);
    close(fd);
    return ERR_IN_USE;
}

int place_take(const char *dir, const char *name, struct diag *diag) {
    char file[64], pid[24];
    int fd, n;

    if (place_make(dir, diag))
        return ERR_SYSTEM;
    snprintf(file, sizeof file, "%s.lock", name);
    fd = open(place_path(dir, file), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        diag_set(diag, 0, "cannot open %s: %s", place_path(dir, file), strerror(errno));
        return ERR_SYSTEM;
    }
    if (flock(fd, LOCK_EX | LOCK_NB))
        return told_owner(fd, dir, name, diag);
    n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) || pwrite(fd, pid, (size_t)n, 0) != n) {
        diag_set(diag, 0, "cannot write %s: %s", place_path(dir, file), strerror(errno));
        close(fd);
        return ERR_SYSTEM;
    }
    // cppcheck-suppress resourceLeak
    return 0; /* fd stays open: the lock lasts as long as the process */
}

int place_owner(const char *dir, const char *name, long *pid) {
    char file[64], text[24] = "";
    long found;
    ssize_t n;
    bool held;
    int fd;

    snprintf(file, sizeof file, "%s.lock", name);
    fd = open(place_path(dir, file), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
    n = pread(fd, text, sizeof text - 1, 0);
    found = n > 0 ? strtol(text, NULL, 10) : 0;
    /* The lock is tried only where its owner may be alive: whoever is about to take it
     * must not find it taken by us. */
    held = found > 0 && (kill((pid_t)found, 0) == 0 || errno == EPERM) &&
           flock(fd, LOCK_SH | LOCK_NB) != 0;
    close(fd);
    if (!held)
        return ERR_NOT_FOUND;
    *pid = found;
    return 0;
}

bool place_socket_taken(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    bool live;
    int fd;

    if (strlen(path) >= sizeof address.sun_path || lstat(path, &status))
        return false;
    if (!S_ISSOCK(status.st_mode))
        return true;
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return true;
    live = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ||
           (errno != ECONNREFUSED && errno != ENOENT);
    close(fd);
    return live;
}

struct uuid uuid_draw(void) {
    struct uuid uuid;

    while (getrandom(uuid.bytes, sizeof uuid.bytes, 0) != (ssize_t)sizeof uuid.bytes)
        ;
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0F) | 0x40);
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3F) | 0x80);
    return uuid;
}
