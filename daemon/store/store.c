// SPDX-License-Identifier: MIT
/* store.c: see store.h. */
#include "daemon/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "engine/reason.h"

/* Uploads that may still be waiting for their deployment. */
#define KEEP_IMAGES 16u

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
            return reason_fail(err, -errno, reason_of_disk(-errno), "cannot make %.80s", part);
    }
    return 0;
}

static int take_lock(struct store *s, const char *path, struct uf_err *err)
{
    s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0)
        return reason_fail(err, -errno, reason_of_disk(-errno), "cannot make %.80s/lock", path);
    if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return uf_fail(err, -errno, "state directory %s: cannot lock: %s", path, strerror(errno));
    return uf_fail(err, -EBUSY,
                   "another unifaasd uses the state directory %s; stop that one, or give this one "
                   "its own --state-dir",
                   path);
}

/* Keys, events and records are for nobody else, whatever the mode of a folder that was
 * there, and who can open the database can lock it. SQLite makes the log with the mode
 * that this has; what cannot be made here it will say. */
static void keep_private(const struct store *s)
{
    int fd = openat(s->dir, "unifaas.db", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return;
    (void)fchmod(fd, 0600);
    (void)close(fd);
    if (fchmodat(s->dir, "unifaas.db-wal", 0600, 0) < 0)
        return; /* there is no log */
}

int store_open(struct store *s, const char *path, struct uf_err *err)
{
    char file[PATH_MAX];

    *s = (struct store){.dir = -1, .lock = -1};
    int r = make_path(path, err);

    if (r < 0)
        return r;
    s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->dir < 0)
        return reason_fail(err, -errno, reason_of_disk(-errno), "state directory %.80s", path);
    (void)snprintf(file, sizeof(file), "%.*s/unifaas.db", PATH_MAX - 16, path);
    r = take_lock(s, path, err);
    if (r == 0)
        r = files_init(s->dir, err);
    if (r == 0) {
        keep_private(s);
        r = db_open(&s->db, file, err);
    }
    return r;
}

int store_start(struct store *s, struct loop *l, struct uf_err *err)
{
    int r = worker_start(&s->worker, l, &s->db, err);

    return r < 0 ? r : worker_start(&s->files, l, NULL, err);
}

void store_settle(struct store *s)
{
    /* A job of one may lead to one of the other. */
    while (s->worker.pending > 0 || s->files.pending > 0) {
        worker_settle(&s->files);
        worker_settle(&s->worker);
    }
}

void store_close(struct store *s)
{
    store_settle(s);
    worker_stop(&s->files);
    worker_stop(&s->worker);
    db_close(&s->db);
    if (s->lock >= 0)
        (void)close(s->lock);
    if (s->dir >= 0)
        (void)close(s->dir);
    *s = (struct store){.dir = -1, .lock = -1};
}

/* ---- the registry ----------------------------------------------------------------------- */

static const char *column(sqlite3_stmt *st, int i)
{
    return (const char *)sqlite3_column_text(st, i);
}

int store_each(struct db *db, int (*visit)(void *ctx, const struct store_row *r), void *ctx,
               struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db,
                                  "SELECT space, name, manifest, deployment, image, snapshot,"
                                  " created_s FROM functions ORDER BY space, name",
                                  err);
    int r = st == NULL ? err->code : 0;

    while (r == 0 && (r = db_step(db, st, err)) > 0) {
        struct store_row row = {.space = column(st, 0),
                                .name = column(st, 1),
                                .manifest = column(st, 2),
                                .deployment = column(st, 3),
                                .image = column(st, 4),
                                .snapshot = column(st, 5),
                                .created_s = (uint64_t)sqlite3_column_int64(st, 6)};

        r = visit(ctx, &row);
    }
    db_done(st);
    return r;
}

