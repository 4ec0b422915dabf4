// SPDX-License-Identifier: MIT
/* test_qrow.c: how many queues there are, and what becomes of empty ones. */
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c
// LIBS: libsodium sqlite3
#include "daemon/store/qrow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store/dead.h"
#include "daemon/store/events.h"
#include "tests/store/queues.h"

static int check_n(const char *queue, uint64_t n)
{
    struct event_new e = event(queue, "x");
    unsigned nnew = 0;

    return events_check(&db, &e, n, &nnew, &err);
}

static const struct qrow *row(const char *queue)
{
    static const struct qrow none;
    const struct qrow *q = qrow_find(&db, S, queue, &err);

    return q != NULL ? q : &none;
}

/* Queues of a space with one event each; committed. */
static void fill(const char *space, unsigned n)
{
    char name[16];

    for (unsigned i = 0; i < n; i++) {
        struct event_new e = event(name, "x");

        (void)snprintf(name, sizeof(name), "q%u", i);
        e.space = space;
        CHECK(events_push(&db, &e, &err) == 0);
    }
    commit();
}

static void the_number_of_queues_of_a_namespace_is_limited(void)
{
    struct event_new e = event("one-more", "x");

    begin();
    fill(S, QROW_SPACE_MAX);
    int before = sqlite3_total_changes(db.sql);
    CHECK(events_push(&db, &e, &err) == -ENOBUFS);
    CHECK(strstr(err.msg, "namespace space has 2500 queues with events") != NULL);
    CHECK(check_n("one-more", 1) == -ENOBUFS);
    CHECK(sqlite3_total_changes(db.sql) == before);
    CHECK(push("q17", "y") == 2);
    /* Others are not concerned: another namespace, and functions with their own queue. */
    e.space = "other";
    CHECK(events_push(&db, &e, &err) == 0);
    CHECK(push("@function", "x") == 1);
    CHECK(dead_check(&db, S, "other-function", &err) == 0);
    /* Nor is a queue that a function waits for. */
    e = event("wanted", "x");
    e.is_wanted = true;
    CHECK(events_push(&db, &e, &err) == 0);
    end();
}

static void names_of_functions_that_there_are_not_are_counted_apart(void)
{
    struct event_new e = event("@one-more", "x");
    char name[16];

    begin();
    for (unsigned i = 0; i < QROW_SPACE_MAX; i++) {
        (void)snprintf(name, sizeof(name), "@f%u", i);
        (void)push(name, "x");
    }
    commit();
    CHECK(push("named", "x") == 1);
    CHECK(events_push(&db, &e, &err) == -ENOBUFS);
    CHECK(strstr(err.msg, "2500 queues of functions that are not deployed") != NULL);
    e.is_wanted = true;
    CHECK(events_push(&db, &e, &err) == 0);
    CHECK(events_remove(&db, row("@f3")->id, 1, false, &err) == 0);
    commit();
    CHECK(push("@two-more", "x") == 2);
    CHECK(check_n("@three-more", 1) == -ENOBUFS);
    end();
}

static void the_number_of_queues_is_limited(void)
{
    struct event_new e = event("one-more", "x");

    begin();
    fill("a", QROW_SPACE_MAX);
    fill("b", QROW_SPACE_MAX);
    fill("c", QROW_SPACE_MAX);
    fill("d", QROW_MAX - 3 * QROW_SPACE_MAX - 1);
    fill(S, QROW_SPACE_MIN - 1);
    CHECK(events_push(&db, &e, &err) == 0);
    commit();
    e = event("one-too-many", "x");
    CHECK(events_push(&db, &e, &err) == -ENOBUFS);
    CHECK(strstr(err.msg, "there are 10099 queues with events") != NULL);
    const struct qrow *q = qrow_find(&db, "b", "q5", &err);
    CHECK(events_purge(&db, q->id, 1, 10, &err) == 1);
    commit();
    CHECK(events_push(&db, &e, &err) == 0);
    end();
}

