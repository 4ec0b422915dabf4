// SPDX-License-Identifier: MIT
/* constant-write: constants cannot be written. */
#include <unifaas.h>

static const char constant[] = "constant";
static volatile char *volatile p;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    p = (volatile char *)(uintptr_t)constant;
    *p = 0;
    return uf_respond_text(response, "survived");
}
