// SPDX-License-Identifier: MIT
/*
 * days: one more in the key `dhs/reported`, for each event of the queue `dhs-days`: how
 * many days dhs has told of. A chained event is one of its own, so this count comes after
 * dhs's `dhs/days`, which it reaches once the queue is empty.
 */
#include <inttypes.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    int64_t days;
    int code = uf_kv_incr("dhs/reported", 1, &days);

    (void)event;
    return code == UF_OK ? uf_respond_printf(response, "%" PRId64, days) : code;
}
