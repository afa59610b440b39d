#include "sink/schema.h"

#include <stdio.h>

#define APPLICATION 0x77746167 /* "wtag" */

#define TEXT_OF(n)   #n
#define NUMBER_IN(n) TEXT_OF(n)

/* The comments stay in the file, for whoever says .schema to the sqlite3 shell. json
 * stands last: what is asked of the other columns does not read it. */
static const char tables[] =
    "CREATE TABLE events( -- one row for each event\n"
    "    offset INTEGER PRIMARY KEY, -- 1, 2, 3, ... as they became durable\n"
    "    journal INTEGER NOT NULL, -- journals.number: the ingest's run\n"
    "    idx INTEGER NOT NULL, -- its number for the report\n"
    "    part INTEGER NOT NULL, -- the part-th story of the report,\n"
    "    parts INTEGER NOT NULL, -- of so many\n"
    "    crc INTEGER NOT NULL, -- CRC-32C of the report\n"
    "    guid TEXT NOT NULL, -- which story\n"
    "    version INTEGER NOT NULL,\n"
    "    canceled INTEGER NOT NULL, -- 1: ends all versions of the guid before it\n"
    "    stored_ms INTEGER NOT NULL, -- when: UTC, milliseconds since 1970\n"
    "    json TEXT NOT NULL, -- the event\n"
    "    UNIQUE(journal, idx, part));\n"
    "CREATE INDEX events_by_guid ON events(guid, version);\n"
    "CREATE INDEX events_canceled ON events(guid) WHERE canceled = 1;\n"
    "CREATE TABLE journals( -- each run of an ingest that has sent reports\n"
    "    number INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE);\n"
    "CREATE TABLE ranges( -- the reports stored of each, lo to hi; they stay when\n"
    "    -- events are deleted: nothing is stored twice\n"
    "    journal INTEGER, lo INTEGER, hi INTEGER NOT NULL,\n"
    "    PRIMARY KEY(journal, lo)) WITHOUT ROWID;\n"
    "CREATE TABLE blanks( -- reports with no story in them\n"
    "    journal INTEGER, idx INTEGER, crc INTEGER NOT NULL,\n"
    "    stored_ms INTEGER NOT NULL, PRIMARY KEY(journal, idx)) WITHOUT ROWID;\n"
    "CREATE TABLE cursors( -- how far each output has come\n"
    "    name TEXT PRIMARY KEY, -- its file, from the data directory\n"
    "    offset INTEGER NOT NULL, -- up to here all is in it\n"
    "    dev INTEGER, ino INTEGER, length INTEGER, -- the file as it then was\n"
    "    tail INTEGER, -- CRC-32C of its last 1,024 bytes\n"
    "    day INTEGER -- since 1970, on which it was begun\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE meta( -- epoch: uuid of this journal; head: last offset, noted when\n"
    "    -- events were deleted; synced: written to make the disk sync; the format is\n"
    "    -- PRAGMA user_version\n"
    "    key TEXT PRIMARY KEY, value) WITHOUT ROWID;\n";

/* An event under embargo is not among the events until that ends: whoever looks at
 * events, and each output, would give it away. */
static const char held[] =
    "CREATE TABLE held( -- events under embargo; each becomes a row of events when due\n"
    "    due_ms INTEGER NOT NULL, -- when: UTC, milliseconds since 1970\n"
    "    journal INTEGER NOT NULL, idx INTEGER NOT NULL, -- as in events, and so on\n"
    "    part INTEGER NOT NULL, parts INTEGER NOT NULL, crc INTEGER NOT NULL,\n"
    "    guid TEXT NOT NULL, version INTEGER NOT NULL, canceled INTEGER NOT NULL,\n"
    "    stored_ms INTEGER NOT NULL, -- when it came here\n"
    "    json TEXT NOT NULL,\n"
    "    UNIQUE(journal, idx, part));\n"
    "CREATE INDEX held_by_due ON held(due_ms, journal, idx, part);\n"
    "CREATE INDEX held_by_guid ON held(guid, version);\n";

/* Within one run of an ingest the index says what came first, else the offset: enrichers
 * work side by side, and a kill may overtake what it kills. */