int store_put(struct db *db, const struct store_row *r, struct uf_err *err)
{
    const char *const text[] = {r->space,      r->name,  r->manifest,
                                r->deployment, r->image, r->snapshot};
    sqlite3_stmt *st = db_prepare(db,
                                  "INSERT OR REPLACE INTO functions"
                                  " (space, name, manifest, deployment, image, snapshot, created_s)"
                                  " VALUES (?, ?, ?, ?, ?, ?, ?)",
                                  err);

    if (st == NULL)
        return err->code;
    for (int i = 0; i < 6; i++)
        (void)sqlite3_bind_text(st, i + 1, text[i], -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(st, 7, (sqlite3_int64)r->created_s);
    return db_run(db, st, err);
}

int store_delete(struct db *db, const char *space, const char *name, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db, "DELETE FROM functions WHERE space = ? AND name = ?", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_text(st, 1, space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC);
    return db_run(db, st, err);
}

/* ---- files that nobody needs ------------------------------------------------------------- */

/* When the registry cannot be asked, the file counts as used. */
static bool is_used(struct db *db, const char *literal, const char *hex)
{
    struct uf_err err;
    sqlite3_stmt *st = db_prepare(db, literal, &err);

    if (st == NULL)
        return true;
    (void)sqlite3_bind_text(st, 1, hex, -1, SQLITE_STATIC);
    int r = db_step(db, st, &err);
    db_done(st);
    return r != 0;
}

static bool is_image_used(void *ctx, const char *hex)
{
    return is_used(ctx, "SELECT 1 FROM functions WHERE image = ?", hex);
}

static bool is_snapshot_used(void *ctx, const char *hex)
{
    return is_used(ctx, "SELECT 1 FROM functions WHERE snapshot = ?", hex);
}

static void sweep(struct store *s, struct db *db)
{
    files_sweep(s->dir, FILES_IMAGE, KEEP_IMAGES, is_image_used, db);
    files_sweep(s->dir, FILES_SNAPSHOT, 0, is_snapshot_used, db);
}

/* After the commit, so that what is not used is durably so. */
static void after_drop(struct store_job *j, struct db *db)
{
    const struct store_drop *d = UF_OWNER(j, struct store_drop, job);

    if (!is_snapshot_used(db, d->snapshot))
        files_remove(d->store->dir, FILES_SNAPSHOT, d->snapshot);
    if (d->image[0] != '\0' && !is_image_used(db, d->image))
        files_remove(d->store->dir, FILES_IMAGE, d->image);
}

void store_drop(struct store *s, struct store_drop *d, const char *image, const char *snapshot,
                void (*done)(struct store_job *j))
{
    *d = (struct store_drop){.job = {.after = after_drop, .done = done}, .store = s};
    (void)snprintf(d->image, sizeof(d->image), "%s", image != NULL ? image : "");
    (void)snprintf(d->snapshot, sizeof(d->snapshot), "%s", snapshot);
    worker_submit(&s->worker, &d->job);
}

struct sweeping {
    struct store_job job;
    struct store *store;
};

static void after_sweep(struct store_job *j, struct db *db)
{
    sweep(UF_OWNER(j, struct sweeping, job)->store, db);
}

static void on_swept(struct store_job *j)
{
    free(UF_OWNER(j, struct sweeping, job));
}

static void submit_sweep(struct store *s)
{
    struct sweeping *w = xnew(sizeof(*w));

    *w = (struct sweeping){.job = {.after = after_sweep, .done = on_swept}, .store = s};
    worker_submit(&s->worker, &w->job);
}

static bool has_functions(struct db *db)
{
    return is_used(db, "SELECT 1 FROM functions WHERE ? IS NOT NULL", "");
}

void store_sweep(struct store *s)
{
    if (s->worker.loop != NULL)
        submit_sweep(s);
    else if (has_functions(&s->db))
        sweep(s, &s->db);
}

unsigned store_http(int code)
{
    enum reason r = reason_of_disk(code);

    if (code == -ENOENT)
        return 404;
    if (code == -ENOBUFS)
        return 429;
    if (code == -E2BIG)
        return 413;
    if (r == REASON_NONE || r == REASON_DAMAGED)
        return 500;
    return r == REASON_FILES || r == REASON_MACHINE_FILES ? 503 : 507;
}
