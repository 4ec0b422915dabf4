// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c
// LIBS: libsodium sqlite3
#include "daemon/store/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store/callid.h"
#include "daemon/store/dead.h"
#include "daemon/store/qrow.h"
#include "tests/store/queues.h"

static uint64_t push_due(const char *queue, const char *body, uint64_t due_ms)
{
    struct event_new e = event(queue, body);

    e.due_ms = due_ms;
    CHECK(events_push(&db, &e, &err) == 0);
    return e.id;
}

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

/* Bodies, one after another. */
static const char *fetch(struct events_want w)
{
    static char text[256];
    struct events_found f;
    struct event_row *e;
    size_t n = 0;

    w.queue_id = w.queue_id != 0 ? w.queue_id : row("q")->id;
    w.rows_max = w.rows_max != 0 ? w.rows_max : 100;
    w.bytes_max = w.bytes_max != 0 ? w.bytes_max : 1000000;
    text[0] = '\0';
    CHECK(events_fetch(&db, &w, &f, &err) == 0);
    TAILQ_FOREACH(e, &f.rows, link)
    {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s ", (const char *)e->body);
        CHECK(e->queue_id == w.queue_id && strcmp(e->head, "a: b\n") == 0 && e->head_size == 5 &&
              strlen(e->body) == e->size);
    }
    if (!f.is_all)
        (void)snprintf(text + n, sizeof(text) - n, "...");
    event_rows_free(&f.rows);
    return text;
}

#define FRESH(...) fetch((struct events_want){__VA_ARGS__})
#define DUE(ms)    fetch((struct events_want){.is_due = true, .upto_ms = (ms)})

static int retry(uint64_t id, bool is_timed, uint32_t attempts, uint64_t due_ms)
{
    struct event_again a = {.queue_id = row("q")->id,
                            .id = id,
                            .is_timed = is_timed,
                            .attempts = attempts,
                            .due_ms = due_ms};

    return events_retry(&db, &a, &err);
}

static void events_come_out_in_the_order_in_which_they_went_in(void)
{
    begin();
    CHECK(push("q", "one") == 1);
    CHECK(push("q", "two") == 2);
    CHECK(push("other", "x") == 1);
    CHECK(push("q", "") == 3);
    CHECK(push("q", "three") == 4);
    CHECK(strcmp(FRESH(), "one two  three ") == 0);
    CHECK(strcmp(FRESH(.after_id = 2), " three ") == 0);
    CHECK(strcmp(FRESH(.rows_max = 2), "one two ...") == 0);
    CHECK(row("q")->now.depth == 4 && row("other")->now.depth == 1);
    end();
}

static void one_event_is_given_however_large_it_is(void)
{
    begin();
    (void)push("q", "one");
    (void)push("q", "two");
    CHECK(strcmp(FRESH(.bytes_max = 1), "one ...") == 0);
    CHECK(strcmp(FRESH(.bytes_max = 9), "one two ") == 0);
    end();
}

static void what_is_removed_is_gone_and_its_number_never_comes_again(void)
{
    begin();
    (void)push("q", "one");
    (void)push("q", "two");
    CHECK(events_remove(&db, row("q")->id, 2, false, &err) == 0);
    CHECK(events_remove(&db, row("q")->id, 2, false, &err) == -ESTALE);
    CHECK(row("q")->now.depth == 1);
    commit();
    restart();
    CHECK(push("q", "three") == 3);
    CHECK(strcmp(FRESH(), "one three ") == 0);
    CHECK(events_remove(&db, 99, 1, false, &err) == -ESTALE);
    end();
}

static void a_range_is_removed_at_once_if_all_of_it_is_there(void)
{
    begin();
    for (int i = 0; i < 5; i++)
        (void)push("q", "x");
    CHECK(events_remove_range(&db, row("q")->id, 2, 4, 3, &err) == 0);
    CHECK(row("q")->now.depth == 2);
    CHECK(events_remove_range(&db, row("q")->id, 1, 5, 5, &err) == -ESTALE);
    end();
}