static const char views[] =
    "CREATE VIEW versions -- events, and by which others they were ended\n"
    "    AS SELECT e.*,\n"
    "    (SELECT min(c.offset) FROM events c WHERE c.guid = e.guid AND c.canceled = 1\n"
    "        AND c.offset <> e.offset AND (c.version > e.version OR CASE\n"
    "            WHEN c.journal = e.journal THEN c.idx > e.idx\n"
    "            ELSE c.offset > e.offset END)) AS canceled_by,\n"
    "    (SELECT n.offset FROM events n WHERE n.guid = e.guid AND\n"
    "        (n.version > e.version OR (n.version = e.version AND n.part = e.part\n"
    "            AND n.offset > e.offset))\n"
    "        ORDER BY n.version DESC, n.offset DESC LIMIT 1) AS replaced_by\n"
    "    FROM events e;\n"
    "CREATE VIEW stories -- the newest of each that is not canceled\n"
    "    AS SELECT * FROM versions\n"
    "    WHERE canceled = 0 AND canceled_by IS NULL AND replaced_by IS NULL;\n";

static int ask(struct store *store, const char *sql, int64_t *out, struct diag *diag) {
    struct sqlite3_stmt *question;
    int err = store_prepare(store, sql, &question, diag);

    return err ? err : store_number(store, question, 0, out, diag);
}

static int put_epoch(struct store *store, struct uuid epoch, struct diag *diag) {
    struct sqlite3_stmt *put;
    int err = store_prepare(store, "INSERT INTO meta VALUES('epoch', ?)", &put, diag);

    if (err)
        return err;
    store_bind_blob(put, 1, view_n((const char *)epoch.bytes, sizeof epoch.bytes));
    return store_run(store, put, diag);
}

/* Of a transaction that made the tables those of this version. */
static int end(struct store *store, int err, struct diag *diag) {
    if (!err)
        err = store_exec(store, "PRAGMA user_version = " NUMBER_IN(SCHEMA_VERSION), diag);
    if (!err)
        return store_commit(store, diag);
    store_rollback(store);
    return err;
}

static int make(struct store *store, struct uuid epoch, struct diag *diag) {
    int err = store_begin(store, diag);

    if (err)
        return err;
    err = store_exec(store, tables, diag);
    if (!err)
        err = store_exec(store, held, diag);
    if (!err)
        err = store_exec(store, views, diag);
    if (!err)
        err = put_epoch(store, epoch, diag);
    if (!err)
        err = store_exec(store, "PRAGMA application_id = " NUMBER_IN(APPLICATION), diag);
    return end(store, err, diag);
}

/* Version 1 knew no embargoes. */
static int bring_up_to_date(struct store *store, struct diag *diag) {
    int err = store_begin(store, diag);

    return err ? err : end(store, store_exec(store, held, diag), diag);
}

/* *out: its version; 0: nothing is in it yet. */
static int look(struct store *store, int64_t *out, struct diag *diag) {
    int64_t application = 0, things = 0;
    int err = ask(store, "PRAGMA application_id", &application, diag);

    if (!err)
        err = ask(store, "PRAGMA user_version", out, diag);
    if (!err)
        err = ask(store, "SELECT count(*) FROM sqlite_schema", &things, diag);
    if (err || (!application && !*out && !things))
        return err;
    if (application != APPLICATION) {
        diag_set(diag, 0,
                 "%s is a database, but no journal of the sink: move it away, or choose "
                 "another directory with --data",
                 store_path(store));
        return ERR_FORMAT;
    }
    if (*out > SCHEMA_VERSION || *out < 1) {
        diag_set(diag, 0,
                 "%s was written by a newer version of this program (its format is %lld, "
                 "this one knows %d): start that version",
                 store_path(store), (long long)*out, SCHEMA_VERSION);
        return ERR_VERSION;
    }
    return 0;
}

int schema_ensure(struct store *store, struct uuid epoch, struct diag *diag) {
    int64_t version = 0;
    int err = look(store, &version, diag);

    if (err || version == SCHEMA_VERSION)
        return err;
    return version ? bring_up_to_date(store, diag) : make(store, epoch, diag);
}

int schema_look(struct store *store, struct diag *diag) {
    int64_t version = 0;
    int err = look(store, &version, diag);

    if (err || version)
        return err;
    diag_set(diag, 0, "%s is empty: no sink has stored anything there",
             store_path(store));
    return ERR_NOT_FOUND;
}
