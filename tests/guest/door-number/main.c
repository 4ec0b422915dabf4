// SPDX-License-Identifier: MIT
/* door-number: a door call with an unknown number is refused. */
#include <unifaas.h>

#include "../knock.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    knock(999, 0, 0, 0, 0);
    return uf_respond_text(response, "survived");
}