static void what_was_rolled_back_never_was(void)
{
    begin();
    (void)push("q", "one");
    commit();
    CHECK(push("q", "two") == 2);
    CHECK(push("new", "x") == 1);
    CHECK(events_remove(&db, row("q")->id, 1, false, &err) == 0);
    db_rollback(&db);
    CHECK(db_begin(&db, &err) == 0);
    CHECK(row("q")->now.depth == 1 && row("q")->now.next == 2);
    CHECK(row("new")->id == 0);
    CHECK(push("new", "y") == 1);
    CHECK(strcmp(FRESH(), "one ") == 0);
    end();
}

static void numbers_of_queues_survive_a_restart(void)
{
    begin();
    (void)push("q", "one");
    (void)push_due("q", "two", NOW + 5);
    commit();
    (void)push("q", "lost");
    restart();
    CHECK(row("q")->now.depth == 2 && row("q")->now.timed == 1 && row("q")->now.next == 3);
    end();
}

static void an_event_for_later_comes_when_it_is_due(void)
{
    uint64_t due = 1;

    begin();
    (void)push_due("q", "late", NOW + 200);
    (void)push_due("q", "soon", NOW + 100);
    (void)push("q", "now");
    CHECK(strcmp(FRESH(), "now ") == 0);
    CHECK(strcmp(DUE(NOW + 99), "") == 0);
    CHECK(strcmp(DUE(NOW + 100), "soon ") == 0);
    CHECK(strcmp(DUE(NOW + 200), "soon late ") == 0);
    CHECK(events_next_due(&db, row("q")->id, false, 0, &due, &err) == 0 && due == NOW + 100);
    CHECK(events_next_due(&db, row("q")->id, false, due, &due, &err) == 0 && due == NOW + 200);
    CHECK(events_next_due(&db, row("q")->id, false, due, &due, &err) == 0 && due == 0);
    CHECK(row("q")->now.timed == 2);
    CHECK(events_remove(&db, row("q")->id, 1, true, &err) == 0);
    CHECK(row("q")->now.timed == 1 && row("q")->now.depth == 2);
    end();
}

static void what_failed_comes_again_later(void)
{
    begin();
    (void)push("q", "one");
    (void)push("q", "two");
    CHECK(retry(1, false, 1, NOW + 50) == 0);
    CHECK(row("q")->now.timed == 1);
    CHECK(strcmp(FRESH(), "two ") == 0);
    CHECK(strcmp(DUE(NOW + 50), "one ") == 0);
    CHECK(retry(1, true, 2, NOW + 90) == 0);
    CHECK(row("q")->now.timed == 1);
    CHECK(strcmp(DUE(NOW + 50), "") == 0);
    CHECK(retry(7, true, 2, NOW + 90) == -ESTALE);
    end();
}

static void in_an_ordered_queue_it_keeps_its_place(void)
{
    uint64_t due = 1;

    begin();
    (void)push("q", "one");
    (void)push("q", "two");
    (void)push_due("q", "later", NOW + 10);
    CHECK(retry(1, false, 1, NOW + 50) == 0);
    CHECK(strcmp(FRESH(.is_ordered = true), "one two ") == 0);
    CHECK(strcmp(
              fetch((struct events_want){.is_due = true, .is_ordered = true, .upto_ms = NOW + 100}),
              "later ") == 0);
    CHECK(events_next_due(&db, row("q")->id, true, 0, &due, &err) == 0 && due == NOW + 10);
    CHECK(events_next_due(&db, row("q")->id, true, due, &due, &err) == 0 && due == 0);
    end();
}

