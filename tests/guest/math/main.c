// SPDX-License-Identifier: MIT
/* math: the math library computes to the last digits. */
#include <math.h>

#include "../check.h"

static volatile double two = 2.0;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, sqrt(two) == 1.4142135623730951);
    CHECK(response, fabs(sin(two) - 0.9092974268256817) < 1e-15);
    CHECK(response, pow(two, 0.5) == sqrt(two));
    CHECK(response, exp(log(two)) > 1.9999999999999990 && exp(log(two)) < 2.0000000000000010);
    CHECK(response, fmod(7.5, two) == 1.5);
    CHECK(response, lround(two + 0.5) == 3);
    CHECK(response, isnan(sqrt(-two)));
    CHECK(response, isinf(1.0 / (two - 2.0)));
    CHECK(response, fma(two, 3.0, 4.0) == 10.0);
    CHECK(response, ldexp(two, 10) == 2048.0);
    CHECK(response, hypot(3.0, two + 2.0) == 5.0);
    CHECK(response, floor(-two / 3.0) == -1.0);
    CHECK(response, cbrt(two * 4.0) == 2.0);
    CHECK(response, (double)(long double)two == 2.0);
    return finish(response);
}
