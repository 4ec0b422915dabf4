// SPDX-License-Identifier: MIT
/*
 * pool.c: blank tenders, started ahead, so that a cold start pays neither for
 * a process nor for a virtual machine. Refilled one by one from a timer that
 * is armed only while some are missing, so never while a request waits.
 */
#include "base/owner.h"
#include "daemon/fleet/instance.h"
#include "daemon/record/say.h"

#define REFILL_NS     UINT64_C(20000000)
#define REFILL_MAX_NS UINT64_C(60000000000)

static uint32_t count_blanks(const struct fleet *f)
{
    const struct instance *i;
    uint32_t n = 0;

    TAILQ_FOREACH(i, &f->blanks, link)
    n += i->tender.backend == f->o.backend;
    return n;
}

static bool is_wanted(const struct fleet *f)
{
    return !f->is_draining && count_blanks(f) < f->o.pool &&
           f->used + FLEET_TENDER_COST <= f->o.memory_budget;
}

void pool_touch(struct fleet *f)
{
    uint64_t wait = REFILL_NS << (f->refill_failures < 12 ? f->refill_failures : 12);

    if (f->refill.slot == 0 && is_wanted(f))
        loop_arm(f->loop, &f->refill,
                 f->loop->now_ns + (wait < REFILL_MAX_NS ? wait : REFILL_MAX_NS));
}

void pool_on_death(struct fleet *f, const char *why)
{
    if (f->refill_failures++ == 0)
        say("a blank tender was lost: %s", why);
    loop_disarm(f->loop, &f->refill);
    pool_touch(f);
}

void pool_on_timer(struct loop_timer *t)
{
    struct fleet *f = UF_OWNER(t, struct fleet, refill);
    struct uf_err err;

    if (!is_wanted(f))
        return;
    if (instance_start(f, f->o.backend, &f->blanks, &err) == NULL)
        pool_on_death(f, err.msg);
    else
        pool_touch(f);
}

/* One that is ready first; then one whose processor has few of `others`. */
static bool is_better(const struct instance *i, const struct instance *best,
                      const struct instances *others)
{
    if (best == NULL || (i->state == INST_BLANK) != (best->state == INST_BLANK))
        return best == NULL || i->state == INST_BLANK;
    return instance_count_on(others, i->cpu) < instance_count_on(others, best->cpu);
}

struct instance *pool_take(struct fleet *f, enum backend backend, const struct instances *others,
                           struct uf_err *err)
{
    struct instance *best = NULL;
    struct instance *i;

    TAILQ_FOREACH(i, &f->blanks, link)
    {
        if (i->tender.backend == backend && is_better(i, best, others))
            best = i;
    }
    if (best == NULL)
        best = instance_start(f, backend, others, err);
    return best;
}
