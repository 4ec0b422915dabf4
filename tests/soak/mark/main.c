// SPDX-License-Identifier: MIT
/*
 * mark: an event's effect that can be counted. Adds one to the key "seen/BODY"; what
 * is seen a second time leaves "twice/BODY" as well.
 */
#include <stdio.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    char key[256];
    int64_t count = 0;

    (void)snprintf(key, sizeof(key), "seen/%.200s", uf_event_body(event));
    int code = uf_kv_incr(key, 1, &count);
    if (code == UF_OK)
        code = uf_kv_incr("total", 1, NULL);
    if (code == UF_OK && count > 1) {
        (void)snprintf(key, sizeof(key), "twice/%.200s", uf_event_body(event));
        code = uf_kv_set(key, "", 0);
    }
    return code == UF_OK ? uf_respond_text(response, "marked") : code;
}
