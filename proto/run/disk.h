/* disk.h: what a directory lies on, and how fast that disk can promise.
 *
 * "Acknowledged" means: on the disk. How many reports a second that can be is settled by
 * how long the disk takes to say so (fdatasync), hardly by anything else; and it is worth
 * nothing on a file system that lives in memory. */
#ifndef WIRETAG_PROTO_RUN_DISK_H
#define WIRETAG_PROTO_RUN_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/err.h"

enum disk_nature {
    DISK_LOCAL,   /* ext4, xfs, btrfs, zfs, ...: what the journals are made for */
    DISK_LAYERED, /* overlay: in a container; gone with it */
    DISK_MEMORY,  /* tmpfs, ramfs: gone with the machine */
    DISK_NETWORK, /* NFS, SMB, 9p, ...: shared memory and locks are not to be relied on */
    DISK_FOREIGN, /* FUSE: another program decides what a sync is */
    DISK_READ_ONLY /* squashfs, ISO 9660 */
};

struct disk {
    enum disk_nature nature;
    const char *kind;                 /* "ext4"; "unknown"; static */
    uint32_t magic;                   /* statfs's number for it */
    uint64_t free_bytes, total_bytes; /* free to this user */
    uint64_t free_files, total_files; /* 0 of 0: the file system does not count them */
    bool read_only;                   /* mounted so */
};

/* dir must exist. ERR_SYSTEM with errno. */
int disk_look(const char *dir, struct disk *out);

/* What a person should be told before relying on a journal in dir: half a sentence that
 * continues "DIR ..."; NULL: nothing. Static. Also NULL when dir cannot be looked at. */
const char *disk_warning(const char *dir);

struct disk_speed {
    unsigned syncs;                       /* how many were measured */
    uint32_t median_us, p99_us, worst_us; /* of one append and fdatasync */
    double per_second;                    /* syncs over the whole time */
};

#define DISK_SYNCS 2000 /* at most in one measurement */

struct disk_trial {
    uint32_t bytes;  /* of each append, at most 1 MiB */
    int64_t most_ms; /* how long it may take; at least three syncs are made */
    /* Told now and then how far it is, 0..100; NULL allowed. */
    void (*progress)(void *context, int percent);
    void *context;
};

/* Appends and syncs in a file of its own in dir, which is removed again, also when the
 * process is killed. ERR_SYSTEM with errno. */
int disk_measure(const char *dir, const struct disk_trial *trial, struct disk_speed *out);

#endif
