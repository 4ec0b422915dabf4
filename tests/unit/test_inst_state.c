// SPDX-License-Identifier: MIT
// LINK: daemon/fleet/inst_state.c
#include "daemon/fleet/inst_state.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tests/tap.h"

static enum inst_state at(int s)
{
    return (enum inst_state)s;
}

static enum inst_event ev(int e)
{
    return (enum inst_event)e;
}

static void every_step_leads_to_a_state_or_is_refused(void)
{
    for (int s = 0; s < INST_NSTATES; s++)
        for (int e = 0; e < INST_NEVENTS; e++) {
            int to = inst_next(at(s), ev(e));

            CHECK(to == -EPROTO || (to >= 0 && to < INST_NSTATES));
        }
}

static void from_dead_nothing_leads_away(void)
{
    for (int e = 0; e < INST_NEVENTS; e++)
        CHECK(inst_next(INST_DEAD, ev(e)) == -EPROTO);
}

static void exit_leads_to_dead_from_everywhere(void)
{
    for (int s = 0; s < INST_NSTATES; s++)
        CHECK(s == INST_DEAD || inst_next(at(s), INST_EV_EXIT) == INST_DEAD);
}

static void only_an_idle_instance_takes_an_event(void)
{
    for (int s = 0; s < INST_NSTATES; s++)
        CHECK(inst_next(at(s), INST_EV_RUN) == (s == INST_IDLE ? INST_BUSY : -EPROTO));
}

static void only_a_blank_one_is_given_something_to_be(void)
{
    for (int s = 0; s < INST_NSTATES; s++) {
        CHECK((inst_next(at(s), INST_EV_LOAD) >= 0) == (s == INST_BLANK));
        CHECK((inst_next(at(s), INST_EV_BOOT) >= 0) == (s == INST_BLANK));
    }
}

static void draining_never_takes_a_request_and_ends_when_done(void)
{
    CHECK(inst_next(INST_BUSY, INST_EV_STOP) == INST_DRAINING);
    CHECK(inst_next(INST_DRAINING, INST_EV_STOP) == INST_DRAINING);
    CHECK(inst_next(INST_DRAINING, INST_EV_DONE) == INST_DEAD);
}

static void stop_ends_at_once_where_no_event_is_inside(void)
{
    for (int s = 0; s < INST_NSTATES; s++)
        if (s != INST_BUSY && s != INST_DRAINING && s != INST_DEAD)
            CHECK(inst_next(at(s), INST_EV_STOP) == INST_DEAD);
}

static void every_state_is_reached_from_starting(void)
{
    bool seen[INST_NSTATES] = {[INST_STARTING] = true};

    for (int round = 0; round < INST_NSTATES; round++)
        for (int s = 0; s < INST_NSTATES; s++)
            for (int e = 0; seen[s] && e < INST_NEVENTS; e++)
                if (inst_next(at(s), ev(e)) >= 0)
                    seen[inst_next(at(s), ev(e))] = true;
    for (int s = 0; s < INST_NSTATES; s++)
        CHECK(seen[s]);
}

static void every_state_has_a_word_of_its_own(void)
{
    for (int a = 0; a < INST_NSTATES; a++)
        for (int b = 0; b < a; b++)
            CHECK(strcmp(inst_state_word(at(a)), inst_state_word(at(b))) != 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(every_step_leads_to_a_state_or_is_refused),
        TAP_CASE(from_dead_nothing_leads_away),
        TAP_CASE(exit_leads_to_dead_from_everywhere),
        TAP_CASE(only_an_idle_instance_takes_an_event),
        TAP_CASE(only_a_blank_one_is_given_something_to_be),
        TAP_CASE(draining_never_takes_a_request_and_ends_when_done),
        TAP_CASE(stop_ends_at_once_where_no_event_is_inside),
        TAP_CASE(every_state_is_reached_from_starting),
        TAP_CASE(every_state_has_a_word_of_its_own),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
