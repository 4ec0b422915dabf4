// SPDX-License-Identifier: MIT
/* store: the platform's store answers that it is not available, or what is wrong. */
#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char buf[8];
    size_t n = 77;
    int64_t v = 77;

    CHECK(response, uf_kv_get("key", buf, sizeof(buf), &n) == UF_NOT_AVAILABLE && n == 77);
    CHECK(response, uf_kv_set("key", "value", 5) == UF_NOT_AVAILABLE);
    CHECK(response, uf_kv_delete("key") == UF_NOT_AVAILABLE);
    CHECK(response, uf_kv_incr("key", 1, &v) == UF_NOT_AVAILABLE && v == 77);
    CHECK(response, uf_kv_list("", buf, sizeof(buf), &n) == UF_NOT_AVAILABLE);
    CHECK(response, uf_queue_push("queue", "m", 1) == UF_NOT_AVAILABLE);
    CHECK(response, uf_queue_pop("queue", buf, sizeof(buf), &n) == UF_NOT_AVAILABLE);
    CHECK(response, uf_publish("topic", "m", 1) == UF_NOT_AVAILABLE);
    CHECK(response, uf_kv_set_ttl("key", "value", 5, 1) == UF_NOT_AVAILABLE);
    CHECK(response, uf_kv_set_ttl("key", "value", 5, 0) == UF_INVALID);
    CHECK(response, uf_queue_push_later("queue", "m", 1, 5) == UF_NOT_AVAILABLE);
    CHECK(response, uf_secret("name", buf, sizeof(buf), &n) == UF_NOT_AVAILABLE);
    CHECK(response, uf_kv_set("", "value", 5) == UF_INVALID);
    CHECK(response, uf_kv_set(NULL, "value", 5) == UF_INVALID);
    CHECK(response, uf_kv_set("key", NULL, 5) == UF_INVALID);
    struct uf_http_request q = {.url = "http://127.0.0.1/"};
    struct uf_http_response a = {.buf = buf, .cap = sizeof(buf)};
    CHECK(response, uf_http_fetch(&q, &a) == UF_NOT_AVAILABLE);
    CHECK(response, uf_http_fetch(NULL, &a) == UF_INVALID);
    CHECK(response, strcmp(uf_code_text(UF_NOT_AVAILABLE), "not available here") == 0);
    return finish(response);
}
