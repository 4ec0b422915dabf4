// SPDX-License-Identifier: MIT
/* hostile-thread: a lost thread register is found again by the next event. */
#include <errno.h>

#include <unifaas.h>

#include "../arch/hostile.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    if (uf_event_body_size(event) > 0)
        __asm__ volatile(LOSE_THREAD ::: "memory");
    errno = 0; /* a thread-local variable */
    return uf_respond_text(response, "ok");
}
