// SPDX-License-Identifier: MIT
/* data-execute: data cannot be executed. */
#include <unifaas.h>

static char code[64] = {1};

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    void (*volatile f)(void) = (void (*)(void))(uintptr_t)code;

    f();
    return uf_respond_text(response, "survived");
}
