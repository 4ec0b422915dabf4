// SPDX-License-Identifier: MIT
/* deploy.c: see deploy.h. steps.c works on the threads of the store, rebuild.c asks
 * for what the fleet misses. */
#include "daemon/deploy/deploy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "base/utf8.h"
#include "daemon/record/say.h"

static void next(struct deploys *d);

struct deploy_job *deploy_new(void)
{
    struct deploy_job *j = xnew(sizeof(*j));

    function_defaults(&j->conf);
    j->image_fd = -1;
    j->import.fd = -1;
    j->snapshot.fd = -1;
    return j;
}

void deploy_free(struct deploy_job *j)
{
    if (j->image_fd >= 0)
        (void)close(j->image_fd);
    if (j->deploys != NULL) {
        files_discard(j->deploys->store->dir, &j->import);
        files_discard(j->deploys->store->dir, &j->snapshot);
    }
    function_fini(&j->conf);
    free(j->source);
    free(j->deployment);
    free(j->manifest);
    free(j->log);
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

/* The current one ends, and the next may begin. */
static void end_current(struct deploy_job *j, unsigned http, const char *reason)
{
    struct deploys *d = j->deploys;

    end_with(j, http, reason);
    next(d);
}

static void submit(struct deploy_job *j, struct worker *w,
                   int (*apply)(struct store_job *j, struct db *db),
                   void (*done)(struct store_job *j))
{
    j->step = (struct store_job){.apply = apply, .done = done};
    worker_submit(w, &j->step);
}

/* A rebuild of what has been deployed anew, or removed, meanwhile. */
static bool is_stale(const struct deploy_job *j)
{
    const struct fn *fn = fleet_find(j->deploys->fleet, j->conf.space, j->conf.name);

    return j->is_rebuild && (fn == NULL || fn->leaving > 0 || !fn->is_rebuilding ||
                             strcmp(fn->image, j->image) != 0);
}

/* May it go on? False: it has ended. */
static bool goes_on(struct deploy_job *j)
{
    if (j->deploys->is_stopping)
        end_current(j, 503, "the daemon is stopping");
    else if (is_stale(j))
        end_current(j, 409, "the function has changed");
    else
        return true;
    return false;
}

/* ---- registered ------------------------------------------------------------------------- */

/* What it replaced is gone; a client that was told so has the room. */
static void on_dropped(struct store_job *job)
{
    struct deploy_job *j = UF_OWNER(job, struct deploy_job, drop.job);
    struct deploys *d = j->deploys;
    struct deploy_end e = {.http = 200, .fn = fleet_find(d->fleet, j->conf.space, j->conf.name)};

    if (e.fn == NULL) {
        e.http = 409;
        e.reason = "the function was removed as soon as it was deployed";
    }
    end(j, &e);
    next(d);
}

static struct fn *put_in_place(struct deploy_job *j)
{
    struct deploys *d = j->deploys;
    struct fleet_deployment f = {.image = j->image,
                                 .snapshot = j->snapshot_name,
                                 .deployment = j->deployment,
                                 .created_s = j->created_s,
                                 .is_verified = true,
                                 .is_rebuild = j->is_rebuild};

    /* The fleet owns these two from here on; we remember the name. */
    function_move(&f.conf, &j->conf);
    j->deployment = NULL;
    struct fn *fn = fleet_deploy(d->fleet, &f);
    memcpy(j->conf.space, fn->conf.space, sizeof(j->conf.space));
    memcpy(j->conf.name, fn->conf.name, sizeof(j->conf.name));
    queues_deployed(d->queues, fn);
    return fn;
}

static void fail(struct deploy_job *j, unsigned http, const struct uf_err *err)
{
    char label[FUNCTION_LABEL];

    say("%s: cannot be deployed: %s", function_label(&j->conf, label), err->msg);
    end_current(j, http, err->msg);
}

/* The snapshot that has its name but no row is gone as well. */
static void on_undone(struct store_job *job)
{
    struct deploy_job *j = UF_OWNER(job, struct deploy_job, drop.job);
    struct uf_err err = j->step.err;

    fail(j, j->step.code == -ENOENT ? 400 : store_http(j->step.code), &err);
}

static void on_registered(struct store_job *step)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);
    struct deploys *d = j->deploys;
    const struct fn *old = fleet_find(d->fleet, j->conf.space, j->conf.name);
    char image[SNAPFILE_HEX] = "";
    char snapshot[SNAPFILE_HEX] = "";

    if (step->code < 0) {
        store_drop(d->store, &j->drop, NULL, j->snapshot_name, on_undone);
        return;
    }
    if (old != NULL) {
        (void)snprintf(image, sizeof(image), "%s", old->image);
        (void)snprintf(snapshot, sizeof(snapshot), "%s", old->snapshot);
    }
    struct fn *fn = put_in_place(j);
    logring_add_lines(fn->log, d->loop->wall_ns, "init", j->log, j->log_size);
    logring_tell(fn->log);
    if (snapshot[0] != '\0')
        store_drop(d->store, &j->drop, image, snapshot, on_dropped);
    else
        on_dropped(&j->drop.job);
}

