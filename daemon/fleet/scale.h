// SPDX-License-Identifier: MIT
/*
 * scale.h: how many instances to start, as a pure function.
 *
 * Wanted is one instance for each event that runs or waits, at most
 * max_instances and what the memory budget leaves. But a start costs more than
 * a short wait: as long as the instances there are will reach every waiting
 * event sooner than a new one would be there, none is started. That keeps a
 * function of 50 us on one warm instance, where eight would only take each
 * other's processor. For the same reason, more instances than processors
 * come slowly: events that compute gain nothing from them, and only those that
 * stand behind a slow one do. Events that are shorter than a start are different:
 * most of their time is one process waking another, so that a few instances for
 * each processor get more of them done.
 *
 * Events of queues say by themselves how many instances they want, one for each
 * scale_threshold of them: a burst is known whole, and need not be felt for.
 */
#ifndef DAEMON_FLEET_SCALE_H
#define DAEMON_FLEET_SCALE_H

#include <stdint.h>

struct scale_in {
    uint32_t busy;          /* instances with an event inside               */
    uint32_t idle;          /* without                                      */
    uint32_t starting;      /* on their way                                 */
    uint32_t waiting;       /* events that no instance has taken            */
    uint32_t queued;        /* instances that events in queues want         */
    uint32_t max_instances; /* at least 1                                   */
    uint32_t affordable;    /* further instances that the budget allows     */
    uint32_t processors;    /* at least 1                                   */
    uint64_t head_wait_ns;  /* how long the first of them has waited        */
    uint64_t run_ns;        /* what one event takes; 0: not known yet       */
    uint64_t start_ns;      /* what a start takes; more than 0              */
};

/* How many instances to start now. */
uint32_t scale_start(const struct scale_in *in);

/* When to ask again although nothing happens: nanoseconds from now, or
 * UINT64_MAX when waiting longer would not change the answer. */
uint64_t scale_patience_ns(const struct scale_in *in);

/* A moving average that follows within some ten samples. */
uint64_t scale_average(uint64_t average_ns, uint64_t sample_ns);

#endif
