// SPDX-License-Identifier: MIT
/* hostile-vsyscall: what the kernel emulates for old programs is not there. */
#include <unifaas.h>

#include "../arch/hostile.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    if (uf_event_body_size(event) > 0)
        __asm__ volatile(CALL_VSYSCALL ::: "memory", "cc");
    return uf_respond_text(response, "ok");
}
