// SPDX-License-Identifier: MIT
/* overrun: writing past the end of an allocation is noticed when it is freed. */
#include <stdlib.h>
#include <string.h>

#include <unifaas.h>

static void *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    p = malloc(100);
    void *next = malloc(100);
    memset(p, 'x', 128);
    free(next);
    return uf_respond_text(response, "survived");
}
