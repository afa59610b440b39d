/* wiretag doctor: is this machine, and this data directory, fit for what is promised?
 *
 * A list of checks, each of which notes findings: good, a warning, or a problem, with
 * what to do. Nothing is changed but for a nameless file that measures the disk. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "proto/json.h"
#include "proto/mem.h"
#include "proto/run/clock.h"
#include "proto/run/disk.h"
#include "proto/run/place.h"
#include "proto/run/port.h"
#include "proto/run/settings.h"
#include "proto/run/status.h"

#define REPORT_BYTES     4096 /* what one report takes of the disk, about */
#define GROUP            64
#define TRIAL_MS         1200 /* two of them */
#define LIAR_US          20   /* a sync that is faster has not waited for any disk */
#define ROOM_LEAST       (UINT64_C(64) << 20)
#define ROOM_GOOD        (UINT64_C(1) << 30)
#define FILES_LEAST      100
#define DESCRIPTORS_GOOD 4096
#define EARLIEST         1767225600 /* 2026-01-01: no clock that is right says less */
#define FUTURE_S         60

static const char *data;
static bool as_json;

static struct setting settings[] = {
    {"data", 'd', SETTING_TEXT, &data, NULL, "DIR",
     "The data directory to look at [$WIRETAG_DATA, else ~/.local/state/wiretag]", 0, 0,
     NULL},
    {"json", 0, SETTING_FLAG, &as_json, NULL, NULL, "One JSON object instead of a page",
     0, 0, NULL},
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "there is a problem; warnings alone are none"}, {0, NULL}};

static const struct program program = {
    .verb = "doctor",
    .summary = "tell whether this machine can keep the promises",
    .description =
        "Looks at a data directory and the machine below it: may it be written, what "
        "does it lie on, how much room is there, how fast does the disk say that bytes "
        "are safe, who works there, are limits, libraries and clock in order. Says what "
        "to do about what is not. Changes nothing; the disk is measured for some three "
        "seconds, which running processes will feel.\n\n"
        "Run it as the user who runs the processes.",
    .settings = settings,
    .exit_codes = exit_codes,
    .examples = "  wiretag doctor --data /var/lib/wiretag\n"
                "  sudo -u wiretag wiretag doctor --data /var/lib/wiretag --json\n"};

/* ---- findings ---- */

enum grade { GOOD, WARNING, PROBLEM };

struct finding {
    enum grade grade;
    const char *check;
    char text[300];
    const char *advice; /* NULL: nothing to be done */
};

static struct finding findings[32];
static size_t finding_count;

