// SPDX-License-Identifier: MIT
/* door-wrap: a response that wraps around the address space is refused. */
#include <unifaas.h>

#include "../knock.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    knock(2, 0, 0, UINT64_MAX - 5, 10);
    return uf_respond_text(response, "survived");
}
