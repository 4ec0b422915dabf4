// SPDX-License-Identifier: MIT
/* deploy.c: see deploy.h. rebuild.c asks for what the fleet misses. */
#include "daemon/deploy/deploy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/record/say.h"

static void next(struct deploys *d);

struct deploy_job *deploy_new(void)
{
    struct deploy_job *j = xnew(sizeof(*j));

    function_defaults(&j->conf);
    j->image_fd = -1;
    j->snapshot.fd = -1;
    return j;
}

void deploy_free(struct deploy_job *j)
{
    if (j->image_fd >= 0)
        (void)close(j->image_fd);
    if (j->deploys != NULL)
        files_discard(j->deploys->store->dir, &j->snapshot);
    function_fini(&j->conf);
    free(j->deployment);
    free(j);
}

/* The job is over; what it owned and nobody took goes with it. */
static void end(struct deploy_job *j, const struct deploy_end *e)
{
    struct deploys *d = j->deploys;

    if (d->current == j)
        d->current = NULL;
    j->done(j->ctx, e);
    deploy_free(j);
}

static void end_with(struct deploy_job *j, unsigned http, const char *reason)
{
    struct deploy_end e = {.http = http, .reason = reason};

    end(j, &e);
}

/* A rebuild of what has been deployed anew, or removed, meanwhile. */
static bool is_stale(const struct deploy_job *j)
{
    const struct fn *fn = fleet_find(j->deploys->fleet, j->conf.name);

    return j->is_rebuild && (fn == NULL || !fn->is_rebuilding || strcmp(fn->image, j->image) != 0);
}

static int keep(struct deploy_job *j, char hex[static SNAPFILE_HEX], struct uf_err *err)
{
    struct store *s = j->deploys->store;
    char *manifest = function_format_json(&j->conf);
    int r = manifest == NULL ? uf_fail(err, -ENOMEM, "no memory for the manifest")
                             : snapfile_seal(j->snapshot.fd, hex, err);

    if (r == 0)
        r = files_commit(s->dir, &j->snapshot, FILES_SNAPSHOT, hex, err);
    if (r == 0) {
        struct store_row row = {.name = j->conf.name,
                                .manifest = manifest,
                                .deployment = j->deployment,
                                .image = j->image,
                                .snapshot = hex,
                                .created_s = j->created_s};

        r = store_put(s, &row, err);
    }
    free(manifest);
    return r;
}

static struct fn *put_in_place(struct deploy_job *j, const char *hex)
{
    struct deploys *d = j->deploys;
    struct fn *old = fleet_find(d->fleet, j->conf.name);
    char image[SNAPFILE_HEX] = "";
    char snapshot[SNAPFILE_HEX] = "";
    struct fleet_deployment f = {.conf = j->conf,
                                 .image = j->image,
                                 .snapshot = hex,
                                 .deployment = j->deployment,
                                 .created_s = j->created_s,
                                 .is_verified = true,
                                 .is_rebuild = j->is_rebuild};

    if (old != NULL) {
        (void)snprintf(image, sizeof(image), "%s", old->image);
        (void)snprintf(snapshot, sizeof(snapshot), "%s", old->snapshot);
    }
    /* The fleet owns these two from here on. */
    j->conf.env = NULL;
    j->conf.env_size = 0;
    j->deployment = NULL;
    struct fn *fn = fleet_deploy(d->fleet, &f);
    if (old != NULL)
        store_drop(d->store, image, snapshot);
    return fn;
}

static void log_init(const struct deploys *d, struct fn *fn, const struct result *res)
{
    logring_add_lines(fn->log, d->loop->wall_ns, "init", res->log, res->r.log_size);
    logring_tell(fn->log);
}

static void finish(struct deploy_job *j, const struct result *res)
{
    char hex[SNAPFILE_HEX];
    struct uf_err err = {0};
    struct deploy_end e = {.http = 500, .reason = err.msg, .result = res};

    if (is_stale(j)) {
        e.http = 409;
        (void)uf_fail(&err, -ESTALE, "the function has changed");
    } else if (res->r.outcome != UF_OUTCOME_OK) {
        e.http = 400;
        (void)uf_fail(&err, -EINVAL, "init failed: %.200s", res->r.message);
    } else if (keep(j, hex, &err) == 0) {
        e.http = 200;
        e.fn = put_in_place(j, hex);
        log_init(j->deploys, e.fn, res);
    } else {
        say("%s: cannot be deployed: %s", j->conf.name, err.msg);
    }
    end(j, &e);
}

