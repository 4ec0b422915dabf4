// SPDX-License-Identifier: MIT
/* stack-size: UF_STACK_SIZE gives a larger stack. */
#include "../check.h"

UF_STACK_SIZE(0x100000);

__attribute__((noinline)) static int use(void)
{
    char area[900000];
    char *volatile p = area;

    for (size_t i = 0; i < sizeof(area); i += 4096)
        p[i] = 1;
    return p[4096];
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, use() == 1);
    return finish(response);
}
