// SPDX-License-Identifier: MIT
/* fleet.c: functions come and go; see fleet.h. */
#include "daemon/fleet/fleet.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/units.h"
#include "daemon/fleet/instance.h"

static int by_name(const void *a, const void *b)
{
    const struct fn *x = a;
    const struct fn *y = b;
    int r = strcmp(x->conf.space, y->conf.space);

    return r != 0 ? r : strcmp(x->conf.name, y->conf.name);
}

void fleet_init(struct fleet *f, struct loop *l, const struct fleet_options *o,
                const struct fleet_ops *ops)
{
    *f = (struct fleet){.loop = l, .o = *o, .ops = *ops};
    /* Fails only on a machine with more processors than the set has room for. */
    if (sched_getaffinity(0, sizeof(f->cpus), &f->cpus) < 0)
        CPU_SET(0, &f->cpus);
    f->processors = (uint32_t)CPU_COUNT(&f->cpus);
    TAILQ_INIT(&f->blanks);
    TAILQ_INIT(&f->idle);
    TAILQ_INIT(&f->starved);
    TAILQ_INIT(&f->removed);
    empty_ns_init(&f->ns);
    f->refill.on_fire = pool_on_timer;
    pool_touch(f);
}

struct fn *fleet_find(const struct fleet *f, const char *space, const char *name)
{
    struct fn key;
    struct fn *const *node;

    if (strlen(space) > FUNCTION_NAME_MAX || strlen(name) > FUNCTION_NAME_MAX)
        return NULL;
    (void)snprintf(key.conf.space, sizeof(key.conf.space), "%s", space);
    (void)snprintf(key.conf.name, sizeof(key.conf.name), "%s", name);
    node = tfind(&key, &f->fns, by_name);
    return node == NULL ? NULL : *node;
}

struct visitor {
    void (*visit)(struct fn *fn, void *ctx);
    void *ctx;
};

static void walk(const void *node, VISIT which, void *closure)
{
    struct fn *const *fn = node;
    struct visitor *v = closure;

    if (which == postorder || which == leaf)
        v->visit(*fn, v->ctx);
}

void fleet_each(const struct fleet *f, void (*visit)(struct fn *fn, void *ctx), void *ctx)
{
    struct visitor v = {.visit = visit, .ctx = ctx};

    twalk_r(f->fns, walk, &v);
}

struct still {
    const char *space;
    uint32_t n;
};

static void count_still(struct fn *fn, void *ctx)
{
    struct still *s = ctx;

    if ((fn->is_removed || fn->leaving > 0) && strcmp(fn->conf.space, s->space) == 0)
        s->n += fn->count[INST_BUSY] + fn->count[INST_DRAINING];
}

uint32_t fleet_still_runs(const struct fleet *f, const char *space)
{
    struct still s = {.space = space};
    struct fn *fn;

    fleet_each(f, count_still, &s);
    TAILQ_FOREACH(fn, &f->removed, removed_link)
    count_still(fn, &s);
    return s.n;
}

enum backend fleet_backend(const struct fleet *f, const struct function *conf)
{
    switch (conf->isolation) {
    case ISOLATION_KVM:
        return BACKEND_KVM;
    case ISOLATION_PROCESS:
        /* Stronger is never wrong; but who asks for process wants its speed. */
        return f->o.is_backend_forced ? f->o.backend : BACKEND_PROCESS;
    case ISOLATION_AUTO:
        break;
    }
    return f->o.backend;
}

int fleet_check(const struct fleet *f, const struct function *conf, struct uf_err *err)
{
    char memory[UNITS_TEXT];
    char budget[UNITS_TEXT];

    if (conf->isolation == ISOLATION_KVM && f->o.backend != BACKEND_KVM)
        return uf_fail(
            err, -ENOTSUP, "%s wants isolation kvm, which this daemon cannot give: %s", conf->name,
            f->o.no_kvm[0] != '\0' ? f->o.no_kvm : "it was started with --backend process");
    if (conf->memory + FLEET_TENDER_COST > f->o.memory_budget)
        return uf_fail(err, -ENOSPC,
                       "%s wants %s of memory, more than the daemon's whole budget of %s "
                       "(--memory-budget)",
                       conf->name, units_format_size(conf->memory, memory),
                       units_format_size(f->o.memory_budget, budget));
    return 0;
}

/* Ending one may end others, so look from the start each time. */
static void stop_old_instances(struct fn *fn)
{
    struct instance *i = TAILQ_FIRST(&fn->instances);

    while (i != NULL) {
        if (i->revision == fn->revision || i->state == INST_DRAINING) {
            i = TAILQ_NEXT(i, link);
            continue;
        }
        instance_stop(i);
        i = TAILQ_FIRST(&fn->instances);
    }
}

static struct fn *make(struct fleet *f, const struct function *conf)
{
    struct fn *fn = xnew(sizeof(*fn));

