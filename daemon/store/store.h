// SPDX-License-Identifier: MIT
/*
 * store.h: what must survive a restart: the registry of functions in SQLite,
 * images and snapshots as files beside it (files.h).
 *
 *	STATE/lock         held while a daemon runs
 *	STATE/unifaas.db   the registry, WAL, synchronous=FULL
 *
 * The order of writing makes every moment consistent: image, then snapshot,
 * then the row that names them; and the row goes before the files. What a
 * crash leaves over is swept at the next start. When a call returns 0, what it
 * says is on the disk.
 */
#ifndef DAEMON_STORE_STORE_H
#define DAEMON_STORE_STORE_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/store/files.h"

struct sqlite3;

struct store {
    int dir;
    int lock;
    struct sqlite3 *db;
};

/* One function. Strings are the caller's, or live for the callback. */
struct store_row {
    const char *name;
    const char *manifest;   /* JSON, function_format_json()          */
    const char *deployment; /* JSON object: what it was deployed with */
    const char *image;      /* SHA-256, hexadecimal                  */
    const char *snapshot;
    uint64_t created_s; /* since 1970 */
};

/*
 * Open the state directory, making it where it is missing, and bring the
 * schema up to date.
 *
 * Returns  0, -EBUSY when another daemon has it, -EINVAL when a newer version
 *          of the daemon wrote it, or another negative errno.
 */
int store_open(struct store *s, const char *path, struct uf_err *err);
void store_close(struct store *s);

int store_each(struct store *s, int (*visit)(void *ctx, const struct store_row *r), void *ctx,
               struct uf_err *err);
/* Add it, or replace the one of that name. */
int store_put(struct store *s, const struct store_row *r, struct uf_err *err);
int store_delete(struct store *s, const char *name, struct uf_err *err);

/* Remove these two files, each unless a function uses it. */
void store_drop(struct store *s, const char *image, const char *snapshot);
/* Remove images and snapshots that no function uses, but for the newest few
 * images. */
void store_sweep(struct store *s);

#endif