static void a_full_queue_takes_no_more_and_says_so(void)
{
    struct event_new e = event("q", "x");

    begin();
    db.depth_max = 2;
    (void)push("q", "one");
    CHECK(check_n("q", 1) == 0);
    CHECK(check_n("q", 2) == -ENOBUFS);
    CHECK(check_n("new", 2) == 0);
    CHECK(check_n("new", 3) == -E2BIG);
    (void)push("q", "two");
    int before = sqlite3_total_changes(db.sql);
    CHECK(events_push(&db, &e, &err) == -ENOBUFS);
    CHECK(sqlite3_total_changes(db.sql) == before);
    CHECK(strstr(err.msg, "--queue-depth") != NULL);
    CHECK(events_remove(&db, row("q")->id, 1, false, &err) == 0);
    CHECK(events_push(&db, &e, &err) == 0);
    end();
}

static struct event_new push_key(const char *queue, const char *key)
{
    struct event_new e = event(queue, key);

    e.key = key;
    CHECK(events_push(&db, &e, &err) == 0);
    return e;
}

static void pushes_with_the_same_key_are_one_event(void)
{
    begin();
    struct event_new first = push_key("q", "k");
    struct event_new other = push_key("q", "l");
    struct event_new again = push_key("q", "k");
    CHECK(!first.is_known && !other.is_known && again.is_known);
    CHECK(again.id == first.id && again.queue_id == first.queue_id && other.id == 2);
    CHECK(row("q")->now.depth == 2);
    CHECK(!push_key("q2", "k").is_known);
    commit();
    CHECK(events_remove(&db, first.queue_id, first.id, false, &err) == 0);
    commit();
    restart();
    CHECK(push_key("q", "k").is_known);
    end();
}

static int keys(void)
{
    sqlite3_stmt *st = db_prepare(&db, "SELECT count(*) FROM seen", &err);
    int n = -1;

    if (db_step(&db, st, &err) == 1)
        n = sqlite3_column_int(st, 0);
    db_done(st);
    return n;
}

static void a_key_is_kept_for_a_day(void)
{
    begin();
    (void)push_key("q", "k");
    db.now_ms = NOW + EVENTS_KEYS_MS - 1;
    CHECK(push_key("q", "k").is_known);
    db.now_ms = NOW + EVENTS_KEYS_MS;
    struct event_new e = push_key("q", "k");
    CHECK(!e.is_known && e.id == 2);
    CHECK(push_key("q", "k").is_known);
    end();
}

static void old_keys_are_swept_by_new_ones(void)
{
    char key[16];

    begin();
    for (int i = 0; i < 40; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        (void)push_key("q", key);
    }
    CHECK(keys() == 40);
    db.now_ms = NOW + EVENTS_KEYS_MS;
    for (int i = 0; i < 3; i++) {
        (void)snprintf(key, sizeof(key), "new %d", i);
        (void)push_key("q", key);
    }
    CHECK(keys() == 3);
    end();
}

/* Numbers of events that never were: as if that many had been pushed. */
static void so_many_later(uint64_t n)
{
    qrow_find(&db, S, "q", &err)->now.next += n;
}

static void a_queue_keeps_a_million_keys(void)
{
    begin();
    (void)push_key("q", "old");
    so_many_later(EVENTS_KEYS_MAX - 2);
    (void)push_key("q", "new");
    CHECK(keys() == 2 && push_key("q", "old").is_known);
    so_many_later(1);
    (void)push_key("q", "newer");
    CHECK(keys() == 2 && !push_key("q", "old").is_known);
    end();
}

static void an_event_is_found_by_its_call(void)
{
    struct event_row found;
    struct event_new e = event("q", "x");
    char call_id[CALLID_TEXT];

    begin();
    (void)push("q", "one");
    e.call_id = "job-17";
    e.due_ms = NOW + 1;
    CHECK(events_push(&db, &e, &err) == 0);
    callid_format(call_id, db.salt, e.queue_id, 1);
    CHECK(events_find(&db, call_id, &found, &err) == 0);
    CHECK(found.queue_id == e.queue_id && found.id == 1 && found.due_ms == 0);
    CHECK(events_find(&db, "job-17", &found, &err) == 0);
    CHECK(found.id == 2 && found.due_ms == NOW + 1);
    CHECK(events_find(&db, "job-18", &found, &err) == -ENOENT);
    CHECK(events_remove(&db, e.queue_id, 1, false, &err) == 0);
    CHECK(events_find(&db, call_id, &found, &err) == -ENOENT);
    end();
}

