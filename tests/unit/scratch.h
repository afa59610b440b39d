/* scratch.h: a directory of its own for a test, gone when the process ends. */
#ifndef WIRETAG_TESTS_UNIT_SCRATCH_H
#define WIRETAG_TESTS_UNIT_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_MOST 64

static char scratch_dirs[SCRATCH_MOST][64];
static int scratch_count;
static pid_t scratch_owner;

/* Files only: what the tests make. */
static inline void scratch_remove(const char *path) {
    DIR *dir = opendir(path);
    char file[400];
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        unlink(file);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static inline void scratch_remove_all(void) {
    for (int i = 0; i < scratch_count && getpid() == scratch_owner; i++)
        scratch_remove(scratch_dirs[i]);
}

static inline const char *scratch_dir(void) {
    if (scratch_count == SCRATCH_MOST)
        abort();
    if (scratch_count == 0) {
        scratch_owner = getpid();
        atexit(scratch_remove_all);
    }
    char *dir = scratch_dirs[scratch_count++];
    snprintf(dir, sizeof scratch_dirs[0], "/tmp/wiretag-unit-XXXXXX");
    if (!mkdtemp(dir))
        abort();
    return dir;
}

#endif
