// SPDX-License-Identifier: MIT
/* log-cut-init: what init logged is not the log of an event that is cut off. */
#include <stdio.h>

#include <unifaas.h>

int init(void)
{
    (void)printf("preparing\n");
    return 0;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)response;
    for (;;)
        __asm__ volatile("");
}
