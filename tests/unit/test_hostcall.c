// SPDX-License-Identifier: MIT
// LINK: engine/hostcall.c
#include "engine/hostcall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define EFFECTS 4096u

static union {
    uint8_t bytes[UF_ASK_MAX];
    struct uf_ask ask;
} area;
static uint8_t list[EFFECTS] __attribute__((aligned(8)));
static struct uf_err err;

static void question(enum uf_door_op op, const char *name)
{
    memset(&area, 0, sizeof(area.ask));
    area.ask = (struct uf_ask){.op = op, .name_size = (uint32_t)strlen(name), .cap = 100};
    memcpy(area.bytes + sizeof(area.ask), name, strlen(name));
}

static int take(struct host_request *out)
{
    int r = hostcall_take(area.bytes, EFFECTS, out, &err);

    free(out->data);
    out->data = NULL;
    return r;
}

static void a_question_is_taken_as_it_was_put(void)
{
    static const enum uf_door_op named[] = {UF_OP_KV_GET,  UF_OP_KV_DELETE, UF_OP_KV_INCR,
                                            UF_OP_KV_LIST, UF_OP_QUEUE_POP, UF_OP_SECRET};
    struct host_request h;

    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        question(named[i], "a key");
        area.ask.number = -5;
        area.ask.effects = EFFECTS;
        CHECK(take(&h) == 0 && h.op == named[i] && strcmp(h.name, "a key") == 0);
        CHECK(h.cap == 100 && h.number == -5 && h.effects == EFFECTS && h.data == NULL);
    }
}

static void only_a_prefix_may_be_empty(void)
{
    struct host_request h;

    question(UF_OP_KV_LIST, "");
    CHECK(take(&h) == 0 && h.name[0] == '\0');
    question(UF_OP_KV_GET, "");
    CHECK(take(&h) == -EPROTO);
}

static void names_are_text_of_1_to_255_bytes(void)
{
    char name[UF_NAME_MAX + 2];
    struct host_request h;

    memset(name, 'x', sizeof(name));
    CHECK(hostcall_name_ok(name, UF_NAME_MAX) && !hostcall_name_ok(name, UF_NAME_MAX + 1));
    CHECK(!hostcall_name_ok("", 0) && hostcall_name_ok("\xc3\xa9", 2));
    CHECK(!hostcall_name_ok("a\nb", 3) && !hostcall_name_ok("a\0b", 3));
    CHECK(!hostcall_name_ok("\xff", 1) && !hostcall_name_ok("\xc3", 1));
    CHECK(!hostcall_name_ok("\x7f", 1) && !hostcall_name_ok("\xc2\x85", 2));
    question(UF_OP_KV_GET, "a\tb");
    CHECK(take(&h) == -EPROTO);
    question(UF_OP_KV_GET, "a");
    area.ask.name_size = UF_NAME_MAX + 1;
    CHECK(take(&h) == -EPROTO);
}

static void what_is_no_question_is_refused(void)
{
    static const uint32_t ops[] = {0,
                                   UF_OP_READY,
                                   UF_OP_DONE,
                                   UF_OP_LOG,
                                   UF_OP_KV_SET,
                                   UF_OP_QUEUE_PUSH,
                                   UF_OP_PUBLISH,
                                   UINT32_MAX};
    struct host_request h;

    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        question((enum uf_door_op)ops[i], "key");
        CHECK(take(&h) == -EPROTO);
    }
}

static void more_effects_than_there_can_be_are_refused(void)
{
    struct host_request h;

    question(UF_OP_KV_GET, "key");
    area.ask.effects = EFFECTS + 1;
    CHECK(take(&h) == -EPROTO);
}

static void the_parts_of_a_request_are_copied(void)
{
    struct host_request h;

    question(UF_OP_FETCH, "");
    memcpy(area.bytes + sizeof(area.ask), "GEThttp://x/h: v\nbody", 21);
    area.ask.part[0] = 3;
    area.ask.part[1] = 9;
    area.ask.part[2] = 5;
    area.ask.part[3] = 4;
    CHECK(hostcall_take(area.bytes, EFFECTS, &h, &err) == 0);
    memset(area.bytes + sizeof(area.ask), 'x', 21);
    CHECK(h.part[0] == 3 && h.part[1] == 9 && h.part[2] == 5 && h.part[3] == 4);
    CHECK(memcmp(h.data, "GEThttp://x/h: v\nbody", 21) == 0);
    free(h.data);
}

