// SPDX-License-Identifier: MIT
/* test_queue_deliver.c: events are handed over, how many at a time, and together. */
// LINK: daemon/fetch/outgoing.c daemon/spaces/rows.c
// LINK: daemon/record/metrics.c daemon/queue daemon/store daemon/loop/loop.c daemon/loop/timers.c
// LINK: daemon/gateway/headers.c daemon/gateway/uuid.c engine/batch.c engine/reason.c
// LIBS: sqlite3 libsodium jansson
#include "tests/queue/play.h"

static void events_come_in_order_and_once(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    CHECK(strcmp(running(), "a") == 0 && depth("q0") == 2);
    ok(0);
    CHECK(strcmp(running(), "b") == 0 && depth("q0") == 1);
    ok(0);
    CHECK(nruns == 0 && is_empty("q0"));
    end();
}

static void what_waited_before_the_function_came_is_handled(void)
{
    begin();
    push("q0", "a");
    push("q0", "b");
    push("@f0", "c");
    CHECK(nruns == 0);
    (void)deploy(0, 3);
    CHECK(nruns == 3 && strstr(running(), "a") != NULL && strstr(running(), "c") != NULL);
    end();
}

static void push_many(int n)
{
    while (n-- > 0)
        push("q0", "x");
}

static void depth_and_threshold_say_how_many_run(void)
{
    begin();
    struct fn *fn = deploy(0, 4);
    fn->conf.scale_threshold = 3;
    push_many(7);
    CHECK(nruns == 3 && fn->queued == 3);
    push_many(23);
    CHECK(nruns == 4 && fn->queued == 4);
    while (nruns > 0)
        ok(0);
    CHECK(is_empty("q0") && fn->queued == 0);
    end();
}

static void the_next_is_handed_over_while_one_is_committed(void)
{
    begin();
    (void)deploy(0, 2);
    for (int i = 0; i < 5; i++)
        push("q0", "x");
    CHECK(nruns == 2);
    end_run(0, UF_OUTCOME_OK, 200, false);
    (void)queues_run(&queues);
    CHECK(nruns == 2);
    turn();
    CHECK(nruns == 2 && depth("q0") == 4);
    end();
}

static void but_not_where_order_counts(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    end_run(0, UF_OUTCOME_OK, 200, false);
    (void)queues_run(&queues);
    CHECK(nruns == 0);
    turn();
    CHECK(strcmp(running(), "b") == 0);
    end();
}

static void few_events_are_in_memory_however_many_there_are(void)
{
    const struct queue *q;

    begin();
    (void)deploy(0, 1);
    for (unsigned i = 0; i < 3 * QUEUE_READY_MAX; i++)
        push("q0", "x");
    q = queue_find(&queues, SPACE, "q0");
    CHECK(q->depth == UINT64_C(3) * QUEUE_READY_MAX && q->nready <= QUEUE_READY_MAX);
    for (unsigned i = 0; i < 3 * QUEUE_READY_MAX; i++) {
        CHECK(nruns == 1 && q->nready <= QUEUE_READY_MAX);
        ok(0);
    }
    CHECK(nruns == 0 && is_empty("q0"));
    end();
}

static void nor_many_bytes_of_them(void)
{
    char *body = calloc(1, QUEUE_READY_BYTES / 4 + 1);
    const struct queue *q;

    memset(body, 'x', QUEUE_READY_BYTES / 4);
    begin();
    (void)deploy(0, 1);
    for (unsigned i = 0; i < 12; i++)
        push_event((struct event_new){.queue = "q0", .body = body});
    q = queue_find(&queues, SPACE, "q0");
    for (unsigned i = 0; i < 12; i++) {
        CHECK(nruns == 1 && q->nready <= 4);
        ok(0);
    }
    CHECK(nruns == 0 && is_empty("q0"));
    end();
    free(body);
}

