// SPDX-License-Identifier: MIT
/* memory-limit: an allocation that fails and is not survived is named. */
#include <stdlib.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    while (malloc(100000) != NULL)
        continue;
    return 1;
}