static void a_request_has_at_most_what_there_is_room_for(void)
{
    struct host_request h;

    question(UF_OP_FETCH, "");
    area.ask.part[3] = UF_VALUE_MAX;
    CHECK(take(&h) == 0);
    area.ask.part[0] = 1;
    CHECK(take(&h) == -EPROTO);
    for (int i = 0; i < 4; i++)
        area.ask.part[i] = UINT32_MAX; /* a sum of 32 bits would wrap */
    CHECK(take(&h) == -EPROTO);
}

static void an_answer_lies_behind_its_head(void)
{
    const struct host_answer a = {
        .ret = -3, .data = "answer", .size = 6, .status = 404, .headers_size = 2};

    hostcall_answer(area.bytes, &a);
    CHECK(area.ask.ret == -3 && area.ask.size == 6 && area.ask.status == 404);
    CHECK(area.ask.headers_size == 2 && memcmp(&area.ask + 1, "answer", 6) == 0);
}

static size_t add_effect(size_t at, enum uf_door_op op, const char *name, const char *data)
{
    struct uf_effect e = {.op = op,
                          .name_size = (uint32_t)strlen(name),
                          .data_size = (uint32_t)strlen(data),
                          .number = at};

    memcpy(list + at, &e, sizeof(e));
    memcpy(list + at + sizeof(e), name, strlen(name));
    memcpy(list + at + sizeof(e) + strlen(name), data, strlen(data));
    return at + uf_effect_size(e.name_size, e.data_size);
}

static void effects_come_off_the_list_in_order(void)
{
    size_t size = add_effect(0, UF_OP_KV_SET, "key", "value");
    size_t second = size;
    struct host_effect e;
    size_t at = 0;

    size = add_effect(size, UF_OP_QUEUE_PUSH, "queue", "");
    size = add_effect(size, UF_OP_PUBLISH, "topic", "12345678");
    CHECK(hostcall_effect(list, size, &at, &e, &err) == 1 && e.op == UF_OP_KV_SET);
    CHECK(strcmp(e.name, "key") == 0 && e.size == 5 && memcmp(e.data, "value", 5) == 0);
    CHECK(hostcall_effect(list, size, &at, &e, &err) == 1 && e.op == UF_OP_QUEUE_PUSH);
    CHECK(strcmp(e.name, "queue") == 0 && e.size == 0 && e.number == second);
    CHECK(hostcall_effect(list, size, &at, &e, &err) == 1 && e.op == UF_OP_PUBLISH);
    CHECK(hostcall_effect(list, size, &at, &e, &err) == 0 && at == size);
}

static void a_list_that_is_cut_anywhere_is_refused(void)
{
    size_t size = add_effect(0, UF_OP_KV_SET, "key", "value");
    struct host_effect e;

    for (size_t cut = 1; cut < size; cut++) {
        size_t at = 0;

        CHECK(hostcall_effect(list, cut, &at, &e, &err) == -EPROTO);
    }
}

static void an_effect_that_cannot_be_is_refused(void)
{
    static const struct uf_effect bad[] = {
        {.op = UF_OP_KV_GET, .name_size = 1},
        {.op = UF_OP_KV_SET, .name_size = 0},
        {.op = UF_OP_KV_SET, .name_size = UF_NAME_MAX + 1},
        {.op = UF_OP_KV_SET, .name_size = 1, .data_size = UF_VALUE_MAX + 1},
        {.op = UF_OP_KV_SET, .name_size = 1, .data_size = UINT32_MAX},
    };
    struct host_effect e;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        size_t at = 0;

        memset(list, 'x', sizeof(list));
        memcpy(list, &bad[i], sizeof(bad[i]));
        CHECK(hostcall_effect(list, sizeof(list), &at, &e, &err) == -EPROTO);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_question_is_taken_as_it_was_put),
        TAP_CASE(only_a_prefix_may_be_empty),
        TAP_CASE(names_are_text_of_1_to_255_bytes),
        TAP_CASE(what_is_no_question_is_refused),
        TAP_CASE(more_effects_than_there_can_be_are_refused),
        TAP_CASE(the_parts_of_a_request_are_copied),
        TAP_CASE(a_request_has_at_most_what_there_is_room_for),
        TAP_CASE(an_answer_lies_behind_its_head),
        TAP_CASE(effects_come_off_the_list_in_order),
        TAP_CASE(a_list_that_is_cut_anywhere_is_refused),
        TAP_CASE(an_effect_that_cannot_be_is_refused),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
