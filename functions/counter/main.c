// SPDX-License-Identifier: MIT
/*
 * counter: counts its events in the key `counter`. Answer: the count, this event
 * included. However many run at once, none is lost and none counts twice.
 */
#include <inttypes.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    int64_t count;
    int code = uf_kv_incr("counter", 1, &count);

    (void)event;
    if (code != UF_OK) {
        (void)uf_respond_status(response, 503);
        return uf_respond_printf(response, "counter: %s\n", uf_code_text(code));
    }
    return uf_respond_printf(response, "%" PRId64, count);
}
