// SPDX-License-Identifier: MIT
/* door-status: an HTTP status that is none is refused at the door. */
#include <unifaas.h>

#include "../knock.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    knock(2, 0, 9999, 0, 0);
    return uf_respond_text(response, "survived");
}
