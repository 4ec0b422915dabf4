// SPDX-License-Identifier: MIT
/* quick-exit: _Exit runs no handlers. */
#include <stdio.h>
#include <stdlib.h>

#include <unifaas.h>

static void goodbye(void)
{
    (void)printf("goodbye\n");
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)response;
    (void)atexit(goodbye);
    _Exit(4);
}
