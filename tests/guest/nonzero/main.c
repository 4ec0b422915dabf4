// SPDX-License-Identifier: MIT
/* nonzero: handle that returns non-zero is an error. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)uf_respond_text(response, "body");
    return 7;
}
