// SPDX-License-Identifier: MIT
// LINK: daemon/queue/policy.c
#include "daemon/queue/policy.h"

#include "abi/control.h"
#include "tests/tap.h"

#define S UINT64_C(1000000000)

static struct function_retry usual(void)
{
    return (struct function_retry){.attempts = 4,
                                   .min_wait_ns = S,
                                   .max_wait_ns = 60 * S,
                                   .codes = {408, 429, 500, 502, 503, 504}};
}

static void one_instance_for_each_threshold_of_events(void)
{
    CHECK(policy_instances(0, 10, 5) == 0);
    CHECK(policy_instances(1, 10, 5) == 1);
    CHECK(policy_instances(10, 10, 5) == 1);
    CHECK(policy_instances(11, 10, 5) == 2);
    CHECK(policy_instances(41, 10, 5) == 5);
    CHECK(policy_instances(7, 1, 100) == 7);
}

static void never_more_than_the_maximum(void)
{
    CHECK(policy_instances(1000000, 10, 5) == 5);
    CHECK(policy_instances(UINT64_MAX, 1, 1000) == 1000);
    CHECK(policy_instances(3, 1, 1) == 1);
}

static void more_events_never_deserve_fewer_instances(void)
{
    uint32_t before = 0;

    for (uint64_t depth = 0; depth < 2000; depth++) {
        uint32_t n = policy_instances(depth, 7, 100);

        CHECK(n >= before && n <= 100);
        before = n;
    }
}

static void whatever_is_not_ok_failed(void)
{
    struct function_retry r = usual();

    for (uint32_t outcome = 0; outcome < UF_NOUTCOMES; outcome++)
        CHECK(policy_is_failure(&r, outcome, 200) == (outcome != UF_OUTCOME_OK));
}

static void statuses_of_the_list_are_failures(void)
{
    static const unsigned bad[] = {408, 429, 500, 502, 503, 504};
    struct function_retry r = usual();
    unsigned failures = 0;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(policy_is_failure(&r, UF_OUTCOME_OK, bad[i]));
    for (unsigned status = 100; status < 600; status++)
        failures += policy_is_failure(&r, UF_OUTCOME_OK, status);
    CHECK(failures == sizeof(bad) / sizeof(bad[0]));
}

static void a_manifest_says_which_statuses_are(void)
{
    struct function_retry r = usual();

    for (uint16_t i = 0; i < FUNCTION_CODES_MAX; i++)
        r.codes[i] = (uint16_t)(404 + i);
    CHECK(policy_is_failure(&r, UF_OUTCOME_OK, 404));
    CHECK(policy_is_failure(&r, UF_OUTCOME_OK, 404 + FUNCTION_CODES_MAX - 1));
    CHECK(!policy_is_failure(&r, UF_OUTCOME_OK, 404 + FUNCTION_CODES_MAX));
    CHECK(!policy_is_failure(&r, UF_OUTCOME_OK, 500));
    r.codes[1] = 0;
    CHECK(!policy_is_failure(&r, UF_OUTCOME_OK, 405));
    r.codes[0] = 0;
    CHECK(!policy_is_failure(&r, UF_OUTCOME_OK, 404));
}

static void waits_double_and_stay_between_their_bounds(void)
{
    static const uint64_t bound[] = {2000, 4000, 8000, 16000, 32000, 60000, 60000};
    struct function_retry r = usual();

    for (uint32_t failed = 1; failed <= 7; failed++) {
        CHECK(policy_wait_ms(&r, failed, 0) == 1000);
        CHECK(policy_wait_ms(&r, failed, UINT32_MAX) == bound[failed - 1]);
        uint64_t middle = policy_wait_ms(&r, failed, UINT32_MAX / 2);
        CHECK(middle > 1000 && middle < bound[failed - 1]);
    }
    CHECK(policy_wait_ms(&r, UINT32_MAX, UINT32_MAX) == 60000);
}

static void every_wait_in_between_is_possible(void)
{
    struct function_retry r = {.attempts = 4, .min_wait_ns = 4000000, .max_wait_ns = 8000000};
    unsigned seen = 0;

    for (uint64_t random = 0; random <= UINT32_MAX; random += UINT32_MAX / 100)
        seen |= 1u << policy_wait_ms(&r, 1, (uint32_t)random);
    CHECK(seen == 0x1f0);
}

static void no_wait_can_be_asked_for(void)
{
    struct function_retry r = {.attempts = 4, .min_wait_ns = 0, .max_wait_ns = 0};

    CHECK(policy_wait_ms(&r, 3, UINT32_MAX) == 0);
    r.max_wait_ns = 16 * S;
    CHECK(policy_wait_ms(&r, 1, 0) == 0 && policy_wait_ms(&r, 1, UINT32_MAX) == 2);
    CHECK(policy_wait_ms(&r, 40, UINT32_MAX) == 16000);
}

static void the_last_attempt_is_the_last(void)
{
    struct function_retry r = usual();

    CHECK(policy_next(&r, 3, 0, 1000, 0) == POLICY_AGAIN);
    CHECK(policy_next(&r, 4, 0, 1000, 0) == POLICY_ATTEMPTS);
    CHECK(policy_next(&r, 9, 0, 1000, 0) == POLICY_ATTEMPTS);
    r.attempts = 1;
    CHECK(policy_next(&r, 1, 0, 0, 0) == POLICY_ATTEMPTS);
}

static void nothing_waits_beyond_its_age(void)
{
    struct function_retry r = usual();

    CHECK(policy_next(&r, 1, 500, 500, 1000) == POLICY_AGAIN);
    CHECK(policy_next(&r, 1, 500, 501, 1000) == POLICY_AGE);
    CHECK(policy_next(&r, 1, 1001, 0, 1000) == POLICY_AGE);
    CHECK(policy_next(&r, 1, UINT64_MAX, UINT64_MAX, 0) == POLICY_AGAIN);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(one_instance_for_each_threshold_of_events),
        TAP_CASE(never_more_than_the_maximum),
        TAP_CASE(more_events_never_deserve_fewer_instances),
        TAP_CASE(whatever_is_not_ok_failed),
        TAP_CASE(statuses_of_the_list_are_failures),
        TAP_CASE(a_manifest_says_which_statuses_are),
        TAP_CASE(waits_double_and_stay_between_their_bounds),
        TAP_CASE(every_wait_in_between_is_possible),
        TAP_CASE(no_wait_can_be_asked_for),
        TAP_CASE(the_last_attempt_is_the_last),
        TAP_CASE(nothing_waits_beyond_its_age),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
