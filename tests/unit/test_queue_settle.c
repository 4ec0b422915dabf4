// SPDX-License-Identifier: MIT
/* test_queue_settle.c: what becomes of events that failed, are late, or could not be handled. */
// LINK: daemon/fetch/outgoing.c daemon/spaces/rows.c
// LINK: daemon/record/metrics.c daemon/queue daemon/store daemon/loop/loop.c daemon/loop/timers.c
// LINK: daemon/gateway/headers.c daemon/gateway/uuid.c engine/batch.c engine/reason.c
// LIBS: sqlite3 libsodium jansson
#include "tests/queue/play.h"

static void what_fails_is_tried_again_and_then_given_up(void)
{
    begin();
    (void)deploy(0, 2);
    push("q0", "a");
    fail(0);
    CHECK(nruns == 0 && depth("q0") == 1);
    advance(999);
    CHECK(nruns == 0);
    advance(1);
    CHECK(nruns == 1 && delivery_of(0)->rows[0]->attempts == 1);
    fail(0);
    advance(1000);
    CHECK(nruns == 1 && delivery_of(0)->rows[0]->attempts == 2);
    fail(0);
    advance(1000);
    CHECK(nruns == 0 && ndead() == 1 && is_empty("q0"));
    end();
}

static void others_go_on_meanwhile(void)
{
    begin();
    (void)deploy(0, 2);
    push("q0", "a");
    push("q0", "b");
    push("q0", "c");
    fail(0);
    CHECK(strcmp(running(), "b c") == 0);
    ok(0);
    ok(0);
    advance(1000);
    CHECK(strcmp(running(), "a") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

static void where_order_counts_they_wait(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    fail(0);
    CHECK(nruns == 0);
    advance(1000);
    CHECK(strcmp(running(), "a") == 0);
    ok(0);
    CHECK(strcmp(running(), "b") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

static void also_after_a_restart(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    fail(0);
    restart();
    (void)deploy(0, 1);
    CHECK(nruns == 0);
    advance(2000);
    CHECK(strcmp(running(), "a") == 0 && delivery_of(0)->rows[0]->attempts == 1);
    ok(0);
    CHECK(strcmp(running(), "b") == 0);
    end();
}

static void what_never_ran_is_no_attempt(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    refused(0, 429);
    CHECK(nruns == 0);
    advance(60);
    CHECK(nruns == 1 && delivery_of(0)->rows[0]->attempts == 0);
    refused(0, 503);
    advance(60);
    CHECK(nruns == 0);
    advance(60);
    CHECK(nruns == 1 && delivery_of(0)->rows[0]->attempts == 0);
    end();
}

static void what_never_fits_is_given_up(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    refused(0, 413);
    CHECK(nruns == 0 && ndead() == 1 && is_empty("q0"));
    end();
}

static void what_the_disk_does_not_take_stays(void)
{
    begin();
    (void)deploy(0, 2);
    push("q0", "a");
    push("q0", "b");
    commit_code = -EIO;
    ok(0);
    CHECK(depth("q0") == 2);
    commit_code = 0;
    CHECK(strcmp(running(), "b") == 0);
    ok(0);
    advance(100);
    CHECK(strcmp(running(), "a") == 0 && delivery_of(0)->rows[0]->attempts == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

static void a_conflict_runs_again(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    commit_code = -EAGAIN;
    ok(0);
    commit_code = 0;
    CHECK(nruns == 1 && runs[0]->runs == 2);
    ok(0);
    CHECK(nruns == 0 && is_empty("q0"));
    end();
}

static void an_event_for_later_comes_then(void)
{
    begin();
    (void)deploy(0, 1);
    push_at("q0", "later", loop.wall_ns / MS + 5000);
    push_at("q0", "past", loop.wall_ns / MS - 5000);
    CHECK(strcmp(running(), "past") == 0);
    ok(0);
    CHECK(nruns == 0);
    advance(4999);
    CHECK(nruns == 0);
    advance(1);
    CHECK(strcmp(running(), "later") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

static void one_that_runs_is_not_fetched_again(void)
{
    begin();
    (void)deploy(0, 2);
    push_at("q0", "a", loop.wall_ns / MS + 1000);
    push_at("q0", "b", loop.wall_ns / MS + 2000);
    advance(1000);
    advance(1000);
    CHECK(strcmp(running(), "a b") == 0);
    ok(0);
    ok(0);
    CHECK(nruns == 0 && is_empty("q0"));
    end();
}

static void also_when_the_clock_is_set(void)
{
    begin();
    (void)deploy(0, 1);
    push_at("q0", "later", loop.wall_ns / MS + 3600000);
    loop.wall_ns += 3600000 * MS;
    queues_reckon(&queues);
    turn();
    CHECK(strcmp(running(), "later") == 0);
    end();
}

static void nothing_wakes_without_a_reason(void)
{
    begin();
    (void)deploy(0, 1);
    push("q1", "nobody's");
    push("q0", "a");
    ok(0);
    CHECK(loop.ntimers == 0);
    push_at("q1", "x", loop.wall_ns / MS + 1000);
    CHECK(loop.ntimers == 0);
    push_at("q0", "x", loop.wall_ns / MS + 1000);
    CHECK(loop.ntimers == 1);
    end();
}

static void an_event_that_is_too_old_is_given_up(void)
{
    begin();
    struct fn *fn = deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    fn->conf.max_age_ns = 1000 * MS;
    loop.wall_ns += 1000000 * MS;
    ok(0);
    CHECK(nruns == 0 && ndead() == 1 && is_empty("q0"));
    end();
}

static void not_by_a_clock_that_jumped(void)
{
    begin();
    struct fn *fn = deploy(0, 1);
    fn->conf.max_age_ns = 1000 * MS;
    push("q0", "a");
    push("q0", "b");
    loop.wall_ns += UINT64_C(1000000000) * MS;
    queues_reckon(&queues);
    ok(0);
    CHECK(strcmp(running(), "b") == 0);
    fail(0);
    CHECK(ndead() == 0 && depth("q0") == 1);
    end();
}

static void nor_by_one_that_was_set_while_the_daemon_was_away(void)
{
    begin();
    push("q0", "a");
    loop.wall_ns += UINT64_C(1000000000) * MS;
    restart();
    struct fn *fn = deploy(0, 1);
    fn->conf.max_age_ns = 1000 * MS;
    CHECK(strcmp(running(), "a") == 0 && ndead() == 0);
    fail(0);
    CHECK(ndead() == 0);
    end();
}

static void a_clock_that_is_put_right_by_little_has_not_jumped(void)
{
    begin();
    struct fn *fn = deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    fn->conf.max_age_ns = 1000 * MS;
    loop.wall_ns += 50000 * MS;
    queues_reckon(&queues);
    ok(0);
    CHECK(nruns == 0 && ndead() == 1 && is_empty("q0"));
    end();
}

/* ---- on_failure -------------------------------------------------------------------------------- */

/* Function n is given up with its first failure, and then another is told. */
static void tell(int n, const char *other)
{
    struct function *f = &deployed[n]->conf;

    f->retry.attempts = 1;
    (void)snprintf(f->on_failure, sizeof(f->on_failure), "%s", other);
}

static void deploy_telling(int n, const char *other)
{
    (void)deploy(n, 1);
    tell(n, other);
}

static void who_is_named_is_told_in_turn(void)
{
    begin();
    deploy_telling(0, "f1");
    deploy_telling(1, "f2");
    deploy_telling(2, "f3");
    (void)deploy(3, 1);
    push("q0", "a");
    for (int n = 0; n < 3; n++) {
        CHECK(nruns == 1 && delivery_of(0)->consumer->fn == deployed[n]);
        fail(0);
    }
    CHECK(nruns == 1 && delivery_of(0)->consumer->fn == deployed[3] && ndead() == 3);
    ok(0);
    end();
}

static void but_nobody_who_gave_it_up(void)
{
    begin();
    deploy_telling(0, "f1");
    deploy_telling(1, "f2");
    deploy_telling(2, "f1");
    deploy_telling(3, "f3");
    push("q0", "a");
    for (int n = 0; n < 3; n++)
        fail(0);
    CHECK(nruns == 0 && ndead() == 3);
    push("q3", "b");
    fail(0);
    CHECK(nruns == 0 && ndead() == 4);
    end();
}

static void nor_a_sequence_that_did_at_any_step(void)
{
    begin();
    for (int n = 0; n < 2; n++) {
        (void)deploy_sequence(n, 1);
        tell(n, n == 0 ? "f1" : "f0");
    }
    (void)deploy(2, 1);
    (void)deploy(3, 1);
    push("q0", "a");
    for (int n = 0; n < 2; n++) {
        CHECK(nruns == 1 && delivery_of(0)->consumer->fn == deployed[n]);
        ok(0);
        fail(0);
    }
    CHECK(nruns == 0 && ndead() == 2);
    end();
}

static void and_what_is_tried_again_is_told_anew(void)
{
    begin();
    deploy_telling(0, "f1");
    deploy_telling(1, "f0");
    push("q0", "a");
    fail(0);
    fail(0);
    CHECK(nruns == 0 && ndead() == 2);
    push("q0", "a");
    fail(0);
    CHECK(nruns == 1 && delivery_of(0)->consumer->fn == deployed[1]);
    end();
}

/* ---- the end -------------------------------------------------------------------------------------------- */

static void the_end_of_the_daemon_is_no_failure(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    restart();
    CHECK(depth("q0") == 2);
    (void)deploy(0, 1);
    CHECK(strcmp(running(), "a") == 0 && delivery_of(0)->rows[0]->attempts == 0);
    queues_drain(&queues);
    ok(0);
    CHECK(nruns == 0 && depth("q0") == 1);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(what_fails_is_tried_again_and_then_given_up),
        TAP_CASE(others_go_on_meanwhile),
        TAP_CASE(where_order_counts_they_wait),
        TAP_CASE(also_after_a_restart),
        TAP_CASE(what_never_ran_is_no_attempt),
        TAP_CASE(what_never_fits_is_given_up),
        TAP_CASE(what_the_disk_does_not_take_stays),
        TAP_CASE(a_conflict_runs_again),
        TAP_CASE(an_event_for_later_comes_then),
        TAP_CASE(one_that_runs_is_not_fetched_again),
        TAP_CASE(also_when_the_clock_is_set),
        TAP_CASE(nothing_wakes_without_a_reason),
        TAP_CASE(an_event_that_is_too_old_is_given_up),
        TAP_CASE(not_by_a_clock_that_jumped),
        TAP_CASE(nor_by_one_that_was_set_while_the_daemon_was_away),
        TAP_CASE(a_clock_that_is_put_right_by_little_has_not_jumped),
        TAP_CASE(who_is_named_is_told_in_turn),
        TAP_CASE(but_nobody_who_gave_it_up),
        TAP_CASE(nor_a_sequence_that_did_at_any_step),
        TAP_CASE(and_what_is_tried_again_is_told_anew),
        TAP_CASE(the_end_of_the_daemon_is_no_failure),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
