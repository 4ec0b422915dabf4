// SPDX-License-Identifier: MIT
/* event-write: the event cannot be written. */
#include <unifaas.h>

static volatile char *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    p = (volatile char *)(uintptr_t)uf_event_method(event);
    *p = 0;
    return uf_respond_text(response, "survived");
}
