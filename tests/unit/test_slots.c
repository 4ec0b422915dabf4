// SPDX-License-Identifier: MIT
// LINK: daemon/fleet/slots.c
#include "daemon/fleet/slots.h"

#include <errno.h>

#include "tests/tap.h"

static void numbers_are_handed_out_lowest_first(void)
{
    struct slots s = {0};

    for (int i = 0; i < 200; i++)
        CHECK(slots_take(&s) == i);
}

static void what_was_given_back_is_handed_out_again(void)
{
    struct slots s = {0};

    for (int i = 0; i < 100; i++)
        (void)slots_take(&s);
    slots_give(&s, 70);
    slots_give(&s, 3);
    CHECK(slots_take(&s) == 3);
    CHECK(slots_take(&s) == 70);
    CHECK(slots_take(&s) == 100);
}

static void one_more_than_there_are_is_refused(void)
{
    struct slots s = {0};

    for (uint32_t i = 0; i < SLOTS_MAX; i++)
        CHECK(slots_take(&s) == (int)i);
    CHECK(slots_take(&s) == -EMFILE);
    slots_give(&s, SLOTS_MAX - 1);
    CHECK(slots_take(&s) == (int)SLOTS_MAX - 1);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(numbers_are_handed_out_lowest_first),
        TAP_CASE(what_was_given_back_is_handed_out_again),
        TAP_CASE(one_more_than_there_are_is_refused),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
