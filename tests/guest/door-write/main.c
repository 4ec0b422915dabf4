// SPDX-License-Identifier: MIT
/* door-write: the door page cannot be written. */
#include <unifaas.h>

static volatile char *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    p = (volatile char *)(uintptr_t)0x0e000000;
    *p = 0;
    return uf_respond_text(response, "survived");
}
