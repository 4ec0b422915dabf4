// SPDX-License-Identifier: MIT
/* bad-free: freeing what was never allocated ends the invocation. */
#include <stdlib.h>

#include <unifaas.h>

static char local[64];
static void *volatile p = local + 32;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    free(p);
    return uf_respond_text(response, "survived");
}
