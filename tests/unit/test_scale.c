// SPDX-License-Identifier: MIT
// LINK: daemon/fleet/scale.c
#include "daemon/fleet/scale.h"

#include "tests/tap.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

/* A machine of two processors; a start takes 4 ms. */
static struct scale_in usual(void)
{
    return (struct scale_in){
        .max_instances = 10, .affordable = 100, .processors = 2, .start_ns = 4 * MS};
}

static void without_waiting_events_nothing_is_started(void)
{
    struct scale_in in = usual();

    CHECK(scale_start(&in) == 0);
    in.busy = 3;
    in.run_ns = MS;
    CHECK(scale_start(&in) == 0);
    CHECK(scale_patience_ns(&in) == UINT64_MAX);
}

static void the_first_event_starts_the_first_instance(void)
{
    struct scale_in in = usual();

    in.waiting = 1;
    CHECK(scale_start(&in) == 1);
}

static void a_burst_for_an_unknown_function_starts_one_instance(void)
{
    struct scale_in in = usual();

    in.waiting = 32;
    CHECK(scale_start(&in) == 1);
    in.starting = 1;
    CHECK(scale_start(&in) == 0);
}

static void fast_events_share_one_warm_instance(void)
{
    struct scale_in in = usual();

    in.busy = 1;
    in.waiting = 31;
    in.run_ns = 50 * US;
    CHECK(scale_start(&in) == 0);
}

static void slow_events_get_an_instance_for_each_processor_at_once(void)
{
    struct scale_in in = usual();

    in.waiting = 8;
    in.run_ns = 100 * MS;
    CHECK(scale_start(&in) == 2);
    in.processors = 64;
    CHECK(scale_start(&in) == 8);
}

static void who_stands_behind_a_slow_event_gets_one_more(void)
{
    struct scale_in in = usual();

    in.busy = 1;
    in.waiting = 1;
    in.run_ns = 50 * US;
    CHECK(scale_start(&in) == 0);
    CHECK(scale_patience_ns(&in) == 4 * MS);
    in.head_wait_ns = 4 * MS;
    CHECK(scale_start(&in) == 1);
}

static void beyond_the_processors_starts_need_patience(void)
{
    struct scale_in in = usual();

    in.busy = 2;
    in.waiting = 5;
    in.run_ns = 900 * MS;
    in.head_wait_ns = 5 * MS;
    CHECK(scale_start(&in) == 0);
    CHECK(scale_patience_ns(&in) == 95 * MS);
    in.head_wait_ns = 100 * MS;
    CHECK(scale_start(&in) == 2);
    in.starting = 2;
    CHECK(scale_start(&in) == 0);
}

static void short_events_get_a_few_instances_for_each_processor(void)
{
    struct scale_in in = usual();

    in.busy = 2;
    in.waiting = 30;
    in.run_ns = 100 * US;
    in.head_wait_ns = 3 * MS;
    CHECK(scale_start(&in) == 0);
    CHECK(scale_patience_ns(&in) == MS);
    in.head_wait_ns = 4 * MS;
    CHECK(scale_start(&in) == 2);
    in.busy = 4;
    CHECK(scale_start(&in) == 4);
    in.busy = 8;
    CHECK(scale_start(&in) == 0);
    CHECK(scale_patience_ns(&in) == 96 * MS);
    /* Nothing is known of the first. */
    in.busy = 2;
    in.run_ns = 0;
    CHECK(scale_start(&in) == 0);
}

static void there_are_never_more_than_max_instances(void)
{
    struct scale_in in = usual();

    in.processors = 64;
    in.waiting = 50;
    in.run_ns = 500 * MS;
    for (in.busy = 0; in.busy <= 12; in.busy++)
        CHECK(scale_start(&in) + in.busy <= 10 || scale_start(&in) == 0);
    in.max_instances = 1;
    in.busy = 1;
    in.head_wait_ns = 1000 * MS;
    CHECK(scale_start(&in) == 0);
    CHECK(scale_patience_ns(&in) == UINT64_MAX);
}

static void there_are_never_more_than_memory_allows(void)
{
    struct scale_in in = usual();

    in.processors = 64;
    in.waiting = 50;
    in.run_ns = 500 * MS;
    in.affordable = 3;
    CHECK(scale_start(&in) == 3);
    in.affordable = 0;
    CHECK(scale_start(&in) == 0);
}

static void there_are_never_more_instances_than_events(void)
{
    struct scale_in in = usual();

    in.processors = 64;
    in.busy = 1;
    in.waiting = 2;
    in.run_ns = 500 * MS;
    CHECK(scale_start(&in) == 2);
    in.starting = 2;
    CHECK(scale_start(&in) == 0);
}

/* Every event takes 20 ms of one of two processors, 40 come at once. */
static void a_queue_of_slow_events_is_worked_off_by_few_starts(void)
{
    struct scale_in in = usual();
    uint32_t started = 0;

    in.waiting = 40;
    in.run_ns = 20 * MS;
    for (int ms = 0; ms < 400 && in.waiting > 0; ms++) {
        uint32_t n = scale_start(&in);

        started += n;
        in.busy += n;
        in.waiting -= n < in.waiting ? n : in.waiting;
        in.head_wait_ns = (uint64_t)ms * MS;
        if (ms % 10 == 9)
            in.waiting--;
    }
    CHECK(started >= 2);
    CHECK(started <= 10);
}

static void the_average_follows(void)
{
    uint64_t avg = scale_average(0, 80 * MS);

    CHECK(avg == 80 * MS);
    for (int i = 0; i < 40; i++)
        avg = scale_average(avg, 8 * MS);
    CHECK(avg < 9 * MS && avg >= 7 * MS);
}

static void a_queue_gets_as_many_as_it_deserves_at_once(void)
{
    struct scale_in in = usual();

    in.queued = 7;
    in.waiting = 7;
    in.run_ns = US;
    CHECK(scale_start(&in) == 7);
    in.starting = 2;
    in.busy = 1;
    in.waiting = 6;
    CHECK(scale_start(&in) == 4);
    in.affordable = 1;
    CHECK(scale_start(&in) == 1);
    in.affordable = 100;
    in.max_instances = 5;
    CHECK(scale_start(&in) == 2);
    in.waiting = 0;
    CHECK(scale_start(&in) == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_queue_gets_as_many_as_it_deserves_at_once),
        TAP_CASE(without_waiting_events_nothing_is_started),
        TAP_CASE(the_first_event_starts_the_first_instance),
        TAP_CASE(a_burst_for_an_unknown_function_starts_one_instance),
        TAP_CASE(fast_events_share_one_warm_instance),
        TAP_CASE(slow_events_get_an_instance_for_each_processor_at_once),
        TAP_CASE(who_stands_behind_a_slow_event_gets_one_more),
        TAP_CASE(beyond_the_processors_starts_need_patience),
        TAP_CASE(short_events_get_a_few_instances_for_each_processor),
        TAP_CASE(there_are_never_more_than_max_instances),
        TAP_CASE(there_are_never_more_than_memory_allows),
        TAP_CASE(there_are_never_more_instances_than_events),
        TAP_CASE(a_queue_of_slow_events_is_worked_off_by_few_starts),
        TAP_CASE(the_average_follows),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
