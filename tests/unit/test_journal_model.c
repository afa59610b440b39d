/* The journal of ingest against a plain array: random reports, dead letters and commits,
 * with the process killed, the disk full and the file opened again in between. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ingest/journal.h"

#define MOST     3000 /* indices of one life story */
#define MIN_WALL 1600000000000

enum state { NOWHERE, LIVE, LETTER, DOCUMENT, DROPPED, COMMITTED };

/* What the journal should hold. */
struct model {
    enum state states[MOST];
    uint64_t next;
    unsigned runs[MOST]; /* which opening took it */
};

struct world {
    const char *dir;
    struct journal *journal;
    struct model now, saved; /* with the open group and what is pending; at the sync */
    struct uuid uuids[200];
    unsigned run;
    unsigned full; /* times the disk was */
    uint64_t random;
};

static const struct journal_conf conf = {.max_bytes = 64 << 20,
                                         .max_documents = 8 << 20,
                                         .remember = 200,
                                         .remember_ms = 1000};

static void open_world(struct world *w) {
    struct diag diag = {0};
    int err = journal_open(w->dir, &conf, &w->journal, &diag);
    if (err)
        fail_msg("%s", diag.text);
    w->uuids[++w->run] = journal_uuid(w->journal);
}

/* The bytes of index n: as long as they are many, and all its own. */
static struct view record_of(uint64_t n) {
    static char bytes[20000];
    uint64_t random = n;
    size_t len = n % 7 == 0 ? random_below(&random, sizeof bytes) : 8 + n % 900;
    memset(bytes, (int)n, len);
    return view_n(bytes, len);
}

static struct digest digest_n(uint64_t n) {
    return digest_of(view_n((const char *)&n, sizeof n));
}

/* ---- what may happen ---- */

static void take_in(struct world *w, bool document) {
    struct identity identity = {.story = digest_n(w->now.next),
                                .content = digest_n(MOST + w->now.next),
                                .version = 1};
    uint64_t n = w->now.next, index = 0;
    struct dead_letter letter = {.reason = VIEW_LIT("unreadable"),
                                 .bytes = record_of(n),
                                 .bytes_in_all = record_of(n).len};
    w->now.states[n] = document ? DOCUMENT : LIVE;
    w->now.runs[n] = w->run;
    w->now.next++;
    if (!w->journal)
        return;
    if (document)
        assert_int_equal(journal_keep(w->journal, &letter, &index), 0);
    else
        assert_int_equal(
            journal_append(w->journal, record_of(n), &identity, MIN_WALL, &index), 0);
    assert_int_equal(index, n);
}

static bool was_saved(const struct world *w, uint64_t n) { return n < w->saved.next; }

static void delete_range(struct world *w, uint64_t lo, uint64_t hi) {
    uint64_t count = 0, want = 0;
    for (uint64_t n = lo; n <= hi && was_saved(w, n); n++)
        if (w->now.states[n] == LIVE || w->now.states[n] == LETTER) {
            w->now.states[n] = COMMITTED;
            want++;
        }
    if (!w->journal)
        return;
    assert_int_equal(journal_delete(w->journal, lo, hi, &count), 0);
    assert_int_equal(count, want);
}

static void move(struct world *w, uint64_t n, enum state to) {
    enum state from = to == LETTER ? LIVE : LETTER;
    bool document = to == DROPPED && w->now.states[n] == DOCUMENT;
    // What was buried or revived since the last sync is not yet where it goes.
    bool can = was_saved(w, n) && (w->now.states[n] == from || document) &&
               w->saved.states[n] == w->now.states[n];
    int err = 0;
    if (w->journal && to == LETTER)
        err = journal_bury(w->journal, n, 5, "it kills", MIN_WALL);
    else if (w->journal && to == LIVE)
        err = journal_revive(w->journal, n, MIN_WALL + 1);
    else if (w->journal)
        err = journal_drop(w->journal, n);
    if (w->journal)
        assert_int_equal(err, can ? 0 : ERR_NOT_FOUND);
    if (can)
        w->now.states[n] = to;
}

static void sync_world(struct world *w) {
    struct diag diag = {0};
    w->saved = w->now;
    if (w->journal && journal_sync(w->journal, &diag) != 0)
        fail_msg("%s", diag.text);
}

static void step(struct world *w) {
    uint64_t n = 1 + random_below(&w->random, w->now.next), last = n;
    last += random_below(&w->random, 20);
    switch (random_below(&w->random, 10)) {
        case 0:
        case 1:
        case 2:
            for (size_t i = random_below(&w->random, 20); i > 0; i--)
                take_in(w, random_below(&w->random, 10) == 0);
            break;
        case 3:
        case 4:
            delete_range(w, n, last);
            break;
        case 5:
            move(w, n, LETTER);
            break;
        case 6:
            move(w, n, LIVE);
            break;
        case 7:
            if (random_below(&w->random, 4) == 0)
                move(w, n, DROPPED);
            break;
        default:
            sync_world(w);
    }
}

/* ---- what has to hold ---- */

static void check_counts(const struct world *w) {
    struct journal_counts c = journal_counts(w->journal);
    uint64_t live = 0, dead = 0, letters = 0, committed = 0;
    for (uint64_t n = 1; n < w->saved.next; n++) {
        enum state s = w->now.states[n];
        live += s == LIVE;
        letters += s == LETTER || s == DOCUMENT;
        dead += s == LETTER || s == DOCUMENT || s == DROPPED;
        committed += s == COMMITTED;
    }
    assert_int_equal(c.accepted, w->saved.next - 1);
    assert_int_equal(c.live, live);
    assert_int_equal(c.dead, dead);
    assert_int_equal(c.letters, letters);
    assert_int_equal(c.committed, committed);
    assert_int_equal(c.accepted, c.committed + c.dead + c.live);
    assert_true(c.bytes >= 0 && (c.bytes > 0 || live + letters == 0));
}

