#include "ingest/store.h"

#include "proto/buf.h"
#include "proto/mem.h"
#include "proto/run/log.h"
#include "proto/run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME   "reports.mdb"
#define KEY_BYTES   8
#define NODE_BYTES  8  /* LMDB's, before the key */
#define PAGE_BYTES  16 /* LMDB's, at the head of a page */
#define COUNTS      5  /* numbers in struct store_counts */
#define GROW_LEAST  (INT64_C(1) << 20)
#define GROW_MOST   (INT64_C(16) << 20)
#define UNWRITTEN   64 /* pages */
#define LOOK_READER 64 /* commits between two looks for readers that died */

/* A place in a table, in the last commit. */
struct cursor {
    MDB_cursor *at;
    uint64_t key;
    bool stands; /* at `key` */
};

struct store {
    char *path;
    MDB_env *env;
    MDB_dbi meta, tables[STORE_TABLES];
    MDB_txn *reading, *writing;
    struct cursor cursors[STORE_TABLES];
    MDB_cursor *writers[STORE_TABLES]; /* of the transaction; NULL: not yet used */
    size_t page;                       /* bytes */
    int64_t map_bytes, file_bytes;
    unsigned commits;
    bool older; /* the file is of an earlier format */
    int rc;     /* of LMDB, what went wrong last */
    int broken; /* what it said when it could not read; 0: nothing */
};

static const char *const names[STORE_TABLES] = {"live", "dead", "seen", "window", "runs"};
static char version_name[] = "version", counts_name[] = "counts"; // keys of "meta"

/* ---- keys and errors ---- */

static MDB_val key_of(uint64_t key, unsigned char room[KEY_BYTES]) {
    for (int i = 0; i < KEY_BYTES; i++)
        room[i] = (unsigned char)(key >> (56 - 8 * i));
    return (MDB_val){KEY_BYTES, room};
}

static uint64_t key_in(const MDB_val *val) {
    const unsigned char *bytes = val->mv_data;
    uint64_t key = 0;
    for (size_t i = 0; i < val->mv_size && i < KEY_BYTES; i++)
        key = key << 8 | bytes[i];
    return key;
}

static struct view view_in(const MDB_val *val) {
    return view_n(val->mv_data, val->mv_size);
}

static bool says_full(int rc) {
    return rc == ENOSPC || rc == EDQUOT || rc == EFBIG || rc == MDB_MAP_FULL;
}

static int64_t grow_step(const struct store *s) {
    int64_t step = s->map_bytes / 64 / GROW_LEAST * GROW_LEAST;
    return step < GROW_LEAST ? GROW_LEAST : step > GROW_MOST ? GROW_MOST : step;
}

/* Makes the file longer. False: the disk is full; a file system that cannot do it at all
 * does no harm. */
static bool grow_to(struct store *s, int64_t bytes) {
    int fd;
    if (bytes <= s->file_bytes)
        return true;
    mdb_env_get_fd(s->env, &fd);
    int rc = posix_fallocate(fd, s->file_bytes, bytes - s->file_bytes);
    if (says_full(rc))
        return false;
    if (rc == 0)
        s->file_bytes = bytes;
    return true;
}

static int err_of(struct store *s, int rc) {
    s->rc = rc;
    if (rc == MDB_NOTFOUND)
        return 1;
    if (says_full(rc))
        return ERR_FULL;
    // A write that the full disk cut short is an EIO for LMDB.
    if (rc == EIO && !grow_to(s, s->file_bytes + grow_step(s))) {
        s->rc = ENOSPC;
        return ERR_FULL;
    }
    return ERR_SYSTEM;
}

static bool is_damage(int rc) {
    return rc == MDB_INVALID || rc == MDB_VERSION_MISMATCH || rc == MDB_CORRUPTED ||
           rc == MDB_PAGE_NOTFOUND || rc == MDB_INCOMPATIBLE;
}

void store_explain(const struct store *s, struct diag *diag) {
    if (s->rc == MDB_MAP_FULL)
        diag_set(diag, 0, "%s has grown to the %lld bytes it may have", s->path,
                 (long long)s->map_bytes);
    else if (is_damage(s->rc))
        diag_set(diag, 0, "%s is damaged (%s): put back a copy of it, or move it away",
                 s->path, mdb_strerror(s->rc));
    else
        diag_set(diag, 0, "%s: %s", s->path, mdb_strerror(s->rc));
}

static int explained(struct store *s, int rc, struct diag *diag) {
    int err = err_of(s, rc);
    store_explain(s, diag);
    return err;
}

/* ---- opening ---- */

