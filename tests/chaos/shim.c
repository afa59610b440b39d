/* shim.c: a disk that fails on command, and one that remembers; loaded by LD_PRELOAD.
 *
 * It stands before libc's calls on files for everything below the folder WIRETAG_SHIM_DIR
 * (an absolute path without symbolic links): LMDB and SQLite make all of theirs through
 * these names. What fails is said by the control file while the process runs; everything
 * that changes a file is recorded, with its bytes and times, when WIRETAG_SHIM_RECORD
 * names a folder. See shim.h for both.
 *
 * Not seen: what is written through a mapping (SQLite's -shm and LMDB's lock file, which
 * both make anew after a crash), through stdio or through a copied descriptor, and files
 * that were open before. That nothing else is missed the tests see by comparing the real
 * files with what the record makes of them.
 *
 * While it records, one change at a time is made and written down, so that a process that
 * dies by FAULT_DIE_* has none between the two. */
#define _GNU_SOURCE // RTLD_NEXT
#include "tests/chaos/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FILES 4096 /* descriptors below are looked after */
#define HIGH  1000 /* where the shim's own descriptors are out of the way */
#define NAME  160

/* A descriptor of a file or folder below the one we look after. */
struct file {
    _Atomic bool ours;
    bool sync_write; /* O_DSYNC or O_SYNC */
    uint64_t inode;
    char name[NAME]; /* below the folder, empty for itself; as it was when opened */
};

static struct file files[FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static size_t folder_len;
static struct control *control;
static int record_fd = -1;

static struct {
    int (*open)(const char *, int, ...);
    int (*openat)(int, const char *, int, ...);
    int (*close)(int);
    ssize_t (*write)(int, const void *, size_t);
    ssize_t (*pwrite)(int, const void *, size_t, off_t);
    ssize_t (*writev)(int, const struct iovec *, int);
    ssize_t (*pwritev)(int, const struct iovec *, int, off_t);
    int (*ftruncate)(int, off_t);
    int (*fallocate)(int, int, off_t, off_t);
    int (*posix_fallocate)(int, off_t, off_t);
    int (*fsync)(int);
    int (*fdatasync)(int);
    int (*msync)(void *, size_t, int);
    int (*rename)(const char *, const char *);
    int (*unlink)(const char *);
} real;

/* ---- setting up ---- */

static void give_up(const char *what) {
    dprintf(STDERR_FILENO, "shim: %s: %s\n", what, strerror(errno));
    abort();
}

static void resolve(void *slot, const char *name) {
    void *at = dlsym(RTLD_NEXT, name);

    if (!at)
        give_up(name);
    memcpy(slot, &at, sizeof at);
}

static void resolve_all(void) {
    resolve(&real.open, "open");
    resolve(&real.openat, "openat");
    resolve(&real.close, "close");
    resolve(&real.write, "write");
    resolve(&real.pwrite, "pwrite");
    resolve(&real.writev, "writev");
    resolve(&real.pwritev, "pwritev");
    resolve(&real.ftruncate, "ftruncate");
    resolve(&real.fallocate, "fallocate");
    resolve(&real.posix_fallocate, "posix_fallocate");
    resolve(&real.fsync, "fsync");
    resolve(&real.fdatasync, "fdatasync");
    resolve(&real.msync, "msync");
    resolve(&real.rename, "rename");
    resolve(&real.unlink, "unlink");
}

static void map_control(const char *path) {
    int fd = real.open(path, O_RDWR | O_CLOEXEC);
    void *at =
        fd < 0 ? MAP_FAILED
               : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (at == MAP_FAILED)
        give_up(path);
    control = at;
    real.close(fd);
}

static void open_record(const char *where) {
    char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof path, "%s/%ld", where, (long)getpid());
    fd = real.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    record_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH);
    if (record_fd < 0)
        give_up(path);
    real.close(fd);
}

