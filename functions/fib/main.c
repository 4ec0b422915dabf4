// SPDX-License-Identifier: MIT
/*
 * fib: a Fibonacci number, the slow way, to keep the processor busy. Body: n,
 * from 0 to 45. Answer: the number.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include <unifaas.h>

#define MOST 45

static uint64_t fib(unsigned n) // NOLINT(misc-no-recursion): that is its point
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *body = uf_event_body(event);
    char *end;
    long n = strtol(body, &end, 10);

    while (end != body && isspace((unsigned char)*end))
        end++;
    if (end == body || *end != '\0' || n < 0 || n > MOST) {
        (void)uf_respond_status(response, 400);
        return uf_respond_printf(response, "fib: send a whole number from 0 to %d\n", MOST);
    }
    return uf_respond_printf(response, "%" PRIu64, fib((unsigned)n));
}
