// SPDX-License-Identifier: MIT
/*
 * throttle.h: how often something may be tried: so many times at once, then once a
 * period. Pure: time is passed in.
 */
#ifndef DAEMON_AUTH_THROTTLE_H
#define DAEMON_AUTH_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

struct throttle {
    uint64_t period_ns; /* more than 0 */
    uint64_t burst;     /* at least 1  */
    uint64_t until_ns;  /* when what was taken has been earned again */
};

/* May it be tried now? Then it counts. */
bool throttle_take(struct throttle *t, uint64_t now_ns);
/* It did not count after all. */
void throttle_give_back(struct throttle *t);

#endif