/* Of a run that was killed nobody has told the uuid, but it stays the same. */
static void check_uuid(struct world *w, uint64_t n) {
    struct uuid *known = &w->uuids[w->now.runs[n]], none = {{0}};
    if (uuid_eq(*known, none))
        *known = journal_uuid_of(w->journal, n);
    assert_true(uuid_eq(journal_uuid_of(w->journal, n), *known));
    for (unsigned run = 0; run <= w->run; run++)
        assert_true(run == w->now.runs[n] || !uuid_eq(w->uuids[run], *known));
}

static void check_queue(struct world *w) {
    struct view record;
    uint64_t at = 0;
    for (uint64_t n = 1; n < w->saved.next; n++) {
        bool there = w->now.states[n] == LIVE && w->saved.states[n] == LIVE;
        assert_int_equal(journal_read(w->journal, n, &record), there ? 0 : ERR_NOT_FOUND);
        if (!there)
            continue;
        assert_view_equal(record, record_of(n));
        assert_int_equal(journal_next(w->journal, at, &at), 0);
        assert_int_equal(at, n);
        check_uuid(w, n);
    }
    assert_true(journal_next(w->journal, at, &at) > 0);
}

static bool is_letter(enum state state) { return state == LETTER || state == DOCUMENT; }

static void check_letters(const struct world *w) {
    struct dead_letter letter = {.index = 0};
    for (uint64_t n = 1; n < w->saved.next; n++) {
        if (!is_letter(w->now.states[n]) || !is_letter(w->saved.states[n]))
            continue;
        assert_int_equal(journal_dead_next(w->journal, letter.index, &letter), 0);
        assert_int_equal(letter.index, n);
        assert_int_equal(letter.kind == DEAD_DOCUMENT, w->now.states[n] == DOCUMENT);
        assert_view_equal(letter.bytes, record_of(n));
    }
    assert_true(journal_dead_next(w->journal, letter.index, &letter) > 0);
}

static void check(struct world *w) {
    check_counts(w);
    check_queue(w);
    check_letters(w);
}

/* ---- how it may end ---- */

static void open_again(struct world *w) {
    struct model saved = w->saved;
    // An orderly end saves what is pending, but not the open group.
    w->saved = w->now;
    w->saved.next = saved.next;
    w->now = w->saved;
    journal_close(w->journal);
    open_world(w);
}

/* The rest of this life is lived by a child that is killed at its end. */
static void die_and_open(struct world *w) {
    int status, steps = (int)random_below(&w->random, 30);
    journal_close(w->journal);
    w->journal = NULL;
    w->saved.next = w->saved.next < w->now.next ? w->saved.next : w->now.next;
    w->now.next = w->saved.next;
    w->saved = w->now;
    pid_t child = fork();
    if (child == 0) {
        open_world(w);
        for (int i = 0; i < steps; i++)
            step(w);
        raise(SIGKILL);
    }
    w->run++;
    for (int i = 0; i < steps; i++) // the same steps, as the model sees them
        step(w);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    w->now = w->saved;
    open_world(w);
}

static void set_file_limit(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Anywhere behind LMDB's two roots, as if the rest of the file were not there: writes
 * fail, or come back short. */
static void fill_disk(struct world *w) {
    struct journal_counts before = journal_counts(w->journal);
    size_t bytes = (size_t)journal_file_bytes(w->journal);
    set_file_limit(16384 + random_below(&w->random, bytes / 4));
    for (int i = 0; i < 100; i++)
        take_in(w, false);
    int err = journal_sync(w->journal, NULL);
    set_file_limit(RLIM_INFINITY);
    if (err == 0) { // free pages were enough
        w->saved = w->now;
        return;
    }
    assert_int_equal(err, ERR_FULL);
    w->full++;
    assert_int_equal(journal_room(w->journal), JOURNAL_DISK);
    assert_int_equal(journal_counts(w->journal).accepted, before.accepted);
    w->now.next = w->saved.next;
    sync_world(w);
    assert_int_equal(journal_room(w->journal), JOURNAL_FREE);
}

static void live(uint64_t seed, void (*ends)(struct world *)) {
    struct world *w = calloc(1, sizeof *w);
    w->dir = scratch_dir();
    w->random = seed;
    w->now.next = w->saved.next = 1;
    open_world(w);
    for (int i = 0; i < 500 && w->now.next < MOST - 1000; i++) {
        step(w);
        if (i % 8 == 0)
            check(w);
        if (random_below(&w->random, 30) == 0 && w->run < 150) {
            ends(w);
            check(w);
        }
    }
    sync_world(w);
    delete_range(w, 1, MOST);
    for (uint64_t n = 1; n < w->saved.next; n++)
        if (w->now.states[n] == DOCUMENT)
            move(w, n, DROPPED);
    open_again(w);
    check(w);
    assert_int_equal(journal_counts(w->journal).bytes, 0);
    assert_true(ends != fill_disk || w->full > 0);
    journal_close(w->journal);
    free(w);
}

static void journal__is_the_same_when_opened_again(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        live(seed, open_again);
}

static void journal__holds_what_was_synced_when_killed(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        live(seed, die_and_open);
}

static void journal__loses_nothing_when_the_disk_is_full(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        live(seed, fill_disk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal__is_the_same_when_opened_again),
        cmocka_unit_test(journal__holds_what_was_synced_when_killed),
        cmocka_unit_test(journal__loses_nothing_when_the_disk_is_full),
    };
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
