// SPDX-License-Identifier: MIT
/* store.c: see store.h. */
#include "daemon/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/schema.h"

/* Uploads that may still be waiting for their deployment. */
#define KEEP_IMAGES 16u

static int fail(struct store *s, const char *what, struct uf_err *err)
{
    return uf_fail(err, -EIO, "registry: cannot %s: %s", what, sqlite3_errmsg(s->db));
}

/* Make every folder of path that is missing. */
static int make_path(const char *path, struct uf_err *err)
{
    char part[PATH_MAX];
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof(part))
        return uf_fail(err, -ENAMETOOLONG, "state directory: %s", strerror(ENAMETOOLONG));
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        (void)snprintf(part, sizeof(part), "%.*s", (int)i, path);
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return uf_fail(err, -errno, "state directory %s: cannot make %s: %s", path, part,
                           strerror(errno));
    }
    return 0;
}

static int take_lock(struct store *s, const char *path, struct uf_err *err)
{
    s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0)
        return uf_fail(err, -errno, "state directory %s: cannot open its lock: %s", path,
                       strerror(errno));
    if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return uf_fail(err, -errno, "state directory %s: cannot lock: %s", path, strerror(errno));
    return uf_fail(err, -EBUSY,
                   "another unifaasd uses the state directory %s; stop that one, or give this one "
                   "its own --state-dir",
                   path);
}

static int open_registry(struct store *s, const char *path, struct uf_err *err)
{
    static const char pragmas[] =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -256;";
    char file[PATH_MAX];

    (void)snprintf(file, sizeof(file), "%.*s/unifaas.db", PATH_MAX - 16, path);
    int r = sqlite3_open_v2(file, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (r != SQLITE_OK || sqlite3_exec(s->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
        return uf_fail(err, -EIO, "registry %s: %s", file,
                       s->db != NULL ? sqlite3_errmsg(s->db) : "out of memory");
    return schema_migrate(s->db, err);
}

int store_open(struct store *s, const char *path, struct uf_err *err)
{
    *s = (struct store){.dir = -1, .lock = -1};
    int r = make_path(path, err);

    if (r < 0)
        return r;
    s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->dir < 0)
        return uf_fail(err, -errno, "state directory %s: %s", path, strerror(errno));
    r = take_lock(s, path, err);
    if (r == 0)
        r = files_init(s->dir, err);
    if (r == 0)
        r = open_registry(s, path, err);
    return r;
}

void store_close(struct store *s)
{
    if (s->db != NULL)
        (void)sqlite3_close(s->db);
    if (s->lock >= 0)
        (void)close(s->lock);
    if (s->dir >= 0)
        (void)close(s->dir);
    *s = (struct store){.dir = -1, .lock = -1};
}

static const char *column(sqlite3_stmt *st, int i)
{
    return (const char *)sqlite3_column_text(st, i);
}

int store_each(struct store *s, int (*visit)(void *ctx, const struct store_row *r), void *ctx,
               struct uf_err *err)
{
    sqlite3_stmt *st = NULL;
    int r = 0;
    int step = SQLITE_DONE;

    if (sqlite3_prepare_v2(s->db,
                           "SELECT name, manifest, deployment, image, snapshot, created_s"
                           " FROM functions ORDER BY name",
                           -1, &st, NULL) != SQLITE_OK)
        return fail(s, "read", err);
    while (r == 0 && (step = sqlite3_step(st)) == SQLITE_ROW) {
        struct store_row row = {.name = column(st, 0),
                                .manifest = column(st, 1),
                                .deployment = column(st, 2),
                                .image = column(st, 3),
                                .snapshot = column(st, 4),
                                .created_s = (uint64_t)sqlite3_column_int64(st, 5)};

        r = visit(ctx, &row);
    }
    if (r == 0 && step != SQLITE_DONE)
        r = fail(s, "read", err);
    (void)sqlite3_finalize(st);
    return r;
}

/* Run one statement with text parameters and, perhaps, a number after them. */
static int run(struct store *s, const char *sql, const char *const *text, int n,
               const uint64_t *number)
{
    sqlite3_stmt *st = NULL;
    int r = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

    for (int i = 0; r == SQLITE_OK && i < n; i++)
        r = sqlite3_bind_text(st, i + 1, text[i], -1, SQLITE_STATIC);
    if (r == SQLITE_OK && number != NULL)
        r = sqlite3_bind_int64(st, n + 1, (sqlite3_int64)*number);
    if (r == SQLITE_OK)
        r = sqlite3_step(st);
    (void)sqlite3_finalize(st);
    return r;
}

int store_put(struct store *s, const struct store_row *r, struct uf_err *err)
{
    const char *const text[] = {r->name, r->manifest, r->deployment, r->image, r->snapshot};

    if (run(s,
            "INSERT OR REPLACE INTO functions"
            " (name, manifest, deployment, image, snapshot, created_s)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            text, 5, &r->created_s) != SQLITE_DONE)
        return fail(s, "write", err);
    return 0;
}

int store_delete(struct store *s, const char *name, struct uf_err *err)
{
    if (run(s, "DELETE FROM functions WHERE name = ?", &name, 1, NULL) != SQLITE_DONE)
        return fail(s, "write", err);
    return 0;
}

/* When the registry cannot be asked, the file counts as used. */
static bool is_image_used(void *ctx, const char *hex)
{
    return run(ctx, "SELECT 1 FROM functions WHERE image = ?", &hex, 1, NULL) != SQLITE_DONE;
}

static bool is_snapshot_used(void *ctx, const char *hex)
{
    return run(ctx, "SELECT 1 FROM functions WHERE snapshot = ?", &hex, 1, NULL) != SQLITE_DONE;
}

void store_drop(struct store *s, const char *image, const char *snapshot)
{
    if (!is_snapshot_used(s, snapshot))
        files_remove(s->dir, FILES_SNAPSHOT, snapshot);
    if (!is_image_used(s, image))
        files_remove(s->dir, FILES_IMAGE, image);
}

void store_sweep(struct store *s)
{
    files_sweep(s->dir, FILES_IMAGE, KEEP_IMAGES, is_image_used, s);
    files_sweep(s->dir, FILES_SNAPSHOT, 0, is_snapshot_used, s);
}