static void purging_leaves_what_came_later(void)
{
    uint64_t oldest = 1;

    begin();
    for (int i = 0; i < 5; i++)
        (void)push("q", "x");
    (void)push_due("q", "y", NOW + 1);
    (void)push("q", "z");
    uint64_t id = row("q")->id;
    CHECK(events_purge(&db, id, 6, 4, &err) == 4);
    CHECK(row("q")->now.depth == 3 && row("q")->now.timed == 1);
    CHECK(events_purge(&db, id, 6, 4, &err) == 2);
    CHECK(row("q")->now.depth == 1 && row("q")->now.timed == 0);
    CHECK(events_purge(&db, id, 6, 4, &err) == 0);
    CHECK(strcmp(FRESH(), "z ") == 0);
    CHECK(events_oldest(&db, id, &oldest, &err) == 0 && oldest == NOW);
    CHECK(events_purge(&db, id, 7, 4, &err) == 1);
    CHECK(events_oldest(&db, id, &oldest, &err) == 0 && oldest == 0);
    end();
}

/* ---- dead letters -------------------------------------------------------------------------- */

static char buried[2 * DEAD_OUTPUT_MAX];
static const char *output = "out";

static int note(void *ctx, const struct dead_row *d)
{
    size_t n = strlen(buried);

    (void)ctx;
    (void)snprintf(buried + n, sizeof(buried) - n, "%llu:%s/%s/%s/%u/%u/%.*s/%zu ",
                   (unsigned long long)d->id, d->function, d->queue, d->reason, d->attempts,
                   d->status, (int)d->output_size, (const char *)d->output, d->size);
    return 0;
}

static const char *dead(const char *function, uint64_t before, int most)
{
    buried[0] = '\0';
    CHECK(dead_list(&db, &(struct dead_query){S, function, before, most}, note, NULL, &err) == 0);
    return buried;
}

static int bury(const char *function, uint64_t id)
{
    struct dead_new d = {.space = S,
                         .function = function,
                         .queue_id = row("q")->id,
                         .id = id,
                         .attempts = 4,
                         .reason = "why",
                         .status = 500,
                         .output = output,
                         .output_size = strlen(output)};

    return dead_bury(&db, &d, &err);
}

static void a_dead_letter_keeps_the_event_and_why(void)
{
    begin();
    (void)push("q", "one");
    (void)push("q", "two");
    CHECK(bury("f", 1) == 0);
    CHECK(bury("g", 2) == 0);
    CHECK(bury("f", 2) == -ESTALE);
    CHECK(row("q")->now.depth == 0);
    CHECK(row("@f")->now.dead == 1);
    CHECK(strcmp(dead("", 0, 10), "2:g/q/why/4/500/out/3 1:f/q/why/4/500/out/3 ") == 0);
    CHECK(strcmp(dead("f", 0, 10), "1:f/q/why/4/500/out/3 ") == 0);
    CHECK(strcmp(dead("", 2, 10), "1:f/q/why/4/500/out/3 ") == 0);
    CHECK(strcmp(dead("", 0, 1), "2:g/q/why/4/500/out/3 ") == 0);
    buried[0] = '\0';
    CHECK(dead_show(&db, S, 1, note, NULL, &err) == 0 && buried[0] == '1');
    CHECK(dead_show(&db, S, 3, note, NULL, &err) == -ENOENT);
    CHECK(dead_show(&db, "elsewhere", 1, note, NULL, &err) == -ENOENT);
    commit();
    restart();
    CHECK(row("@f")->now.dead == 1 && strlen(dead("", 0, 10)) > 0);
    end();
}

