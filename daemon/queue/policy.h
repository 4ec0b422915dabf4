// SPDX-License-Identifier: MIT
/*
 * policy.h: what becomes of queued events, and how many instances they deserve.
 * Pure: numbers in, a number out; time and chance are passed in.
 */
#ifndef DAEMON_QUEUE_POLICY_H
#define DAEMON_QUEUE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/function.h"

/*
 * How many instances of a function handle its queued events at a time: one for each
 * `threshold` of them, begun ones included; at most max.
 *
 * Returns  0 when nothing waits.
 */
uint32_t policy_instances(uint64_t depth, uint32_t threshold, uint32_t max);

/* Was an event not handled? outcome is of abi/control.h,
 * status of HTTP. Statuses are judged only where the function gave the answer. */
bool policy_is_failure(const struct function_retry *r, uint32_t outcome, unsigned status);

/*
 * How long the next attempt waits, in ms.
 *
 * failed   attempts so far, at least 1
 * random   any number: where between min_wait and its bound, which doubles with
 *          every failure until max_wait
 */
uint64_t policy_wait_ms(const struct function_retry *r, uint32_t failed, uint32_t random);

enum policy_next {
    POLICY_AGAIN,    /* later, once more                     */
    POLICY_ATTEMPTS, /* it was the last attempt              */
    POLICY_AGE,      /* it would be too old by then          */
};

/* After a failure: is there another attempt, wait_ms from now? age_ms is from its
 * push; max_age_ms 0: any age. */
enum policy_next policy_next(const struct function_retry *r, uint32_t failed, uint64_t age_ms,
                             uint64_t wait_ms, uint64_t max_age_ms);

#endif
