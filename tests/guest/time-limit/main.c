// SPDX-License-Identifier: MIT
/* time-limit: a loop that never ends is ended at the time limit. */
#include <unifaas.h>

static volatile int never;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    while (never == 0)
        continue;
    return uf_respond_text(response, "survived");
}