static void set_up(void) {
    const char *where = getenv("WIRETAG_SHIM_DIR");

    resolve_all();
    if (!where || strlen(where) >= sizeof folder)
        return;
    if (getenv("WIRETAG_SHIM_CONTROL"))
        map_control(getenv("WIRETAG_SHIM_CONTROL"));
    if (getenv("WIRETAG_SHIM_RECORD"))
        open_record(getenv("WIRETAG_SHIM_RECORD"));
    memcpy(folder, where, strlen(where));
    folder_len = strlen(where);
}

/* Other libraries may open files before it is our turn to be set up. */
static void ready(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, set_up);
}

__attribute__((constructor)) static void ready_early(void) { ready(); }

/* ---- which files ---- */

static int64_t now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The part of the path below our folder, empty for itself; NULL: somewhere else. */
static const char *below(const char *path) {
    if (!folder_len || strncmp(path, folder, folder_len) != 0)
        return NULL;
    if (!path[folder_len])
        return path + folder_len;
    return path[folder_len] == '/' ? path + folder_len + 1 : NULL;
}

/* The same for a path as a caller gives it; `room` holds PATH_MAX. */
static const char *below_as_given(const char *path, char *room) {
    size_t len;

    if (path[0] == '/')
        return below(path);
    if (!folder_len || !getcwd(room, PATH_MAX))
        return NULL;
    len = strlen(room);
    snprintf(room + len, PATH_MAX - len, "/%s", path);
    return below(room);
}

static struct file *file_of(int fd) {
    ready();
    return fd >= 0 && fd < FILES && files[fd].ours ? &files[fd] : NULL;
}

/* Looks at a descriptor just opened: the file when it is one of ours. */
static struct file *take_up(int fd, int flags) {
    char link[64], path[PATH_MAX];
    const char *name;
    struct stat st;
    struct file *file;
    ssize_t len;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof path - 1);
    if (!folder_len || len < 0)
        return NULL;
    path[len] = 0;
    name = below(path);
    if (!name || fstat(fd, &st) || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
        return NULL;
    if (fd >= FILES || strlen(name) >= NAME)
        give_up(path);
    file = &files[fd];
    snprintf(file->name, NAME, "%s", name);
    file->sync_write = flags & O_DSYNC;
    file->inode = st.st_ino;
    file->ours = true;
    return file;
}

/* 0 for a file that is not there yet. */
static int64_t size_of(int fd) {
    struct stat st;

    return fd < 0 || fstat(fd, &st) ? 0 : st.st_size;
}

/* ---- the record ---- */

static void begin_change(void) {
    if (record_fd >= 0)
        pthread_mutex_lock(&lock);
}

static void end_change(void) {
    if (record_fd >= 0)
        pthread_mutex_unlock(&lock);
}

/* Fills in the lengths and the end. */
static void note(struct entry *entry, const char *name, const void *data, size_t len) {
    int kept = errno;
    struct iovec parts[3] = {{entry, sizeof *entry}, {NULL, strlen(name)}, {NULL, len}};
    size_t all = sizeof *entry + parts[1].iov_len + len;

    if (record_fd < 0)
        return;
    memcpy(&parts[1].iov_base, &name, sizeof name);
    memcpy(&parts[2].iov_base, &data, sizeof data);
    entry->end_ns = now_ns();
    entry->name_len = parts[1].iov_len;
    entry->data_len = len;
    if (real.writev(record_fd, parts, 3) != (ssize_t)all)
        give_up("cannot write the record");
    errno = kept;
}

static void note_file(enum entry_kind kind, const struct file *file, int64_t begin,
                      int64_t offset) {
    struct entry entry = {
        .kind = kind, .begin_ns = begin, .inode = file->inode, .offset = offset};

    note(&entry, file->name, NULL, 0);
}

/* ---- faults ---- */

static bool concerned(const char *name) {
    return control && (!control->word[0] || strstr(name, control->word));
}

