// SPDX-License-Identifier: MIT
/* door-reason: a failure without a known reason is refused. */
#include <unifaas.h>

#include "../knock.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    knock(3, 99, 0, 0, 0);
    return uf_respond_text(response, "survived");
}
