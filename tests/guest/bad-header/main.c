// SPDX-License-Identifier: MIT
/* bad-header: a response that is not whole is an error, even when handle returns 0. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)uf_respond_header(response, "X-Evil", "a\r\nX-Other: b");
    return 0;
}
