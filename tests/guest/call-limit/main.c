// SPDX-License-Identifier: MIT
/* call-limit: too many host calls end the invocation. */
#include <unifaas.h>

static volatile int never;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    while (never == 0)
        (void)uf_now();
    return uf_respond_text(response, "survived");
}
