// SPDX-License-Identifier: MIT
/* text-write: code cannot be written. */
#include <unifaas.h>

static volatile char *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    p = (volatile char *)(uintptr_t)handle;
    *p = 0;
    return uf_respond_text(response, "survived");
}