/* Is it this call's turn to fail? */
static bool strikes(void) {
    int64_t times;

    if (atomic_fetch_sub(&control->skip, 1) > 0)
        return false;
    control->skip = 0;
    times = atomic_load(&control->times);
    while (times > 0 && !atomic_compare_exchange_weak(&control->times, &times, times - 1))
        continue;
    if (times == 0)
        return false;
    atomic_fetch_add(&control->hits, 1);
    return true;
}

/* In the middle of a change: under the lock, with all before it written down. */
static void die(void) {
    raise(SIGKILL);
    pause();
}

/* Does making `file` grow to `end` fail? */
static bool no_room(int fd, const char *name, int64_t end) {
    uint32_t fault = control ? control->fault : FAULT_NONE;

    if (!concerned(name) || !(fault == FAULT_FULL || fault == FAULT_SHORT ||
                              (fault == FAULT_GROWTH && end > size_of(fd))))
        return false;
    if (!strikes())
        return false;
    errno = ENOSPC;
    return true;
}

static bool dies(const char *name, enum fault when) {
    return concerned(name) && control->fault == when && strikes();
}

/* Does this sync fail? Takes its time first. */
static bool sync_fails(const char *name) {
    if (!concerned(name))
        return false;
    atomic_fetch_add(&control->syncs, 1);
    if (control->slow_ms) {
        struct timespec rest = {control->slow_ms / 1000,
                                (long)(control->slow_ms % 1000) * 1000000};
        nanosleep(&rest, NULL);
    }
    if (control->fault != FAULT_EIO_SYNC || !strikes())
        return false;
    errno = EIO;
    return true;
}

/* ---- writing ---- */

struct piece {
    const struct iovec *parts;
    int count;
    off_t offset; /* -1: at the descriptor's position */
    size_t len;
};

static struct piece piece_of(const struct iovec *parts, int count, off_t offset) {
    struct piece piece = {parts, count, offset, 0};

    for (int i = 0; i < count; i++)
        piece.len += parts[i].iov_len;
    return piece;
}

static ssize_t put(int fd, const struct piece *piece) {
    const struct iovec *only = piece->parts;

    if (piece->offset < 0)
        return piece->count == 1 ? real.write(fd, only->iov_base, only->iov_len)
                                 : real.writev(fd, piece->parts, piece->count);
    return piece->count == 1
               ? real.pwrite(fd, only->iov_base, only->iov_len, piece->offset)
               : real.pwritev(fd, piece->parts, piece->count, piece->offset);
}

/* Where a write begins: the end for a descriptor that appends. */
static int64_t begins_at(int fd, const struct piece *piece) {
    if (fcntl(fd, F_GETFL) & O_APPEND)
        return size_of(fd);
    return piece->offset >= 0 ? piece->offset : lseek(fd, 0, SEEK_CUR);
}

/* The first `keep` bytes of its first part. */
static ssize_t put_some(int fd, const struct piece *piece, size_t keep) {
    struct iovec part = piece->parts[0];
    struct piece less = {&part, 1, piece->offset, keep};

    part.iov_len = keep < part.iov_len ? keep : part.iov_len;
    return put(fd, &less);
}

static ssize_t put_or_fail(int fd, const struct file *file, const struct piece *piece,
                           int64_t at) {
    uint32_t fault = control ? control->fault : FAULT_NONE;
    int64_t room = size_of(fd) - at;

    if (!concerned(file->name))
        return put(fd, piece);
    atomic_fetch_add(&control->writes, 1);
    if (fault == FAULT_EIO_WRITE && strikes()) {
        errno = EIO;
        return -1;
    }
    if (!no_room(fd, file->name, at + (int64_t)piece->len))
        return put(fd, piece);
    if (fault == FAULT_SHORT && control->hits == 1 && piece->parts[0].iov_len > 1)
        return put_some(fd, piece, piece->parts[0].iov_len / 2);
    if (fault == FAULT_GROWTH && room > 0)
        return put_some(fd, piece, (size_t)room);
    return -1;
}

