// SPDX-License-Identifier: MIT
// LINK: engine/tender.c engine/hostcall.c engine/spawn.c engine/event.c engine/memfile.c
// LINK: engine/reason.c
// LIBS: libsodium
/*
 * What a tender does with its guest's questions, the platform being this program:
 * functions/counter asks for one increment. On the process backend, which every
 * machine has; tests/e2e/27-keys.sh has both.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/tender.h"

static const struct event event = {
    .id = "1", .trigger = "http", .method = "POST", .path = "/", .query = "", .attempt = 1};

/* One that is ready for one event. */
static void begin(struct tender *t, const struct uf_limits *l)
{
    int snapshot = make_snapshot(BACKEND_PROCESS, l);

    start(t, BACKEND_PROCESS);
    CHECK(tender_load(t, l, snapshot, NULL, NULL) == 0 && hear(t) == UF_FRAME_LOADED);
    (void)close(snapshot);
}

static void run(struct tender *t)
{
    CHECK(tender_run(t, &event, NULL) == 0);
}

static void give(struct tender *t, int64_t sum)
{
    CHECK(tender_answer(t, &(struct host_answer){.ret = UF_R_OK, .data = &sum, .size = sizeof(sum)},
                        NULL) == 0);
}

static void expect(struct tender *t, uint32_t outcome, const char *body)
{
    struct result res = {.headers = NULL};

    CHECK(hear(t) == UF_FRAME_DONE && tender_result(t, &res, NULL) == 0);
    CHECK(res.r.outcome == outcome);
    if (res.r.body_size != strlen(body) || memcmp(res.body, body, strlen(body)) != 0) {
        printf("# body: %.*s\n", (int)res.r.body_size, res.body);
        CHECK(!"the answer is another one");
    }
}

static void a_question_is_asked_and_its_answer_taken(void)
{
    struct host_request h = {.op = UF_OP_LOG};
    struct tender t;

    begin(&t, &usual);
    for (int64_t n = 41; n < 44; n++) {
        char body[8];

        run(&t);
        CHECK(hear(&t) == UF_FRAME_CALL && tender_question(&t, &h, NULL) == 0);
        CHECK(h.op == UF_OP_KV_INCR && strcmp(h.name, "counter") == 0 && h.number == 1);
        CHECK(h.effects == 0 && h.cap == sizeof(int64_t));
        give(&t, n);
        (void)snprintf(body, sizeof(body), "%d", (int)n);
        expect(&t, UF_OUTCOME_OK, body);
    }
    tender_stop(&t);
}

static void an_error_is_the_guests(void)
{
    struct tender t;

    begin(&t, &usual);
    run(&t);
    CHECK(hear(&t) == UF_FRAME_CALL);
    CHECK(tender_answer(&t, &(struct host_answer){.ret = UF_R_INVALID}, NULL) == 0);
    expect(&t, UF_OUTCOME_OK, "counter: an argument makes no sense\n");
    tender_stop(&t);
}

static void without_an_answer_the_time_limit_ends_the_run(void)
{
    struct uf_limits l = usual;
    struct tender t;

    l.timeout_ns = 50000000;
    begin(&t, &l);
    run(&t);
    CHECK(hear(&t) == UF_FRAME_CALL);
    expect(&t, UF_OUTCOME_TIME_LIMIT, "");
    tender_stop(&t);
}

static void an_answer_that_comes_too_late_is_thrown_away(void)
{
    struct uf_limits l = usual;
    struct tender t;

    l.timeout_ns = 100000000;
    begin(&t, &l);
    run(&t);
    CHECK(hear(&t) == UF_FRAME_CALL);
    expect(&t, UF_OUTCOME_TIME_LIMIT, "");
    give(&t, 1); /* while it is idle */
    run(&t);
    CHECK(hear(&t) == UF_FRAME_CALL);
    t.seq--; /* and while it waits for another */
    give(&t, 2);
    t.seq++;
    give(&t, 3);
    expect(&t, UF_OUTCOME_OK, "3");
    tender_stop(&t);
}

static void another_frame_than_the_answer_ends_the_tender(void)
{
    struct uf_frame f = {.type = UF_FRAME_RUN, .seq = 2};
    struct tender t;

    begin(&t, &usual);
    run(&t);
    CHECK(hear(&t) == UF_FRAME_CALL);
    CHECK(send(t.sock, &f, sizeof(f), MSG_NOSIGNAL) == (ssize_t)sizeof(f));
    CHECK(hear(&t) == UF_FRAME_ERROR);
    CHECK(hear(&t) == -EPIPE);
    tender_stop(&t);
}

static void an_answer_larger_than_can_be_ends_the_tender(void)
{
    struct tender t;

    begin(&t, &usual);
    run(&t);
    CHECK(hear(&t) == UF_FRAME_CALL);
    struct uf_ask *q = (struct uf_ask *)(void *)(t.map + uf_exchange_ask(&t.limits));
    struct uf_frame f = {.type = UF_FRAME_ANSWER, .seq = t.seq};
    q->size = UF_ASK_MAX;
    CHECK(send(t.sock, &f, sizeof(f), MSG_NOSIGNAL) == (ssize_t)sizeof(f));
    CHECK(hear(&t) == UF_FRAME_ERROR);
    CHECK(hear(&t) == -EPIPE);
    tender_stop(&t);
}

static void an_answer_larger_than_its_buffer_is_too_large(void)
{
    static const char data[64];
    struct tender t;

    begin(&t, &usual);
    run(&t);
    CHECK(hear(&t) == UF_FRAME_CALL);
    CHECK(tender_answer(&t, &(struct host_answer){.ret = 0, .data = data, .size = sizeof(data)},
                        NULL) == 0);
    expect(&t, UF_OUTCOME_OK, "counter: too large\n");
    tender_stop(&t);
}

static void where_nobody_serves_nothing_is_asked(void)
{
    struct uf_limits l = usual;
    struct tender t;

    l.effects_max = UF_EFFECTS_NONE;
    begin(&t, &l);
    run(&t);
    expect(&t, UF_OUTCOME_OK, "counter: not available here\n");
    tender_stop(&t);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_question_is_asked_and_its_answer_taken),
        TAP_CASE(an_error_is_the_guests),
        TAP_CASE(without_an_answer_the_time_limit_ends_the_run),
        TAP_CASE(an_answer_that_comes_too_late_is_thrown_away),
        TAP_CASE(another_frame_than_the_answer_ends_the_tender),
        TAP_CASE(an_answer_larger_than_can_be_ends_the_tender),
        TAP_CASE(an_answer_larger_than_its_buffer_is_too_large),
        TAP_CASE(where_nobody_serves_nothing_is_asked),
    };
    find_tender("counter");
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
