// SPDX-License-Identifier: MIT
/* first: sends its event on to the queue "marks". */
#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    int code = uf_queue_push("marks", uf_event_body(event), uf_event_body_size(event));

    return code == UF_OK ? uf_respond_text(response, "sent on") : code;
}
