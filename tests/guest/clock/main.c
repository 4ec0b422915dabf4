// SPDX-License-Identifier: MIT
/* clock: clocks move forward, and sleeping is refused. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    struct timespec ts = {.tv_nsec = 1000};
    uint64_t a = uf_monotonic();
    uint64_t now = uf_now();

    CHECK(response, uf_monotonic() >= a);
    CHECK(response, now > UINT64_C(1700000000000000000));
    CHECK(response, (uint64_t)time(NULL) >= now / 1000000000);
    CHECK(response,
          uf_event_time_left(event) > 0 && uf_event_time_left(event) <= UINT64_C(5000000000));
    CHECK(response, nanosleep(&ts, NULL) == -1 && errno == ENOSYS);
    CHECK(response, clock_gettime(99, &ts) == -1 && errno == EINVAL);
    CHECK(response, clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
    CHECK(response, clock() != (clock_t)-1);
    return finish(response);
}