static void note(enum grade grade, const char *check, const char *advice,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

static void note(enum grade grade, const char *check, const char *advice,
                 const char *format, ...) {
    struct finding f = {.grade = grade, .check = check, .advice = advice};
    va_list args;

    va_start(args, format);
    vsnprintf(f.text, sizeof f.text, format, args);
    va_end(args);
    if (finding_count < sizeof findings / sizeof *findings)
        findings[finding_count++] = f;
}

static size_t count_of(enum grade grade) {
    size_t count = 0;

    for (size_t i = 0; i < finding_count; i++)
        count += findings[i].grade == grade;
    return count;
}

/* ---- the directory ---- */

static void check_directory(void) {
    struct stat found;
    unsigned mode;

    if (stat(data, &found) || !S_ISDIR(found.st_mode)) {
        note(PROBLEM, "directory", "wiretag up makes it; or name another with --data",
             "%s is not there: %s", data, errno ? strerror(errno) : "no directory");
        return;
    }
    mode = found.st_mode & 07777;
    if (access(data, R_OK | W_OK | X_OK))
        note(PROBLEM, "directory",
             "run this as the user who owns it, or give the directory to this one",
             "user %ld may not write there; it is owned by user %ld, mode %04o",
             (long)geteuid(), (long)found.st_uid, mode);
    else if (mode & 0022)
        note(
            PROBLEM, "directory", "chmod 0700 it",
            "others may write there (mode %04o): they could replace journals and sockets",
            mode);
    else if (mode & 0055)
        note(WARNING, "directory", "chmod 0700 it, unless that is meant",
             "writable; others may look in (mode %04o)", mode);
    else
        note(GOOD, "directory", NULL, "writable, owned by user %ld, mode %04o",
             (long)found.st_uid, mode);
}

static void check_file_system(const struct disk *disk) {
    const char *warning = disk_warning(data);

    if (disk->read_only || disk->nature == DISK_READ_ONLY)
        note(PROBLEM, "file system", "choose a directory that can be written",
             "%s, mounted read-only", disk->kind);
    else if (warning)
        note(disk->nature == DISK_NETWORK ? PROBLEM : WARNING, "file system", NULL,
             "%s: it %s", disk->kind, warning);
    else if (disk->nature == DISK_LAYERED)
        note(WARNING, "file system", "mount a volume for it",
             "%s: in a container, gone when the container is removed", disk->kind);
    else
        note(GOOD, "file system", NULL, "%s", disk->kind);
}

static void check_room(const struct disk *disk) {
    double gib = (double)disk->free_bytes / (1 << 30);
    double all = (double)disk->total_bytes / (1 << 30);

    if (disk->free_bytes < ROOM_LEAST)
        note(PROBLEM, "room",
             "make room: feeders are told ERR 503 and wait when it is used up",
             "%.2f GiB are free of %.1f GiB", gib, all);
    else if (disk->free_bytes < ROOM_GOOD)
        note(WARNING, "room", "make room, or set --max-journal lower than that",
             "%.2f GiB are free of %.1f GiB", gib, all);
    else
        note(GOOD, "room", NULL, "%.1f GiB are free of %.1f GiB", gib, all);
    if (disk->total_files && disk->free_files < FILES_LEAST)
        note(PROBLEM, "room", "delete files there: their number is limited too",
             "only %" PRIu64 " more files can be made", disk->free_files);
}

/* ---- the disk's speed ---- */

static struct disk_speed one, group;
static bool measured;
static int trial; /* 0 or 1, for the progress */

static void show_progress(void *context, int percent) {
    (void)context;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\rmeasuring the disk: %d %% \r", trial * 50 + percent / 2);
}

/* "About": two digits say enough. */
static uint64_t about(double n) {
    uint64_t whole = (uint64_t)n, unit = 1;

    while (whole / unit >= 100)
        unit *= 10;
    return (whole + unit / 2) / unit * unit;
}

/* A group is made durable by two syncs: of its pages, then of the page that says so. */
static uint64_t acks_alone(void) { return about(1e6 / (2.0 * one.median_us)); }
static uint64_t acks_in_groups(void) {
    return about(GROUP * 1e6 / ((double)group.median_us + one.median_us));
}

static void note_speed(void) {
    char figures[160];

    snprintf(figures, sizeof figures,
             "to write and sync one report takes %.2f ms (median), %.2f (p99), %.1f "
             "(worst of %u)",
             one.median_us / 1e3, one.p99_us / 1e3, one.worst_us / 1e3, one.syncs);
    if (one.median_us < LIAR_US)
        note(WARNING, "disk",
             "find out whether the disk or the virtual machine answers before the data "
             "is safe (write cache, cache=unsafe): then a power cut takes what was "
             "acknowledged",
             "%s: too fast for a disk", figures);
    else
        note(GOOD, "disk", NULL, "%s", figures);
    note(acks_alone() < 50 ? WARNING : GOOD, "disk",
         acks_alone() < 50 ? "feeders should send many reports before they wait for OKs "
                             "(wiretag feed does)"
                           : NULL,
         "it can promise about %" PRIu64 " acknowledgements a second one by one, about "
         "%" PRIu64 " in groups of %d",
         acks_alone(), acks_in_groups(), GROUP);
}

static void check_speed(const struct disk *disk) {
    struct disk_trial conf = {REPORT_BYTES, TRIAL_MS, show_progress, NULL};
    int err;

    if (access(data, W_OK) || disk->free_bytes < ROOM_LEAST ||
        disk->nature == DISK_MEMORY)
        return;
    err = disk_measure(data, &conf, &one);
    trial = 1;
    conf.bytes = GROUP * REPORT_BYTES;
    if (!err)
        err = disk_measure(data, &conf, &group);
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%40s\r", "");
    if (err) {
        note(PROBLEM, "disk", "look into the system's log (dmesg) for its errors",
             "writing and syncing failed: %s", strerror(errno));
        return;
    }
    one.median_us += one.median_us == 0; // on a clock that coarse
    group.median_us += group.median_us == 0;
    measured = true;
    note_speed();
}

/* ---- who works there ---- */

static const struct process_status *find(const struct process_status *all, int count,
                                         const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}

static void check_owner(const char *name, const struct process_status *status) {
    long pid;
    int err = place_owner(data, name, &pid);

    if (err == ERR_NOT_FOUND) {
        note(GOOD, "processes", NULL, "%s: does not run here", name);
        return;
    }
    if (err) {
        note(PROBLEM, "processes", "run this as the user who runs the processes",
             "%s: its lock cannot be looked at: %s", name, strerror(errno));
        return;
    }
    if (!status || !status->answered)
        note(PROBLEM, "processes",
             "it is starting, stopped (kill -CONT), or hung: look at its log; to end it "
             "by force is safe, nothing that was acknowledged is lost",
             "%s: pid %ld holds the directory and does not answer", name, pid);
    else if (!status->healthy)
        note(WARNING, "processes", "wiretag status tells more", "%s: pid %ld says: %s",
             name, pid, status->why);
    else
        note(GOOD, "processes", NULL, "%s: pid %ld, healthy", name, pid);
}

static void check_processes(void) {
    struct process_status *all;
    int count = status_ask_all(data, &all), enrichers = 0;

    check_owner("ingest", find(all, count, "ingest"));
    check_owner("sink", find(all, count, "sink"));
    for (int i = 0; i < count; i++) {
        if (strncmp(all[i].name, "enrich", 6) != 0 || all[i].absent)
            continue;
        enrichers++;
        if (!all[i].healthy)
            note(WARNING, "processes", "wiretag status tells more", "%s: %s", all[i].name,
                 all[i].why);
    }
    if (enrichers)
        note(GOOD, "processes", NULL, "%d enrichers", enrichers);
    status_free(all, count);
}

/* ---- limits, paths, libraries, clock ---- */

static void check_limits(void) {
    struct rlimit files, size;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        if (files.rlim_max < DESCRIPTORS_GOOD)
            note(WARNING, "limits",
                 "raise it: LimitNOFILE= of the service, or ulimit -Hn",
                 "%" PRIu64 " file descriptors: each feeder, enricher and subscriber "
                 "takes one or two",
                 (uint64_t)files.rlim_max);
        else
            note(GOOD, "limits", NULL, "%" PRIu64 " file descriptors",
                 (uint64_t)files.rlim_max);
    }
    if (getrlimit(RLIMIT_FSIZE, &size) == 0 && size.rlim_cur != RLIM_INFINITY)
        note(WARNING, "limits", "take the limit off: ulimit -f unlimited",
             "no file may grow over %" PRIu64 " MiB, no journal either",
             (uint64_t)size.rlim_cur >> 20);
}

