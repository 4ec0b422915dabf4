// SPDX-License-Identifier: MIT
/* fpu-clean: every event starts with the floating point state of the architecture. */
#include <fenv.h>

#include "../check.h"

static volatile double one = 1.0;
static volatile double three = 3.0;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, fegetround() == FE_TONEAREST);
    CHECK(response, fetestexcept(FE_ALL_EXCEPT) == 0);
    CHECK(response, one / three == 0x1.5555555555555p-2);
    CHECK(response, fesetround(FE_UPWARD) == 0);
    CHECK(response, one / three == 0x1.5555555555556p-2);
    CHECK(response, fetestexcept(FE_INEXACT) != 0);
    return finish(response);
}
