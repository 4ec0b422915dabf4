// SPDX-License-Identifier: MIT
/* init-crashes: an init that faults refuses the deployment with the reason. */
#include <unifaas.h>

static volatile int *volatile nowhere;

int init(void)
{
    return *nowhere;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return uf_respond_text(response, "never");
}
