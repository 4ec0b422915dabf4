// SPDX-License-Identifier: MIT
/* wild-jump: jumping into nothing faults. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    void (*volatile f)(void) = (void (*)(void))(uintptr_t)0x5eadbee0;

    f();
    return uf_respond_text(response, "survived");
}
