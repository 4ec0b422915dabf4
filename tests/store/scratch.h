// SPDX-License-Identifier: MIT
/* scratch.h: a database in a folder of its own, for one test. */
#ifndef TESTS_STORE_SCRATCH_H
#define TESTS_STORE_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/store/db.h"
#include "tests/tap.h"

static char scratch_root[64];
static char scratch_path[96]; /* of the database */
static struct db scratch;
static struct uf_err err;

static inline int scratch_remove_one(const char *path, const struct stat *st, int kind,
                                     struct FTW *f)
{
    (void)st;
    (void)kind;
    (void)f;
    return remove(path);
}

static inline void scratch_begin(void)
{
    (void)snprintf(scratch_root, sizeof(scratch_root), "/tmp/unifaas-store.XXXXXX");
    CHECK(mkdtemp(scratch_root) != NULL);
    (void)snprintf(scratch_path, sizeof(scratch_path), "%s/unifaas.db", scratch_root);
    CHECK(db_open(&scratch, scratch_path, &err) == 0);
    scratch.now_ms = 1000;
}

static inline void scratch_end(void)
{
    db_close(&scratch);
    (void)nftw(scratch_root, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_reopen(void)
{
    db_close(&scratch);
    CHECK(db_open(&scratch, scratch_path, &err) == 0);
    scratch.now_ms = 1000;
}

/* The first column of the first row, or -1. */
static inline long long scratch_number(const char *sql)
{
    sqlite3_stmt *st = NULL;
    long long n = -1;

    CHECK(sqlite3_prepare_v2(scratch.sql, sql, -1, &st, NULL) == SQLITE_OK);
    if (sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    return n;
}

#endif
