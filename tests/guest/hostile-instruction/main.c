// SPDX-License-Identifier: MIT
/*
 * hostile-instruction: instructions that a function has no business with trap,
 * or do nothing. The body names one of the architecture's.
 */
#include <string.h>

#include <unifaas.h>

#include "../arch/hostile.h"

static int is(const char *how, const char *name)
{
    return strcmp(how, name) == 0;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *how = uf_event_body(event);

#define X(name, code)  \
    if (is(how, name)) \
        __asm__ volatile(code "; " TRAP_HERE ::: "memory", "cc");
    INSTRUCTIONS(X)
#undef X
    if (is(how, "list")) {
#define X(name, code) (void)uf_respond_printf(response, "%s\n", name);
        INSTRUCTIONS(X)
#undef X
        return 0;
    }
    return uf_respond_text(response, *how == '\0' ? "ok" : "no such instruction");
}
