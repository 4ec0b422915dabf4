// SPDX-License-Identifier: MIT
/*
 * fail: every way in which a function can fail. Body: the name of a way; see
 * the table at the end. Without one, the answer lists them.
 */
#define _GNU_SOURCE /* vhangup */

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <unifaas.h>

#include "arch/insn.h"

#define DOOR ((void (*)(void))0x0e000000)

extern uint32_t uf_door_block[]; /* of the library OS; no function needs it */

/* Kept out of the compiler's sight: it may assume that none of this happens. */
static volatile int zero;
static char *volatile nowhere;
static void *volatile hidden;

static const char constant[] = "constant";
static char variable[16] = {'\xc3'};
static char big[(1 << 20) + 1]; /* one more than the usual limit of a response */

static int nonzero(struct uf_response *r)
{
    (void)uf_respond_text(r, "this body is not delivered");
    return 7;
}

static int call_abort(struct uf_response *r)
{
    (void)r;
    abort();
}

static int fail_assert(struct uf_response *r)
{
    (void)r;
    assert(zero == 1);
    return 0;
}

static int call_exit(struct uf_response *r)
{
    (void)r;
    exit(3);
}

static int write_null(struct uf_response *r)
{
    (void)r;
    *nowhere = 1;
    return 0;
}

static int read_null(struct uf_response *r)
{
    (void)r;
    return nowhere[8];
}

static int write_text(struct uf_response *r)
{
    char *volatile p = (char *)(uintptr_t)write_text;

    (void)r;
    *p = 0;
    return 0;
}

static int write_constant(struct uf_response *r)
{
    char *volatile p = (char *)(uintptr_t)constant;

    (void)r;
    *p = 'K';
    return 0;
}

static int execute_data(struct uf_response *r)
{
    void (*volatile f)(void) = (void (*)(void))(uintptr_t)variable;

    (void)r;
    f();
    return 0;
}

static int wild_jump(struct uf_response *r)
{
    void (*volatile f)(void) = (void (*)(void))(uintptr_t)0x5eadbee0;

    (void)r;
    f();
    return 0;
}

__attribute__((noinline)) static int recurse(int n) // NOLINT(misc-no-recursion)
{
    volatile char frame[256];

    frame[n & 255] = (char)n;
    return zero != 0 ? 0 : recurse(n + 1) + frame[n & 255];
}

static int overflow_stack(struct uf_response *r)
{
    (void)r;
    return recurse(0);
}

__attribute__((noinline)) static void smash_frame(size_t n)
{
    char local[16];

    hidden = local;
    memset(hidden, 'x', n);
}

static int smash(struct uf_response *r)
{
    (void)r;
    smash_frame(48 + (size_t)zero);
    return 0;
}

static int out_of_memory(struct uf_response *r)
{
    (void)r;
    while (malloc(100000) != NULL)
        continue;
    return 1;
}

static int out_of_memory_unnoticed(struct uf_response *r)
{
    (void)r;
    while (zero == 0)
        memset(malloc(100000), 1, 100000);
    return 0;
}

static int loop(struct uf_response *r)
{
    (void)r;
    while (zero == 0)
        continue;
    return 0;
}

static int make_system_call(struct uf_response *r)
{
    (void)r;
    return vhangup();
}

static int flood_log(struct uf_response *r)
{
    (void)r;
    while (zero == 0)
        printf("and this goes to the log as well\n");
    return 0;
}

static int big_response(struct uf_response *r)
{
    return uf_respond_borrow(r, big, sizeof(big));
}

static int big_headers(struct uf_response *r)
{
    while (uf_respond_header(r, "X-Again", "and again and again and again") == UF_OK)
        continue;
    return 0;
}

static int flood_calls(struct uf_response *r)
{
    (void)r;
    while (zero == 0)
        (void)uf_now();
    return 0;
}

static int divide(struct uf_response *r)
{
    int q = (int)sizeof(variable) / zero;

    return uf_respond_printf(r, "this processor says that 16 / 0 is %d", q);
}

static int illegal(struct uf_response *r)
{
    (void)r;
    __builtin_trap();
}

static int privileged(struct uf_response *r)
{
    (void)r;
    __asm__ volatile(PRIVILEGED);
    return 0;
}

static int bad_door(struct uf_response *r)
{
    (void)r;
    uf_door_block[0] = 999;
    DOOR();
    return 0;
}

static int free_twice(struct uf_response *r)
{
    (void)r;
    hidden = malloc(100);
    free(hidden);
    free(hidden);
    return 0;
}

static int overrun(struct uf_response *r)
{
    (void)r;
    hidden = malloc(100);
    void *next = malloc(100);
    memset(hidden, 'x', 128);
    free(next);
    return 0;
}

static const struct {
    const char *name;
    int (*fail)(struct uf_response *r);
} ways[] = {
    {"nonzero", nonzero},
    {"abort", call_abort},
    {"assert", fail_assert},
    {"exit", call_exit},
    {"fault", write_null},
    {"read-null", read_null},
    {"write-text", write_text},
    {"write-constant", write_constant},
    {"execute-data", execute_data},
    {"wild-jump", wild_jump},
    {"stack", overflow_stack},
    {"smash", smash},
    {"oom", out_of_memory},
    {"oom-crash", out_of_memory_unnoticed},
    {"loop", loop},
    {"syscall", make_system_call},
    {"log-flood", flood_log},
    {"big-response", big_response},
    {"big-headers", big_headers},
    {"hostcalls", flood_calls},
    {"div0", divide},
    {"illegal", illegal},
    {"privileged", privileged},
    {"bad-door", bad_door},
    {"double-free", free_twice},
    {"overrun", overrun},
};

#define NWAYS (sizeof(ways) / sizeof(ways[0]))

static int list(struct uf_response *r)
{
    (void)uf_respond_status(r, 400);
    (void)uf_respond_text(r, "fail: send one of");
    for (size_t i = 0; i < NWAYS; i++)
        (void)uf_respond_printf(r, " %s", ways[i].name);
    return uf_respond_text(r, "\n");
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *body = uf_event_body(event);
    size_t size = strcspn(body, " \t\r\n");

    for (size_t i = 0; i < NWAYS; i++)
        if (strlen(ways[i].name) == size && strncmp(ways[i].name, body, size) == 0)
            return ways[i].fail(response);
    return list(response);
}
