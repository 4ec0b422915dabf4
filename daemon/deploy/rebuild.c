// SPDX-License-Identifier: MIT
/*
 * rebuild.c: the snapshot that an instance starts from; see deploy.h.
 *
 * It is checked when it is first used after the daemon started: every byte of
 * it becomes part of a guest. One that is damaged, or that another version
 * wrote, is made again from its image, which is all that cannot be replaced.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/deploy/deploy.h"
#include "daemon/record/say.h"
#include "engine/reason.h"

#define RETRY_NS UINT64_C(10000000000)

struct rebuild {
    struct deploys *deploys;
    char space[FUNCTION_NAME_MAX + 1];
    char name[FUNCTION_NAME_MAX + 1];
};

/* It cannot be made again either: calls learn why, until it is tried once more. */
static void give_up(struct deploys *d, struct fn *fn, const char *why)
{
    say("%s: its snapshot cannot be made again: %s", fn->label, why);
    (void)snprintf(fn->broken, sizeof(fn->broken), "%s", why);
    fn->is_rebuilding = false;
    fn->rebuild_not_before_ns = d->loop->now_ns + RETRY_NS;
    fleet_retry(fn);
}

static void on_rebuilt(void *ctx, const struct deploy_end *e)
{
    struct rebuild *b = ctx;
    struct fn *fn = fleet_find(b->deploys->fleet, b->space, b->name);

    if (e->http == 200)
        say("%s: its snapshot was made again from its image", e->fn->label);
    else if (fn != NULL && fn->is_rebuilding)
        give_up(b->deploys, fn, e->reason);
    free(b);
}

static int rebuild(struct deploys *d, struct fn *fn, struct uf_err *err)
{
    struct deploy_job *j = deploy_new();
    struct rebuild *b = xnew(sizeof(*b));
    char *manifest = function_format_json(&fn->conf);
    int r = manifest == NULL ? uf_fail(err, -ENOMEM, "no memory for the manifest")
                             : function_parse_json(&j->conf, manifest, strlen(manifest), err);

    free(manifest);
    if (r < 0) {
        deploy_free(j);
        free(b);
        return r;
    }
    b->deploys = d;
    memcpy(b->space, fn->conf.space, sizeof(b->space));
    memcpy(b->name, fn->conf.name, sizeof(b->name));
    memcpy(j->conf.space, fn->conf.space, sizeof(j->conf.space));
    (void)snprintf(j->image, sizeof(j->image), "%s", fn->image);
    j->deployment = xcopy(fn->deployment);
    j->created_s = fn->created_s;
    j->is_rebuild = true;
    j->done = on_rebuilt;
    j->ctx = b;
    fn->is_rebuilding = true;
    d->rebuilds++;
    deploy_submit(d, j);
    return -EINPROGRESS;
}

/* ---- is it whole? --------------------------------------------------------------------- */

struct verify {
    struct store_job job;
    struct deploys *deploys;
    char space[FUNCTION_NAME_MAX + 1];
    char name[FUNCTION_NAME_MAX + 1];
    char snapshot[SNAPFILE_HEX];
    uint32_t revision;
    int fd;
};

static int verify(struct store_job *job, struct db *none)
{
    const struct verify *v = UF_OWNER(job, struct verify, job);

    (void)none;
    return snapfile_verify(v->fd, v->snapshot, &job->err);
}

static void on_verified(struct store_job *job)
{
    struct verify *v = UF_OWNER(job, struct verify, job);
    struct deploys *d = v->deploys;
    struct fn *fn = fleet_find(d->fleet, v->space, v->name);
    struct uf_err err = job->err;
    int code = job->code;
    bool is_same = fn != NULL && fn->is_verifying && fn->revision == v->revision;

    (void)close(v->fd);
    free(v);
    if (!is_same)
        return;
    fn->is_verifying = false;
    fn->is_verified = code == 0;
    if (code < 0 && !d->is_stopping) {
        say("%s: its snapshot cannot be used: %s", fn->label, err.msg);
        code = rebuild(d, fn, &err);
        if (code != -EINPROGRESS)
            give_up(d, fn, err.msg);
    } else {
        fleet_retry(fn);
    }
}

static int begin_to_verify(struct deploys *d, struct fn *fn, int fd)
{
    struct verify *v = xnew(sizeof(*v));

    *v = (struct verify){.job = {.apply = verify, .done = on_verified},
                         .deploys = d,
                         .revision = fn->revision,
                         .fd = fd};
    memcpy(v->space, fn->conf.space, sizeof(v->space));
    memcpy(v->name, fn->conf.name, sizeof(v->name));
    (void)snprintf(v->snapshot, sizeof(v->snapshot), "%s", fn->snapshot);
    fn->is_verifying = true;
    worker_submit(&d->store->files, &v->job);
    return -EINPROGRESS;
}

int deploy_prepare(void *ctx, struct fn *fn, struct uf_err *err)
{
    struct deploys *d = ctx;
    struct uf_err why = {0};

    if (fn->is_rebuilding || fn->is_verifying)
        return -EINPROGRESS;
    if (fn->is_verified)
        return 0;
    if (d->is_stopping)
        return uf_fail(err, -ESHUTDOWN, "the daemon is stopping");
    if (d->loop->now_ns < fn->rebuild_not_before_ns)
        return uf_fail(err, -EIO, "the snapshot of %s cannot be used or made again: %.180s",
                       fn->label, fn->broken);
    int fd = files_open(d->store->dir, FILES_SNAPSHOT, fn->snapshot, &why);
    /* That is no fault of the snapshot: later it will open. */
    if (fd < 0 && reason_of_limit(fd) != REASON_NONE)
        return uf_fail(err, fd, "%s", why.msg);
    if (fd >= 0 && !fn->is_refused)
        return begin_to_verify(d, fn, fd);
    if (fd >= 0) {
        (void)close(fd);
        (void)uf_fail(&why, -EINVAL, "%s", fn->reason);
    }
    say("%s: its snapshot cannot be used: %s", fn->label, why.msg);
    return rebuild(d, fn, err);
}

int deploy_open(void *ctx, struct fn *fn, struct uf_err *err)
{
    struct deploys *d = ctx;
    int fd = files_open(d->store->dir, FILES_SNAPSHOT, fn->snapshot, err);

    if (fd < 0)
        fn->is_verified = false;
    return fd;
}