static void on_sealed(struct store_job *step)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);
    struct uf_err err = step->err;

    if (step->code < 0)
        fail(j, store_http(step->code), &err);
    else if (goes_on(j))
        submit(j, &j->deploys->store->worker, step_register, on_registered);
}

/* ---- booted ----------------------------------------------------------------------------- */

static void refuse_init(struct deploy_job *j, const struct result *res)
{
    const char *why = res->r.message;
    struct uf_err err;
    struct deploys *d = j->deploys;
    struct deploy_end e = {.http = 400, .reason = err.msg, .result = res};

    (void)uf_fail(&err, -EINVAL, "init failed: %.*s", (int)utf8_whole(why, strnlen(why, 200)), why);
    end(j, &e);
    next(d);
}

/* The result is gone when this returns; the log and the file are what is left of it. */
static void keep(struct deploy_job *j, const struct result *res)
{
    struct uf_err err;

    j->manifest = function_format_json(&j->conf);
    j->log = malloc(res->r.log_size + 1);
    if (j->manifest == NULL || j->log == NULL) {
        (void)uf_fail(&err, -ENOMEM, "no memory for the manifest");
        fail(j, store_http(-ENOMEM), &err);
        return;
    }
    memcpy(j->log, res->log, res->r.log_size);
    j->log_size = res->r.log_size;
    submit(j, &j->deploys->store->files, step_seal, on_sealed);
}

/* Of a boot that did not come to its end. */
static unsigned status_of(int code)
{
    unsigned disk = store_http(code);

    return code == -EINVAL ? 400 : disk == 507 ? disk : 503;
}

static void on_booted(struct boot *b, const struct boot_end *e)
{
    struct deploy_job *j = UF_OWNER(b, struct deploy_job, boot);
    char label[FUNCTION_LABEL];

    if (e->code < 0) {
        /* What an image has wrong concerns its author only. */
        if (e->code != -EINVAL)
            say("%s: cannot be deployed: %s", function_label(&j->conf, label), e->reason);
        end_current(j, status_of(e->code), e->reason);
    } else if (goes_on(j)) {
        if (e->result->r.outcome != UF_OUTCOME_OK)
            refuse_init(j, e->result);
        else
            keep(j, e->result);
    }
}

/* ---- its turn --------------------------------------------------------------------------- */

static void on_opened(struct store_job *step)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);
    struct uf_err err = step->err;

    if (step->code < 0) {
        bool is_missing = j->image_fd < 0 && step->code == -ENOENT;

        end_current(j, is_missing ? 400 : store_http(step->code), err.msg);
    } else if (goes_on(j)) {
        j->boot = (struct boot){
            .conf = &j->conf, .image = j->image_fd, .snapshot = j->snapshot.fd, .done = on_booted};
        fleet_boot(j->deploys->fleet, &j->boot);
    }
}

static void on_named(struct store_job *step)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);
    struct uf_err err = step->err;

    if (step->code < 0)
        end_current(j, store_http(step->code), err.msg);
    else if (goes_on(j))
        submit(j, &j->deploys->store->files, step_open, on_opened);
}

/* What was wrong with it is the client's to mend, unless the disk did not take the copy. */
static void on_imported(struct store_job *step)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);
    struct uf_err err = step->err;

    if (step->code < 0)
        end_current(j, j->import.fd < 0 ? 400 : store_http(step->code), err.msg);
    else if (goes_on(j))
        submit(j, &j->deploys->store->worker, step_name_import, on_named);
}

/* It has nothing that could boot. */
static void register_sequence(struct deploy_job *j)
{
    struct deploys *d = j->deploys;

    j->manifest = function_format_json(&j->conf);
    if (j->manifest != NULL) {
        d->current = j;
        submit(j, &d->store->worker, step_register, on_registered);
    } else {
        end_with(j, store_http(-ENOMEM), "no memory for the manifest");
    }
}

/* As far as is known now; those that come later are refused when they are run. */
static int check_steps(const struct deploys *d, const struct function *f, struct uf_err *err)
{
    for (uint32_t i = 0; i < f->steps.n; i++) {
        const struct fn *step = fleet_find(d->fleet, f->space, f->steps.item[i]);

        if (step != NULL && function_is_sequence(&step->conf))
            return uf_fail(err, -EINVAL,
                           "functions: %s is itself a sequence; name the functions of it instead",
                           f->steps.item[i]);
    }
    return 0;
}

