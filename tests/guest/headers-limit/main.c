// SPDX-License-Identifier: MIT
/* headers-limit: headers of more than 16 KiB are refused. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    while (uf_respond_header(response, "X-Again", "and again and again") == UF_OK)
        continue;
    return 0;
}
