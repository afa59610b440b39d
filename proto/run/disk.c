#include "proto/run/disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "proto/mem.h"
#include "proto/run/place.h"

#define LEAST_SYNCS  3
#define MOST_BYTES   (1u << 20)
#define PROGRESS_PER 16 /* syncs between two tellings */

/* statfs(2) lists them; no header has all. */
static const struct kind {
    uint32_t magic;
    enum disk_nature nature;
    const char *name;
} kinds[] = {
    {0xEF53, DISK_LOCAL, "ext4"}, // ext2 and ext3 say the same
    {0x58465342, DISK_LOCAL, "xfs"},      {0x9123683E, DISK_LOCAL, "btrfs"},
    {0x2FC12FC1, DISK_LOCAL, "zfs"},      {0xF2F52010, DISK_LOCAL, "f2fs"},
    {0xCA451A4E, DISK_LOCAL, "bcachefs"}, {0x52654973, DISK_LOCAL, "reiserfs"},
    {0x3153464A, DISK_LOCAL, "jfs"},      {0x794C7630, DISK_LAYERED, "overlay"},
    {0x61756673, DISK_LAYERED, "aufs"},   {0x01021994, DISK_MEMORY, "tmpfs"},
    {0x858458F6, DISK_MEMORY, "ramfs"},   {0x6969, DISK_NETWORK, "nfs"},
    {0xFF534D42, DISK_NETWORK, "cifs"},   {0xFE534D42, DISK_NETWORK, "smb2"},
    {0x517B, DISK_NETWORK, "smb"},        {0x01021997, DISK_NETWORK, "9p"},
    {0x00C36400, DISK_NETWORK, "ceph"},   {0x5346414F, DISK_NETWORK, "afs"},
    {0x6B414653, DISK_NETWORK, "afs"},    {0x73757245, DISK_NETWORK, "coda"},
    {0x0BD00BD0, DISK_NETWORK, "lustre"}, {0x47504653, DISK_NETWORK, "gpfs"},
    {0x01161970, DISK_NETWORK, "gfs2"},   {0x7461636F, DISK_NETWORK, "ocfs2"},
    {0x65735546, DISK_FOREIGN, "fuse"},   {0x73717368, DISK_READ_ONLY, "squashfs"},
    {0x9660, DISK_READ_ONLY, "iso9660"},
};

int disk_look(const char *dir, struct disk *out) {
    struct disk disk = {.nature = DISK_LOCAL, .kind = "unknown"};
    struct statvfs flags;
    struct statfs found;

    if (statfs(dir, &found) || statvfs(dir, &flags))
        return ERR_SYSTEM;
    disk.magic = (uint32_t)found.f_type;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].magic == disk.magic) {
            disk.nature = kinds[i].nature;
            disk.kind = kinds[i].name;
        }
    }
    disk.free_bytes = (uint64_t)flags.f_bavail * flags.f_frsize;
    disk.total_bytes = (uint64_t)flags.f_blocks * flags.f_frsize;
    disk.free_files = flags.f_favail;
    disk.total_files = flags.f_files;
    disk.read_only = (flags.f_flag & ST_RDONLY) != 0;
    *out = disk;
    return 0;
}

const char *disk_warning(const char *dir) {
    struct disk disk;

    if (disk_look(dir, &disk))
        return NULL;
    switch (disk.nature) {
        case DISK_MEMORY:
            return "lies in memory (tmpfs): what is acknowledged there is lost with the "
                   "machine; choose a directory on a disk with --data";
        case DISK_NETWORK:
            return "lies on a network file system: the journals need a disk of this "
                   "machine, elsewhere locks and shared memory may fail and with them "
                   "what was acknowledged; choose another directory with --data";
        case DISK_FOREIGN:
            return "lies on a file system that another program serves (FUSE): whether "
                   "what is acknowledged reaches a disk is up to that program; better "
                   "choose a directory on a disk with --data";
        default:
            return NULL;
    }
}

/* ---- measuring ---- */

static int64_t now_us(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* A file without a name: nothing is left of it, whatever happens. */
static int open_nameless(const char *dir) {
    char path[4200];
    int fd;

    snprintf(path, sizeof path, "%s/measure.XXXXXX", dir);
    fd = mkstemp(path);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static int append_and_sync(int fd, const char *bytes, size_t len) {
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_SYSTEM;
        bytes += n;
        len -= (size_t)n;
    }
    return fdatasync(fd) ? ERR_SYSTEM : 0;
}

static int percent_of(unsigned syncs, int64_t spent_us, const struct disk_trial *trial) {
    int64_t by_time = spent_us / 10 / (trial->most_ms ? trial->most_ms : 1);
    int64_t by_count = (int64_t)syncs * 100 / DISK_SYNCS;
    int64_t most = by_time > by_count ? by_time : by_count;

    return most > 100 ? 100 : (int)most;
}

static int run_trial(int fd, const struct disk_trial *trial, const char *bytes,
                     uint32_t *took, struct disk_speed *out) {
    int64_t began = now_us(), at = began;
    unsigned n = 0;

    while (n < DISK_SYNCS && (n < LEAST_SYNCS || at - began < trial->most_ms * 1000)) {
        int64_t from = at;
        if (append_and_sync(fd, bytes, trial->bytes))
            return ERR_SYSTEM;
        at = now_us();
        took[n++] = (uint32_t)(at - from);
        if (trial->progress && n % PROGRESS_PER == 1)
            trial->progress(trial->context, percent_of(n, at - began, trial));
    }
    qsort(took, n, sizeof *took, by_size);
    *out = (struct disk_speed){.syncs = n,
                               .median_us = took[n / 2],
                               .p99_us = took[n - 1 - n / 100],
                               .worst_us = took[n - 1],
                               .per_second =
                                   n * 1e6 / (double)(at > began ? at - began : 1)};
    return 0;
}

int disk_measure(const char *dir, const struct disk_trial *trial,
                 struct disk_speed *out) {
    int fd = open_nameless(dir), err = ERR_SYSTEM, cause;
    uint32_t *took = mem_alloc(DISK_SYNCS * sizeof *took);
    char *bytes = mem_zalloc(MOST_BYTES);

    assert(trial->bytes <= MOST_BYTES);
    for (size_t i = 0; i < trial->bytes; i++)
        bytes[i] = (char)(i * 2654435761u >> 13); // not to be squeezed by the file system
    if (fd >= 0)
        err = run_trial(fd, trial, bytes, took, out);
    cause = errno;
    if (fd >= 0)
        close(fd);
    free(took);
    free(bytes);
    errno = cause;
    return err;
}
