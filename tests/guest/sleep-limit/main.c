// SPDX-License-Identifier: MIT
/* sleep-limit: who sleeps uses no CPU time, and is ended at the time limit. */
#include <unistd.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)response;
    for (;;)
        (void)sleep(30);
}
