// SPDX-License-Identifier: MIT
// LINK: guest/core/hostcall.c
/*
 * test_guest_hostcall.c: every host call puts its arguments where abi/door.h
 * says, and makes of the answer what unifaas.h says.
 *
 * The door page is code of ours at its address, which plays the tender.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"
#include "tests/tap.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static char buf[8];

void uf_log_pend(struct uf_door *door)
{
    door->log_addr = 0;
    door->log_size = 77; /* seen below: each call brings the log along */
}

static struct uf_door_fetch seen;

/* What the tender would do: a request lies on a stack that is gone when the
 * call has returned, so look at it now. */
static void tender(void)
{
    struct uf_door_fetch *f = (struct uf_door_fetch *)(uintptr_t)uf_door_block.a[0];

    if (uf_door_block.op != UF_OP_FETCH)
        return;
    seen = *f;
    f->status = 404;
    f->headers_size = 2;
    f->body_size = 3;
}

/* Where bridge() finds tender(); its own code holds nothing but this address,
 * so that it runs wherever it is copied to. */
#define CODE_SIZE 256u
#define SLOT      ((void (*volatile *)(void))(uintptr_t)(UF_DOOR_BASE + CODE_SIZE))

__attribute__((no_sanitize("address,undefined"), noinline)) static void bridge(void)
{
    (*SLOT)();
}

