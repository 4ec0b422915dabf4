// SPDX-License-Identifier: MIT
/*
 * deploy.h: from an image to a function that serves.
 *
 *	image known -> a blank tender boots it, init runs -> the snapshot is
 *	sealed, durable -> the row is in the registry -> the fleet uses it ->
 *	what it replaced is dropped
 *
 * One after another, in the order they came, so that two deployments of one
 * name end as if the second had come after the first. The same path rebuilds a
 * snapshot that cannot be used (another version wrote it, the disk damaged it).
 */
#ifndef DAEMON_DEPLOY_DEPLOY_H
#define DAEMON_DEPLOY_DEPLOY_H

#include <sys/queue.h>

#include "daemon/fleet/fleet.h"
#include "daemon/store/store.h"

#define DEPLOY_QUEUE_MAX 16u

struct deploys;

/* How a deployment ended. */
struct deploy_end {
    unsigned http;               /* 200: done                                 */
    const char *reason;          /* else: why                                 */
    const struct result *result; /* of init, when it came to that; or NULL    */
    struct fn *fn;               /* when done                                 */
};

/* Made by the caller with deploy_new(), filled in, then given away. */
struct deploy_job {
    struct function conf; /* owned */
    char image[SNAPFILE_HEX];
    char *deployment; /* owned: JSON for describe */
    uint64_t created_s;
    bool is_rebuild; /* only while the fleet still waits for just this */
    void (*done)(void *ctx, const struct deploy_end *end);
    void *ctx;

    struct deploys *deploys;
    struct boot boot;
    int image_fd;
    struct files_new snapshot;
    TAILQ_ENTRY(deploy_job) link;
};

struct deploys {
    struct loop *loop;
    struct fleet *fleet;
    struct store *store;
    struct deploy_job *current;
    TAILQ_HEAD(, deploy_job) waiting;
    uint32_t nwaiting;
    uint64_t rebuilds;
};

void deploys_init(struct deploys *d, struct loop *l, struct fleet *f, struct store *s);
/* What is not done ends with 503. */
void deploys_fini(struct deploys *d);

/* Put every function of the registry into the fleet. */
int deploys_load(struct deploys *d, struct uf_err *err);

struct deploy_job *deploy_new(void);
void deploy_free(struct deploy_job *j);
/* j->done() follows once, perhaps at once; j belongs to d. */
void deploy_submit(struct deploys *d, struct deploy_job *j);

/* Take a function out of service, the registry, and the state directory. */
int deploy_remove(struct deploys *d, struct fn *fn, struct uf_err *err);

/* For fleet_ops; ctx is a struct deploys. */
int deploy_prepare(void *ctx, struct fn *fn, struct uf_err *err);
int deploy_open(void *ctx, struct fn *fn, struct uf_err *err);

#endif
