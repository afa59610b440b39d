/* wiretag ingest: takes reports in, makes them durable, hands them out. */
#include "ingest/service.h"
#include "proto/mem.h"
#include "proto/run/log.h"
#include "proto/run/memory.h"
#include "proto/run/place.h"

#include <stdio.h>
#include <string.h>

#define ZMQ_STANDARD "tcp://127.0.0.1:7002"

static struct service_conf conf;
static struct setting_list feed_texts;

static struct setting settings[] = {
    {.name = "data",
     .letter = 'd',
     .type = SETTING_TEXT,
     .value = &conf.data,
     .argument = "DIR",
     .help = "The data directory; standard is $XDG_STATE_HOME/wiretag"},
    {.name = "listen",
     .letter = 'l',
     .type = SETTING_LIST,
     .value = &conf.listen,
     .standard = "127.0.0.1:7001",
     .argument = "HOST:PORT",
     .help = "Where feeders connect by TCP; port 0 takes any free one, none disables it"},
    {.name = "socket",
     .type = SETTING_TEXT,
     .value = &conf.socket,
     .argument = "PATH",
     .help = "The Unix socket for feeders, or none; standard is feed.sock in the data "
             "directory"},
    {.name = "zmq",
     .type = SETTING_TEXT,
     .value = &conf.zmq,
     .standard = ZMQ_STANDARD,
     .argument = "ENDPOINT",
     .help = "The ZeroMQ ROUTER for feeders (DEALER or REQ), or none"},
    {.name = "watch",
     .letter = 'w',
     .type = SETTING_LIST,
     .value = &conf.watch,
     .argument = "DIR",
     .help = "A directory whose files are taken in and moved to done/ or failed/"},
    {.name = "feed",
     .type = SETTING_TEXTS,
     .value = &feed_texts,
     .argument = "name=NAME,KEY=VALUE,...",
     .help = "What is known of a feed, see below; a value can hold no comma"},
    {.name = "work",
     .type = SETTING_LIST,
     .value = &conf.work,
     .argument = "ENDPOINT",
     .help = "Where enrichers and the sink connect, e.g. tcp://0.0.0.0:7004; standard is "
             "work.sock in the data directory"},
    {.name = "max-report",
     .type = SETTING_BYTES,
     .value = &conf.max_report,
     .standard = "4MiB",
     .argument = "BYTES",
     .min = 1,
     .max = 32 << 20,
     .help = "The longest report; a longer one is refused with ERR 413"},
    {.name = "max-header",
     .type = SETTING_BYTES,
     .value = &conf.max_header,
     .standard = "4KiB",
     .argument = "BYTES",
     .min = 64,
     .max = 1 << 20,
     .help = "The longest HELLO line; a longer one is refused with ERR 413"},
    {.name = "max-connections",
     .type = SETTING_NUMBER,
     .value = &conf.max_connections,
     .standard = "1000",
     .argument = "N",
     .min = 1,
     .max = 100000,
     .help = "Feeders on one listening socket; more are sent away with ERR 429"},
    {.name = "idle",
     .type = SETTING_TIME,
     .value = &conf.idle_ms,
     .standard = "5m",
     .argument = "TIME",
     .help = "A connection that sends nothing so long is closed with ERR 408; 0: never"},
    {.name = "max-journal",
     .type = SETTING_BYTES,
     .value = &conf.max_journal,
     .standard = "4GiB",
     .argument = "BYTES",
     .min = 64 << 10,
     .max = (int64_t)1 << 40,
     .help = "Room for reports on their way; at nine tenths feeders have to wait"},
    {.name = "memory",
     .type = SETTING_BYTES,
     .value = &conf.memory,
     .standard = "512MiB",
     .argument = "BYTES",
     .min = MEMORY_LEAST,
     .max = (int64_t)1 << 44,
     .help = "Memory this process may take; at eight tenths feeders have to wait"},
    {.name = "max-dead",
     .type = SETTING_BYTES,
     .value = &conf.max_dead,
     .standard = "64MiB",
     .argument = "BYTES",
     .max = (int64_t)1 << 40,
     .help = "Room for documents that could not be read (wiretag dead); more are refused "
             "and not kept"},
    {.name = "remember",
     .type = SETTING_TIME,
     .value = &conf.remember_ms,
     .standard = "24h",
     .argument = "TIME",
     .help = "How long a report is known again when it is sent once more"},
    {.name = "remember-max",
     .type = SETTING_NUMBER,
     .value = &conf.remember,
     .standard = "1000000",
     .argument = "N",
     .min = 2,
     .max = 100000000,
     .help = "And how many at most; each report takes two"},
    {.name = "lease",
     .type = SETTING_TIME,
     .value = &conf.lease_ms,
     .standard = "30s",
     .argument = "TIME",
     .min = 100,
     .max = 86400000,
     .help = "How long a report may be out before another enricher gets it"},
    {.name = "max-age",
     .type = SETTING_TIME,
     .value = &conf.max_age_ms,
     .standard = "0",
     .argument = "TIME",
     .help = "A report not done so long after it came goes to the dead letters; 0: it "
             "waits as long as it takes"},
    {.name = "drain",
     .type = SETTING_TIME,
     .value = &conf.drain_ms,
     .standard = "10s",
     .argument = "TIME",
     .help = "How long to wait at the end for reports that are out"},
    {0},
};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "could not start, or the journal cannot be written"},
    {0, NULL},
};

