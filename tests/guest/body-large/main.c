// SPDX-License-Identifier: MIT
/* body-large: a body of exactly the limit arrives. */
#include <string.h>

#include <unifaas.h>

static char big[1 << 20];

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    memset(big, 'b', sizeof(big));
    return uf_respond_borrow(response, big, sizeof(big));
}
