// SPDX-License-Identifier: MIT
/* slots.c: see slots.h. */
#include "daemon/fleet/slots.h"

#include <errno.h>

int slots_take(struct slots *s)
{
    for (uint32_t i = 0; i < SLOTS_MAX / 64; i++) {
        if (s->used[i] != UINT64_MAX) {
            uint32_t bit = (uint32_t)__builtin_ctzll(~s->used[i]);

            s->used[i] |= UINT64_C(1) << bit;
            return (int)(i * 64 + bit);
        }
    }
    return -EMFILE;
}

void slots_give(struct slots *s, uint32_t slot)
{
    s->used[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
}
