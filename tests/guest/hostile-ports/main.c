// SPDX-License-Identifier: MIT
/* hostile-ports: the door is a way out for 32 bits, and for nothing else. */
#include <string.h>

#include <unifaas.h>

#include "../arch/hostile.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *how = uf_event_body(event);

    if (strcmp(how, "read") == 0)
        __asm__ volatile(READ_PORT ::: "memory", "cc");
    if (strcmp(how, "write") == 0)
        __asm__ volatile(WRITE_PORT ::: "memory", "cc");
    if (strcmp(how, "string") == 0)
        __asm__ volatile(READ_STRING ::: "memory", "cc");
    if (strcmp(how, "write-string") == 0)
        __asm__ volatile(WRITE_STRING ::: "memory", "cc");
    return uf_respond_text(response, "ok");
}