static void check_paths(void) {
    struct diag diag = {0};

    /* The longest name there is, of an enricher's control socket. */
    if (place_ipc(data, "enrich-4194304.control", &diag))
        note(GOOD, "sockets", NULL, "their paths are short enough");
    else
        note(PROBLEM, "sockets", NULL, "%s", diag.text);
}

static void check_libraries(void) {
    int version = port_version();
    bool good = version >= PORT_VERSION_LEAST;

    note(good ? GOOD : PROBLEM, "libraries",
         good
             ? NULL
             : "upgrade it: strangers can crash older versions (CVE-2020-15166 and more)",
         "libzmq %d.%d.%d", version / 10000, version / 100 % 100, version % 100);
}

/* The newest thing the processes wrote must not lie ahead of the clock. */
static int64_t newest_s(void) {
    static const char *const files[] = {"reports.mdb", "events.db", "ingest.lock",
                                        "sink.lock"};
    int64_t newest = 0;
    struct stat found;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (stat(place_path(data, files[i]), &found) == 0 && found.st_mtime > newest)
            newest = found.st_mtime;
    return newest;
}

static void check_clock(void) {
    struct timex kernel = {0};
    int64_t now_s = clock_wall() / 1000;
    char text[40];
    struct tm tm;
    time_t seconds = (time_t)now_s;

    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm);
    if (now_s < EARLIEST)
        note(PROBLEM, "clock", "set it: dates are resolved by it", "it is said to be %s",
             text);
    else if (newest_s() > now_s + FUTURE_S)
        note(WARNING, "clock",
             "set it right: what is remembered, and for how long, goes by it",
             "it was set back: files were written %" PRId64 " s from now",
             newest_s() - now_s);
    else if (ntp_adjtime(&kernel) == TIME_ERROR)
        note(WARNING, "clock", "let it be set over the network (NTP, chrony)",
             "%s; nobody keeps it right", text);
    else
        note(GOOD, "clock", NULL, "%s, kept right over the network", text);
}

