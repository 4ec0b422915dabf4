// SPDX-License-Identifier: MIT
/* scale.c: see scale.h. */
#include "daemon/fleet/scale.h"

#include <stdbool.h>

/* How many starts the head of the queue waits for when all processors have enough
 * instances already. */
#define CROWDED 25u

/* Instances of short events that a processor has work for: while one is woken, or its
 * result is on its way, another runs, and a daemon that wakes finds more than one result. */
#define PER_PROCESSOR 4u

static uint64_t at_most(uint64_t v, uint64_t max)
{
    return v < max ? v : max;
}

static uint64_t alive(const struct scale_in *in)
{
    return (uint64_t)in->busy + in->idle + in->starting;
}

/* Instances that could be started if every waiting event deserved its own. */
static uint64_t room(const struct scale_in *in)
{
    uint64_t want = at_most((uint64_t)in->busy + in->waiting, in->max_instances);

    return want > alive(in) ? at_most(want - alive(in), in->affordable) : 0;
}

/* Instances that the processors have work for. */
static uint64_t enough(const struct scale_in *in)
{
    bool is_short = in->run_ns > 0 && in->run_ns < in->start_ns;

    return is_short ? (uint64_t)PER_PROCESSOR * in->processors : in->processors;
}

static uint64_t patience(const struct scale_in *in)
{
    return alive(in) < enough(in) ? in->start_ns : CROWDED * in->start_ns;
}

/* Instances that would have served all that waits within the time of a start. */
static uint64_t deserved(const struct scale_in *in)
{
    uint64_t n = (in->waiting * in->run_ns + in->start_ns - 1) / in->start_ns;

    return alive(in) < in->processors ? at_most(n, in->processors) : 0;
}

uint32_t scale_start(const struct scale_in *in)
{
    uint64_t need = 0;

    if (in->waiting == 0)
        return 0;
    if (alive(in) == 0)
        need = 1;
    if (deserved(in) > alive(in))
        need = deserved(in) - alive(in);
    /* What waits in queues says by itself how many it wants (scale_threshold). */
    if (in->queued > alive(in) && in->queued - alive(in) > need)
        need = in->queued - alive(in);
    /* Somebody stands behind a slow event: twice as many, step by step. */
    if (need == 0 && in->starting == 0 && in->head_wait_ns >= patience(in))
        need = alive(in);
    return (uint32_t)at_most(need, room(in));
}

uint64_t scale_patience_ns(const struct scale_in *in)
{
    if (room(in) == 0)
        return UINT64_MAX;
    return in->head_wait_ns < patience(in) ? patience(in) - in->head_wait_ns : in->start_ns;
}

uint64_t scale_average(uint64_t average_ns, uint64_t sample_ns)
{
    if (average_ns == 0)
        return sample_ns;
    return average_ns - average_ns / 8 + sample_ns / 8;
}
