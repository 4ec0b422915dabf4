// SPDX-License-Identifier: MIT
/* log-cut-crash: what was logged before a crash is told. */
#include <stdio.h>

#include <unifaas.h>

static volatile char *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)response;
    (void)printf("one\n");
    return p[8];
}
