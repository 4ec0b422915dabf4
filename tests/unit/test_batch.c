// SPDX-License-Identifier: MIT
/* test_batch.c: several events as one, from the platform to the function. */
// LINK: guest/core/batch.c guest/core/event.c engine/batch.c engine/event.c
// LIBS: libsodium
#include "engine/batch.h"

#include <stdlib.h>
#include <string.h>

#include "abi/event.h"
#include "guest/core/core.h"
#include "guest/include/unifaas.h"
#include "tests/tap.h"

static uint64_t area[4096];
static uint64_t body[1024];
static struct batch batch;

/* The library OS asks the door. */
uint64_t uf_now(void)
{
    return 0;
}

static const struct uf_event *event_of(const char *type, const void *data, size_t size)
{
    struct event_header headers[] = {{"Content-Type", type}, {"X-Own", "event"}};
    struct event e = {.id = "invocation",
                      .trigger = "queue",
                      .method = "POST",
                      .path = "/",
                      .query = "",
                      .headers = headers,
                      .nheaders = 2,
                      .body = data,
                      .body_size = size};
    struct uf_err err = {0};

    CHECK(event_format(area, sizeof(area), sizeof(area), &e, &err) > 0);
    return (const struct uf_event *)(const void *)area;
}

static void make(void)
{
    static const struct event_header one[] = {{"Content-Type", "text/plain"}, {"X-Empty", ""}};
    static const struct batch_item items[] = {
        {.id = "a", .headers = one, .nheaders = 2, .body = "first", .size = 5, .pushed_ns = 17},
        {.id = "bcd", .body = "", .size = 0},
        {.id = "e", .headers = one + 1, .nheaders = 1, .body = "x\0y", .size = 3},
    };
    size_t cap = sizeof(struct uf_batch_layout) + batch_item_bound(1, 11 + 13 + 8 + 1 + 2, 5) +
                 batch_item_bound(3, 0, 0) + batch_item_bound(1, 9, 3);

    memset(body, 0xff, sizeof(body));
    batch_begin(&batch, body, cap, 3);
    for (int i = 0; i < 3; i++)
        batch_add(&batch, &items[i]);
    CHECK(batch.at <= cap && batch.nadded == 3);
}

static void items_arrive_as_they_were_pushed(void)
{
    size_t size = 99;

    make();
    const struct uf_event *e = event_of(UF_BATCH_TYPE, body, batch.at);
    CHECK(uf_event_item_count(e) == 3);
    CHECK(strcmp(uf_event_item(e, 0, &size), "first") == 0 && size == 5);
    CHECK(strcmp(uf_event_item(e, 1, &size), "") == 0 && size == 0);
    CHECK(memcmp(uf_event_item(e, 2, &size), "x\0y", 4) == 0 && size == 3);
    CHECK(strcmp(uf_event_item_id(e, 0), "a") == 0);
    CHECK(strcmp(uf_event_item_id(e, 1), "bcd") == 0);
    CHECK(strcmp(uf_event_item_header(e, 0, "Content-type"), "text/plain") == 0);
    CHECK(strcmp(uf_event_item_header(e, 0, "x-empty"), "") == 0);
    CHECK(uf_event_item_header(e, 1, "content-type") == NULL);
    CHECK(strcmp(uf_event_item_header(e, 2, "x-empty"), "") == 0);
    CHECK(uf_event_item_header(e, 0, "x-own") == NULL);
}

static void bodies_are_aligned(void)
{
    make();
    const struct uf_event *e = event_of(UF_BATCH_TYPE, body, batch.at);
    for (unsigned i = 0; i < 3; i++)
        CHECK((uintptr_t)uf_event_item(e, i, NULL) % 8 == 0);
}

static void there_is_nothing_behind_the_last(void)
{
    size_t size = 99;

    make();
    const struct uf_event *e = event_of(UF_BATCH_TYPE, body, batch.at);
    CHECK(uf_event_item(e, 3, &size) == NULL && size == 99);
    CHECK(uf_event_item_id(e, 3) == NULL && uf_event_item_header(e, 3, "x-empty") == NULL);
}

static void another_event_is_its_own_item(void)
{
    size_t size = 0;
    const struct uf_event *e = event_of("text/plain", "hello", 5);

    CHECK(uf_event_item_count(e) == 1);
    CHECK(strcmp(uf_event_item(e, 0, &size), "hello") == 0 && size == 5);
    CHECK(strcmp(uf_event_item_id(e, 0), "invocation") == 0);
    CHECK(strcmp(uf_event_item_header(e, 0, "x-own"), "event") == 0);
    CHECK(uf_event_item(e, 1, NULL) == NULL && uf_event_item_id(e, 1) == NULL &&
          uf_event_item_header(e, 1, "x-own") == NULL);
}

/* Is it refused as a batch, and one item then? */
static bool is_refused(size_t size)
{
    const struct uf_event *e = event_of(UF_BATCH_TYPE, body, size);

    return uf_event_item_count(e) == 1 && uf_event_item(e, 1, NULL) == NULL &&
           strcmp(uf_event_item_id(e, 0), "invocation") == 0;
}

static void what_only_looks_like_a_batch_is_none(void)
{
    struct uf_batch_layout *l = (struct uf_batch_layout *)(void *)body;

    make();
    CHECK(!is_refused(batch.at));
    for (size_t size = 0; size < batch.at; size++)
        CHECK(is_refused(size));
    l->count = 0;
    CHECK(is_refused(batch.at));
    l->count = UINT32_MAX;
    CHECK(is_refused(batch.at));
    make();
    l->magic++;
    CHECK(is_refused(batch.at));
}

static void parts_outside_of_the_body_make_it_none(void)
{
    struct uf_batch_layout *l = (struct uf_batch_layout *)(void *)body;
    struct uf_slice *parts[] = {&l->item[1].id, &l->item[0].headers, &l->item[2].body};

    for (size_t i = 0; i < 3; i++) {
        make();
        parts[i]->off = UINT32_MAX;
        CHECK(is_refused(batch.at));
        make();
        parts[i]->len = UINT32_MAX;
        CHECK(is_refused(batch.at));
        make();
        parts[i]->len = (uint32_t)batch.at - parts[i]->off + (i == 1);
        CHECK(is_refused(batch.at));
    }
    make();
    l->item[0].headers.len--;
    CHECK(!is_refused(batch.at));
    l->item[0].headers.len -= 1;
    CHECK(is_refused(batch.at));
}

static void a_name_without_a_value_is_no_header(void)
{
    struct uf_batch_layout *l = (struct uf_batch_layout *)(void *)body;

    make();
    l->item[0].headers.len = sizeof("content-type");
    const struct uf_event *e = event_of(UF_BATCH_TYPE, body, batch.at);
    CHECK(uf_event_item_count(e) == 3);
    CHECK(uf_event_item_header(e, 0, "content-type") == NULL);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(items_arrive_as_they_were_pushed),
        TAP_CASE(bodies_are_aligned),
        TAP_CASE(there_is_nothing_behind_the_last),
        TAP_CASE(another_event_is_its_own_item),
        TAP_CASE(what_only_looks_like_a_batch_is_none),
        TAP_CASE(parts_outside_of_the_body_make_it_none),
        TAP_CASE(a_name_without_a_value_is_no_header),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
