// SPDX-License-Identifier: MIT
/* bad-status: an HTTP status that is none is refused. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)uf_respond_status(response, 42);
    return 0;
}
