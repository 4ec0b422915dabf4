// SPDX-License-Identifier: MIT
// LINK: tender/core/alarm.c
/* The alarm: one that is noted as set is a timer of the kernel's. */
#include <stdbool.h>
#include <sys/time.h>

#include "tender/core/alarm.h"
#include "tests/tap.h"

#define NOW    UINT64_C(7000000000)
#define SECOND UINT64_C(1000000000)

/* Is a timer set for that moment, give or take how long the test takes? */
static bool is_set_for(uint64_t ns)
{
    struct itimerval t;

    (void)getitimer(ITIMER_REAL, &t);
    uint64_t left = (uint64_t)t.it_value.tv_sec * SECOND + (uint64_t)t.it_value.tv_usec * 1000;
    return left > 0 && left <= ns + 2000 && left + 60 * SECOND > ns;
}

static void it_is_set_whatever_part_of_a_second_is_left(void)
{
    static const uint64_t rests[] = {0, 1, 999, 1000, 999998999, 999999000, 999999999, SECOND};

    for (size_t s = 1000; s <= 1001; s++)
        for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
            struct alarm a = {.due_ns = 0};
            uint64_t ns = s * SECOND + rests[i];

            alarm_at(&a, NOW, NOW + ns);
            CHECK(a.due_ns == NOW + ns);
            CHECK(is_set_for(ns));
            alarm_off(&a);
            CHECK(a.due_ns == 0 && !is_set_for(ns));
        }
}

static void an_earlier_one_stays(void)
{
    struct alarm a = {.due_ns = 0};

    alarm_at(&a, NOW, NOW + 1000 * SECOND);
    alarm_at(&a, NOW, NOW + 2000 * SECOND);
    CHECK(a.due_ns == NOW + 1000 * SECOND && is_set_for(1000 * SECOND));
    alarm_at(&a, NOW, NOW + 900 * SECOND);
    CHECK(a.due_ns == NOW + 900 * SECOND && is_set_for(900 * SECOND));
    alarm_off(&a);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(it_is_set_whatever_part_of_a_second_is_left),
        TAP_CASE(an_earlier_one_stays),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