static int64_t end_of_pages(const struct store *s) {
    MDB_envinfo info;
    mdb_env_info(s->env, &info);
    return (int64_t)((info.me_last_pgno + 1) * s->page);
}

/* LMDB found the file to be inconsistent and will abort the process. */
static void on_assert(MDB_env *env, const char *text) {
    const char *path = "";
    mdb_env_get_path(env, &path);
    log_line(LOG_ERROR, "INGEST-JOURNAL",
             "file=%s reason=\"the file is damaged (%s): move it away and put back a "
             "copy, or begin anew without it\"",
             log_quote(path, strlen(path)), text);
}

static int make_env(MDB_env **env, int64_t map_bytes) {
    int rc = mdb_env_create(env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(*env, STORE_TABLES + 1);
    if (rc == 0 && map_bytes > 0)
        rc = mdb_env_set_mapsize(*env, (size_t)map_bytes);
    if (rc == 0)
        rc = mdb_env_set_assert(*env, on_assert);
    return rc;
}

static MDB_val name_of(char *name) { return (MDB_val){strlen(name), name}; }

static int put_version(MDB_txn *txn, MDB_dbi dbi) {
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)((uint32_t)STORE_FORMAT >> 8 * i);
    MDB_val key = name_of(version_name), value = {sizeof bytes, bytes};
    return mdb_put(txn, dbi, &key, &value, 0);
}

static int put_counts(MDB_txn *txn, MDB_dbi dbi, const struct store_counts *counts) {
    const uint64_t numbers[COUNTS] = {counts->next, counts->committed, counts->dead,
                                      counts->bytes, counts->documents};
    unsigned char bytes[8 * COUNTS];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(numbers[i / 8] >> 8 * (i % 8));
    MDB_val key = name_of(counts_name), value = {sizeof bytes, bytes};
    return mdb_put(txn, dbi, &key, &value, 0);
}

static int open_tables(MDB_txn *txn, unsigned flags, MDB_dbi *meta, MDB_dbi *tables) {
    int rc = mdb_dbi_open(txn, "meta", flags, meta);
    for (int i = 0; i < STORE_TABLES && rc == 0; i++)
        rc = mdb_dbi_open(txn, names[i], flags, &tables[i]);
    return rc;
}

