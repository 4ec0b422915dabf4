// SPDX-License-Identifier: MIT
/* event: an event is read as it was sent. */
#include <stdlib.h>
#include <string.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    CHECK(response, strcmp(uf_event_trigger(event), "test") == 0);
    CHECK(response, strcmp(uf_event_method(event), "PUT") == 0);
    CHECK(response, strcmp(uf_event_path(event), "/a/b c") == 0);
    CHECK(response, strlen(uf_event_id(event)) > 0);
    CHECK(response, uf_event_attempt(event) == 1);
    CHECK(response,
          uf_event_body_size(event) == 5 && memcmp(uf_event_body(event), "a\0b\n\\", 6) == 0);
    CHECK(response, uf_event_header_count(event) == 4);
    CHECK(response, strcmp(uf_event_header(event, "CONTENT-type"), "text/plain; a=b") == 0);
    CHECK(response, uf_event_header(event, "X-Missing") == NULL);
    CHECK(response, strcmp(uf_event_header_name(event, 1), "x-two") == 0);
    CHECK(response, strcmp(uf_event_header_value(event, 1), "") == 0);
    CHECK(response, strcmp(uf_event_header_name(event, 2), "content-type") == 0 &&
                        strcmp(uf_event_header_value(event, 2), "text/html") == 0);
    CHECK(response,
          uf_event_header_name(event, 4) == NULL && uf_event_header_value(event, 4) == NULL);
    CHECK(response, strcmp(uf_event_attribute(event, "type"), "org.example.reading") == 0);
    CHECK(response, uf_event_attribute(event, "source") == NULL);
    char v[8];
    CHECK(response, uf_event_query_param(event, "x", v, sizeof(v)) == 1 && strcmp(v, "1") == 0);
    CHECK(response,
          uf_event_query_param(event, "na me", v, sizeof(v)) == 3 && strcmp(v, "A b") == 0);
    CHECK(response, uf_event_query_param(event, "flag", v, sizeof(v)) == 0);
    CHECK(response, uf_event_query_param(event, "none", v, sizeof(v)) == UF_NOT_FOUND);
    CHECK(response, uf_event_query_param(event, "bad", v, sizeof(v)) == UF_INVALID);
    CHECK(response, uf_event_query_param(event, "long", v, sizeof(v)) == UF_TOO_LARGE);
    return finish(response);
}
