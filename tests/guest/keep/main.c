// SPDX-License-Identifier: MIT
/* keep: an instance that is reused keeps its memory. */
#include <unifaas.h>

static int n;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return uf_respond_printf(response, "%d", ++n);
}
