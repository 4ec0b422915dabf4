// SPDX-License-Identifier: MIT
/* null-write: writing the null page faults. */
#include <unifaas.h>

static volatile char *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    p[0] = 1;
    return uf_respond_text(response, "survived");
}
