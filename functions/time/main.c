// SPDX-License-Identifier: MIT
/*
 * time: how long an event took to get here. Body: when it was sent, in
 * nanoseconds since 1970. Answer: now minus that, in nanoseconds; less than 0
 * when it comes from the future.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *body = uf_event_body(event);
    int64_t now = (int64_t)uf_now();
    char *end;

    errno = 0;
    intmax_t sent = strtoimax(body, &end, 10);
    while (end != body && isspace((unsigned char)*end))
        end++;
    if (end == body || *end != '\0' || errno != 0 || sent < 0) {
        (void)uf_respond_status(response, 400);
        return uf_respond_text(response, "time: send nanoseconds since 1970, e.g. the "
                                         "output of: date +%s%N\n");
    }
    return uf_respond_printf(response, "%" PRId64, now - (int64_t)sent);
}
