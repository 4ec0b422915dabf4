// SPDX-License-Identifier: MIT
/* body-pieces: a body grows piece by piece. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    for (int i = 0; i < 500; i++)
        (void)uf_respond_printf(response, "%d,", i);
    return uf_respond_text(response, "end");
}
