// SPDX-License-Identifier: MIT
/* event-large: a body of most of the event area is read to its end. */
#include <string.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    CHECK(response, uf_event_body_size(event) == 900000);
    CHECK(response, memchr(uf_event_body(event), 0, 900001) == uf_event_body(event) + 900000);
    return finish(response);
}
