// SPDX-License-Identifier: MIT
/* pristine-crash: an event finds the snapshot even when the one before crashed. */
#include <unifaas.h>

static int n;
static volatile int *volatile nowhere;

int handle(const struct uf_event *event, struct uf_response *response)
{
    n++;
    if (uf_event_body_size(event) == 0)
        return *nowhere;
    return uf_respond_printf(response, "%d", n);
}
