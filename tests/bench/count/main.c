// SPDX-License-Identifier: MIT
/* count: adds one to the key that its event names. */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    int code = uf_kv_incr(uf_event_body(event), 1, NULL);

    return code == UF_OK ? uf_respond_text(response, "yes") : code;
}
