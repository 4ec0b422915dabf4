// SPDX-License-Identifier: MIT
/* memory-crash: a crash over an allocation that failed is named. */
#include <stdlib.h>
#include <string.h>

#include <unifaas.h>

static volatile int never;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    while (never == 0)
        memset(malloc(100000), 1, 100000);
    return 0;
}
