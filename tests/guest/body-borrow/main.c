// SPDX-License-Identifier: MIT
/* body-borrow: a borrowed body is used in place, and the stack is refused. */
#include <unifaas.h>

static char big[1 << 20] = "big";

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char local[4] = "no";

    if (uf_respond_borrow(response, local, 2) != UF_INVALID)
        return 1;
    (void)uf_respond_borrow(response, big, sizeof(big));
    return 0;
}
