// SPDX-License-Identifier: MIT
/* event-pointers: log and response may be given from the event in place. */
#include <stdio.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)puts(uf_event_body(event));
    return uf_respond_borrow(response, uf_event_body(event), uf_event_body_size(event));
}