static void on_booted(struct boot *b, const struct boot_end *e)
{
    struct deploy_job *j = UF_OWNER(b, struct deploy_job, boot);
    struct deploys *d = j->deploys;

    if (e->code == 0)
        finish(j, e->result);
    else
        end_with(j, e->code == -EINVAL ? 400 : 503, e->reason);
    next(d);
}

/* The image, checked: what boots is what was sent, or nothing does. */
static int open_image(const struct deploy_job *j, struct uf_err *err)
{
    char hex[SNAPFILE_HEX];
    int fd = files_open(j->deploys->store->dir, FILES_IMAGE, j->image, err);
    int r = fd < 0 ? fd : snapfile_hash(fd, hex, err);

    if (r == -ENOENT)
        return uf_fail(err, r, "image sha256:%s is not here; send it to /system/images first",
                       j->image);
    if (r == 0 && strcmp(hex, j->image) != 0)
        r = uf_fail(err, -EIO, "image sha256:%s is damaged on the disk; send it again", j->image);
    if (r == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return r;
}

/* False: the job has ended. */
static bool start(struct deploy_job *j)
{
    struct deploys *d = j->deploys;
    struct uf_err err = {0};
    int r = fleet_check(d->fleet, &j->conf, &err);

    if (is_stale(j)) {
        end_with(j, 409, "the function has changed");
        return false;
    }
    if (r < 0) {
        end_with(j, r == -ENOSPC ? 400 : 503, err.msg);
        return false;
    }
    j->image_fd = open_image(j, &err);
    if (j->image_fd < 0 || files_create(d->store->dir, &j->snapshot, &err) < 0) {
        end_with(j, j->image_fd == -ENOENT ? 400 : 500, err.msg);
        return false;
    }
    d->current = j;
    j->boot = (struct boot){
        .conf = &j->conf, .image = j->image_fd, .snapshot = j->snapshot.fd, .done = on_booted};
    fleet_boot(d->fleet, &j->boot);
    return true;
}

static void next(struct deploys *d)
{
    while (d->current == NULL && !TAILQ_EMPTY(&d->waiting)) {
        struct deploy_job *j = TAILQ_FIRST(&d->waiting);

        TAILQ_REMOVE(&d->waiting, j, link);
        d->nwaiting--;
        (void)start(j);
    }
}

void deploy_submit(struct deploys *d, struct deploy_job *j)
{
    j->deploys = d;
    /* A rebuild is one of a function, so those are bounded already. */
    if (!j->is_rebuild && d->nwaiting >= DEPLOY_QUEUE_MAX) {
        end_with(j, 503, "too many deployments wait; try again");
        return;
    }
    TAILQ_INSERT_TAIL(&d->waiting, j, link);
    d->nwaiting++;
    next(d);
}

int deploy_remove(struct deploys *d, struct fn *fn, struct uf_err *err)
{
    char image[SNAPFILE_HEX];
    char snapshot[SNAPFILE_HEX];
    int r = store_delete(d->store, fn->conf.name, err);

    if (r < 0)
        return r;
    (void)snprintf(image, sizeof(image), "%s", fn->image);
    (void)snprintf(snapshot, sizeof(snapshot), "%s", fn->snapshot);
    fleet_remove(fn);
    store_drop(d->store, image, snapshot);
    return 0;
}

void deploys_init(struct deploys *d, struct loop *l, struct fleet *f, struct store *s)
{
    *d = (struct deploys){.loop = l, .fleet = f, .store = s};
    TAILQ_INIT(&d->waiting);
}

void deploys_fini(struct deploys *d)
{
    struct deploy_job *j;

    while ((j = TAILQ_FIRST(&d->waiting)) != NULL) {
        TAILQ_REMOVE(&d->waiting, j, link);
        d->nwaiting--;
        end_with(j, 503, "the daemon is stopping");
    }
    if (d->current != NULL)
        fleet_boot_cancel(&d->current->boot);
}

static int load_one(void *ctx, const struct store_row *row)
{
    struct deploys *d = ctx;
    struct fleet_deployment f = {
        .image = row->image, .snapshot = row->snapshot, .created_s = row->created_s};
    struct uf_err err = {0};

    if (!files_is_hex(row->image) || !files_is_hex(row->snapshot))
        say("%s: left out: its row in the registry is damaged", row->name);
    else if (function_parse_json(&f.conf, row->manifest, strlen(row->manifest), &err) < 0)
        say("%s: left out until it is deployed again: %s", row->name, err.msg);
    else {
        f.deployment = xcopy(row->deployment);
        (void)fleet_deploy(d->fleet, &f);
    }
    return 0;
}

int deploys_load(struct deploys *d, struct uf_err *err)
{
    int r = store_each(d->store, load_one, d, err);

    if (r == 0)
        store_sweep(d->store);
    return r;
}
