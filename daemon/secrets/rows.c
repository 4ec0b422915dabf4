// SPDX-License-Identifier: MIT
/* rows.c: see rows.h. */
#include "daemon/secrets/rows.h"

#include <errno.h>

int secret_rows_each(struct db *db, int (*visit)(void *ctx, const struct secret_row *r), void *ctx,
                     struct uf_err *err)
{
    sqlite3_stmt *st =
        db_prepare(db, "SELECT space, name, key_id, sealed FROM secrets ORDER BY space, name", err);
    int r = st == NULL ? err->code : 0;

    while (r == 0 && (r = db_step(db, st, err)) > 0) {
        const struct secret_row row = {.space = (const char *)sqlite3_column_text(st, 0),
                                       .name = (const char *)sqlite3_column_text(st, 1),
                                       .key_id = sqlite3_column_blob(st, 2),
                                       .sealed = sqlite3_column_blob(st, 3),
                                       .size = (size_t)sqlite3_column_bytes(st, 3)};

        r = visit(ctx, &row);
        if (r != 0)
            db_done(st);
    }
    return r;
}

static int bind(struct db *db, sqlite3_stmt **st, const char *literal, const char *space,
                const char *name, struct uf_err *err)
{
    *st = db_prepare(db, literal, err);
    if (*st == NULL)
        return err->code;
    (void)sqlite3_bind_text(*st, 1, space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(*st, 2, name, -1, SQLITE_STATIC);
    return 0;
}

/* 1 when it is there, 0 when not. */
static int is_there(struct db *db, const char *space, const char *name, struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = bind(db, &st, "SELECT 1 FROM secrets WHERE space = ? AND name = ?", space, name, err);

    if (r == 0)
        r = db_step(db, st, err);
    if (r > 0)
        db_done(st);
    return r;
}

static int count(struct db *db, uint32_t *n, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db, "SELECT count(*) FROM secrets", err);
    int r = st == NULL ? err->code : db_step(db, st, err);

    if (r <= 0)
        return r;
    *n = (uint32_t)sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

static int put(struct db *db, const struct secret_row *row, struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = bind(db, &st,
                 "INSERT INTO secrets (space, name, key_id, sealed) VALUES (?, ?, ?, ?)"
                 " ON CONFLICT (space, name) DO UPDATE SET key_id = excluded.key_id,"
                 " sealed = excluded.sealed",
                 row->space, row->name, err);

    if (r < 0)
        return r;
    (void)sqlite3_bind_blob(st, 3, row->key_id, SECRET_KEY_ID, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(st, 4, row->sealed, row->size, SQLITE_STATIC);
    return db_run(db, st, err);
}

int secret_rows_add(struct db *db, const struct secret_row *row, uint32_t most, struct uf_err *err)
{
    uint32_t n = 0;
    int r = is_there(db, row->space, row->name, err);

    if (r > 0)
        return uf_fail(err, -EEXIST, "there is a secret %s already; PUT replaces it", row->name);
    if (r == 0)
        r = count(db, &n, err);
    if (r == 0 && n >= most)
        r = uf_fail(err, -EDQUOT, "there are %u secrets, which is the limit; remove one", n);
    return r == 0 ? put(db, row, err) : r;
}

static int want(struct db *db, const char *space, const char *name, struct uf_err *err)
{
    int r = is_there(db, space, name, err);

    return r > 0 ? 0 : r < 0 ? r : uf_fail(err, -ENOENT, "there is no secret %s", name);
}

int secret_rows_replace(struct db *db, const struct secret_row *row, struct uf_err *err)
{
    int r = want(db, row->space, row->name, err);

    return r == 0 ? put(db, row, err) : r;
}

int secret_rows_remove(struct db *db, const char *space, const char *name, struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = want(db, space, name, err);

    if (r == 0)
        r = bind(db, &st, "DELETE FROM secrets WHERE space = ? AND name = ?", space, name, err);
    return r == 0 ? db_run(db, st, err) : r;
}
