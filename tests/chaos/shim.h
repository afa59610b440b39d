/* shim.h: what the shim (shim.c) and the tests that steer it (shim.py) have in common.
 *
 * A test maps the file WIRETAG_SHIM_CONTROL, of sizeof(struct control), and writes into
 * it while the process runs; all numbers have the byte order of the machine. The record
 * is one file for each process, WIRETAG_SHIM_RECORD/PID, of entries back to back:
 *
 *     struct entry | name | data
 */
#ifndef WIRETAG_TESTS_CHAOS_SHIM_H
#define WIRETAG_TESTS_CHAOS_SHIM_H

#include <stdatomic.h>
#include <stdint.h>

/* What a call on a file whose name contains `word` comes to, once `skip` such calls that
 * the fault is about went well, `times` times (below zero: until it is taken away). */
enum fault {
    FAULT_NONE,
    FAULT_FULL,      /* ENOSPC, for every write, growth and creation */
    FAULT_SHORT,     /* the same, but the first write goes half-way before */
    FAULT_GROWTH,    /* ENOSPC for what makes a file longer; a write up to its end goes */
    FAULT_EIO_WRITE, /* every write fails; nothing of it is done */
    FAULT_EIO_SYNC,  /* every fsync, fdatasync, msync and synchronous write fails; what
                        was written is in the page cache and may never reach the disk */
    FAULT_DIE_WRITE, /* SIGKILL after a write */
    FAULT_DIE_SYNC, /* SIGKILL before a sync; after the writing, in a synchronous write */
};

struct control {
    _Atomic uint32_t fault;
    _Atomic uint32_t slow_ms; /* each sync of such a file takes that much longer */
    _Atomic int64_t skip;
    _Atomic int64_t times;
    _Atomic uint64_t hits;   /* faults so far */
    _Atomic uint64_t writes; /* writes to such files so far */
    _Atomic uint64_t syncs;
    char word[64]; /* ends with a zero; empty: every file. Change it under FAULT_NONE. */
};

enum entry_kind {
    ENTRY_CREATE = 1, /* name: a new file, with that inode */
    ENTRY_WRITE,      /* data at offset */
    ENTRY_SIZE,       /* the file's size is offset now */
    ENTRY_SYNC,       /* everything written to the inode before begin_ns is durable */
    ENTRY_FAILED,     /* a sync failed: what was dirty then may never be written */
    ENTRY_RENAME,     /* name to data */
    ENTRY_UNLINK,     /* name */
};

enum { ENTRY_DURABLE = 1 }; /* flag of a synchronous write that went well */

struct entry {
    uint32_t kind;
    uint32_t flags;
    int64_t begin_ns, end_ns; /* CLOCK_MONOTONIC, before and after the call */
    uint64_t inode;
    int64_t offset;
    uint64_t name_len;
    uint64_t data_len;
};

#endif