static void make_door(void)
{
    char *page =
        mmap((void *)(uintptr_t)UF_DOOR_BASE, UF_DOOR_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    if (page != (char *)(uintptr_t)UF_DOOR_BASE) {
        printf("Bail out! no memory at the door's address\n");
        exit(1);
    }
    memcpy(page, (const char *)(uintptr_t)bridge, CODE_SIZE);
    *SLOT = tender;
    __builtin___clear_cache(page, page + CODE_SIZE);
}

/* What the tender will answer; nothing is left of the call before. */
static void expect(int64_t ret)
{
    memset(&uf_door_block, 0xee, sizeof(uf_door_block));
    uf_door_block.ret = ret;
}

/* Did the call come as this, with the log? */
static bool asked(enum uf_door_op op, const uint64_t a[static 6])
{
    bool same = uf_door_block.op == op && uf_door_block.log_size == 77 &&
                memcmp(uf_door_block.a, a, sizeof(uf_door_block.a)) == 0;

    for (int i = 0; i < 6 && !same; i++)
        printf("# a%d: %#llx, not %#llx\n", i, (unsigned long long)uf_door_block.a[i],
               (unsigned long long)a[i]);
    return same;
}

#define ASKED(op, ...) CHECK(asked((op), (const uint64_t[6]){__VA_ARGS__}))

static void keys_and_values_go_where_the_door_says(void)
{
    static const char key[] = "key";
    size_t n = 0;

    expect(5);
    CHECK(uf_kv_get(key, buf, sizeof(buf), &n) == UF_OK && n == 5);
    ASKED(UF_OP_KV_GET, uf_addr(key), 3, uf_addr(buf), sizeof(buf));
    expect(0);
    CHECK(uf_kv_set(key, buf, 2) == UF_OK);
    ASKED(UF_OP_KV_SET, uf_addr(key), 3, uf_addr(buf), 2);
    expect(0);
    CHECK(uf_kv_delete(key) == UF_OK);
    ASKED(UF_OP_KV_DELETE, uf_addr(key), 3);
    expect(4);
    CHECK(uf_kv_list("", buf, sizeof(buf), &n) == UF_OK && n == 4);
    CHECK(uf_door_block.op == UF_OP_KV_LIST && uf_door_block.a[1] == 0);
    CHECK(uf_door_block.a[2] == uf_addr(buf) && uf_door_block.a[3] == sizeof(buf));
}

static void an_increment_says_where_the_sum_goes(void)
{
    static const char key[] = "n";
    int64_t sum = 7;

    expect(0);
    CHECK(uf_kv_incr(key, -2, &sum) == UF_OK && sum == 0);
    CHECK(uf_door_block.op == UF_OP_KV_INCR);
    CHECK(uf_door_block.a[0] == uf_addr(key) && uf_door_block.a[1] == 1);
    CHECK((int64_t)uf_door_block.a[2] == -2);
    CHECK(uf_door_block.a[3] != 0 && uf_door_block.a[4] == sizeof(int64_t));
    expect(UF_R_INVALID);
    sum = 7;
    CHECK(uf_kv_incr(key, 1, &sum) == UF_INVALID && sum == 7);
}

static void messages_go_where_the_door_says(void)
{
    static const char queue[] = "queue";
    size_t n = 0;

    expect(0);
    CHECK(uf_queue_push(queue, buf, 3) == UF_OK);
    ASKED(UF_OP_QUEUE_PUSH, uf_addr(queue), 5, uf_addr(buf), 3);
    expect(6);
    CHECK(uf_queue_pop(queue, buf, sizeof(buf), &n) == UF_OK && n == 6);
    ASKED(UF_OP_QUEUE_POP, uf_addr(queue), 5, uf_addr(buf), sizeof(buf));
    expect(0);
    CHECK(uf_publish(queue, buf, 1) == UF_OK);
    ASKED(UF_OP_PUBLISH, uf_addr(queue), 5, uf_addr(buf), 1);
}

static void a_request_is_described_in_full_and_its_answer_taken(void)
{
    const struct uf_http_request q = {
        .url = "http://h/", .headers = "A: b\n", .body = buf, .body_size = 4, .timeout = 9};
    struct uf_http_response a = {.buf = buf, .cap = sizeof(buf)};

    expect(0);
    CHECK(uf_http_fetch(&q, &a) == UF_OK);
    CHECK(uf_door_block.op == UF_OP_FETCH && uf_door_block.a[1] == sizeof(struct uf_door_fetch));
    CHECK(seen.method.size == 3 && memcmp((void *)(uintptr_t)seen.method.addr, "GET", 3) == 0);
    CHECK(seen.url.addr == uf_addr(q.url) && seen.url.size == 9);
    CHECK(seen.headers.addr == uf_addr(q.headers) && seen.headers.size == 5);
    CHECK(seen.body.addr == uf_addr(buf) && seen.body.size == 4 && seen.timeout_ns == 9);
    CHECK(seen.buffer.addr == uf_addr(buf) && seen.buffer.size == sizeof(buf));
    CHECK(a.status == 404 && a.headers_size == 2 && a.body_size == 3);
    expect(UF_R_DENIED);
    a.status = 1;
    CHECK(uf_http_fetch(&q, &a) == UF_DENIED && a.status == 1);
}

static void a_negative_answer_is_the_code(void)
{
    size_t n = 9;

    expect(UF_R_TOO_LARGE);
    CHECK(uf_kv_get("k", buf, sizeof(buf), &n) == UF_TOO_LARGE && n == 9);
    expect(UF_R_NOT_FOUND);
    CHECK(uf_queue_pop("q", buf, sizeof(buf), &n) == UF_NOT_FOUND && n == 9);
    expect(UF_R_NOT_AVAILABLE);
    CHECK(uf_publish("t", "", 0) == UF_NOT_AVAILABLE);
}

static void what_makes_no_sense_never_reaches_the_door(void)
{
    char name[UF_NAME_MAX + 2];
    size_t n;

    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    expect(0);
    CHECK(uf_kv_get(name, buf, sizeof(buf), &n) == UF_INVALID);
    CHECK(uf_kv_get("", buf, sizeof(buf), &n) == UF_INVALID);
    CHECK(uf_kv_get("k", NULL, 1, &n) == UF_INVALID);
    CHECK(uf_kv_set(NULL, "", 0) == UF_INVALID && uf_kv_set("k", NULL, 1) == UF_INVALID);
    CHECK(uf_kv_incr(name, 1, NULL) == UF_INVALID && uf_kv_delete(name) == UF_INVALID);
    CHECK(uf_kv_list(NULL, buf, sizeof(buf), &n) == UF_INVALID);
    CHECK(uf_kv_list(name, buf, sizeof(buf), &n) == UF_INVALID);
    CHECK(uf_queue_push(name, "", 0) == UF_INVALID && uf_publish("", "", 0) == UF_INVALID);
    CHECK(uf_queue_pop("q", NULL, 1, &n) == UF_INVALID && uf_http_fetch(NULL, NULL) == UF_INVALID);
    CHECK(uf_door_block.op == 0xeeeeeeee);
    name[UF_NAME_MAX] = '\0';
    CHECK(uf_kv_delete(name) == UF_OK && uf_door_block.a[1] == UF_NAME_MAX);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(keys_and_values_go_where_the_door_says),
        TAP_CASE(an_increment_says_where_the_sum_goes),
        TAP_CASE(messages_go_where_the_door_says),
        TAP_CASE(a_request_is_described_in_full_and_its_answer_taken),
        TAP_CASE(a_negative_answer_is_the_code),
        TAP_CASE(what_makes_no_sense_never_reaches_the_door),
    };

    make_door();
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
