// SPDX-License-Identifier: MIT
/*
 * slots.h: small numbers, handed out lowest first, so that every tender that
 * runs has a user id of its own. Pure.
 */
#ifndef DAEMON_FLEET_SLOTS_H
#define DAEMON_FLEET_SLOTS_H

#include <stdint.h>

#define SLOTS_MAX 4096u

struct slots {
    uint64_t used[SLOTS_MAX / 64];
};

/* A free number below SLOTS_MAX, now taken, or -EMFILE. */
int slots_take(struct slots *s);
void slots_give(struct slots *s, uint32_t slot);

#endif
