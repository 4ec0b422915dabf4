// SPDX-License-Identifier: MIT
/* door-address: a response that lies nowhere is refused. */
#include <unifaas.h>

#include "../knock.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    knock(2, 0, 0, 0x50000000, 10);
    return uf_respond_text(response, "survived");
}