static void note_write(const struct file *file, const struct piece *piece,
                       struct entry entry, size_t len) {
    for (int i = 0; i < piece->count && len; i++) {
        size_t part = piece->parts[i].iov_len < len ? piece->parts[i].iov_len : len;

        entry.kind = ENTRY_WRITE;
        entry.inode = file->inode;
        note(&entry, file->name, piece->parts[i].iov_base, part);
        entry.offset += (int64_t)part;
        len -= part;
    }
}

static ssize_t change(int fd, const struct file *file, const struct piece *piece) {
    struct entry entry = {.begin_ns = now_ns()};
    ssize_t len;
    bool dying, failed;

    begin_change();
    entry.offset = begins_at(fd, piece);
    len = put_or_fail(fd, file, piece, entry.offset);
    dying = dies(file->name, FAULT_DIE_WRITE) ||
            (file->sync_write && dies(file->name, FAULT_DIE_SYNC));
    failed = !dying && file->sync_write && len > 0 && sync_fails(file->name);
    entry.flags = file->sync_write && !dying && !failed ? ENTRY_DURABLE : 0;
    if (len > 0)
        note_write(file, piece, entry, (size_t)len);
    if (dying)
        die();
    if (failed)
        note_file(ENTRY_FAILED, file, entry.begin_ns, 0);
    end_change();
    return failed ? -1 : len;
}

