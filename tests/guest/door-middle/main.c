// SPDX-License-Identifier: MIT
/* door-middle: the door page cannot be entered in the middle. */
#include <stdint.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    void (*door)(void) = (void (*)(void))(uintptr_t)0x0e000f00;

    door();
    return uf_respond_text(response, "survived");
}