static void of_a_long_output_the_beginning_is_kept(void)
{
    static char text[DEAD_OUTPUT_MAX + 2];
    const char *kept;

    memset(text, 'o', sizeof(text) - 1);
    begin();
    (void)push("q", "one");
    output = text;
    CHECK(bury("f", 1) == 0);
    output = "out";
    kept = strchr(dead("", 0, 1), 'o');
    CHECK(kept != NULL && strspn(kept, "o") == DEAD_OUTPUT_MAX);
    end();
}

static void a_dead_letter_that_is_retried_is_an_event_again(void)
{
    struct dead_again again;
    struct event_row found;
    char call_id[CALLID_TEXT];

    begin();
    (void)push("q", "one");
    callid_format(call_id, db.salt, row("q")->id, 1);
    CHECK(bury("f", 1) == 0);
    CHECK(dead_retry(&db, S, 1, &again, &err) == 0);
    CHECK(strcmp(again.queue, "q") == 0 && again.event->id == 2 && again.event->attempts == 0 &&
          strcmp(again.event->body, "one") == 0);
    CHECK(strcmp(again.event->call_id, call_id) == 0);
    free(again.event);
    CHECK(strcmp(FRESH(), "one ") == 0);
    CHECK(row("@f")->now.dead == 0 && dead("", 0, 1)[0] == '\0');
    CHECK(events_find(&db, call_id, &found, &err) == 0 && found.id == 2);
    CHECK(dead_retry(&db, S, 1, &again, &err) == -ENOENT);
    end();
}

static void dead_letters_are_removed_one_by_one_or_all(void)
{
    begin();
    for (uint64_t i = 1; i <= 5; i++) {
        (void)push("q", "x");
        CHECK(bury(i == 5 ? "g" : "f", i) == 0);
    }
    CHECK(dead_remove(&db, S, 2, &err) == 0);
    CHECK(dead_remove(&db, S, 2, &err) == -ENOENT);
    CHECK(row("@f")->now.dead == 3);
    CHECK(dead_purge(&db, S, "f", 2, &err) == 2);
    CHECK(dead_purge(&db, S, "f", 2, &err) == 1);
    CHECK(dead_purge(&db, S, "f", 2, &err) == 0);
    CHECK(row("@f")->now.dead == 0 && row("@g")->now.dead == 1);
    end();
}

static void too_many_dead_letters_are_told_before_the_next(void)
{
    begin();
    db.depth_max = 1;
    (void)push("q", "one");
    CHECK(dead_check(&db, S, "f", &err) == 0);
    CHECK(bury("f", 1) == 0);
    CHECK(dead_check(&db, S, "f", &err) == -ENOBUFS);
    CHECK(dead_check(&db, S, "g", &err) == 0);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(events_come_out_in_the_order_in_which_they_went_in),
        TAP_CASE(one_event_is_given_however_large_it_is),
        TAP_CASE(what_is_removed_is_gone_and_its_number_never_comes_again),
        TAP_CASE(a_range_is_removed_at_once_if_all_of_it_is_there),
        TAP_CASE(what_was_rolled_back_never_was),
        TAP_CASE(numbers_of_queues_survive_a_restart),
        TAP_CASE(an_event_for_later_comes_when_it_is_due),
        TAP_CASE(what_failed_comes_again_later),
        TAP_CASE(in_an_ordered_queue_it_keeps_its_place),
        TAP_CASE(a_full_queue_takes_no_more_and_says_so),
        TAP_CASE(pushes_with_the_same_key_are_one_event),
        TAP_CASE(a_key_is_kept_for_a_day),
        TAP_CASE(old_keys_are_swept_by_new_ones),
        TAP_CASE(a_queue_keeps_a_million_keys),
        TAP_CASE(an_event_is_found_by_its_call),
        TAP_CASE(purging_leaves_what_came_later),
        TAP_CASE(a_dead_letter_keeps_the_event_and_why),
        TAP_CASE(of_a_long_output_the_beginning_is_kept),
        TAP_CASE(a_dead_letter_that_is_retried_is_an_event_again),
        TAP_CASE(dead_letters_are_removed_one_by_one_or_all),
        TAP_CASE(too_many_dead_letters_are_told_before_the_next),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
