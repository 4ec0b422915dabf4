// SPDX-License-Identifier: MIT
/* high-read: the far end of the address space cannot be read. */
#include <unifaas.h>

static volatile char *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    p = (volatile char *)(uintptr_t)0x7fff00001000;
    return *p;
}
