// SPDX-License-Identifier: MIT
/* stack-frame: one large frame cannot jump over the guard. */
#include <unifaas.h>

__attribute__((noinline)) static int deep(volatile char *p)
{
    volatile char frame[8000000];

    frame[0] = *p;
    return frame[0];
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    volatile char c = 0;

    return deep(&c);
}
