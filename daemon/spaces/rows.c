// SPDX-License-Identifier: MIT
/* rows.c: see rows.h. */
#include "daemon/spaces/rows.h"

#include <errno.h>
#include <string.h>

#include "daemon/store/qrow.h"
#include "engine/function.h"

int space_rows_each(struct db *db, int (*visit)(void *ctx, const char *name, const char *details),
                    void *ctx, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db, "SELECT name, details FROM spaces ORDER BY name", err);
    int r = st == NULL ? err->code : 0;

    while (r == 0 && (r = db_step(db, st, err)) > 0) {
        r = visit(ctx, (const char *)sqlite3_column_text(st, 0),
                  (const char *)sqlite3_column_text(st, 1));
        if (r != 0)
            db_done(st);
    }
    return r;
}

/* A statement with up to two texts. */
static int bind(struct db *db, sqlite3_stmt **st, const char *literal, const char *first,
                const char *second, struct uf_err *err)
{
    *st = db_prepare(db, literal, err);
    if (*st == NULL)
        return err->code;
    if (first != NULL)
        (void)sqlite3_bind_text(*st, 1, first, -1, SQLITE_STATIC);
    if (second != NULL)
        (void)sqlite3_bind_text(*st, 2, second, -1, SQLITE_STATIC);
    return 0;
}

/* What a query for one number says. */
static int number(struct db *db, const char *literal, const char *name, int64_t *out,
                  struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = bind(db, &st, literal, name, NULL, err);

    *out = 0;
    if (r == 0)
        r = db_step(db, st, err);
    if (r <= 0)
        return r;
    *out = sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

static int write(struct db *db, const char *literal, const char *first, const char *second,
                 struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = bind(db, &st, literal, first, second, err);

    return r < 0 ? r : db_run(db, st, err);
}

int space_rows_add(struct db *db, const char *name, const char *details, uint32_t most,
                   struct uf_err *err)
{
    int64_t same;
    int64_t all;
    int r = number(db, "SELECT count(*) FROM spaces WHERE name = ?", name, &same, err);

    if (r == 0 && same > 0)
        return uf_fail(err, -EEXIST, "there is a namespace %s already", name);
    if (r == 0)
        r = number(db, "SELECT count(*) FROM spaces", NULL, &all, err);
    if (r == 0 && all >= (int64_t)most)
        return uf_fail(err, -EDQUOT, "there are %u namespaces, which is the limit", most);
    return r < 0
               ? r
               : write(db, "INSERT INTO spaces (name, details) VALUES (?, ?)", name, details, err);
}

int space_rows_want(struct db *db, const char *name, struct uf_err *err)
{
    int64_t n;

    if (strcmp(name, FUNCTION_SPACE) == 0)
        return 0; /* it stays */
    int r = number(db, "SELECT count(*) FROM spaces WHERE name = ?", name, &n, err);
    return r < 0 ? r : n > 0 ? 0 : uf_fail(err, -ENOENT, "there is no namespace %s", name);
}

int space_rows_replace(struct db *db, const char *name, const char *details, struct uf_err *err)
{
    int r = space_rows_want(db, name, err);

    return r < 0 ? r
                 : write(db, "UPDATE spaces SET details = ?2 WHERE name = ?1", name, details, err);
}

static int check_empty(struct db *db, const char *name, struct uf_err *err)
{
    int64_t functions;
    uint64_t events = 0;
    uint64_t dead = 0;
    int r = number(db, "SELECT count(*) FROM functions WHERE space = ?", name, &functions, err);

    if (r == 0)
        r = qrow_total(db, name, &events, &dead, err);
    if (r == 0 && functions > 0)
        return uf_fail(err, -ENOTEMPTY, "namespace %s has %lld functions: remove them first", name,
                       (long long)functions);
    if (r == 0 && events + dead > 0)
        return uf_fail(err, -ENOTEMPTY,
                       "namespace %s has %llu events that wait and %llu that failed: purge them "
                       "first",
                       name, (unsigned long long)events, (unsigned long long)dead);
    return r;
}

int space_rows_remove(struct db *db, const char *name, struct uf_err *err)
{
    int r = space_rows_want(db, name, err);

    if (r == 0)
        r = check_empty(db, name, err);
    if (r == 0)
        r = qrow_free_space(db, name, err);
    if (r == 0)
        r = write(db, "DELETE FROM kv WHERE space = ?", name, NULL, err);
    if (r == 0)
        r = write(db, "DELETE FROM secrets WHERE space = ?", name, NULL, err);
    return r < 0 ? r : write(db, "DELETE FROM spaces WHERE name = ?", name, NULL, err);
}
