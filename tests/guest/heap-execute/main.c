// SPDX-License-Identifier: MIT
/* heap-execute: the heap cannot be executed. */
#include <unifaas.h>

#include <stdlib.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    void (*volatile f)(void) = (void (*)(void))(uintptr_t)malloc(64);

    f();
    return uf_respond_text(response, "survived");
}