    fn->fleet = f;
    memcpy(fn->conf.space, conf->space, sizeof(fn->conf.space));
    memcpy(fn->conf.name, conf->name, sizeof(fn->conf.name));
    (void)function_label(conf, fn->label);
    TAILQ_INIT(&fn->instances);
    TAILQ_INIT(&fn->idle);
    TAILQ_INIT(&fn->calls);
    fn->timer.on_fire = queue_on_timer;
    fn->log = logring_new();
    if (tsearch(fn, &f->fns, by_name) == NULL)
        abort(); /* out of memory, for three words */
    f->nfns++;
    return fn;
}

struct fn *fleet_deploy(struct fleet *f, struct fleet_deployment *d)
{
    struct fn *fn = fleet_find(f, d->conf.space, d->conf.name);

    if (fn == NULL)
        fn = make(f, &d->conf);
    function_fini(&fn->conf);
    free(fn->deployment);
    function_move(&fn->conf, &d->conf);
    fn->deployment = d->deployment;
    (void)snprintf(fn->image, sizeof(fn->image), "%s", d->image);
    (void)snprintf(fn->snapshot, sizeof(fn->snapshot), "%s", d->snapshot);
    fn->created_s = d->created_s;
    fn->is_verified = d->is_verified;
    fn->is_verifying = false;
    fn->is_rebuilding = false;
    fn->rebuild_not_before_ns = 0;
    fn->is_refused = false;
    fn->revision++;
    memset(fn->working_set, 0, sizeof(fn->working_set));
    if (!d->is_rebuild) {
        fn->run_ns = 0;
        fn->deaths = 0;
        fn->not_before_ns = 0;
    }
    function_limits(&fn->conf, f->o.event_max, &fn->limits);
    stop_old_instances(fn);
    queue_pump(fn);
    return fn;
}

void fleet_release(struct fn *fn)
{
    if (!fn->is_removed || fn->holds > 0 || !TAILQ_EMPTY(&fn->instances))
        return;
    TAILQ_REMOVE(&fn->fleet->removed, fn, removed_link);
    loop_disarm(fn->fleet->loop, &fn->timer);
    logring_put(fn->log);
    stats_fini(&fn->stats);
    function_fini(&fn->conf);
    free(fn->deployment);
    free(fn);
}

void fleet_hold(struct fn *fn)
{
    fn->holds++;
}

void fleet_let_go(struct fn *fn)
{
    fn->holds--;
    fleet_release(fn);
}

void fleet_remove(struct fn *fn)
{
    struct fleet *f = fn->fleet;

    (void)tdelete(fn, &f->fns, by_name);
    f->nfns--;
    fn->revision++;
    stop_old_instances(fn);
    queue_refuse_all(fn, 404, 0, "the function was removed while the event waited");
    queue_unstarve(fn);
    logring_close(fn->log);
    fn->is_removed = true;
    TAILQ_INSERT_TAIL(&f->removed, fn, removed_link);
    fleet_release(fn);
}

void fleet_boot(struct fleet *f, struct boot *b)
{
    struct uf_err err = {0};
    struct boot_end end = {.reason = err.msg};

    b->instance = NULL;
    if (!budget_make_room(f, b->conf->memory + FLEET_TENDER_COST)) {
        end.code = uf_fail(&err, -EBUSY,
                           "the memory budget is in use by functions that run now; try again");
        b->done(b, &end);
        return;
    }
    struct instance *i = pool_take(f, fleet_backend(f, b->conf), &f->blanks, &err);
    if (i == NULL) {
        end.code = err.code;
        b->done(b, &end);
        return;
    }
    instance_assign_boot(i, b);
}

void fleet_boot_cancel(struct boot *b)
{
    if (b->instance != NULL)
        instance_lose(b->instance, UF_OUTCOME_TENDER_LOST, "the daemon is stopping");
}

static void end_function(struct fn *fn)
{
    struct instance *i;

    while ((i = TAILQ_FIRST(&fn->instances)) != NULL) {
        if (i->call != NULL && i->state != INST_LOADING)
            instance_lose(i, UF_OUTCOME_TENDER_LOST, "the daemon is stopping");
        else
            instance_stop(i);
    }
    queue_refuse_all(fn, 503, 1, "the daemon is stopping");
    fleet_remove(fn);
}

void fleet_fini(struct fleet *f)
{
    struct instance *after;

    f->is_draining = true;
    while (f->fns != NULL)
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): its removal changes f->fns
        end_function(*(struct fn **)f->fns);
    for (struct instance *i = TAILQ_FIRST(&f->blanks); i != NULL; i = after) {
        after = TAILQ_NEXT(i, link);
        instance_stop(i);
    }
    empty_ns_fini(&f->ns);
    loop_disarm(f->loop, &f->refill);
}
