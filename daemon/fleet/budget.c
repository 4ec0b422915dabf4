// SPDX-License-Identifier: MIT
/*
 * budget.c: the memory budget. Every instance is reckoned with all the memory
 * its function may use, whether it does or not, so that the sum of what runs
 * can never bring the machine down.
 */
#include "daemon/fleet/instance.h"

static uint64_t unused(const struct fleet *f)
{
    return f->used < f->o.memory_budget ? f->o.memory_budget - f->used : 0;
}

/* What could be had at once: of idle instances and of blank tenders. */
static uint64_t reclaimable(const struct fleet *f)
{
    const struct instance *i;
    uint64_t sum = 0;

    TAILQ_FOREACH(i, &f->idle, idle_link)
    sum += i->cost;
    TAILQ_FOREACH(i, &f->blanks, link)
    sum += i->cost;
    return sum;
}

uint32_t budget_affords(const struct fleet *f, uint64_t bytes, uint32_t max)
{
    uint64_t n = unused(f) / bytes;

    if (n < max)
        n = (unused(f) + reclaimable(f)) / bytes;
    return n < max ? (uint32_t)n : max;
}

bool budget_make_room(struct fleet *f, uint64_t bytes)
{
    if (budget_affords(f, bytes, 1) == 0)
        return false;
    while (unused(f) < bytes) {
        struct instance *i = TAILQ_FIRST(&f->idle);

        if (i == NULL)
            i = TAILQ_FIRST(&f->blanks);
        if (i == NULL)
            return false;
        /* Whoever starves may take what this one leaves before we do. */
        instance_stop(i);
    }
    return true;
}