static void start(struct deploy_job *j)
{
    struct deploys *d = j->deploys;
    struct uf_err err = {0};
    int r = fleet_check(d->fleet, &j->conf, &err);

    if (is_stale(j)) {
        end_with(j, 409, "the function has changed");
    } else if (r < 0) {
        end_with(j, r == -ENOSPC ? 400 : 503, err.msg);
    } else if (queues_check(d->queues, &j->conf, &err) < 0 || check_steps(d, &j->conf, &err) < 0) {
        end_with(j, 409, err.msg);
    } else if (function_is_sequence(&j->conf)) {
        register_sequence(j);
    } else {
        d->current = j;
        submit(j, &d->store->files, j->source != NULL ? step_import : step_open,
               j->source != NULL ? on_imported : on_opened);
    }
}

static void next(struct deploys *d)
{
    while (d->current == NULL && !TAILQ_EMPTY(&d->waiting)) {
        struct deploy_job *j = TAILQ_FIRST(&d->waiting);

        TAILQ_REMOVE(&d->waiting, j, link);
        d->nwaiting--;
        start(j);
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

/* ---- removing ----------------------------------------------------------------------- */

struct removal {
    struct store_job job;
    struct store_drop drop;
    struct deploys *deploys;
    char space[FUNCTION_NAME_MAX + 1];
    char name[FUNCTION_NAME_MAX + 1];
    void (*done)(void *ctx, const char *name, int code, const struct uf_err *err);
    void *ctx;
};

static int unregister(struct store_job *job, struct db *db)
{
    const struct removal *r = UF_OWNER(job, struct removal, job);

    return store_delete(db, r->space, r->name, &job->err);
}

static void end_removal(struct removal *r)
{
    r->done(r->ctx, r->name, r->job.code, &r->job.err);
    free(r);
}

static void on_gone(struct store_job *job)
{
    end_removal(UF_OWNER(job, struct removal, drop.job));
}

static void on_unregistered(struct store_job *job)
{
    struct removal *r = UF_OWNER(job, struct removal, job);
    struct fn *fn = fleet_find(r->deploys->fleet, r->space, r->name);
    char image[SNAPFILE_HEX];
    char snapshot[SNAPFILE_HEX];

    if (job->code == 0 && fn != NULL) {
        (void)snprintf(image, sizeof(image), "%s", fn->image);
        (void)snprintf(snapshot, sizeof(snapshot), "%s", fn->snapshot);
        queues_removed(r->deploys->queues, fn);
        fleet_remove(fn);
        store_drop(r->deploys->store, &r->drop, image, snapshot, on_gone);
        return;
    }
    if (fn != NULL)
        fn->leaving--;
    else if (job->code == 0)
        job->code = uf_fail(&job->err, -ENOENT, "no function is called %s", r->name);
    end_removal(r);
}

void deploy_remove(struct deploys *d, struct fn *fn,
                   void (*done)(void *ctx, const char *name, int code, const struct uf_err *err),
                   void *ctx)
{
    struct removal *r = xnew(sizeof(*r));

    *r = (struct removal){.job = {.apply = unregister, .done = on_unregistered},
                          .deploys = d,
                          .done = done,
                          .ctx = ctx};
    memcpy(r->space, fn->conf.space, sizeof(r->space));
    memcpy(r->name, fn->conf.name, sizeof(r->name));
    fn->leaving++;
    worker_submit(&d->store->worker, &r->job);
}

/* ---- the beginning and the end ------------------------------------------------------------ */

void deploys_init(struct deploys *d, struct loop *l, struct fleet *f, struct store *s)
{
    *d = (struct deploys){.loop = l, .fleet = f, .store = s, .image_dir = ""};
    TAILQ_INIT(&d->waiting);
}

void deploys_stop(struct deploys *d)
{
    struct deploy_job *j;

    d->is_stopping = true;
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

    if (function_parse_json(&f.conf, row->manifest, strlen(row->manifest), &err) < 0) {
        say("%s: left out until it is deployed again: %s", row->name, err.msg);
    } else if (!function_is_sequence(&f.conf) &&
               (!files_is_hex(row->image) || !files_is_hex(row->snapshot))) {
        say("%s: left out: its row in the registry is damaged", row->name);
        function_fini(&f.conf);
    } else {
        (void)snprintf(f.conf.space, sizeof(f.conf.space), "%s", row->space);
        f.deployment = xcopy(row->deployment);
        queues_deployed(d->queues, fleet_deploy(d->fleet, &f));
    }
    return 0;
}

int deploys_load(struct deploys *d, struct uf_err *err)
{
    int r = store_each(&d->store->db, load_one, d, err);

    if (r == 0)
        store_sweep(d->store);
    return r;
}
