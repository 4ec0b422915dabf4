// SPDX-License-Identifier: MIT
/* stack-guard: a stack that overflows hits the guard below it. */
#include <unifaas.h>

static volatile int never;

__attribute__((noinline)) static int recurse(int n) // NOLINT(misc-no-recursion)
{
    volatile char frame[512];

    frame[n & 511] = (char)n;
    return never != 0 ? 0 : recurse(n + 1) + frame[n & 511];
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return recurse(0);
}