static void many_of_others_leave_each_namespace_some(void)
{
    begin();
    fill("a", QROW_SPACE_MAX);
    fill("b", QROW_SPACE_MAX);
    fill("c", QROW_SPACE_MAX);
    fill("d", QROW_SPACE_MAX);
    fill(S, QROW_SPACE_MIN - 2);
    unsigned nnew = 0;
    struct event_new one = event("one", "x");
    struct event_new two = event("two", "x");
    struct event_new three = event("three", "x");
    CHECK(events_check(&db, &one, 1, &nnew, &err) == 0);
    CHECK(events_check(&db, &two, 1, &nnew, &err) == 0);
    CHECK(events_check(&db, &three, 1, &nnew, &err) == -ENOBUFS);
    fill("e", QROW_SPACE_MIN);
    end();
}

static void an_empty_queue_makes_room_and_no_number_comes_again(void)
{
    unsigned nnew = 0;
    uint64_t id;

    begin();
    fill(S, QROW_SPACE_MAX);
    id = row("q7")->id;
    CHECK(events_remove(&db, id, 1, false, &err) == 0);
    commit();
    struct event_new a = event("new", "a");
    struct event_new b = event("newer", "b");
    CHECK(events_check(&db, &a, 1, &nnew, &err) == 0);
    CHECK(events_check(&db, &b, 1, &nnew, &err) == -ENOBUFS);
    CHECK(events_push(&db, &a, &err) == 0 && a.queue_id == id && a.id == 2);
    CHECK(row("q7")->id == 0 && row("new")->id == id && row("new")->now.depth == 1);
    CHECK(check_n("newer", 1) == -ENOBUFS);
    db_rollback(&db);
    CHECK(db_begin(&db, &err) == 0);
    CHECK(row("q7")->id == id && row("new")->id == 0);
    CHECK(events_push(&db, &a, &err) == 0 && a.queue_id == id && a.id == 2);
    commit();
    restart();
    CHECK(row("q7")->id == 0 && row("new")->id == id && row("new")->now.next == 3);
    CHECK(check_n("q7", 1) == -ENOBUFS);
    end();
}

static void one_with_keys_of_a_day_does_not(void)
{
    begin();
    fill(S, QROW_SPACE_MAX - 1);
    struct event_new e = event("keyed", "x");
    e.key = "k";
    CHECK(events_push(&db, &e, &err) == 0);
    CHECK(events_remove(&db, e.queue_id, e.id, false, &err) == 0);
    commit();
    CHECK(check_n("new", 1) == -ENOBUFS);
    db.now_ms += EVENTS_KEYS_MS;
    CHECK(check_n("new", 1) == 0);
    CHECK(push("new", "x") == 2);
    e = event("new", "x");
    e.key = "k";
    CHECK(events_push(&db, &e, &err) == 0 && !e.is_known && e.id == 3);
    end();
}

static void a_space_that_is_removed_leaves_its_rows_to_others(void)
{
    begin();
    uint64_t id = 0;
    CHECK(push("one", "x") == 1 && push("@two", "x") == 1);
    id = row("one")->id;
    CHECK(events_remove(&db, id, 1, false, &err) == 0);
    CHECK(events_remove(&db, row("@two")->id, 1, false, &err) == 0);
    commit();
    CHECK(qrow_free_space(&db, S, &err) == 0);
    CHECK(row("one")->id == 0 && row("@two")->id == 0);
    commit();
    restart();
    CHECK(row("one")->id == 0);
    struct event_new e = event("three", "x");
    e.space = "other";
    CHECK(events_push(&db, &e, &err) == 0 && e.queue_id == id && e.id == 2);
    CHECK(push("four", "x") == 2);
    CHECK(push("five", "x") == 1);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(the_number_of_queues_of_a_namespace_is_limited),
        TAP_CASE(names_of_functions_that_there_are_not_are_counted_apart),
        TAP_CASE(the_number_of_queues_is_limited),
        TAP_CASE(many_of_others_leave_each_namespace_some),
        TAP_CASE(an_empty_queue_makes_room_and_no_number_comes_again),
        TAP_CASE(one_with_keys_of_a_day_does_not),
        TAP_CASE(a_space_that_is_removed_leaves_its_rows_to_others),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
