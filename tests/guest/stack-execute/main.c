// SPDX-License-Identifier: MIT
/* stack-execute: the stack cannot be executed. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char code[64] = {1};
    void (*volatile f)(void) = (void (*)(void))(uintptr_t)code;

    f();
    return uf_respond_text(response, "survived");
}
