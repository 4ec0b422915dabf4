// SPDX-License-Identifier: MIT
/* schema.c: see schema.h. */
#include "daemon/store/schema.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

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
};
#define NMIGRATIONS ((int)(sizeof(migrations) / sizeof(migrations[0])))

static int read_version(sqlite3 *db, int *version)
{
    sqlite3_stmt *st = NULL;
    int r = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL);

    if (r == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        *version = sqlite3_column_int(st, 0);
    else
        r = SQLITE_ERROR;
    (void)sqlite3_finalize(st);
    return r == SQLITE_OK ? 0 : -EIO;
}

/* A step and its number are committed together. */
static int apply(sqlite3 *db, int step, struct uf_err *err)
{
    char number[64];

    (void)snprintf(number, sizeof(number), "PRAGMA user_version = %d; COMMIT", step + 1);
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, migrations[step], NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, number, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    (void)uf_fail(err, -EIO, "cannot bring the registry to version %d: %s", step + 1,
                  sqlite3_errmsg(db));
    (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return -EIO;
}

int schema_migrate(sqlite3 *db, struct uf_err *err)
{
    int version = 0;

    if (read_version(db, &version) < 0)
        return uf_fail(err, -EIO, "cannot read the registry: %s", sqlite3_errmsg(db));
    if (version > NMIGRATIONS)
        return uf_fail(err, -EINVAL,
                       "the registry has version %d, this daemon knows versions up to %d: a newer "
                       "daemon wrote it; use that one, or another --state-dir",
                       version, NMIGRATIONS);
    for (int step = version; step < NMIGRATIONS; step++) {
        int r = apply(db, step, err);

        if (r < 0)
            return r;
    }
    return 0;
}
