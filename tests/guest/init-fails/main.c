// SPDX-License-Identifier: MIT
/* init-fails: an init that returns non-zero refuses the deployment. */
#include <unifaas.h>

int init(void)
{
    return 5;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return uf_respond_text(response, "never");
}
