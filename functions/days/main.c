// SPDX-License-Identifier: MIT
/* days: one day more in the key `dhs/days`, for each event of the queue `dhs-days`. */
#include <inttypes.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    int64_t days;
    int code = uf_kv_incr("dhs/days", 1, &days);

    (void)event;
    return code == UF_OK ? uf_respond_printf(response, "%" PRId64, days) : code;
}
