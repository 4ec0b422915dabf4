// SPDX-License-Identifier: MIT
/* tls: thread-local variables have their first values in every event. */
#include <stdint.h>

#include "../check.h"

static __thread int set = 5;
static __thread char zero[100];
static __thread _Alignas(64) long aligned = 7;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, set == 5 && aligned == 7);
    CHECK(response, zero[0] == 0 && zero[99] == 0);
    CHECK(response, (uintptr_t)&aligned % 64 == 0);
    set++;
    aligned++;
    zero[99] = 1;
    CHECK(response, set == 6 && aligned == 8);
    return finish(response);
}
