// SPDX-License-Identifier: MIT
/*
 * knock.h: open the door past the library OS, as a hostile image would.
 */
#ifndef TESTS_GUEST_KNOCK_H
#define TESTS_GUEST_KNOCK_H

#include <stdint.h>

/* The door block (abi/door.h), which no function needs. */
extern uint64_t uf_door_block[11];

static inline void knock(uint32_t op, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
    void (*door)(void) = (void (*)(void))(uintptr_t)0x0e000000;

    uf_door_block[0] = op;
    uf_door_block[1] = a0;
    uf_door_block[2] = a1;
    uf_door_block[3] = a2;
    uf_door_block[4] = a3;
    uf_door_block[5] = uf_door_block[6] = 0;
    uf_door_block[7] = uf_door_block[8] = 0;
    door();
}

#endif
