// SPDX-License-Identifier: MIT
/* door-ready: READY while an event is handled is refused. */
#include <unifaas.h>

#include "../knock.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    knock(1, 0, 0, 0, 0);
    return uf_respond_text(response, "survived");
}
