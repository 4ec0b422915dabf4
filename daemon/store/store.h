// SPDX-License-Identifier: MIT
/*
 * store.h: what must survive a restart: the database, images and snapshots as
 * files beside it (files.h), and the two threads that touch them, so that the
 * loop never waits for the disk.
 *
 *	STATE/lock         held while a daemon runs
 *	STATE/unifaas.db   functions, events, keys, records: WAL, synchronous=FULL
 *
 *	worker   the database, and which files have a name: short jobs, one order
 *	files    what reads or writes whole files: they may take seconds, and no
 *	         event waits for them
 *
 * The order of writing makes every moment consistent: image, then snapshot,
 * then the row that names them; and the row goes before the files. What a
 * crash leaves over is swept at the next start.
 */
#ifndef DAEMON_STORE_STORE_H
#define DAEMON_STORE_STORE_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/store/db.h"
#include "daemon/store/files.h"
#include "daemon/store/worker.h"

struct store {
    int dir;
    int lock;
    struct db db;         /* the worker's, from store_start() on      */
    struct worker worker; /* the store thread                         */
    struct worker files;  /* has no database: apply() gets a null pointer */
};

/*
 * Open the state directory, making it where it is missing, and bring the
 * schema up to date.
 *
 * Returns  0, -EBUSY when another daemon has it, -EINVAL when a newer version
 *          of the daemon wrote it, -EUCLEAN when the database is damaged, or
 *          another negative errno.
 */
int store_open(struct store *s, const char *path, struct uf_err *err);
/* Start the threads. */
int store_start(struct store *s, struct loop *l, struct uf_err *err);
/* Wait until every job, and what its done() submitted, was handed back. */
void store_settle(struct store *s);
/* Settles first. Tolerates one that is half open. */
void store_close(struct store *s);

/* ---- the registry: before store_start(), or on the store thread ---------------------- */

/* One function. Strings are the caller's, or live for the callback. */
struct store_row {
    const char *space;
    const char *name;
    const char *manifest;   /* JSON, function_format_json()          */
    const char *deployment; /* JSON object: what it was deployed with */
    const char *image;      /* SHA-256, hexadecimal; "" of a sequence */
    const char *snapshot;   /* likewise                              */
    uint64_t created_s;     /* since 1970 */
};

int store_each(struct db *db, int (*visit)(void *ctx, const struct store_row *r), void *ctx,
               struct uf_err *err);
/* Add it, or replace the one of that name. */
int store_put(struct db *db, const struct store_row *r, struct uf_err *err);
/* 0 whether there was one or not. */
int store_delete(struct db *db, const char *space, const char *name, struct uf_err *err);

/* ---- files that nobody needs: from the loop, at some later time ------------------------ */

/* Two files that may have to go. Embedded by whoever drops them. */
struct store_drop {
    struct store_job job; /* done() comes when those that nobody uses are gone */
    struct store *store;
    char image[SNAPFILE_HEX];
    char snapshot[SNAPFILE_HEX];
};

/* Remove these two files, each unless a function uses it. image may be NULL. */
void store_drop(struct store *s, struct store_drop *d, const char *image, const char *snapshot,
                void (*done)(struct store_job *j));
/* Remove images and snapshots that no function uses, but for the newest few
 * images. Before store_start() it is done at once; then a registry without functions
 * removes nothing: somebody may have moved a damaged one away, and will bring back a
 * copy that needs them. */
void store_sweep(struct store *s);

/* The HTTP status of what could not be kept, by its negative errno: 507 when the
 * disk does not take it, 503 when it may later, 429 when a queue is full (-ENOBUFS), 413
 * when it could never hold as many (-E2BIG), 404
 * when what it belongs to is not there (-ENOENT), 500 otherwise. */
unsigned store_http(int code);

#endif
