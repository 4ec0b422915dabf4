// SPDX-License-Identifier: MIT
/* unmapped-read: memory that is not there cannot be read. */
#include <unifaas.h>

static volatile char *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    p = (volatile char *)(uintptr_t)0x50000000;
    return *p;
}
