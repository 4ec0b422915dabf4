// SPDX-License-Identifier: MIT
/*
 * deploy.h: from an image to a function that serves.
 *
 *	loop                       file thread                store thread
 *	its turn comes
 *	                           the image is checked
 *	a blank tender boots it,
 *	init runs
 *	                           the snapshot is sealed
 *	                           and synced
 *	                                                      it gets its name, the
 *	                                                      registry its row
 *	the fleet uses it; what it
 *	replaced is dropped
 *
 * One after another, in the order they came, so that two deployments of one
 * name end as if the second had come after the first. The same path rebuilds a
 * snapshot that cannot be used (another version wrote it, the disk damaged it).
 */
#ifndef DAEMON_DEPLOY_DEPLOY_H
#define DAEMON_DEPLOY_DEPLOY_H

#include <sys/queue.h>

#include "daemon/fleet/fleet.h"
#include "daemon/queue/queue.h"
#include "daemon/store/store.h"

#define DEPLOY_QUEUE_MAX 16u
#define DEPLOY_IMAGE_MAX (UINT64_C(64) << 20) /* bytes of an image                        */
#define DEPLOY_HASH_MIN  8u                   /* digits of a hash that can stand for all  */

struct deploys;

/* How a deployment ended. */
struct deploy_end {
    unsigned http;               /* 200: done                                 */
    const char *reason;          /* else: why                                 */
    const struct result *result; /* of init, when that failed; or NULL        */
    struct fn *fn;               /* when done                                 */
};

/* Made by the caller with deploy_new(), filled in, then given away. */
struct deploy_job {
    struct function conf; /* owned */
    char image[SNAPFILE_HEX];
    char *source; /* owned: a path, or the beginning of a hash, in the place of image; or NULL */
    char *deployment; /* owned: JSON for describe */
    uint64_t created_s;
    bool is_rebuild; /* only while the fleet still waits for just this */
    void (*done)(void *ctx, const struct deploy_end *end);
    void *ctx;

    struct deploys *deploys;
    struct boot boot;
    struct store_job step;  /* what a thread does for it now */
    struct store_drop drop; /* of what it replaced */
    int image_fd;
    struct files_new import; /* a copy of source */
    struct files_new snapshot;
    char snapshot_name[SNAPFILE_HEX];
    char *manifest; /* JSON */
    char *log;      /* of init */
    size_t log_size;
    TAILQ_ENTRY(deploy_job) link;
};

struct deploys {
    struct loop *loop;
    struct fleet *fleet;
    struct store *store;
    const char *image_dir; /* below which images may be named by path; "": nowhere */
    struct queues *queues; /* that are told of functions; set before deploys_load() */
    struct deploy_job *current;
    TAILQ_HEAD(, deploy_job) waiting;
    uint32_t nwaiting;
    uint64_t rebuilds;
    bool is_stopping;
};

void deploys_init(struct deploys *d, struct loop *l, struct fleet *f, struct store *s);
/* What waits or boots ends with 503; so does what a thread is at work on, unless it is
 * registered, when that comes back (store_settle()). */
void deploys_stop(struct deploys *d);

/* Put every function of the registry into the fleet. Before store_start(). */
int deploys_load(struct deploys *d, struct uf_err *err);

/* 8 or more of a hash's digits, perhaps with sha256: before them? Pure. */
bool deploy_is_short_hash(const char *text);

struct deploy_job *deploy_new(void);
void deploy_free(struct deploy_job *j);
/* j->done() follows once, perhaps at once; j belongs to d. */
void deploy_submit(struct deploys *d, struct deploy_job *j);

/*
 * Take a function out of the registry, then out of service, then its files.
 *
 * done     gets 0, -ENOENT when another removal came first, or what the disk says:
 *          then nothing has changed.
 */
void deploy_remove(struct deploys *d, struct fn *fn,
                   void (*done)(void *ctx, const char *name, int code, const struct uf_err *err),
                   void *ctx);

/* For fleet_ops; ctx is a struct deploys. */
int deploy_prepare(void *ctx, struct fn *fn, struct uf_err *err);
int deploy_open(void *ctx, struct fn *fn, struct uf_err *err);

/* ---- steps.c: on the threads of the store; j->deploys and j->step are set ------------ */

/* What boots is what was sent, or nothing does: open and hash the image, make a file
 * for the snapshot. -ENOENT: there is no such image. */
int step_open(struct store_job *step, struct db *none);
/* import.c: copy the file that source names, or find the image that it begins. */
int step_import(struct store_job *step, struct db *none);
/* Give the copy its name. */
int step_name_import(struct store_job *step, struct db *db);
/* Seal the snapshot, make it durable, learn its name. */
int step_seal(struct store_job *step, struct db *none);
/* Give it its name and the registry its row. */
int step_register(struct store_job *step, struct db *db);

#endif
