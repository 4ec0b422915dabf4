// SPDX-License-Identifier: MIT
/* hello: the smallest function there is. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return uf_respond_text(response, "Hello from a unikernel!\n");
}
