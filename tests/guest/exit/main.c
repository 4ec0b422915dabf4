// SPDX-License-Identifier: MIT
/* exit: exit runs its handlers and ends the invocation with its status. */
#include <stdio.h>
#include <stdlib.h>

#include <unifaas.h>

static void goodbye(void)
{
    (void)printf("goodbye\n");
}

__attribute__((destructor)) static void last(void)
{
    (void)printf("last\n");
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)response;
    (void)atexit(goodbye);
    exit(3);
}
