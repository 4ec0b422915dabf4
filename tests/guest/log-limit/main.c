// SPDX-License-Identifier: MIT
/* log-limit: a log beyond its limit ends the invocation. */
#include <stdio.h>

#include <unifaas.h>

static volatile int never;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    while (never == 0)
        (void)printf("and this goes to the log as well\n");
    return uf_respond_text(response, "survived");
}
