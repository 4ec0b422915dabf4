// SPDX-License-Identifier: MIT
/* test_guest_log.c: the log's buffer, and that nothing is lost or reordered. */
// LINK: guest/core/log.c
#include <stdlib.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"
#include "tests/tap.h"

struct uf_door uf_door_block;

static char seen[200000]; /* what the tender got */
static size_t seen_size;
static unsigned calls;

/* The tender takes the pending log at every call. */
int64_t uf_door_call(const struct uf_call *call)
{
    struct uf_door d = {.op = call->op};

    uf_log_pend(&d);
    uf_door_block.log_size = 0;
    CHECK(d.log_size <= sizeof(seen) - seen_size);
    memcpy(seen + seen_size, (const void *)(uintptr_t)d.log_addr, d.log_size);
    seen_size += d.log_size;
    calls++;
    return 0;
}

static void begin(void)
{
    memset(seen, 0, sizeof(seen));
    seen_size = 0;
    calls = 0;
    uf_log_start();
}

static void finish(void)
{
    (void)uf_door_call(&(struct uf_call){UF_OP_DONE, {0}});
}

static void a_little_log_opens_the_door_for_no_call_of_its_own(void)
{
    begin();
    uf_log_bytes("one\n", 4);
    uf_log_bytes("", 0);
    uf_log_bytes("two\n", 4);
    CHECK(calls == 0);
    finish();
    CHECK(strcmp(seen, "one\ntwo\n") == 0);
    finish();
    CHECK(seen_size == 8); /* given once */
}

static void every_size_arrives_whole_and_in_order(void)
{
    static char want[200000];
    static char piece[12000];

    for (size_t size = 1; size < sizeof(piece); size = size * 3 + 1) {
        size_t n = 0;

        begin();
        for (unsigned i = 0; i < 9 && n + size < sizeof(want); i++) {
            memset(piece, (int)('a' + i), size);
            memcpy(want + n, piece, size);
            uf_log_bytes(piece, size);
            n += size;
        }
        finish();
        CHECK(seen_size == n);
        CHECK(memcmp(seen, want, n) == 0);
    }
}

static void the_buffer_is_used_to_its_last_byte(void)
{
    static char piece[4096];

    memset(piece, 'p', sizeof(piece));
    begin();
    uf_log_bytes(piece, 4095);
    uf_log_bytes("x", 1);
    CHECK(calls == 0);
    uf_log_bytes("y", 1);
    CHECK(calls == 1 && seen_size == 4096);
    finish();
    CHECK(seen_size == 4097 && seen[4096] == 'y');
}

static void a_line_of_ours_begins_a_new_line(void)
{
    begin();
    uf_log_bytes("half", 4);
    uf_log(UF_LOG_WARN, "%s %d", "n", 5);
    uf_log(UF_LOG_DEBUG, "whole");
    finish();
    CHECK(strcmp(seen, "half\nwarn: n 5\ndebug: whole\n") == 0);
}

static void a_long_line_is_not_cut(void)
{
    static char text[9000];

    memset(text, 't', sizeof(text) - 1);
    begin();
    uf_log(UF_LOG_ERROR, "%s", text);
    finish();
    CHECK(seen_size == 7 + sizeof(text));
    CHECK(memcmp(seen, "error: ttt", 10) == 0);
    CHECK(seen[seen_size - 1] == '\n');
}

static void an_unknown_level_is_an_error(void)
{
    begin();
    uf_log((enum uf_log_level)99, "what");
    finish();
    CHECK(strcmp(seen, "error: what\n") == 0);
}

static void a_new_event_begins_with_an_empty_log(void)
{
    begin();
    uf_log_bytes("left over", 9);
    uf_log_start();
    uf_log(UF_LOG_INFO, "new");
    finish();
    CHECK(strcmp(seen, "info: new\n") == 0);
}

static bool is_pending(const char *text)
{
    const struct uf_door *d = &uf_door_block;

    return d->log_size == strlen(text) &&
           memcmp((const void *)(uintptr_t)d->log_addr, text, strlen(text)) == 0;
}

static void a_run_that_is_cut_off_leaves_its_log_in_the_door_block(void)
{
    begin();
    CHECK(is_pending(""));
    uf_log_bytes("one\n", 4);
    uf_log_bytes("two\n", 4);
    CHECK(is_pending("one\ntwo\n"));
    uf_log_unless_more("perhaps", 7);
    CHECK(is_pending("one\ntwo\nperhaps"));
    uf_log_bytes("three\n", 6);
    CHECK(is_pending("one\ntwo\nthree\n"));
    finish();
    CHECK(is_pending(""));
    CHECK(strcmp(seen, "one\ntwo\nthree\n") == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_little_log_opens_the_door_for_no_call_of_its_own),
        TAP_CASE(every_size_arrives_whole_and_in_order),
        TAP_CASE(the_buffer_is_used_to_its_last_byte),
        TAP_CASE(a_line_of_ours_begins_a_new_line),
        TAP_CASE(a_long_line_is_not_cut),
        TAP_CASE(an_unknown_level_is_an_error),
        TAP_CASE(a_new_event_begins_with_an_empty_log),
        TAP_CASE(a_run_that_is_cut_off_leaves_its_log_in_the_door_block),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