/* ---- the page ---- */

static const char *const grade_names[] = {"ok", "warning", "problem"};

static void print_line(const struct finding *f, bool colour) {
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m"};

    printf("  %s%-8s%s %-12s %s\n", colour ? colours[f->grade] : "",
           grade_names[f->grade], colour ? "\033[0m" : "", f->check, f->text);
    if (f->advice)
        printf("%24s-> %s\n", "", f->advice);
}

static void print_text(void) {
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

    printf("%s\n\n", data);
    for (size_t i = 0; i < finding_count; i++)
        print_line(&findings[i], colour);
    printf("\n%zu problem%s, %zu warning%s\n", count_of(PROBLEM),
           count_of(PROBLEM) == 1 ? "" : "s", count_of(WARNING),
           count_of(WARNING) == 1 ? "" : "s");
}

static void put_speed(struct json *j, const char *key, const struct disk_speed *speed) {
    json_key(j, key);
    json_begin_object(j);
    json_member_uint(j, JSON_KEY("syncs"), speed->syncs);
    json_member_uint(j, JSON_KEY("median_us"), speed->median_us);
    json_member_uint(j, JSON_KEY("p99_us"), speed->p99_us);
    json_member_uint(j, JSON_KEY("worst_us"), speed->worst_us);
    json_member_decimal(j, JSON_KEY("per_second"), speed->per_second, 1);
    json_end(j);
}

static void put_findings(struct json *j) {
    json_member_array(j, JSON_KEY("checks"));
    for (size_t i = 0; i < finding_count; i++) {
        json_begin_object(j);
        json_key(j, "check");
        json_text(j, findings[i].check);
        json_key(j, "grade");
        json_text(j, grade_names[findings[i].grade]);
        json_key(j, "text");
        json_text(j, findings[i].text);
        json_key(j, "advice");
        json_text(j, findings[i].advice);
        json_end(j);
    }
    json_end(j);
}

static void print_json(const struct disk *disk) {
    struct buf out = {0};
    struct json j = json_to(&out);

    json_begin_object(&j);
    json_key(&j, "data");
    json_text(&j, data);
    json_member_uint(&j, JSON_KEY("problems"), count_of(PROBLEM));
    json_member_uint(&j, JSON_KEY("warnings"), count_of(WARNING));
    json_key(&j, "file_system");
    json_text(&j, disk->kind);
    json_member_uint(&j, JSON_KEY("free_bytes"), disk->free_bytes);
    if (measured) {
        put_speed(&j, "one", &one);
        put_speed(&j, "group", &group);
        json_member_uint(&j, JSON_KEY("acks_per_second"), acks_alone());
        json_member_uint(&j, JSON_KEY("acks_per_second_in_groups"), acks_in_groups());
    }
    put_findings(&j);
    json_end(&j);
    printf("%s\n", buf_text(&out));
    buf_release(&out);
}

int main(int argc, char **argv) {
    struct disk disk = {0};

    settings_read(&program, argc, argv, NULL);
    data = mem_dup(data ? data : place_standard());
    check_directory();
    if (disk_look(data, &disk) == 0) {
        check_file_system(&disk);
        check_room(&disk);
        check_speed(&disk);
        check_processes();
    }
    check_limits();
    check_paths();
    check_libraries();
    check_clock();
    if (as_json)
        print_json(&disk);
    else
        print_text();
    return count_of(PROBLEM) ? EXIT_FAILED : 0;
}
