// SPDX-License-Identifier: MIT
/* abort: abort ends the invocation with its own outcome. */
#include <stdio.h>
#include <stdlib.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)response;
    (void)printf("last words");
    abort();
}
