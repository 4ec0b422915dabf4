// SPDX-License-Identifier: MIT
/* schema.c: see schema.h. */
#include "daemon/store/schema.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

#include "daemon/store/db.h"

static const char *const migrations[] = {
    "CREATE TABLE functions ("
    "  name TEXT PRIMARY KEY,"
    "  manifest TEXT NOT NULL,"
    "  deployment TEXT NOT NULL,"
    "  image TEXT NOT NULL,"
    "  snapshot TEXT NOT NULL,"
    "  created_s INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX functions_by_image ON functions (image);"
    "CREATE INDEX functions_by_snapshot ON functions (snapshot);",

    /* 2: events and effects, docs/design/007-events-and-effects.md. */
    "CREATE TABLE meta ("
    "  name TEXT PRIMARY KEY,"
    "  value ANY"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE kv ("
    "  space TEXT NOT NULL,"
    "  key TEXT NOT NULL,"
    "  version INTEGER NOT NULL,"
    "  expires_ms INTEGER NOT NULL," /* since 1970; 0: never */
    "  value BLOB NOT NULL,"
    "  PRIMARY KEY (space, key)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX kv_by_expiry ON kv (expires_ms) WHERE expires_ms > 0;"
    "CREATE TABLE queues ("
    "  id INTEGER PRIMARY KEY,"
    "  space TEXT NOT NULL,"
    "  name TEXT NOT NULL," /* \"@NAME\": the function's own */
    "  next INTEGER NOT NULL,"
    "  depth INTEGER NOT NULL,"
    "  timed INTEGER NOT NULL," /* of them, those with due_ms > 0 */
    "  dead INTEGER NOT NULL,"  /* dead letters of the function whose queue it is */
    "  UNIQUE (space, name)"
    ") STRICT;"
    "CREATE TABLE events ("
    "  queue INTEGER NOT NULL,"
    "  id INTEGER NOT NULL,"
    "  pushed_ms INTEGER NOT NULL,"
    "  due_ms INTEGER NOT NULL,"   /* 0: at once */
    "  attempts INTEGER NOT NULL," /* that failed */
    "  call_id TEXT,"              /* a caller's own; NULL: made of queue and id */
    "  head TEXT NOT NULL,"        /* lines \"name: value\": all but the body */
    "  body BLOB NOT NULL,"
    "  PRIMARY KEY (queue, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX events_due ON events (queue, due_ms) WHERE due_ms > 0;"
    "CREATE INDEX events_by_call ON events (call_id) WHERE call_id IS NOT NULL;"
    "CREATE TABLE seen (" /* keys of pushes, so that a repeated one is the same event */
    "  queue INTEGER NOT NULL,"
    "  key TEXT NOT NULL,"
    "  id INTEGER NOT NULL,"
    "  at_ms INTEGER NOT NULL,"
    "  PRIMARY KEY (queue, key)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX seen_by_id ON seen (queue, id);"
    "CREATE TABLE dead ("
    "  id INTEGER PRIMARY KEY,"
    "  space TEXT NOT NULL,"
    "  function TEXT NOT NULL,"
    "  queue TEXT NOT NULL,"
    "  call_id TEXT NOT NULL,"
    "  pushed_ms INTEGER NOT NULL,"
    "  died_ms INTEGER NOT NULL,"
    "  attempts INTEGER NOT NULL,"
    "  reason TEXT NOT NULL,"
    "  status INTEGER NOT NULL,"
    "  output BLOB NOT NULL," /* of the last attempt, cut */
    "  head TEXT NOT NULL,"
    "  body BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX dead_by_function ON dead (space, function, id);",

    /* 3: records of invocations, daemon/store/records.h */
    "CREATE TABLE deployments (" /* what invocations have in common */
    "  id INTEGER PRIMARY KEY,"
    "  space TEXT NOT NULL,"
    "  name TEXT NOT NULL,"
    "  image ANY," /* SHA-256 */
    "  memory INTEGER NOT NULL,"
    "  timeout_us INTEGER NOT NULL,"
    "  lang TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX deployments_by_name ON deployments (space, name);"
    "CREATE TABLE records ("
    "  seq INTEGER PRIMARY KEY," /* in the order in which they were written */
    "  id ANY NOT NULL,"         /* 16 bytes of a UUID, or text */
    "  deployment INTEGER NOT NULL,"
    "  start_ms INTEGER NOT NULL,"
    "  wait_us INTEGER NOT NULL,"
    "  init_us INTEGER NOT NULL,"
    "  run_us INTEGER NOT NULL,"
    "  cpu_us INTEGER NOT NULL,"
    "  status INTEGER NOT NULL,"
    "  attempt INTEGER NOT NULL,"
    "  reruns INTEGER NOT NULL,"
    "  host_calls INTEGER NOT NULL,"
    "  dirty_pages INTEGER NOT NULL,"
    "  is_cold INTEGER NOT NULL,"
    "  bytes_in INTEGER NOT NULL,"
    "  bytes_out INTEGER NOT NULL,"
    "  trigger TEXT NOT NULL,"
    "  outcome TEXT NOT NULL,"
    "  isolation TEXT,"
    "  cause ANY,"              /* as id */
    "  trace ANY,"              /* id of the trace, span, flags */
    "  parent ANY,"             /* span */
    "  total INTEGER NOT NULL," /* bytes of rows up to this one */
    "  message TEXT,"
    "  log TEXT"
    ") STRICT;",

    /* Secrets, sealed: daemon/secrets/secrets.h. */
    "CREATE TABLE secrets ("
    "  space TEXT NOT NULL,"
    "  name TEXT NOT NULL,"
    "  key_id BLOB NOT NULL," /* which key it was sealed with */
    "  sealed BLOB NOT NULL,"
    "  PRIMARY KEY (space, name)"
    ") STRICT, WITHOUT ROWID;",

    /* Namespaces; functions belong to one. */
    "CREATE TABLE spaces ("
    "  name TEXT PRIMARY KEY,"
    "  details TEXT NOT NULL" /* JSON: labels, annotations */
    ") STRICT, WITHOUT ROWID;"
    "INSERT INTO spaces (name, details) VALUES ('openfaas-fn', '{}');"
    "CREATE TABLE functions_of_spaces ("
    "  space TEXT NOT NULL,"
    "  name TEXT NOT NULL,"
    "  manifest TEXT NOT NULL,"
    "  deployment TEXT NOT NULL,"
    "  image TEXT NOT NULL,"
    "  snapshot TEXT NOT NULL,"
    "  created_s INTEGER NOT NULL,"
    "  PRIMARY KEY (space, name)"
    ") STRICT, WITHOUT ROWID;"
    "INSERT INTO functions_of_spaces SELECT 'openfaas-fn', name, manifest, deployment, image,"
    "  snapshot, created_s FROM functions;"
    "DROP TABLE functions;"
    "ALTER TABLE functions_of_spaces RENAME TO functions;"
    "CREATE INDEX functions_by_image ON functions (image);"
    "CREATE INDEX functions_by_snapshot ON functions (snapshot);",

    /* Of which sequence an invocation was a step; NULL: of none. */
    "ALTER TABLE deployments ADD COLUMN sequence TEXT;",
};
#define NMIGRATIONS ((int)(sizeof(migrations) / sizeof(migrations[0])))

/* The first column of the first row of a query that has one. */
static int read_number(sqlite3 *db, const char *sql, int *n)
{
    sqlite3_stmt *st = NULL;
    int r = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

    if (r == SQLITE_OK)
        r = sqlite3_step(st);
    if (r == SQLITE_ROW)
        *n = sqlite3_column_int(st, 0);
    (void)sqlite3_finalize(st);
    return r == SQLITE_ROW ? 0 : -EIO;
}

/* A step and its number are committed together. */
static int apply(sqlite3 *db, int step, struct uf_err *err)
{
    char number[64];
    char what[64];

    (void)snprintf(number, sizeof(number), "PRAGMA user_version = %d; COMMIT", step + 1);
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, migrations[step], NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, number, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    (void)snprintf(what, sizeof(what), "bring it to version %d", step + 1);
    int r = db_explain(db, what, err);
    (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return r;
}

int schema_version(void)
{
    return NMIGRATIONS;
}

static int bring_to(sqlite3 *db, int from, int to, struct uf_err *err)
{
    int r = 0;

    for (int step = from; r == 0 && step < to; step++)
        r = apply(db, step, err);
    return r;
}

int schema_bring_to(sqlite3 *db, int version, struct uf_err *err)
{
    int from = 0;

    if (version < 1 || version > NMIGRATIONS)
        return uf_fail(err, -EINVAL, "there is no version %d", version);
    if (read_number(db, "PRAGMA user_version", &from) < 0)
        return db_explain(db, "read its version", err);
    return bring_to(db, from, version, err);
}

int schema_migrate(sqlite3 *db, struct uf_err *err)
{
    return schema_migrate_to(db, NMIGRATIONS, err);
}

int schema_migrate_to(sqlite3 *db, int to, struct uf_err *err)
{
    int version = 0;
    int things = 0;

    if (read_number(db, "PRAGMA user_version", &version) < 0 ||
        read_number(db, "SELECT count(*) FROM sqlite_schema", &things) < 0)
        return db_explain(db, "read its version", err);
    if (version > NMIGRATIONS)
        return uf_fail(err, -EINVAL,
                       "the database has version %d, this daemon knows versions up to %d: a newer "
                       "daemon wrote it; use that one, or another --state-dir",
                       version, NMIGRATIONS);
    if (version < 0 || (version == 0) != (things == 0))
        return uf_fail(err, -EINVAL,
                       "a database, but not one of unifaasd's: move it away, or use another "
                       "--state-dir");
    for (int step = version; step < to; step++) {
        int r = apply(db, step, err);

        if (r < 0)
            return r;
    }
    return 0;
}

/* Look each thing of a database that is as it should be up in db. */
static int compare(sqlite3 *db, sqlite3 *model, struct uf_err *err)
{
    sqlite3_stmt *all = NULL;
    sqlite3_stmt *one = NULL;
    int code = 0;

    if (sqlite3_prepare_v2(model, "SELECT name, type FROM sqlite_schema", -1, &all, NULL) !=
            SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_schema WHERE name = ? AND type = ?", -1, &one,
                           NULL) != SQLITE_OK)
        code = db_explain(db, "read its tables", err);
    while (code == 0 && sqlite3_step(all) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(all, 0);

        (void)sqlite3_bind_value(one, 1, sqlite3_column_value(all, 0));
        (void)sqlite3_bind_value(one, 2, sqlite3_column_value(all, 1));
        int r = sqlite3_step(one);
        if (r == SQLITE_DONE)
            code = uf_fail(err, -EUCLEAN, "%s is missing", name);
        else if (r != SQLITE_ROW)
            code = db_explain(db, "read its tables", err);
        (void)sqlite3_reset(one);
    }
    (void)sqlite3_finalize(all);
    (void)sqlite3_finalize(one);
    return code;
}

/* The first page of each table and index is one. */
static int touch_all(sqlite3 *db, struct uf_err *err)
{
    sqlite3_stmt *all = NULL;
    char sql[160];
    int n;
    int code = 0;

    if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table'", -1, &all,
                           NULL) != SQLITE_OK)
        return db_explain(db, "read its tables", err);
    while (code == 0 && sqlite3_step(all) == SQLITE_ROW) {
        (void)sqlite3_snprintf(sizeof(sql), sql, "SELECT EXISTS (SELECT 1 FROM \"%w\")",
                               (const char *)sqlite3_column_text(all, 0));
        if (read_number(db, sql, &n) < 0)
            code = db_explain(db, "read its tables", err);
    }
    (void)sqlite3_finalize(all);
    return code;
}

int schema_check(sqlite3 *db, struct uf_err *err)
{
    sqlite3 *model = NULL;
    int r = sqlite3_open(":memory:", &model) == SQLITE_OK
                ? schema_migrate(model, err)
                : uf_fail(err, -ENOMEM, "database: out of memory");

    if (r == 0)
        r = compare(db, model, err);
    (void)sqlite3_close(model);
    return r < 0 ? r : touch_all(db, err);
}
