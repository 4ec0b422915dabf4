// SPDX-License-Identifier: MIT
/* double-free: memory that is freed twice ends the invocation. */
#include <stdlib.h>

#include <unifaas.h>

static void *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    p = malloc(100);
    free(p);
    free(p);
    return uf_respond_text(response, "survived");
}
