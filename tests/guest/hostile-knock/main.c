// SPDX-License-Identifier: MIT
/*
 * hostile-knock: every address and length that the door is given is judged. The
 * body is the door block: op, a0 to a5, address and size of the log, each in
 * base 16. What returns is answered with the call's result.
 */
#include <stdlib.h>

#include <unifaas.h>

#include "../knock.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    char *at = (char *)uf_event_body(event);
    void (*door)(void) = (void (*)(void))(uintptr_t)0x0e000000;
    uint64_t block[9] = {0};

    if (*at == '\0')
        return uf_respond_text(response, "ok");
    for (unsigned i = 0; i < 9; i++)
        block[i] = strtoull(at, &at, 16);
    for (unsigned i = 0; i < 9; i++)
        uf_door_block[i] = block[i];
    door();
    return uf_respond_printf(response, "%lld", (long long)uf_door_block[10]);
}
