// SPDX-License-Identifier: MIT
/* headers: status and headers of the response arrive as they were set. */
#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, uf_respond_status(response, 404) == UF_OK);
    CHECK(response, uf_respond_header(response, "X-One", "first") == UF_OK);
    CHECK(response, uf_respond_header(response, "X-Two", "") == UF_OK);
    return finish(response);
}
