// SPDX-License-Identifier: MIT
/*
 * commits: how fast bare SQLite makes events durable, in a database like the daemon's
 * and with its settings, and nothing else around it.
 *
 *	commits DIR ROWS MS
 *
 * For so many milliseconds, transactions of so many events each. Prints the median and
 * the 99th percentile of a transaction in microseconds, and events per second. The
 * database is made in DIR, and removed.
 */
#include <err.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/floors/floors.h"

#define BODY_SIZE 100
#define LOG_PAGES 1000 /* as daemon/store/db.h: DB_LOG_PAGES */

static const char setup[] =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0;"
    "CREATE TABLE queues (id INTEGER PRIMARY KEY, name TEXT NOT NULL, next INTEGER NOT NULL,"
    " depth INTEGER NOT NULL) STRICT;"
    "INSERT INTO queues VALUES (1, 'q', 1, 0);"
    "CREATE TABLE events (queue INTEGER NOT NULL, id INTEGER NOT NULL, pushed_ms INTEGER NOT NULL,"
    " due_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, call_id TEXT, head TEXT NOT NULL,"
    " body BLOB NOT NULL, PRIMARY KEY (queue, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX events_due ON events (queue, due_ms) WHERE due_ms > 0;"
    "CREATE INDEX events_by_call ON events (call_id) WHERE call_id IS NOT NULL;";

struct database {
    sqlite3 *sql;
    sqlite3_stmt *begin;
    sqlite3_stmt *insert;
    sqlite3_stmt *update;
    sqlite3_stmt *commit;
    sqlite3_int64 next;
    int log_pages;
};

static void ok(struct database *d, int r)
{
    if (r != SQLITE_OK && r != SQLITE_DONE)
        errx(1, "sqlite: %s", sqlite3_errmsg(d->sql));
}

static int on_commit(void *ctx, sqlite3 *sql, const char *name, int pages)
{
    struct database *d = ctx;

    (void)sql;
    (void)name;
    d->log_pages = pages;
    return SQLITE_OK;
}

static sqlite3_stmt *prepare(struct database *d, const char *text)
{
    sqlite3_stmt *st = NULL;

    ok(d, sqlite3_prepare_v3(d->sql, text, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL));
    return st;
}

static void open_database(struct database *d, const char *path)
{
    ok(d, sqlite3_open(path, &d->sql));
    ok(d, sqlite3_exec(d->sql, setup, NULL, NULL, NULL));
    (void)sqlite3_wal_hook(d->sql, on_commit, d);
    d->begin = prepare(d, "BEGIN IMMEDIATE");
    d->insert = prepare(d, "INSERT INTO events VALUES (1, ?, ?, 0, 0, NULL, '', ?)");
    d->update = prepare(d, "UPDATE queues SET next = ?1, depth = ?1 - 1 WHERE id = 1");
    d->commit = prepare(d, "COMMIT");
    d->next = 1;
}

static void close_database(struct database *d)
{
    (void)sqlite3_finalize(d->begin);
    (void)sqlite3_finalize(d->insert);
    (void)sqlite3_finalize(d->update);
    (void)sqlite3_finalize(d->commit);
    (void)sqlite3_close(d->sql);
}

static void run(struct database *d, sqlite3_stmt *st)
{
    ok(d, sqlite3_step(st));
    ok(d, sqlite3_reset(st));
}

static void transaction(struct database *d, int rows)
{
    static const char body[BODY_SIZE] = "an event";

    run(d, d->begin);
    for (int i = 0; i < rows; i++) {
        ok(d, sqlite3_bind_int64(d->insert, 1, d->next++));
        ok(d, sqlite3_bind_int64(d->insert, 2, (sqlite3_int64)(floors_now() / 1000000u)));
        ok(d, sqlite3_bind_blob(d->insert, 3, body, sizeof(body), SQLITE_STATIC));
        run(d, d->insert);
    }
    ok(d, sqlite3_bind_int64(d->update, 1, d->next));
    run(d, d->update);
    run(d, d->commit);
    if (d->log_pages >= LOG_PAGES) {
        ok(d, sqlite3_wal_checkpoint_v2(d->sql, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
        d->log_pages = 0;
    }
}

int main(int argc, char **argv)
{
    struct database d = {.sql = NULL};
    struct series ns = {.n = 0};
    char path[PATH_MAX];
    int rows = argc == 4 ? atoi(argv[2]) : 0;
    uint64_t ms = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;

    if (rows < 1 || ms < 1)
        errx(2, "usage: commits DIR ROWS MS");
    (void)snprintf(path, sizeof(path), "%s/commits.db", argv[1]);
    open_database(&d, path);
    uint64_t start = floors_now();
    uint64_t at = start;
    while (at < start + ms * 1000000u) {
        transaction(&d, rows);
        uint64_t now = floors_now();
        series_add(&ns, now - at);
        at = now;
    }
    close_database(&d);
    if (unlink(path) < 0)
        err(1, "%s", path);
    printf("%.1f %.1f %.0f\n", (double)series_permille(&ns, 500) / 1e3,
           (double)series_permille(&ns, 990) / 1e3,
           (double)(d.next - 1) * 1e9 / (double)(at - start));
    series_fini(&ns);
}
