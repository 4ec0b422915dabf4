// SPDX-License-Identifier: MIT
/* machine.c: what all backends do alike; see machine.h. */
#include "tender/core/machine.h"

#include <string.h>

#include "tender/arch/arch.h"

void machine_start_at(const struct machine *m, const struct uf_snapshot *s, uint64_t entry)
{
    const struct arch_slots slots = {
        .entry = entry,
        .stack = UF_IMAGE_BASE,
        .boot_block = s->boot_block,
        .thread_pointer = s->thread_pointer,
    };

    memcpy(m->door + ARCH_DOOR_SLOTS, &slots, sizeof(slots));
}