static int fill_new(MDB_env *env) {
    const struct store_counts none = {.next = 1};
    MDB_dbi meta, tables[STORE_TABLES];
    MDB_txn *txn;
    int rc = mdb_txn_begin(env, NULL, 0, &txn);
    if (rc != 0)
        return rc;
    rc = open_tables(txn, MDB_CREATE, &meta, tables);
    if (rc == 0)
        rc = put_version(txn, meta);
    if (rc == 0)
        rc = put_counts(txn, meta, &none);
    if (rc == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

static int sync_dir(const char *dir) {
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int err = fd < 0 || fsync(fd) ? ERR_SYSTEM : 0;
    if (fd >= 0)
        close(fd);
    return err;
}

/* Under another name until it is whole: a power cut must not leave half a journal that
 * nobody can tell from a damaged one. */
static int make_file(const char *dir, const char *path, struct diag *diag) {
    char *made = mem_dup(place_path(dir, FILE_NAME ".new"));
    char *lock = mem_dup(place_path(dir, FILE_NAME ".new-lock"));
    MDB_env *env = NULL;
    unlink(made);
    unlink(lock);
    int rc = make_env(&env, GROW_LEAST);
    if (rc == 0)
        rc = mdb_env_open(env, made, MDB_NOSUBDIR, 0600);
    if (rc == 0)
        rc = fill_new(env);
    mdb_env_close(env);
    unlink(lock);
    if (rc == 0 && (rename(made, path) || sync_dir(dir)))
        rc = errno;
    if (rc != 0)
        diag_set(diag, 0, "cannot make the journal %s: %s", path, mdb_strerror(rc));
    free(made);
    free(lock);
    return rc == 0 ? 0 : says_full(rc) ? ERR_FULL : ERR_SYSTEM;
}

static int not_ours(const struct store *s, const char *why, struct diag *diag) {
    diag_set(diag, 0,
             "%s is damaged or no journal of wiretag (%s): put back a copy of it, or "
             "move it away to begin anew without what it holds",
             s->path, why);
    return ERR_FORMAT;
}

static int refuse(struct store *s, int rc, struct diag *diag) {
    if (is_damage(rc) || rc == MDB_NOTFOUND)
        return not_ours(s, mdb_strerror(rc), diag);
    if (rc == ENOMEM) {
        diag_set(diag, 0,
                 "%s cannot be mapped into memory, %lld bytes: a smaller --max-journal "
                 "helps, or a higher limit (ulimit -v)",
                 s->path, (long long)s->map_bytes);
        return ERR_SYSTEM;
    }
    diag_set(diag, 0, "cannot open %s: %s", s->path, mdb_strerror(rc));
    return says_full(rc) ? ERR_FULL : ERR_SYSTEM;
}

static int check_version(struct store *s, struct diag *diag) {
    MDB_val key = name_of(version_name), value;
    uint32_t version = 0;
    int rc = mdb_get(s->reading, s->meta, &key, &value);
    if (rc != 0)
        return refuse(s, rc, diag);
    struct view bytes = view_in(&value);
    if (view_take_u32(&bytes, &version) != 0 || version == 0)
        return not_ours(s, "it has no version", diag);
    s->older = version < STORE_FORMAT;
    if (version <= STORE_FORMAT)
        return 0;
    diag_set(diag, 0,
             "%s is of format %u and this program knows %d: use the wiretag that wrote "
             "it, or a later one",
             s->path, version, STORE_FORMAT);
    return ERR_VERSION;
}

/* Reading behind the file's end would be a SIGBUS. Only a few pages may be missing there:
 * those that a transaction took and gave back unwritten. */
static int check_length(struct store *s, struct diag *diag) {
    MDB_stat stat;
    mdb_env_stat(s->env, &stat);
    s->page = stat.ms_psize;
    if (s->file_bytes + UNWRITTEN * (int64_t)s->page >= end_of_pages(s))
        return 0;
    return not_ours(s, "it ends too early", diag);
}

static int measure(struct store *s) {
    struct stat file;
    if (stat(s->path, &file))
        return errno;
    s->file_bytes = file.st_size;
    if (s->map_bytes > 0 && s->map_bytes < s->file_bytes)
        s->map_bytes = s->file_bytes;
    return 0;
}

/* Handles of tables are of use to others only when the transaction that opened them has
 * been committed. */
static int find_tables(struct store *s) {
    MDB_txn *txn;
    int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
    if (rc != 0)
        return rc;
    rc = open_tables(txn, 0, &s->meta, s->tables);
    if (rc == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

static int begin_reading(struct store *s) {
    int rc = find_tables(s);
    if (rc == 0)
        rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->reading);
    for (int i = 0; i < STORE_TABLES && rc == 0; i++)
        rc = mdb_cursor_open(s->reading, s->tables[i], &s->cursors[i].at);
    return rc;
}

static int open_file(struct store *s, bool to_read, struct diag *diag) {
    unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | (to_read ? MDB_RDONLY : 0u);
    int rc = measure(s), dead;
    if (rc == 0)
        rc = make_env(&s->env, s->map_bytes);
    if (rc == 0)
        rc = mdb_env_open(s->env, s->path, flags, 0600);
    if (rc != 0)
        return refuse(s, rc, diag);
    mdb_reader_check(s->env, &dead); // of processes that were killed
    int err = check_length(s, diag);
    if (err < 0)
        return err;
    rc = begin_reading(s);
    return rc == 0 ? check_version(s, diag) : refuse(s, rc, diag);
}

int store_open(const char *dir, int64_t map_bytes, bool to_read, struct store **out,
               struct diag *diag) {
    struct store *s = mem_zalloc(sizeof *s);
    s->path = mem_dup(place_path(dir, FILE_NAME));
    s->map_bytes = to_read ? 0 : map_bytes;
    int err = 0;
    if (access(s->path, F_OK)) {
        err = to_read || errno != ENOENT ? ERR_NOT_FOUND : make_file(dir, s->path, diag);
        if (err == ERR_NOT_FOUND)
            diag_set(diag, 0, "no journal %s: %s", s->path, strerror(errno));
    }
    if (err == 0)
        err = open_file(s, to_read, diag);
    if (err < 0)
        store_close(s);
    else
        *out = s;
    return err;
}

void store_close(struct store *s) {
    if (!s)
        return;
    store_abort(s);
    for (int i = 0; i < STORE_TABLES; i++)
        if (s->cursors[i].at)
            mdb_cursor_close(s->cursors[i].at);
    if (s->reading)
        mdb_txn_abort(s->reading);
    if (s->env)
        mdb_env_close(s->env);
    free(s->path);
    free(s);
}

/* ---- reading ---- */

int store_look(struct store *s, struct diag *diag) {
    int dead;
    if (s->commits++ % LOOK_READER == 0)
        mdb_reader_check(s->env, &dead);
    mdb_txn_reset(s->reading);
    int rc = mdb_txn_renew(s->reading);
    if (rc == MDB_MAP_RESIZED) { // ingest was started again with a larger one
        mdb_env_set_mapsize(s->env, 0);
        rc = mdb_txn_renew(s->reading);
    }
    for (int i = 0; i < STORE_TABLES && rc == 0; i++) {
        rc = mdb_cursor_renew(s->reading, s->cursors[i].at);
        s->cursors[i].stands = false;
    }
    return rc == 0 ? 0 : explained(s, rc, diag);
}

int store_counts(struct store *s, struct store_counts *out, struct diag *diag) {
    MDB_val key = name_of(counts_name), value;
    int rc = mdb_get(s->reading, s->meta, &key, &value);
    if (rc != 0)
        return refuse(s, rc, diag);
    struct view bytes = view_in(&value);
    struct store_counts counts = {0};
    uint64_t *const numbers[COUNTS] = {&counts.next, &counts.committed, &counts.dead,
                                       &counts.bytes, &counts.documents};
    for (int i = 0; i < COUNTS; i++)
        if (view_take_u64(&bytes, numbers[i]) != 0)
            return not_ours(s, "its counts cannot be read", diag);
    *out = counts;
    return 0;
}

static int give(struct store *s, struct cursor *c, int rc, const MDB_val *key) {
    c->stands = rc == 0;
    if (rc == 0)
        c->key = key_in(key);
    if (rc != 0 && rc != MDB_NOTFOUND)
        s->broken = rc;
    return rc == 0 ? 0 : err_of(s, rc);
}

bool store_is_broken(const struct store *s) { return s->broken != 0; }

int store_get(struct store *s, enum store_table table, uint64_t key, struct view *value) {
    struct cursor *c = &s->cursors[table];
    unsigned char room[KEY_BYTES];
    MDB_val k = key_of(key, room), v;
    bool there = c->stands && c->key == key;
    int rc = mdb_cursor_get(c->at, &k, &v, there ? MDB_GET_CURRENT : MDB_SET_KEY);
    if (rc == 0)
        *value = view_in(&v);
    return give(s, c, rc, &k);
}

int store_seek(struct store *s, enum store_table table, uint64_t least, uint64_t *key,
               struct view *value) {
    struct cursor *c = &s->cursors[table];
    unsigned char room[KEY_BYTES];
    MDB_val k = key_of(least, room), v = {0, NULL};
    bool there = c->stands && c->key == least, before = c->stands && c->key + 1 == least;
    MDB_cursor_op op = there ? MDB_GET_CURRENT : before ? MDB_NEXT : MDB_SET_RANGE;
    int err = give(s, c, mdb_cursor_get(c->at, &k, &v, op), &k);
    if (err != 0)
        return err;
    *key = c->key;
    *value = view_in(&v);
    return 0;
}

void store_scattered(struct store *s, bool yes) {
    MDB_envinfo info;
    mdb_env_info(s->env, &info);
    posix_madvise(info.me_mapaddr, info.me_mapsize,
                  yes ? POSIX_MADV_RANDOM : POSIX_MADV_NORMAL);
}

void store_fetch(const struct store *s, struct view value) {
    MDB_envinfo info;
    mdb_env_info(s->env, &info);
    char *map = info.me_mapaddr;
    size_t at = (size_t)(value.at - map), before = at % s->page;
    posix_madvise(map + at - before, before + value.len, POSIX_MADV_WILLNEED);
}

static MDB_stat stat_of(const struct store *s, MDB_dbi dbi) {
    MDB_stat stat = {0};
    mdb_stat(s->reading, dbi, &stat);
    return stat;
}

uint64_t store_entries(struct store *s, enum store_table table) {
    return stat_of(s, s->tables[table]).ms_entries;
}

int64_t store_cost(const struct store *s, size_t len) {
    size_t node = NODE_BYTES + KEY_BYTES + len, slot = sizeof(uint16_t);
    size_t most = (((s->page - PAGE_BYTES) / 2) & ~(size_t)1) - slot;
    if (node <= most)
        return (int64_t)(node + (node & 1) + slot);
    size_t pages = (PAGE_BYTES + len + s->page - 1) / s->page;
    return (int64_t)(pages * s->page + NODE_BYTES + KEY_BYTES + sizeof(size_t) + slot);
}

int64_t store_file_bytes(const struct store *s) { return s->file_bytes; }

/* ---- room ---- */

static int64_t pages_of(const struct store *s, MDB_dbi dbi) {
    MDB_stat stat = stat_of(s, dbi);
    return (int64_t)(stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages);
}

/* Bytes of the file that hold nothing. */
static int64_t free_bytes(const struct store *s) {
    int64_t used = 2 + pages_of(s, 0) + pages_of(s, 1) + pages_of(s, s->meta);
    for (int i = 0; i < STORE_TABLES; i++)
        used += pages_of(s, s->tables[i]);
    return s->file_bytes - used * (int64_t)s->page;
}

/* At the end of the file, so that whatever pages LMDB takes they are there. 0, or what an
 * attempt would run into. */
static int make_room(struct store *s, int64_t bytes) {
    int64_t end = end_of_pages(s) + bytes, step = grow_step(s);
    int64_t ahead = (end / step + 1) * step;
    if (end <= s->file_bytes)
        return 0;
    if (end <= s->map_bytes &&
        ((ahead <= s->map_bytes && grow_to(s, ahead)) || grow_to(s, end)))
        return 0;
    if (free_bytes(s) > 2 * bytes)
        return 0;
    return end > s->map_bytes ? MDB_MAP_FULL : ENOSPC;
}

/* ---- writing ---- */

int store_begin(struct store *s, int64_t bytes, bool at_any_rate, struct diag *diag) {
    if (s->broken)
        return explained(s, s->broken, diag);
    int rc = make_room(s, bytes);
    if (rc != 0 && !at_any_rate)
        return explained(s, rc, diag);
    rc = mdb_txn_begin(s->env, NULL, 0, &s->writing);
    return rc == 0 ? 0 : explained(s, rc, diag);
}

static int writer_of(struct store *s, enum store_table table, MDB_cursor **out) {
    int rc = 0;
    if (!s->writers[table])
        rc = mdb_cursor_open(s->writing, s->tables[table], &s->writers[table]);
    *out = s->writers[table];
    return rc;
}

int store_put(struct store *s, enum store_table table, uint64_t key, struct view head,
              struct view body) {
    unsigned char room[KEY_BYTES];
    MDB_val k = key_of(key, room), v = {head.len + body.len, NULL};
    MDB_cursor *cursor;
    int rc = writer_of(s, table, &cursor);
    if (rc == 0)
        rc = mdb_cursor_put(cursor, &k, &v, MDB_RESERVE | MDB_APPEND);
    if (rc == MDB_KEYEXIST) { // not behind the last one
        v = (MDB_val){head.len + body.len, NULL};
        rc = mdb_cursor_put(cursor, &k, &v, MDB_RESERVE);
    }
    if (rc != 0)
        return err_of(s, rc);
    memcpy(v.mv_data, head.at, head.len);
    memcpy((char *)v.mv_data + head.len, body.at, body.len);
    return 0;
}

int store_remove(struct store *s, enum store_table table, const uint64_t range[2],
                 uint64_t most, uint64_t *count, int64_t *bytes) {
    unsigned char room[KEY_BYTES];
    MDB_val k = key_of(range[0], room), v;
    MDB_cursor *cursor;
    *count = 0;
    *bytes = 0;
    int rc = writer_of(s, table, &cursor);
    if (rc == 0)
        rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    while (rc == 0 && *count < most && key_in(&k) <= range[1]) {
        *bytes += store_cost(s, v.mv_size);
        ++*count;
        rc = mdb_cursor_del(cursor, 0);
        if (rc == 0) // the cursor stands at the one behind it
            rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    }
    return rc == 0 || rc == MDB_NOTFOUND ? 0 : err_of(s, rc);
}

int store_commit(struct store *s, const struct store_counts *counts, struct diag *diag) {
    int rc = put_counts(s->writing, s->meta, counts);
    if (rc == 0 && s->older) // what is new in this format, an older file has not
        rc = put_version(s->writing, s->meta);
    s->older = s->older && rc != 0;
    if (rc != 0) {
        store_abort(s);
        return explained(s, rc, diag);
    }
    for (int i = 0; i < STORE_TABLES; i++)
        s->writers[i] = NULL; // LMDB closes them with the transaction
    MDB_txn *writing = s->writing;
    s->writing = NULL;
    rc = mdb_txn_commit(writing);
    if (rc != 0)
        return explained(s, rc, diag);
    int64_t end = end_of_pages(s);
    if (s->file_bytes < end)
        s->file_bytes = end; // more was written than was foreseen
    return 0;
}

void store_abort(struct store *s) {
    for (int i = 0; i < STORE_TABLES; i++)
        s->writers[i] = NULL;
    if (s->writing)
        mdb_txn_abort(s->writing);
    s->writing = NULL;
}
