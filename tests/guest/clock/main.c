// SPDX-License-Identifier: MIT
/* clock: clocks move forward, and sleeping takes its time and no more. */
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
    a = uf_monotonic();
    CHECK(response, nanosleep(&ts, NULL) == 0);
    CHECK(response, usleep(20000) == 0 && sleep(0) == 0);
    CHECK(response, uf_monotonic() - a >= 20001000);
    /* Nearly a second, which rounds up to a whole one; and not to the time limit. */
    a = uf_monotonic();
    CHECK(response, usleep(999999) == 0);
    CHECK(response, uf_monotonic() - a >= 999999000 && uf_monotonic() - a < 4000000000);
    CHECK(response, clock_gettime(CLOCK_REALTIME, &ts) == 0);
    CHECK(response, clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL) == 0);
    CHECK(response, clock_nanosleep(99, TIMER_ABSTIME, &ts, NULL) == EINVAL);
    ts.tv_nsec = 1000000000;
    CHECK(response, nanosleep(&ts, NULL) == -1 && errno == EINVAL);
    CHECK(response, clock_gettime(99, &ts) == -1 && errno == EINVAL);
    CHECK(response, clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
    CHECK(response, clock() != (clock_t)-1);
    return finish(response);
}
