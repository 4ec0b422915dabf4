// SPDX-License-Identifier: MIT
/* hostile-mode: a guest that changes the processor's mode hurts itself only. */
#include <unifaas.h>

#include "../arch/hostile.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    if (uf_event_body_size(event) > 0)
        __asm__ volatile(CHANGE_MODE ::: "memory");
    return uf_respond_text(response, "ok");
}
