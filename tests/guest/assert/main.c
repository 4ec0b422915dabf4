// SPDX-License-Identifier: MIT
/* assert: an assertion that fails says where. */
#include <assert.h>

#include <unifaas.h>

static volatile int two = 2;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    assert(two == 3);
    return uf_respond_text(response, "survived");
}
