// SPDX-License-Identifier: MIT
/* system-call: a system call is trapped and named by its number. */
#define _GNU_SOURCE /* vhangup */

#include <unistd.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return vhangup() == 0 ? 0 : uf_respond_text(response, "survived");
}
