// SPDX-License-Identifier: MIT
/* policy.c: see policy.h. */
#include "daemon/queue/policy.h"

#include "abi/control.h"

uint32_t policy_instances(uint64_t depth, uint32_t threshold, uint32_t max)
{
    uint64_t n = depth / threshold + (depth % threshold != 0);

    return n < max ? (uint32_t)n : max;
}

bool policy_is_failure(const struct function_retry *r, uint32_t outcome, unsigned status)
{
    if (outcome != UF_OUTCOME_OK)
        return true;
    for (uint32_t i = 0; i < FUNCTION_CODES_MAX && r->codes[i] != 0; i++)
        if (r->codes[i] == status)
            return true;
    return false;
}

uint64_t policy_wait_ms(const struct function_retry *r, uint32_t failed, uint32_t random)
{
    uint64_t min = r->min_wait_ns / 1000000u;
    uint64_t max = r->max_wait_ns / 1000000u;
    uint64_t bound = min > 0 ? min : 1;

    for (uint32_t i = 0; i < failed && bound < max; i++)
        bound *= 2;
    if (bound > max)
        bound = max;
    return bound <= min ? min : min + (bound - min + 1) * random / (UINT64_C(1) << 32);
}

enum policy_next policy_next(const struct function_retry *r, uint32_t failed, uint64_t age_ms,
                             uint64_t wait_ms, uint64_t max_age_ms)
{
    if (failed >= r->attempts)
        return POLICY_ATTEMPTS;
    if (max_age_ms > 0 && (age_ms > max_age_ms || wait_ms > max_age_ms - age_ms))
        return POLICY_AGE;
    return POLICY_AGAIN;
}
