// SPDX-License-Identifier: MIT
/* kv.c: see kv.h. */
#include "daemon/store/kv.h"

#include <string.h>

static int prepare(struct db *db, sqlite3_stmt **st, const char *literal, const char *space,
                   const char *key, struct uf_err *err)
{
    *st = db_prepare(db, literal, err);
    if (*st == NULL)
        return err->code;
    (void)sqlite3_bind_text(*st, 1, space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(*st, 2, key, -1, SQLITE_STATIC);
    return 0;
}

static bool is_over(const struct db *db, uint64_t expires_ms)
{
    return expires_ms != 0 && expires_ms <= db->now_ms;
}

int kv_get(struct db *db, const char *space, const char *key, struct kv_value *v,
           struct uf_err *err)
{
    struct kv_value found = {0};
    int r = prepare(db, &found.st,
                    "SELECT version, expires_ms, value FROM kv WHERE space = ? AND key = ?", space,
                    key, err);

    if (r == 0)
        r = db_step(db, found.st, err);
    if (r < 0)
        return r;
    *v = (struct kv_value){0};
    if (r == 0)
        return 0;
    found.version = (uint64_t)sqlite3_column_int64(found.st, 0);
    found.expires_ms = (uint64_t)sqlite3_column_int64(found.st, 1);
    found.data = sqlite3_column_blob(found.st, 2);
    found.size = (size_t)sqlite3_column_bytes(found.st, 2);
    if (is_over(db, found.expires_ms))
        db_done(found.st);
    else
        *v = found;
    return 0;
}

int kv_version(struct db *db, const char *space, const char *key, uint64_t *version,
               struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = prepare(db, &st, "SELECT version, expires_ms FROM kv WHERE space = ? AND key = ?",
                    space, key, err);

    if (r == 0)
        r = db_step(db, st, err);
    if (r < 0)
        return r;
    *version = 0;
    if (r > 0 && !is_over(db, (uint64_t)sqlite3_column_int64(st, 1)))
        *version = (uint64_t)sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

int kv_set(struct db *db, const char *space, const char *key, const struct kv_new *v,
           struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = prepare(db, &st,
                    "INSERT INTO kv (space, key, version, expires_ms, value)"
                    " VALUES (?, ?, ?, ?, ?) ON CONFLICT (space, key) DO UPDATE SET"
                    " version = excluded.version, expires_ms = excluded.expires_ms,"
                    " value = excluded.value",
                    space, key, err);

    if (r < 0)
        return r;
    (void)sqlite3_bind_int64(st, 3,
                             (sqlite3_int64)(v->version != 0 ? v->version : db_next_version(db)));
    (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)v->expires_ms);
    if (v->size == 0) /* a null pointer would be NULL, which is no value */
        (void)sqlite3_bind_zeroblob(st, 5, 0);
    else
        (void)sqlite3_bind_blob64(st, 5, v->data, v->size, SQLITE_STATIC);
    return db_run(db, st, err);
}

int kv_delete(struct db *db, const char *space, const char *key, struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = prepare(db, &st, "DELETE FROM kv WHERE space = ? AND key = ?", space, key, err);

    return r < 0 ? r : db_run(db, st, err);
}

int kv_list(struct db *db, const struct kv_range *range,
            int (*visit)(void *ctx, const char *key, uint64_t version), void *ctx,
            struct uf_err *err)
{
    const char *after = range->after;
    size_t len = strlen(range->prefix);
    sqlite3_stmt *st;
    int r = prepare(db, &st,
                    "SELECT key, version, expires_ms FROM kv WHERE space = ? AND key >= ?"
                    " ORDER BY key",
                    range->space, strcmp(after, range->prefix) > 0 ? after : range->prefix, err);

    while (r == 0 && (r = db_step(db, st, err)) > 0) {
        const char *key = (const char *)sqlite3_column_text(st, 0);

        if (strncmp(key, range->prefix, len) != 0)
            break;
        r = 0;
        if (strcmp(key, after) > 0 && !is_over(db, (uint64_t)sqlite3_column_int64(st, 2)))
            r = visit(ctx, key, (uint64_t)sqlite3_column_int64(st, 1));
        if (r != 0) {
            db_done(st);
            return r;
        }
    }
    /* One row was seen that is no longer below the prefix, or there was none. */
    if (r > 0)
        db_done(st);
    return r < 0 ? r : 0;
}

/* FNV-1a, 64 bits. */
static uint64_t mix(uint64_t h, const void *data, size_t size)
{
    const unsigned char *p = data;

    for (size_t i = 0; i < size; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    return h;
}

uint64_t kv_digest_add(uint64_t digest, const char *key, uint64_t version)
{
    uint64_t h = mix(digest ^ UINT64_C(0xcbf29ce484222325), key, strlen(key) + 1);

    return mix(h, &version, sizeof(version));
}

static int add_to_digest(void *ctx, const char *key, uint64_t version)
{
    uint64_t *digest = ctx;

    *digest = kv_digest_add(*digest, key, version);
    return 0;
}

int kv_digest(struct db *db, const char *space, const char *prefix, uint64_t *out,
              struct uf_err *err)
{
    uint64_t digest = 0;
    struct kv_range all = {.space = space, .prefix = prefix, .after = ""};
    int r = kv_list(db, &all, add_to_digest, &digest, err);

    if (r == 0)
        *out = digest;
    return r;
}

int kv_sweep(struct db *db, int most, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db,
                                  "DELETE FROM kv WHERE (space, key) IN (SELECT space, key FROM kv"
                                  " WHERE expires_ms > 0 AND expires_ms <= ?"
                                  " ORDER BY expires_ms LIMIT ?)",
                                  err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)db->now_ms);
    (void)sqlite3_bind_int(st, 2, most);
    int r = db_run(db, st, err);
    return r < 0 ? r : sqlite3_changes(db->sql);
}
