// SPDX-License-Identifier: MIT
/*
 * hostile-touch: what is not a function's own can be neither read, written nor
 * run. The body says what: a letter (read, write, exec) and an address.
 */
#include <stdlib.h>

#include <unifaas.h>

static int constant_data = 7;

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *how = uf_event_body(event);
    uintptr_t at = strtoull(uf_event_body_size(event) > 1 ? how + 1 : "", NULL, 16);

    if (how[0] == 'r')
        constant_data = *(volatile unsigned char *)at;
    if (how[0] == 'w')
        *(volatile unsigned char *)at = 1;
    if (how[0] == 'x')
        ((void (*)(void))at)();
    return uf_respond_text(response, constant_data == 7 ? "ok" : "read it");
}
