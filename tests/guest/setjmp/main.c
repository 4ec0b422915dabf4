// SPDX-License-Identifier: MIT
/* setjmp: longjmp returns to setjmp, and leaves floating point alone. */
#include <setjmp.h>

#include "../check.h"

static jmp_buf back;

__attribute__((noinline)) static void leap(int n)
{
    longjmp(back, n);
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    volatile int rounds = 0;
    int n = setjmp(back);

    if (n < 3) {
        rounds++;
        leap(n + 1);
    }
    CHECK(response, n == 3);
    CHECK(response, rounds == 3);
    return finish(response);
}