static void events_that_wait_go_together(void)
{
    begin();
    struct fn *fn = deploy(0, 1);
    fn->conf.queue[0].batch = 3;
    queues_deployed(&queues, fn);
    push("q0", "a");
    CHECK(strcmp(running(), "a") == 0);
    for (int i = 0; i < 4; i++)
        push("q0", "bcde" + i);
    ok(0);
    CHECK(strcmp(running(), "bcde+cde+de") == 0);
    ok(0);
    CHECK(strcmp(running(), "e") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

static void the_first_of_a_batch_waits_for_others(void)
{
    begin();
    struct fn *fn = deploy(0, 2);
    fn->conf.queue[0].batch = 3;
    fn->conf.queue[0].batch_window_ns = 100 * MS;
    queues_deployed(&queues, fn);
    push("q0", "a");
    advance(50);
    push("q0", "b");
    CHECK(nruns == 0);
    advance(50);
    CHECK(strcmp(running(), "a+b") == 0);
    push("q0", "c");
    push("q0", "d");
    push("q0", "e");
    CHECK(strcmp(running(), "a+b c+d+e") == 0);
    end();
}

static void a_batch_that_failed_is_tried_one_by_one(void)
{
    begin();
    struct fn *fn = deploy(0, 2);
    fn->conf.queue[0].batch = 3;
    fn->conf.queue[0].batch_window_ns = 100 * MS;
    queues_deployed(&queues, fn);
    push("q0", "a");
    push("q0", "b");
    push("q0", "c");
    CHECK(strcmp(running(), "a+b+c") == 0);
    fail(0);
    advance(1000);
    CHECK(strcmp(running(), "a b") == 0);
    push("q0", "d");
    ok(0);
    ok(0);
    CHECK(strcmp(running(), "c") == 0);
    ok(0);
    advance(100);
    CHECK(strcmp(running(), "d") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

static void two_queues_take_turns(void)
{
    begin();
    push("q0", "a1");
    push("q0", "a2");
    push("@f0", "b1");
    push("@f0", "b2");
    (void)deploy(0, 1);
    for (int i = 0; i < 4; i++) {
        static char seen[32];

        (void)snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%c", running()[0]);
        ok(0);
        CHECK(i < 3 || strcmp(seen, "abab") == 0 || strcmp(seen, "baba") == 0);
    }
    CHECK(is_empty("q0") && is_empty("@f0"));
    end();
}

static void a_function_that_was_removed_finds_its_events_again(void)
{
    begin();
    (void)deploy(0, 2);
    push("q0", "a");
    push("q0", "b");
    push("q0", "c");
    CHECK(nruns == 2);
    undeploy(0);
    (void)deploy(0, 2);
    /* Two of them still run: nothing is fetched before they have ended. */
    CHECK(nruns == 2);
    ok(0);
    fail(0);
    advance(1000);
    CHECK(nruns == 2 && strstr(running(), "c") != NULL && strstr(running(), "b") != NULL);
    ok(0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

/* ---- sequences ----------------------------------------------------------------------------- */

static void an_event_waits_for_the_function_of_its_step(void)
{
    begin();
    (void)deploy_sequence(0, 1);
    push("q0", "named");
    push("@f0", "own");
    CHECK(nruns == 0);
    (void)deploy(2, 1);
    CHECK(nruns == 1);
    end_run(0, UF_OUTCOME_OK, 404, true);
    CHECK(nruns == 1);
    end_run(0, UF_OUTCOME_OK, 404, true);
    CHECK(nruns == 0 && is_empty("q0") && is_empty("@f0"));
    end();
}

static void others_do_not_wait_for_it_when_another_function_has_the_queue(void)
{
    begin();
    (void)deploy_sequence(0, 1);
    push("q0", "a");
    CHECK(nruns == 0);
    undeploy(0);
    struct fn *fn = deploy(1, 1);
    fn->conf.queue[0] = (struct function_queue){.name = (char[]){"q0"}, .batch = 1};
    queues_deployed(&queues, fn);
    turn();
    CHECK(strcmp(running(), "a") == 0);
    ok(0);
    end();
}

static void those_for_one_step_go_together(void)
{
    begin();
    (void)deploy(2, 1);
    (void)deploy(3, 1);
    push("q0", "a");
    push_event((struct event_new){.queue = "q0", .body = "b", .head = ":step: 1\n"});
    push_event((struct event_new){.queue = "q0", .body = "c", .head = ":step: 1\n"});
    (void)deploy_sequence(0, 3);
    CHECK(strcmp(running(), "a") == 0);
    end_run(0, UF_OUTCOME_OK, 404, true);
    CHECK(strcmp(running(), "b+c") == 0);
    ok(0);
    end();
}

static void a_step_has_the_same_id_in_every_attempt(void)
{
    char id[DELIVERY_ID];

    begin();
    (void)deploy(2, 1);
    (void)deploy(3, 1);
    (void)deploy_sequence(0, 1);
    push("q0", "a");
    CHECK(strcmp(runs[0]->id, "a") == 0 && strcmp(runs[0]->key, "a") == 0);
    ok(0);
    CHECK(nruns == 1 && runs[0]->call.fn == deployed[3] && strcmp(runs[0]->id, "a") != 0);
    (void)snprintf(id, sizeof(id), "%s", runs[0]->id);
    fail(0);
    advance(1000);
    CHECK(nruns == 1 && strcmp(runs[0]->id, id) == 0 && strcmp(runs[0]->key, id) == 0);
    ok(0);
    end();
}

static void a_sequence_that_is_removed_goes_on_where_it_was(void)
{
    begin();
    (void)deploy(2, 1);
    (void)deploy(3, 1);
    (void)deploy_sequence(0, 1);
    push("@f0", "a");
    CHECK(nruns == 1);
    undeploy(0);
    ok(0);
    CHECK(lost != NULL && nruns == 0 && depth("@f0") == 1);
    (void)deploy_sequence(0, 1);
    advance(1000);
    CHECK(strcmp(running(), "a") == 0 && runs[0]->call.fn == deployed[2]);
    ok(0);
    CHECK(nruns == 1 && runs[0]->call.fn == deployed[3]);
    ok(0);
    CHECK(is_empty("@f0"));
    end();
}

/* ---- around ---------------------------------------------------------------------------------- */

static void what_failed_together_asks_for_itself_alone(void)
{
    char key[sizeof(((struct delivery *)0)->key)];

    begin();
    push("q0", "a");
    push("q0", "b");
    struct fn *fn = deploy(0, 1);
    CHECK(strcmp(runs[0]->key, "a") == 0);
    fn->conf.queue[0].batch = 2;
    queues_deployed(&queues, fn);
    refused(0, 503);
    advance(1000);
    CHECK(strcmp(running(), "a+b") == 0 && strcmp(runs[0]->id, "a") == 0);
    CHECK(strcmp(runs[0]->key, "a") != 0);
    (void)snprintf(key, sizeof(key), "%s", runs[0]->key);
    refused(0, 503);
    advance(1000);
    CHECK(strcmp(running(), "a+b") == 0 && strcmp(runs[0]->key, key) == 0);
    fail(0);
    advance(1000);
    CHECK(strcmp(running(), "a") == 0 && strcmp(runs[0]->key, "a") == 0);
    ok(0);
    CHECK(strcmp(running(), "b") == 0 && strcmp(runs[0]->key, "b") == 0);
    ok(0);
    end();
}

static void what_was_not_committed_leaves_callbacks_as_they_were(void)
{
    struct pushes p = {.all = &queues};
    const struct event_new e = {
        .space = CALLBACK_SPACE, .queue = CALLBACK_QUEUE, .head = ":callback: http://a/\n"};

    begin();
    CHECK(pushes_add(&p, &e) == 0);
    pushes_free(&p);
    turn();
    const struct queue *q = queue_find(&queues, CALLBACK_SPACE, CALLBACK_QUEUE);
    CHECK(q != NULL && q->consumer != NULL && q->consumer->is_callback);
    end();
}

static void what_is_known_needs_no_room(void)
{
    begin();
    push_event((struct event_new){.queue = "q0", .body = "a", .key = "1"});
    push_event((struct event_new){.queue = "q0", .body = "b", .key = "2"});
    scratch.depth_max = 2;
    /* Accepted, or its code would not be 0. */
    push_event((struct event_new){.queue = "q0", .body = "a", .key = "1"});
    CHECK(depth("q0") == 2);
    end();
}

static void order_begins_when_what_runs_has_ended(void)
{
    begin();
    (void)deploy(0, 3);
    push("q0", "a");
    push("q0", "b");
    push("q0", "c");
    push("q0", "d");
    CHECK(nruns == 3);
    (void)deploy(0, 1);
    CHECK(nruns == 3);
    ok(0);
    fail(0);
    CHECK(nruns == 1);
    ok(0);
    /* b keeps its place before d. */
    CHECK(nruns == 0);
    advance(1000);
    CHECK(strcmp(running(), "b") == 0);
    ok(0);
    CHECK(strcmp(running(), "d") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

static void a_queue_triggers_one_function(void)
{
    begin();
    struct fn *fn = deploy(0, 1);
    CHECK(queues_check(&queues, &fn->conf, &err) == 0);
    struct function other = fn->conf;
    (void)snprintf(other.name, sizeof(other.name), "other");
    CHECK(queues_check(&queues, &other, &err) == -EEXIST && strstr(err.msg, "f0") != NULL);
    undeploy(0);
    CHECK(queues_check(&queues, &other, &err) == 0);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(events_come_in_order_and_once),
        TAP_CASE(what_waited_before_the_function_came_is_handled),
        TAP_CASE(depth_and_threshold_say_how_many_run),
        TAP_CASE(the_next_is_handed_over_while_one_is_committed),
        TAP_CASE(but_not_where_order_counts),
        TAP_CASE(few_events_are_in_memory_however_many_there_are),
        TAP_CASE(nor_many_bytes_of_them),
        TAP_CASE(events_that_wait_go_together),
        TAP_CASE(the_first_of_a_batch_waits_for_others),
        TAP_CASE(a_batch_that_failed_is_tried_one_by_one),
        TAP_CASE(two_queues_take_turns),
        TAP_CASE(a_function_that_was_removed_finds_its_events_again),
        TAP_CASE(an_event_waits_for_the_function_of_its_step),
        TAP_CASE(others_do_not_wait_for_it_when_another_function_has_the_queue),
        TAP_CASE(those_for_one_step_go_together),
        TAP_CASE(a_step_has_the_same_id_in_every_attempt),
        TAP_CASE(a_sequence_that_is_removed_goes_on_where_it_was),
        TAP_CASE(what_failed_together_asks_for_itself_alone),
        TAP_CASE(what_was_not_committed_leaves_callbacks_as_they_were),
        TAP_CASE(what_is_known_needs_no_room),
        TAP_CASE(order_begins_when_what_runs_has_ended),
        TAP_CASE(a_queue_triggers_one_function),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
