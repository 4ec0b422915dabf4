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

#include "base/alloc.h"
#include "base/auto.h"
#include "daemon/deploy/deploy.h"
#include "daemon/record/say.h"

#define RETRY_NS UINT64_C(10000000000)

struct rebuild {
    struct deploys *deploys;
    char name[FUNCTION_NAME_MAX + 1];
};

static void on_rebuilt(void *ctx, const struct deploy_end *e)
{
    struct rebuild *b = ctx;
    struct fn *fn = fleet_find(b->deploys->fleet, b->name);

    if (e->http == 200) {
        say("%s: its snapshot was made again from its image", b->name);
    } else if (fn != NULL && fn->is_rebuilding) {
        say("%s: its snapshot cannot be made again: %s", b->name, e->reason);
        (void)snprintf(fn->broken, sizeof(fn->broken), "%s", e->reason);
        fn->is_rebuilding = false;
        fn->rebuild_not_before_ns = b->deploys->loop->now_ns + RETRY_NS;
        fleet_retry(fn);
    }
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
    (void)snprintf(b->name, sizeof(b->name), "%s", fn->conf.name);
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

int deploy_prepare(void *ctx, struct fn *fn, struct uf_err *err)
{
    struct deploys *d = ctx;
    struct uf_err why = {0};

    if (fn->is_rebuilding)
        return -EINPROGRESS;
    if (fn->is_verified)
        return 0;
    if (d->loop->now_ns < fn->rebuild_not_before_ns)
        return uf_fail(err, -EIO, "the snapshot of %s cannot be used or made again: %.180s",
                       fn->conf.name, fn->broken);
    UF_AUTO_FD int fd = files_open(d->store->dir, FILES_SNAPSHOT, fn->snapshot, &why);
    if (fn->is_refused)
        (void)uf_fail(&why, -EINVAL, "%s", fn->reason);
    else if (fd >= 0 && snapfile_verify(fd, fn->snapshot, &why) == 0) {
        fn->is_verified = true;
        return 0;
    }
    say("%s: its snapshot cannot be used: %s", fn->conf.name, why.msg);
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
