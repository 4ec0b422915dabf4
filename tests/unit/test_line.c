// SPDX-License-Identifier: MIT
// LINK: daemon/fleet/line.c
#include "daemon/fleet/line.h"

#include "tests/tap.h"

#define MS UINT64_C(1000000)

static struct line l;
static uint64_t now;

static void begin(uint32_t n, bool is_running)
{
    l = (struct line){.n = 0};
    now = 1000 * MS;
    for (uint32_t i = 0; i < n; i++)
        line_join(&l, now, is_running);
}

/* n are served, one each ns; as many come. */
static void go_on(uint32_t n, uint64_t each_ns)
{
    for (uint32_t i = 0; i < n; i++) {
        now += each_ns;
        line_serve(&l, now);
        line_join(&l, now, true);
    }
}

static void a_burst_is_not_refused_whatever_its_size(void)
{
    begin(1000, true);
    go_on(19, 10 * MS);
    CHECK(l.n == 1000 && line_wait_ns(&l) == 0);
}

static void a_line_that_stands_is_measured(void)
{
    begin(8, true);
    go_on(20, 10 * MS);
    CHECK(line_wait_ns(&l) == 80 * MS);
    /* Two at a time. */
    go_on(100, 5 * MS);
    CHECK(line_wait_ns(&l) == 40 * MS);
}

static void slow_ones_are_measured_as_they_leave(void)
{
    begin(4, true);
    go_on(2, 3000 * MS);
    CHECK(line_wait_ns(&l) == 12000 * MS);
}

static void a_start_is_no_wait_for_the_next(void)
{
    begin(500, false);
    go_on(1, 5000 * MS);
    CHECK(line_wait_ns(&l) == 0);
    go_on(200, 1 * MS);
    CHECK(line_wait_ns(&l) == 500 * MS);
}

static void a_machine_that_stood_still_refuses_nobody(void)
{
    begin(30, true);
    go_on(200, 1 * MS);
    go_on(1, 2000 * MS);
    CHECK(line_wait_ns(&l) == 30 * MS);
    go_on(100, 1 * MS);
    CHECK(line_wait_ns(&l) == 30 * MS);
}

static void those_that_give_up_make_it_no_faster(void)
{
    begin(20, true);
    go_on(20, 10 * MS);
    for (int i = 0; i < 10; i++)
        line_leave(&l);
    CHECK(line_wait_ns(&l) == 100 * MS);
    go_on(20, 10 * MS);
    CHECK(line_wait_ns(&l) == 100 * MS);
}

static void one_that_comes_back_is_in_line_again(void)
{
    begin(2, true);
    line_serve(&l, now);
    line_return(&l);
    CHECK(l.n == 2);
}

static void an_empty_line_is_forgotten(void)
{
    begin(2, true);
    go_on(40, 10 * MS);
    CHECK(line_wait_ns(&l) > 0);
    line_serve(&l, now);
    line_leave(&l);
    CHECK(line_wait_ns(&l) == 0);
    line_join(&l, now, true);
    CHECK(l.n == 1 && line_wait_ns(&l) == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_burst_is_not_refused_whatever_its_size),
        TAP_CASE(a_line_that_stands_is_measured),
        TAP_CASE(slow_ones_are_measured_as_they_leave),
        TAP_CASE(a_start_is_no_wait_for_the_next),
        TAP_CASE(a_machine_that_stood_still_refuses_nobody),
        TAP_CASE(those_that_give_up_make_it_no_faster),
        TAP_CASE(one_that_comes_back_is_in_line_again),
        TAP_CASE(an_empty_line_is_forgotten),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
