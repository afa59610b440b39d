#include "proto/run/port.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "proto/mem.h"
#include "proto/run/place.h"

#define LINGER_MS        1000
#define HANDSHAKE_MS     5000
#define RECONNECT_MS     100
#define RECONNECT_MAX_MS 2000
#define TCP_TIMEOUT_MS   30000
#define SOCKETS          4096

struct port {
    void *socket;
    enum port_kind kind;
    zmq_msg_t held[PORT_PARTS + 2];
    int held_count;
    char endpoint[256];
};

static void *library;

static void *context(void) {
    struct rlimit files;

    if (library)
        return library;
    /* libzmq aborts when descriptors run out, so take all we may have. */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    library = zmq_ctx_new();
    assert(library);
    zmq_ctx_set(library, ZMQ_MAX_SOCKETS, SOCKETS);
    return library;
}

void port_shutdown(void) {
    if (library)
        while (zmq_ctx_term(library) && errno == EINTR)
            ;
    library = NULL;
}

static void set_int(void *socket, int option, int value) {
    int err = zmq_setsockopt(socket, option, &value, sizeof value);
    assert(!err);
    (void)err;
}

static void set_common(void *socket, size_t max_message, int high_water) {
    int64_t max = (int64_t)max_message;

    set_int(socket, ZMQ_LINGER, LINGER_MS);
    set_int(socket, ZMQ_SNDHWM, high_water);
    set_int(socket, ZMQ_RCVHWM, high_water);
    set_int(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    set_int(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    set_int(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS);
    set_int(socket, ZMQ_TCP_KEEPALIVE, 1);
    set_int(socket, ZMQ_TCP_KEEPALIVE_IDLE, 30);
    set_int(socket, ZMQ_TCP_KEEPALIVE_INTVL, 10);
    set_int(socket, ZMQ_TCP_KEEPALIVE_CNT, 3);
    set_int(socket, ZMQ_TCP_MAXRT, TCP_TIMEOUT_MS);
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max, sizeof max);
}

struct port *port_new(enum port_kind kind, size_t max_message, int high_water) {
    static const int types[] = {ZMQ_ROUTER, ZMQ_DEALER, ZMQ_XPUB, ZMQ_SUB};
    struct port *port = mem_zalloc(sizeof *port);

    port->kind = kind;
    port->socket = zmq_socket(context(), types[kind]);
    assert(port->socket);
    set_common(port->socket, max_message, high_water);
    if (kind == PORT_ROUTER)
        set_int(port->socket, ZMQ_ROUTER_MANDATORY, 1);
    if (kind == PORT_DEALER)
        set_int(port->socket, ZMQ_IMMEDIATE, 1);
    if (kind == PORT_XPUB)
        set_int(port->socket, ZMQ_XPUB_MANUAL, 1);
    return port;
}

static void let_go(struct port *port) {
    while (port->held_count)
        zmq_msg_close(&port->held[--port->held_count]);
}

void port_free(struct port *port) {
    if (!port)
        return;
    let_go(port);
    zmq_close(port->socket);
    free(port);
}

static int told(struct diag *diag, const char *verb, const char *endpoint) {
    int cause = errno;

    if (cause == EADDRINUSE) {
        diag_set(diag, 0, "cannot %s %s: somebody else has it already", verb, endpoint);
        return ERR_IN_USE;
    }
    if (cause == EINVAL || cause == EPROTONOSUPPORT) {
        diag_set(diag, 0, "cannot %s %s: want tcp://HOST:PORT or ipc:///PATH", verb,
                 endpoint);
        return ERR_FORMAT;
    }
    diag_set(diag, 0, "cannot %s %s: %s", verb, endpoint, zmq_strerror(cause));
    return ERR_SYSTEM;
}

/* libzmq takes port 99999 for 34463. */
static bool port_number_fits(const char *endpoint) {
    const char *colon = strrchr(endpoint, ':');
    uint64_t n;

    if (strncmp(endpoint, "tcp://", 6) != 0 || !view_number(view_of(colon + 1), &n))
        return true;
    return n <= 65535;
}

/* With ZMQ_IPV6 on, libzmq shows 127.0.0.1 as [::ffff:127.0.0.1]; so only where asked
 * for. */
static void choose_family(struct port *port, const char *endpoint) {
    set_int(port->socket, ZMQ_IPV6, strchr(endpoint, '[') != NULL);
}

int port_bind(struct port *port, const char *endpoint, struct diag *diag) {
    size_t size = sizeof port->endpoint;

    if (strncmp(endpoint, "ipc://", 6) == 0 && place_socket_taken(endpoint + 6)) {
        errno = EADDRINUSE;
        return told(diag, "bind", endpoint);
    }
    choose_family(port, endpoint);
    errno = EINVAL;
    if (!port_number_fits(endpoint) || zmq_bind(port->socket, endpoint))
        return told(diag, "bind", endpoint);
    if (strncmp(endpoint, "ipc://", 6) == 0)
        chmod(endpoint + 6, 0600);
    zmq_getsockopt(port->socket, ZMQ_LAST_ENDPOINT, port->endpoint, &size);
    return 0;
}

int port_connect(struct port *port, const char *endpoint, struct diag *diag) {
    choose_family(port, endpoint);
    errno = EINVAL;
    if (!port_number_fits(endpoint) || zmq_connect(port->socket, endpoint))
        return told(diag, "connect to", endpoint);
    return 0;
}

const char *port_endpoint(const struct port *port) { return port->endpoint; }

static struct view bytes_of(zmq_msg_t *msg) {
    return view_n(zmq_msg_data(msg), zmq_msg_size(msg));
}

/* Reads one whole message; of parts beyond our room only the last place is used again. */
static int receive_parts(struct port *port) {
    const int room = PORT_PARTS + 2;
    bool more = true;

    while (more) {
        zmq_msg_t *msg;
        if (port->held_count == room)
            zmq_msg_close(&port->held[--port->held_count]);
        msg = &port->held[port->held_count];
        zmq_msg_init(msg);
        if (zmq_msg_recv(msg, port->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(msg);
            let_go(port);
            return ERR_AGAIN;
        }
        port->held_count++;
        more = zmq_msg_more(msg);
    }
    return 0;
}

int port_receive(struct port *port, struct port_message *out) {
    int from = port->kind == PORT_ROUTER;
    int err;

    let_go(port);
    err = receive_parts(port);
    if (err)
        return err;
    *out = (struct port_message){0};
    if (from)
        out->peer = bytes_of(&port->held[0]);
    for (int i = from; i < port->held_count && out->count < PORT_PARTS; i++)
        out->parts[out->count++] = bytes_of(&port->held[i]);
    return 0;
}

static int send_part(struct port *port, struct view part, bool more) {
    int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);

    if (zmq_send(port->socket, part.at, part.len, flags) >= 0)
        return 0;
    return errno == EHOSTUNREACH ? ERR_GONE : ERR_AGAIN;
}

int port_send(struct port *port, struct view peer, const struct view *parts, int count) {
    int err = 0;

    if (port->kind == PORT_ROUTER)
        err = send_part(port, peer, true);
    /* Once the first part is in, libzmq takes the others too. */
    for (int i = 0; !err && i < count; i++)
        err = send_part(port, parts[i], i + 1 < count);
    return err;
}

void port_limit_in(struct port *port, int messages) {
    set_int(port->socket, ZMQ_RCVHWM, messages);
}

int port_version(void) {
    int major, minor, patch;

    zmq_version(&major, &minor, &patch);
    return 10000 * major + 100 * minor + patch;
}

void port_subscribe(struct port *port, struct view prefix) {
    zmq_setsockopt(port->socket, ZMQ_SUBSCRIBE, prefix.at, prefix.len);
}

void port_grant(struct port *port, struct view prefix) { port_subscribe(port, prefix); }

void port_revoke(struct port *port, struct view prefix) {
    zmq_setsockopt(port->socket, ZMQ_UNSUBSCRIBE, prefix.at, prefix.len);
}

int port_fd(const struct port *port) {
    int fd = -1;
    size_t size = sizeof fd;

    zmq_getsockopt(port->socket, ZMQ_FD, &fd, &size);
    return fd;
}

bool port_readable(const struct port *port) {
    int events = 0;
    size_t size = sizeof events;

    zmq_getsockopt(port->socket, ZMQ_EVENTS, &events, &size);
    return events & ZMQ_POLLIN;
}

#ifdef __SANITIZE_THREAD__
/* The system's libzmq is not built for the thread sanitizer, which therefore does not see
 * what its threads agree on. A port is used by one thread; ours are still watched. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
    return "race:libzmq.so\ncalled_from_lib:libzmq.so\n";
}
#endif
