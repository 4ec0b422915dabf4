// SPDX-License-Identifier: MIT
/* test_queue_remove.c: events that nobody wants any more, or that a function takes by itself. */
// LINK: daemon/fetch/outgoing.c daemon/spaces/rows.c
// LINK: daemon/record/metrics.c daemon/queue daemon/store daemon/loop/loop.c daemon/loop/timers.c
// LINK: daemon/gateway/headers.c daemon/gateway/uuid.c engine/batch.c engine/reason.c
// LIBS: sqlite3 libsodium jansson
#include "tests/queue/play.h"

/* ---- removed ------------------------------------------------------------------------------------ */

static int removed_code;
static uint64_t removed_n;

static void on_removed(void *ctx, int code, uint64_t n, const struct uf_err *why)
{
    (void)ctx;
    (void)why;
    removed_code = code;
    removed_n = n;
}

static void cancel(const char *call_id)
{
    removed_code = 1;
    queues_cancel(&queues, call_id, on_removed, NULL);
}

static void a_cancelled_event_never_comes(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    push("q0", "c");
    cancel("b");
    turn();
    CHECK(removed_code == 0 && depth("q0") == 2);
    ok(0);
    CHECK(strcmp(running(), "c") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    cancel("b");
    turn();
    CHECK(removed_code == -ENOENT);
    end();
}

static void one_that_runs_has_no_effect(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    cancel("a");
    turn();
    CHECK(removed_code == 0 && nruns == 1);
    ok(0);
    CHECK(lost != NULL && strcmp(lost, RECORD_CANCELLED) == 0);
    CHECK(strcmp(running(), "b") == 0);
    ok(0);
    CHECK(lost == NULL && is_empty("q0"));
    end();
}

static void nor_when_it_is_cancelled_twice_at_once(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    cancel("a");
    cancel("a");
    turn();
    CHECK(removed_code == -ENOENT); /* the second */
    ok(0);
    CHECK(lost != NULL && strcmp(lost, RECORD_CANCELLED) == 0);
    CHECK(strcmp(running(), "b") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

static void all_that_were_given_an_id_are_cancelled(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "a");
    push("q1", "a");
    push("q0", "b");
    cancel("a");
    turn();
    CHECK(removed_code == 0 && removed_n == 3 && depth("q1") == 0);
    ok(0);
    CHECK(strcmp(running(), "b") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

static void a_thousand_of_them_at_a_time(void)
{
    begin();
    for (int n = 0; n < 1001; n++)
        push("q0", "a");
    cancel("a");
    turn();
    CHECK(removed_code == -ENOBUFS && removed_n == 1000 && depth("q0") == 1);
    cancel("a");
    turn();
    CHECK(removed_code == 0 && removed_n == 1 && is_empty("q0"));
    end();
}

static void nor_has_one_that_comes_into_memory_meanwhile(void)
{
    begin();
    struct fn *fn = deploy(0, 1);
    undeploy(0);
    push("q0", "a");
    cancel("a");
    queues_deployed(&queues, fn);
    /* It is fetched after it was found, and before it is removed. */
    (void)queues_run(&queues);
    turn();
    CHECK(removed_code == 0 && nruns == 0 && is_empty("q0"));
    end();
}

static void one_that_is_being_committed_was_handled(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    cancel("a");
    worker_settle(&worker); /* it was found, and its removal submitted */
    turn();
    CHECK(removed_code == 0);
    push("q0", "b");
    end_run(0, UF_OUTCOME_OK, 200, true);
    CHECK(strcmp(running(), "b") == 0);
    end_run(0, UF_OUTCOME_OK, 200, false);
    cancel("b");
    turn();
    CHECK(removed_code == -ENOENT && is_empty("q0"));
    end();
}

static void a_purge_takes_all_but_what_comes_later(void)
{
    begin();
    (void)deploy(0, 1);
    push("q0", "a");
    push("q0", "b");
    push_at("q0", "c", loop.wall_ns / MS + 1000);
    queues_purge(&queues, SPACE, "q0", on_removed, NULL);
    turn();
    CHECK(removed_code == 0 && removed_n == 3 && depth("q0") == 0);
    push("q0", "d");
    end_run(0, UF_OUTCOME_OK, 200, true);
    CHECK(strcmp(running(), "d") == 0);
    ok(0);
    CHECK(is_empty("q0"));
    queues_purge(&queues, SPACE, "nobody", on_removed, NULL);
    CHECK(removed_code == -ENOENT);
    end();
}

/* So many that the next one takes the row of an empty one. */
static void fill(unsigned n)
{
    char name[16];

    CHECK(db_begin(&scratch, &err) == 0);
    for (unsigned i = 0; i < n; i++) {
        struct event_new e = {.space = SPACE, .queue = name, .head = "", .body = "x", .size = 1};

        (void)snprintf(name, sizeof(name), "n%u", i);
        CHECK(events_push(&scratch, &e, &err) == 0);
    }
    CHECK(db_commit(&scratch, &err) == 0);
}

/*
 * q0 is empty. One after the other on the store thread: "new" takes its row, next is
 * pushed if there is one, and only then q0 is fetched from its row, by who knows of
 * nothing of that.
 */
static uint64_t fetch_from_a_row_that_another_has(const char *next)
{
    scratch_begin();
    fill(QROW_SPACE_MAX - 1);
    start(real_ns());
    struct fn *fn = deploy(0, 1);
    undeploy(0);
    push("q0", "a");
    uint64_t id = queue_find(&queues, SPACE, "q0")->id;
    queues_purge(&queues, SPACE, "q0", on_removed, NULL);
    turn();
    push_soon((struct event_new){.queue = "new", .body = "b"});
    deployed[0] = fn;
    queues_deployed(&queues, fn);
    if (next != NULL)
        push_soon((struct event_new){.queue = "q0", .body = next});
    (void)queues_run(&queues);
    CHECK(queue_find(&queues, SPACE, "q0")->refill != NULL);
    turn();
    CHECK(removed_code == 0 && removed_n == 1 && depth("new") == 1);
    return id;
}

static void what_is_fetched_of_a_row_that_another_queue_has_by_then_is_not_its(void)
{
    uint64_t id = fetch_from_a_row_that_another_has(NULL);

    CHECK(nruns == 0 && depth("q0") == 0);
    CHECK(queue_at(&queues, id) == queue_find(&queues, SPACE, "new"));
    push("q0", "c");
    CHECK(strcmp(running(), "c") == 0);
    end();
}

static void and_one_that_has_a_row_again_keeps_it(void)
{
    uint64_t id = fetch_from_a_row_that_another_has("c");

    CHECK(strcmp(running(), "c") == 0);
    ok(0);
    push("q0", "d");
    CHECK(strcmp(running(), "d") == 0 && depth("q0") == 1);
    CHECK(queue_at(&queues, id) == queue_find(&queues, SPACE, "new"));
    CHECK(queue_find(&queues, SPACE, "q0")->id > id);
    end();
}

static void a_dead_letter_is_an_event_again(void)
{
    begin();
    struct fn *fn = deploy(0, 1);
    fn->conf.retry.attempts = 1;
    push("q0", "a");
    fail(0);
    CHECK(ndead() == 1);
    queues_retry_dead(&queues, SPACE, 1, on_removed, NULL);
    turn();
    CHECK(removed_code == 0 && strcmp(running(), "a") == 0 && ndead() == 0);
    ok(0);
    CHECK(is_empty("q0"));
    end();
}

/* ---- taken by hand ---------------------------------------------------------------------------------- */

static struct pop pops[2];
static int pop_code[2];

static void on_popped(struct pop *p, int code, const struct uf_err *why)
{
    (void)why;
    pop_code[p - pops] = code;
}

static const char *popped(int n)
{
    pop_code[n] = 1;
    pops[n] = (struct pop){.done = on_popped};
    pop_begin(&queues, &pops[n], SPACE, "box");
    turn();
    CHECK(pop_code[n] == 0);
    return pops[n].row == NULL ? "" : pops[n].row->body;
}

static void a_message_is_taken_by_one_only(void)
{
    begin();
    push("box", "a");
    push("box", "b");
    CHECK(strcmp(popped(0), "a") == 0);
    CHECK(strcmp(popped(1), "b") == 0);
    pop_release(&pops[0]);
    pop_release(&pops[1]);
    CHECK(strcmp(popped(0), "a") == 0);
    pop_release(&pops[0]);
    CHECK(depth("box") == 2);
    end();
}

static void it_leaves_with_the_commit(void)
{
    struct commit c;

    begin();
    push("box", "a");
    CHECK(strcmp(popped(0), "a") == 0);
    commit_init(&c, SPACE);
    pop_move(&pops[0], &c);
    commit_reset(&c);
    CHECK(strcmp(popped(0), "a") == 0);
    commit_init(&c, SPACE);
    pop_move(&pops[0], &c);
    CHECK(db_begin(&scratch, &err) == 0);
    c.job.code = commit_apply(&c.job, &scratch);
    CHECK(c.job.code == 0 && db_commit(&scratch, &err) == 0);
    commit_reset(&c);
    CHECK(strcmp(popped(0), "") == 0 && is_empty("box"));
    end();
}

static void one_that_was_purged_meanwhile_is_a_conflict(void)
{
    struct commit c;

    begin();
    push("box", "a");
    CHECK(strcmp(popped(0), "a") == 0);
    cancel("a");
    turn();
    commit_init(&c, SPACE);
    commit_add_delete(&c, "written first");
    pop_move(&pops[0], &c);
    int before = sqlite3_total_changes(scratch.sql);
    CHECK(db_begin(&scratch, &err) == 0);
    c.job.code = commit_apply(&c.job, &scratch);
    CHECK(c.job.code == -EAGAIN && sqlite3_total_changes(scratch.sql) == before);
    CHECK(db_commit(&scratch, &err) == 0);
    commit_reset(&c);
    CHECK(strcmp(popped(0), "") == 0 && is_empty("box"));
    end();
}

static void an_event_behind_one_that_waited_goes_on(void)
{
    begin();
    (void)deploy(3, 1);
    (void)deploy_sequence(0, 1);
    push("@f0", "a"); /* for f2, which is not there */
    push_event((struct event_new){.queue = "@f0", .body = "b", .head = ":step: 1\n"});
    CHECK(nruns == 0);
    cancel("a");
    turn();
    CHECK(strcmp(running(), "b") == 0);
    ok(0);
    CHECK(is_empty("@f0"));
    end();
}

static void a_queue_with_a_function_gives_none(void)
{
    begin();
    (void)deploy(0, 1);
    pops[0] = (struct pop){.done = on_popped};
    pop_begin(&queues, &pops[0], SPACE, "q0");
    CHECK(pop_code[0] == -EPERM);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_cancelled_event_never_comes),
        TAP_CASE(one_that_runs_has_no_effect),
        TAP_CASE(nor_when_it_is_cancelled_twice_at_once),
        TAP_CASE(all_that_were_given_an_id_are_cancelled),
        TAP_CASE(a_thousand_of_them_at_a_time),
        TAP_CASE(nor_has_one_that_comes_into_memory_meanwhile),
        TAP_CASE(one_that_is_being_committed_was_handled),
        TAP_CASE(a_purge_takes_all_but_what_comes_later),
        TAP_CASE(what_is_fetched_of_a_row_that_another_queue_has_by_then_is_not_its),
        TAP_CASE(and_one_that_has_a_row_again_keeps_it),
        TAP_CASE(a_dead_letter_is_an_event_again),
        TAP_CASE(a_message_is_taken_by_one_only),
        TAP_CASE(it_leaves_with_the_commit),
        TAP_CASE(one_that_was_purged_meanwhile_is_a_conflict),
        TAP_CASE(an_event_behind_one_that_waited_goes_on),
        TAP_CASE(a_queue_with_a_function_gives_none),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
