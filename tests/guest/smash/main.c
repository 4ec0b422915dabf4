// SPDX-License-Identifier: MIT
/* smash: a smashed stack is noticed. */
#include <string.h>

#include <unifaas.h>

static void *volatile hidden;

__attribute__((noinline)) static void fill(size_t n)
{
    char local[16];

    hidden = local;
    memset(hidden, 'x', n);
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    fill(48 + uf_event_body_size(event));
    return uf_respond_text(response, "survived");
}
