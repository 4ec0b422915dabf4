// SPDX-License-Identifier: MIT
/*
 * hostile-exhaust: whatever a function uses up, it is its own. The body says
 * what.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unifaas.h>

#include "../knock.h"

#define PIECE 65536u

static volatile int never;
static char *volatile below;

static int is(const struct uf_event *e, const char *what)
{
    return strcmp(uf_event_body(e), what) == 0;
}

// NOLINTNEXTLINE(misc-no-recursion)
__attribute__((noinline)) static int recurse(int n)
{
    volatile char frame[256];

    frame[n & 255] = (char)n;
    return never != 0 ? 0 : recurse(n + 1) + frame[n & 255];
}

/* All that malloc gives, written. */
static size_t take_all(void)
{
    size_t got = 0;
    char *p;

    while ((p = malloc(PIECE)) != NULL) {
        memset(p, 0x5a, PIECE);
        got += PIECE;
    }
    return got;
}

static int overflow(const struct uf_event *e)
{
    char here;

    if (is(e, "stack"))
        return recurse(0);
    /* Past the guard's 31 MiB in one step: what lies there is not writable. */
    below = &here;
    if (is(e, "stack-jump"))
        for (size_t by = 1u << 20; by < 256u << 20; by += 1u << 20)
            below[-(ptrdiff_t)by] = 1;
    return 0;
}

static void calls(const struct uf_event *e)
{
    while (never == 0) {
        if (is(e, "log"))
            (void)printf("and this goes to the log as well\n");
        else if (is(e, "clock"))
            (void)uf_now();
        else if (is(e, "empty-log"))
            knock(4, 0, 0, 0, 0);
        else if (is(e, "no-such-call"))
            knock(16, 0, 0, 0, 0);
        else if (!is(e, "loop"))
            break;
    }
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    static char chunk[PIECE];
    size_t got = 0;

    (void)overflow(event);
    calls(event);
    if (is(event, "heap") || is(event, "heap-abort"))
        got = take_all();
    if (is(event, "heap-abort"))
        abort();
    while (is(event, "response") && uf_respond_write(response, chunk, PIECE) == UF_OK)
        got += PIECE;
    return uf_respond_printf(response, "ok%s", got > 1u << 20 ? ", all of it" : "");
}
