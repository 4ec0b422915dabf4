// SPDX-License-Identifier: MIT
/* log-cut-full: a log that finds no room when the time is over changes nothing. */
#include <stdio.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)response;
    (void)printf("one two three\n");
    for (;;)
        __asm__ volatile("");
}
