// SPDX-License-Identifier: MIT
/*
 * warm.c: as many instances as somebody asked for, whether events wait or not.
 *
 * A hint, no promise: the platform scales by itself. Those that are started live as
 * any other, for keep_warm without an event; those that are ended come back with the
 * next event. Memory is taken only where nobody has it.
 */
#include <errno.h>

#include "base/units.h"
#include "daemon/fleet/instance.h"

static uint32_t alive(const struct fn *fn)
{
    return fn->count[INST_IDLE] + fn->count[INST_BUSY] + fn->count[INST_STARTING] +
           fn->count[INST_BLANK] + fn->count[INST_LOADING];
}

static int start_one(struct fn *fn, struct uf_err *err)
{
    struct fleet *f = fn->fleet;
    uint64_t cost = fn->conf.memory + FLEET_TENDER_COST;
    char text[UNITS_TEXT];

    if (f->used + cost > f->o.memory_budget)
        return uf_fail(err, -ENOSPC,
                       "the memory budget of %s is in use (--memory-budget); %u instances of %s "
                       "are there",
                       units_format_size(f->o.memory_budget, text), alive(fn), fn->label);
    struct instance *i = pool_take(f, fleet_backend(f, &fn->conf), &fn->instances, err);
    if (i == NULL)
        return err->code;
    instance_assign_fn(i, fn);
    return 0;
}

/* 0 also when it will happen later. */
static int start_missing(struct fn *fn, struct uf_err *err)
{
    struct fleet *f = fn->fleet;
    int r = f->ops.prepare(f->ops.ctx, fn, err);

    while (r == 0 && alive(fn) < fn->warm)
        r = start_one(fn, err);
    if (r == -EINPROGRESS)
        return 0;
    fn->warm = 0;
    return r;
}

/* Ending one may end others, so look from the start each time. */
static void end_idle(struct fn *fn, uint32_t n)
{
    struct instance *i;

    while (alive(fn) > n && (i = TAILQ_LAST(&fn->idle, instances)) != NULL)
        instance_stop(i);
}

int fleet_scale(struct fn *fn, uint32_t n, struct uf_err *err)
{
    int r = fleet_check(fn->fleet, &fn->conf, err);

    if (r < 0)
        return r;
    if (function_is_sequence(&fn->conf))
        return uf_fail(err, -EINVAL, "%s is a sequence, which has no instances of its own",
                       fn->label);
    if (n > fn->conf.max_instances)
        return uf_fail(err, -EINVAL, "%s has at most %u instances (max_instances), not %u",
                       fn->label, fn->conf.max_instances, n);
    if (n > alive(fn) && fn->fleet->loop->now_ns < fn->not_before_ns)
        return uf_fail(err, -EAGAIN, "starts of %s are put off: %.180s", fn->label, fn->reason);
    fn->warm = n;
    end_idle(fn, n);
    return n > alive(fn) ? start_missing(fn, err) : 0;
}

void warm_retry(struct fn *fn)
{
    struct uf_err err;

    if (fn->warm > 0)
        (void)start_missing(fn, &err);
}
