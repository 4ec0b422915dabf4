// SPDX-License-Identifier: MIT
/* db.c: see db.h. db_open.c opens and closes. */
#include "daemon/store/db.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/reason.h"

static int code_of(sqlite3 *sql)
{
    int system = sqlite3_system_errno(sql);

    switch (sqlite3_errcode(sql) & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return system > 0 && reason_of_disk(-system) != REASON_NONE ? -system : -EIO;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_TOOBIG:
        return -E2BIG;
    case SQLITE_BUSY:
        return -EBUSY;
    default:
        return -ENOTRECOVERABLE; /* what we said to SQLite makes no sense to it */
    }
}

int db_explain(sqlite3 *sql, const char *what, struct uf_err *err)
{
    int code = code_of(sql);

    if (reason_of_disk(code) != REASON_NONE)
        return reason_fail(err, code, reason_of_disk(code), "database: cannot %s", what);
    if (code == -EBUSY)
        return uf_fail(err, code, "database: another program has locked it; end that one first");
    return uf_fail(err, code, "database: cannot %s: %s", what, sqlite3_errmsg(sql));
}

int db_fail(struct db *db, const char *what, struct uf_err *err)
{
    return db_explain(db->sql, what, err);
}

static size_t slot_of(const char *text)
{
    return ((uintptr_t)text >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32 & (DB_STATEMENTS - 1);
}

sqlite3_stmt *db_prepare(struct db *db, const char *literal, struct uf_err *err)
{
    size_t i = slot_of(literal);

    while (db->kept[i].text != NULL && db->kept[i].text != literal)
        i = (i + 1) & (DB_STATEMENTS - 1);
    if (db->kept[i].text == NULL) {
        if (db->nkept + 1 == DB_STATEMENTS)
            abort(); /* a slot has to stay free: raise DB_STATEMENTS */
        if (sqlite3_prepare_v3(db->sql, literal, -1, SQLITE_PREPARE_PERSISTENT, &db->kept[i].st,
                               NULL) != SQLITE_OK) {
            (void)db_fail(db, "prepare a statement", err);
            return NULL;
        }
        db->kept[i].text = literal;
        db->nkept++;
    }
    return db->kept[i].st;
}

void db_done(sqlite3_stmt *st)
{
    if (st == NULL)
        return;
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
}

int db_step(struct db *db, sqlite3_stmt *st, struct uf_err *err)
{
    int r = sqlite3_step(st);
    int code = 0;

    if (r == SQLITE_ROW)
        return 1;
    if (r != SQLITE_DONE) /* to SQLite, COMMIT is read-only */
        code = db_fail(
            db, sqlite3_stmt_readonly(st) != 0 && sqlite3_column_count(st) > 0 ? "read" : "write",
            err);
    db_done(st);
    return code;
}

int db_run(struct db *db, sqlite3_stmt *st, struct uf_err *err)
{
    int r = db_step(db, st, err);

    if (r > 0)
        db_done(st);
    return r < 0 ? r : 0;
}

static int run_kept(struct db *db, const char *literal, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db, literal, err);

    return st == NULL ? err->code : db_run(db, st, err);
}

/* A statement that is under way would keep the transaction, or the log, from ending. */
static void end_statements(struct db *db)
{
    for (size_t i = 0; i < DB_STATEMENTS; i++)
        if (db->kept[i].st != NULL && sqlite3_stmt_busy(db->kept[i].st) != 0)
            db_done(db->kept[i].st);
}

int db_begin(struct db *db, struct uf_err *err)
{
    if (db->in_transaction)
        return 0;
    int r = run_kept(db, "BEGIN IMMEDIATE", err);
    db->in_transaction = r == 0;
    return r;
}

static void tell_members(struct db *db, bool is_committed)
{
    struct db_member *m;

    for (m = SLIST_FIRST(&db->members); m != NULL; m = SLIST_NEXT(m, link))
        m->ended(m, is_committed);
}

int db_commit(struct db *db, struct uf_err *err)
{
    struct db_member *m;
    int r = 0;

    if (!db->in_transaction)
        return 0;
    for (m = SLIST_FIRST(&db->members); r == 0 && m != NULL; m = SLIST_NEXT(m, link))
        r = m->save(m, db, err);
    end_statements(db);
    if (r == 0)
        r = run_kept(db, "COMMIT", err);
    if (r < 0) {
        db_rollback(db);
        return r;
    }
    db->in_transaction = false;
    tell_members(db, true);
    return 0;
}

void db_rollback(struct db *db)
{
    end_statements(db);
    /* SQLite has done it by itself after some errors. */
    if (db->in_transaction && sqlite3_get_autocommit(db->sql) == 0)
        (void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
    db->in_transaction = false;
    tell_members(db, false);
}

void db_join(struct db *db, struct db_member *m)
{
    SLIST_INSERT_HEAD(&db->members, m, link);
}

void db_tidy(struct db *db, bool has_failed)
{
    int left = 0;
    int moved = 0;

    if (db->in_transaction || (db->log_pages < db->tidy_at && !has_failed))
        return;
    int r = sqlite3_wal_checkpoint_v2(db->sql, NULL, SQLITE_CHECKPOINT_PASSIVE, &left, &moved);
    /* What cannot be moved stays in the log, where it is as good; later again. */
    db->tidy_at = db->log_max;
    if (r != SQLITE_OK || moved < left)
        db->tidy_at += db->log_pages;
    else
        db->log_pages = 0;
}

uint64_t db_next_version(struct db *db)
{
    return db->version += 2;
}
