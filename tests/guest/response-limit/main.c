// SPDX-License-Identifier: MIT
/* response-limit: a body beyond its limit ends the invocation. */
#include <unifaas.h>

static char big[1001];

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return uf_respond_borrow(response, big, sizeof(big));
}
