// SPDX-License-Identifier: MIT
/* illegal: an illegal instruction is a fault. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    __builtin_trap();
}
