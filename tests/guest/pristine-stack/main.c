// SPDX-License-Identifier: MIT
/* pristine-stack: no event finds what another left on the stack or in the heap. */
#include <stdlib.h>
#include <string.h>

#include "../check.h"

__attribute__((noinline)) static int find(const char *area, size_t size)
{
    int found = 0;

    for (size_t i = 0; i < size; i++)
        found += area[i] == 0x5a;
    return found;
}

__attribute__((noinline)) static int look_and_litter(void)
{
    char area[60000];
    char *volatile p = area; /* what lies there, unread by the compiler */
    int found = find(p, sizeof(area));

    memset(p, 0x5a, sizeof(area));
    return found;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char *volatile heap = malloc(300000);

    CHECK(response, heap != NULL);
    CHECK(response, look_and_litter() == 0);
    CHECK(response, find(heap, 300000) == 0);
    memset(heap, 0x5a, 300000);
    return finish(response);
}