static const struct program program = {
    .verb = "ingest",
    .summary = "take reports in and hand them to the enrichers",
    .description =
        "Listens on TCP, a Unix socket and a ZeroMQ ROUTER, and watches directories, for "
        "wire reports. What comes is recognised where it begins: NDJSON (one a line); "
        "IPTC 7901 and ANPA messages (SOH to EOT); telex (ZCZC to NNNN); XML documents "
        "(NITF, NewsML, RSS, Atom); and plain text up to a line NNNN, an ETX, EOT or form "
        "feed, or the end of the connection. A feeder that says HELLO wire/1 ack=1 first "
        "gets OK or ERR for each document, once it is safe in the journal; nobody else is "
        "written to.\n\n"
        "HELLO takes frame=auto|ndjson|text|octet|soh|zczc|xml, format=NAME (any that "
        "wiretag read --help lists), ack=1 and source=NAME. The codes of ERR: 400 cannot "
        "be read; 408 silent too long; 413 too long; 429 too many connections; 503 the "
        "journal is full, send it again later; 505 unknown version of HELLO. Where the "
        "ref is a dash the whole connection is meant, and it closes.\n\n"
        "--feed says what is known of a feed, once for each, so that nothing has to be "
        "guessed: name=NAME (what HELLO's source= gives), format=, charset=, timezone= "
        "(Europe/Berlin; of times without a zone), date-order=dmy|mdy|ymd, marks= (of "
        "ZCZC header lines), agency=, lang=, and doors of its own for senders who cannot "
        "say HELLO: listen=HOST:PORT, socket=PATH, watch=DIR. Whatever comes in at a "
        "door belongs to its feed.\n\n"
        "When enrichers or the sink are missing or slow the journal fills, and feeders "
        "have to wait; nothing is dropped. What is in the journal when ingest ends, by "
        "whatever means, is handed out when it is started again.\n\n"
        "What cannot be read is refused, and kept as a dead letter; so is a report that "
        "no enricher could do: wiretag dead shows them.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples =
        "  wiretag ingest --listen 0.0.0.0:7001      # takes reports from other machines too\n"
        "  wiretag ingest --watch /srv/in            # takes files that are put there\n"
        "  wiretag ingest --feed name=dpa,listen=:7101,format=iptc7901,timezone=Europe/Berlin\n"
        "  wiretag ingest --work tcp://0.0.0.0:7004  # lets enrichers on other machines in\n"
        "  nc -N 127.0.0.1 7001 < story.txt          # feeds one report\n",
};

static bool is_none(const struct setting_list *list) {
    return list->count == 1 && strcmp(list->items[0], "none") == 0;
}

static int complete(struct diag *diag) {
    static const char *work;
    if (!conf.data)
        conf.data = place_standard();
    if (!conf.socket)
        conf.socket = mem_dup(place_path(conf.data, "feed.sock")); // its buffers turn
    if (is_none(&conf.listen))
        conf.listen.count = 0;
    conf.zmq_may_fail = strcmp(conf.zmq, ZMQ_STANDARD) == 0;
    if (conf.work.count > 0)
        return 0;
    work = place_ipc(conf.data, "work.sock", diag);
    if (!work)
        return ERR_TOO_BIG;
    work = mem_dup(work);
    conf.work = (struct setting_list){&work, 1};
    return 0;
}

int main(int argc, char **argv) {
    struct service *service = NULL;
    struct feeds *feeds = NULL;
    struct diag diag = {0};
    char **operands;
    settings_read(&program, argc, argv, &operands);
    if (feeds_new(feed_texts.items, feed_texts.count, &feeds, &diag) < 0) {
        fprintf(stderr, "wiretag ingest: %s\n", diag.text);
        return EXIT_USAGE;
    }
    conf.feeds = feeds;
    int err = complete(&diag);
    if (err == 0)
        err = service_new(&conf, &service, &diag);
    if (err < 0) {
        log_line(LOG_ERROR, "INGEST-START", "reason=%s",
                 log_quote(diag.text, strlen(diag.text)));
        return EXIT_FAILED;
    }
    int code = service_run(service);
    service_free(service);
    feeds_free(feeds);
    return code;
}
