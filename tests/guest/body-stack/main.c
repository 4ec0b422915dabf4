// SPDX-License-Identifier: MIT
/* body-stack: a body on the stack of handle arrives. */
#include <string.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char s[2000];

    memset(s, 's', sizeof(s));
    return uf_respond_body(response, s, sizeof(s));
}
