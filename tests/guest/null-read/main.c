// SPDX-License-Identifier: MIT
/* null-read: reading the null page faults. */
#include <unifaas.h>

static volatile char *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return p[8];
}
