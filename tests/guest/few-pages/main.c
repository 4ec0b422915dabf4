// SPDX-License-Identifier: MIT
/* few-pages: a short answer dirties two pages. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return uf_respond_text(response, "short");
}
