// SPDX-License-Identifier: MIT
/* throttle.c: see throttle.h. A leaky bucket, kept as the time at which it is empty. */
#include "daemon/auth/throttle.h"

bool throttle_take(struct throttle *t, uint64_t now_ns)
{
    uint64_t from = t->until_ns > now_ns ? t->until_ns : now_ns;

    if (from + t->period_ns - now_ns > t->burst * t->period_ns)
        return false;
    t->until_ns = from + t->period_ns;
    return true;
}

void throttle_give_back(struct throttle *t)
{
    t->until_ns = t->until_ns > t->period_ns ? t->until_ns - t->period_ns : 0;
}
