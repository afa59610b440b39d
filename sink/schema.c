#include "sink/schema.h"

#include <stdio.h>

#define APPLICATION 0x77746167 /* "wtag" */

#define TEXT_OF(n)   #n
#define NUMBER_IN(n) TEXT_OF(n)

/* json stands last: what is asked of the other columns does not read it. */
static const char tables[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;\n"
    "CREATE TABLE journals(number INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE);\n"
    "CREATE TABLE ranges(journal INTEGER, lo INTEGER, hi INTEGER NOT NULL,\n"
    "    PRIMARY KEY(journal, lo)) WITHOUT ROWID;\n"
    "CREATE TABLE blanks(journal INTEGER, idx INTEGER, crc INTEGER NOT NULL,\n"
    "    stored_ms INTEGER NOT NULL, PRIMARY KEY(journal, idx)) WITHOUT ROWID;\n"
    "CREATE TABLE events(offset INTEGER PRIMARY KEY, journal INTEGER NOT NULL,\n"
    "    idx INTEGER NOT NULL, part INTEGER NOT NULL, parts INTEGER NOT NULL,\n"
    "    crc INTEGER NOT NULL, guid TEXT NOT NULL, version INTEGER NOT NULL,\n"
    "    canceled INTEGER NOT NULL, stored_ms INTEGER NOT NULL, json TEXT NOT NULL,\n"
    "    UNIQUE(journal, idx, part));\n"
    "CREATE INDEX events_by_guid ON events(guid, version);\n"
    "CREATE INDEX events_canceled ON events(guid) WHERE canceled = 1;\n"
    "CREATE TABLE cursors(name TEXT PRIMARY KEY, offset INTEGER NOT NULL,\n"
    "    dev INTEGER, ino INTEGER, length INTEGER, tail INTEGER, day INTEGER)\n"
    "    WITHOUT ROWID;\n";

/* Within one run of an ingest the index says what came first, else the offset: enrichers
 * work side by side, and a kill may overtake what it kills. */
static const char views[] =
    "CREATE VIEW versions AS SELECT e.*,\n"
    "    (SELECT min(c.offset) FROM events c WHERE c.guid = e.guid AND c.canceled = 1\n"
    "        AND c.offset <> e.offset AND (c.version > e.version OR CASE\n"
    "            WHEN c.journal = e.journal THEN c.idx > e.idx\n"
    "            ELSE c.offset > e.offset END)) AS canceled_by,\n"
    "    (SELECT n.offset FROM events n WHERE n.guid = e.guid AND\n"
    "        (n.version > e.version OR (n.version = e.version AND n.part = e.part\n"
    "            AND n.offset > e.offset))\n"
    "        ORDER BY n.version DESC, n.offset DESC LIMIT 1) AS replaced_by\n"
    "    FROM events e;\n"
    "CREATE VIEW stories AS SELECT * FROM versions\n"
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

static int make(struct store *store, struct uuid epoch, struct diag *diag) {
    int err = store_begin(store, diag);

    if (err)
        return err;
    err = store_exec(store, tables, diag);
    if (!err)
        err = store_exec(store, views, diag);
    if (!err)
        err = put_epoch(store, epoch, diag);
    if (!err)
        err = store_exec(
            store,
            "PRAGMA application_id = " NUMBER_IN(
                APPLICATION) ";"
                             "PRAGMA user_version = " NUMBER_IN(SCHEMA_VERSION),
            diag);
    if (!err)
        return store_commit(store, diag);
    store_rollback(store);
    return err;
}

int schema_ensure(struct store *store, struct uuid epoch, struct diag *diag) {
    int64_t application = 0, version = 0, things = 0;
    int err = ask(store, "PRAGMA application_id", &application, diag);

    if (!err)
        err = ask(store, "PRAGMA user_version", &version, diag);
    if (!err)
        err = ask(store, "SELECT count(*) FROM sqlite_schema", &things, diag);
    if (err)
        return err;
    if (!application && !version && !things)
        return make(store, epoch, diag);
    if (application != APPLICATION) {
        diag_set(diag, 0,
                 "%s is a database, but no journal of the sink: move it away, or choose "
                 "another directory with --data",
                 store_path(store));
        return ERR_FORMAT;
    }
    if (version > SCHEMA_VERSION || version < 1) {
        diag_set(diag, 0,
                 "%s was written by a newer version of this program (its format is %lld, "
                 "this one knows %d): start that version",
                 store_path(store), (long long)version, SCHEMA_VERSION);
        return ERR_VERSION;
    }
    return 0;
}
