#include "ingest/listen.h"
#include "proto/run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

/* Divides "host:port"; brackets around an IPv6 address go. */
static int split(const char *address, char *host, size_t host_size, const char **port,
                 struct diag *diag) {
    const char *colon = strrchr(address, ':');
    size_t len = colon ? (size_t)(colon - address) : 0;
    if (!colon || len >= host_size || colon[1] == 0) {
        diag_set(diag, 0, "%s is no HOST:PORT", address);
        return ERR_FORMAT;
    }
    if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
        address++;
        len -= 2;
    }
    memcpy(host, address, len);
    host[len] = 0;
    *port = colon + 1;
    return 0;
}

static int resolve(const char *address, bool passive, struct addrinfo **out,
                   struct diag *diag) {
    char host[256];
    const char *port = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = passive ? AI_PASSIVE : 0};
    int err = split(address, host, sizeof host, &port, diag);
    if (err < 0)
        return err;
    bool any = passive && (host[0] == 0 || strcmp(host, "*") == 0);
    int why = getaddrinfo(any ? NULL : host, port, &hints, out);
    if (why == 0)
        return 0;
    diag_set(diag, 0, "%s: %s", address, gai_strerror(why));
    return ERR_FORMAT;
}

static int open_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int failed(int fd, const char *what, const char *address, struct diag *diag) {
    int cause = errno;
    if (fd >= 0)
        close(fd);
    errno = cause;
    if (cause == EADDRINUSE) {
        diag_set(diag, 0, "%s is taken by another program", address);
        return ERR_IN_USE;
    }
    diag_set(diag, 0, "cannot %s %s: %s", what, address, strerror(cause));
    return ERR_SYSTEM;
}

static void name_bound(int fd, char *bound, size_t size) {
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    char host[128] = "?", port[16] = "0";
    if (getsockname(fd, (struct sockaddr *)&name, &len) == 0)
        getnameinfo((struct sockaddr *)&name, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(bound, size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

int listen_tcp(const char *address, int *fd, char *bound, size_t bound_size,
               struct diag *diag) {
    struct addrinfo *found = NULL;
    int err = resolve(address, true, &found, diag), on = 1;
    if (err < 0)
        return err;
    int s = open_socket(found->ai_family);
    bool good = s >= 0 && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                bind(s, found->ai_addr, found->ai_addrlen) == 0 &&
                listen(s, BACKLOG) == 0;
    if (!good) {
        err = failed(s, "listen on", address, diag);
        freeaddrinfo(found);
        return err;
    }
    freeaddrinfo(found);
    name_bound(s, bound, bound_size);
    *fd = s;
    return 0;
}

static int unix_address(const char *path, struct sockaddr_un *out, struct diag *diag) {
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof out->sun_path) {
        diag_set(diag, 0,
                 "%s is longer than the path of a Unix socket may be (107 bytes)", path);
        return ERR_TOO_BIG;
    }
    memcpy(out->sun_path, path, strlen(path));
    return 0;
}

int listen_unix(const char *path, int *fd, struct diag *diag) {
    struct sockaddr_un name;
    int err = unix_address(path, &name, diag);
    if (err < 0)
        return err;
    if (!place_socket_taken(path))
        unlink(path);
    int s = open_socket(AF_UNIX);
    if (s < 0 || bind(s, (struct sockaddr *)&name, sizeof name) != 0 ||
        chmod(path, 0660) != 0 || listen(s, BACKLOG) != 0)
        return failed(s, "listen on", path, diag);
    *fd = s;
    return 0;
}

static const struct addrinfo *nth(const struct addrinfo *found, unsigned n) {
    unsigned count = 1;
    for (const struct addrinfo *a = found; a->ai_next; a = a->ai_next)
        count++;
    for (n %= count; n > 0; n--)
        found = found->ai_next;
    return found;
}

int connect_tcp(const char *address, unsigned attempt, int *fd, struct diag *diag) {
    struct addrinfo *found = NULL;
    int err = resolve(address, false, &found, diag), on = 1;
    if (err < 0)
        return err;
    const struct addrinfo *to = nth(found, attempt);
    int s = open_socket(to->ai_family);
    if (s < 0 || (connect(s, to->ai_addr, to->ai_addrlen) != 0 && errno != EINPROGRESS)) {
        err = failed(s, "connect to", address, diag);
        freeaddrinfo(found);
        return err;
    }
    freeaddrinfo(found);
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *fd = s;
    return 0;
}

int connect_unix(const char *path, int *fd, struct diag *diag) {
    struct sockaddr_un name;
    int err = unix_address(path, &name, diag);
    if (err < 0)
        return err;
    int s = open_socket(AF_UNIX);
    if (s < 0 ||
        (connect(s, (struct sockaddr *)&name, sizeof name) != 0 && errno != EINPROGRESS))
        return failed(s, "connect to", path, diag);
    *fd = s;
    return 0;
}