ssize_t write(int fd, const void *bytes, size_t len) {
    const struct file *file = file_of(fd);
    struct iovec part = {NULL, len};
    struct piece piece = {&part, 1, -1, len};

    memcpy(&part.iov_base, &bytes, sizeof bytes);
    return file ? change(fd, file, &piece) : real.write(fd, bytes, len);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset) {
    const struct file *file = file_of(fd);
    struct iovec part = {NULL, len};
    struct piece piece = {&part, 1, offset, len};

    memcpy(&part.iov_base, &bytes, sizeof bytes);
    return file ? change(fd, file, &piece) : real.pwrite(fd, bytes, len, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    const struct file *file = file_of(fd);
    struct piece piece = piece_of(parts, file ? count : 0, -1);

    return file ? change(fd, file, &piece) : real.writev(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    const struct file *file = file_of(fd);
    struct piece piece = piece_of(parts, file ? count : 0, offset);

    return file ? change(fd, file, &piece) : real.pwritev(fd, parts, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset) {
    return pwrite(fd, bytes, len, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
    return pwritev(fd, parts, count, offset);
}

/* ---- sizes ---- */

static int resized(int fd, const struct file *file, int64_t begin, int result) {
    if (!result)
        note_file(ENTRY_SIZE, file, begin, size_of(fd));
    end_change();
    return result;
}

int ftruncate(int fd, off_t size) {
    const struct file *file = file_of(fd);
    int64_t begin = now_ns();

    if (!file)
        return real.ftruncate(fd, size);
    begin_change();
    if (size > size_of(fd) && no_room(fd, file->name, size))
        return resized(fd, file, begin, -1);
    return resized(fd, file, begin, real.ftruncate(fd, size));
}

int fallocate(int fd, int mode, off_t offset, off_t len) {
    const struct file *file = file_of(fd);
    int64_t begin = now_ns();

    if (!file)
        return real.fallocate(fd, mode, offset, len);
    begin_change();
    if (no_room(fd, file->name, offset + len))
        return resized(fd, file, begin, -1);
    return resized(fd, file, begin, real.fallocate(fd, mode, offset, len));
}

int posix_fallocate(int fd, off_t offset, off_t len) {
    const struct file *file = file_of(fd);
    int64_t begin = now_ns();

    if (!file)
        return real.posix_fallocate(fd, offset, len);
    begin_change();
    if (no_room(fd, file->name, offset + len))
        return resized(fd, file, begin, ENOSPC);
    return resized(fd, file, begin, real.posix_fallocate(fd, offset, len));
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int fallocate64(int fd, int mode, off64_t offset, off64_t len) {
    return fallocate(fd, mode, offset, len);
}

int posix_fallocate64(int fd, off64_t offset, off64_t len) {
    return posix_fallocate(fd, offset, len);
}

/* ---- syncing ---- */

/* Not under the lock, except to die: what is written meanwhile is not made durable. */
static int make_safe(int fd, const struct file *file, int (*how)(int)) {
    int64_t begin = now_ns();
    int result;

    if (dies(file->name, FAULT_DIE_SYNC)) {
        begin_change();
        die();
    }
    result = sync_fails(file->name) ? -1 : how(fd);
    begin_change();
    note_file(result ? ENTRY_FAILED : ENTRY_SYNC, file, begin, 0);
    end_change();
    return result;
}

int fsync(int fd) {
    const struct file *file = file_of(fd);

    return file ? make_safe(fd, file, real.fsync) : real.fsync(fd);
}

int fdatasync(int fd) {
    const struct file *file = file_of(fd);

    return file ? make_safe(fd, file, real.fdatasync) : real.fdatasync(fd);
}

/* Which file is mapped there is not known: it counts as one without a name. */
int msync(void *at, size_t len, int flags) {
    ready();
    return folder_len && sync_fails("") ? -1 : real.msync(at, len, flags);
}

/* ---- names ---- */

static void opened(int fd, int flags, bool is_new, int64_t begin) {
    const struct file *file = take_up(fd, flags);

    if (file && is_new)
        note_file(ENTRY_CREATE, file, begin, 0);
    else if (file && flags & O_TRUNC)
        note_file(ENTRY_SIZE, file, begin, 0);
}

static int open_it(int dir, const char *path, int flags, mode_t mode) {
    char room[PATH_MAX];
    int64_t begin = now_ns();
    bool is_new = flags & O_CREAT && faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW);
    const char *name = dir == AT_FDCWD ? below_as_given(path, room) : NULL;
    int fd = -1;

    begin_change();
    if (!(name && is_new && no_room(-1, name, 1)))
        fd = real.openat(dir, path, flags, mode);
    if (fd >= 0)
        opened(fd, flags, is_new, begin);
    end_change();
    return fd;
}

/* The mode is there only when a file may be made. */
static mode_t mode_from(int flags, va_list rest) {
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    mode_t mode;

    va_start(rest, flags);
    mode = mode_from(flags, rest);
    va_end(rest);
    ready();
    return folder_len ? open_it(AT_FDCWD, path, flags, mode)
                      : real.open(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...) {
    va_list rest;
    mode_t mode;

    va_start(rest, flags);
    mode = mode_from(flags, rest);
    va_end(rest);
    ready();
    return folder_len ? open_it(dir, path, flags, mode)
                      : real.openat(dir, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    mode_t mode;

    va_start(rest, flags);
    mode = mode_from(flags, rest);
    va_end(rest);
    return open(path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...) {
    va_list rest;
    mode_t mode;

    va_start(rest, flags);
    mode = mode_from(flags, rest);
    va_end(rest);
    return openat(dir, path, flags, mode);
}

int creat(const char *path, mode_t mode) {
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int fd) {
    struct file *file = file_of(fd);

    if (file)
        file->ours = false;
    return real.close(fd);
}

int rename(const char *from, const char *to) {
    char room[PATH_MAX], other[PATH_MAX];
    struct entry entry = {.kind = ENTRY_RENAME, .begin_ns = now_ns()};
    const char *name, *new_name;
    int result;

    ready();
    name = below_as_given(from, room);
    new_name = below_as_given(to, other);
    begin_change();
    result = real.rename(from, to);
    if (!result && name && new_name)
        note(&entry, name, new_name, strlen(new_name));
    end_change();
    return result;
}

int unlink(const char *path) {
    char room[PATH_MAX];
    struct entry entry = {.kind = ENTRY_UNLINK, .begin_ns = now_ns()};
    const char *name;
    int result;

    ready();
    name = below_as_given(path, room);
    begin_change();
    result = real.unlink(path);
    if (!result && name)
        note(&entry, name, NULL, 0);
    end_change();
    return result;
}
